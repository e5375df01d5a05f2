//! What all clones of an access share, and the calls that block.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use super::redacted::followed_without_secrets;
use super::values::booked;
use crate::engine::words;
use crate::journal::{
    Begun, Claim, Described, Entry, Followed, HEARTBEAT_MS, Intent, IntentId, IntentState, Journal, JournalError,
    NewIntent, Notice, Opened, Owner, Refusal, Service, Settled, Writer,
};
use crate::model::{CallOutcome, Problem, ProblemKind, SavedFile, Task};
use crate::secrets::{redacted, without_secrets};
use crate::service::Clock;

pub struct Shared {
    pub file: PathBuf,
    /// The process is gone, in a simulation: nothing is given back, and what waits is lost.
    pub is_gone: AtomicBool,
    pub owner: Owner,
    pub clock: Clock,
    /// Once it could be opened: what fails is tried again at the next call, since a person may have mended it.
    pub opened: OnceLock<Open>,
    pub opening: Mutex<()>,
    pub known: Mutex<Known>,
}

/// The journal once it is open.
pub struct Open {
    /// For calls that are awaited.
    pub journal: Journal,
    /// For what was read, on a connection of its own; `None` where a newer version wrote the file.
    pub writer: Option<Writer>,
    pub notice: Option<Notice>,
}

/// What this process has to do with intents.
#[derive(Default)]
pub struct Known {
    /// By the name of the task.
    pub creates: HashMap<String, IntentId>,
    /// By the service's id of the task.
    pub tasks: HashMap<String, IntentId>,
    /// Whose result an address is, and which of its videos.
    pub videos: HashMap<String, (IntentId, u32)>,
    /// Results that are being downloaded, by intent and number.
    pub downloads: HashSet<(IntentId, u32)>,
    /// Whose preview an address is: service, session, face.
    pub faces: HashMap<String, (Service, String, String)>,
    /// What was taken over from earlier processes, and is settled and followed beside the workflow.
    pub leftovers: BTreeSet<IntentId>,
    /// Jobs of the queue whose create is on its way.
    pub sending: BTreeSet<IntentId>,
    /// By what the last unclear create was found.
    pub found_by: Option<Settled>,
    /// The create that is on its way.
    pub current: Option<IntentId>,
    pub is_beating: bool,
    /// How often a lease was asked for: one that is asked for while the last heartbeat is written keeps the lease as well.
    pub lease_orders: u64,
}

impl Shared {
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn open(&self) -> Result<&Open, Problem> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let _one_at_a_time = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let opened = open(&self.file)?;
        Ok(self.opened.get_or_init(|| opened))
    }

    pub fn begin(self: &Arc<Self>, new: &NewIntent, again: bool) -> Result<IntentId, Problem> {
        let journal = &self.open()?.journal;
        let now_ms = self.now_ms();
        let id = match journal.send_intent(new, &self.owner, now_ms)? {
            Begun::Intent(id) => id,
            Begun::Refused(Refusal::NameUsed(unclear)) if again && self.is_own_unclear(&unclear, new) => {
                // A person has asked for it: that is what settles that it may be sent once more.
                journal.looked(unclear.id, &self.owner, Settled::Person, now_ms)?;
                if let Err(refusal) = journal.send_again(unclear.id, &self.owner, now_ms)? {
                    return Err(refusal.problem());
                }
                unclear.id
            }
            Begun::Refused(refusal) => return Err(refusal.problem()),
        };
        let mut known = self.known();
        known.leftovers.remove(&id);
        known.creates.insert(new.external_task_id.clone(), id);
        known.current = Some(id);
        drop(known);
        self.keep_lease();
        Ok(id)
    }

    pub fn is_own_unclear(&self, intent: &Intent, new: &NewIntent) -> bool {
        intent.state == IntentState::Unknown
            && intent.owner.as_ref() == Some(&self.owner)
            && intent.session_id.as_deref() == Some(new.session_id.as_str())
            && intent.face_ids == new.face_ids
    }

    pub fn answered(&self, id: IntentId, outcome: &CallOutcome<String>) -> Result<(), Problem> {
        let (journal, now_ms) = (&self.open()?.journal, self.now_ms());
        self.known().current = None;
        match outcome {
            CallOutcome::Done(task_id) => {
                journal.accepted(id, &redacted(task_id), now_ms)?;
                self.known().tasks.insert(task_id.clone(), id);
            }
            CallOutcome::Refused(problem) => {
                journal.refused(id, &self.owner, problem, now_ms)?;
                self.known().sending.remove(&id);
            }
            // Whose the name is remains to be proven; that this refusal was in the clear says how.
            CallOutcome::NameTaken(problem) => {
                let problem = Problem { kind: ProblemKind::NameTaken, ..problem.clone() };
                journal.unknown(id, &self.owner, Some(&problem), now_ms)?;
            }
            CallOutcome::Unknown(problem) => journal.unknown(id, &self.owner, Some(problem), now_ms)?,
        }
        Ok(())
    }

    pub fn looked_up(&self, external_task_id: &str, found: bool, by: Settled) -> Result<(), Problem> {
        let mut known = self.known();
        known.found_by = found.then_some(by);
        let id = known.creates.get(external_task_id).copied();
        drop(known);
        if let (false, Some(id)) = (found, id) {
            self.open()?.journal.looked(id, &self.owner, by, self.now_ms())?;
        }
        Ok(())
    }

    pub fn accepted(self: &Arc<Self>, task: &Followed) -> Result<(), Problem> {
        let (journal, now_ms) = (&self.open()?.journal, self.now_ms());
        let mut known = self.known();
        let created = task.external_task_id.as_ref().and_then(|name| known.creates.get(name)).copied();
        // What nothing found was entered by a person.
        let by = known.found_by.take().unwrap_or(Settled::Person);
        drop(known);
        let id = match created {
            Some(id) => {
                if journal.intent(id)?.state == IntentState::Unknown {
                    journal.found(id, &self.owner, by, &redacted(&task.task_id), now_ms)?;
                } else {
                    journal.accepted(id, &redacted(&task.task_id), now_ms)?;
                }
                id
            }
            None => return self.follow(task).map(drop),
        };
        self.known().tasks.insert(task.task_id.clone(), id);
        self.keep_lease();
        Ok(())
    }

    /// Follows a task by its id. One that is another process's by now is tried again when more is known of it.
    fn follow(self: &Arc<Self>, task: &Followed) -> Result<IntentId, Problem> {
        let (journal, now_ms) = (&self.open()?.journal, self.now_ms());
        let id = journal.follow(&followed_without_secrets(task), &self.owner, now_ms)?;
        if !matches!(journal.claim(id, &self.owner, now_ms)?, Claim::HeldBy(_)) {
            self.known().tasks.insert(task.task_id.clone(), id);
            self.keep_lease();
        }
        Ok(id)
    }

    pub fn claim(self: &Arc<Self>, service: &Service, task_id: &str) -> Result<(), Problem> {
        let mut known = self.known();
        if let Some(id) = known.tasks.get(task_id).copied() {
            // The workflow follows it from now on.
            known.leftovers.remove(&id);
            return Ok(());
        }
        drop(known);
        let journal = &self.open()?.journal;
        let written = redacted(task_id);
        let is_it = |intent: &Intent| {
            intent.service.is_same(service) && intent.task.as_ref().is_some_and(|task| task.task_id == written)
        };
        let Some(intent) = journal.find(&written)?.into_iter().find(is_it) else { return Ok(()) };
        match journal.claim(intent.id, &self.owner, self.now_ms())? {
            Claim::HeldBy(_) => Err(Problem::new(ProblemKind::Usage, words::followed_elsewhere(task_id))
                .with_hint(words::followed_elsewhere_hint())),
            Claim::Yours(_) | Claim::Finished(_) => {
                self.known().tasks.insert(task_id.to_owned(), intent.id);
                self.keep_lease();
                Ok(())
            }
        }
    }

    pub fn seen(self: &Arc<Self>, service: Service, task: Box<Task>) -> Result<(), Problem> {
        let open = self.open()?;
        let now_ms = self.now_ms();
        let known = self.known().tasks.get(&task.task_id).copied();
        let id = if let Some(id) = known {
            id
        } else {
            let followed = Followed {
                service,
                task_id: task.task_id.clone(),
                external_task_id: task.external_task_id.clone(),
                clip: Described::default(),
                voice: Described::default(),
            };
            self.follow(&followed)?
        };
        let mut known = self.known();
        for (number, video) in task.videos.iter().enumerate() {
            known.videos.insert(video.url.clone(), (id, u32::try_from(number).unwrap_or(u32::MAX)));
        }
        drop(known);
        if let Some(writer) = &open.writer {
            let task = Box::new(without_secrets(*task));
            writer.write(Entry::TaskSeen { intent: id, owner: self.owner.clone(), task, now_ms });
        }
        Ok(())
    }

    pub fn ended(&self, task_id: &str, day: &str) -> Result<(), Problem> {
        let open = self.open()?;
        if let Some(writer) = &open.writer {
            writer.flush().map_err(|err| Problem::from(err.last))?;
        }
        let id = self.known().tasks.get(task_id).copied();
        let Some(id) = id else { return Ok(()) };
        let intent = open.journal.intent(id)?;
        let cost = intent.task.and_then(|task| task.cost);
        if let Some((unit, cost)) = cost.as_ref().and_then(|cost| booked(cost, intent.service.dialect)) {
            open.journal.book(id, day, unit, cost)?;
        }
        Ok(())
    }

    pub fn saved(&self, url: &str, file: &SavedFile) -> Result<(), Problem> {
        let found = self.known().videos.get(url).copied();
        if let Some((id, number)) = found {
            // Another process has another current directory.
            let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
            let file = SavedFile { path, ..file.clone() };
            self.open()?.journal.saved(id, number, &file, self.now_ms())?;
        }
        Ok(())
    }

    /// Extends this process's lease every 10 s, until nothing unfinished is left. To be called on a thread of tokio.
    pub fn keep_lease(self: &Arc<Self>) {
        let mut known = self.known();
        known.lease_orders += 1;
        if std::mem::replace(&mut known.is_beating, true) {
            return;
        }
        drop(known);
        if self.clock.world().is_some() {
            // The simulation beats.
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            self.known().is_beating = false;
            return;
        };
        let shared = Arc::downgrade(self);
        runtime.spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(HEARTBEAT_MS.unsigned_abs())).await;
                let Some(shared) = shared.upgrade() else { return };
                let goes_on = tokio::task::spawn_blocking(move || shared.beat()).await;
                if !goes_on.unwrap_or(false) {
                    return;
                }
            }
        });
    }

    /// Whether there is still anything to keep a lease for.
    pub fn beat(&self) -> bool {
        let orders = self.known().lease_orders;
        let owned = self.open().map_err(drop).and_then(|open| {
            let beaten = open.journal.heartbeat(&self.owner, self.now_ms());
            beaten.map_err(|err| tracing::warn!(%err, "the lease could not be extended"))
        });
        // One that failed is tried again. A download goes on after its task has ended, and its part is held by the lease too.
        let mut known = self.known();
        let owns_nothing = owned.is_ok_and(|owned| owned.is_empty()) && known.downloads.is_empty();
        let goes_on = !owns_nothing || known.lease_orders != orders;
        known.is_beating = goes_on;
        goes_on
    }
}

impl Shared {
    /// Gives everything back, after what waits to be written.
    pub fn release(&self) {
        let Some(open) = self.opened.get() else { return };
        if self.is_gone.load(Ordering::SeqCst) || open.journal.is_read_only() {
            return;
        }
        if let Some(Err(err)) = open.writer.as_ref().map(Writer::flush) {
            tracing::warn!(%err, "the journal could not be written");
        }
        if let Err(err) = open.journal.release(&self.owner) {
            tracing::warn!(%err, "the lease could not be given back: it runs out by itself");
        }
    }
}

fn open(file: &Path) -> Result<Open, JournalError> {
    let Opened { journal, notice } = Journal::open(file)?;
    let earlier = file.with_file_name("tasks.jsonl");
    // What a newer version wrote is only read; that it is newer is said once, by the notice.
    if !journal.is_read_only()
        && let Err(err) = journal.import(&earlier)
    {
        tracing::warn!(%err, file = %earlier.display(), "the file of accepted ids could not be imported");
    }
    let writer = if journal.is_read_only() {
        None
    } else {
        let of_writer = Journal::open(file)?.journal;
        let failed: crate::worker::Wake = Arc::new(|| tracing::warn!("the journal could not be written"));
        Some(Writer::spawn(of_writer, failed).map_err(|err| JournalError::Failed(err.to_string()))?)
    };
    Ok(Open { journal, writer, notice })
}
