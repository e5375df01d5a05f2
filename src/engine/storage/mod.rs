//! Storage of one's own as an engine uses it: a bucket, or a command that prints an address. What was put there is remembered, to be deleted where that
//! is wanted.

mod command;
mod contents;

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;

use super::words;
use crate::media;
use crate::model::voice::MAX_SIZE_BYTES;
use crate::model::{
    BucketPlace, Problem, ProblemKind, Progress, StorageCommand, StoragePlace, StoredFile, Submission, VoiceSource,
};
use crate::service::{self, Content, FetchLimits, Fetcher, Recorder};

pub use self::contents::{KnownFile, KnownObject};
pub use crate::service::StoredObject;

/// Storage of one's own, ready to be used. Cheap to clone; clones remember together what was put there.
#[derive(Clone, Debug)]
pub struct Storage {
    kind: Kind,
    /// The keys of what was put there, where that is to be deleted afterwards.
    placed: Arc<Mutex<BTreeSet<String>>>,
}

#[derive(Clone, Debug)]
enum Kind {
    Bucket(service::Storage),
    Command(StorageCommand),
}

impl Storage {
    /// A bucket with its keys. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: a part of it, or a key, cannot be used.
    pub fn bucket(place: BucketPlace, keys: &(SecretString, SecretString)) -> Result<Self, Problem> {
        Ok(Self::of(Kind::Bucket(service::Storage::new(place, &keys.0, &keys.1)?)))
    }

    /// A command that prints an address.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: it names no program.
    pub fn command(command: StorageCommand) -> Result<Self, Problem> {
        if command.program.trim().is_empty() {
            return Err(Problem::new(ProblemKind::Usage, words::storage_no_program()));
        }
        Ok(Self::of(Kind::Command(command)))
    }

    fn of(kind: Kind) -> Self {
        Self { kind, placed: Arc::default() }
    }

    /// The same, with its exchanges recorded there.
    #[must_use]
    pub fn recorded_by(&self, recorder: Recorder) -> Self {
        let kind = match self.kind.clone() {
            Kind::Bucket(bucket) => Kind::Bucket(bucket.recorded_by(recorder)),
            command @ Kind::Command(_) => command,
        };
        Self { kind, placed: Arc::clone(&self.placed) }
    }

    /// What it is called in messages.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.kind {
            Kind::Bucket(bucket) => bucket.place().name(),
            Kind::Command(command) => StoragePlace::Command(command.clone()).name(),
        }
    }

    /// Whether what is put there is deleted once a task of it has succeeded: a session of it is not begun with again, since its service may fetch
    /// the clip once more.
    #[must_use]
    pub fn deletes_after(&self) -> bool {
        matches!(&self.kind, Kind::Bucket(bucket) if bucket.place().delete_after)
    }

    /// Puts a file where a service can fetch it, and fetches its beginning from there with `fetcher`, as a service would.
    ///
    /// # Errors
    /// The file cannot be read; storage or command refuses or fails; or the address does not serve the file.
    pub async fn put(
        &self,
        path: &Path,
        fetcher: &Fetcher,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<StoredFile, Problem> {
        match &self.kind {
            Kind::Bucket(bucket) => {
                let (stored, key) = bucket.put(path, fetcher, on_progress).await?;
                if bucket.place().delete_after {
                    self.placed().insert(key);
                }
                Ok(stored)
            }
            Kind::Command(command) => {
                let content = Content::of_file(path).await?;
                let address = command::address_of(command.clone(), path).await?;
                fetcher.check_serves(&address, &content).await?;
                Ok(StoredFile::at(address))
            }
        }
    }

    /// A submission whose voice can be sent: a file that is too large to be sent along goes into the storage, and its address is sent.
    ///
    /// # Errors
    /// As [`Storage::put`].
    pub async fn with_voice(
        &self,
        submission: &Submission,
        fetcher: &Fetcher,
        on_progress: impl Fn(Progress) + Send + Sync + 'static,
    ) -> Result<Submission, Problem> {
        let mut submission = submission.clone();
        if let VoiceSource::File(path) = &submission.voice
            // One that cannot be read is the client's to report.
            && tokio::fs::metadata(path).await.is_ok_and(|facts| facts.len() > MAX_SIZE_BYTES)
        {
            let stored = self.put(path, fetcher, on_progress).await?;
            submission.voice = VoiceSource::Url(stored.address);
        }
        Ok(submission)
    }

    /// What lies in the bucket of what this program has put there.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: a command has no list. Else the storage refuses or does not answer.
    pub async fn list(&self) -> Result<Vec<StoredObject>, Problem> {
        self.of_bucket()?.list().await
    }

    /// Deletes an object of the bucket.
    ///
    /// # Errors
    /// As [`Storage::list`]; and the key is none of ours.
    pub async fn delete(&self, key: &str) -> Result<(), Problem> {
        self.of_bucket()?.delete(key).await?;
        self.placed().remove(key);
        Ok(())
    }

    /// Puts a small file there, fetches it as a service would, and in a bucket lists and deletes it. Returns until when the address holds, in milliseconds since the
    /// epoch, where that is known.
    ///
    /// # Errors
    /// What does not work, by the first step that does not.
    pub async fn check(&self) -> Result<Option<i64>, Problem> {
        let unwritable = |err: io::Error| Problem::new(ProblemKind::File, words::storage_no_test_file(err));
        let mut file = tempfile::Builder::new().suffix(".txt").tempfile().map_err(unwritable)?;
        // Of a content that nobody else has there.
        writeln!(file, "viseme storage check {:016x}", getrandom::u64().unwrap_or_default()).map_err(unwritable)?;
        let path = file.path();
        let fetcher = Fetcher::new(FetchLimits::default(), Recorder::default(), media::wholeness);
        let Kind::Bucket(bucket) = &self.kind else {
            return self.put(path, &fetcher, |_| ()).await.map(|stored| stored.until_ms);
        };
        let (stored, key) = bucket.put(path, &fetcher, |_| ()).await?;
        let is_listed = bucket.list().await?.iter().any(|object| object.key == key);
        bucket.delete(&key).await?;
        let is_left = bucket.list().await?.iter().any(|object| object.key == key);
        if !is_listed || is_left {
            return Err(Problem::new(ProblemKind::Unreadable, words::storage_list_is_wrong(self.name())));
        }
        Ok(stored.until_ms)
    }

    /// Deletes what was put there since the beginning, where that is wanted. Returns how many objects.
    ///
    /// # Errors
    /// The storage refuses or does not answer: what is left still lies there.
    pub async fn tidy(&self) -> Result<usize, Problem> {
        let Kind::Bucket(bucket) = &self.kind else { return Ok(0) };
        let placed = self.placed().clone();
        let count = placed.len();
        for key in placed {
            bucket.delete(&key).await?;
            self.placed().remove(&key);
        }
        Ok(count)
    }

    fn of_bucket(&self) -> Result<&service::Storage, Problem> {
        match &self.kind {
            Kind::Bucket(bucket) => Ok(bucket),
            Kind::Command(command) => {
                let what = words::storage_command_has_no_list(&command.program);
                Err(Problem::new(ProblemKind::Usage, what).with_hint(words::storage_command_has_no_list_hint()))
            }
        }
    }

    fn placed(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.placed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
