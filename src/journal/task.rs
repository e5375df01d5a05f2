//! The accepted task of an intent: its status with every change, its results as the service names them.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;

use super::begin::write_search;
use super::db::{Journal, Result};
use super::intent::{Described, IntentId, IntentState, Origin, Phase, json, log};
use super::leases;
use super::limits;
use super::service::{Owner, Service};
use crate::model::{Cost, Task, TaskStatus, TaskVideo};

/// A task as the journal has it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskRecord {
    /// The service's id for it.
    pub task_id: String,
    /// Our own name for it, as the service says it.
    pub external_task_id: Option<String>,
    /// Its status.
    pub status: TaskStatus,
    /// The service's word for it; empty before the first answer to a query.
    pub status_raw: String,
    /// The service's reason of a failure.
    pub status_msg: Option<String>,
    /// 0 to 1.
    pub progress: Option<f32>,
    /// When it was accepted; milliseconds since the epoch, by our clock, as the other times.
    pub accepted_ms: i64,
    /// When it was last queried.
    pub polled_ms: Option<i64>,
    /// When its end became known.
    pub ended_ms: Option<i64>,
    /// What it cost, as the service says it.
    pub cost: Option<Cost>,
    /// Its results.
    pub videos: Vec<TaskVideo>,
    /// The last answer about it, whole.
    pub document: Option<Value>,
}

/// A task that was not created here, to be followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    /// Where it runs.
    pub service: Service,
    /// The service's id for it.
    pub task_id: String,
    /// Our own name for it, where it is known.
    pub external_task_id: Option<String>,
    /// The clip, as far as it is known.
    pub clip: Described,
    /// The voice, as far as it is known.
    pub voice: Described,
}

/// What an answer about a task changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its status, the word for it or the reason is another than before.
    pub changed: bool,
    /// It is at its end, and was not before.
    pub ended: bool,
}

fn status_of(word: &str) -> TaskStatus {
    use TaskStatus::{Failed, Processing, Submitted, Succeed};
    [Submitted, Succeed, Failed].into_iter().find(|status| status.word() == word).unwrap_or(Processing)
}

/// What the history shows of an accepted intent whose task has this status.
pub(super) const fn phase_of(status: TaskStatus) -> Phase {
    match status {
        TaskStatus::Succeed => Phase::Succeeded,
        TaskStatus::Failed => Phase::Failed,
        TaskStatus::Submitted | TaskStatus::Processing => Phase::Running,
    }
}

pub(super) fn task_of(connection: &Connection, id: IntentId) -> Result<Option<TaskRecord>> {
    let mut query = connection.prepare_cached(
        "SELECT task_id, external_task_id, status, status_raw, status_msg, progress, accepted_ms, polled_ms, ended_ms, cost, \
         document FROM tasks WHERE intent_id = ?1",
    )?;
    let read = |row: &Row<'_>| {
        Ok(TaskRecord {
            task_id: row.get(0)?,
            external_task_id: row.get(1)?,
            status: status_of(&row.get::<_, String>(2)?),
            status_raw: row.get(3)?,
            status_msg: row.get(4)?,
            progress: row.get(5)?,
            accepted_ms: row.get(6)?,
            polled_ms: row.get(7)?,
            ended_ms: row.get(8)?,
            cost: json(row, "cost")?,
            videos: Vec::new(),
            document: json(row, "document")?,
        })
    };
    let Some(mut task) = query.query_row([id.0], read).optional()? else { return Ok(None) };
    let mut videos = connection.prepare_cached(
        "SELECT video_id, url, watermark_url, duration_ms FROM videos WHERE intent_id = ?1 ORDER BY number",
    )?;
    let read = |row: &Row<'_>| {
        Ok(TaskVideo { id: row.get(0)?, url: row.get(1)?, watermark_url: row.get(2)?, duration_ms: row.get(3)? })
    };
    task.videos = videos.query_map([id.0], read)?.collect::<rusqlite::Result<_>>()?;
    Ok(Some(task))
}

/// The intent of a task at a service.
pub(super) fn intent_of(connection: &Connection, service: i64, task_id: &str) -> Result<Option<(IntentId, Origin)>> {
    let mut query = connection.prepare_cached(
        "SELECT i.id, i.origin FROM tasks t JOIN intents i ON i.id = t.intent_id WHERE t.service_id = ?1 AND t.task_id = ?2",
    )?;
    let found: Option<(i64, String)> =
        query.query_row(params![service, task_id], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.map(|(id, origin)| (IntentId(id), Origin::of_word(&origin).unwrap_or(Origin::Created))))
}

/// Inserts a task that was just accepted, or became known.
pub(super) fn insert_task(
    db: &Connection,
    id: IntentId,
    service: i64,
    task_id: &str,
    external_task_id: Option<&str>,
    now_ms: i64,
) -> Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO tasks (intent_id, service_id, task_id, external_task_id, status, accepted_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    insert.execute(params![id.0, service, task_id, external_task_id, TaskStatus::Submitted.word(), now_ms])?;
    Ok(())
}

/// Inserts the intent of a task that was not created here.
pub(super) fn insert_followed(
    db: &Connection,
    service: i64,
    task: &Followed,
    origin: Origin,
    owner: Option<&Owner>,
    now_ms: i64,
) -> Result<IntentId> {
    let mut insert = db.prepare_cached(
        "INSERT INTO intents (service_id, profile, origin, state, phase, begun_ms, owner, clip_name, clip, voice_name, voice) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    insert.execute(params![
        service,
        task.service.profile,
        origin.word(),
        IntentState::Accepted.word(),
        Phase::Running.word(),
        now_ms,
        owner.map(Owner::name),
        task.clip.name,
        task.clip.document.to_string(),
        task.voice.name,
        task.voice.document.to_string(),
    ])?;
    let id = IntentId(db.last_insert_rowid());
    insert_task(db, id, service, &task.task_id, task.external_task_id.as_deref(), now_ms)?;
    log(db, id, now_ms, origin.word(), None)?;
    write_search(db, id)?;
    Ok(id)
}

/// Sets the end of an intent, or takes it back, as its phase says.
pub(super) fn set_phase(db: &Connection, id: IntentId, phase: Phase, now_ms: i64) -> Result<()> {
    let mut update = db.prepare_cached(
        "UPDATE intents SET phase = ?2, finished_ms = CASE WHEN ?3 THEN coalesce(finished_ms, ?4) END, \
         holds_slot = CASE WHEN ?3 THEN 0 ELSE holds_slot END WHERE id = ?1",
    )?;
    update.execute(params![id.0, phase.word(), phase.is_finished(), now_ms])?;
    Ok(())
}

impl Journal {
    /// Follows a task by its id: one that was not created here. A task that is known already is returned as it is, and is not taken
    /// from its owner: see [`Journal::claim`].
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn follow(&self, task: &Followed, owner: &Owner, now_ms: i64) -> Result<IntentId> {
        self.write(|db| {
            let service = task.service.row(db)?;
            if let Some((id, _)) = intent_of(db, service, &task.task_id)? {
                db.prepare_cached("UPDATE intents SET hidden_ms = NULL WHERE id = ?1")?.execute([id.0])?;
                return Ok(id);
            }
            leases::beat(db, owner, now_ms)?;
            insert_followed(db, service, task, Origin::Followed, Some(owner), now_ms)
        })
    }

    /// Writes down what a service said about a task. One that is at its end stays there, whatever a late answer says.
    ///
    /// # Errors
    /// [`super::JournalError::NotYours`], also where no task was accepted; [`super::JournalError::Absent`]; the journal cannot be
    /// written.
    pub fn task_seen(&self, id: IntentId, owner: &Owner, task: &Task, now_ms: i64) -> Result<Seen> {
        self.write(|db| seen_by(db, id, owner, task, now_ms))
    }
}

/// Writes down that a task was queried, where the answer said nothing about it.
pub(super) fn polled_by(db: &Connection, id: IntentId, owner: &Owner, now_ms: i64) -> Result<()> {
    leases::must_own(db, id, owner)?;
    db.prepare_cached("UPDATE tasks SET polled_ms = ?2 WHERE intent_id = ?1")?.execute(params![id.0, now_ms])?;
    Ok(())
}

/// [`Journal::task_seen`], within a transaction.
pub(super) fn seen_by(db: &Connection, id: IntentId, owner: &Owner, task: &Task, now_ms: i64) -> Result<Seen> {
    let mut query = db.prepare_cached("SELECT finished_ms FROM intents WHERE id = ?1")?;
    let finished_ms: Option<i64> = query.query_row([id.0], |row| row.get(0)).optional()?.flatten();
    // A finished one belongs to nobody: looking at it once more is free.
    if finished_ms.is_none() {
        leases::must_own(db, id, owner)?;
    }
    seen(db, id, task, now_ms)
}

fn seen(db: &Connection, id: IntentId, task: &Task, now_ms: i64) -> Result<Seen> {
    let Some(known) = task_of(db, id)? else { return Err(super::JournalError::NotYours(id)) };
    let goes_back = known.ended_ms.is_some() && task.status != known.status;
    if goes_back {
        db.prepare_cached("UPDATE tasks SET polled_ms = ?2 WHERE intent_id = ?1")?.execute(params![id.0, now_ms])?;
        return Ok(Seen::default());
    }
    let (status, message) = (task.status.word(), reason(task));
    let changed =
        known.status != task.status || known.status_raw != task.status_raw || known.status_msg.as_deref() != message;
    let ended = task.status.is_terminal() && known.ended_ms.is_none();
    let cost = task.cost.as_ref().map(serde_json::to_string).transpose()?;
    let mut update = db.prepare_cached(
        "UPDATE tasks SET status = ?2, status_raw = ?3, status_msg = ?4, progress = ?5, polled_ms = ?6, \
         ended_ms = CASE WHEN ?7 THEN ?6 ELSE ended_ms END, cost = coalesce(?8, cost), document = ?9, \
         external_task_id = coalesce(?10, external_task_id) WHERE intent_id = ?1",
    )?;
    update.execute(params![
        id.0,
        status,
        task.status_raw,
        message,
        task.progress,
        now_ms,
        ended,
        cost,
        serde_json::to_string(task)?,
        task.external_task_id,
    ])?;
    if !task.videos.is_empty() && task.videos != known.videos {
        db.prepare_cached("DELETE FROM videos WHERE intent_id = ?1")?.execute([id.0])?;
        for (number, video) in task.videos.iter().enumerate() {
            db.prepare_cached("INSERT INTO videos (intent_id, number, video_id, url, watermark_url, duration_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![id.0, number as i64, video.id, video.url, video.watermark_url, video.duration_ms],
            )?;
        }
    }
    if changed || ended {
        let word = if task.status_raw.is_empty() { status } else { &task.status_raw };
        log(db, id, now_ms, word, message)?;
        set_phase(db, id, phase_of(task.status), now_ms)?;
        if task.status == TaskStatus::Failed && task.cost.is_none() {
            // Units are charged on success (wire contract §6).
            limits::unreserve(db, id)?;
        }
        write_search(db, id)?;
    }
    Ok(Seen { changed, ended })
}

/// Why it failed, or what the service says about it; `None` where it says nothing.
fn reason(task: &Task) -> Option<&str> {
    Some(task.failure_text()).filter(|text| !text.is_empty())
}
