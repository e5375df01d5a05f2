//! Sessions: a clip, its faces, and 24 hours to use them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::model::face::SESSION_LIFE_MS;

use super::ids;
use super::refusal::Refusal;
use super::shelf::{Blob, lock};
use super::studio::Analysis;

/// How many sessions are kept; the oldest goes first.
const MOST: usize = 1_000;
/// How long an expired session is remembered as such, so that the refusal can say "expired" and not "unknown".
const REMEMBER_MS: i64 = 24 * 60 * 60 * 1000;

/// What an identify brought.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "session_id is its name on the wire")]
pub struct Session {
    /// Its name in a create.
    pub session_id: String,
    /// When it was answered, by the sandbox's clock.
    pub created_ms: i64,
    /// The clip itself.
    pub clip: Arc<Blob>,
    /// Its faces.
    pub analysis: Arc<Analysis>,
    /// Names the clip in `parent_video.id`: its `video_id`, or one made for it.
    pub video_id: String,
    /// Where the clip came from; `None` where it was named by `video_id`.
    pub video_url: Option<String>,
    /// Part of the address of the face images, which are fetched without a key.
    pub image_token: String,
}

/// Every session.
#[derive(Debug, Default)]
pub struct Sessions {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    by_id: HashMap<String, Arc<Session>>,
    by_image_token: HashMap<String, String>,
    /// When sessions that are over were made.
    over: HashMap<String, i64>,
}

impl Sessions {
    /// A new session.
    pub fn open(
        &self,
        now_ms: i64,
        clip: Arc<Blob>,
        analysis: Arc<Analysis>,
        video_id: String,
        video_url: Option<String>,
    ) -> Arc<Session> {
        let session = Arc::new(Session {
            session_id: ids::number_id(),
            created_ms: now_ms,
            clip,
            analysis,
            video_id,
            video_url,
            image_token: ids::token(),
        });
        let mut inner = lock(&self.inner);
        inner.expire(now_ms);
        if inner.by_id.len() >= MOST {
            inner.close_oldest();
        }
        inner.by_image_token.insert(session.image_token.clone(), session.session_id.clone());
        inner.by_id.insert(session.session_id.clone(), Arc::clone(&session));
        session
    }

    /// The session of that name, while it lives.
    pub fn find(&self, now_ms: i64, session_id: &str) -> Result<Arc<Session>, Refusal> {
        let mut inner = lock(&self.inner);
        inner.expire(now_ms);
        match (inner.by_id.get(session_id), inner.over.get(session_id)) {
            (Some(session), _) => Ok(Arc::clone(session)),
            (None, Some(_)) => Err(Refusal::field(
                "session_id",
                format_args!("session {session_id} has expired; a session lives 24 hours, identify again"),
            )),
            (None, None) => Err(Refusal::field("session_id", format_args!("session {session_id:.60} was not found"))),
        }
    }

    /// The session whose face images are under `token`.
    pub fn by_image_token(&self, now_ms: i64, token: &str) -> Option<Arc<Session>> {
        let mut inner = lock(&self.inner);
        inner.expire(now_ms);
        inner.by_image_token.get(token).and_then(|id| inner.by_id.get(id)).map(Arc::clone)
    }

    /// When the oldest session was made; `None` where there is none.
    pub fn oldest_ms(&self) -> Option<i64> {
        lock(&self.inner).by_id.values().map(|session| session.created_ms).min()
    }

    /// Closes the oldest session, for the space its clip takes.
    pub fn close_oldest(&self) {
        lock(&self.inner).close_oldest();
    }
}

impl Inner {
    fn expire(&mut self, now_ms: i64) {
        let over: Vec<String> = self
            .by_id
            .values()
            .filter(|session| now_ms.saturating_sub(session.created_ms) >= SESSION_LIFE_MS)
            .map(|session| session.session_id.clone())
            .collect();
        for session_id in over {
            self.close(&session_id);
        }
        self.over.retain(|_, created_ms| now_ms.saturating_sub(*created_ms) < SESSION_LIFE_MS + REMEMBER_MS);
    }

    fn close_oldest(&mut self) {
        let oldest = self.by_id.values().min_by_key(|session| session.created_ms).map(|s| s.session_id.clone());
        if let Some(session_id) = oldest {
            self.close(&session_id);
        }
    }

    fn close(&mut self, session_id: &str) {
        if let Some(session) = self.by_id.remove(session_id) {
            self.by_image_token.remove(&session.image_token);
            self.over.insert(session.session_id.clone(), session.created_ms);
        }
    }
}
