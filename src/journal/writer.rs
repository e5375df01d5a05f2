//! Writes that nobody waits for: in groups, by one thread, one transaction for each group.
//!
//! `worker::Worker` does not fit: there the latest order wins, and here every entry is written, in order.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::Value;

use super::db::{Journal, Result};
use super::error::JournalError;
use super::exchanges::{self, ExchangeRecord};
use super::intent::IntentId;
use super::service::Owner;
use super::verdicts::{self, KeptVerdict};
use super::{sessions, task, words};
use crate::model::Task;
use crate::worker::{Wake, guarded};

/// How long a group waits for further entries.
const GATHER: Duration = Duration::from_millis(20);
/// How many entries a group has at most.
const AT_ONCE: usize = 256;
/// How many bytes of bodies may wait. Beyond that an exchange is written without them.
const MOST_WAITING_BYTES: usize = 16 * 1024 * 1024;

/// Something to write down.
#[derive(Clone, Debug)]
pub enum Entry {
    /// As [`Journal::record`].
    Exchange(Box<ExchangeRecord>),
    /// As [`Journal::task_seen`].
    TaskSeen {
        /// Whose task.
        intent: IntentId,
        /// Who asked.
        owner: Owner,
        /// The answer.
        task: Box<Task>,
        /// When it came.
        now_ms: i64,
    },
    /// A task was queried, and the answer said nothing about it.
    Polled {
        /// Whose task.
        intent: IntentId,
        /// Who asked.
        owner: Owner,
        /// When.
        now_ms: i64,
    },
    /// What was measured of a result of a task.
    Verdict {
        /// Whose result.
        intent: IntentId,
        /// What was measured.
        verdict: Box<KeptVerdict>,
        /// When.
        now_ms: i64,
    },
    /// As [`Journal::save_desk`].
    Desk {
        /// Its name.
        name: String,
        /// The caller's own document.
        document: Value,
        /// When.
        now_ms: i64,
    },
}

impl Entry {
    fn bytes(&self) -> usize {
        match self {
            Self::Exchange(exchange) => exchange.request_body.len() + exchange.response_body.len(),
            _ => 0,
        }
    }

    fn write(&self, db: &Connection, journal: &Journal) -> Result<()> {
        match self {
            Self::Exchange(exchange) => exchanges::insert(db, journal.bodies().as_deref(), exchange).map(drop),
            // A task that another process has taken over meanwhile is that one's to write down.
            Self::TaskSeen { intent, owner, task, now_ms } => {
                unless_taken(task::seen_by(db, *intent, owner, task, *now_ms).map(drop))
            }
            Self::Polled { intent, owner, now_ms } => unless_taken(task::polled_by(db, *intent, owner, *now_ms)),
            Self::Verdict { intent, verdict, now_ms } => verdicts::keep(db, *intent, verdict, *now_ms),
            Self::Desk { name, document, now_ms } => sessions::save_desk(db, name, document, *now_ms),
        }
    }
}

fn unless_taken(written: Result<()>) -> Result<()> {
    if matches!(written, Err(JournalError::NotYours(_))) { Ok(()) } else { written }
}

/// Entries that could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", words::writer_failed(.count, .last))]
pub struct WriterFailed {
    /// How many.
    pub count: usize,
    /// Why the last of them could not.
    pub last: JournalError,
}

enum Order {
    Write(Box<Entry>),
    Flush(Sender<()>),
}

#[derive(Default)]
struct Shared {
    failed: Mutex<Option<WriterFailed>>,
    waiting_bytes: AtomicUsize,
}

impl Shared {
    fn failed(&self) -> MutexGuard<'_, Option<WriterFailed>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_failure(&self, err: JournalError) {
        let mut failed = self.failed();
        let count = failed.as_ref().map_or(0, |failed| failed.count) + 1;
        *failed = Some(WriterFailed { count, last: err });
    }
}

/// Writes entries in groups. Dropped, it writes what waits and ends its thread.
///
/// Give it a [`Journal`] opened for it alone: clones wait for each other.
pub struct Writer {
    shared: Arc<Shared>,
    /// `None` while it is being dropped, and where there is no thread.
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
    by_hand: Option<ByHand>,
}

/// What waits, where there is no thread.
struct ByHand {
    journal: Journal,
    waiting: Mutex<Vec<Entry>>,
}

impl Writer {
    /// Starts the thread. `failed` is called after each group of which something could not be written.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn(journal: Journal, failed: Wake) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (orders, receiver) = channel();
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || run(&journal, &of_thread, &receiver, &failed))?;
        Ok(Self { shared, orders: Some(orders), thread: Some(thread), by_hand: None })
    }

    /// One without a thread, for simulations: what waits is written by [`Writer::write_by_hand`] and by [`Writer::flush`].
    #[must_use]
    pub fn by_hand(journal: Journal) -> Self {
        let by_hand = Some(ByHand { journal, waiting: Mutex::default() });
        Self { shared: Arc::default(), orders: None, thread: None, by_hand }
    }

    fn take_waiting(&self) -> Option<(&Journal, Vec<Entry>)> {
        let ByHand { journal, waiting } = self.by_hand.as_ref()?;
        Some((journal, std::mem::take(&mut waiting.lock().unwrap_or_else(PoisonError::into_inner))))
    }

    /// Writes what waits as a group, where there is no thread for it.
    pub fn write_by_hand(&self) {
        if let Some((journal, group)) = self.take_waiting() {
            let bytes: usize = group.iter().map(Entry::bytes).sum();
            let _ = write_group(journal, &self.shared, &group);
            self.shared.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// Forgets what waits, as the end of a process does, where there is no thread.
    pub fn forget_waiting(&self) {
        let _ = self.take_waiting();
    }

    /// Writes an entry soon. Never waits.
    pub fn write(&self, mut entry: Entry) {
        let bytes = entry.bytes();
        if self.shared.waiting_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes > MOST_WAITING_BYTES {
            self.shared.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            if let Entry::Exchange(exchange) = &mut entry {
                exchange.request_body = Vec::new();
                exchange.response_body = Vec::new();
            }
        }
        self.send(Order::Write(Box::new(entry)));
    }

    /// Waits until everything written so far is on the disk, or could not be.
    ///
    /// # Errors
    /// What could not be written since this was last asked.
    pub fn flush(&self) -> std::result::Result<(), WriterFailed> {
        if self.by_hand.is_some() {
            self.write_by_hand();
            return self.take_failure().map_or(Ok(()), Err);
        }
        let (done, is_done) = channel();
        self.send(Order::Flush(done));
        let _ = is_done.recv();
        self.take_failure().map_or(Ok(()), Err)
    }

    /// What could not be written since this was last asked.
    #[must_use]
    pub fn take_failure(&self) -> Option<WriterFailed> {
        self.shared.failed().take()
    }

    fn send(&self, order: Order) {
        if let (Some(by_hand), Order::Write(entry)) = (&self.by_hand, &order) {
            by_hand.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(Entry::clone(entry));
            return;
        }
        let sent = self.orders.as_ref().map(|orders| orders.send(order));
        if !matches!(sent, Some(Ok(()))) {
            self.shared.add_failure(JournalError::Failed(words::writer_gone()));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.write_by_hand();
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            // What it wrote is written; what it could not is counted.
            let _ = thread.join();
        }
    }
}

fn run(journal: &Journal, shared: &Shared, orders: &Receiver<Order>, failed: &Wake) {
    let mut is_open = true;
    while is_open {
        let Ok(first) = orders.recv() else { return };
        let (mut group, mut waiting) = (Vec::new(), None);
        let until = Instant::now() + GATHER;
        let mut next = Some(first);
        while let Some(order) = next.take() {
            match order {
                Order::Write(entry) => group.push(*entry),
                Order::Flush(done) => {
                    waiting = Some(done);
                    break;
                }
            }
            if group.len() == AT_ONCE {
                break;
            }
            match orders.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(order) => next = Some(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => is_open = false,
            }
        }
        let bytes: usize = group.iter().map(Entry::bytes).sum();
        if !write_group(journal, shared, &group) {
            failed();
        }
        // One that had lost its bodies when it was given was not counted, and has no bytes.
        shared.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        if let Some(done) = waiting {
            // Nobody may wait any more.
            let _ = done.send(());
        }
    }
}

/// Writes a group in one transaction. Where that fails, each entry in one of its own, so that one bad entry is the only one lost.
fn write_group(journal: &Journal, shared: &Shared, group: &[Entry]) -> bool {
    if write_all(journal, group).is_ok() {
        return true;
    }
    let mut is_whole = true;
    for entry in group {
        if let Err(err) = write_all(journal, std::slice::from_ref(entry)) {
            tracing::warn!(%err, "an entry could not be written to the journal");
            shared.add_failure(err);
            is_whole = false;
        }
    }
    is_whole
}

fn write_all(journal: &Journal, entries: &[Entry]) -> Result<()> {
    let written = guarded(|| {
        if entries.is_empty() {
            return Ok(());
        }
        journal.write(|db| entries.iter().try_for_each(|entry| entry.write(db, journal)))
    });
    written.unwrap_or_else(|panic| Err(JournalError::Failed(words::writer_panicked(panic))))
}
