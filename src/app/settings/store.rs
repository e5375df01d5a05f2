//! Keeps the settings: what changed is written a moment later, by a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::file;
use super::values::Settings;

/// How long nothing must change before it is written: a slider that is dragged is one change.
const QUIET: Duration = Duration::from_millis(400);

/// The way to the file.
pub struct Store {
    path: PathBuf,
    /// `None` only while it is being closed.
    give: Option<Sender<Settings>>,
    answers: Receiver<Result<(), String>>,
    worker: Option<JoinHandle<()>>,
    /// As they were last given to be written.
    given: Settings,
    changed: Option<(Settings, Instant)>,
    /// Whether the last write failed; it is said once.
    failing: bool,
}

impl Store {
    /// Reads the file. Answers what went wrong with it, in words.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn open(path: &Path, ctx: egui::Context) -> std::io::Result<(Self, Settings, Option<String>)> {
        let found = file::read(path);
        let (give, asked) = channel::<Settings>();
        let (answer, answers) = channel();
        let (to, mut base) = (path.to_owned(), found.base);
        let worker = std::thread::Builder::new().name("settings".into()).spawn(move || {
            while let Ok(settings) = asked.recv() {
                // Only the last one counts.
                let settings = asked.try_iter().last().unwrap_or(settings);
                let written = file::write(&to, &base, &settings).map_err(|err| err.to_string());
                let written = written.map(|merged| base = merged);
                if answer.send(written).is_err() {
                    break;
                }
                ctx.request_repaint();
            }
        })?;
        let store = Self {
            path: path.to_owned(),
            give: Some(give),
            answers,
            worker: Some(worker),
            given: found.settings.clone(),
            changed: None,
            failing: false,
        };
        Ok((store, found.settings, found.trouble))
    }

    /// Tells how the settings are now. Answers when it wants to be told again, and what went wrong, in words.
    pub fn keep(&mut self, settings: &Settings) -> (Option<Duration>, Option<String>) {
        let trouble = self.trouble();
        let last = self.changed.as_ref().map_or(&self.given, |(changed, _)| changed);
        if settings != last {
            self.changed = Some((settings.clone(), Instant::now()));
        }
        let again = match &self.changed {
            None => None,
            Some((_, since)) => match QUIET.checked_sub(since.elapsed()) {
                Some(left) if !left.is_zero() => Some(left),
                _ => {
                    self.flush();
                    None
                }
            },
        };
        (again, trouble)
    }

    fn flush(&mut self) {
        if let (Some((settings, _)), Some(give)) = (self.changed.take(), &self.give) {
            self.given = settings.clone();
            // A worker that is gone has told why in its last answer.
            let _ = give.send(settings);
        }
    }

    fn trouble(&mut self) -> Option<String> {
        let mut trouble = None;
        for answer in self.answers.try_iter() {
            match answer {
                Ok(()) => self.failing = false,
                Err(_) if self.failing => {}
                Err(why) => {
                    self.failing = true;
                    let words = format!(
                        "The settings could not be written to {}: {why}. They hold until viseme is closed",
                        self.path.display()
                    );
                    trouble = Some(words);
                }
            }
        }
        trouble
    }
}

impl Drop for Store {
    /// What changed last is still written.
    fn drop(&mut self) {
        self.flush();
        self.give = None;
        if let Some(worker) = self.worker.take() {
            let _ = worker.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_last_is_written_when_the_window_closes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let (mut store, mut settings, trouble) = Store::open(&path, egui::Context::default()).unwrap();
        assert_eq!(trouble, None);
        assert_eq!(store.keep(&settings), (None, None));
        for margin_ms in 51..60 {
            settings.margin_ms = margin_ms;
            assert!(store.keep(&settings).0.is_some(), "it waits for quiet");
        }
        assert!(!path.exists(), "nothing is written while something still changes");
        drop(store);
        assert_eq!(file::read(&path).settings.margin_ms, 59);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said_once() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, b"x").unwrap();
        let (mut store, mut settings, _) =
            Store::open(&blocked.join("settings.json"), egui::Context::default()).unwrap();
        let mut told = Vec::new();
        for margin_ms in [60, 70] {
            settings.margin_ms = margin_ms;
            let began = Instant::now();
            while began.elapsed() < QUIET * 3 {
                told.extend(store.keep(&settings).1);
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("could not be written"));
    }
}
