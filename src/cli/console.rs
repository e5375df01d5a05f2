//! Messages on stderr, results on stdout, a progress bar on a terminal only. What is written has no secret in it.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use super::words;
use crate::model::{Problem, ProblemKind, inert, inert_lines};
use crate::secrets;

/// Where messages and results go. Plain text without colour.
#[derive(Debug)]
pub struct Console {
    json: bool,
    bar: ProgressBar,
    /// What each message begins with.
    prefix: String,
}

impl Console {
    /// A console; `json`: stdout is for one JSON object.
    pub fn new(json: bool) -> Self {
        let bar = if io::stderr().is_terminal() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        Self { json, bar, prefix: String::new() }
    }

    /// The console of one row of a batch: its messages begin with its line, and there is no bar.
    pub fn of_row(&self, line: usize) -> Self {
        Self { json: self.json, bar: ProgressBar::hidden(), prefix: words::part_batch_prefix(line) }
    }

    /// Whether stdout is for one JSON object.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress is shown in a line that updates.
    pub fn has_bar(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Writes a message. A closed stderr is no reason to stop.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| {
            // Also the names of files and what an older journal holds.
            let _ = writeln!(io::stderr(), "{}", inert_lines(&secrets::shown(&format!("{}{line}", self.prefix))));
        });
    }

    /// Writes a message that explains a decision of the program.
    pub fn note(&self, text: &str) {
        self.say(&words::part_note_line(text));
    }

    /// Writes a message about something that may be wrong.
    pub fn warn(&self, text: &str) {
        self.say(&words::part_warning_line(text));
    }

    /// Writes what to do next.
    pub fn hint(&self, text: &str) {
        self.say(&words::part_hint_line(text));
    }

    /// Writes what went wrong and what to do next.
    pub fn problem(&self, problem: &Problem) {
        self.say(&words::part_error_line(problem.to_string()));
        if let Some(hint) = &problem.hint {
            self.hint(hint);
        }
    }

    /// Writes a line of result; with `--json` the object has it instead.
    ///
    /// # Errors
    /// [`ProblemKind::File`]: stdout cannot be written.
    pub fn result(&self, line: &str) -> Result<(), Problem> {
        if self.json { Ok(()) } else { self.write(&inert_lines(&secrets::shown(line))) }
    }

    /// Writes a line of columns, with a tab between them: what breaks lines or columns in a value is a space.
    ///
    /// # Errors
    /// As [`Console::result`].
    pub fn row<T: AsRef<str>>(&self, columns: &[T]) -> Result<(), Problem> {
        let columns: Vec<_> = columns.iter().map(|column| inert(column.as_ref())).collect();
        self.result(&columns.join("\t"))
    }

    /// Writes the one JSON object. The signed addresses of results are whole in it.
    ///
    /// # Errors
    /// As [`Console::result`].
    pub fn object(&self, mut object: Value) -> Result<(), Problem> {
        secrets::show_all_but_results(&mut object);
        self.write(&object.to_string())
    }

    /// Writes the sandbox's own keys, generated or given, for the person who started it.
    ///
    /// # Errors
    /// As [`Console::result`].
    pub fn own_keys(&self, text: &str) -> Result<(), Problem> {
        self.write(text)
    }

    /// Writes what the reader of the arguments says: help to stdout, what is wrong with them to stderr; in colour on a terminal.
    pub fn of_arguments(err: &clap::Error) {
        let styled = err.render();
        let written = |is_terminal: bool| if is_terminal { styled.ansi().to_string() } else { styled.to_string() };
        // A closed stream has no reader to help.
        let _ = if err.use_stderr() {
            write!(io::stderr(), "{}", secrets::shown(&written(io::stderr().is_terminal())))
        } else {
            write!(io::stdout(), "{}", secrets::shown(&written(io::stdout().is_terminal())))
        };
    }

    fn write(&self, line: &str) -> Result<(), Problem> {
        self.bar.suspend(|| {
            let mut stdout = io::stdout().lock();
            match writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
                // The reader has all it wants, as `head` does.
                Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                Err(err) => Err(Problem::new(ProblemKind::File, words::stdout_unwritable(&err))),
                Ok(()) => Ok(()),
            }
        })
    }

    /// Shows on a terminal what is waited for, and for how long; `done` is 0 to 1 where it is known.
    pub fn progress(&self, text: &str, done: Option<f32>) {
        if !self.has_bar() {
            return;
        }
        let (template, position) = match done {
            Some(done) => ("{elapsed_precise} {wide_bar} {percent:>3} % {msg}", (done.clamp(0.0, 1.0) * 1000.0) as u64),
            None => ("{elapsed_precise} {spinner} {msg}", 0),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_length(1000);
        self.bar.set_position(position);
        self.bar.set_message(inert_lines(&secrets::shown(text)).into_owned());
        self.bar.enable_steady_tick(Duration::from_millis(250));
    }

    /// Removes the progress from the terminal.
    pub fn clear_progress(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
        self.bar.reset();
    }
}
