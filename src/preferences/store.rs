//! Keeps the settings: a change is written once nothing more has changed for a moment, on a worker.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::file;
use super::values::Settings;
use super::words;
use crate::worker::{Desk, Wake, Worker};

/// How long nothing must change before it is written: dragging a slider is one change.
pub const QUIET: Duration = Duration::from_millis(400);
/// How long closing waits for the last write.
const LAST_WRITE: Duration = Duration::from_secs(2);

/// What became of a write: what must be said about the file, or why it could not be written.
type Written = Result<Option<String>, String>;

/// The way to the file.
pub struct Store {
    path: PathBuf,
    worker: Worker<Settings, Written>,
    /// As they were last handed to the worker.
    ordered: Settings,
    /// As they are now, and since when, where that is not written yet.
    changed: Option<(Settings, Instant)>,
    /// Whether the last write failed: it is reported once.
    failing: bool,
}

impl Store {
    /// Reads the file. Returns the settings too, and what is wrong with the file, in words. `wake` is called when
    /// [`Store::keep`] has something to report.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn open(path: &Path, wake: Wake) -> io::Result<(Self, Settings, Option<String>)> {
        let found = file::read(path);
        let (target, first) = (path.to_owned(), found.settings.clone());
        // Two answers: one that was not received yet, and that of the last write.
        let worker = Worker::spawn("settings", 2, wake, move || {
            let (target, mut base) = (target.clone(), first.clone());
            let mut unreported = None;
            move |settings: Settings, desk: &Desk<'_, Settings, Written>| {
                let written = file::write(&target, &base, &settings).map_err(|err| err.to_string());
                if let Ok(problem) = &written {
                    base = settings;
                    unreported = problem.clone().or(unreported.take());
                }
                let report = written.map(|_| unreported.clone());
                // A superseded order's report goes out with the next one.
                if desk.send(report).is_ok() {
                    unreported = None;
                }
            }
        })?;
        let ordered = found.settings.clone();
        let store = Self { path: path.to_owned(), worker, ordered, changed: None, failing: false };
        Ok((store, found.settings, found.problem))
    }

    /// Takes the settings as they are at `now`, and has them written once they have been the same for the quiet time. Returns how soon
    /// it must be called again, and what went wrong, in words.
    pub fn keep(&mut self, settings: &Settings, now: Instant) -> (Option<Duration>, Option<String>) {
        let problem = self.problem();
        let last = self.changed.as_ref().map_or(&self.ordered, |(changed, _)| changed);
        if settings != last {
            self.changed = Some((settings.clone(), now));
        }
        let Some((_, since)) = &self.changed else { return (None, problem) };
        let left = QUIET.saturating_sub(now.saturating_duration_since(*since));
        if left.is_zero() {
            self.order();
            return (None, problem);
        }
        (Some(left), problem)
    }

    fn order(&mut self) {
        if let Some((settings, _)) = self.changed.take() {
            self.ordered = settings.clone();
            self.worker.order(settings);
        }
    }

    fn problem(&mut self) -> Option<String> {
        let written = match self.worker.receive() {
            Ok(None) => return None,
            Ok(Some(written)) => written,
            Err(died) => Err(died.to_string()),
        };
        match written {
            Ok(problem) => {
                self.failing = false;
                problem
            }
            Err(_) if self.failing => None,
            Err(why) => {
                self.failing = true;
                Some(words::not_written(&self.path, &why))
            }
        }
    }
}

impl Drop for Store {
    /// What changed last is still written, as long as that does not take unusually long.
    fn drop(&mut self) {
        self.order();
        if !self.worker.wait_until_idle(LAST_WRITE) {
            tracing::warn!(path = %self.path.display(), "the settings were not written in time");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn open(path: &Path) -> (Store, Settings) {
        let (store, settings, problem) = Store::open(path, Arc::new(|| {})).unwrap();
        assert_eq!(problem, None);
        (store, settings)
    }

    #[test]
    fn a_change_is_written_after_a_moment_without_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let (mut store, mut settings) = open(&path);
        let began = Instant::now();
        assert_eq!(store.keep(&settings, began), (None, None));
        for ms in 1..10 {
            settings.margin_ms = 50 + ms;
            let now = began + QUIET * u32::try_from(ms).unwrap() / 2;
            assert_eq!(store.keep(&settings, now), (Some(QUIET), None), "it waits for a quiet moment");
        }
        assert!(!path.exists(), "nothing is written while something still changes");
        let changed = began + QUIET * 9 / 2;
        assert_eq!(store.keep(&settings, changed + QUIET / 2), (Some(QUIET / 2), None));
        assert_eq!(store.keep(&settings, changed + QUIET), (None, None));
        assert!(store.worker.wait_until_idle(Duration::from_secs(20)));
        assert_eq!(file::read(&path).settings.margin_ms, 59);
    }

    #[test]
    fn the_last_change_is_written_when_the_window_closes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let (mut store, mut settings) = open(&path);
        settings.margin_ms = 77;
        assert_eq!(store.keep(&settings, Instant::now()), (Some(QUIET), None));
        drop(store);
        assert_eq!(file::read(&path).settings.margin_ms, 77);
    }

    /// A lock on a file beside the settings, which earlier versions used, holds nothing up.
    #[test]
    fn a_lock_held_elsewhere_does_not_keep_the_window_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let lock = std::fs::File::create(path.with_extension("lock")).unwrap();
        lock.lock().unwrap();
        let (mut store, mut settings) = open(&path);
        settings.margin_ms = 77;
        store.keep(&settings, Instant::now());
        drop(store);
        assert_eq!(file::read(&path).settings.margin_ms, 77, "it was written while the lock was held");
        drop(lock);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_reported_once_until_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("config");
        std::fs::write(&blocked, b"x").unwrap();
        let path = blocked.join("settings.json");
        let (mut store, mut settings, problem) = Store::open(&path, Arc::new(|| {})).unwrap();
        assert!(problem.is_some_and(|words| words.contains("cannot be read")));
        let mut now = Instant::now();
        let mut change = |store: &mut Store| {
            settings.margin_ms += 1;
            assert_eq!(store.keep(&settings, now).1, None);
            now += QUIET;
            assert_eq!(store.keep(&settings, now).1, None);
            assert!(store.worker.wait_until_idle(Duration::from_secs(20)));
            store.keep(&settings, now).1
        };
        assert!(change(&mut store).is_some_and(|words| words.contains("could not be written")));
        assert_eq!(change(&mut store), None, "it was reported");
        std::fs::remove_file(&blocked).unwrap();
        assert_eq!(change(&mut store), None);
        assert!(path.exists(), "and all of it is written once it can be");
        assert_eq!(file::read(&path).settings.margin_ms, settings.margin_ms);
    }
}
