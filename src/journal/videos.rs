//! What is known of a video that a service made: which task made it, and where it was saved; and what was made from it.

use std::path::PathBuf;

use rusqlite::params;

use super::db::{Journal, Result};
use super::paths;

/// What the journal knows of a video by its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownVideo {
    /// The task whose result it is.
    pub task_id: Option<String>,
    /// What that task was made from: the names of clip and voice.
    pub made_from: Option<(String, String)>,
    /// When that task came to its end; milliseconds since the epoch.
    pub made_ms: Option<i64>,
    /// Its length in milliseconds.
    pub duration_ms: Option<i64>,
    /// Where it was saved, the last one first.
    pub saved: Vec<PathBuf>,
    /// How many tasks were made from it, by its id.
    pub used: u32,
}

impl Journal {
    /// What is known of the video with this id; `None`: nothing.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn video(&self, video_id: &str) -> Result<Option<KnownVideo>> {
        self.read(|db| {
            let mut known = KnownVideo::default();
            let mut rows = db.prepare_cached(
                "SELECT t.task_id, i.clip_name, i.voice_name, t.ended_ms, v.duration_ms, \
                 (SELECT r.path FROM results r WHERE r.intent_id = v.intent_id AND r.number = v.number ORDER BY r.id DESC LIMIT 1) \
                 FROM videos v JOIN tasks t ON t.intent_id = v.intent_id JOIN intents i ON i.id = v.intent_id \
                 WHERE v.video_id = ?1 AND i.hidden_ms IS NULL ORDER BY v.intent_id DESC",
            )?;
            let mut found = rows.query(params![video_id])?;
            while let Some(row) = found.next()? {
                if known.task_id.is_none() {
                    known.task_id = row.get(0)?;
                    known.made_from = Some((row.get(1)?, row.get(2)?));
                    known.made_ms = row.get(3)?;
                }
                known.duration_ms = known.duration_ms.or(row.get(4)?);
                known.saved.extend(row.get::<_, Option<Vec<u8>>>(5)?.map(paths::of_bytes));
            }
            known.used = db
                .prepare_cached(
                    "SELECT count(*) FROM intents WHERE hidden_ms IS NULL AND json_extract(clip, '$.video_id') = ?1",
                )?
                .query_row(params![video_id], |row| row.get(0))?;
            let is_known = known.task_id.is_some() || known.used > 0;
            Ok(is_known.then_some(known))
        })
    }
}
