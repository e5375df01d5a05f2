//! Downloads in progress: listed before their first byte is written, continued by the next process, and swept when nobody does.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, io};

use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;
use url::Url;

use super::JournalAccess;
use super::shared::Shared;
use crate::files::{self, is_written_to};
use crate::journal::{HEARTBEAT_MS, IntentId, NewPart, Part, PartBegun};
use crate::model::{Problem, SavedFile};
use crate::secrets::redacted;
use crate::service::{ListedPart, NotePart, PartState, whole_tag};

/// How long an interrupted download can be continued, in milliseconds: then its part is swept.
const PART_KEPT_MS: i64 = 7 * 24 * 3_600_000;
/// How long it is waited for a download of this process that was dropped and is being given back.
const DROP_PATIENCE: Duration = Duration::from_millis(500);

/// How many free names beside a target are looked at for a file that was saved.
const NAMES: usize = 20;

/// Whose a download is.
pub(in crate::engine) enum PartTurn {
    /// It is listed and this call's.
    Ours(OurPart),
    /// The result is saved already, by another call or process: in the requested folder, where any file name is accepted; or under the requested
    /// name, by a process that ended before it recorded that. The journal has it now.
    Saved(SavedFile),
    /// Another process downloads this result; its lease ends then (milliseconds since the epoch), unless it is extended.
    HeldUntil(i64),
    /// Another call of this process downloads it, and any file in the folder will do: what becomes of that is waited for.
    Running,
    /// It is not listed: nothing is known of the address, the journal cannot be written, or this process is at it already.
    Unlisted,
}

/// A listed download. Dropped before its end it is given back: continued later where its part stayed, and listed no more where it is gone.
pub(in crate::engine) struct OurPart {
    shared: Arc<Shared>,
    part: Part,
    is_ended: bool,
}

impl JournalAccess {
    /// Lists the download of a result to `target`, or takes over the one that was interrupted. `once`: a result that is saved in that folder,
    /// under whatever name, or is about to be, is not downloaded a second time.
    pub(in crate::engine) async fn begin_part(&self, url: String, target: PathBuf, once: bool) -> PartTurn {
        let begun = self.blocking(move |shared| shared.begin_part(&url, &target, once)).await;
        begun.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "a download could not be listed in the journal: it is not continued if it is interrupted");
            PartTurn::Unlisted
        })
    }

    /// Sweeps downloads that nobody has continued for a week, or can continue.
    pub(in crate::engine) async fn sweep_parts(&self) {
        if let Err(problem) = self.blocking(Shared::sweep_parts).await {
            tracing::warn!(%problem, "interrupted downloads could not be swept");
        }
    }
}

impl OurPart {
    /// As the download takes it.
    pub fn listed(&self, url: &str) -> ListedPart {
        let known = self.part.etag.clone().filter(|_| self.part.received_bytes > 0).map(|etag| PartState {
            etag,
            received_bytes: self.part.received_bytes,
            total_bytes: self.part.total_bytes,
        });
        let (shared, id, url) = (Arc::clone(&self.shared), self.part.id, redacted(url).into_owned());
        let note: NotePart = Arc::new(move |state: &PartState| {
            let PartState { etag, received_bytes, total_bytes } = state;
            // A server may put anything into its name of the content: one that repeats a key is not kept, and nothing is continued.
            let etag = Some(etag.as_str()).filter(|etag| redacted(etag) == **etag);
            let noted = shared.open().and_then(|open| {
                let owner = &shared.owner;
                Ok(open.journal.part_progress(id, owner, &url, etag, *received_bytes, *total_bytes)?)
            });
            // What cannot be written down is received all the same.
            noted.inspect_err(|problem| tracing::warn!(%problem, "a download could not be noted")).unwrap_or(true)
        });
        ListedPart { path: self.part.path.clone(), known, note }
    }

    /// It came to its end: with a result, or without.
    pub async fn end(mut self, saved: Option<SavedFile>) {
        let (shared, part) = (Arc::clone(&self.shared), self.part.clone());
        self.is_ended = true;
        let written = tokio::task::spawn_blocking(move || shared.end_part(&part, saved)).await;
        if let Ok(Err(problem)) = written {
            tracing::warn!(%problem, "the end of a download could not be written to the journal");
        }
    }
}

impl Drop for OurPart {
    fn drop(&mut self) {
        if self.is_ended {
            return;
        }
        let (shared, part) = (Arc::clone(&self.shared), self.part.clone());
        // Without a runtime the process is ending, and gives everything back.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || shared.end_part(&part, None));
        }
    }
}

impl Shared {
    fn begin_part(self: &Arc<Self>, url: &str, target: &Path, once: bool) -> Result<PartTurn, Problem> {
        let journal = &self.open()?.journal;
        let Some((intent, number)) = self.known().videos.get(url).copied() else { return Ok(PartTurn::Unlisted) };
        if journal.is_read_only() {
            return Ok(PartTurn::Unlisted);
        }
        // The workflow and the work beside it may be at the same result.
        if once && !self.known().downloads.insert((intent, number)) {
            return Ok(PartTurn::Running);
        }
        if !once && !self.enter(intent, number) {
            return Ok(PartTurn::Unlisted);
        }
        let turn = self.list_part(intent, number, url, target, once);
        if !matches!(turn, Ok(PartTurn::Ours(_))) {
            self.known().downloads.remove(&(intent, number));
        }
        turn
    }

    /// Whether this call may download a result: no other of this process does. One that was just dropped is waited for.
    fn enter(&self, intent: IntentId, number: u32) -> bool {
        let since = Instant::now();
        while !self.known().downloads.insert((intent, number)) {
            if since.elapsed() >= DROP_PATIENCE {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }

    fn list_part(
        self: &Arc<Self>,
        intent: IntentId,
        number: u32,
        url: &str,
        target: &Path,
        once: bool,
    ) -> Result<PartTurn, Problem> {
        let journal = &self.open()?.journal;
        let target = std::path::absolute(target).unwrap_or_else(|_| target.to_owned());
        let ours = |part| PartTurn::Ours(OurPart { shared: Arc::clone(self), part, is_ended: false });
        loop {
            // Another name at each turn: what is listed under one is not always gone.
            let path = target.with_file_name(format!(".viseme-{}.part", files::hex(&super::random())));
            let (url, target) = (redacted(url).into_owned(), target.clone());
            let new = NewPart { intent, number, path, target, url };
            let known = match journal.begin_part(&new, &self.owner, self.now_ms())? {
                PartBegun::Part(id) => match journal.part(id)? {
                    // Only now is it certain that no other process is at it.
                    Some(part) => {
                        if let Some(saved) = self.saved_in_folder(intent, number, &new.target, once)? {
                            journal.end_part(&part, None, self.now_ms())?;
                            return Ok(PartTurn::Saved(saved));
                        }
                        self.keep_lease();
                        return Ok(ours(part));
                    }
                    None => continue,
                },
                PartBegun::HeldBy { part, until_ms } => {
                    // A process that downloads holds a file lock on the part. A file without a lock belongs to a process that has ended.
                    if !part.path.is_file() || is_written_to(&part.path) {
                        return Ok(PartTurn::HeldUntil(until_ms));
                    }
                    if !journal.take_part(part.id, part.owner.as_ref(), &self.owner)? {
                        continue;
                    }
                    *part
                }
                PartBegun::Resume(part) if is_written_to(&part.path) => {
                    // Its process lives, and only its lease is over: the machine slept, or the clock was set.
                    journal.release_part(part.id, &self.owner)?;
                    return Ok(PartTurn::HeldUntil(self.now_ms().saturating_add(HEARTBEAT_MS)));
                }
                PartBegun::Resume(part) => *part,
            };
            if let Some(saved) = saved_already(&known, &new.target) {
                self.write_end(&known, Some(saved.clone()))?;
                return Ok(PartTurn::Saved(saved));
            }
            // What lies in another folder can perhaps not be given its name there.
            if known.path.parent() == new.target.parent() && is_same_content(&known.url, &new.url) {
                self.keep_lease();
                return Ok(ours(known));
            }
            remove(&known.path).map_err(|err| Problem::from(crate::journal::JournalError::Failed(err.to_string())))?;
            journal.end_part(&known, None, self.now_ms())?;
        }
    }

    /// The file in the folder of `target` in which a result was saved and still is, where one is enough (`once`).
    fn saved_in_folder(
        &self,
        intent: IntentId,
        number: u32,
        target: &Path,
        once: bool,
    ) -> Result<Option<SavedFile>, Problem> {
        if !once {
            return Ok(None);
        }
        let is_there = |file: &SavedFile| {
            file.path.parent() == target.parent()
                && file.path.metadata().is_ok_and(|facts| facts.is_file() && facts.len() == file.size_bytes)
        };
        let saved = self.open()?.journal.results(intent)?.into_iter().filter(|result| result.number == number);
        Ok(saved.map(|result| result.file).find(is_there))
    }

    fn end_part(&self, part: &Part, saved: Option<SavedFile>) -> Result<(), Problem> {
        let ended = self.write_end(part, saved);
        self.known().downloads.remove(&(part.intent, part.number));
        ended
    }

    fn write_end(&self, part: &Part, saved: Option<SavedFile>) -> Result<(), Problem> {
        let journal = &self.open()?.journal;
        if saved.is_none() && part.path.is_file() {
            return Ok(journal.release_part(part.id, &self.owner)?);
        }
        let saved = saved.map(|file| {
            // Another process has another current directory.
            let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
            SavedFile { path, ..file }
        });
        Ok(journal.end_part(part, saved.as_ref(), self.now_ms())?)
    }

    fn sweep_parts(self: &Arc<Self>) -> Result<(), Problem> {
        let (journal, now_ms) = (&self.open()?.journal, self.now_ms());
        if journal.is_read_only() || self.clock.world().is_some() {
            return Ok(());
        }
        for part in journal.take_over_parts(&self.owner, now_ms)? {
            if self.known().downloads.contains(&(part.intent, part.number)) {
                continue;
            }
            if let Some(saved) = saved_already(&part, &part.target) {
                journal.end_part(&part, Some(&saved), now_ms)?;
                continue;
            }
            let is_resumable = part.received_bytes > 0 && part.path.is_file();
            let is_old = !(0..PART_KEPT_MS).contains(&now_ms.saturating_sub(part.begun_ms));
            // On a disk that is not there just now nothing can be removed.
            let is_reachable = part.path.parent().is_some_and(Path::is_dir);
            if (is_old || !is_resumable) && is_reachable && !is_written_to(&part.path) && remove(&part.path).is_ok() {
                journal.end_part(&part, None, now_ms)?;
            } else {
                journal.release_part(part.id, &self.owner)?;
            }
        }
        Ok(())
    }
}

/// The file that an interrupted download has become: whole, under the name it was to have or a free one beside it, and without a part.
fn saved_already(part: &Part, target: &Path) -> Option<SavedFile> {
    let tag = part.etag.as_deref()?;
    if part.path.exists() || part.target != target {
        return None;
    }
    let is_it = |path: &PathBuf| {
        let size_bytes = path.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        let sha256 = Some(path).filter(|_| size_bytes == part.received_bytes).and_then(|path| checksum(path).ok())?;
        let saved = SavedFile { path: path.clone(), sha256, size_bytes };
        Some(saved).filter(|saved| whole_tag(&saved.sha256) == tag)
    };
    files::names(target).take(NAMES).find_map(|path| is_it(&path))
}

fn checksum(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut piece) = (fs::File::open(path)?, Sha256::new(), vec![0; 256 * 1024]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(files::hex(&hash.finalize())),
            count => hash.update(piece.get(..count).unwrap_or_default()),
        }
    }
}

/// Removes a part; one that is not there is removed. What is no file of its own is left alone.
fn remove(part: &Path) -> io::Result<()> {
    match part.symlink_metadata() {
        Ok(known) if known.is_file() => fs::remove_file(part),
        _ => Ok(()),
    }
}

/// Whether two addresses may name the same content: signatures and, on this machine, ports change.
fn is_same_content(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Url::parse(one), Url::parse(other)) else { return one == other };
    let is_here = |url: &Url| crate::model::is_loopback(url.as_str());
    let is_same_host = one.host_str() == other.host_str() && one.port() == other.port();
    one.path() == other.path() && (is_same_host || is_here(&one) && is_here(&other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_change_and_contents_do_not() {
        let same = |one, other| is_same_content(one, other);
        assert!(same("https://cdn.example/r/v.mp4?sig=1", "https://cdn.example/r/v.mp4?sig=2"));
        assert!(same("http://127.0.0.1:4001/files/7.mp4", "http://127.0.0.1:4002/files/7.mp4"));
        for other in [
            "https://cdn.example/r/w.mp4?sig=1",
            "https://cdn2.example/r/v.mp4?sig=1",
            "https://cdn.example:8443/r/v.mp4",
        ] {
            assert!(!same("https://cdn.example/r/v.mp4?sig=1", other), "{other}");
        }
    }
}
