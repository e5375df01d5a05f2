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
