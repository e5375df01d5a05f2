//! Texts are spoken: written down before they are sent, never sent again by themselves, and fetched to be heard.

use std::future::Future;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::execute::no_scratch;
use super::journal_access::unit_estimate;
use super::{Engine, JournalAccess, Journaling, local_days, words};
use crate::files::{IfExists, folders, hex, keep_within};
use crate::journal::{Micros, Service, Spend};
use crate::media::{self, Job};
use crate::model::cost::SPEECH_UNITS;
use crate::model::{CallOutcome, Dialect, Problem, ProblemKind, SavedFile, Speech, Spoken, Wholeness};
use crate::service::{FetchLimits, Fetcher};

/// A spoken text is a minute or two of sound: more bytes are something else.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// All sounds of spoken texts together take at most this much room.
const MOST_KEPT_BYTES: u64 = 256 * 1024 * 1024;

/// The folder in which the sounds of spoken texts are kept.
#[must_use]
pub fn spoken_folder(journal: &JournalAccess) -> PathBuf {
    journal.file().with_file_name("spoken")
}

/// Where the sound of the spoken text with this id at a service is kept, or would be.
#[must_use]
pub fn spoken_path(folder: &Path, service: &Service, audio_id: &str) -> PathBuf {
    let Service { base_url, path_prefix, .. } = service;
    let digest = hex(&Sha256::digest(format!("{base_url}\n{path_prefix}\n{}", audio_id.trim())));
    folder.join(format!("{}.wav", &digest[..32]))
}

/// What a spoken text is expected to cost, in the unit in which a service states it.
#[must_use]
pub fn speech_estimate(dialect: Dialect) -> f64 {
    unit_estimate(dialect, SPEECH_UNITS).1.units()
}

impl Engine {
    /// Has a text spoken by the connected service. It is paid, and written down before it is sent; dropped on its way, its outcome stays
    /// unknown.
    ///
    /// # Errors
    /// It was refused, or does not fit into the budget, or cannot be written down: not paid. [`ProblemKind::OutcomeUnknown`]: it may have been
    /// paid, and its voice cannot be found again: never to be sent again without asking the person.
    pub fn speak(&self, speech: Speech) -> impl Future<Output = Result<Spoken, Problem>> + Send + 'static + use<> {
        let client = self.executor.client();
        let service = self.executor.service.clone();
        let budget = self.executor.wishes.now().budget;
        let journal = match &self.executor.journal {
            Journaling::On(journal) => Some(journal.clone()),
            Journaling::Off => None,
        };
        async move {
            let client = client?;
            if let Some(fault) = speech.fault() {
                return Err(fault);
            }
            let mut begun = None;
            if let Some(journal) = journal {
                let (unit, estimate) = unit_estimate(client.profile().dialect, SPEECH_UNITS);
                let day = local_days::day(journal.now_ms());
                let spend = Spend { day, unit: unit.to_owned(), estimate, limit: budget.map(Micros::of) };
                let id = journal.begin_speech(service, &speech, spend).await?;
                begun = Some((journal, id));
            }
            let outcome = client.speak(&speech).await;
            if let Some((journal, id)) = begun {
                journal.end_speech(id, client.profile().dialect, &outcome).await;
            }
            match outcome {
                CallOutcome::Done(spoken) => Ok(spoken),
                CallOutcome::Refused(problem) | CallOutcome::NameTaken(problem) | CallOutcome::Unknown(problem) => {
                    Err(problem)
                }
            }
        }
    }

    /// Brings the sound of a spoken text to this machine: as it was kept, else fetched and kept beside the journal; without one, for as long as this
    /// engine lives. Nothing is paid.
    ///
    /// # Errors
    /// [`ProblemKind::File`]: there is no place for it. Later as [`Engine::fetch_speech`].
    pub fn keep_speech(
        &mut self,
        spoken: &Spoken,
    ) -> Result<impl Future<Output = Result<PathBuf, Problem>> + Send + 'static + use<>, Problem> {
        let folder = match &self.executor.journal {
            Journaling::On(journal) => Some(spoken_folder(journal)),
            Journaling::Off => None,
        };
        let path = match &folder {
            Some(folder) => spoken_path(folder, &self.executor.service, &spoken.audio_id),
            None => self.executor.scratch.path("wav").map_err(|err| no_scratch(&err))?,
        };
        let fetch = self.fetch_speech(spoken, path.clone());
        Ok(async move {
            let (made, known) = (folder.clone(), path.clone());
            let is_here = spawn_blocking(move || {
                // Where the folder cannot be created, the fetch that writes into it says so.
                made.map(|folder| folders::create_private(&folder));
                known.is_file()
            });
            if is_here.await.unwrap_or(false) {
                return Ok(path);
            }
            let saved = fetch.await?.path;
            if let Some(folder) = folder {
                let kept = saved.clone();
                let _ = spawn_blocking(move || keep_within(&folder, MOST_KEPT_BYTES, &kept)).await;
            }
            Ok(saved)
        })
    }

    /// Fetches a spoken text into a file, in place of an existing one. Nothing is paid.
    ///
    /// # Errors
    /// The service named no address for it, it cannot be fetched or written, or it is no sound.
    pub fn fetch_speech(
        &self,
        spoken: &Spoken,
        to: PathBuf,
    ) -> impl Future<Output = Result<SavedFile, Problem>> + Send + 'static + use<> {
        let limits = FetchLimits { file_bytes: MOST_BYTES, ..FetchLimits::default() };
        let fetcher = Fetcher::new(limits, self.executor.recorder.clone(), sound_wholeness).of_service(&self.profile);
        let url = spoken.url.clone();
        async move {
            let url = url.ok_or_else(|| Problem::new(ProblemKind::Unreadable, words::speech_without_address()))?;
            fetcher.to_file(&url, &to, IfExists::Replace, |_| ()).await
        }
    }
}

/// Whether a file is a whole sound. Blocks.
pub(super) fn sound_wholeness(path: &Path) -> Wholeness {
    match media::probe_voice(path, &Job::new()) {
        Ok(_) => Wholeness::Whole,
        Err(err) => Wholeness::Cut(err.to_string()),
    }
}
