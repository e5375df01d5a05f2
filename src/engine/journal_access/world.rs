//! The journal in a simulation: in memory, written and kept up when the simulation says so, and lost with its process.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use super::JournalAccess;
use super::shared::Open;
use crate::journal::{IntentId, Journal, Owner, Writer};
use crate::service::Clock;

impl JournalAccess {
    /// Access to a journal in memory, which writes what waits by [`JournalAccess::write_waiting`] and keeps the lease up by
    /// [`JournalAccess::beat`].
    #[must_use]
    pub fn in_world(journal: Journal, owner: Owner, clock: Clock) -> Self {
        let writer = Some(Writer::by_hand(journal.clone()));
        let open = Open { journal, writer, notice: None };
        Self::of(PathBuf::new(), owner, clock, OnceLock::from(open))
    }

    fn writer(&self) -> Option<&Writer> {
        self.shared.opened.get()?.writer.as_ref()
    }

    /// Writes what waits to be written.
    pub fn write_waiting(&self) {
        if let Some(writer) = self.writer() {
            writer.write_by_hand();
        }
    }

    /// What this process has taken over from earlier ones, and works on.
    #[must_use]
    pub fn leftovers(&self) -> BTreeSet<IntentId> {
        self.shared.known().leftovers.clone()
    }

    /// Whether this process has to do with an intent.
    #[must_use]
    pub fn works_on(&self, id: IntentId) -> bool {
        let known = self.shared.known();
        known.leftovers.contains(&id)
            || known.creates.values().any(|of| *of == id)
            || known.tasks.values().any(|of| *of == id)
    }

    /// Whether there is anything to keep a lease for: then [`JournalAccess::beat`] is due every 10 s.
    #[must_use]
    pub fn keeps_lease(&self) -> bool {
        self.shared.known().is_beating
    }

    /// Extends the lease. Returns whether there is still anything to keep it for.
    #[must_use]
    pub fn beat(&self) -> bool {
        self.shared.beat()
    }

    /// The process ends here: nothing is written or given back any more.
    pub fn vanish(&self) {
        self.shared.is_gone.store(true, Ordering::SeqCst);
        if let Some(writer) = self.writer() {
            writer.forget_waiting();
        }
    }
}
