//! What became of a create whose answer was not seen.

use tokio::time::{Instant, sleep_until};

use super::runner::Runner;
use super::stop::Stop;
use crate::engine::Settling;
use crate::engine::journal::IntentId;
use crate::model::Lookup;

impl Runner<'_> {
    /// Looks for a task by the name it was created under.
    ///
    /// # Errors
    /// The look-up failed; or an interruption.
    pub async fn find_task(&mut self, name: &str) -> Result<Lookup, Stop> {
        tokio::select! {
            found = self.engine.find_task(name) => Ok(found?),
            () = self.interrupts.next() => Err(Stop::Interrupted),
        }
    }

    /// Settles an unclear create of an earlier run.
    ///
    /// # Errors
    /// The journal cannot be written; an interruption, or the end of the time.
    pub async fn settle(&mut self, id: IntentId) -> Result<Settling, Stop> {
        let settled = self.engine.settle(id);
        let deadline = self.deadline.unwrap_or_else(Instant::now);
        tokio::select! {
            settled = settled => Ok(settled?),
            () = self.interrupts.next() => Err(Stop::Interrupted),
            () = sleep_until(deadline), if self.deadline.is_some() => Err(Stop::TimedOut),
        }
    }
}
