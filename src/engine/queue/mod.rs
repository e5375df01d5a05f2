//! The queue at one service: jobs that wait are sent one after the other as slots become free, and the results of what runs beside the
//! workflow are saved.
//!
//! A job that waits is an intent in the journal that was not sent yet (`journal/begin.rs`, *queue*): it is there again after any stop. What
//! is accepted is followed by `leftovers.rs`, like everything that runs beside the workflow. A create is sent again only where it was
//! certainly not taken, and under the same name.

mod board;
mod gate;
mod made_of;
mod save;
mod send;
mod tools;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

pub use self::board::{Halt, Queue, QueueJob, QueueState};
use self::gate::Gate;
pub use self::made_of::MadeOf;
use self::save::ToSave;
pub use self::save::work as save;
pub use self::send::work as send;
pub use self::tools::Tools;
use super::JournalAccess;
use super::words;
use crate::journal::{Intent, IntentId, Phase, Service};
use crate::model::{ClipSource, Dialect, Problem, ProblemKind, Submission, Task, VoiceSource};

/// The queue, shared by who shows it, who sends and who follows.
#[derive(Clone)]
pub struct QueueAccess(Arc<Inner>);

struct Inner {
    journal: JournalAccess,
    service: Service,
    dialect: Dialect,
    shown: Mutex<Arc<Queue>>,
    gate: Mutex<Gate>,
    /// What waits, as it was submitted in this process: the journal has it without secrets.
    submissions: Mutex<HashMap<IntentId, Submission>>,
    to_save: ToSave,
    /// Unclear creates that a person asks to be looked for once more.
    asked_again: Mutex<Vec<IntentId>>,
    /// Something may be sent now that could not before.
    sends: Notify,
    /// There is something new to follow.
    follows: Notify,
    wake: Arc<dyn Fn() + Send + Sync>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl QueueAccess {
    /// An empty queue at a service. `wake` is called, from any thread, whenever what is shown has changed.
    pub fn new(journal: JournalAccess, service: Service, dialect: Dialect, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self(Arc::new(Inner {
            journal,
            service,
            dialect,
            shown: Mutex::default(),
            gate: Mutex::default(),
            submissions: Mutex::default(),
            to_save: ToSave::default(),
            asked_again: Mutex::default(),
            sends: Notify::new(),
            follows: Notify::new(),
            wake,
        }))
    }

    /// As it is shown now.
    pub fn shown(&self) -> Arc<Queue> {
        Arc::clone(&lock(&self.0.shown))
    }

    fn change(&self, change: impl FnOnce(&mut Queue)) {
        let mut shown = lock(&self.0.shown);
        let before = Arc::clone(&shown);
        change(Arc::make_mut(&mut shown));
        let has_changed = *before != **shown;
        drop(shown);
        if has_changed {
            (self.0.wake)();
        }
    }

    /// Writes a job down that waits from now on, durably: it is sent when its turn comes, also by the next window. A voice that `goes` with this
    /// process is kept beside the journal.
    ///
    /// # Errors
    /// The journal cannot be written, the name was used, or the budget does not allow it: nothing waits.
    pub async fn add(
        &self,
        mut submission: Submission,
        clip: Option<ClipSource>,
        spend: crate::journal::Spend,
        goes: bool,
    ) -> Result<(), Problem> {
        if let (VoiceSource::File(voice), true) = (&mut submission.voice, goes) {
            *voice = self.0.journal.keep_voice(voice.clone(), submission.external_task_id.clone()).await?;
        }
        let intent = self.0.journal.enqueue(self.0.service.clone(), &submission, clip.as_ref(), spend).await?;
        lock(&self.0.submissions).insert(intent.id, submission);
        self.list(std::slice::from_ref(&intent)).await;
        self.0.sends.notify_one();
        Ok(())
    }

    /// Takes what an earlier window left waiting: it goes on when a person says so.
    pub async fn take_earlier(&self, intents: &[Intent]) {
        if !intents.is_empty() {
            self.list(intents).await;
            self.change(|queue| {
                queue.halt.get_or_insert(Halt::Earlier);
            });
        }
    }

    /// Lists what is not listed yet.
    pub async fn list(&self, intents: &[Intent]) {
        let shown = self.shown();
        let new: Vec<Intent> = intents.iter().filter(|intent| shown.job(intent.id).is_none()).cloned().collect();
        if new.is_empty() {
            return;
        }
        let faces = self.0.journal.face_numbers(new.clone()).await;
        self.change(|queue| new.iter().zip(faces).for_each(|(intent, face)| queue.list(intent, face)));
    }

    /// Nothing further is sent; what the service has goes on.
    pub fn pause(&self) {
        self.change(|queue| queue.halt = Some(Halt::Person));
    }

    /// Goes on sending.
    pub fn resume(&self) {
        self.change(|queue| queue.halt = None);
        *lock(&self.0.gate) = Gate::default();
        self.0.sends.notify_one();
    }

    /// Sends nothing further until a person says so. What a person has paused stays paused by them.
    pub fn halt(&self, problem: Problem) {
        self.change(|queue| match queue.halt {
            Some(Halt::Person | Halt::Earlier) => {}
            Some(Halt::Problem(_)) | None => queue.halt = Some(Halt::Problem(problem)),
        });
    }

    /// A key was given: what was halted since one was refused goes on.
    pub fn key_given(&self) {
        let is_of_key = |problem: &Problem| problem.http_status == Some(401);
        self.change(|queue| {
            queue.halt.take_if(|halt| matches!(halt, Halt::Problem(problem) if is_of_key(problem)));
            for job in &mut queue.jobs {
                if let QueueState::Waiting(why) = &mut job.state {
                    why.take_if(|problem| is_of_key(problem));
                }
            }
        });
        self.0.sends.notify_one();
    }

    /// The service says how many tasks it runs at once.
    pub fn allow(&self, most: u32) {
        lock(&self.0.gate).allow(most);
        self.change(|queue| queue.most = Some(most.max(1)));
        self.0.sends.notify_one();
    }

    /// Removes a job that waits: it is never sent. One that is being sent meanwhile stays.
    pub async fn remove(&self, id: IntentId) {
        match self.0.journal.withdraw(id, None).await {
            Ok(()) => {
                lock(&self.0.submissions).remove(&id);
                self.change(|queue| queue.jobs.retain(|job| job.id != id));
            }
            Err(problem) => tracing::debug!(%problem, "a job of the queue could not be removed"),
        }
    }

    /// A person asks to look once more for the task of an unclear create.
    pub fn look_again(&self, id: IntentId) {
        lock(&self.0.asked_again).push(id);
        self.change(|queue| queue.set(id, QueueState::Unclear));
        self.look();
    }

    /// What a person asks to be looked for once more.
    pub fn asked_again(&self) -> Vec<IntentId> {
        std::mem::take(&mut lock(&self.0.asked_again))
    }

    /// Whether a person asks for anything to be looked for once more.
    pub fn is_asked_again(&self) -> bool {
        !lock(&self.0.asked_again).is_empty()
    }

    /// A person has closed an unclear create.
    pub fn closed(&self, id: IntentId) {
        self.change(|queue| queue.set(id, QueueState::Ended(Phase::Nothing, None)));
        self.0.sends.notify_one();
    }

    /// Takes jobs from the list that are at their end; the history has them. What is unclear is not.
    pub fn clear(&self) {
        self.change(|queue| queue.jobs.retain(|job| !job.state.is_over() || job.state.is_unclear()));
    }

    /// What the service said about a task.
    pub fn seen(&self, id: IntentId, task: &Task) {
        if !task.status.is_terminal() {
            self.change(|queue| queue.seen(id, task));
        }
    }

    /// Nobody follows it here any more: it is listed only where it is at its end (`intent`), or left to a person.
    pub fn left(&self, id: IntentId, intent: Option<&Intent>) {
        let is_listed = self.shown().job(id).is_some_and(|job| !job.state.is_settled());
        if is_listed && intent.is_some_and(|intent| intent.phase == Phase::Succeeded) {
            // It was at its end when it became known to be ours.
            return self.succeeded(id);
        }
        self.change(|queue| {
            let Some(job) = queue.job_mut(id).filter(|job| !job.state.is_settled()) else { return };
            match intent {
                Some(intent) => {
                    let why = intent.problem.as_ref().map(ToString::to_string);
                    let why = intent.task.as_ref().and_then(|task| task.status_msg.clone()).or(why);
                    job.state = QueueState::Ended(intent.phase, why);
                }
                // The workflow follows it, or another process.
                None => queue.jobs.retain(|job| job.id != id),
            }
        });
        self.0.sends.notify_one();
    }

    /// A task succeeded: its result is to be saved, where results are.
    pub fn succeeded(&self, id: IntentId) {
        self.change(|queue| queue.set(id, QueueState::Saving));
        self.0.to_save.push(id);
        self.0.sends.notify_one();
    }

    /// Waits until there is something new to follow.
    pub async fn has_new(&self) {
        self.0.follows.notified().await;
    }

    /// There is something new to follow.
    pub fn look(&self) {
        self.0.follows.notify_one();
    }
}

/// What was submitted, as the journal has it; `None` where it does not know all of it.
#[must_use]
pub fn submission_of(intent: &Intent) -> Option<Submission> {
    let voice: Option<VoiceSource> = serde_json::from_value(intent.voice.document.clone()).ok().flatten();
    let option = |name: &str| intent.options.get(name);
    Some(Submission {
        session_id: intent.session_id.clone()?,
        face_id: intent.face_ids.first()?.clone(),
        voice: voice?,
        placement: intent.placement?,
        external_task_id: intent.external_task_id.clone()?,
        callback_url: option("callback_url").and_then(serde_json::Value::as_str).map(str::to_owned),
        watermark: option("watermark").and_then(serde_json::Value::as_bool),
        mouth_box: option("mouth_box").and_then(|known| serde_json::from_value(known.clone()).ok()).flatten(),
    })
}

/// Why nothing can wait: there is no queue.
pub fn no_queue() -> Problem {
    Problem::new(ProblemKind::Usage, words::no_queue()).with_hint(words::no_queue_hint())
}
