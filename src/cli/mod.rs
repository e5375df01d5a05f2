//! The command line: commands, their messages and results, their exit codes.
//!
//! Messages go to stderr, results to stdout; `--json` makes stdout one object, also where something went wrong.

mod account;
mod args;
mod batch;
mod check_key;
mod connect;
mod connection;
mod console;
mod cure;
mod demo;
mod draft;
mod earlier;
mod ending;
mod exit;
mod faces;
mod files;
mod fit;
mod fitness;
mod generate;
mod identify;
mod interrupts;
mod judge;
mod key;
mod local;
mod network;
mod open;
mod owner;
mod placement;
mod profiles;
mod progress;
mod report;
mod run;
mod runner;
mod sandbox;
mod save;
mod settle;
mod speak;
mod speech_list;
mod stop;
mod storage;
mod task;
mod task_json;
mod task_list;
mod task_show;
mod tasks;
#[doc(hidden)]
pub mod words;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use self::args::{Arguments, Command, JournalArgs, NetworkArgs, OpenArguments, ServiceArgs};
use self::console::Console;
use crate::model::{Problem, ProblemKind, Profile};
use crate::preferences;

/// What follows from the arguments.
#[derive(Debug)]
pub enum Outcome {
    /// The window is to be opened.
    OpenWindow(Box<WindowRequest>),
    /// A command ended: the process leaves with this exit code.
    Exit(u8),
}

/// How the window is to be opened.
#[derive(Clone, Debug)]
pub struct WindowRequest {
    /// The service it begins with.
    pub profile: Profile,
    /// Files to open in it, as absolute paths that exist.
    pub files: Vec<PathBuf>,
    /// The file of the journal; `None`: nothing is written down.
    pub journal: Option<PathBuf>,
}

/// A command that ended before there was a job to report on.
#[derive(Debug)]
struct Failed(Box<Problem>);

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

/// Parses the arguments (the first is the program's name) and runs the command.
#[must_use]
pub fn main(arguments: &[OsString]) -> Outcome {
    // Read by itself: arguments that cannot be parsed are reported as JSON too.
    let wants_json =
        arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--json");
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(err) if is_about_file(&err) => return open_files(arguments, wants_json),
        Err(err) => return Outcome::Exit(unreadable(&err, wants_json)),
    };
    let (service, json) = match parsed.merged() {
        Ok(merged) => merged,
        Err(problem) => return Outcome::Exit(failed(&Console::new(wants_json), None, &problem)),
    };
    let console = Console::new(json);
    let Some(command) = parsed.command else {
        return open_window(&console, &service.unwrap_or_default(), &parsed.journal, &parsed.network, &[]);
    };
    let reads_settings = service.is_some() || matches!(command, Command::Storage(_) | Command::Profiles(_));
    if reads_settings && let Some(problem) = preferences::look(&preferences::settings_file()).problem {
        console.warn(&problem);
    }
    // What uses no service and no storage needs no certificates.
    if (service.is_some() || matches!(command, Command::Storage(_)))
        && let Err(problem) = network::set_up(&parsed.network, false)
    {
        return Outcome::Exit(failed(&console, service.as_ref(), &problem));
    }
    Outcome::Exit(match run(command, service.as_ref(), &parsed.journal, &parsed.network, &console) {
        Ok(code) => code,
        Err(Failed(problem)) => failed(&console, service.as_ref(), &problem),
    })
}

fn run(
    command: Command,
    service: Option<&ServiceArgs>,
    journal: &JournalArgs,
    network: &NetworkArgs,
    console: &Console,
) -> Result<u8, Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|err| Problem::new(ProblemKind::Internal, words::no_runtime(&err)))?;
    let none = ServiceArgs::default();
    let service = service.unwrap_or(&none);
    let outcome = runtime.block_on(async {
        match command {
            Command::Demo(args) => demo::run(args, service, journal, console).await,
            Command::Identify(args) => identify::run(args, service, journal, console).await,
            Command::Run(args) => run::run(*args, service, journal, console).await,
            Command::Batch(args) => batch::run(args, service, journal, console).await,
            Command::Task(args) if args.task_id.is_none() && args.external_id.is_none() => {
                task_list::unfinished(service, journal, console)
            }
            Command::Task(args) => task::run(args, service, journal, console).await,
            Command::Tasks(args) => Box::pin(tasks::run(args, service, journal, console)).await,
            Command::Account(args) => account::run(&args, service, journal, console).await,
            Command::Speak(args) => speak::run(args, service, journal, console).await,
            Command::CheckKey(_) => check_key::run(service, console).await,
            Command::Key(args) => key::run(&args.command, service, console).await,
            Command::Storage(args) => storage::run(&args, console).await,
            Command::Draft(args) => draft::run(args, console).await,
            Command::Judge(args) => judge::run(args, console).await,
            Command::Fit(args) => fit::run(args, console).await,
            Command::Sandbox(args) => sandbox::run(args, network, journal, console).await,
            Command::Profiles(args) => profiles::run(&args, console).await,
            Command::Completions(args) => generate::completions(&args, console),
            Command::Man(args) => generate::man(&args, console),
        }
    });
    // Threads that are still busy have no result to wait for.
    runtime.shutdown_background();
    outcome
}

/// Whether the arguments have no command because a file stands in its place.
fn is_about_file(err: &clap::Error) -> bool {
    let word = match err.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(word)) if err.kind() == ErrorKind::InvalidSubcommand => word,
        _ => return false,
    };
    open::is_meant_as_file(Path::new(word))
}

fn open_files(arguments: &[OsString], wants_json: bool) -> Outcome {
    match OpenArguments::try_parse_from(arguments) {
        Ok(OpenArguments { service, output, journal, network, files }) => {
            open_window(&Console::new(output.json), &service, &journal, &network, &files)
        }
        Err(err) => Outcome::Exit(unreadable(&err, wants_json)),
    }
}

fn open_window(
    console: &Console,
    service: &ServiceArgs,
    journal: &JournalArgs,
    network: &NetworkArgs,
    files: &[PathBuf],
) -> Outcome {
    let journal = (!journal.no_journal).then(|| connect::journal_file(journal));
    let for_a_command =
        || Problem::new(ProblemKind::Usage, words::input_in_window()).with_hint(words::input_in_window_hint());
    let request = if service.key_stdin { Err(for_a_command()) } else { connect::profile(service) };
    let request = request.and_then(|profile| network::set_up(network, true).map(|()| profile));
    let request =
        request.and_then(|profile| Ok(Box::new(WindowRequest { profile, files: open::checked(files)?, journal })));
    match request {
        Ok(request) => Outcome::OpenWindow(request),
        Err(problem) => Outcome::Exit(failed(console, Some(service), &problem)),
    }
}

fn failed(console: &Console, service: Option<&ServiceArgs>, problem: &Problem) -> u8 {
    console.clear_progress();
    console.problem(problem);
    let profile = service.and_then(|service| connect::profile(service).ok()).map(|profile| profile.name);
    report::finish(console, report::of_problem_only(profile.as_deref(), problem), exit::of(problem))
}

/// Reports arguments that cannot be parsed, or prints the help that they ask for.
fn unreadable(err: &clap::Error, wants_json: bool) -> u8 {
    if matches!(err.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        Console::of_arguments(err);
        return exit::DONE;
    }
    if wants_json {
        let text = err.to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
        let problem = Problem::new(ProblemKind::Usage, text).with_hint(words::help_hint());
        let console = Console::new(true);
        console.say(&words::part_error_line(text));
        return report::finish(&console, report::of_problem_only(None, &problem), exit::USAGE);
    }
    Console::of_arguments(err);
    exit::USAGE
}
