//! A result is saved: by one process at a time, continued where an earlier one was interrupted, and written down.

use std::path::{Path, PathBuf};

use super::JournalAccess;
use super::job::ProgressWriter;
use super::journal_access::PartTurn;
use super::words;
use crate::files::IfExists;
use crate::model::{Problem, ProblemKind, SavedFile};
use crate::service::{Clock, Fetcher, Wait, WaitEnd, Waits, download_target, of_result};
use crate::workflow::JobEvent;

/// How often it is looked whether another process has ended, in milliseconds.
const TICK_MS: u64 = 250;

/// What a result is saved with.
pub struct Saving {
    pub fetcher: Fetcher,
    pub journal: Option<JournalAccess>,
    pub waits: Waits,
    pub clock: Clock,
}

impl Saving {
    /// Saves the result at an address as `to`.
    pub async fn save(self, url: String, to: PathBuf, if_exists: IfExists, progress: ProgressWriter) -> JobEvent {
        JobEvent::Downloaded(self.try_save(&url, &to, if_exists, progress).await)
    }

    /// Saves the result at an address as `to`.
    ///
    /// # Errors
    /// It cannot be fetched or written, or another process fetches it.
    pub async fn try_save(
        &self,
        url: &str,
        to: &Path,
        if_exists: IfExists,
        progress: ProgressWriter,
    ) -> Result<SavedFile, Problem> {
        self.saved(url, to, if_exists, progress).await.map_err(of_result)
    }

    async fn saved(
        &self,
        url: &str,
        to: &Path,
        if_exists: IfExists,
        progress: ProgressWriter,
    ) -> Result<SavedFile, Problem> {
        let report = move |now| progress.report(now);
        let Some(journal) = &self.journal else { return self.fetcher.to_file(url, to, if_exists, report).await };
        let target = download_target(to, if_exists)?;
        // With any free file name, a result is saved once per folder: the workflow and the background work on leftovers both get here.
        let once = if_exists == IfExists::TakeFreeName;
        let part = match self.part(journal, url, &target, once).await? {
            PartTurn::Ours(part) => part,
            // In the same folder: named as it was asked for, relative or not.
            PartTurn::Saved(saved) => {
                let name = saved.path.file_name().unwrap_or_default();
                return Ok(SavedFile { path: to.with_file_name(name), ..saved });
            }
            PartTurn::HeldUntil(_) | PartTurn::Running | PartTurn::Unlisted => {
                let saved = self.fetcher.to_file(url, to, if_exists, report).await?;
                journal.saved(url.to_owned(), saved.clone()).await;
                return Ok(saved);
            }
        };
        // Only now: what it finds saved is not saved once more by this call.
        journal.sweep_parts().await;
        let listed = Some(part.listed(url));
        let saved = self.fetcher.to_listed_file(url, to, if_exists, listed, report).await;
        part.end(saved.as_ref().ok().cloned()).await;
        saved
    }

    /// Lists the download. Waits while it is not clear whether another process that has it has ended: until
    /// its lease is over, or is extended, for then it lives; and for
    /// another call of this process.
    async fn part(&self, journal: &JournalAccess, url: &str, target: &Path, once: bool) -> Result<PartTurn, Problem> {
        let elsewhere = || {
            Problem::new(ProblemKind::Usage, words::downloaded_elsewhere())
                .with_hint(words::downloaded_elsewhere_hint())
        };
        let mut first_ms = None;
        loop {
            let until_ms = match journal.begin_part(url.to_owned(), target.to_owned(), once).await {
                PartTurn::HeldUntil(until_ms) => until_ms,
                PartTurn::Running => {
                    self.clock.sleep(TICK_MS).await;
                    continue;
                }
                turn => return Ok(turn),
            };
            if *first_ms.get_or_insert(until_ms) != until_ms {
                return Err(elsewhere());
            }
            let wait = Wait { operation: "download", until_ms, problem: elsewhere() };
            if self.waits.pause(wait, self.clock.sleep(TICK_MS)).await == WaitEnd::GivenUp {
                return Err(elsewhere());
            }
        }
    }
}
