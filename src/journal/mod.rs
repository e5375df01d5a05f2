//! The journal: what must not be lost, in one SQLite database that the window and the command line share, several at once.
//!
//! Intents and what became of them, tasks with every change, results, sessions, desks and exchanges. Only this floor writes SQL.
//! Every commit is on the disk when its call returns. Time and owners are values, so that a simulation can drive it in memory.
//! No key enters it: nothing here takes one, and texts of a service are given to it redacted.

mod begin;
mod db;
mod error;
mod import;
mod intent;
mod leases;
mod limits;
mod open;
mod schema;
mod service;
mod task;
mod transition;
#[doc(hidden)]
pub mod words;

#[cfg(test)]
mod tests;

pub use self::begin::{Begun, NewIntent};
pub use self::db::{Journal, Result};
pub use self::error::JournalError;
pub use self::import::Imported;
pub use self::intent::{Change, Described, Intent, IntentId, IntentState, Origin, Phase, Settled};
pub use self::leases::{Claim, HEARTBEAT_MS, LEASE_MS};
pub use self::limits::{Micros, Refusal, Spend};
pub use self::open::{BUSY_MS, Notice, Opened, default_file};
pub use self::service::{Owner, Service};
pub use self::task::{Followed, Seen, TaskRecord};
pub use self::transition::Recorded;
