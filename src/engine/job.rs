//! Jobs in progress: a promise each, with a handle to stop it.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use poll_promise::Promise;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::model::Progress;
use crate::service::world::{Stop, World};
use crate::workflow::{JobEvent, JobId};

/// Least time between two reports of the progress of a download: a window redraws four times a second, no more.
const PROGRESS_GAP: Duration = Duration::from_millis(100);

/// What jobs run on.
#[derive(Clone)]
pub enum Runtime {
    Tokio(Handle),
    /// A simulation.
    World(Arc<dyn World>),
}

impl Runtime {
    /// Begins work; what is returned stops it.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> Stop {
        match self {
            Self::Tokio(runtime) => {
                let task = runtime.spawn(work).abort_handle();
                Box::new(move || task.abort())
            }
            Self::World(world) => world.spawn(Box::pin(work)),
        }
    }
}

/// The jobs in progress.
pub struct Jobs {
    running: BTreeMap<JobId, Running>,
    notify: Arc<Notify>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

struct Running {
    promise: Promise<JobEvent>,
    stop: Stop,
    progress: ProgressReader,
}

impl Jobs {
    pub fn new(notify: Arc<Notify>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { running: BTreeMap::new(), notify, wake }
    }

    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// Waits until a job may have an answer or progress.
    pub async fn notified(&self) {
        self.notify.notified().await;
    }

    /// What wakes the thread that receives the answers.
    pub fn waker(&self) -> Arc<dyn Fn() + Send + Sync> {
        Arc::clone(&self.wake)
    }

    /// Wakes the thread that receives the answers.
    pub fn wake(&self) {
        (self.wake)();
    }

    /// Starts the work; where it panics, the job ends with `failed`. Its promise is always fulfilled: polling one whose sender is gone
    /// would panic here.
    pub fn spawn(
        &mut self,
        runtime: &Runtime,
        job: JobId,
        work: impl Future<Output = JobEvent> + Send + 'static,
        failed: JobEvent,
        progress: ProgressReader,
    ) {
        let (sender, promise) = Promise::new();
        let wake = Arc::clone(&self.wake);
        progress.set_wake(Arc::clone(&wake));
        let stop = runtime.spawn(async move {
            let answer = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| {
                tracing::error!(?job, "a job panicked");
                failed
            });
            sender.send(answer);
            wake();
        });
        self.running.insert(job, Running { promise, stop, progress });
    }

    /// Stops a job and forgets it, with its promise, whose sender goes with it.
    pub fn abort(&mut self, job: JobId) {
        if let Some(running) = self.running.remove(&job) {
            (running.stop)();
        }
    }

    /// The next answer, or progress of a running download.
    pub fn take_ready(&mut self) -> Option<(JobId, JobEvent)> {
        let news = self.running.iter().find_map(|(job, running)| {
            if running.promise.ready().is_some() {
                return Some((*job, None));
            }
            running.progress.take().map(|progress| (*job, Some(progress)))
        });
        let (job, progress) = news?;
        if let Some(progress) = progress {
            return Some((job, JobEvent::Progress(progress)));
        }
        let running = self.running.remove(&job)?;
        running.promise.try_take().ok().map(|answer| (job, answer))
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        for running in self.running.values() {
            (running.stop)();
        }
    }
}

#[derive(Default)]
struct ProgressCell {
    /// The newest report that was not received yet.
    newest: Option<Progress>,
    reported_at: Option<Instant>,
    wake: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// The end that reports.
#[derive(Clone)]
pub struct ProgressWriter(Arc<Mutex<ProgressCell>>);

/// The end that receives.
#[derive(Default)]
pub struct ProgressReader(Arc<Mutex<ProgressCell>>);

/// Both ends of the progress of a running job. Only the newest report counts.
pub fn progress() -> (ProgressWriter, ProgressReader) {
    let cell = Arc::<Mutex<ProgressCell>>::default();
    (ProgressWriter(Arc::clone(&cell)), ProgressReader(cell))
}

impl ProgressWriter {
    /// Reports how far the job is; reports that follow too closely are dropped.
    pub fn report(&self, progress: Progress) {
        let mut cell = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Where all is done and an answer is awaited, the last report is the one that stays.
        let is_whole = progress.total_bytes == Some(progress.received_bytes);
        if !is_whole && cell.reported_at.is_some_and(|reported_at| reported_at.elapsed() < PROGRESS_GAP) {
            return;
        }
        cell.reported_at = Some(Instant::now());
        cell.newest = Some(progress);
        let wake = cell.wake.clone();
        drop(cell);
        if let Some(wake) = wake {
            wake();
        }
    }
}

impl ProgressReader {
    fn set_wake(&self, wake: Arc<dyn Fn() + Send + Sync>) {
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
        let (notified, count) = (Arc::clone(&notify), Arc::clone(&woken));
        let wake = move || {
            count.fetch_add(1, Ordering::SeqCst);
            notified.notify_one();
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
    async fn work_that_panics_fails_and_nothing_else_does() {
        let (mut jobs, woken) = jobs();
        jobs.spawn(
            &Runtime::Tokio(Handle::current()),
            JobId(1),
            async { panic!("on purpose") },
            JobEvent::LimitReached,
            progress().1,
        );
        jobs.spawn(
            &Runtime::Tokio(Handle::current()),
            JobId(2),
            async { uploaded() },
            JobEvent::LimitReached,
            progress().1,
        );
        let mut answers = [next(&mut jobs).await, next(&mut jobs).await];
        answers.sort_by_key(|(job, _)| *job);
        assert_eq!(answers, [(JobId(1), JobEvent::LimitReached), (JobId(2), uploaded())]);
        assert!(jobs.is_empty() && woken.load(Ordering::SeqCst) == 2);
    }

    #[tokio::test]
    async fn an_aborted_job_is_stopped_and_has_no_answer() {
        struct CountsDrops(Arc<AtomicUsize>);
        impl Drop for CountsDrops {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let (mut jobs, _woken) = jobs();
        let dropped = Arc::new(AtomicUsize::new(0));
        for job in [JobId(1), JobId(2)] {
            let counts = CountsDrops(Arc::clone(&dropped));
            let work = async move {
                let _counts = counts;
                std::future::pending::<JobEvent>().await
            };
            jobs.spawn(&Runtime::Tokio(Handle::current()), job, work, JobEvent::LimitReached, progress().1);
        }
        jobs.abort(JobId(1));
        assert_eq!(jobs.take_ready(), None);
        drop(jobs);
        while dropped.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn progress_is_reported_while_the_job_runs_and_not_too_often() {
        let (mut jobs, _woken) = jobs();
        let (writer, reader) = progress();
        let go_on = Arc::new(Notify::new());
        let goes_on = Arc::clone(&go_on);
        let work = async move {
            writer.report(Progress { received_bytes: 1, total_bytes: Some(9) });
            writer.report(Progress { received_bytes: 2, total_bytes: Some(9) });
            goes_on.notified().await;
            uploaded()
        };
        jobs.spawn(&Runtime::Tokio(Handle::current()), JobId(7), work, JobEvent::LimitReached, reader);
        let reported = JobEvent::Progress(Progress { received_bytes: 1, total_bytes: Some(9) });
        assert_eq!(next(&mut jobs).await, (JobId(7), reported), "the second came too soon after it");
        assert_eq!(jobs.take_ready(), None);
        go_on.notify_one();
        assert_eq!(next(&mut jobs).await, (JobId(7), uploaded()));
    }
}
