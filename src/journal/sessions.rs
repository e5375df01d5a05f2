//! Sessions with their clock and faces, and desks as they were left.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;

use super::db::{Journal, Result};
use super::intent::{Described, json};
use super::service::Service;
use crate::model::Session;

/// A session as the journal has it.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRecord {
    /// Where.
    pub service: Service,
    /// Its id and its faces.
    pub session: Session,
    /// When it is over; milliseconds since the epoch by our clock.
    pub ends_ms: i64,
    /// The clip.
    pub clip: Described,
}

/// The preview of a face, as it was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Of which face.
    pub face_id: String,
    /// `png`, `jpg`, `webp`.
    pub extension: String,
    /// The picture, encoded.
    pub bytes: Vec<u8>,
}

/// A window as it was left.
#[derive(Clone, Debug, PartialEq)]
pub struct Desk {
    /// When it was written down; milliseconds since the epoch.
    pub saved_ms: i64,
    /// The caller's own document.
    pub document: Value,
}

fn row_of(db: &Connection, service: &Service, session_id: &str) -> Result<Option<i64>> {
    let Some(service) = service.find(db)? else { return Ok(None) };
    let sql = "SELECT id FROM sessions WHERE service_id = ?1 AND session_id = ?2";
    Ok(db.query_row(sql, params![service, session_id], |row| row.get(0)).optional()?)
}

/// [`Journal::save_desk`], within a transaction.
pub(super) fn save_desk(db: &Connection, name: &str, document: &Value, now_ms: i64) -> Result<()> {
    let mut write = db.prepare_cached("INSERT OR REPLACE INTO desks (name, saved_ms, document) VALUES (?1, ?2, ?3)")?;
    write.execute(params![name, now_ms, document.to_string()])?;
    Ok(())
}

impl Journal {
    /// Writes a session down, or writes it anew. Previews that are known stay.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn save_session(&self, record: &SessionRecord) -> Result<()> {
        self.write(|db| {
            let service = record.service.row(db)?;
            db.execute(
                "INSERT INTO sessions (service_id, session_id, received_ms, ends_ms, clip_name, clip, document) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (service_id, session_id) DO UPDATE SET \
                 received_ms = ?3, ends_ms = ?4, clip_name = ?5, clip = ?6, document = ?7",
                params![
                    service,
                    record.session.session_id,
                    record.session.begun_at_ms,
                    record.ends_ms,
                    record.clip.name,
                    record.clip.document.to_string(),
                    serde_json::to_string(&record.session)?,
                ],
            )?;
            Ok(())
        })
    }

    /// Writes down the preview of a face. Returns whether the session is known.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn save_preview(&self, service: &Service, session_id: &str, preview: &Preview) -> Result<bool> {
        self.write(|db| {
            let Some(row) = row_of(db, service, session_id)? else { return Ok(false) };
            db.execute(
                "INSERT OR REPLACE INTO previews (session, face_id, extension, bytes) VALUES (?1, ?2, ?3, ?4)",
                params![row, preview.face_id, preview.extension, preview.bytes],
            )?;
            Ok(true)
        })
    }

    /// A session by its id, also one that is over.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn session(&self, service: &Service, session_id: &str) -> Result<Option<SessionRecord>> {
        self.read(|db| {
            let Some(row) = row_of(db, service, session_id)? else { return Ok(None) };
            let read = |row: &Row<'_>| {
                let session: Option<Session> = json(row, "document")?;
                let clip = Described { name: row.get("clip_name")?, document: json(row, "clip")?.unwrap_or_default() };
                let ends_ms = row.get("ends_ms")?;
                Ok(session.map(|session| SessionRecord { service: service.clone(), session, ends_ms, clip }))
            };
            Ok(db.query_row("SELECT ends_ms, clip_name, clip, document FROM sessions WHERE id = ?1", [row], read)?)
        })
    }

    /// The sessions that were found of the clip of this description (the `clip` in the `document` of [`Described`]), by any account, the last one
    /// first; those that end after `after_ms` (milliseconds since the epoch).
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn sessions_of(&self, service: &Service, clip: &Value, after_ms: i64) -> Result<Vec<SessionRecord>> {
        let found: Vec<String> = self.read(|db| {
            let Some(service) = service.find(db)? else { return Ok(Vec::new()) };
            let mut query = db.prepare_cached(
                "SELECT session_id FROM sessions WHERE service_id = ?1 AND ends_ms > ?3 \
                 AND json_extract(clip, '$.clip') = json_extract(?2, '$.clip') ORDER BY received_ms DESC, id DESC",
            )?;
            let rows = query.query_map(params![service, clip.to_string(), after_ms], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        found.iter().filter_map(|session_id| self.session(service, session_id).transpose()).collect()
    }

    /// The previews of a session that were written down.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn previews(&self, service: &Service, session_id: &str) -> Result<Vec<Preview>> {
        self.read(|db| {
            let Some(row) = row_of(db, service, session_id)? else { return Ok(Vec::new()) };
            let mut query = db.prepare_cached("SELECT face_id, extension, bytes FROM previews WHERE session = ?1")?;
            let previews = query.query_map([row], |row| {
                Ok(Preview { face_id: row.get(0)?, extension: row.get(1)?, bytes: row.get(2)? })
            })?;
            Ok(previews.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Writes down a window as it is, under a name of its own.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn save_desk(&self, name: &str, document: &Value, now_ms: i64) -> Result<()> {
        self.write(|db| save_desk(db, name, document, now_ms))
    }

    /// A window as it was left.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn desk(&self, name: &str) -> Result<Option<Desk>> {
        self.read(|db| {
            let read = |row: &Row<'_>| {
                let document: Option<Value> = json(row, "document")?;
                let saved_ms = row.get("saved_ms")?;
                Ok(document.map(|document| Desk { saved_ms, document }))
            };
            let found =
                db.query_row("SELECT saved_ms, document FROM desks WHERE name = ?1", [name], read).optional()?;
            Ok(found.flatten())
        })
    }
}
