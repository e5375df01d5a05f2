//! The subcommands: arguments in; words, results and an exit code out.
//!
//! Human words go to stderr, results to stdout; `--json` makes stdout one object, also where something went wrong.

mod args;
mod connect;
mod console;
mod demo;
mod drive;
mod exit;
mod faces;
mod files;
mod identify;
mod interrupts;
mod profiles;
mod report;
mod run;
mod sandbox;
mod task;
mod tell;

use std::ffi::OsString;
use std::io::Write as _;

use clap::Parser as _;
use clap::error::ErrorKind;

use self::args::{Arguments, Command, Global};
use self::console::Console;
use crate::model::{Problem, ProblemKind, Profile};

/// What the arguments ask for.
#[derive(Debug)]
pub enum Asked {
    /// The window, on this service.
    Window(Box<Profile>),
    /// A command came to its end: leave with this exit code.
    Over(u8),
}

/// A command that ended before there was a job to report on.
#[derive(Debug)]
struct Failed(Box<Problem>);

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

/// Reads the arguments (the first is the program's name) and carries a command out.
#[must_use]
pub fn main(arguments: &[OsString]) -> Asked {
    // Asked for by itself: where the arguments cannot be read, the answer must be in the wanted form all the same.
    let wants_json =
        arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--json");
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(err) => return Asked::Over(unreadable(&err, wants_json)),
    };
    let console = Console::new(parsed.global.json);
    let Some(command) = parsed.command else {
        return match connect::profile(&parsed.global) {
            Ok(profile) => Asked::Window(Box::new(profile)),
            Err(problem) => Asked::Over(failed(&console, &parsed.global, &problem)),
        };
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(err) => {
            let problem = Problem::new(ProblemKind::Internal, format!("The runtime did not start: {err}"));
            return Asked::Over(failed(&console, &parsed.global, &problem));
        }
    };
    let global = parsed.global;
    let outcome = runtime.block_on(async {
        match command {
            Command::Demo(args) => demo::run(args, &global, &console).await,
            Command::Identify(args) => identify::run(args, &global, &console).await,
            Command::Run(args) => run::run(*args, &global, &console).await,
            Command::Task(args) => task::run(args, &global, &console).await,
            Command::Sandbox(args) => sandbox::run(args, &console).await,
            Command::Profiles => profiles::run(&console),
        }
    });
    // Whatever is still at work on a thread of its own has nobody to work for.
    runtime.shutdown_background();
    Asked::Over(outcome.unwrap_or_else(|Failed(problem)| failed(&console, &global, &problem)))
}

fn failed(console: &Console, global: &Global, problem: &Problem) -> u8 {
    console.problem(problem);
    let profile = connect::profile(global).ok().map(|profile| profile.name);
    drive::finish(console, &report::of_problem_only(profile.as_deref(), problem), exit::of(problem))
}

/// Arguments that cannot be read, or a wish for help.
fn unreadable(err: &clap::Error, wants_json: bool) -> u8 {
    if matches!(err.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A stdout that is gone has nobody to help.
        let _ = err.print();
        return exit::DONE;
    }
    if wants_json {
        let words = err.to_string();
        let words = words.strip_prefix("error: ").unwrap_or(&words).trim_end();
        let problem = Problem::new(ProblemKind::Usage, words).with_hint("viseme help tells every command and flag");
        let console = Console::new(true);
        let _ = writeln!(std::io::stderr(), "error: {words}");
        return drive::finish(&console, &report::of_problem_only(None, &problem), exit::USAGE);
    }
    let _ = err.print();
    exit::USAGE
}
