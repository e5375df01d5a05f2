//! Which clip a session belongs to, so that its faces are found again: by the content of a file, by an address, or by an id; and by the account.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use url::Url;

use super::{local_days, words};
use crate::journal::{Described, SessionRecord};
use crate::media::content_sha256;
use crate::model::{ClipSource, Problem, ProblemKind, Session};
use crate::service::{ContentMark, Fetcher, SeenContents};

/// What the files that were uploaded are, by the addresses that the service gets instead of them. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct UploadedFiles(Arc<Mutex<HashMap<String, (String, String)>>>);

impl UploadedFiles {
    /// Notes that the file with this content and of this name is at an address.
    pub fn note(&self, address: String, sha256: String, name: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address, (sha256, name));
    }

    /// A clip as its session is written down: of an address with what was last seen there.
    pub fn described(&self, source: &ClipSource, account: &str, seen: &SeenContents) -> Described {
        let address = if let ClipSource::Url(url) = source { Some(url) } else { None };
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((sha256, name)) = address.and_then(|url| known.get(url).cloned()) {
            return Described { name, document: document(&json!({ "sha256": sha256 }), Some(account), None) };
        }
        drop(known);
        let mark = address.and_then(|url| seen.at(url));
        Described { name: source.name(), document: document(&json!(source), Some(account), mark.as_ref()) }
    }
}

/// A clip whose faces are looked for among those of earlier sessions.
#[derive(Clone, Debug)]
pub struct ClipMark {
    /// The clip: a file counts by its content.
    pub clip: ClipSource,
    /// The accounts whose sessions are this one's, as [`crate::service::Credentials::account_mark`] tells them apart.
    pub accounts: Vec<String>,
}

impl ClipMark {
    /// As [`UploadedFiles::described`] writes it down, without account; `None`: the file cannot be read. Reads the whole file: blocks.
    pub fn document(&self) -> Option<Value> {
        Some(match &self.clip {
            ClipSource::File(path) => document(&json!({ "sha256": content_sha256(path).ok()? }), None, None),
            other => document(&json!(other), None, None),
        })
    }

    /// Whether a session is that of one of the accounts.
    pub fn is_own(&self, record: &SessionRecord) -> bool {
        let account = record.clip.document.get(ACCOUNT).and_then(Value::as_str);
        account.is_some_and(|account| self.accounts.iter().any(|own| own == account))
    }
}

const CLIP: &str = "clip";
const ACCOUNT: &str = "account";
const SEEN: &str = "seen";

fn document(clip: &Value, account: Option<&str>, seen: Option<&ContentMark>) -> Value {
    let mut document = json!({ CLIP: clip });
    if let Some(account) = account {
        document[ACCOUNT] = json!(account);
    }
    if let Some(seen) = seen {
        document[SEEN] = json!(seen);
    }
    document
}

/// What was seen at the address of a clip when its session was found; `None`: nothing.
fn seen_then(record: &SessionRecord) -> Option<ContentMark> {
    serde_json::from_value(record.clip.document.get(SEEN)?.clone()).ok()
}

/// Why the faces of a session of another account are not taken up.
pub fn of_another_key(record: &SessionRecord) -> Problem {
    let (from, until) = (local_days::minute(record.session.begun_at_ms), local_days::minute(record.ends_ms));
    Problem::new(ProblemKind::Usage, words::faces_of_another_key(from))
        .with_hint(words::faces_of_another_key_hint(until))
}

/// Why the faces of a session are not taken up: another clip is at the address by now, as its server says. Only an address that was fetched from
/// for a person is asked, for one byte; where that is not answered, it is the same as far as is known.
pub async fn replaced(clip: &ClipSource, record: &SessionRecord, fetcher: &Fetcher) -> Option<Problem> {
    let (ClipSource::Url(url), Some(then)) = (clip, seen_then(record)) else { return None };
    let seen = SeenContents::default();
    fetcher.clone().noting(seen.clone()).beginning(url, 1).await.ok()?;
    let now = seen.at(url).filter(|now| then.differs_from(now))?;
    let what = match (then.size_bytes, now.size_bytes) {
        (Some(then), Some(now)) if then != now => words::part_bytes_then_and_now(then, now),
        _ => match now.last_modified.filter(|_| then.last_modified.is_some()) {
            Some(changed) => words::part_changed(changed),
            None => words::part_other_version(),
        },
    };
    Some(
        Problem::new(ProblemKind::Usage, words::clip_was_replaced(what))
            .with_hint(words::clip_was_replaced_hint(local_days::minute(record.session.begun_at_ms))),
    )
}

/// The pictures of faces at a sandbox that goes on under another address than when they were found: it keeps them by their paths.
pub fn move_pictures(session: &mut Session, base_url: &str) {
    for image in session.faces.iter_mut().filter_map(|face| face.face_image.as_mut()) {
        if let Ok(url) = Url::parse(image) {
            *image = format!("{}{}", base_url.trim_end_matches('/'), url.path());
        }
    }
}

/// The checksum of a file's content; `None`: it cannot be read, or not now.
pub async fn content_of(path: &Path) -> Option<String> {
    // A simulation has no files, and no threads.
    tokio::runtime::Handle::try_current().ok()?;
    let path = PathBuf::from(path);
    tokio::task::spawn_blocking(move || content_sha256(&path).ok()).await.ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Face;

    #[test]
    fn pictures_of_a_sandbox_are_where_it_is_now() {
        let face = |image: Option<&str>| Face {
            face_id: "f".into(),
            face_image: image.map(str::to_owned),
            interval: None,
            rect: None,
            extra: serde_json::Map::new(),
        };
        let faces = vec![face(Some("http://127.0.0.1:4/faces/a/f.jpg")), face(None)];
        let mut session =
            Session { session_id: "s".into(), begun_at_ms: 0, faces, cost: None, extra: serde_json::Map::new() };
        move_pictures(&mut session, "http://127.0.0.1:5/");
        assert_eq!(session.faces[0].face_image.as_deref(), Some("http://127.0.0.1:5/faces/a/f.jpg"));
    }
}
