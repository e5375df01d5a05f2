//! The engine's way to the journal: opened at its first use, and every call on a thread that may block.
//!
//! What is paid for is one durable commit before it is sent ([`JournalAccess::begin`]) and one when its answer came
//! ([`JournalAccess::answered`]); what was read is written in groups by the journal's own thread. A lease is kept up for as long as
//! this process has anything unfinished, and is given back when it ends.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::runtime::Handle;

use super::words;
use crate::files;
use crate::journal::{
    Begun, Claim, Described, Entry, ExchangeRecord, Followed, HEARTBEAT_MS, Intent, IntentId, IntentState, Journal,
    JournalError, Micros, NewIntent, Notice, Opened, Owner, Refusal, Service, Settled, Writer,
};
use crate::model::{CallOutcome, ClipSource, Cost, Problem, ProblemKind, SavedFile, Submission, Task, VoiceSource};
use crate::service::{Clock, Exchange};

/// The journal as the engine uses it. Clones share it.
#[derive(Clone)]
pub struct JournalAccess {
    shared: Arc<Shared>,
}

struct Shared {
    file: PathBuf,
    owner: Owner,
    clock: Clock,
    opened: OnceLock<Result<Open, Problem>>,
    known: Mutex<Known>,
}

/// The journal once it is open.
struct Open {
    /// For calls that are awaited.
    journal: Journal,
    /// For what was read, on a connection of its own; `None` where a newer version wrote the file.
    writer: Option<Writer>,
    notice: Option<Notice>,
}

/// What this process has to do with intents.
#[derive(Default)]
struct Known {
    /// By the name of the task.
    creates: HashMap<String, IntentId>,
    /// By the service's id of the task.
    tasks: HashMap<String, IntentId>,
    /// Whose result an address is, and which of its videos.
    videos: HashMap<String, (IntentId, u32)>,
    /// By what the last unclear create was found.
    found_by: Option<Settled>,
    /// The create that is on its way.
    current: Option<IntentId>,
    is_beating: bool,
}

impl std::fmt::Debug for JournalAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JournalAccess").field("file", &self.shared.file).finish_non_exhaustive()
    }
}

impl JournalAccess {
    /// Access to the journal in this file, which is not opened yet.
    #[must_use]
    pub fn new(file: PathBuf, clock: Clock) -> Self {
        let owner = Owner::new(format!("{}-{}", std::process::id(), files::hex(&random())));
        let shared = Shared { file, owner, clock, opened: OnceLock::new(), known: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// The same by this machine's clock.
    #[must_use]
    pub fn of_file(file: PathBuf) -> Self {
        Self::new(file, Clock::system())
    }

    /// The file of the journal.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.shared.file
    }

    /// Opens the journal where that has not happened, imports the file of accepted ids that earlier versions kept beside it, and
    /// answers what a person should know about it. Blocks: not for the thread that draws.
    ///
    /// # Errors
    /// The journal cannot be opened.
    pub fn open(&self) -> Result<Option<String>, Problem> {
        Ok(self.shared.open()?.notice.as_ref().map(Notice::text))
    }

    /// Whether the journal, which is open, can be written.
    ///
    /// # Errors
    /// A newer version of the program wrote it, or it cannot be opened.
    pub fn writable(&self) -> Result<(), Problem> {
        let open = self.shared.open()?;
        match &open.notice {
            Some(notice) if open.journal.is_read_only() => Err(Problem::new(ProblemKind::File, notice.text())),
            _ => Ok(()),
        }
    }

    /// The journal itself, for reading. Blocks: not for the thread that draws.
    ///
    /// # Errors
    /// The journal cannot be opened.
    pub fn journal(&self) -> Result<Journal, Problem> {
        Ok(self.shared.open()?.journal.clone())
    }

    /// Writes down that this is about to be sent, durably.
    ///
    /// A name that has an unclear create of this process is sent again, as a person has asked for.
    ///
    /// # Errors
    /// The journal cannot be written, or the name was used: nothing must be sent.
    pub(super) async fn begin(
        &self,
        service: Service,
        submission: &Submission,
        clip: Option<&ClipSource>,
    ) -> Result<IntentId, Problem> {
        let new = new_intent(service, submission, clip);
        self.blocking(move |shared| shared.begin(&new)).await
    }

    /// Writes down the answer to a create. An accepted task that could not be written down is written down again by
    /// [`JournalAccess::accepted`], which reports it.
    pub(super) async fn answered(&self, id: IntentId, outcome: &CallOutcome<Box<Task>>) {
        let outcome = match outcome {
            CallOutcome::Done(task) => CallOutcome::Done(task.task_id.clone()),
            CallOutcome::Refused(problem) => CallOutcome::Refused(problem.clone()),
            CallOutcome::NameTaken(problem) => CallOutcome::NameTaken(problem.clone()),
            CallOutcome::Unknown(problem) => CallOutcome::Unknown(problem.clone()),
        };
        let written = self.blocking(move |shared| shared.answered(id, &outcome)).await;
        if let Err(problem) = written {
            tracing::warn!(%problem, "the answer to a create could not be written to the journal");
        }
    }

    /// Writes down what a look-up of an unclear create found.
    pub(super) async fn looked_up(&self, external_task_id: String, found: bool, by: Settled) {
        let written = self.blocking(move |shared| shared.looked_up(&external_task_id, found, by)).await;
        if let Err(problem) = written {
            tracing::warn!(%problem, "a look-up could not be written to the journal");
        }
    }

    /// Writes down that a name belongs to another task.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(super) async fn name_taken(
        &self,
        external_task_id: String,
        other_task_id: Option<String>,
        problem: Problem,
    ) -> Result<(), Problem> {
        self.blocking(move |shared| {
            let known = shared.known().creates.get(&external_task_id).copied();
            let Some(id) = known else { return Ok(()) };
            let journal = &shared.open()?.journal;
            journal.name_taken(id, &shared.owner, other_task_id.as_deref(), Some(&problem), shared.now_ms())?;
            Ok(())
        })
        .await
    }

    /// Writes down the id of a task that was accepted, durably.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(super) async fn accepted(&self, task: Followed) -> Result<(), Problem> {
        self.blocking(move |shared| shared.accepted(&task)).await
    }

    /// Before the first query of a task that was not created by this process: takes it over, so that no other process follows it too.
    ///
    /// # Errors
    /// A living process follows it.
    pub(super) async fn claim(&self, service: Service, task_id: String) -> Result<(), Problem> {
        self.blocking(move |shared| shared.claim(&service, &task_id)).await
    }

    /// Writes down, soon, what a service said about a task. One that the journal does not know is followed from now on.
    pub(super) async fn seen(&self, service: Service, task: Box<Task>) {
        let written = self.blocking(move |shared| shared.seen(service, task)).await;
        if let Err(problem) = written {
            tracing::warn!(%problem, "an answer about a task could not be written to the journal");
        }
    }

    /// Waits until everything about a task that is at its end is on the disk.
    ///
    /// # Errors
    /// Something could not be written.
    pub(super) async fn ended(&self, task_id: String, day: String) -> Result<(), Problem> {
        self.blocking(move |shared| shared.ended(&task_id, &day)).await
    }

    /// Writes down where a result was saved.
    pub(super) async fn saved(&self, url: String, file: SavedFile) {
        let written = self.blocking(move |shared| shared.saved(&url, &file)).await;
        if let Err(problem) = written {
            tracing::warn!(%problem, "a saved result could not be written to the journal");
        }
    }

    /// Writes an exchange down, soon. Where the journal is not open yet it is opened by another call first: never waits for that.
    pub(super) fn exchanged(&self, service: &Service, exchange: &Exchange) {
        let Some(Ok(Open { writer: Some(writer), .. })) = self.shared.opened.get() else { return };
        let intent = self.shared.known().current;
        writer.write(Entry::Exchange(Box::new(record_of(service, intent, exchange))));
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Shared>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || work(&shared)).await.unwrap_or_else(|_| {
            Err(Problem::new(ProblemKind::Internal, words::journal_died()).with_hint(words::failed_hint()))
        })
    }
}

impl Shared {
    fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<&Open, Problem> {
        let opened = self.opened.get_or_init(|| open(&self.file).map_err(Problem::from));
        opened.as_ref().map_err(Clone::clone)
    }

    fn begin(self: &Arc<Self>, new: &NewIntent) -> Result<IntentId, Problem> {
        let journal = &self.open()?.journal;
        let now_ms = self.now_ms();
        let id = match journal.send_intent(new, &self.owner, now_ms)? {
            Begun::Intent(id) => id,
            Begun::Refused(Refusal::NameUsed(unclear)) if self.is_own_unclear(&unclear, new) => {
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
        known.creates.insert(new.external_task_id.clone(), id);
        known.current = Some(id);
        drop(known);
        self.keep_lease();
        Ok(id)
    }

    fn is_own_unclear(&self, intent: &Intent, new: &NewIntent) -> bool {
        intent.state == IntentState::Unknown
            && intent.owner.as_ref() == Some(&self.owner)
            && intent.session_id.as_deref() == Some(new.session_id.as_str())
            && intent.face_ids == new.face_ids
    }

    fn answered(&self, id: IntentId, outcome: &CallOutcome<String>) -> Result<(), Problem> {
        let (journal, now_ms) = (&self.open()?.journal, self.now_ms());
        self.known().current = None;
        match outcome {
            CallOutcome::Done(task_id) => {
                journal.accepted(id, task_id, now_ms)?;
                self.known().tasks.insert(task_id.clone(), id);
            }
            CallOutcome::Refused(problem) => {
                journal.refused(id, &self.owner, problem, now_ms)?;
            }
            // Whose the name is remains to be proven.
            CallOutcome::NameTaken(problem) | CallOutcome::Unknown(problem) => {
                journal.unknown(id, &self.owner, Some(problem), now_ms)?;
            }
        }
        Ok(())
    }

    fn looked_up(&self, external_task_id: &str, found: bool, by: Settled) -> Result<(), Problem> {
        let mut known = self.known();
        known.found_by = found.then_some(by);
        let id = known.creates.get(external_task_id).copied();
        drop(known);
        if let (false, Some(id)) = (found, id) {
            self.open()?.journal.looked(id, &self.owner, by, self.now_ms())?;
        }
        Ok(())
    }

    fn accepted(self: &Arc<Self>, task: &Followed) -> Result<(), Problem> {
        let (journal, now_ms) = (&self.open()?.journal, self.now_ms());
        let mut known = self.known();
        let created = task.external_task_id.as_ref().and_then(|name| known.creates.get(name)).copied();
        // What nothing found was entered by a person.
        let by = known.found_by.take().unwrap_or(Settled::Person);
        drop(known);
        let id = match created {
            Some(id) => {
                if journal.intent(id)?.state == IntentState::Unknown {
                    journal.found(id, &self.owner, by, &task.task_id, now_ms)?;
                } else {
                    journal.accepted(id, &task.task_id, now_ms)?;
                }
                id
            }
            None => journal.follow(task, &self.owner, now_ms)?,
        };
        self.known().tasks.insert(task.task_id.clone(), id);
        self.keep_lease();
        Ok(())
    }

    fn claim(self: &Arc<Self>, service: &Service, task_id: &str) -> Result<(), Problem> {
        if self.known().tasks.contains_key(task_id) {
            return Ok(());
        }
        let journal = &self.open()?.journal;
        let is_it = |intent: &Intent| {
            intent.service.is_same(service) && intent.task.as_ref().is_some_and(|task| task.task_id == task_id)
        };
        let Some(intent) = journal.find(task_id)?.into_iter().find(is_it) else { return Ok(()) };
        match journal.claim(intent.id, &self.owner, self.now_ms())? {
            Claim::HeldBy(_) => Err(Problem::from(JournalError::NotYours(intent.id))),
            Claim::Yours(_) | Claim::Finished(_) => {
                self.known().tasks.insert(task_id.to_owned(), intent.id);
                self.keep_lease();
                Ok(())
            }
        }
    }

    fn seen(self: &Arc<Self>, service: Service, task: Box<Task>) -> Result<(), Problem> {
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
            let id = open.journal.follow(&followed, &self.owner, now_ms)?;
            self.known().tasks.insert(task.task_id.clone(), id);
            self.keep_lease();
            id
        };
        let mut known = self.known();
        for (number, video) in task.videos.iter().enumerate() {
            known.videos.insert(video.url.clone(), (id, u32::try_from(number).unwrap_or(u32::MAX)));
        }
        drop(known);
        if let Some(writer) = &open.writer {
            writer.write(Entry::TaskSeen { intent: id, owner: self.owner.clone(), task, now_ms });
        }
        Ok(())
    }

    fn ended(&self, task_id: &str, day: &str) -> Result<(), Problem> {
        let open = self.open()?;
        if let Some(writer) = &open.writer {
            writer.flush().map_err(|err| Problem::from(err.last))?;
        }
        let id = self.known().tasks.get(task_id).copied();
        let Some(id) = id else { return Ok(()) };
        let cost = open.journal.intent(id)?.task.and_then(|task| task.cost);
        if let Some((unit, cost)) = cost.as_ref().and_then(booked) {
            open.journal.book(id, day, unit, cost)?;
        }
        Ok(())
    }

    fn saved(&self, url: &str, file: &SavedFile) -> Result<(), Problem> {
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
    fn keep_lease(self: &Arc<Self>) {
        if std::mem::replace(&mut self.known().is_beating, true) {
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
    fn beat(&self) -> bool {
        let owned = self.open().map_err(drop).and_then(|open| {
            let beaten = open.journal.heartbeat(&self.owner, self.now_ms());
            beaten.map_err(|err| tracing::warn!(%err, "the lease could not be extended"))
        });
        // One that failed is tried again.
        let goes_on = !owned.is_ok_and(|owned| owned.is_empty());
        self.known().is_beating = goes_on;
        goes_on
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let Some(Ok(open)) = self.opened.take() else { return };
        // First what waits, then the lease.
        drop(open.writer);
        if !open.journal.is_read_only()
            && let Err(err) = open.journal.release(&self.owner)
        {
            tracing::warn!(%err, "the lease could not be given back: it runs out by itself");
        }
    }
}

fn open(file: &Path) -> Result<Open, JournalError> {
    let Opened { journal, notice } = Journal::open(file)?;
    let earlier = file.with_file_name("tasks.jsonl");
    let imported = journal.import(&earlier);
    if let Err(err) = imported {
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

fn random() -> [u8; 8] {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        // The number of the process is in the name too: two owners of one name would need the same of both.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        bytes = (now.as_nanos() as u64).to_le_bytes();
    }
    bytes
}

fn new_intent(service: Service, submission: &Submission, clip: Option<&ClipSource>) -> NewIntent {
    NewIntent {
        service,
        external_task_id: submission.external_task_id.clone(),
        session_id: submission.session_id.clone(),
        face_ids: vec![submission.face_id.clone()],
        placement: submission.placement,
        clip: clip.map(described_clip).unwrap_or_default(),
        voice: described_voice(&submission.voice),
        options: json!({"callback_url": submission.callback_url, "watermark": submission.watermark}),
        spend: None,
    }
}

/// A clip by its name, with what is needed to choose it again.
pub(super) fn described_clip(clip: &ClipSource) -> Described {
    Described { name: clip.name(), document: serde_json::to_value(clip).unwrap_or_default() }
}

/// A voice, as [`described_clip`].
pub(super) fn described_voice(voice: &VoiceSource) -> Described {
    Described { name: voice.name(), document: serde_json::to_value(voice).unwrap_or_default() }
}

/// A cost as it is booked: units where the service says them, else dollars.
fn booked(cost: &Cost) -> Option<(&'static str, Micros)> {
    let amount = |text: &Option<String>| text.as_ref().and_then(|text| text.trim().parse::<f64>().ok());
    let units = amount(&cost.units).map(|units| ("units", Micros::of(units)));
    units.or_else(|| amount(&cost.usd).map(|usd| ("USD", Micros::of(usd))))
}

fn record_of(service: &Service, intent: Option<IntentId>, exchange: &Exchange) -> ExchangeRecord {
    // Previews and results are fetched from other addresses.
    let is_of_service = !matches!(exchange.operation, "preview" | "download");
    ExchangeRecord {
        started_ms: exchange.started_at_ms,
        service: is_of_service.then(|| service.clone()),
        intent,
        operation: exchange.operation.to_owned(),
        method: exchange.method.to_owned(),
        url: exchange.url.clone(),
        status: exchange.status,
        failure: exchange.failure.clone(),
        head_us: exchange.timing.head_us,
        total_us: exchange.timing.total_us,
        request_headers: exchange.request_headers.clone(),
        response_headers: exchange.response_headers.clone(),
        request_file: exchange.request_file.clone(),
        request_body: exchange.request_body.clone().into_bytes(),
        request_bytes: exchange.request_bytes,
        response_body: exchange.response_body.clone().into_bytes(),
        response_bytes: exchange.response_bytes,
    }
}
