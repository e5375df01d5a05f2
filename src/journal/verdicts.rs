//! What was measured of results: kept, so that no later window measures it again.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::db::{Journal, Result};
use super::intent::IntentId;

/// As many verdicts on results of one task are kept: files change, and results are saved under several names.
const KEPT: u32 = 8;

/// What was measured of a result of a task: the caller's own document.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptVerdict {
    /// Of which files and which placement it is, as the caller says it.
    pub made_of: String,
    /// What was measured.
    pub document: Value,
}

/// Writes a verdict down, in place of another of the same; nothing where the task was deleted from the history.
pub(super) fn keep(db: &Connection, id: IntentId, verdict: &KeptVerdict, now_ms: i64) -> Result<()> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO verdicts (intent_id, made_of, document, judged_ms) \
         SELECT id, ?2, ?3, ?4 FROM intents WHERE id = ?1 AND hidden_ms IS NULL",
    )?
    .execute(params![id.0, verdict.made_of, verdict.document.to_string(), now_ms])?;
    db.prepare_cached(
        "DELETE FROM verdicts WHERE intent_id = ?1 AND made_of NOT IN \
         (SELECT made_of FROM verdicts WHERE intent_id = ?1 ORDER BY judged_ms DESC, made_of LIMIT ?2)",
    )?
    .execute(params![id.0, KEPT])?;
    Ok(())
}

impl Journal {
    /// What was measured of results of a task, the last one first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn verdicts(&self, id: IntentId) -> Result<Vec<KeptVerdict>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT made_of, document FROM verdicts WHERE intent_id = ?1 ORDER BY judged_ms DESC, made_of",
            )?;
            let found = query.query_map([id.0], |row| {
                let document: String = row.get(1)?;
                Ok(KeptVerdict { made_of: row.get(0)?, document: serde_json::from_str(&document).unwrap_or_default() })
            })?;
            Ok(found.collect::<rusqlite::Result<_>>()?)
        })
    }
}
