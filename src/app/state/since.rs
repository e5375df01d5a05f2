//! Since when each job has been running: the display of a running job includes its time.

use std::collections::BTreeMap;

use crate::workflow::{Flow, JobId, Preview};

/// When each running job was first seen, in milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Since(BTreeMap<JobId, i64>);

impl Since {
    /// Records which jobs of the workflow's desk and of its faces are running.
    pub fn note(&mut self, flow: &Flow, now_ms: i64) {
        let desk = &flow.desk;
        let previews = flow.faces().map_or(&[][..], |faces| &faces.previews);
        let loading = previews.iter().filter_map(|preview| match preview {
            Preview::Loading(job) => Some(*job),
            _ => None,
        });
        let running = [desk.clip_probe.job(), desk.voice_probe.job(), desk.voice_as_wav.job()].into_iter().flatten();
        self.0 = running.chain(loading).map(|job| (job, self.0.get(&job).copied().unwrap_or(now_ms))).collect();
    }

    /// For how long a job has been running, in milliseconds.
    #[must_use]
    pub fn waited_ms(&self, job: JobId, now_ms: i64) -> i64 {
        self.0.get(&job).map_or(0, |since_ms| now_ms - since_ms)
    }
}
