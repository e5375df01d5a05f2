//! What may become of an intent. Each step is held to its states and its owner by the SQL that takes it.
//!
//! ```text
//! intended ──> sent ──> accepted | refused | name_taken | unknown
//!     ^          └─ not taken: intended again     unknown ──> accepted | name_taken | nothing | sent again
//!     └──> withdrawn
//! ```
//!
//! A create is sent again only from *intended*, where what was sent was certainly not taken, and from *unknown*, where a look-up after
//! the last sending found nothing ([`Journal::looked`]). Once an outcome was unknown, a refusal of a later sending proves nothing about
//! the earlier one: the intent is unknown again. *Accepted* never goes back.

use rusqlite::{Connection, params};

use super::begin::write_search;
use super::db::{Journal, Result};
use super::error::JournalError;
use super::intent::{IntentId, IntentState, Origin, Phase, Settled, log, state_of};
use super::limits::{self, Refusal, Spend};
use super::service::Owner;
use super::task;
use crate::model::{Problem, TaskStatus};

use IntentState::{Accepted, Intended, NameTaken, Nothing, Refused, Sent, Unknown, Withdrawn};

/// Where an accepted task id was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// With this intent.
    Here,
    /// It was known already, with this intent.
    Already,
    /// The intent has another task already: this one is followed as an intent of its own.
    Beside(IntentId),
    /// The task belongs to another intent that was created here; this one is now [`IntentState::NameTaken`].
    Another(IntentId),
}

/// Takes a step: one of the states `from` becomes `to`, where the owner has the intent.
fn step(db: &Connection, id: IntentId, owner: &Owner, from: &[IntentState], to: IntentState) -> Result<()> {
    let words = from.iter().map(|state| format!("'{}'", state.word())).collect::<Vec<_>>().join(", ");
    let sql = format!("UPDATE intents SET state = ?3 WHERE id = ?1 AND owner = ?2 AND state IN ({words})");
    if db.prepare_cached(&sql)?.execute(params![id.0, owner.name(), to.word()])? == 1 {
        return Ok(());
    }
    let (state, owned_by) = state_of(db, id)?;
    // One that is at its end is nobody's to change.
    if from.contains(&state) || (owned_by.as_deref() != Some(owner.name()) && !is_at_end(state)) {
        return Err(JournalError::NotYours(id));
    }
    Err(JournalError::Impossible { intent: id, state, wanted: to.word() })
}

const fn is_at_end(state: IntentState) -> bool {
    matches!(state, Accepted | Refused | NameTaken | Nothing | Withdrawn)
}

/// What goes along with a new state: what the history shows, the time, the words.
fn arrive(db: &Connection, id: IntentId, phase: Phase, problem: Option<&Problem>, now_ms: i64) -> Result<()> {
    task::set_phase(db, id, phase, now_ms)?;
    if let Some(problem) = problem {
        db.prepare_cached("UPDATE intents SET problem = ?2 WHERE id = ?1")?
            .execute(params![id.0, serde_json::to_string(problem)?])?;
    }
    log(db, id, now_ms, phase.word(), problem.map(ToString::to_string).as_deref())?;
    write_search(db, id)
}

fn is_unclear(db: &Connection, id: IntentId) -> Result<bool> {
    Ok(db.prepare_cached("SELECT unclear FROM intents WHERE id = ?1")?.query_row([id.0], |row| row.get(0))?)
}

fn set(db: &Connection, id: IntentId, what: &str, now_ms: i64) -> Result<()> {
    db.prepare_cached(&format!("UPDATE intents SET {what} WHERE id = ?1 AND ?2 = ?2"))?.execute([id.0, now_ms])?;
    Ok(())
}

/// Takes a slot for a sending, unless the intent has one.
fn take_slot(db: &Connection, id: IntentId, most: Option<u32>) -> Result<Option<Refusal>> {
    let (service, holds): (i64, bool) = db
        .prepare_cached("SELECT service_id, holds_slot FROM intents WHERE id = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if holds {
        return Ok(None);
    }
    let refusal = match most {
        Some(most) => limits::slot_refusal(db, service, most)?,
        None => None,
    };
    if refusal.is_none() {
        set(db, id, "holds_slot = 1", 0)?;
    }
    Ok(refusal)
}

/// What is known at the moment of a sending that was not when the intent was written down.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    /// The time by the service's clock, in milliseconds since the epoch: kept as `sent_service_ms` with what else is sent, since a task of
    /// that name is proven by it.
    pub service_ms: Option<i64>,
    /// The estimate, and how much may be spent on the day of the sending: what was reserved before moves to that day.
    pub spend: Option<Spend>,
    /// How many tasks the service runs at once: where as many slots are held, by whatever process, nothing is sent. `None`: no limit is
    /// known, or it is to be tried beyond it.
    pub most: Option<u32>,
}

/// Goes to *sent*, or does nothing where no slot is free or the budget of the day does not allow it.
fn send(
    db: &Connection,
    id: IntentId,
    owner: &Owner,
    from: IntentState,
    sending: &Sending,
    now_ms: i64,
) -> Result<std::result::Result<(), Refusal>> {
    step(db, id, owner, &[from], Sent)?;
    let over = match &sending.spend {
        Some(spend) => limits::moved_refusal(db, id, spend)?,
        None => None,
    };
    let refusal = if over.is_some() { over } else { take_slot(db, id, sending.most)? };
    if let Some(refusal) = refusal {
        step(db, id, owner, &[Sent], from)?;
        return Ok(Err(refusal));
    }
    if let Some(spend) = &sending.spend {
        limits::move_reservation(db, id, spend)?;
    }
    if let Some(service_ms) = sending.service_ms {
        db.prepare_cached(
            "UPDATE intents SET options = json_set(CASE WHEN json_type(options) = 'object' THEN options ELSE '{}' END, \
             '$.sent_service_ms', ?2) WHERE id = ?1",
        )?
        .execute([id.0, service_ms])?;
    }
    set(db, id, "sent_ms = ?2, sends = sends + 1, not_found_ms = NULL, not_found_by = NULL", now_ms)?;
    arrive(db, id, Phase::Sent, None, now_ms)?;
    Ok(Ok(()))
}

impl Journal {
    /// An intent that waited is about to be sent: durable when this returns. **Call this, then send.** Takes a slot where it has
    /// none; without a free one, or where the budget of the day does not allow it, nothing changes.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is not *intended*. [`JournalError::NotYours`]; the journal cannot be written: nothing must be
    /// sent.
    pub fn sent(
        &self,
        id: IntentId,
        owner: &Owner,
        sending: &Sending,
        now_ms: i64,
    ) -> Result<std::result::Result<(), Refusal>> {
        self.write(|db| send(db, id, owner, Intended, sending, now_ms))
    }

    /// An unclear create is about to be sent again under the same name: once after each look-up that found nothing
    /// ([`Journal::looked`]), where the service knows names and a person or a setting agrees.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is not *unknown*, or nothing looked for it since the last sending;
    /// [`JournalError::NotYours`]; the journal cannot be written: nothing must be sent.
    pub fn send_again(&self, id: IntentId, owner: &Owner, now_ms: i64) -> Result<std::result::Result<(), Refusal>> {
        self.write(|db| {
            let mut update = db.prepare_cached(
                "UPDATE intents SET not_found_ms = not_found_ms WHERE id = ?1 AND not_found_ms IS NOT NULL AND state = ?2",
            )?;
            if update.execute(params![id.0, Unknown.word()])? == 0 {
                let (state, _) = state_of(db, id)?;
                return Err(JournalError::Impossible { intent: id, state, wanted: Sent.word() });
            }
            send(db, id, owner, Unknown, &Sending::default(), now_ms)
        })
    }

    /// The service accepted the create, as **the answer to it** says. Written down for any owner of the intent, and however it was
    /// settled meanwhile: an accepted task is never lost.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it was never sent. [`JournalError::Absent`]; the journal cannot be written.
    pub fn accepted(&self, id: IntentId, task_id: &str, now_ms: i64) -> Result<Recorded> {
        self.write(|db| {
            let (state, _) = state_of(db, id)?;
            let sends: i64 =
                db.prepare_cached("SELECT sends FROM intents WHERE id = ?1")?.query_row([id.0], |row| row.get(0))?;
            if sends == 0 && state != Accepted {
                return Err(JournalError::Impossible { intent: id, state, wanted: Accepted.word() });
            }
            let by = (is_unclear(db, id)? && state == Sent).then_some(Settled::Resend);
            accept(db, id, task_id, by, now_ms)
        })
    }

    /// An unclear create was found: the task is proven to be ours.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is not *unknown*. [`JournalError::NotYours`], [`JournalError::Absent`]; the journal cannot be
    /// written.
    pub fn found(&self, id: IntentId, owner: &Owner, by: Settled, task_id: &str, now_ms: i64) -> Result<Recorded> {
        self.write(|db| {
            step(db, id, owner, &[Unknown], Unknown)?;
            accept(db, id, task_id, Some(by), now_ms)
        })
    }

    /// The answer proves that what was sent was not taken, and it may be sent again later, such as 1302 or 1303: back to *intended*,
    /// without a slot; the estimate stays reserved. After an unclear sending: *unknown*, since only the last sending is clear; the
    /// look-up before it still counts, so that it may be sent again. Returns the new state.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is not *sent*. [`JournalError::NotYours`], [`JournalError::Absent`]; the journal cannot be
    /// written.
    pub fn not_taken(&self, id: IntentId, owner: &Owner, problem: &Problem, now_ms: i64) -> Result<IntentState> {
        self.write(|db| {
            let unclear = is_unclear(db, id)?;
            let (state, phase) = if unclear { (Unknown, Phase::Unknown) } else { (Intended, Phase::Intended) };
            step(db, id, owner, &[Sent], state)?;
            set(db, id, "holds_slot = 0, answered_ms = ?2", now_ms)?;
            if unclear {
                set(db, id, "not_found_ms = ?2, not_found_by = 'resend'", now_ms)?;
            }
            arrive(db, id, phase, Some(problem), now_ms)?;
            Ok(state)
        })
    }

    /// The service refused the create, as the answer to it says, or was not reached: nothing was created or is paid. After an unclear sending:
    /// *unknown*, since that proves nothing about the earlier one. Returns the new state.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is not *sent*. [`JournalError::NotYours`], [`JournalError::Absent`]; the journal cannot be
    /// written.
    pub fn refused(&self, id: IntentId, owner: &Owner, problem: &Problem, now_ms: i64) -> Result<IntentState> {
        self.write(|db| {
            let unclear = is_unclear(db, id)?;
            let (state, phase) = match (unclear, problem.is_unreached()) {
                (true, _) => (Unknown, Phase::Unknown),
                (false, true) => (Refused, Phase::NotReached),
                (false, false) => (Refused, Phase::Refused),
            };
            step(db, id, owner, &[Sent], state)?;
            set(db, id, "holds_slot = 0, answered_ms = ?2", now_ms)?;
            if !unclear {
                limits::unreserve(db, id)?;
            }
            arrive(db, id, phase, Some(problem), now_ms)?;
            Ok(state)
        })
    }

    /// The name belongs to a task that is not proven to be ours: nothing was created or is paid by this intent.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is neither *sent* nor *unknown*. [`JournalError::NotYours`], [`JournalError::Absent`]; the
    /// journal cannot be written.
    pub fn name_taken(
        &self,
        id: IntentId,
        owner: &Owner,
        other_task_id: Option<&str>,
        problem: Option<&Problem>,
        now_ms: i64,
    ) -> Result<()> {
        self.write(|db| {
            step(db, id, owner, &[Sent, Unknown], NameTaken)?;
            set(db, id, "answered_ms = ?2", now_ms)?;
            db.prepare_cached("UPDATE intents SET other_task_id = ?2 WHERE id = ?1")?
                .execute(params![id.0, other_task_id])?;
            limits::unreserve(db, id)?;
            arrive(db, id, Phase::NameTaken, problem, now_ms)
        })
    }

    /// Nobody knows whether the create was taken. Its slot is given back, so that it holds up nothing: at worst the service refuses
    /// the next with 1303, at no cost. Its estimate stays reserved.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is not *sent*. [`JournalError::NotYours`], [`JournalError::Absent`]; the journal cannot be
    /// written.
    pub fn unknown(&self, id: IntentId, owner: &Owner, problem: Option<&Problem>, now_ms: i64) -> Result<()> {
        self.write(|db| {
            step(db, id, owner, &[Sent], Unknown)?;
            set(db, id, "unclear = 1, holds_slot = 0, answered_ms = ?2", now_ms)?;
            arrive(db, id, Phase::Unknown, problem, now_ms)
        })
    }

    /// A look-up of an unclear create found nothing. It stays *unknown*: this alone proves nothing.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is not *unknown*. [`JournalError::NotYours`], [`JournalError::Absent`]; the journal cannot be
    /// written.
    pub fn looked(&self, id: IntentId, owner: &Owner, by: Settled, now_ms: i64) -> Result<()> {
        self.write(|db| {
            step(db, id, owner, &[Unknown], Unknown)?;
            db.prepare_cached("UPDATE intents SET not_found_ms = ?2, not_found_by = ?3 WHERE id = ?1")?
                .execute(params![id.0, now_ms, by.word()])?;
            log(db, id, now_ms, "not_found", Some(by.word()))
        })
    }

    /// It is settled that an unclear create created nothing: by a person, or by proof.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is not *unknown*. [`JournalError::NotYours`], [`JournalError::Absent`]; the journal cannot be
    /// written.
    pub fn nothing(&self, id: IntentId, owner: &Owner, by: Settled, now_ms: i64) -> Result<()> {
        self.write(|db| {
            step(db, id, owner, &[Unknown], Nothing)?;
            db.prepare_cached("UPDATE intents SET settled_by = ?2 WHERE id = ?1")?.execute(params![id.0, by.word()])?;
            limits::unreserve(db, id)?;
            arrive(db, id, Phase::Nothing, None, now_ms)
        })
    }

    /// An intent that waits is given up: nothing will be sent. `why`: what a person reads of it, where they have not done it themselves.
    ///
    /// # Errors
    /// [`JournalError::Impossible`]: it is not *intended*. [`JournalError::NotYours`], [`JournalError::Absent`]; the journal cannot be
    /// written.
    pub fn withdraw(&self, id: IntentId, owner: &Owner, why: Option<&Problem>, now_ms: i64) -> Result<()> {
        self.write(|db| {
            step(db, id, owner, &[Intended], Withdrawn)?;
            limits::unreserve(db, id)?;
            arrive(db, id, Phase::Withdrawn, why, now_ms)
        })
    }
}

/// Gives an intent its task.
fn accept(db: &Connection, id: IntentId, task_id: &str, by: Option<Settled>, now_ms: i64) -> Result<Recorded> {
    let this = super::intent::intent(db, id)?;
    let service = this.service.row(db)?;
    let known = task::intent_of(db, service, task_id)?;
    if known.is_some_and(|(of, _)| of == id) {
        return Ok(Recorded::Already);
    }
    if this.state == Accepted {
        let beside = if let Some((other, _)) = known {
            other
        } else {
            let followed = task::Followed {
                service: this.service.clone(),
                task_id: task_id.to_owned(),
                external_task_id: this.external_task_id.clone(),
                clip: this.clip.clone(),
                voice: this.voice.clone(),
            };
            let owner = this.owner.as_ref();
            task::insert_followed(db, service, &followed, Origin::Followed, owner, now_ms)?
        };
        log(db, id, now_ms, "second_task", Some(task_id))?;
        return Ok(Recorded::Beside(beside));
    }
    match known {
        Some((other, Origin::Created)) => {
            set(db, id, "answered_ms = ?2, state = 'name_taken'", now_ms)?;
            db.prepare_cached("UPDATE intents SET other_task_id = ?2 WHERE id = ?1")?
                .execute(params![id.0, task_id])?;
            limits::unreserve(db, id)?;
            arrive(db, id, Phase::NameTaken, None, now_ms)?;
            return Ok(Recorded::Another(other));
        }
        // It was followed by its id before it was known to be ours.
        Some((other, _)) => adopt(db, id, other)?,
        None => task::insert_task(db, id, service, task_id, this.external_task_id.as_deref(), now_ms)?,
    }
    set(db, id, "state = 'accepted', answered_ms = ?2", now_ms)?;
    db.prepare_cached("UPDATE intents SET settled_by = coalesce(?2, settled_by) WHERE id = ?1")?
        .execute(params![id.0, by.map(Settled::word)])?;
    let status = task::task_of(db, id)?.map_or(TaskStatus::Submitted, |task| task.status);
    let phase = task::phase_of(status);
    if !phase.is_finished() {
        // Taken without a look at the limit: at the service it runs.
        set(db, id, "holds_slot = 1", now_ms)?;
    }
    log(db, id, now_ms, Accepted.word(), Some(task_id))?;
    arrive(db, id, phase, None, now_ms)?;
    Ok(Recorded::Here)
}

/// Moves a followed task, with all that belongs to it, to the intent that created it.
fn adopt(db: &Connection, id: IntentId, followed: IntentId) -> Result<()> {
    for table in ["tasks", "results", "parts", "exchanges", "changes"] {
        db.execute(&format!("UPDATE {table} SET intent_id = ?1 WHERE intent_id = ?2"), [id.0, followed.0])?;
    }
    db.prepare_cached("UPDATE OR IGNORE bookings SET intent_id = ?1 WHERE intent_id = ?2")?
        .execute([id.0, followed.0])?;
    db.prepare_cached("UPDATE bookings SET intent_id = NULL WHERE intent_id = ?1")?.execute([followed.0])?;
    db.prepare_cached("DELETE FROM intents WHERE id = ?1")?.execute([followed.0])?;
    Ok(())
}
