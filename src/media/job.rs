//! Work whose progress is reported and that can be cancelled.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::MediaError;

/// Handed into all long media work, which checks it for cancellation and reports its progress to it.
///
/// Cheap to clone; all clones share one flag.
#[derive(Clone)]
pub struct Job {
    cancelled: Arc<AtomicBool>,
    progress: Arc<dyn Fn(f32) + Send + Sync>,
    /// The part of the whole that this job's own 0..1 covers.
    span: (f32, f32),
}

impl Job {
    /// A job whose progress goes nowhere.
    #[must_use]
    pub fn new() -> Self {
        Self::watched(|_| {})
    }

    /// A job whose progress, 0 to 1, is given to `progress`, on the thread that works.
    pub fn watched(progress: impl Fn(f32) + Send + Sync + 'static) -> Self {
        Self { cancelled: Arc::new(AtomicBool::new(false)), progress: Arc::new(progress), span: (0.0, 1.0) }
    }

    /// The same job, whose 0..1 is `from..to` of this one's: for one stage of several.
    #[must_use]
    pub fn stage(&self, from: f32, to: f32) -> Self {
        let (start, end) = self.span;
        let at = |part: f32| start + (end - start) * part.clamp(0.0, 1.0);
        Self { span: (at(from), at(to)), ..self.clone() }
    }

    /// Cancels the work at its next check.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it was cancelled.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// An error where the job was cancelled.
    ///
    /// # Errors
    /// [`MediaError::Cancelled`] once [`Job::cancel`] was called.
    pub fn check(&self) -> Result<(), MediaError> {
        if self.is_cancelled() { Err(MediaError::Cancelled) } else { Ok(()) }
    }

    /// Reports the progress, 0 to 1.
    pub fn report(&self, done: f32) {
        let (start, end) = self.span;
        (self.progress)(start + (end - start) * done.clamp(0.0, 1.0));
    }
}

impl Default for Job {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("cancelled", &self.is_cancelled()).field("span", &self.span).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_stage_reports_its_part_of_the_whole_and_shares_the_flag() {
        let reported = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&reported);
        let job = Job::watched(move |done| seen.lock().unwrap().push(done));
        let second_half = job.stage(0.5, 1.0);
        second_half.report(0.5);
        second_half.stage(0.0, 0.5).report(1.0);
        assert_eq!(*reported.lock().unwrap(), [0.75, 0.75]);
        job.cancel();
        assert_eq!(second_half.check(), Err(MediaError::Cancelled));
    }
}
