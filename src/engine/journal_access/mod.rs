//! The engine's way to the journal: opened at its first use, and every call on a thread that may block.
//!
//! What is paid for is one durable commit before it is sent ([`JournalAccess::begin`]) and one when its answer came
//! ([`JournalAccess::answered`]); what was read is written in groups by the journal's own thread. A lease is kept up for as long as
//! this process has anything unfinished, and is given back when it ends.
//!
//! What a service sent may repeat the key: it is redacted here, on its way in (`redacted.rs`). Signed addresses stay whole, since results
//! are fetched by them later.

mod leftovers;
mod parts;
mod queue;
mod redacted;
mod sessions;
mod shared;
mod speech;
#[cfg(test)]
mod tests;
mod values;
mod voices;
mod world;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock};

pub(in crate::engine) use self::leftovers::{Settlement, Taken};
pub(in crate::engine) use self::parts::PartTurn;
use self::redacted::intent_without_secrets;
use self::shared::{Open, Shared};
pub(in crate::engine) use self::values::{MadeFor, booked, described_clip, described_voice, spend, unit_estimate};
use self::values::{new_intent, record_of};
use super::words;
use crate::files;
use crate::journal::{Entry, Followed, Intent, IntentId, Journal, KeptVerdict, Notice, Owner, Service, Settled, Spend};
use crate::model::{CallOutcome, Problem, ProblemKind, SavedFile, Submission, Task};
use crate::secrets::{redact_value, redacted, without_secrets};
use crate::service::{Clock, Exchange};

/// The journal as the engine uses it. Clones share it.
#[derive(Clone)]
pub struct JournalAccess {
    shared: Arc<Shared>,
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
        Self::of(file, owner, clock, OnceLock::new())
    }

    fn of(file: PathBuf, owner: Owner, clock: Clock, opened: OnceLock<Open>) -> Self {
        let shared = Shared {
            file,
            owner,
            clock,
            opened,
            opening: Mutex::default(),
            known: Mutex::default(),
            is_gone: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The same by this machine's clock.
    #[must_use]
    pub fn of_file(file: PathBuf) -> Self {
        Self::new(file, Clock::system())
    }

    /// The same for a command, which tells the person itself what comes of its tasks.
    #[must_use]
    pub fn of_command(file: PathBuf) -> Self {
        let owner = Owner::of_command(&format!("{}-{}", std::process::id(), files::hex(&random())));
        Self::of(file, owner, Clock::system(), OnceLock::new())
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

    /// Gives everything back that this process follows, so that another can follow it at once: at an orderly end, also where
    /// clones of it still exist. Blocks for a commit.
    pub fn release(&self) {
        self.shared.release();
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

    /// The journal on a connection of its own, for reading much without anybody waiting for it. Blocks.
    ///
    /// # Errors
    /// The journal cannot be opened.
    pub fn reader(&self) -> Result<Journal, Problem> {
        self.shared.open()?;
        Ok(Journal::open(&self.shared.file)?.journal)
    }

    /// Now, in milliseconds since the epoch.
    pub(in crate::engine) fn now_ms(&self) -> i64 {
        self.shared.now_ms()
    }

    /// Waits until everything that was to be written soon is on the disk. Blocks.
    pub fn flush(&self) {
        if let Ok(Open { writer: Some(writer), .. }) = self.shared.open()
            && let Err(err) = writer.flush()
        {
            tracing::warn!(%err, "the journal could not be written");
        }
    }

    /// Whether this process works on an intent.
    #[must_use]
    pub fn is_own(&self, intent: &Intent) -> bool {
        intent.owner.as_ref() == Some(&self.shared.owner)
    }

    /// Writes a window down as it is, soon. Never waits; where the journal is not open yet, nothing is written.
    pub fn save_desk(&self, name: &str, mut document: serde_json::Value) {
        redact_value(&mut document);
        let Some(Open { writer: Some(writer), .. }) = self.shared.opened.get() else { return };
        writer.write(Entry::Desk { name: name.to_owned(), document, now_ms: self.shared.now_ms() });
    }

    /// Writes down what was measured of a result, soon. Never waits, as [`Self::save_desk`].
    pub fn keep_verdict(&self, id: IntentId, mut verdict: KeptVerdict) {
        redact_value(&mut verdict.document);
        let Some(Open { writer: Some(writer), .. }) = self.shared.opened.get() else { return };
        writer.write(Entry::Verdict { intent: id, verdict: Box::new(verdict), now_ms: self.shared.now_ms() });
    }

    /// Writes down that this is about to be sent, durably.
    ///
    /// `ahead_ms`: how far our clock is ahead of the service's, in milliseconds, where that is known. `again`: a name that has an unclear create of this process
    /// is sent again, as a person has asked for. `spend`: what it is expected to cost, and how much may be spent.
    ///
    /// # Errors
    /// The journal cannot be written, or the name was used: nothing must be sent.
    pub(in crate::engine) async fn begin(
        &self,
        service: Service,
        submission: &Submission,
        made: MadeFor<'_>,
        ahead_ms: Option<i64>,
        again: bool,
        spend: Option<Spend>,
    ) -> Result<IntentId, Problem> {
        let sent_service_ms = ahead_ms.map(|ahead_ms| self.shared.now_ms().saturating_sub(ahead_ms));
        let new = intent_without_secrets(new_intent(service, submission, made, sent_service_ms, spend));
        self.blocking(move |shared| shared.begin(&new, again)).await
    }

    /// Writes down the answer to a create. An accepted task that could not be written down is written down again by
    /// [`JournalAccess::accepted`], which reports it.
    pub(in crate::engine) async fn answered(&self, id: IntentId, outcome: &CallOutcome<Box<Task>>) {
        let outcome = match outcome {
            CallOutcome::Done(task) => CallOutcome::Done(task.task_id.clone()),
            CallOutcome::Refused(problem) => CallOutcome::Refused(without_secrets(problem.clone())),
            CallOutcome::NameTaken(problem) => CallOutcome::NameTaken(without_secrets(problem.clone())),
            CallOutcome::Unknown(problem) => CallOutcome::Unknown(without_secrets(problem.clone())),
        };
        let written = self.blocking(move |shared| shared.answered(id, &outcome)).await;
        if let Err(problem) = written {
            tracing::warn!(%problem, "the answer to a create could not be written to the journal");
        }
    }

    /// Writes down what a look-up of an unclear create found.
    pub(in crate::engine) async fn looked_up(&self, external_task_id: String, found: bool, by: Settled) {
        let written = self.blocking(move |shared| shared.looked_up(&external_task_id, found, by)).await;
        if let Err(problem) = written {
            tracing::warn!(%problem, "a look-up could not be written to the journal");
        }
    }

    /// Writes down that a name belongs to another task.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(in crate::engine) async fn name_taken(
        &self,
        external_task_id: String,
        other_task_id: Option<String>,
        problem: Problem,
    ) -> Result<(), Problem> {
        self.blocking(move |shared| {
            let known = shared.known().creates.get(&external_task_id).copied();
            let Some(id) = known else { return Ok(()) };
            let journal = &shared.open()?.journal;
            let (other, problem) = (other_task_id.as_deref().map(redacted), without_secrets(problem));
            journal.name_taken(id, &shared.owner, other.as_deref(), Some(&problem), shared.now_ms())?;
            Ok(())
        })
        .await
    }

    /// Writes down the id of a task that was accepted, durably.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(in crate::engine) async fn accepted(&self, task: Followed) -> Result<(), Problem> {
        self.blocking(move |shared| shared.accepted(&task)).await
    }

    /// Before the first query of a task that was not created by this process: takes it over, so that no other process follows it too.
    ///
    /// # Errors
    /// A living process follows it.
    pub(in crate::engine) async fn claim(&self, service: Service, task_id: String) -> Result<(), Problem> {
        self.blocking(move |shared| shared.claim(&service, &task_id)).await
    }

    /// Writes down, soon, what a service said about a task. One that the journal does not know is followed from now on.
    pub(in crate::engine) async fn seen(&self, service: Service, task: Box<Task>) {
        let written = self.blocking(move |shared| shared.seen(service, task)).await;
        if let Err(problem) = written {
            tracing::warn!(%problem, "an answer about a task could not be written to the journal");
        }
    }

    /// Waits until everything about a task that is at its end is on the disk.
    ///
    /// # Errors
    /// Something could not be written.
    pub(in crate::engine) async fn ended(&self, task_id: String, day: String) -> Result<(), Problem> {
        self.blocking(move |shared| shared.ended(&task_id, &day)).await
    }

    /// Writes down where a result was saved.
    pub(in crate::engine) async fn saved(&self, url: String, file: SavedFile) {
        let written = self.blocking(move |shared| shared.saved(&url, &file)).await;
        if let Err(problem) = written {
            tracing::warn!(%problem, "a saved result could not be written to the journal");
        }
    }

    /// Writes an exchange down, soon. Where the journal is not open yet it is opened by another call first: never waits for that.
    pub(in crate::engine) fn exchanged(&self, service: &Service, exchange: &Exchange) {
        let Some(Open { writer: Some(writer), .. }) = self.shared.opened.get() else { return };
        let intent = self.shared.known().current;
        writer.write(Entry::Exchange(Box::new(record_of(service, intent, exchange))));
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Shared>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let shared = Arc::clone(&self.shared);
        if let Some(world) = self.shared.clock.world() {
            world.at_the_disk().await;
            let done = work(&shared);
            world.at_the_disk().await;
            return done;
        }
        tokio::task::spawn_blocking(move || work(&shared)).await.unwrap_or_else(|_| {
            Err(Problem::new(ProblemKind::Internal, words::journal_died()).with_hint(words::failed_hint()))
        })
    }
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
