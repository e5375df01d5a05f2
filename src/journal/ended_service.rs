//! What was at a service that has ended with the process that used it: the sandbox of a command's own. Nobody will ever say more of it.

use rusqlite::{Connection, params};

use super::begin::write_search;
use super::db::{Journal, Result};
use super::intent::{IntentId, IntentState, Phase, intent, log};
use super::service::Owner;
use super::{leases, limits, task, words};
use crate::model::{Problem, ProblemKind, TaskStatus};

impl Journal {
    /// Puts an unfinished intent to its end whose service has ended with its process: a task that was accepted has failed, and what was not
    /// accepted has created nothing. Returns whether it did: `false` where the service goes on, a living process works on it, it is `by`'s own,
    /// or it is at its end.
    ///
    /// # Errors
    /// [`super::JournalError::Absent`]; the journal cannot be written.
    pub fn end_with_process(&self, id: IntentId, by: &Owner, now_ms: i64) -> Result<bool> {
        self.write(|db| {
            let found = intent(db, id)?;
            if found.finished_ms.is_some() || !found.ends_with_process() {
                return Ok(false);
            }
            if let Some(owner) = &found.owner
                && (owner == by || leases::is_living(db, owner.name(), now_ms)?)
            {
                return Ok(false);
            }
            end(db, id, found.state, &words::service_has_ended(), now_ms)?;
            Ok(true)
        })
    }
}

fn end(db: &Connection, id: IntentId, state: IntentState, why: &str, now_ms: i64) -> Result<()> {
    limits::unreserve(db, id)?;
    let phase = if state == IntentState::Accepted {
        let word = TaskStatus::Failed.word();
        db.prepare_cached(
            "UPDATE tasks SET status = ?2, status_raw = ?2, status_msg = ?3, ended_ms = ?4 WHERE intent_id = ?1",
        )?
        .execute(params![id.0, word, why, now_ms])?;
        Phase::Failed
    } else {
        let (state, phase) = match state {
            IntentState::Intended => (IntentState::Withdrawn, Phase::Withdrawn),
            _ => (IntentState::Nothing, Phase::Nothing),
        };
        let problem = serde_json::to_string(&Problem::new(ProblemKind::NoAnswer, why))?;
        db.prepare_cached("UPDATE intents SET state = ?2, problem = ?3 WHERE id = ?1")?.execute(params![
            id.0,
            state.word(),
            problem
        ])?;
        phase
    };
    task::set_phase(db, id, phase, now_ms)?;
    log(db, id, now_ms, phase.word(), Some(why))?;
    write_search(db, id)
}
