//! What became of a create whose answer was not seen.

use tokio::time::{Instant, sleep_until};

use super::args::JournalArgs;
use super::connect;
use super::earlier::Earlier;
use super::owner::wait_for_owner;
use super::runner::Runner;
use super::stop::Stop;
use super::words;
use crate::engine::journal::{Intent, IntentId, IntentState};
use crate::engine::shell::{CUSTOM, quoted};
use crate::engine::{Looked, Settling};
use crate::model::{Dialect, Profile, Task};

/// The command that says of a service of one's own that it knows names: then an unclear create is settled for certain. `None` where that is
/// said already, or is not ours to say.
pub fn certain_with(profile: &Profile) -> Option<String> {
    let is_built_in = Profile::built_in().iter().any(|built_in| built_in.name == profile.name);
    let is_open = profile.dialect == Dialect::Kling && !profile.knows_names && !is_built_in && profile.name != CUSTOM;
    is_open.then(|| format!("viseme profiles add {} --replace --knows-names", quoted(&profile.name)))
}

/// What a person does about a create that cannot be settled here.
pub fn how_to_settle(profile: &Profile, name: &str) -> String {
    match certain_with(profile) {
        Some(command) => words::not_settled_own_hint(quoted(name), command),
        None => words::not_settled_hint(quoted(name)),
    }
}

impl Runner<'_> {
    /// Looks for tasks by the name they were created under.
    ///
    /// # Errors
    /// The look-up failed; or an interruption.
    pub async fn find_tasks(&mut self, name: &str) -> Result<Option<Looked>, Stop> {
        tokio::select! {
            found = self.engine.find_tasks(name) => Ok(found?),
            () = self.interrupts.next() => Err(Stop::Interrupted),
        }
    }

    /// The task among these, found under `name`, that an unclear create of an earlier run is proven to have made: from now on it is that
    /// one's. `None`: no such create is unclear, or none of them is proven to be its own.
    ///
    /// # Errors
    /// Another process that lives settles it; the journal cannot be read or written; an interruption.
    pub async fn settle_with(
        &mut self,
        name: &str,
        found: &[Task],
        journal: &JournalArgs,
    ) -> Result<Option<String>, Stop> {
        let unclear = |intent: &Intent| matches!(intent.state, IntentState::Sent | IntentState::Unknown);
        let Some(intent) = self.engine.name_used(name).await?.filter(unclear) else { return Ok(None) };
        if found.is_empty() {
            return Ok(None);
        }
        let journal = connect::open_journal(journal, self.console)?;
        tokio::select! {
            waited = wait_for_owner(&journal, intent.id, self.console) => waited?,
            () = self.interrupts.next() => return Err(Stop::Interrupted),
        }
        match self.engine.settle_with(intent.id, found.to_vec()).await? {
            Settling::Created(task_id) => {
                self.earlier = Some(Earlier::of(&journal, intent.id)?);
                Ok(Some(task_id))
            }
            Settling::Nothing | Settling::Open => Ok(None),
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
