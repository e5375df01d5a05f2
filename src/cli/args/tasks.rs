//! The arguments of `viseme tasks`, and of `viseme task`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};

use super::values::{duration, state};
use super::{OutputArgs, ServiceArgs};
use crate::engine::journal::Phase;

/// `viseme tasks`.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TasksArgs {
    /// What to do; `None` lists.
    #[command(subcommand)]
    pub command: Option<TasksCommand>,
    /// What to list without a command.
    #[command(flatten)]
    pub list: ListArgs,
}

/// What to do with the tasks of the journal.
#[derive(Clone, Debug, Subcommand)]
pub enum TasksCommand {
    /// List them, the newest first
    List(ListArgs),
    /// Show everything that is known of one
    Show(ShowArgs),
    /// Follow one to its end and save its result; one whose create was unclear is looked up by its name
    Resume(ResumeArgs),
    /// Delete one that is at its end from the journal; saved results stay
    Delete(ShowArgs),
    /// Remove one from the queue; or close one of which it is not known whether the service took it, once you have looked there yourself
    Close(ShowArgs),
}

/// How many tasks are listed by default.
const LISTED: u32 = 50;

/// `viseme tasks list`.
#[derive(Args, Clone, Debug, Default)]
pub struct ListArgs {
    /// Only tasks with all of these words in a name, an id, the path of a saved result or the service's words
    #[arg(long, value_name = "WORDS")]
    pub search: Option<String>,
    /// Only tasks in this state
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub state: Option<Phase>,
    /// Only tasks of this day, in this machine's time zone: 2026-11-21
    #[arg(long, value_name = "DAY")]
    pub day: Option<String>,
    /// Only tasks that are not at their end
    #[arg(long, conflicts_with = "state")]
    pub unfinished: bool,
    /// How many to list at most
    #[arg(long, value_name = "N", default_value_t = LISTED, value_parser = clap::value_parser!(u32).range(1..))]
    pub limit: u32,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme tasks show`, `viseme tasks delete` and `viseme tasks close`.
#[derive(Args, Clone, Debug)]
pub struct ShowArgs {
    /// The service's id for the task, or the name it was created under (`external_task_id`)
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    pub id: String,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `viseme tasks resume`.
#[derive(Args, Clone, Debug)]
pub struct ResumeArgs {
    /// The service's id for the task, or the name it was created under (`external_task_id`)
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    pub id: String,
    /// File the result is saved as, in place of an existing one [default: "CLIP lip-sync.mp4" or the next free name in the current directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// How long to follow the task before it is paused: 10m, 5s, 250ms [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// First wait between polls; at least 1s, less only for loopback addresses
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_interval: Option<Duration>,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl TasksArgs {
    /// The options of the service and whether JSON is wanted, wherever they are given.
    pub(super) fn shared(&self) -> (ServiceArgs, bool) {
        let (service, output) = match &self.command {
            None => (&self.list.service, self.list.output),
            Some(TasksCommand::List(args)) => (&args.service, args.output),
            Some(TasksCommand::Show(args) | TasksCommand::Delete(args) | TasksCommand::Close(args)) => {
                (&args.service, args.output)
            }
            Some(TasksCommand::Resume(args)) => (&args.service, args.output),
        };
        (service.clone(), output.json)
    }
}

/// `viseme task`.
#[derive(Args, Clone, Debug)]
#[command(group = clap::ArgGroup::new("which").args(["task_id", "external_id"]))]
pub struct TaskArgs {
    /// The service's id for the task; some services also take the name it was created under [default: list the unfinished tasks]
    #[arg(value_name = "TASK_ID")]
    pub task_id: Option<String>,
    /// Look the task up by the name it was created under (`external_task_id`)
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub external_id: Option<String>,
    /// Follow it to its end and save its result
    #[arg(long, requires = "which")]
    pub wait: bool,
    /// File the result is saved as, in place of an existing one [default with --wait: "TASK lip-sync.mp4" or the next free name in the current directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "which")]
    pub out: Option<PathBuf>,
    /// How long to follow the task before it is paused: 10m, 5s, 250ms [default: 10m]
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "wait")]
    pub timeout: Option<Duration>,
    /// First wait between polls; at least 1s, less only for loopback addresses
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub poll_interval: Option<Duration>,
    /// The service.
    #[command(flatten)]
    pub service: ServiceArgs,
    /// How results are written.
    #[command(flatten)]
    pub output: OutputArgs,
}
