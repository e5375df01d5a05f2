//! Which clip a session belongs to, so that its faces are found again: by the content of a file, by an address, or by an id; and by the account.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use url::Url;

use super::dead_address::of_address;
use super::{local_days, words};
use crate::journal::{Described, SessionRecord};
use crate::media::content_sha256;
use crate::model::{ClipSource, Problem, ProblemKind};
use crate::service::{ContentMark, Fetcher, SeenContents};
use crate::workflow::ClipNow;

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
            return Described { name, document: document(&json!({ SHA256: sha256 }), Some(account), None) };
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
            ClipSource::File(path) => document(&json!({ SHA256: content_sha256(path).ok()? }), None, None),
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
const SHA256: &str = "sha256";
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

/// Whether a clip is still the one that the faces of a session were found in: a file by its content, an address as [`at_address`].
pub async fn compared(clip: &ClipSource, record: &SessionRecord, fetcher: &Fetcher, now_ms: i64) -> ClipNow {
    match clip {
        ClipSource::Url(url) => at_address(url, record, fetcher, now_ms).await,
        ClipSource::File(path) => {
            let then = record.clip.document.get(CLIP).and_then(|clip| clip.get(SHA256)).and_then(Value::as_str);
            // A file that cannot be read is said where it is read.
            match then.zip(content_of(path).await) {
                Some((then, now)) if then != now => another(words::clip_file_was_replaced(clip.name()), record),
                _ => ClipNow::Same,
            }
        }
        ClipSource::VideoId(_) => ClipNow::Same,
    }
}

/// Whether an address still has the clip that the faces of a session were found in, as its server says. Only one that was fetched from for a person is
/// asked, for one byte; where nothing can be known, that is said. `now_ms`: milliseconds since the epoch.
pub async fn at_address(url: &str, record: &SessionRecord, fetcher: &Fetcher, now_ms: i64) -> ClipNow {
    let from = local_days::minute(record.session.begun_at_ms);
    let unknown = |why: &str, next: Option<String>| {
        let next = next.unwrap_or_else(words::part_look_or_find);
        let problem = Problem::new(ProblemKind::Usage, words::clip_not_compared());
        ClipNow::Unknown(problem.with_hint(words::clip_not_compared_hint(why, next)))
    };
    let Some(then) = seen_then(record) else { return unknown(&words::part_never_seen(from), None) };
    let seen = SeenContents::default();
    if let Err(problem) = fetcher.clone().noting(seen.clone()).beginning(url, 1).await {
        let problem = of_address(url, now_ms, problem);
        return unknown(&problem.message, problem.hint);
    }
    let Some(now) = seen.at(url).filter(|now| then.shares_with(now)) else {
        return unknown(&words::part_unmarked(), None);
    };
    if !then.differs_from(&now) {
        return ClipNow::Same;
    }
    let what = match (then.size_bytes, now.size_bytes) {
        (Some(then), Some(now)) if then != now => words::part_bytes_then_and_now(then, now),
        _ => match now.last_modified.filter(|_| then.last_modified.is_some()) {
            Some(changed) => words::part_changed(changed),
            None => words::part_other_version(),
        },
    };
    another(words::clip_was_replaced(what), record)
}

fn another(words: String, record: &SessionRecord) -> ClipNow {
    let from = local_days::minute(record.session.begun_at_ms);
    let is_free = super::shell::is_embedded(&record.service);
    let hint = if is_free { words::clip_was_replaced_hint(from) } else { words::clip_was_replaced_paid_hint(from) };
    ClipNow::Another(Problem::new(ProblemKind::Usage, words).with_hint(hint))
}

/// Where a picture of a sandbox is that goes on under another address than when the picture was named: it keeps them by their paths.
pub fn moved_picture(image: &str, base_url: &str) -> String {
    match Url::parse(image) {
        Ok(url) => format!("{}{}", base_url.trim_end_matches('/'), url.path()),
        Err(_) => image.to_owned(),
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

    #[test]
    fn pictures_of_a_sandbox_are_where_it_is_now() {
        let moved = moved_picture("http://127.0.0.1:4/faces/a/f.jpg", "http://127.0.0.1:5/");
        assert_eq!(moved, "http://127.0.0.1:5/faces/a/f.jpg");
    }
}
