//! Whose the tasks are that were found under the name of an unclear create, and what follows where a person has found them.

use std::future::Future;

use super::journal_access::Settlement;
use super::leftovers::Settling;
use super::{Engine, words};
use crate::journal::{Intent, IntentId, IntentState};
use crate::model::{ClipSource, Ownership, Problem, ProblemKind, SentCreate, Task};

impl Engine {
    /// Settles an unclear create that an earlier process left at the connected service with the tasks that were just found under its name: one
    /// of them that is proven to be its own is its task from now on. Asks and sends nothing.
    ///
    /// # Errors
    /// A living process works on it, or the journal cannot be written.
    pub fn settle_with(
        &self,
        id: IntentId,
        found: Vec<Task>,
    ) -> impl Future<Output = Result<Settling, Problem>> + Send + 'static {
        let journal = self.executor.journal_of_service();
        async move {
            let Some((journal, _)) = journal else { return Ok(Settling::Open) };
            let Some(intent) = journal.take_leftover(id).await? else {
                let name = journal.intent(id).await?.external_task_id.unwrap_or_default();
                return Err(Problem::new(ProblemKind::Usage, words::settled_elsewhere(name))
                    .with_hint(words::settled_elsewhere_hint()));
            };
            if let Some(task) = intent.task {
                return Ok(Settling::Created(task.task_id));
            }
            if !matches!(intent.state, IntentState::Sent | IntentState::Unknown) {
                return Ok(Settling::Nothing);
            }
            let name = intent.external_task_id.clone().unwrap_or_default();
            let Look::Ours(task) = judged(&intent, &name, found) else {
                journal.leave_leftover(id).await;
                return Ok(Settling::Open);
            };
            journal.settle_leftover(id, Settlement::Found(task.task_id.clone())).await?;
            Ok(Settling::Created(task.task_id))
        }
    }
}

/// What a look for a name showed of a create that was sent under it.
pub enum Look {
    /// Its own task.
    Ours(Task),
    /// A task of another.
    Another(Task),
    /// A task of that name, of which nothing shows whose it is.
    Unproven,
    /// No task.
    Nothing,
    /// Nobody knows: the look was not answered.
    NotAnswered(Problem),
}

/// What these tasks of a name are to a create that was sent under it.
pub fn judged(intent: &Intent, name: &str, found: Vec<Task>) -> Look {
    let sent_ms = intent.options.get("sent_service_ms").and_then(serde_json::Value::as_i64);
    let clip: Option<ClipSource> = serde_json::from_value(intent.clip.document.clone()).ok();
    let sent = SentCreate {
        external_task_id: name.to_owned(),
        sent_ms: sent_ms.unwrap_or(intent.begun_ms),
        by_service_clock: sent_ms.is_some(),
        was_refused: intent.sends == 1
            && intent.problem.as_ref().is_some_and(|problem| problem.kind == ProblemKind::NameTaken),
        clip,
        clip_ms: None,
    };
    let mut of_others = None;
    let mut is_open = false;
    for task in found {
        match sent.ownership_of(&task) {
            Ownership::Ours => return Look::Ours(task),
            Ownership::Open => is_open = true,
            Ownership::Another => of_others = Some(task),
        }
    }
    match of_others {
        _ if is_open => Look::Unproven,
        Some(task) => Look::Another(task),
        None => Look::Nothing,
    }
}
