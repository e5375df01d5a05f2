//! Uploads and results by their ids: uploads serve as `audio_id` and at the addresses of local files, results as `video_id`. Both are
//! kept 30 days by the sandbox's clock, or until the space is needed.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};

use crate::model::VoiceProbe;

use super::file_store::{FileRecord, StoredFile, lock};
use super::ids::Ids;
use super::records::{Kind, Records};

/// How long an asset is kept, and may be named by its id: 30 days.
pub const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// What a file holds, by its bytes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub enum AssetKind {
    /// Moving pictures.
    Video,
    /// Sound.
    Audio(VoiceProbe),
    /// Neither, as far as the sandbox can tell. It is kept all the same: the refusal comes where it is used.
    Other,
}

impl AssetKind {
    /// The word in the answer to an upload.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio(_) => "audio",
            Self::Other => "other",
        }
    }

    /// The content type it is served with.
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

/// Who made an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Origin {
    /// A caller uploaded it.
    Upload,
    /// A task made it.
    Result,
}

/// An upload or a result.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its id.
    pub id: String,
    /// What it holds.
    pub kind: AssetKind,
    /// The bytes.
    pub file: Arc<StoredFile>,
    origin: Origin,
    created_ms: i64,
    used_ms: i64,
}

impl Asset {
    /// Who made it.
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// When it was last asked for, by the sandbox's clock.
    pub const fn used_ms(&self) -> i64 {
        self.used_ms
    }
}

/// An asset as it is kept, under its id.
#[derive(Debug, Deserialize, Serialize)]
pub struct AssetRecord {
    kind: AssetKind,
    origin: Origin,
    created_ms: i64,
    /// Its bytes.
    pub file: FileRecord,
}

impl AssetRecord {
    /// Whether it is older than an asset is kept.
    pub const fn is_expired(&self, now_ms: i64) -> bool {
        now_ms.saturating_sub(self.created_ms) > KEPT_MS
    }
}

/// Why an id leads to no asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssetError {
    /// No asset has it, or it was removed to make room.
    NotFound,
    /// The asset is older than 30 days.
    Expired,
}

/// Every asset.
#[derive(Debug)]
pub struct Assets {
    ids: Ids,
    records: Records,
    by_id: Mutex<HashMap<String, Asset>>,
}

impl Assets {
    /// No assets yet. They are kept among these records.
    pub fn new(ids: Ids, records: Records) -> Self {
        Self { ids, records, by_id: Mutex::default() }
    }

    /// Adds a file.
    ///
    /// # Errors
    /// It is to be kept, and cannot be written down.
    pub async fn add(&self, now_ms: i64, kind: AssetKind, file: Arc<StoredFile>, origin: Origin) -> io::Result<Asset> {
        let asset = Asset { id: self.ids.number(), kind, file, origin, created_ms: now_ms, used_ms: now_ms };
        let record = AssetRecord { kind: asset.kind.clone(), origin, created_ms: now_ms, file: asset.file.record() };
        self.records.write(Kind::Asset, &asset.id, record, vec![Arc::clone(&asset.file)]).await?;
        lock(&self.by_id).insert(asset.id.clone(), asset.clone());
        Ok(asset)
    }

    /// Puts an asset of an earlier run back, with its bytes.
    pub fn restore(&self, id: String, record: AssetRecord, file: Arc<StoredFile>) {
        let AssetRecord { kind, origin, created_ms, .. } = record;
        let asset = Asset { id: id.clone(), kind, file, origin, created_ms, used_ms: created_ms };
        lock(&self.by_id).insert(id, asset);
    }

    /// The upload or the result with this id.
    ///
    /// # Errors
    /// There is none, or it is too old.
    pub fn find(&self, now_ms: i64, id: &str, origin: Origin) -> Result<Asset, AssetError> {
        let mut by_id = lock(&self.by_id);
        let asset = by_id.get_mut(id).filter(|asset| asset.origin == origin).ok_or(AssetError::NotFound)?;
        if now_ms.saturating_sub(asset.created_ms) > KEPT_MS {
            return Err(AssetError::Expired);
        }
        asset.used_ms = now_ms;
        Ok(asset.clone())
    }

    /// Shows each asset to `visit`, without taking a share in its file.
    pub fn for_each(&self, visit: impl FnMut(&Asset)) {
        lock(&self.by_id).values().for_each(visit);
    }

    /// Removes an asset.
    pub fn remove(&self, id: &str) {
        self.records.remove(Kind::Asset, id);
        lock(&self.by_id).remove(id);
    }
}
