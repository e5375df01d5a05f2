//! The history: pages of what was begun, the newest first, at a cost that does not grow with what is in the journal.

use std::path::PathBuf;

use rusqlite::types::Value as Sql;
use rusqlite::{Row, params, params_from_iter};

use super::db::{Journal, Result};
use super::error::JournalError;
use super::intent::{IntentId, IntentState, Origin, Phase, Settled, intent};
use super::leases::{self, Claim};
use super::paths;
use super::retention;
use super::service::{COMMAND, Owner, Service};
use super::task;
use crate::model::Cost;

/// Where a page ends: the next one begins behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    begun_ms: i64,
    id: i64,
}

/// What to show. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// Words that all occur, in any case: in names of clip and voice, ids, the profile, words of the service.
    pub search: String,
    /// Only this service.
    pub service: Option<Service>,
    /// Only what was begun under a profile of this name.
    pub profile: Option<String>,
    /// Only what is not at its end.
    pub unfinished: bool,
    /// Only what is this far.
    pub phase: Option<Phase>,
    /// Only what was begun at this time or later; milliseconds since the epoch, such as the beginning of a day.
    pub from_ms: Option<i64>,
    /// Only what was begun before this time.
    pub to_ms: Option<i64>,
    /// Only what comes behind this; from [`HistoryPage::next`].
    pub before: Option<Cursor>,
}

/// A row of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// Its number in this journal.
    pub id: IntentId,
    /// Where.
    pub service: Service,
    /// Where it comes from.
    pub origin: Origin,
    /// How far it is.
    pub phase: Phase,
    /// When it was begun, and when it came to its end; milliseconds since the epoch.
    pub begun_ms: i64,
    /// See [`HistoryRow::begun_ms`].
    pub finished_ms: Option<i64>,
    /// The name of the clip; may be empty.
    pub clip_name: String,
    /// The name of the voice; may be empty.
    pub voice_name: String,
    /// Our own name for the task.
    pub external_task_id: Option<String>,
    /// The service's id for it.
    pub task_id: Option<String>,
    /// The service's word for its status.
    pub status_raw: Option<String>,
    /// Why it failed, was refused or is unknown.
    pub reason: Option<String>,
    /// Where its result was last saved.
    pub result: Option<PathBuf>,
    /// What it cost, as the service says it.
    pub cost: Option<Cost>,
    /// Until when its owner's lease runs; milliseconds since the epoch. `None`: nobody works on it.
    pub held_until_ms: Option<i64>,
}

/// A page of the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// The rows, the newest first.
    pub rows: Vec<HistoryRow>,
    /// Where the next page begins; `None`: this is the last.
    pub next: Option<Cursor>,
}

const SELECT: &str = "SELECT i.id, i.profile, s.base_url, s.path_prefix, s.dialect, i.origin, i.phase, i.begun_ms, i.finished_ms, \
     i.clip_name, i.voice_name, coalesce(i.external_task_id, t.external_task_id), t.task_id, t.status_raw, \
     coalesce(t.status_msg, json_extract(i.problem, '$.message')), \
     (SELECT path FROM results r WHERE r.intent_id = i.id ORDER BY r.id DESC LIMIT 1), t.cost, \
     (SELECT o.lease_until_ms FROM owners o WHERE o.owner = i.owner) \
     FROM intents i JOIN services s ON s.id = i.service_id LEFT JOIN tasks t ON t.intent_id = i.id WHERE i.hidden_ms IS NULL";

fn row_of(row: &Row<'_>) -> rusqlite::Result<HistoryRow> {
    let (origin, phase): (String, String) = (row.get(5)?, row.get(6)?);
    Ok(HistoryRow {
        id: IntentId(row.get(0)?),
        service: Service::of_row(row, 1)?,
        origin: Origin::of_word(&origin).unwrap_or(Origin::Created),
        phase: Phase::of_word(&phase).unwrap_or(Phase::Unknown),
        begun_ms: row.get(7)?,
        finished_ms: row.get(8)?,
        clip_name: row.get(9)?,
        voice_name: row.get(10)?,
        external_task_id: row.get(11)?,
        task_id: row.get(12)?,
        status_raw: row.get(13)?,
        reason: row.get(14)?,
        result: row.get::<_, Option<Vec<u8>>>(15)?.map(paths::of_bytes),
        cost: row.get::<_, Option<String>>(16)?.and_then(|cost| serde_json::from_str(&cost).ok()),
        held_until_ms: row.get(17)?,
    })
}

impl Journal {
    /// At most `limit` rows of the history.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn history(&self, query: &HistoryQuery, limit: u32) -> Result<HistoryPage> {
        self.read(|db| {
            let mut sql = SELECT.to_owned();
            let mut values: Vec<Sql> = Vec::new();
            let mut and = |condition: &str, given: &[Sql]| {
                sql.push_str(" AND ");
                sql.push_str(condition);
                values.extend_from_slice(given);
            };
            if let Some(service) = &query.service {
                // A service without a row has no intents either.
                and("i.service_id = ?", &[service.find(db)?.unwrap_or(-1).into()]);
            }
            if let Some(profile) = &query.profile {
                and("i.profile = ?", &[profile.clone().into()]);
            }
            if query.unfinished {
                and("i.finished_ms IS NULL", &[]);
            }
            if let Some(phase) = query.phase {
                and("i.phase = ?", &[phase.word().to_owned().into()]);
            }
            if let Some(from_ms) = query.from_ms {
                and("i.begun_ms >= ?", &[from_ms.into()]);
            }
            if let Some(to_ms) = query.to_ms {
                and("i.begun_ms < ?", &[to_ms.into()]);
            }
            if let Some(Cursor { begun_ms, id }) = query.before {
                and("(i.begun_ms, i.id) < (?, ?)", &[begun_ms.into(), id.into()]);
            }
            for word in query.search.to_lowercase().split_whitespace() {
                and("instr((SELECT text FROM search WHERE intent_id = i.id), ?) > 0", &[word.to_owned().into()]);
            }
            sql.push_str(" ORDER BY i.begun_ms DESC, i.id DESC LIMIT ?");
            values.push(i64::from(limit).saturating_add(1).into());
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(values), row_of)?;
            let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            let has_more = rows.len() > limit as usize;
            rows.truncate(limit as usize);
            let last = rows.last().filter(|_| has_more);
            let next = last.map(|row| Cursor { begun_ms: row.begun_ms, id: row.id.0 });
            Ok(HistoryPage { rows, next })
        })
    }

    /// The services that the history has tasks of, by name.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn services(&self) -> Result<Vec<Service>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT s.profile, s.base_url, s.path_prefix, s.dialect FROM services s \
                 WHERE EXISTS (SELECT 1 FROM intents i WHERE i.service_id = s.id AND i.hidden_ms IS NULL) ORDER BY s.profile, s.id",
            )?;
            let services = query.query_map([], |row| Service::of_row(row, 0))?;
            Ok(services.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// The tasks that succeeded or failed at their service after a time, such as while a window was closed: at most `limit`, the newest first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn finished_since(&self, since_ms: i64, limit: u32) -> Result<Vec<HistoryRow>> {
        let sql = format!(
            "{SELECT} AND i.finished_ms > ?1 AND i.phase IN ('succeeded', 'failed') AND coalesce(i.owner, '') NOT LIKE '{COMMAND}%' ORDER BY i.finished_ms DESC, i.id DESC LIMIT ?2"
        );
        self.read(|db| {
            let mut query = db.prepare_cached(&sql)?;
            let rows = query.query_map(params![since_ms, limit], row_of)?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Closes an unclear create of which a person says that it created nothing, or gives up a job that waits in the queue: it is not looked for
    /// or sent any more, and its estimate is given back. `by` must be an owner that nobody else is.
    ///
    /// # Errors
    /// [`JournalError::NotYours`]: a living process works on it. [`JournalError::Impossible`]: it is not unclear.
    /// [`JournalError::Absent`]; the journal cannot be written.
    pub fn close(&self, id: IntentId, by: &Owner, now_ms: i64) -> Result<()> {
        let closed = self.claim(id, by, now_ms).and_then(|claim| match claim {
            Claim::HeldBy(_) => Err(JournalError::NotYours(id)),
            Claim::Finished(found) => {
                Err(JournalError::Impossible { intent: id, state: found.state, wanted: "closed" })
            }
            Claim::Yours(intent) if intent.state == IntentState::Intended => self.withdraw(id, by, None, now_ms),
            Claim::Yours(intent) => {
                // The process that sent it has ended: a living one would still own the intent.
                if intent.state == IntentState::Sent {
                    self.unknown(id, by, None, now_ms)?;
                }
                self.nothing(id, by, Settled::Person, now_ms)
            }
        });
        self.release(by)?;
        closed
    }

    /// Deletes an intent from the history, with what is kept of it: descriptions, changes, exchanges' bodies, the list of its
    /// results (not the files) with what was measured of them. Its name, its task id and what it cost stay, so that the name is never used again.
    ///
    /// # Errors
    /// [`JournalError::Unfinished`]: it is not at its end, unless it was in a sandbox that a process had started for itself, and no living
    /// owner works on it. [`JournalError::Absent`]; the journal cannot be written.
    pub fn delete(&self, id: IntentId, now_ms: i64) -> Result<()> {
        self.write(|db| {
            let found = intent(db, id)?;
            if found.finished_ms.is_none() {
                // A task of a sandbox that a process started for itself costs nothing, and nobody may ever say how it ended.
                let is_held = match &found.owner {
                    Some(owner) => leases::is_living(db, owner.name(), now_ms)?,
                    None => false,
                };
                if is_held || !found.service.base_url.is_empty() {
                    return Err(JournalError::Unfinished(id));
                }
                task::set_phase(db, id, Phase::Withdrawn, now_ms)?;
            }
            let is_downloading: bool = db.query_row(
                "SELECT EXISTS (SELECT 1 FROM parts p JOIN owners o ON o.owner = p.owner WHERE p.intent_id = ?1 AND \
                 o.lease_until_ms > ?2)",
                [id.0, now_ms],
                |row| row.get(0),
            )?;
            if is_downloading {
                return Err(JournalError::Unfinished(id));
            }
            // An interrupted download is not resumed any more, and is swept as one that is too old.
            db.execute("UPDATE parts SET begun_ms = 0, url = '', etag = NULL WHERE intent_id = ?1", [id.0])?;
            db.execute(
                "UPDATE intents SET hidden_ms = ?2, clip_name = '', voice_name = '', clip = 'null', voice = 'null', \
                 options = 'null', problem = NULL, placement = NULL, session_id = NULL, face_ids = '[]' WHERE id = ?1",
                [id.0, now_ms],
            )?;
            db.execute("UPDATE tasks SET document = NULL, status_msg = NULL WHERE intent_id = ?1", [id.0])?;
            retention::forget_bodies_of(db, self.bodies().as_deref(), id.0)?;
            for table in ["search", "videos", "results", "verdicts", "changes", "exchanges"] {
                db.execute(&format!("DELETE FROM {table} WHERE intent_id = ?1"), [id.0])?;
            }
            Ok(())
        })
    }
}
