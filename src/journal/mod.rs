//! The journal: what must not be lost, in one SQLite database that the window and the command line share, several at once.
//!
//! Intents and what became of them, tasks with every change, results, sessions, desks and exchanges. Only this floor writes SQL.
//! Every commit is on the disk when its call returns. Time and owners are values, so that a simulation can drive it in memory.
//! No key enters it: nothing here takes one, and texts of a service are given to it redacted.

mod begin;
mod bodies;
mod db;
mod ended_service;
mod error;
mod exchanges;
mod history;
mod import;
mod intent;
mod leases;
mod limits;
mod open;
mod paths;
mod queue;
mod results;
mod retention;
mod schema;
mod service;
mod sessions;
mod speech;
mod takes;
mod task;
mod transition;
mod verdicts;
mod videos;
#[doc(hidden)]
pub mod words;
mod writer;

#[cfg(test)]
mod tests;

pub use self::begin::{Begun, NewIntent};
pub use self::bodies::ROW_BODY_BYTES;
pub use self::db::{Journal, Result};
pub use self::error::JournalError;
pub use self::exchanges::{ExchangeId, ExchangeRecord};
pub use self::history::{Cursor, HistoryPage, HistoryQuery, HistoryRow};
pub use self::import::Imported;
pub use self::intent::{
    Change, Described, ENDS_WITH_PROCESS, Intent, IntentId, IntentState, Origin, Phase, RESULT_WANTED, Settled,
};
pub use self::leases::{Claim, HEARTBEAT_MS, LEASE_MS};
pub use self::limits::{BookingId, Micros, Refusal, Spend};
pub use self::open::{BUSY_MS, Notice, Opened, default_file, set_aside_files};
pub use self::results::{NewPart, Part, PartBegun, PartId, SavedResult};
pub use self::retention::{Pruned, Retention};
pub use self::service::{Owner, Service};
pub use self::sessions::{Desk, Preview, SessionRecord};
pub use self::speech::{SpeechId, SpeechOutcome, SpeechRecord};
pub use self::takes::Take;
pub use self::task::{Followed, Seen, TaskRecord};
pub use self::transition::{Recorded, Sending};
pub use self::verdicts::KeptVerdict;
pub use self::videos::KnownVideo;
pub use self::writer::{Entry, Writer, WriterFailed};
