//! What waits, runs and has ended beside the workflow, as it is shown.

use std::path::PathBuf;

use super::gate::remaining_ms;
use super::made_of::MadeOf;
use crate::journal::{Intent, IntentId, IntentState, Phase};
use crate::model::cost::lip_sync_units;
use crate::model::{Problem, Task, TaskStatus};

/// How a job of the queue stands.
#[derive(Clone, Debug, PartialEq)]
pub enum QueueState {
    /// It waits for its turn. Holds why the service did not take it, where it was sent before.
    Waiting(Option<Problem>),
    /// The create is on its way.
    Sending,
    /// Whether it was created is not known, and is being settled.
    Unclear,
    /// The service has accepted it.
    Accepted,
    /// The service has it in its own queue: its word for that.
    Queued(String),
    /// The service is at work: its word for that, and 0 to 1 where it says how far it is.
    Processing(String, Option<f32>),
    /// It succeeded, and its result is being fetched.
    Saving,
    /// Its result is in this file.
    Saved(PathBuf),
    /// It succeeded, and its result could not be saved.
    NotSaved(Problem),
    /// It succeeded, and nobody saves its result here.
    Succeeded,
    /// It is at its end without a result, or is left to a person; with the reason where there is one.
    Ended(Phase, Option<String>),
}

impl QueueState {
    /// Whether it waits to be sent.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting(_))
    }

    /// Whether the service has it, as far as is known.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Accepted | Self::Queued(_) | Self::Processing(..))
    }

    /// Whether the service has done with it.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Saving) || self.is_over()
    }

    /// Whether nobody knows whether the service took it, and nobody looks for it.
    #[must_use]
    pub const fn is_unclear(&self) -> bool {
        matches!(self, Self::Ended(Phase::Unknown, _))
    }

    /// Whether nothing further happens to it by itself.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Saved(_) | Self::NotSaved(_) | Self::Succeeded | Self::Ended(..))
    }
}

/// A job of the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueJob {
    /// Its intent in the journal.
    pub id: IntentId,
    /// The clip's name.
    pub clip: String,
    /// The number of the face that speaks, from 1, where its session is known.
    pub face: Option<usize>,
    /// The voice's name.
    pub voice: String,
    /// What it is made of.
    pub made_of: MadeOf,
    /// Our name for the task.
    pub external_task_id: Option<String>,
    /// The service's id, once it is accepted.
    pub task_id: Option<String>,
    /// The estimate, in units.
    pub units: f64,
    /// Since when the service has had it; milliseconds since the epoch.
    pub accepted_ms: Option<i64>,
    /// How it stands.
    pub state: QueueState,
}

impl QueueJob {
    pub(super) fn of(intent: &Intent, face: Option<usize>) -> Self {
        let task = intent.task.as_ref();
        Self {
            id: intent.id,
            clip: intent.clip.name.clone(),
            face,
            voice: intent.voice.name.clone(),
            made_of: MadeOf::of_intent(intent, face),
            external_task_id: intent.external_task_id.clone(),
            task_id: task.map(|task| task.task_id.clone()),
            units: intent.placement.map_or(0.0, |placement| lip_sync_units(placement.crop_ms())),
            accepted_ms: task.map(|task| task.accepted_ms),
            state: match (intent.state, task) {
                (IntentState::Intended, _) => QueueState::Waiting(intent.problem.clone()),
                (IntentState::Unknown | IntentState::Sent, _) => QueueState::Unclear,
                (IntentState::Accepted, Some(task)) => running(task.status, &task.status_raw, task.progress),
                (IntentState::Accepted, None) => QueueState::Accepted,
                _ => QueueState::Ended(intent.phase, intent.problem.as_ref().map(ToString::to_string)),
            },
        }
    }
}

fn running(status: TaskStatus, raw: &str, progress: Option<f32>) -> QueueState {
    match status {
        _ if raw.is_empty() => QueueState::Accepted,
        TaskStatus::Submitted => QueueState::Queued(raw.to_owned()),
        _ => QueueState::Processing(raw.to_owned(), progress),
    }
}

/// Why nothing further is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Halt {
    /// A person has paused it.
    Person,
    /// What waits was left by an earlier window: a person says when it goes on.
    Earlier,
    /// Something that every further job would meet: the key, the account, the budget, the journal.
    Problem(Problem),
}

/// The queue at one service, as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// Its jobs, the first one first.
    pub jobs: Vec<QueueJob>,
    /// Why nothing further is sent; `None`: it goes on.
    pub halt: Option<Halt>,
    /// How many tasks the service runs at once, once that is known.
    pub most: Option<u32>,
    /// How many tasks run or have just been sent, by all viseme processes on this machine.
    pub used: u32,
    /// How long a task of this service usually takes, in milliseconds.
    pub usual_ms: Option<i64>,
}

impl Queue {
    /// The jobs that wait to be sent.
    pub fn waiting(&self) -> impl Iterator<Item = &QueueJob> {
        self.jobs.iter().filter(|job| job.state.is_waiting())
    }

    /// How many jobs are not at their end.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.jobs.iter().filter(|job| !job.state.is_over()).count()
    }

    /// What the jobs that wait are estimated to cost together, in units.
    #[must_use]
    pub fn waiting_units(&self) -> f64 {
        self.waiting().map(|job| job.units).sum()
    }

    /// How long it takes until the last job is at its end, in milliseconds at `now_ms` (milliseconds since the epoch); `None` where
    /// nothing is left to do or nothing is known of how long tasks take.
    #[must_use]
    pub fn remaining_ms(&self, now_ms: i64) -> Option<i64> {
        let usual_ms = self.usual_ms?;
        let running: Vec<i64> = self
            .jobs
            .iter()
            .filter(|job| job.state.is_running())
            .map(|job| job.accepted_ms.map_or(0, |at_ms| now_ms.saturating_sub(at_ms).max(0)))
            .collect();
        let waiting = self.waiting().count();
        (waiting + running.len() > 0).then(|| remaining_ms(waiting, &running, self.most, usual_ms))
    }

    /// The job of this number.
    #[must_use]
    pub fn job(&self, id: IntentId) -> Option<&QueueJob> {
        self.jobs.iter().find(|job| job.id == id)
    }

    pub(super) fn job_mut(&mut self, id: IntentId) -> Option<&mut QueueJob> {
        self.jobs.iter_mut().find(|job| job.id == id)
    }

    /// Adds an intent to the list in its present state, with the number of its face. An intent that is in the list already is left as it is.
    pub(super) fn list(&mut self, intent: &Intent, face: Option<usize>) {
        if self.job_mut(intent.id).is_none() {
            let at = self.jobs.partition_point(|job| job.id < intent.id);
            self.jobs.insert(at, QueueJob::of(intent, face));
        }
    }

    pub(super) fn set(&mut self, id: IntentId, state: QueueState) {
        if let Some(job) = self.job_mut(id) {
            job.state = state;
        }
    }

    /// What the service said about a task that is not at its end.
    pub(super) fn seen(&mut self, id: IntentId, task: &Task) {
        if let Some(job) = self.job_mut(id) {
            job.state = running(task.status, &task.status_raw, task.progress);
            job.task_id.get_or_insert_with(|| task.task_id.clone());
        }
    }
}
