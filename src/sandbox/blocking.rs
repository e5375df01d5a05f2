//! Long computations off the runtime's threads, which are cancelled when their caller stops waiting.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::media_work::{Job, WorkError};
use super::words;

/// Receives how far the work has come, 0 to 1.
pub type Progress = Arc<dyn Fn(f32) + Send + Sync>;

/// Asks work to stop when it is dropped.
struct CancelOnDrop(Job);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// The right to compute, of which there are only so many; `None` for short work, which needs none.
pub type Permit = Option<OwnedSemaphorePermit>;

/// Waits for a permit. The sandbox's semaphores are never closed, so there always is one in the end.
pub async fn permit(permits: &Arc<Semaphore>) -> Permit {
    Arc::clone(permits).acquire_owned().await.ok()
}

/// Runs blocking media work on a thread of its own. It is cancelled when it takes longer than `at_most`, and when the returned future is
/// dropped: its caller hung up, or the sandbox stops. The permit is given back once the work has really ended.
///
/// # Errors
/// Those of the work; it took too long; it panicked.
pub async fn run<T: Send + 'static>(
    permit: Permit,
    at_most: Duration,
    progress: Progress,
    work: impl FnOnce(&Job) -> Result<T, WorkError> + Send + 'static,
) -> Result<T, WorkError> {
    let job = Job::watched(move |done| progress(done));
    let of_work = job.clone();
    let _cancel = CancelOnDrop(job);
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work(&of_work)
    });
    match tokio::time::timeout(at_most, work).await {
        Ok(Ok(done)) => done,
        Ok(Err(err)) => Err(WorkError::Internal(words::ended_early(err))),
        Err(_) => Err(WorkError::File(words::takes_too_long(at_most.as_secs()))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    /// Work that ends only when it is cancelled, and sends when it begins and ends.
    fn endless() -> (impl FnOnce(&Job) -> Result<(), WorkError> + Send + 'static, Receiver<&'static str>) {
        let (send, events) = channel();
        let work = move |job: &Job| {
            send.send("began").unwrap();
            while !job.is_cancelled() {
                thread::sleep(Duration::from_millis(1));
            }
            send.send("cancelled").unwrap();
            Ok(())
        };
        (work, events)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn work_is_cancelled_when_its_caller_hangs_up_and_gives_its_permit_back_at_its_end() {
        let permits = Arc::new(Semaphore::new(1));
        let (work, events) = endless();
        let held = permit(&permits).await;
        let caller = tokio::spawn(run(held, LONG, Arc::new(|_| ()), work));
        assert_eq!(events.recv_timeout(LONG), Ok("began"));
        assert_eq!(permits.available_permits(), 0);
        caller.abort();
        assert_eq!(events.recv_timeout(LONG), Ok("cancelled"));
        assert!(permit(&permits).await.is_some());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn work_is_cancelled_when_it_takes_too_long() {
        let (work, events) = endless();
        let done = run(None, Duration::from_millis(1), Arc::new(|_| ()), work).await;
        assert_eq!(done, Err(WorkError::File(words::takes_too_long(0))));
        assert_eq!(events.iter().collect::<Vec<_>>(), ["began", "cancelled"]);
    }
}
