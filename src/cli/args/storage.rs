//! The arguments of `viseme storage`.

use clap::{Args, Subcommand, ValueHint};

use super::OutputArgs;
use super::values::duration;
use crate::model::storage::{LEAST_HOURS, MOST_HOURS};
use crate::model::{BucketPlace, StorageCommand};

/// `viseme storage`.
#[derive(Args, Clone, Debug)]
pub struct StorageArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: StorageAct,
}

/// What to do with storage of one's own.
#[derive(Clone, Debug, Subcommand)]
pub enum StorageAct {
    /// Set up a bucket that speaks S3 (AWS, R2, MinIO, OSS, B2), and keep the keys that standard input has: access key and secret key, each on a line
    Set(StorageSetArgs),
    /// Set up a program that uploads a file and prints its address, in place of a bucket. It is started as it is given, never through a shell
    Command(StorageCommandArgs),
    /// Show what is set up and where its keys come from, never a key
    Show(StorageShowArgs),
    /// Put a small file there, fetch it from its signed address, list and delete it: says what is wrong
    Check(StorageShowArgs),
    /// List what lies there of what viseme has put there
    List(StorageShowArgs),
    /// Delete what viseme has put there
    Clean(StorageCleanArgs),
    /// Forget the storage and its keys; what lies there stays
    Forget(StorageShowArgs),
}

impl StorageArgs {
    /// How results are written.
    pub const fn output(&self) -> OutputArgs {
        match &self.command {
            StorageAct::Set(args) => args.output,
            StorageAct::Command(args) => args.output,
            StorageAct::Clean(args) => args.output,
            StorageAct::Show(args) | StorageAct::Check(args) | StorageAct::List(args) | StorageAct::Forget(args) => {
                args.output
            }
        }
    }
}

/// `viseme storage set`.
#[derive(Args, Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent options, each with a name of its own")]
pub struct StorageSetArgs {
    /// The address of the storage, without the bucket: `https://s3.eu-west-1.amazonaws.com`, `https://ACCOUNT.r2.cloudflarestorage.com`
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub endpoint: String,
    /// The bucket's region; auto for R2
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub region: String,
    /// The bucket
    #[arg(long, value_name = "NAME")]
    pub bucket: String,
    /// The folder in it; may be empty
    #[arg(long, value_name = "PREFIX", default_value = "viseme/")]
    pub prefix: String,
    /// Whether the bucket stands in the path of addresses (true) or before their host (false) [default: as the endpoint has it]
    #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
    pub path_style: Option<bool>,
    /// How long the addresses hold that services get, in hours: 24 to 168
    #[arg(long, value_name = "HOURS", default_value_t = LEAST_HOURS, value_parser = clap::value_parser!(u32).range(i64::from(LEAST_HOURS)..=i64::from(MOST_HOURS)))]
    pub hours: u32,
    /// Delete a file from the bucket once the task that it was put there for has succeeded
    #[arg(long)]
    pub delete_after: bool,
    /// Read no keys: those that are kept stay, or the environment has them (`VISEME_STORAGE_ACCESS_KEY`, `VISEME_STORAGE_SECRET_KEY`)
    #[arg(long)]
    pub no_keys: bool,
    /// Keep the keys in a file that you alone may read, instead of the keychain. Every program that you run can read it: needs --yes
    #[arg(long, conflicts_with = "no_keys")]
    pub file: bool,
    /// Yes, into a file
    #[arg(long, requires = "file")]
    pub yes: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl StorageSetArgs {
    /// The bucket that they describe.
    pub fn place(&self) -> BucketPlace {
        let Self { endpoint, region, bucket, prefix, path_style, hours, delete_after, .. } = self.clone();
        BucketPlace { endpoint, region, bucket, prefix, path_style, hours, delete_after }.tidied()
    }
}

/// `viseme storage command`.
#[derive(Args, Clone, Debug)]
pub struct StorageCommandArgs {
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// The program and its arguments. {file} stands for the path of the file; where it stands nowhere, the path is the last argument
    #[arg(value_name = "PROGRAM", required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true, value_hint = ValueHint::CommandWithArguments)]
    pub program: Vec<String>,
}

impl StorageCommandArgs {
    /// The command that they describe.
    pub fn command(&self) -> StorageCommand {
        let mut words = self.program.iter().cloned();
        StorageCommand { program: words.next().unwrap_or_default(), arguments: words.collect() }
    }
}

/// `viseme storage clean`.
#[derive(Args, Clone, Debug)]
pub struct StorageCleanArgs {
    /// Only what has lain there for longer: sessions live 24 hours, and a service may fetch a clip as long
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "24h", conflicts_with = "all")]
    pub older_than: std::time::Duration,
    /// Everything, also what a running task may still need
    #[arg(long)]
    pub all: bool,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The other commands of `viseme storage`.
#[derive(Args, Clone, Debug)]
pub struct StorageShowArgs {
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}
