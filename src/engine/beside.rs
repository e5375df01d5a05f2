//! What goes on beside the workflow: what was left is settled and followed, what waits is sent, what it leads to is saved.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::leftovers::Leftovers;
use super::queue::{Queue, QueueAccess, Tools};
use super::setup::{Journaling, Setup};
use super::{Engine, JournalAccess};
use crate::journal::{IntentId, Retention};
use crate::model::Problem;
use crate::service::Client;
use crate::workflow::{Flow, SendState, Stage};

impl Engine {
    /// Begins what goes on beside the workflow at a service that is being connected. `is_same`: it is the one from before.
    pub(super) fn work_beside(&mut self, setup: &Setup, client: &Client, is_same: bool) {
        self.leftovers = None;
        let known = self.executor.queue.take().filter(|_| is_same);
        self.executor.wishes.change(|wishes| {
            (wishes.budget, wishes.results) = (setup.budget, setup.results.clone());
            wishes.ends_with_process = !setup.keeps_state;
        });
        let Journaling::On(journal) = &setup.journal else { return };
        if !setup.takes_leftovers {
            return;
        }
        let (wake, settled) = (self.jobs.waker(), Arc::clone(&self.settled));
        let of_queue = Arc::clone(&wake);
        let changed = Arc::new(move || {
            settled.fetch_add(1, Ordering::Relaxed);
            wake();
        });
        let dialect = setup.profile.dialect;
        let queue =
            known.unwrap_or_else(|| QueueAccess::new(journal.clone(), setup.service.clone(), dialect, of_queue));
        queue.key_given();
        let is_real = self.clock.world().is_none();
        let tools = Tools {
            client: client.clone(),
            journal: journal.clone(),
            service: setup.service.clone(),
            clock: self.clock.clone(),
            seed: self.executor.seed,
            fetcher: is_real.then(|| self.executor.fetcher.of_service(&setup.profile)),
            storage: setup.storage().map(|storage| storage.recorded_by(self.executor.recorder.clone())),
            wishes: self.executor.wishes.clone(),
            queue: queue.clone(),
            runtime: self.runtime.clone(),
            changed,
        };
        self.executor.queue = Some(queue);
        self.leftovers = Some(Leftovers::start(&self.runtime, tools));
    }

    /// A person has left a task that is not at its end, or an unclear create: it is settled and followed beside the workflow from now on.
    pub(super) fn leave_to_the_others(&self, left: Followed) {
        if let (Journaling::On(journal), Some(_)) = (&self.executor.journal, &self.leftovers) {
            let (journal, queue) = (journal.clone(), self.executor.queue.clone());
            let Followed { external_task_id, task_id } = left;
            // Nobody stops it: it is one short write.
            drop(self.runtime.spawn(async move {
                journal.give_back(external_task_id, task_id).await;
                if let Some(queue) = queue {
                    queue.look();
                }
            }));
        }
    }

    /// What waits, runs and has ended beside the workflow; `None` where nothing can wait: there is no journal, or no service.
    #[must_use]
    pub fn queue(&self) -> Option<Arc<Queue>> {
        self.executor.queue.as_ref().map(QueueAccess::shown)
    }

    /// Sends nothing further from the queue; what the service has goes on.
    pub fn pause_queue(&self) {
        self.executor.queue.iter().for_each(QueueAccess::pause);
    }

    /// Goes on sending from the queue.
    pub fn resume_queue(&self) {
        self.executor.queue.iter().for_each(QueueAccess::resume);
    }

    /// Removes a job that waits: it is never sent.
    pub fn remove_from_queue(&self, id: IntentId) {
        if let Some(queue) = self.executor.queue.clone() {
            // Nobody stops it: it is one short write.
            drop(self.runtime.spawn(async move { queue.remove(id).await }));
        }
    }

    /// Looks once more for the task of an unclear create that was left to a person. Nothing is sent again.
    pub fn look_again(&self, id: IntentId) {
        self.executor.queue.iter().for_each(|queue| queue.look_again(id));
    }

    /// Closes an unclear create of which a person says that it created nothing: it is not looked for any more, and its estimate is given back.
    ///
    /// # Errors
    /// Another process works on it, it is not unclear, or the journal cannot be written.
    pub fn close_unclear(
        &self,
        journal: JournalAccess,
        id: IntentId,
    ) -> impl Future<Output = Result<(), Problem>> + Send + 'static + use<> {
        let queue = self.executor.queue.clone();
        async move {
            journal.close_leftover(id).await?;
            if let Some(queue) = queue {
                queue.closed(id);
            }
            Ok(())
        }
    }

    /// Takes what is at its end from the list of the queue.
    pub fn clear_queue(&self) {
        self.executor.queue.iter().for_each(QueueAccess::clear);
    }

    /// The service says how many tasks it runs at once.
    pub fn allow_at_once(&self, most: u32) {
        self.executor.queue.iter().for_each(|queue| queue.allow(most));
    }

    /// How much may be spent at the connected service on a local day, in its own unit, from now on.
    pub fn set_budget(&self, budget: Option<f64>) {
        self.executor.wishes.change(|wishes| wishes.budget = budget);
    }

    /// To which folder the results of tasks go that are followed beside the workflow, from now on.
    pub fn set_results(&self, folder: PathBuf) {
        self.executor.wishes.change(|wishes| wishes.results = Some(folder));
    }

    /// How long bodies of exchanges are kept, and how much of them: applied when a service is connected.
    pub fn set_retention(&self, retention: Retention) {
        self.executor.wishes.change(|wishes| wishes.retention = retention);
    }
}

/// What the workflow waits for: a create by its name, and its task once it has an id.
pub struct Followed {
    external_task_id: Option<String>,
    task_id: Option<String>,
}

impl Followed {
    pub fn by(flow: &Flow) -> Option<Self> {
        let Stage::Submitted(submitted) = &flow.stage else { return None };
        let external_task_id = submitted.submission.as_ref().map(|submission| submission.external_task_id.clone());
        let task_id = match &submitted.state {
            SendState::Accepted { task_id, .. } => Some(task_id.clone()),
            _ => None,
        };
        Some(Self { external_task_id, task_id })
    }
}
