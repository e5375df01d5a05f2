//! Human words on stderr, results on stdout, a progress bar on a terminal only.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::model::Problem;

/// Where words go. Plain text: no colour is ever used, so there is none to switch off.
#[derive(Debug)]
pub struct Console {
    json: bool,
    bar: ProgressBar,
}

impl Console {
    /// A console; `json`: stdout is for one JSON object.
    pub fn new(json: bool) -> Self {
        let bar = if io::stderr().is_terminal() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        Self { json, bar }
    }

    /// Whether stdout is for one JSON object.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// A line for people. A stderr that is gone is no reason to stop.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| {
            let _ = writeln!(io::stderr(), "{line}");
        });
    }

    /// What went wrong and what to do, for people.
    pub fn problem(&self, problem: &Problem) {
        self.say(&format!("error: {problem}"));
        if let Some(hint) = &problem.hint {
            self.say(&format!("hint: {hint}"));
        }
    }

    /// A line of result; with `--json` the object has it instead.
    pub fn result(&self, line: &str) -> io::Result<()> {
        if self.json { Ok(()) } else { self.out(line) }
    }

    /// The one JSON object.
    pub fn object(&self, object: &Value) -> io::Result<()> {
        self.out(&object.to_string())
    }

    fn out(&self, line: &str) -> io::Result<()> {
        self.bar.suspend(|| {
            let mut stdout = io::stdout().lock();
            let written = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
            match written {
                // Whoever read our results has enough.
                Err(err) if err.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                written => written,
            }
        })
    }

    /// Shows what is being waited for; `done` is 0 to 1 where it is known. On a terminal only.
    pub fn progress(&self, words: &str, done: Option<f32>) {
        if self.bar.is_hidden() {
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
        self.bar.set_message(words.to_owned());
        self.bar.enable_steady_tick(Duration::from_millis(250));
    }

    /// Takes the progress away.
    pub fn progress_over(&self) {
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
        self.bar.reset();
    }
}
