//! Jobs under way: a promise each, with a handle to stop it.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use poll_promise::Promise;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::workflow::{JobEvent, JobId};

/// What a job's work ends with; `None` where it broke down.
type Answer = Option<JobEvent>;

/// Least time between two tellings of the progress of a download: a window redraws four times a second, no more.
const PROGRESS_GAP: Duration = Duration::from_millis(100);

/// The jobs under way.
pub struct Jobs {
    running: BTreeMap<JobId, Running>,
    notify: Arc<Notify>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

struct Running {
    promise: Promise<Answer>,
    abort: Option<AbortHandle>,
    progress: ProgressReader,
}

impl Jobs {
    pub fn new(notify: Arc<Notify>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { running: BTreeMap::new(), notify, wake }
    }

    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Waits until a job may have something to take.
    pub async fn notified(&self) {
        self.notify.notified().await;
    }

    /// Has whoever takes the answers look once more.
    pub fn wake(&self) {
        (self.wake)();
    }

    /// Has an answer ready for the next look.
    pub fn ready(&mut self, job: JobId, answer: JobEvent) {
        let progress = ProgressReader::default();
        self.running.insert(job, Running { promise: Promise::from_ready(Some(answer)), abort: None, progress });
        (self.wake)();
    }

    /// Starts the work. Its promise is always fulfilled, also where the work panics: polling one whose sender is gone would panic here.
    pub fn spawn(
        &mut self,
        runtime: &Handle,
        job: JobId,
        work: impl Future<Output = JobEvent> + Send + 'static,
        progress: ProgressReader,
    ) {
        let (sender, promise) = Promise::new();
        let wake = Arc::clone(&self.wake);
        progress.wakes(Arc::clone(&wake));
        let task = runtime.spawn(async move {
            let answer = AssertUnwindSafe(work).catch_unwind().await;
            if answer.is_err() {
                tracing::error!(?job, "a job broke down");
            }
            sender.send(answer.ok());
            wake();
        });
        self.running.insert(job, Running { promise, abort: Some(task.abort_handle()), progress });
    }

    /// Stops a job and forgets it; its promise, whose sender goes with it, is never looked at again.
    pub fn abort(&mut self, job: JobId) {
        if let Some(running) = self.running.remove(&job)
            && let Some(abort) = running.abort
        {
            abort.abort();
        }
    }

    /// The next answer, or news of a download under way.
    pub fn take_ready(&mut self) -> Option<(JobId, JobEvent)> {
        let news = self.running.iter().find_map(|(job, running)| {
            if running.promise.ready().is_some() {
                return Some((*job, None));
            }
            running.progress.take().map(|progress| (*job, Some(progress)))
        });
        let (job, progress) = news?;
        if let Some(progress) = progress {
            let Progress { received_bytes, total_bytes } = progress;
            return Some((job, JobEvent::DownloadProgress { received_bytes, total_bytes }));
        }
        let running = self.running.remove(&job)?;
        let answer = running.promise.try_take().ok().flatten();
        Some((job, answer.unwrap_or(JobEvent::BrokeDown)))
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for abort in self.running.values().filter_map(|running| running.abort.as_ref()) {
            abort.abort();
        }
    }
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub received_bytes: u64,
    pub total_bytes: Option<u64>,
}

#[derive(Default)]
struct ProgressCell {
    /// The newest that was not taken.
    newest: Option<Progress>,
    told_at: Option<Instant>,
    wake: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// The end that tells.
pub struct ProgressWriter(Arc<Mutex<ProgressCell>>);

/// The end that listens.
#[derive(Default)]
pub struct ProgressReader(Arc<Mutex<ProgressCell>>);

/// Both ends of what is told of a job under way. Only the newest counts.
pub fn progress() -> (ProgressWriter, ProgressReader) {
    let cell = Arc::<Mutex<ProgressCell>>::default();
    (ProgressWriter(Arc::clone(&cell)), ProgressReader(cell))
}

impl ProgressWriter {
    /// Tells how far it is, though not too often.
    pub fn tell(&self, progress: Progress) {
        let mut cell = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if cell.told_at.is_some_and(|told_at| told_at.elapsed() < PROGRESS_GAP) {
            return;
        }
        cell.told_at = Some(Instant::now());
        cell.newest = Some(progress);
        let wake = cell.wake.clone();
        drop(cell);
        if let Some(wake) = wake {
            wake();
        }
    }
}

impl ProgressReader {
    fn wakes(&self, wake: Arc<dyn Fn() + Send + Sync>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).wake = Some(wake);
    }

    fn take(&self) -> Option<Progress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).newest.take()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::model::{Problem, ProblemKind};

    fn jobs() -> (Jobs, Arc<AtomicUsize>) {
        let (notify, woken) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let (told, count) = (Arc::clone(&notify), Arc::clone(&woken));
        let wake = move || {
            count.fetch_add(1, Ordering::SeqCst);
            told.notify_one();
        };
        (Jobs::new(notify, Arc::new(wake)), woken)
    }

    async fn next(jobs: &mut Jobs) -> (JobId, JobEvent) {
        loop {
            if let Some(ready) = jobs.take_ready() {
                return ready;
            }
            tokio::time::timeout(Duration::from_secs(20), jobs.notified()).await.expect("an answer");
        }
    }

    fn uploaded() -> JobEvent {
        JobEvent::Uploaded(Err(Problem::new(ProblemKind::NoAnswer, "no answer")))
    }

    #[tokio::test]
    async fn work_that_panics_breaks_down_and_takes_nobody_with_it() {
        let (mut jobs, woken) = jobs();
        jobs.spawn(&Handle::current(), JobId(1), async { panic!("on purpose") }, progress().1);
        jobs.spawn(&Handle::current(), JobId(2), async { uploaded() }, progress().1);
        let mut answers = [next(&mut jobs).await, next(&mut jobs).await];
        answers.sort_by_key(|(job, _)| *job);
        assert_eq!(answers, [(JobId(1), JobEvent::BrokeDown), (JobId(2), uploaded())]);
        assert!(jobs.is_empty() && woken.load(Ordering::SeqCst) == 2);
    }

    #[tokio::test]
    async fn an_aborted_job_is_stopped_and_never_looked_at_again() {
        struct Told(Arc<AtomicUsize>);
        impl Drop for Told {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let (mut jobs, _woken) = jobs();
        let dropped = Arc::new(AtomicUsize::new(0));
        for job in [JobId(1), JobId(2)] {
            let told = Told(Arc::clone(&dropped));
            let work = async move {
                let _told = told;
                std::future::pending::<JobEvent>().await
            };
            jobs.spawn(&Handle::current(), job, work, progress().1);
        }
        jobs.abort(JobId(1));
        assert_eq!(jobs.take_ready(), None);
        drop(jobs);
        while dropped.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn progress_is_told_while_the_job_runs_and_only_the_newest_counts() {
        let (mut jobs, _woken) = jobs();
        let (writer, reader) = progress();
        let go_on = Arc::new(Notify::new());
        let goes_on = Arc::clone(&go_on);
        let work = async move {
            writer.tell(Progress { received_bytes: 1, total_bytes: Some(9) });
            writer.tell(Progress { received_bytes: 2, total_bytes: Some(9) });
            goes_on.notified().await;
            uploaded()
        };
        jobs.spawn(&Handle::current(), JobId(7), work, reader);
        let told = JobEvent::DownloadProgress { received_bytes: 1, total_bytes: Some(9) };
        assert_eq!(next(&mut jobs).await, (JobId(7), told), "the second came too soon after it");
        assert_eq!(jobs.take_ready(), None);
        go_on.notify_one();
        assert_eq!(next(&mut jobs).await, (JobId(7), uploaded()));
    }
}
