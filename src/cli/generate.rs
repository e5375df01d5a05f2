//! `viseme completions` and `viseme man`, from the same description that the arguments are parsed with.

use super::args::{CompletionsArgs, ManArgs, documented};
use super::console::Console;
use super::{Failed, exit, words};
use crate::model::{Problem, ProblemKind};

/// Prints the completions for a shell; returns the exit code.
pub fn completions(args: &CompletionsArgs, console: &Console) -> Result<u8, Failed> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut documented(), "viseme", &mut script);
    print(&script, console)
}

/// Prints a manual page; returns the exit code.
pub fn man(args: &ManArgs, console: &Console) -> Result<u8, Failed> {
    let mut program = documented();
    program.build();
    let page = match args.command.as_deref() {
        None => program,
        Some(name) => {
            let Some(command) = program.find_subcommand(name) else {
                let names: Vec<_> = program.get_subcommands().map(clap::Command::get_name).collect();
                return Err(Problem::new(ProblemKind::Usage, words::no_command(name))
                    .with_hint(words::commands(names.join(", ")))
                    .into());
            };
            command.clone()
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|err| Problem::new(ProblemKind::Internal, words::no_man_page(&err)))?;
    print(&text, console)
}

fn print(text: &[u8], console: &Console) -> Result<u8, Failed> {
    console.result(String::from_utf8_lossy(text).trim_end())?;
    Ok(exit::DONE)
}
