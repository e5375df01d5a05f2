//! What is planned and announced by: how long tasks of a service take, and which results nobody has saved.

use rusqlite::OptionalExtension as _;

use super::db::{Journal, Result};
use super::intent::{Intent, intents_where};
use super::service::Service;

/// As many of the last tasks are looked at.
const LAST: u32 = 20;

/// The tasks that succeeded since `?1` and have results of which none was saved.
const UNSAVED: &str = "JOIN tasks t ON t.intent_id = i.id WHERE i.phase = 'succeeded' AND i.hidden_ms IS NULL AND t.ended_ms >= ?1 \
     AND EXISTS (SELECT 1 FROM videos v WHERE v.intent_id = i.id) \
     AND NOT EXISTS (SELECT 1 FROM results r WHERE r.intent_id = i.id)";

impl Journal {
    /// How long the last tasks that succeeded at a service took from their acceptance to their end, on average, in milliseconds; `None`
    /// where none has.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn usual_ms(&self, service: &Service) -> Result<Option<i64>> {
        self.read(|db| {
            let Some(id) = service.find(db)? else { return Ok(None) };
            let mut query = db.prepare_cached(
                "SELECT CAST(avg(took) AS INTEGER) FROM (SELECT max(ended_ms - accepted_ms, 0) AS took FROM tasks \
                 WHERE service_id = ?1 AND status = 'succeed' AND ended_ms IS NOT NULL ORDER BY ended_ms DESC LIMIT ?2)",
            )?;
            Ok(query.query_row([id, i64::from(LAST)], |row| row.get(0)).optional()?.flatten())
        })
    }
}

impl Journal {
    /// The tasks that succeeded since `from_ms` (milliseconds since the epoch) and have results of which none was saved on this machine, the
    /// oldest first. Those that were deleted from the history are not among them.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn unsaved_since(&self, from_ms: i64) -> Result<Vec<Intent>> {
        self.read(|db| intents_where(db, &format!("{UNSAVED} ORDER BY t.ended_ms, i.id"), [from_ms]))
    }

    /// Those of them that waited in the queue: their results are saved without a person.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn unsaved_of_queue(&self, from_ms: i64) -> Result<Vec<Intent>> {
        const QUEUED: &str = "EXISTS (SELECT 1 FROM changes c WHERE c.intent_id = i.id AND c.what = 'intended')";
        self.read(|db| intents_where(db, &format!("{UNSAVED} AND {QUEUED} ORDER BY t.ended_ms, i.id"), [from_ms]))
    }
}
