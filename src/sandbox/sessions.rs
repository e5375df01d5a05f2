//! Sessions: a clip, its faces, and 24 hours to use them.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use crate::model::Interval;
use crate::model::face::SESSION_LIFE_MS;

use super::file_store::{FileRecord, FileStore, StoredFile, lock};
use super::ids::Ids;
use super::media_work::Analysis;
use super::records::{Kind, Records};
use super::refusal::Refusal;
use super::words;

/// How many sessions are kept; the oldest is closed first.
const MAX_SESSIONS: usize = 1_000;
/// How long a closed session is remembered, so that the refusal can say "expired" and not "not found".
const REMEMBER_MS: i64 = 24 * 60 * 60 * 1000;

/// What an identify found, and what a create needs of it.
#[derive(Debug)]
pub struct Session {
    /// What its answer says.
    pub found: Arc<FoundFaces>,
    /// When it was opened, by the sandbox's clock.
    pub created_ms: i64,
    /// The clip itself.
    pub clip: Arc<StoredFile>,
    /// Its faces.
    pub analysis: Analysis,
    /// The same as a file, where sessions are kept.
    pub kept_analysis: Option<Arc<StoredFile>>,
    /// Names the clip in `parent_video.id`: its `video_id`, or one made for it.
    pub video_id: String,
    /// Where the clip came from, a path where that is this sandbox; `None` where it was named by `video_id`.
    pub video_url: Option<String>,
}

/// A session as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SessionRecord {
    /// See [`FoundFaces::session_id`].
    pub session_id: String,
    image_token: String,
    /// See [`Session::created_ms`].
    pub created_ms: i64,
    clip: FileRecord,
    analysis: FileRecord,
    video_id: String,
    video_url: Option<String>,
}

impl Session {
    /// Its files.
    pub fn files(&self) -> Vec<Arc<StoredFile>> {
        [&self.clip].into_iter().chain(&self.kept_analysis).map(Arc::clone).collect()
    }

    /// It as it is kept; `None` where sessions are not.
    pub fn record(&self) -> Option<SessionRecord> {
        Some(SessionRecord {
            session_id: self.found.session_id.clone(),
            image_token: self.found.image_token.clone(),
            created_ms: self.created_ms,
            clip: self.clip.record(),
            analysis: self.kept_analysis.as_ref()?.record(),
            video_id: self.video_id.clone(),
            video_url: self.video_url.clone(),
        })
    }

    /// The session of a record. Blocks.
    ///
    /// # Errors
    /// Its files are not there, or cannot be read.
    pub fn of_record(record: SessionRecord, files: &FileStore) -> io::Result<Self> {
        let kept_analysis = files.adopt(&record.analysis)?;
        let analysis = Analysis::of_json(&std::fs::read(kept_analysis.path())?)?;
        Ok(Self {
            found: Arc::new(FoundFaces::of(record.session_id, record.image_token, &analysis)),
            created_ms: record.created_ms,
            clip: files.adopt(&record.clip)?,
            analysis,
            kept_analysis: Some(kept_analysis),
            video_id: record.video_id,
            video_url: record.video_url,
        })
    }
}

impl SessionRecord {
    /// Whether its 24 hours are over.
    pub const fn is_expired(&self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.created_ms) >= SESSION_LIFE_MS
    }
}

/// The answer of an identify. A finished task keeps this and not the session, which holds the clip.
#[derive(Debug, Deserialize, Serialize)]
pub struct FoundFaces {
    /// The session's name in a create.
    pub session_id: String,
    /// Part of the address of the face images, which are fetched without a key.
    pub image_token: String,
    /// Each face's id, and its interval in milliseconds of the clip.
    pub faces: Vec<(String, Interval)>,
}

impl FoundFaces {
    fn of(session_id: String, image_token: String, analysis: &Analysis) -> Self {
        let faces = analysis.faces().map(|(face_id, face)| (face_id, face.interval)).collect();
        Self { session_id, image_token, faces }
    }
}

/// What a new session is made of.
pub struct NewSession {
    /// See [`Session::clip`].
    pub clip: Arc<StoredFile>,
    /// See [`Session::analysis`].
    pub analysis: Analysis,
    /// See [`Session::kept_analysis`].
    pub kept_analysis: Option<Arc<StoredFile>>,
    /// See [`Session::video_id`].
    pub video_id: String,
    /// See [`Session::video_url`].
    pub video_url: Option<String>,
}

/// Every session.
#[derive(Debug)]
pub struct Sessions {
    ids: Ids,
    records: Records,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    open: HashMap<String, Open>,
    by_image_token: HashMap<String, String>,
    /// When sessions that are closed were opened.
    closed: HashMap<String, i64>,
}

#[derive(Debug)]
struct Open {
    session: Arc<Session>,
    used_ms: i64,
}

impl Sessions {
    /// No sessions yet. They are kept among these records.
    pub fn new(ids: Ids, records: Records) -> Self {
        Self { ids, records, table: Mutex::default() }
    }

    /// Opens a session.
    ///
    /// # Errors
    /// It is to be kept, and cannot be written down.
    pub async fn open(&self, now_ms: i64, new: NewSession) -> io::Result<Arc<Session>> {
        let session = Arc::new(Session {
            found: Arc::new(FoundFaces::of(self.ids.number(), self.ids.token(), &new.analysis)),
            created_ms: now_ms,
            clip: new.clip,
            analysis: new.analysis,
            kept_analysis: new.kept_analysis,
            video_id: new.video_id,
            video_url: new.video_url,
        });
        if let Some(record) = session.record() {
            self.records.write(Kind::Session, &session.found.session_id, record, session.files()).await?;
        }
        self.insert(now_ms, &session);
        Ok(session)
    }

    /// Opens a session of an earlier run again.
    pub fn restore(&self, session: Session) -> Arc<Session> {
        let session = Arc::new(session);
        self.insert(session.created_ms, &session);
        session
    }

    /// A session of an earlier run that is closed: it is refused as expired.
    pub fn restore_closed(&self, session_id: String, created_ms: i64) {
        lock(&self.table).closed.insert(session_id, created_ms);
    }

    fn insert(&self, now_ms: i64, session: &Arc<Session>) {
        let mut table = lock(&self.table);
        table.close_expired(now_ms, &self.records);
        if table.open.len() >= MAX_SESSIONS {
            table.close_oldest(&self.records);
        }
        let FoundFaces { session_id, image_token, .. } = &*session.found;
        table.by_image_token.insert(image_token.clone(), session_id.clone());
        table.open.insert(session_id.clone(), Open { session: Arc::clone(session), used_ms: now_ms });
    }

    /// The session of that name, while it is open.
    ///
    /// # Errors
    /// It expired, was closed, or never existed.
    pub fn find(&self, now_ms: i64, session_id: &str) -> Result<Arc<Session>, Refusal> {
        let mut table = lock(&self.table);
        table.close_expired(now_ms, &self.records);
        if let Some(open) = table.open.get_mut(session_id) {
            open.used_ms = now_ms;
            return Ok(Arc::clone(&open.session));
        }
        Err(Refusal::field(
            "session_id",
            match table.closed.get(session_id) {
                Some(created_ms) if now_ms.saturating_sub(*created_ms) < SESSION_LIFE_MS => {
                    words::session_closed(session_id)
                }
                Some(_) => words::session_expired(session_id),
                None => words::session_not_found(session_id),
            },
        ))
    }

    /// The session whose face images are under `token`.
    pub fn by_image_token(&self, now_ms: i64, token: &str) -> Option<Arc<Session>> {
        let mut table = lock(&self.table);
        table.close_expired(now_ms, &self.records);
        table.by_image_token.get(token).and_then(|id| table.open.get(id)).map(|open| Arc::clone(&open.session))
    }

    /// Shows each open session to `visit`, with when it was last used, without taking a share in it.
    pub fn for_each(&self, mut visit: impl FnMut(&Arc<Session>, i64)) {
        lock(&self.table).open.values().for_each(|open| visit(&open.session, open.used_ms));
    }

    /// Closes a session.
    pub fn close(&self, session_id: &str) {
        lock(&self.table).close(session_id, &self.records);
    }
}

impl Table {
    fn close_expired(&mut self, now_ms: i64, records: &Records) {
        let expired: Vec<String> = self
            .open
            .iter()
            .filter(|(_, open)| now_ms.saturating_sub(open.session.created_ms) >= SESSION_LIFE_MS)
            .map(|(session_id, _)| session_id.clone())
            .collect();
        for session_id in expired {
            self.close(&session_id, records);
        }
        self.closed.retain(|_, created_ms| now_ms.saturating_sub(*created_ms) < SESSION_LIFE_MS + REMEMBER_MS);
    }

    fn close_oldest(&mut self, records: &Records) {
        let oldest = self.open.iter().min_by_key(|(_, open)| open.session.created_ms).map(|(id, _)| id.clone());
        if let Some(session_id) = oldest {
            self.close(&session_id, records);
        }
    }

    fn close(&mut self, session_id: &str, records: &Records) {
        if let Some(open) = self.open.remove(session_id) {
            records.remove(Kind::Session, session_id);
            self.by_image_token.remove(&open.session.found.image_token);
            self.closed.insert(session_id.to_owned(), open.session.created_ms);
        }
    }
}
