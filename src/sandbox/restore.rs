//! Puts back what an earlier run of the sandbox kept: sessions, uploads, results, tasks, names, deductions.
//!
//! A record whose files are gone is removed: nothing referred to them when the run ended. One that cannot be read is set aside, and the
//! rest is used.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, ErrorKind};
use std::sync::Arc;

use super::assets::AssetRecord;
use super::ids::Ids;
use super::ledger::{Ledger, LedgerRecord};
use super::records::{Kind, Records};
use super::refusal::Refusal;
use super::sessions::{Session, SessionRecord};
use super::storage::Storage;
use super::task::{Task, TaskRecord};
use super::tasks::Tasks;
use super::words;
use super::work::{Resumed, WorkRecord};

/// How long a task may be unfinished before it is given up, in milliseconds: as long as the session that it is made from lives.
const UNFINISHED_MS: i64 = 24 * 60 * 60 * 1000;

/// A task that is not at its end, with its work, or why it cannot be done.
pub type Unfinished = (Arc<Task>, Result<Resumed, Refusal>);

/// What is kept.
pub struct Kept<'a> {
    /// The records.
    pub records: &'a Records,
    /// Where files, sessions and assets are put back.
    pub storage: &'a Storage,
    /// Where tasks are put back.
    pub tasks: &'a Tasks,
    /// The address of this run.
    pub base_url: &'a str,
    /// The time, by the sandbox's clock.
    pub now_ms: i64,
}

impl Kept<'_> {
    /// Puts everything back, and removes the files that nothing names. Returns the account's book, and the tasks to go on with. Blocks.
    pub fn restore(&self, ids: &Ids) -> (Ledger, Vec<Unfinished>) {
        let open = self.sessions();
        self.assets();
        let (tasks, unfinished) = self.tasks(&open);
        let book = self.records.read::<LedgerRecord>(Kind::Book, "ledger");
        let ledger = book.map_or_else(|| Ledger::new(ids.number(), self.now_ms), Ledger::of_record);
        ledger.book_missing(&tasks);
        let names = self.records.read::<BTreeMap<String, String>>(Kind::Book, "names").unwrap_or_default();
        self.tasks.restore(tasks, names, self.now_ms);
        self.storage.files.sweep();
        (ledger, unfinished)
    }

    fn sessions(&self) -> HashMap<String, Arc<Session>> {
        let mut open = HashMap::new();
        for (id, record) in self.records.read_all::<SessionRecord>(Kind::Session) {
            if record.session_id != id {
                self.records.set_aside(Kind::Session, &id, "it is about another session");
                continue;
            }
            if record.is_expired(self.now_ms) {
                self.records.remove(Kind::Session, &id);
                self.storage.sessions.restore_closed(id, record.created_ms);
                continue;
            }
            match Session::of_record(record, &self.storage.files) {
                Ok(session) => drop(open.insert(id, self.storage.sessions.restore(session))),
                Err(err) => self.not_restored(Kind::Session, &id, &err),
            }
        }
        open
    }

    fn assets(&self) {
        for (id, record) in self.records.read_all::<AssetRecord>(Kind::Asset) {
            if record.is_expired(self.now_ms) {
                self.records.remove(Kind::Asset, &id);
                continue;
            }
            match self.storage.files.adopt(&record.file) {
                Ok(file) => self.storage.assets.restore(id, record, file),
                Err(err) => self.not_restored(Kind::Asset, &id, &err),
            }
        }
    }

    fn tasks(&self, open: &HashMap<String, Arc<Session>>) -> (Vec<Arc<Task>>, Vec<Unfinished>) {
        let (mut tasks, mut unfinished) = (Vec::new(), Vec::new());
        for (id, record) in self.records.read_all::<TaskRecord<WorkRecord>>(Kind::Task) {
            if record.task_id != id {
                self.records.set_aside(Kind::Task, &id, "it is about another task");
                continue;
            }
            let (task, work) = Task::of_record(record);
            let task = Arc::new(task);
            if !task.state().status.is_terminal() {
                unfinished.push((Arc::clone(&task), self.work(&task, work, open)));
            }
            tasks.push(task);
        }
        (tasks, unfinished)
    }

    fn work(
        &self,
        task: &Task,
        work: Option<WorkRecord>,
        open: &HashMap<String, Arc<Session>>,
    ) -> Result<Resumed, Refusal> {
        if self.now_ms.saturating_sub(task.created_ms) >= UNFINISHED_MS {
            return Err(Refusal::internal(words::not_done_in_a_day()));
        }
        let resumed = work.ok_or_else(|| io::Error::from(ErrorKind::NotFound));
        let resumed = resumed.and_then(|work| work.resumed(&self.storage.files, open, self.base_url));
        resumed.map_err(|err| {
            tracing::warn!(%err, task = task.task_id, "an unfinished task of the sandbox cannot be begun anew");
            Refusal::internal(words::cannot_begin_anew(err))
        })
    }

    fn not_restored(&self, kind: Kind, id: &str, err: &io::Error) {
        if err.kind() == ErrorKind::NotFound {
            self.records.remove(kind, id);
        } else {
            self.records.set_aside(kind, id, &err.to_string());
        }
    }
}
