//! What the sandbox holds for its callers: uploads, which are the `audio_id`s and the addresses of local files, and results,
//! which are the `video_id`s. Both are kept 30 days by the sandbox's clock, or until the space is needed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::model::VoiceProbe;

use super::ids;
use super::shelf::{Blob, lock};

/// How long a file is kept, and may be named by its id: 30 days.
pub const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// What a file is, by its bytes.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Moving pictures.
    Video,
    /// Sound.
    Audio(VoiceProbe),
    /// Neither, as far as the sandbox can tell. It is kept all the same: the refusal comes where it is used.
    Other,
}

impl Kind {
    /// The word in the answer to an upload.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio(_) => "audio",
            Self::Other => "other",
        }
    }

    /// What it is served as.
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Video => "video/mp4",
            Self::Audio(probe) => match probe.format.as_str() {
                "mp3" => "audio/mpeg",
                "wav" => "audio/wav",
                "m4a" => "audio/mp4",
                "aac" => "audio/aac",
                _ => "application/octet-stream",
            },
            Self::Other => "application/octet-stream",
        }
    }
}

/// A file with an id.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its id.
    pub id: String,
    /// Its name, for its address.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// The bytes.
    pub blob: Arc<Blob>,
    /// Whether a task made it.
    pub is_result: bool,
    created_ms: i64,
    used_ms: i64,
}

/// Why an id leads to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// Never heard of it, or removed to make room.
    Unknown,
    /// Older than 30 days.
    TooOld,
}

/// Every file with an id.
#[derive(Debug, Default)]
pub struct Library {
    items: Mutex<HashMap<String, Item>>,
}

impl Library {
    /// Adds a file.
    pub fn add(&self, now_ms: i64, name: &str, kind: Kind, blob: Arc<Blob>, is_result: bool) -> Item {
        let item = Item {
            id: ids::number_id(),
            name: name.into(),
            kind,
            blob,
            is_result,
            created_ms: now_ms,
            used_ms: now_ms,
        };
        lock(&self.items).insert(item.id.clone(), item.clone());
        item
    }

    /// The file with this id, an upload or a result as asked.
    pub fn find(&self, now_ms: i64, id: &str, is_result: bool) -> Result<Item, Gone> {
        let mut items = lock(&self.items);
        let item = items.get_mut(id).filter(|item| item.is_result == is_result).ok_or(Gone::Unknown)?;
        if now_ms.saturating_sub(item.created_ms) > KEPT_MS {
            return Err(Gone::TooOld);
        }
        item.used_ms = now_ms;
        Ok(item.clone())
    }

    /// When the file that was not used for the longest time was last used; `None` where there is no file.
    pub fn oldest_use_ms(&self) -> Option<i64> {
        lock(&self.items).values().map(|item| item.used_ms).min()
    }

    /// Forgets the file that was not used for the longest time, for the space it takes.
    pub fn forget_oldest(&self) {
        let mut items = lock(&self.items);
        let oldest = items.values().min_by_key(|item| item.used_ms).map(|item| item.id.clone());
        oldest.and_then(|id| items.remove(&id));
    }
}
