//! The beginning of an intent: durable before anything is sent, with its slot and its estimate reserved in the same transaction.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;

use super::db::{Journal, Result};
use super::intent::{Described, Intent, IntentId, IntentState, Origin, Phase, intent, log};
use super::leases;
use super::limits::{self, Refusal, Spend};
use super::paths;
use super::service::{Owner, Service};
use crate::model::Placement;

/// What is wished for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIntent {
    /// Where.
    pub service: Service,
    /// Our own name for the task, never used before at this service.
    pub external_task_id: String,
    /// From identify.
    pub session_id: String,
    /// The chosen faces.
    pub face_ids: Vec<String>,
    /// Where the voice is put.
    pub placement: Placement,
    /// The clip.
    pub clip: Described,
    /// The voice.
    pub voice: Described,
    /// What else is sent, as the caller wants to read it again; `null` where there is nothing.
    pub options: Value,
    /// The estimate, and how much may be spent; `None`: nothing is reserved.
    pub spend: Option<Spend>,
}

/// The outcome of a beginning.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// It is on the disk.
    Intent(IntentId),
    /// It was refused, and nothing was inserted.
    Refused(Refusal),
}

impl Journal {
    /// Writes an intent down as [`IntentState::Sent`], in one durable commit: **call this, then send**. It is the one commit that a
    /// paid call waits for. What is found as *sent* after a crash may therefore never have left: it is unknown, and is settled as
    /// such.
    ///
    /// # Errors
    /// The journal cannot be written: nothing must be sent.
    pub fn send_intent(&self, new: &NewIntent, owner: &Owner, now_ms: i64) -> Result<Begun> {
        self.write(|db| begin(db, new, Some(owner), now_ms, Begin::Send))
    }

    /// Writes an intent down as [`IntentState::Intended`] with its estimate and without a slot: it waits in the queue, and takes a
    /// slot by [`Journal::sent`].
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn queue_intent(&self, new: &NewIntent, owner: &Owner, now_ms: i64) -> Result<Begun> {
        self.write(|db| begin(db, new, Some(owner), now_ms, Begin::Queue))
    }
}

/// What is done at once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    Send,
    Queue,
}

fn begin(db: &Connection, new: &NewIntent, owner: Option<&Owner>, now_ms: i64, begin: Begin) -> Result<Begun> {
    let service = new.service.row(db)?;
    if let Some(id) = with_name(db, service, &new.external_task_id)? {
        return Ok(Begun::Refused(Refusal::NameUsed(Box::new(intent(db, id)?))));
    }
    if let Some(spend) = &new.spend
        && let Some(refusal) = limits::budget_refusal(db, service, spend)?
    {
        return Ok(Begun::Refused(refusal));
    }
    let (state, phase) = match begin {
        Begin::Send => (IntentState::Sent, Phase::Sent),
        Begin::Queue => (IntentState::Intended, Phase::Intended),
    };
    let is_sent = begin == Begin::Send;
    if let Some(owner) = owner {
        leases::beat(db, owner, now_ms)?;
    }
    let mut insert = db.prepare_cached(
        "INSERT INTO intents (service_id, profile, origin, state, phase, external_task_id, session_id, begun_ms, sent_ms, owner, \
         holds_slot, sends, clip_name, voice_name, face_ids, placement, clip, voice, options) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
    )?;
    insert.execute(params![
        service,
        new.service.profile,
        Origin::Created.word(),
        state.word(),
        phase.word(),
        new.external_task_id,
        new.session_id,
        now_ms,
        is_sent.then_some(now_ms),
        owner.map(Owner::name),
        is_sent,
        i64::from(is_sent),
        new.clip.name,
        new.voice.name,
        serde_json::to_string(&new.face_ids)?,
        serde_json::to_string(&new.placement)?,
        new.clip.document.to_string(),
        new.voice.document.to_string(),
        new.options.to_string(),
    ])?;
    let id = IntentId(db.last_insert_rowid());
    if let Some(spend) = &new.spend {
        limits::reserve(db, service, spend, "create", Some(id))?;
    }
    log(db, id, now_ms, state.word(), None)?;
    write_search(db, id)?;
    Ok(Begun::Intent(id))
}

impl Journal {
    /// The intent that has a name at a service, also one that was deleted from the history: a name is never free again.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn named(&self, service: &Service, name: &str) -> Result<Option<Intent>> {
        self.read(|db| {
            let Some(service) = service.find(db)? else { return Ok(None) };
            with_name(db, service, name)?.map(|id| intent(db, id)).transpose()
        })
    }
}

fn with_name(db: &Connection, service: i64, name: &str) -> Result<Option<IntentId>> {
    let mut query = db.prepare_cached("SELECT id FROM intents WHERE service_id = ?1 AND external_task_id = ?2")?;
    Ok(query.query_row(params![service, name], |row| row.get(0).map(IntentId)).optional()?)
}

/// Writes down what the history searches of an intent: names, ids, the words of service and task, and where its results were saved.
pub(super) fn write_search(db: &Connection, id: IntentId) -> Result<()> {
    let mut query = db.prepare_cached(
        "SELECT concat_ws(char(10), i.clip_name, i.voice_name, i.profile, i.external_task_id, i.session_id, i.other_task_id, \
         json_extract(i.problem, '$.message'), t.task_id, t.external_task_id, t.status_raw, t.status_msg) \
         FROM intents i LEFT JOIN tasks t ON t.intent_id = i.id WHERE i.id = ?1",
    )?;
    let mut text: String = query.query_row([id.0], |row| row.get(0))?;
    let mut query = db.prepare_cached("SELECT path FROM results WHERE intent_id = ?1 ORDER BY id")?;
    for path in query.query_map([id.0], |row| row.get(0))? {
        text.push('\n');
        text.push_str(&paths::of_bytes(path?).to_string_lossy());
    }
    let mut write = db.prepare_cached("INSERT OR REPLACE INTO search (intent_id, text) VALUES (?1, ?2)")?;
    write.execute(params![id.0, text.to_lowercase()])?;
    Ok(())
}
