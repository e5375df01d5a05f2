//! Sessions: a clip, its faces, and 24 hours to use them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::model::Interval;
use crate::model::face::SESSION_LIFE_MS;

use super::file_store::{StoredFile, lock};
use super::ids::Ids;
use super::media_work::Analysis;
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
    /// Names the clip in `parent_video.id`: its `video_id`, or one made for it.
    pub video_id: String,
    /// Where the clip came from; `None` where it was named by `video_id`.
    pub video_url: Option<String>,
}

/// The answer of an identify. A finished task keeps this and not the session, which holds the clip.
#[derive(Debug)]
pub struct FoundFaces {
    /// The session's name in a create.
    pub session_id: String,
    /// Part of the address of the face images, which are fetched without a key.
    pub image_token: String,
    /// Each face's id, and its interval in milliseconds of the clip.
    pub faces: Vec<(String, Interval)>,
}

/// What a new session is made of.
pub struct NewSession {
    /// See [`Session::clip`].
    pub clip: Arc<StoredFile>,
    /// See [`Session::analysis`].
    pub analysis: Analysis,
    /// See [`Session::video_id`].
    pub video_id: String,
    /// See [`Session::video_url`].
    pub video_url: Option<String>,
}

/// Every session.
#[derive(Debug)]
pub struct Sessions {
    ids: Ids,
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
    /// No sessions yet.
    pub fn new(ids: Ids) -> Self {
        Self { ids, table: Mutex::default() }
    }

    /// Opens a session.
    pub fn open(&self, now_ms: i64, new: NewSession) -> Arc<Session> {
        let faces = new.analysis.faces().map(|(face_id, face)| (face_id, face.interval)).collect();
        let found = FoundFaces { session_id: self.ids.number(), image_token: self.ids.token(), faces };
        let session = Arc::new(Session {
            found: Arc::new(found),
            created_ms: now_ms,
            clip: new.clip,
            analysis: new.analysis,
            video_id: new.video_id,
            video_url: new.video_url,
        });
        let mut table = lock(&self.table);
        table.close_expired(now_ms);
        if table.open.len() >= MAX_SESSIONS {
            table.close_oldest();
        }
        let FoundFaces { session_id, image_token, .. } = &*session.found;
        table.by_image_token.insert(image_token.clone(), session_id.clone());
        table.open.insert(session_id.clone(), Open { session: Arc::clone(&session), used_ms: now_ms });
        drop(table);
        session
    }

    /// The session of that name, while it is open.
    ///
    /// # Errors
    /// It expired, was closed, or never existed.
    pub fn find(&self, now_ms: i64, session_id: &str) -> Result<Arc<Session>, Refusal> {
        let mut table = lock(&self.table);
        table.close_expired(now_ms);
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
        table.close_expired(now_ms);
        table.by_image_token.get(token).and_then(|id| table.open.get(id)).map(|open| Arc::clone(&open.session))
    }

    /// Shows each open session to `visit`, with when it was last used, without taking a share in it.
    pub fn for_each(&self, mut visit: impl FnMut(&Arc<Session>, i64)) {
        lock(&self.table).open.values().for_each(|open| visit(&open.session, open.used_ms));
    }

    /// Closes a session.
    pub fn close(&self, session_id: &str) {
        lock(&self.table).close(session_id);
    }
}

impl Table {
    fn close_expired(&mut self, now_ms: i64) {
        let expired: Vec<String> = self
            .open
            .iter()
            .filter(|(_, open)| now_ms.saturating_sub(open.session.created_ms) >= SESSION_LIFE_MS)
            .map(|(session_id, _)| session_id.clone())
            .collect();
        for session_id in expired {
            self.close(&session_id);
        }
        self.closed.retain(|_, created_ms| now_ms.saturating_sub(*created_ms) < SESSION_LIFE_MS + REMEMBER_MS);
    }

    fn close_oldest(&mut self) {
        let oldest = self.open.iter().min_by_key(|(_, open)| open.session.created_ms).map(|(id, _)| id.clone());
        if let Some(session_id) = oldest {
            self.close(&session_id);
        }
    }

    fn close(&mut self, session_id: &str) {
        if let Some(open) = self.open.remove(session_id) {
            self.by_image_token.remove(&open.session.found.image_token);
            self.closed.insert(session_id.to_owned(), open.session.created_ms);
        }
    }
}
