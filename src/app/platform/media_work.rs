//! What the window does with clips and voices beside the workflow: copies of what is at an address, and copies that are made to fit. Each
//! is one background job.

use std::future::Future;
use std::path::PathBuf;

use super::background::{Background, BackgroundEvent};
use crate::app::state::copies::Remote;
use crate::app::state::entry::SourceSlot;
use crate::app::state::fit::Done;
use crate::engine::Likeness;
use crate::media::Job;
use crate::media::fit::{self, Plan};
use crate::model::{Problem, SavedFile};

impl Background {
    /// Receives what is fetched from an address for the preview, in place of what was being fetched for this slot.
    pub fn fetch_copy(
        &mut self,
        slot: SourceSlot,
        address: String,
        fetched: impl Future<Output = Result<SavedFile, Problem>> + Send + 'static,
    ) {
        self.cancel_fetch(slot);
        let task = self.receive(async move { BackgroundEvent::CopyFetched(slot, address, fetched.await) });
        self.fetching[slot as usize] = Some(task);
    }

    /// Stops fetching for this slot: nothing of it stays.
    pub fn cancel_fetch(&mut self, slot: SourceSlot) {
        if let Some(task) = self.fetching[slot as usize].take() {
            task.abort();
        }
    }

    /// Looks for what an earlier window fetched of this; where there is nothing, nothing is sent.
    pub fn find_copy(&self, slot: SourceSlot, of: Remote, path: PathBuf) {
        self.spawn("Looking for a copy", move || {
            let data = std::fs::metadata(&path).ok().filter(std::fs::Metadata::is_file);
            match data.and_then(|data| data.modified().ok()) {
                Some(at) => {
                    let since = at.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                    BackgroundEvent::CopyFound(slot, of, path, i64::try_from(since.as_millis()).unwrap_or(0))
                }
                None => BackgroundEvent::Closed,
            }
        });
    }

    /// Receives whether a file is what is at an address.
    pub fn compare_copy(
        &self,
        slot: SourceSlot,
        address: String,
        path: PathBuf,
        compared: impl Future<Output = Result<Likeness, Problem>> + Send + 'static,
    ) {
        self.receive(async move { BackgroundEvent::CopyCompared(slot, address, path, compared.await) });
    }

    /// Makes a fitted copy of a file, at `out` or beside it. Returns what cancels the work, and how far it is.
    #[must_use]
    pub fn fit(&self, slot: SourceSlot, file: PathBuf, plan: Plan, out: Option<PathBuf>) -> (Job, Done) {
        let done = Done::default();
        let (noted, ctx) = (done.clone(), self.ctx().clone());
        let job = Job::watched(move |part| {
            if noted.note(part) {
                ctx.request_repaint();
            }
        });
        let watched = job.clone();
        self.spawn("Making it fit", move || {
            let fitted = fit::fit(&file, &plan, out.as_deref(), &watched);
            BackgroundEvent::Fitted(slot, file, Box::new(fitted.map(Box::new)))
        });
        (job, done)
    }
}
