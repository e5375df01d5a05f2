//! Which clip a session belongs to, so that its faces are found again: by the content of a file, by an address, or by an id; and by the account.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::journal::Described;
use crate::media::content_sha256;
use crate::model::ClipSource;

/// What the files that were uploaded are, by the addresses that the service gets instead of them. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct UploadedFiles(Arc<Mutex<HashMap<String, (String, String)>>>);

impl UploadedFiles {
    /// Notes that the file with this content and of this name is at an address.
    pub fn note(&self, address: String, sha256: String, name: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address, (sha256, name));
    }

    /// A clip as its session is written down.
    pub fn described(&self, source: &ClipSource, account: &str) -> Described {
        let uploaded = match source {
            ClipSource::Url(url) => self.0.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned(),
            ClipSource::File(_) | ClipSource::VideoId(_) => None,
        };
        match uploaded {
            Some((sha256, name)) => Described { name, document: document(&json!({ "sha256": sha256 }), account) },
            None => Described { name: source.name(), document: document(&json!(source), account) },
        }
    }
}

/// A clip whose faces are looked for among those of earlier sessions.
#[derive(Clone, Debug)]
pub struct ClipMark {
    /// The clip: a file counts by its content.
    pub clip: ClipSource,
    /// The account, as [`crate::service::Credentials::account_mark`] tells them apart.
    pub account: String,
}

impl ClipMark {
    /// As [`UploadedFiles::described`] writes it down; `None`: the file cannot be read. Reads the whole file: blocks.
    pub fn document(&self) -> Option<Value> {
        Some(match &self.clip {
            ClipSource::File(path) => document(&json!({ "sha256": content_sha256(path).ok()? }), &self.account),
            other => document(&json!(other), &self.account),
        })
    }
}

fn document(clip: &Value, account: &str) -> Value {
    json!({ "clip": clip, "account": account })
}

/// The checksum of a file's content; `None`: it cannot be read, or not now.
pub async fn content_of(path: &Path) -> Option<String> {
    // A simulation has no files, and no threads.
    tokio::runtime::Handle::try_current().ok()?;
    let path = PathBuf::from(path);
    tokio::task::spawn_blocking(move || content_sha256(&path).ok()).await.ok().flatten()
}
