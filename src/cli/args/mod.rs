//! The arguments as clap parses them.

mod account;
mod help;
mod job;
mod local;
mod profiles;
mod sandbox;
mod speak;
mod storage;
mod tasks;
mod values;

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueHint};

pub use self::account::{AccountArgs, CheckKeyArgs, KeyArgs, KeyCommand};
pub use self::help::{CompletionsArgs, ManArgs};
pub use self::job::{BatchArgs, DemoArgs, IdentifyArgs, MouthArgs, PlacementArgs, RunArgs};
pub use self::local::{DraftArgs, FitArgs, FitSize, JudgeArgs};
pub use self::profiles::{ProfilesAddArgs, ProfilesArgs, ProfilesCommand, ProfilesRemoveArgs};
pub use self::sandbox::SandboxArgs;
pub use self::speak::SpeakArgs;
pub use self::storage::{StorageAct, StorageArgs, StorageCleanArgs, StorageSetArgs};
pub use self::tasks::{ListArgs, ResumeArgs, TaskArgs, TasksArgs, TasksCommand};
pub use self::values::secret;
use crate::engine::shell::ServiceOptions;
use crate::model::{Dialect, KnownName, Problem, ProblemKind};

/// A command line with a command, or with none: then the window opens.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "viseme",
    version,
    about = "Make someone in a clip speak a given voice, through the Kling-family lip-sync services",
    long_about = "Make someone in a clip speak a given voice, through the Kling-family lip-sync services.\n\nWithout a command the window \
                  opens, with the clip and the voice given as files. Messages go to stderr, results to stdout.",
    override_usage = "viseme [OPTIONS] [CLIP] [VOICE]\n       viseme [OPTIONS] <COMMAND>",
    after_help = "Keys come from the keychain (viseme key set), or from the environment: VISEME_KEY, or VISEME_ACCESS_KEY and\n\
                  VISEME_SECRET_KEY (signed tokens); or from standard input with --key-stdin.\n\n\
                  Exit codes: 0 done; 1 the task failed at the service, or a result is not as asked; 2 usage, a local file, or a rule broken before sending;\n\
                  3 the service refused, or found no usable face; 4 no or unreadable answer; 5 the outcome of create is unknown, or\n\
                  its name was used before;\n\
                  6 paused; 130 stopped before anything was created",
    subcommand_required = false
)]
pub struct Arguments {
    /// The service, where it is chosen before the command or for the window.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// The journal.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// The network.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// The command; `None` opens the window.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// A command line with files for the window. Parsed only after [`Arguments`] found no command, so that a mistyped command still gets
/// clap's suggestion.
#[derive(Clone, Debug, Parser)]
#[command(name = "viseme")]
pub struct OpenArguments {
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How a problem is written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// The journal.
    #[command(flatten)]
    pub journal: JournalArgs,
    /// The network.
    #[command(flatten)]
    pub network: NetworkArgs,
    /// A clip (MP4, MOV) and a voice (MP3, WAV, M4A, AAC, FLAC, Ogg, Opus) to open in the window
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
}

/// Which service is used.
#[derive(Args, Clone, Debug, Default)]
pub struct ServiceArgs {
    /// The service: sandbox, ezmodel, kling, vtrix, or one of your own (viseme profiles add) [default: sandbox]
    #[arg(long, value_name = "NAME", help_heading = "Service")]
    pub profile: Option<String>,
    /// Another address of the service: <https://host>, with its prefix behind it where it has one; for the sandbox, the one that `viseme sandbox` prints
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, help_heading = "Service")]
    pub base_url: Option<String>,
    /// The path before /v1/videos/… in the kling dialect: /kling, /klingai, or nothing
    #[arg(long, value_name = "PREFIX", help_heading = "Service")]
    pub prefix: Option<String>,
    /// Which vendor document the service follows: kling or kirin
    #[arg(long, value_name = "DIALECT", help_heading = "Service")]
    pub dialect: Option<Dialect>,
    /// Read the key from standard input: one line, or two with an access key and a secret key
    #[arg(long, help_heading = "Service")]
    pub key_stdin: bool,
}

impl From<&ServiceArgs> for ServiceOptions {
    fn from(args: &ServiceArgs) -> Self {
        let ServiceArgs { profile, base_url, prefix, dialect, key_stdin: _ } = args.clone();
        Self { profile, base_url, prefix, dialect }
    }
}

impl From<ServiceOptions> for ServiceArgs {
    fn from(options: ServiceOptions) -> Self {
        let ServiceOptions { profile, base_url, prefix, dialect } = options;
        Self { profile, base_url, prefix, dialect, key_stdin: false }
    }
}

impl ServiceArgs {
    /// These options, and `outer` where one is not given here.
    fn or(self, outer: &Self) -> Self {
        Self {
            profile: self.profile.or_else(|| outer.profile.clone()),
            base_url: self.base_url.or_else(|| outer.base_url.clone()),
            prefix: self.prefix.or_else(|| outer.prefix.clone()),
            dialect: self.dialect.or(outer.dialect),
            key_stdin: self.key_stdin || outer.key_stdin,
        }
    }

    /// The first option that is given.
    const fn first_given(&self) -> Option<&'static str> {
        match self {
            Self { profile: Some(_), .. } => Some("--profile"),
            Self { base_url: Some(_), .. } => Some("--base-url"),
            Self { prefix: Some(_), .. } => Some("--prefix"),
            Self { dialect: Some(_), .. } => Some("--dialect"),
            Self { key_stdin: true, .. } => Some("--key-stdin"),
            _ => None,
        }
    }
}

/// How results are written.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct OutputArgs {
    /// Write one JSON object to stdout, also for errors
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// Where what must not be lost is written down.
#[derive(Args, Clone, Debug, Default)]
pub struct JournalArgs {
    /// Folder of the journal, and of what the sandbox keeps [default: the folder in `VISEME_DATA_DIR`, else the system's folder for data]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, global = true, help_heading = "Journal")]
    pub data_dir: Option<PathBuf>,
    /// Write nothing to the journal, and keep nothing of the sandbox: a task is lost with this process
    #[arg(long, global = true, help_heading = "Journal")]
    pub no_journal: bool,
}

/// How services are reached.
#[derive(Args, Clone, Debug, Default)]
pub struct NetworkArgs {
    /// A PEM file of certificate authorities to trust beside those of the system: of a company's proxy, or of a service of one's own [default: the file in `VISEME_CA_FILE`, else `ca_file` in the settings]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, global = true, help_heading = "Service")]
    pub ca_file: Option<PathBuf>,
    /// Reach this host name at this address, whatever name servers say; a proxy looks names up itself. May be given several times
    #[arg(long, value_name = "NAME=IP", global = true, help_heading = "Service")]
    pub resolve: Vec<KnownName>,
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the whole job on the bundled clip: faces, voice, task, result
    Demo(DemoArgs),
    /// List the faces of a clip and when each can be made to speak
    Identify(IdentifyArgs),
    /// Run the whole job: find the faces, create the task, follow it, save the result
    Run(Box<RunArgs>),
    /// Run many jobs from a file of JSON lines, several at once; what an earlier run has done is not done again
    Batch(BatchArgs),
    /// Show how a task stands, or follow it to its end and save its result; without an id list the unfinished tasks
    Task(TaskArgs),
    /// Have a text spoken by the service, and print the id by which a task takes it as its voice (--audio-id); paid
    Speak(SpeakArgs),
    /// Check key, host and clock with a service, and show its packages; costs nothing
    CheckKey(CheckKeyArgs),
    /// Show the account: packages and what is left, when they end, and what each task cost beside its estimate; costs nothing
    Account(AccountArgs),
    /// Keep the key of a service in the keychain, forget it, or show where it comes from
    Key(KeyArgs),
    /// Set up storage of your own, from which services fetch local files (--storage): a bucket, or a command; check, list and clean it
    Storage(Box<StorageArgs>),
    /// List, show, resume or delete the tasks of the journal: those of every window and command
    Tasks(TasksArgs),
    /// Move the mouth on this machine, without a service, and save the result as a draft
    Draft(DraftArgs),
    /// Measure a result against the clip, the voice and the placement that were sent: whether it is what was asked for, and what is not
    Judge(JudgeArgs),
    /// Make a clip or a voice keep every rule: cut, scaled, written anew as MP4 or WAV beside its original
    Fit(FitArgs),
    /// Start the built-in service alone, for any client; runs until Ctrl-C
    Sandbox(SandboxArgs),
    /// List the services this program knows, add one of your own, or remove it
    Profiles(ProfilesArgs),
    /// Print the completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page of the program or of one command
    Man(ManArgs),
}

impl Arguments {
    /// The options of the service (`None` where the command uses none) and whether JSON is wanted, given before or behind the command;
    /// behind it they win.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: a service is chosen for a command that uses none.
    pub fn merged(&self) -> Result<(Option<ServiceArgs>, bool), Problem> {
        if let Some(Command::Tasks(args)) = &self.command {
            let (service, json) = args.shared();
            return Ok((Some(service.or(&self.service)), json || self.output.json));
        }
        let (service, json, name) = match &self.command {
            None => (Some(&self.service), false, ""),
            Some(Command::Demo(args)) => (Some(&args.service), args.output.json, "demo"),
            Some(Command::Identify(args)) => (Some(&args.service), args.output.json, "identify"),
            Some(Command::Run(args)) => (Some(&args.service), args.output.json, "run"),
            Some(Command::Batch(args)) => (Some(&args.service), args.output.json, "batch"),
            Some(Command::Task(args)) => (Some(&args.service), args.output.json, "task"),
            Some(Command::Speak(args)) => (Some(&args.service), args.output.json, "speak"),
            Some(Command::CheckKey(args)) => (Some(&args.service), args.output.json, "check-key"),
            Some(Command::Account(args)) => (Some(&args.service), args.output.json, "account"),
            Some(Command::Key(args)) => (Some(args.service()), args.output().json, "key"),
            Some(Command::Storage(args)) => (None, args.output().json, "storage"),
            Some(Command::Tasks(_)) => (None, false, "tasks"),
            Some(Command::Draft(args)) => (None, args.output.json, "draft"),
            Some(Command::Judge(args)) => (None, args.output.json, "judge"),
            Some(Command::Fit(args)) => (None, args.output.json, "fit"),
            Some(Command::Sandbox(args)) => (None, args.output.json, "sandbox"),
            Some(Command::Profiles(args)) => (None, args.output().json, "profiles"),
            Some(Command::Completions(_)) => (None, false, "completions"),
            Some(Command::Man(_)) => (None, false, "man"),
        };
        let json = json || self.output.json;
        match (service, self.service.first_given()) {
            (Some(service), _) => Ok((Some(service.clone().or(&self.service)), json)),
            (None, None) => Ok((None, json)),
            (None, Some(option)) => {
                Err(Problem::new(ProblemKind::Usage, crate::cli::words::option_without_meaning(option, name)))
            }
        }
    }
}

/// The whole command line, for completions and manual pages: commands, and files for the window.
pub fn documented() -> clap::Command {
    let files = OpenArguments::command();
    Arguments::command().args(files.get_positionals().cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
        OpenArguments::command().debug_assert();
        documented().debug_assert();
    }

    #[test]
    fn clip_and_voice_are_exactly_one_each() {
        assert!(parsed("viseme run --video a.mp4 --audio b.mp3").is_ok());
        for line in [
            "viseme run --audio b.mp3",
            "viseme run --video a.mp4",
            "viseme run --video a.mp4 --video-id 1 --audio b.mp3",
            "viseme run --video a.mp4 --audio b.mp3 --audio-id 1",
            "viseme identify",
            "viseme draft --video a.mp4",
            "viseme sandbox --access-key ak",
            "viseme task --wait",
            "viseme task --out a.mp4",
            "viseme task t --external-id n",
            "viseme task t --timeout 5s",
            "viseme run --video a --audio b --no-wait --out c.mp4",
            "viseme identify --video a --dialect klingon",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
        assert!(parsed("viseme").unwrap().command.is_none());
    }

    #[test]
    fn numbers_below_zero_and_ids_with_a_hyphen_are_values() {
        let Some(Command::Run(run)) =
            parsed("viseme run --video a --audio b --face -1 --insert -5 --volume -0.5").unwrap().command
        else {
            panic!("no run");
        };
        let placement = run.placement;
        assert_eq!((placement.face.as_deref(), placement.insert, placement.volume), (Some("-1"), Some(-5), Some(-0.5)));
        assert!(parsed("viseme task").is_ok());
        let Some(Command::Task(task)) = parsed("viseme task --wait -- -1f").unwrap().command else { panic!("no task") };
        assert_eq!(task.task_id.as_deref(), Some("-1f"));
    }

    #[test]
    fn the_service_is_chosen_before_or_behind_the_command_and_behind_it_wins() {
        for line in [
            "viseme --profile kling --json identify --video-id 1",
            "viseme identify --video-id 1 --profile kling --json",
            "viseme --profile vtrix identify --json --profile kling --video-id 1",
        ] {
            let (service, json) = parsed(line).unwrap().merged().unwrap();
            assert_eq!((service.unwrap().profile.as_deref(), json), (Some("kling"), true), "{line}");
        }
    }

    #[test]
    fn a_service_is_refused_where_none_is_used() {
        assert!(parsed("viseme profiles --profile kling").is_err());
        assert!(parsed("viseme sandbox --base-url http://h").is_err());
        let problem = parsed("viseme --profile kling profiles").unwrap().merged().unwrap_err();
        assert!(problem.message.contains("--profile") && problem.message.contains("viseme profiles"), "{problem}");
    }
}
