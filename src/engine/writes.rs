//! Writes to the file of accepted tasks: off the thread that draws, and finished before the program ends.

use std::path::Path;
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;

use super::accepted::{self, Line};
use crate::model::Problem;

/// Writes in progress. Dropping it waits for them: an accepted id is not lost because the program ends.
#[derive(Debug, Default)]
pub struct Writes(Vec<JoinHandle<()>>);

impl Writes {
    /// Begins to append a line; the receiver gets the outcome.
    pub fn append(&mut self, file: &Path, line: &Line) -> oneshot::Receiver<Result<(), Problem>> {
        let (sender, receiver) = oneshot::channel();
        self.0.retain(|running| !running.is_finished());
        let spawned = thread::Builder::new().name("accepted-task".into()).spawn({
            let (file, line) = (file.to_owned(), line.clone());
            move || {
                // Nobody may wait for the outcome any more; the line is written regardless.
                let _ = sender.send(accepted::append(&file, &line));
            }
        });
        let Ok(running) = spawned else {
            // No thread could be started: blocking for a moment is better than losing the id.
            let (sender, receiver) = oneshot::channel();
            let _ = sender.send(accepted::append(file, line));
            return receiver;
        };
        self.0.push(running);
        receiver
    }
}

impl Drop for Writes {
    fn drop(&mut self) {
        for running in self.0.drain(..) {
            // One that panicked has written nothing, and there is nobody left to report it to.
            let _ = running.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::accepted::{Accepted, Service, unfinished};
    use crate::model::Profile;

    #[test]
    fn what_is_being_written_is_on_the_disk_once_the_engine_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks.jsonl");
        let mut writes = Writes::default();
        for number in 0..5 {
            let task = Accepted {
                service: Service::of(&Profile::built_in()[1]),
                task_id: format!("t-{number}"),
                external_task_id: None,
                time_ms: 0,
                clip: None,
                voice: None,
            };
            drop(writes.append(&file, &Line::Accepted(task)));
        }
        drop(writes);
        assert_eq!(unfinished(&file).unwrap().len(), 5);
    }
}
