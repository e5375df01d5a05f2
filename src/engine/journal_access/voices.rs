//! Voices that were made for a job of the queue (sent as WAV): they lie beside the journal for as long as the job is not at its end, since what they were
//! made in goes with its process.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use sha2::{Digest as _, Sha256};

use super::JournalAccess;
use super::shared::Shared;
use crate::engine::words;
use crate::files::{self, Access, IfExists, folders};
use crate::model::{Problem, ProblemKind, VoiceSource};

/// The folder beside the journal.
const FOLDER: &str = "voices";
/// A voice that nobody has a job for may be one whose job is just being written down, by another process too.
const YOUNG: Duration = Duration::from_mins(1);

impl JournalAccess {
    /// Keeps a voice for the job of this name, durably. Returns where it is.
    ///
    /// # Errors
    /// It cannot be read or written: nothing waits.
    pub(in crate::engine) async fn keep_voice(&self, voice: PathBuf, name: String) -> Result<PathBuf, Problem> {
        self.blocking(move |shared| {
            let folder = folder_beside(&shared.file).join(&files::hex(&Sha256::digest(name))[..32]);
            let kept = folder.join(voice.file_name().unwrap_or_default());
            let written = folders::create_private(&folder)
                .and_then(|()| files::write_whole(&kept, &fs::read(&voice)?, IfExists::Replace, Access::OwnerOnly));
            let not_kept = |err: io::Error| {
                Problem::new(ProblemKind::File, words::voice_not_kept(folder.display(), &err))
                    .with_hint(words::voice_not_kept_hint())
            };
            written.map_err(not_kept)
        })
        .await
    }

    /// Deletes the voices of jobs that are at their end.
    pub(in crate::engine) async fn sweep_voices(&self) {
        let swept = self.blocking(|shared| shared.sweep_voices()).await;
        if let Err(problem) = swept {
            tracing::debug!(%problem, "voices of the queue could not be swept");
        }
    }
}

fn folder_beside(journal: &Path) -> PathBuf {
    journal.with_file_name(FOLDER)
}

impl Shared {
    fn sweep_voices(&self) -> Result<(), Problem> {
        let Ok(entries) = fs::read_dir(folder_beside(&self.file)) else { return Ok(()) };
        let entries: Vec<_> = entries.flatten().collect();
        if entries.is_empty() {
            return Ok(());
        }
        let needed: Vec<PathBuf> = self
            .open()?
            .journal
            .unfinished()?
            .into_iter()
            .filter_map(|intent| match serde_json::from_value(intent.voice.document).ok()? {
                VoiceSource::File(path) => path.parent().map(Path::to_owned),
                _ => None,
            })
            .collect();
        for entry in entries {
            let is_young = entry
                .metadata()
                .and_then(|data| data.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age < YOUNG));
            if !is_young && !needed.contains(&entry.path()) {
                // Ours alone: nobody else writes into this folder.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }
}
