//! The takes of a clip: the tasks that were made from it and have a result on this machine.

use std::path::PathBuf;

use rusqlite::params;
use serde_json::Value;

use super::db::{Journal, Result};
use super::intent::IntentId;
use super::paths;
use super::service::Service;
use crate::model::Placement;

/// A task that was made from a clip, and has a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Take {
    /// Its number in this journal.
    pub id: IntentId,
    /// Where it was made.
    pub service: Service,
    /// When it was begun; milliseconds since the epoch.
    pub begun_ms: i64,
    /// The name of the voice; may be empty.
    pub voice_name: String,
    /// The session, and the face that was to speak.
    pub session_id: Option<String>,
    /// See [`Take::session_id`].
    pub face_id: Option<String>,
    /// Where the voice was asked for.
    pub placement: Option<Placement>,
    /// Where its first video was saved, the last place first.
    pub saved: Vec<PathBuf>,
}

impl Journal {
    /// The takes of the clip with any of these descriptions (the `document` of [`super::Described`]): at most `limit`, the newest first. A file may have
    /// been named in several ways.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn takes(&self, clip: &[Value], limit: u32) -> Result<Vec<Take>> {
        let known: Vec<String> = clip.iter().filter(|clip| !clip.is_null()).map(Value::to_string).collect();
        let known = serde_json::to_string(&known)?;
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT i.id, i.profile, s.base_url, s.path_prefix, s.dialect, i.begun_ms, i.voice_name, i.session_id, i.face_ids, i.placement \
                 FROM intents i JOIN services s ON s.id = i.service_id \
                 WHERE i.hidden_ms IS NULL AND i.clip IN (SELECT value FROM json_each(?1)) AND EXISTS (SELECT 1 FROM results r WHERE r.intent_id = i.id AND r.number = 0) \
                 ORDER BY i.begun_ms DESC, i.id DESC LIMIT ?2",
            )?;
            let takes = query.query_map(params![known, limit], |row| {
                let face_ids: Vec<String> = serde_json::from_str(&row.get::<_, String>(8)?).unwrap_or_default();
                let placement: Option<String> = row.get(9)?;
                Ok(Take {
                    id: IntentId(row.get(0)?),
                    service: Service::of_row(row, 1)?,
                    begun_ms: row.get(5)?,
                    voice_name: row.get(6)?,
                    session_id: row.get(7)?,
                    face_id: face_ids.into_iter().next(),
                    placement: placement.and_then(|placement| serde_json::from_str(&placement).ok()),
                    saved: Vec::new(),
                })
            })?;
            let mut takes = takes.collect::<rusqlite::Result<Vec<_>>>()?;
            let mut saved =
                db.prepare_cached("SELECT path FROM results WHERE intent_id = ?1 AND number = 0 ORDER BY id DESC")?;
            for take in &mut takes {
                let found = saved.query_map([take.id.0], |row| Ok(paths::of_bytes(row.get(0)?)))?;
                take.saved = found.collect::<rusqlite::Result<_>>()?;
            }
            Ok(takes)
        })
    }
}
