//! What earlier processes left unfinished: taken over, and written down as it is settled.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::JournalAccess;
use super::shared::Shared;
use crate::journal::{Claim, Intent, IntentId, IntentState, Owner, Retention, Service, Settled};
use crate::model::Problem;
use crate::secrets::redacted;

/// How an unclear create of an earlier process was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Its task was found, and is proven to be its own.
    Found(String),
    /// Its name belongs to this task, which is another's.
    NameTaken(String),
    /// No task of its name was found. This alone proves nothing.
    NotFound,
    /// It created nothing: its service knows names, and none of its name came up for long enough.
    Nothing,
}

/// What earlier processes left.
#[derive(Debug, Default)]
pub struct Taken {
    /// What is to be settled and followed: also what was taken over before.
    pub followed: Vec<Intent>,
    /// What an earlier process left waiting to be sent.
    pub waiting: Vec<Intent>,
    /// What waits to be sent and is this process's own.
    pub own_waiting: Vec<Intent>,
}

impl JournalAccess {
    /// Removes what is kept longer, or is more, than the journal keeps of exchanges.
    pub(in crate::engine) async fn prune(&self, retention: Retention) {
        let pruned = self
            .blocking(move |shared| {
                let journal = &shared.open()?.journal;
                if !journal.is_read_only() && shared.clock.world().is_none() {
                    journal.prune(retention, shared.now_ms())?;
                }
                Ok(())
            })
            .await;
        if let Err(problem) = pruned {
            tracing::warn!(%problem, "old exchanges could not be removed from the journal");
        }
    }

    /// Takes over what is unfinished at a service and belongs to no living process, except what is in `left_alone`. Also returns what this
    /// process had taken over before. Where there is anything unfinished of others, the lease of this process is extended.
    ///
    /// # Errors
    /// The journal cannot be read or written.
    pub(in crate::engine) async fn take_leftovers(
        &self,
        service: Service,
        left_alone: BTreeSet<IntentId>,
    ) -> Result<Taken, Problem> {
        self.blocking(move |shared| shared.take_leftovers(&service, &left_alone)).await
    }

    /// An intent that was taken over, as it is now; `None` where it is at its end, or somebody else works on it by now.
    ///
    /// # Errors
    /// The journal cannot be read or written.
    pub(in crate::engine) async fn leftover(&self, id: IntentId) -> Result<Option<Intent>, Problem> {
        self.blocking(move |shared| shared.leftover(id)).await
    }

    /// Takes over one intent of an earlier process; `None` where a living process works on it. One that is at its end is as it is.
    ///
    /// # Errors
    /// The journal cannot be read or written.
    pub(in crate::engine) async fn take_leftover(&self, id: IntentId) -> Result<Option<Intent>, Problem> {
        self.blocking(move |shared| {
            match shared.open()?.journal.claim(id, &shared.owner, shared.now_ms())? {
                Claim::HeldBy(_) => return Ok(None),
                Claim::Finished(intent) => return Ok(Some(*intent)),
                Claim::Yours(_) => {}
            }
            shared.known().leftovers.insert(id);
            shared.keep_lease();
            shared.settled(id)
        })
        .await
    }

    /// An intent that this process has taken over, as it is now; `None` where somebody else works on it by now.
    ///
    /// # Errors
    /// The journal cannot be read or written.
    pub(in crate::engine) async fn settled(&self, id: IntentId) -> Result<Option<Intent>, Problem> {
        self.blocking(move |shared| shared.settled(id)).await
    }

    /// Writes down how an unclear create of an earlier process was settled.
    ///
    /// # Errors
    /// The journal cannot be written, or another process took it over.
    pub(in crate::engine) async fn settle_leftover(&self, id: IntentId, how: Settlement) -> Result<(), Problem> {
        self.blocking(move |shared| shared.settle_leftover(id, &how)).await
    }

    /// Gives back what the workflow has left before its end, by its name or its task.
    pub(in crate::engine) async fn give_back(&self, external_task_id: Option<String>, task_id: Option<String>) {
        let given = self
            .blocking(move |shared| {
                let mut known = shared.known();
                let by_task = task_id.as_ref().and_then(|task_id| known.tasks.get(task_id).copied());
                let by_name = external_task_id.as_ref().and_then(|name| known.creates.get(name).copied());
                let Some(id) = by_task.or(by_name) else { return Ok(()) };
                // It is followed beside the workflow already, or the queue is sending it and will.
                if known.leftovers.contains(&id) || known.sending.contains(&id) {
                    return Ok(());
                }
                known.tasks.retain(|_, of| *of != id);
                known.creates.retain(|_, of| *of != id);
                drop(known);
                let journal = &shared.open()?.journal;
                if journal.intent(id)?.finished_ms.is_none() {
                    journal.release_one(id, &shared.owner)?;
                }
                Ok(())
            })
            .await;
        if let Err(problem) = given {
            tracing::debug!(%problem, "what was left could not be given back: the next run takes it over");
        }
    }

    /// Closes an unclear create, also one that is looked for beside the workflow just now.
    ///
    /// # Errors
    /// Somebody else works on it, it is not unclear, or the journal cannot be written.
    pub(in crate::engine) async fn close_leftover(&self, id: IntentId) -> Result<(), Problem> {
        self.blocking(move |shared| {
            let journal = &shared.open()?.journal;
            if shared.known().leftovers.remove(&id) {
                journal.release_one(id, &shared.owner)?;
            }
            // Nobody else has this name while this process lives.
            let by = Owner::new(format!("{}-close-{id}", std::process::id()));
            Ok(journal.close(id, &by, shared.now_ms())?)
        })
        .await
    }

    /// Gives an intent back that was taken over, so that another process may take it.
    pub(in crate::engine) async fn leave_leftover(&self, id: IntentId) {
        let given = self
            .blocking(move |shared| {
                let mut known = shared.known();
                known.leftovers.remove(&id);
                known.tasks.retain(|_, of| *of != id);
                known.creates.retain(|_, of| *of != id);
                drop(known);
                Ok(shared.open()?.journal.release_one(id, &shared.owner)?)
            })
            .await;
        if let Err(problem) = given {
            tracing::debug!(%problem, "an intent could not be given back: its lease runs out by itself");
        }
    }
}

impl Shared {
    fn take_leftovers(self: &Arc<Self>, service: &Service, left_alone: &BTreeSet<IntentId>) -> Result<Taken, Problem> {
        let journal = &self.open()?.journal;
        if journal.is_read_only() {
            return Ok(Taken::default());
        }
        let known_before = self.known().leftovers.clone();
        let unfinished = journal.unfinished()?;
        // What another process has taken over meanwhile is not followed here any more.
        let is_mine =
            |id: &IntentId| unfinished.iter().any(|of| of.id == *id && of.owner.as_ref() == Some(&self.owner));
        self.known().leftovers.retain(|id| !known_before.contains(id) || is_mine(id));
        let (mine, others): (Vec<Intent>, Vec<Intent>) =
            unfinished.into_iter().partition(|intent| intent.owner.as_ref() == Some(&self.owner));
        let (own_waiting, mine): (Vec<Intent>, Vec<Intent>) =
            mine.into_iter().partition(|intent| intent.state == IntentState::Intended);
        let (mine, elsewhere): (Vec<Intent>, Vec<Intent>) = {
            let known = self.known();
            mine.into_iter()
                .filter(|intent| known.leftovers.contains(&intent.id))
                .partition(|intent| intent.service.is_same(service))
        };
        // Of a service that is not connected any more.
        for intent in elsewhere {
            self.known().leftovers.remove(&intent.id);
            journal.release_one(intent.id, &self.owner)?;
        }
        let free = others.into_iter().filter(|of| of.service.is_same(service) && !left_alone.contains(&of.id));
        let (waiting, free): (Vec<Intent>, Vec<Intent>) = free.partition(|of| of.state == IntentState::Intended);
        let waiting = self.take_waiting(&waiting)?;
        let (own_waiting, of_others): (Vec<Intent>, Vec<Intent>) =
            own_waiting.into_iter().partition(|intent| intent.service.is_same(service));
        for intent in of_others {
            journal.release_one(intent.id, &self.owner)?;
        }
        let mut taken = mine;
        let mut beats = true;
        for intent in free {
            if std::mem::take(&mut beats) {
                journal.heartbeat(&self.owner, self.now_ms())?;
            }
            if journal.is_held(intent.id, self.now_ms())?
                || journal.end_with_process(intent.id, &self.owner, self.now_ms())?
            {
                continue;
            }
            if let Claim::Yours(intent) = journal.claim(intent.id, &self.owner, self.now_ms())? {
                let mut known = self.known();
                known.leftovers.insert(intent.id);
                if let Some(task) = &intent.task {
                    known.tasks.insert(task.task_id.clone(), intent.id);
                }
                drop(known);
                taken.push(*intent);
            }
        }
        if !taken.is_empty() {
            self.keep_lease();
        }
        Ok(Taken { followed: taken, waiting, own_waiting })
    }

    fn leftover(&self, id: IntentId) -> Result<Option<Intent>, Problem> {
        if !self.known().leftovers.contains(&id) {
            return Ok(None);
        }
        let (journal, now_ms) = (&self.open()?.journal, self.now_ms());
        let intent = journal.intent(id)?;
        if intent.finished_ms.is_some() || intent.owner.as_ref() != Some(&self.owner) {
            self.known().leftovers.remove(&id);
            return Ok(None);
        }
        match intent.state {
            // The queue has it.
            IntentState::Intended => {
                self.known().leftovers.remove(&id);
                Ok(None)
            }
            // Nobody waits for its answer any more.
            IntentState::Sent => {
                journal.unknown(id, &self.owner, None, now_ms)?;
                Ok(Some(journal.intent(id)?))
            }
            _ => Ok(Some(intent)),
        }
    }

    fn settled(&self, id: IntentId) -> Result<Option<Intent>, Problem> {
        let intent = match self.leftover(id)? {
            Some(intent) => intent,
            None => self.open()?.journal.intent(id)?,
        };
        let is_ours = intent.finished_ms.is_some() || intent.owner.as_ref() == Some(&self.owner);
        if let Some(task) = intent.task.as_ref().filter(|_| is_ours) {
            self.known().tasks.insert(task.task_id.clone(), id);
        }
        Ok(Some(intent).filter(|_| is_ours))
    }

    fn settle_leftover(&self, id: IntentId, how: &Settlement) -> Result<(), Problem> {
        let (journal, owner, now_ms) = (&self.open()?.journal, &self.owner, self.now_ms());
        let by = Settled::NameQuery;
        match how {
            Settlement::Found(task_id) => {
                journal.found(id, owner, by, &redacted(task_id), now_ms)?;
                self.known().tasks.insert(task_id.clone(), id);
            }
            Settlement::NameTaken(task_id) => {
                journal.name_taken(id, owner, Some(&redacted(task_id)), None, now_ms)?;
            }
            Settlement::NotFound => journal.looked(id, owner, by, now_ms)?,
            Settlement::Nothing => journal.nothing(id, owner, by, now_ms)?,
        }
        Ok(())
    }
}
