//! The arguments of what is about the account at a service: its key, the check of it, and what was paid.

use clap::{Args, Subcommand};

use super::{OutputArgs, ServiceArgs};

/// `viseme check-key`.
#[derive(Args, Clone, Debug)]
pub struct CheckKeyArgs {
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme account`.
#[derive(Args, Clone, Debug)]
pub struct AccountArgs {
    /// Of how many days the deductions are shown
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub days: u32,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme key`.
#[derive(Args, Clone, Debug)]
pub struct KeyArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: KeyCommand,
}

/// What to do with the key of a service.
#[derive(Clone, Debug, Subcommand)]
pub enum KeyCommand {
    /// Keep the key that standard input has: one line, or two with an access key and a secret key
    Set(KeySetArgs),
    /// Forget the key, in keychain and file
    Forget(KeyShowArgs),
    /// Show where the key comes from, never the key
    Show(KeyShowArgs),
}

impl KeyArgs {
    /// The service.
    pub const fn service(&self) -> &ServiceArgs {
        match &self.command {
            KeyCommand::Set(args) => &args.service,
            KeyCommand::Forget(args) | KeyCommand::Show(args) => &args.service,
        }
    }

    /// How results are written.
    pub const fn output(&self) -> OutputArgs {
        match &self.command {
            KeyCommand::Set(args) => args.output,
            KeyCommand::Forget(args) | KeyCommand::Show(args) => args.output,
        }
    }
}

/// `viseme key set`.
#[derive(Args, Clone, Debug)]
pub struct KeySetArgs {
    /// In a file that you alone may read, instead of the keychain. Every program that you run can read it: needs --yes
    #[arg(long)]
    pub file: bool,
    /// Yes, into a file
    #[arg(long, requires = "file")]
    pub yes: bool,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme key show` and `viseme key forget`.
#[derive(Args, Clone, Debug)]
pub struct KeyShowArgs {
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}
