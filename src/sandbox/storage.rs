//! The space on the disk and what it is used for: files that are being written, assets, sessions. Makes room by removing what is worth
//! least.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::assets::{Assets, Origin};
use super::file_store::{FileStore, Reservation, StoredFile, lock};
use super::refusal::Refusal;
use super::sessions::Sessions;
use super::words;

/// Everything that is on the disk.
#[derive(Debug)]
pub struct Storage {
    /// The files.
    pub files: FileStore,
    /// Uploads and results.
    pub assets: Assets,
    /// Sessions, which hold their clips.
    pub sessions: Sessions,
    limit_bytes: u64,
    /// Held while room is made, so that two callers do not remove twice as much as is needed.
    making_room: Mutex<()>,
}

/// What holds a file and can be removed.
enum Holder {
    Asset(String),
    Session(String),
}

/// A file that assets and sessions hold.
struct Candidate {
    size_bytes: u64,
    /// How many of the file's shares the holders have; more shares mean that a task or a request uses it.
    shares: usize,
    holders: Vec<Holder>,
    is_busy: bool,
    is_result: bool,
    used_ms: i64,
}

impl Candidate {
    fn of(file: &Arc<StoredFile>) -> Self {
        Self {
            size_bytes: file.size_bytes(),
            shares: Arc::strong_count(file),
            holders: Vec::new(),
            is_busy: false,
            is_result: true,
            used_ms: i64::MIN,
        }
    }

    fn add(&mut self, holder: Holder, used_ms: i64) {
        self.holders.push(holder);
        self.used_ms = self.used_ms.max(used_ms);
    }
}

impl Storage {
    /// Nothing yet, and never more than `limit_bytes`.
    pub fn new(files: FileStore, assets: Assets, sessions: Sessions, limit_bytes: u64) -> Self {
        Self { files, assets, sessions, limit_bytes, making_room: Mutex::default() }
    }

    /// Reserves room for a file of about `bytes`.
    ///
    /// # Errors
    /// 5002: there is no room, and none can be made.
    pub fn reserve(&self, bytes: u64) -> Result<Reservation, Refusal> {
        let mut reservation = self.files.reservation();
        self.grow(&mut reservation, bytes)?;
        Ok(reservation)
    }

    /// A file to write to, of at most `max_bytes`.
    ///
    /// # Errors
    /// The file cannot be made.
    pub async fn writer(&self, max_bytes: u64) -> Result<Writer<'_>, WriteError> {
        let path = self.files.new_path("part");
        let file = tokio::fs::File::create(&path).await?;
        Ok(Writer {
            storage: self,
            reservation: Some(self.files.reservation()),
            file: Some(file),
            path,
            hash: Sha256::new(),
            size_bytes: 0,
            max_bytes,
        })
    }

    fn grow(&self, reservation: &mut Reservation, more: u64) -> Result<(), Refusal> {
        while !reservation.try_grow(more, self.limit_bytes) {
            self.make_room(more)?;
        }
        Ok(())
    }

    /// Removes files that no unfinished task or request uses until there is room for `bytes` more: first results, then uploads and
    /// sessions, in each group what was not used for the longest time. Where all of that would not be enough, nothing is removed.
    fn make_room(&self, bytes: u64) -> Result<(), Refusal> {
        let _making_room = lock(&self.making_room);
        let used_bytes = self.files.used_bytes();
        let missing_bytes = used_bytes.saturating_add(bytes).saturating_sub(self.limit_bytes);
        let mut candidates = self.candidates();
        let removable_bytes: u64 = candidates.iter().map(|candidate| candidate.size_bytes).sum();
        if removable_bytes < missing_bytes {
            return Err(Refusal::new(
                5002,
                if bytes > self.limit_bytes {
                    words::larger_than_disk(bytes, self.limit_bytes)
                } else {
                    words::no_room(bytes, used_bytes.saturating_sub(removable_bytes), self.limit_bytes)
                },
            ));
        }
        candidates.sort_by_key(|candidate| (!candidate.is_result, candidate.used_ms));
        for candidate in candidates {
            if self.files.used_bytes().saturating_add(bytes) <= self.limit_bytes {
                break;
            }
            for holder in candidate.holders {
                match holder {
                    Holder::Asset(id) => self.assets.remove(&id),
                    Holder::Session(session_id) => self.sessions.close(&session_id),
                }
            }
        }
        Ok(())
    }

    /// The files that can be removed.
    fn candidates(&self) -> Vec<Candidate> {
        let mut by_hash: HashMap<String, Candidate> = HashMap::new();
        self.assets.for_each(|asset| {
            let candidate = by_hash.entry(asset.file.sha256().to_owned()).or_insert_with(|| Candidate::of(&asset.file));
            candidate.is_result &= asset.origin() == Origin::Result;
            candidate.add(Holder::Asset(asset.id.clone()), asset.used_ms());
        });
        self.sessions.for_each(|session, used_ms| {
            let candidate =
                by_hash.entry(session.clip.sha256().to_owned()).or_insert_with(|| Candidate::of(&session.clip));
            candidate.is_result = false;
            // The table has one share in the session; a task or a request has the others.
            candidate.is_busy |= Arc::strong_count(session) > 1;
            candidate.add(Holder::Session(session.found.session_id.clone()), used_ms);
        });
        let is_removable = |candidate: &Candidate| !candidate.is_busy && candidate.shares <= candidate.holders.len();
        by_hash.into_values().filter(is_removable).collect()
    }
}

/// A file being written. Dropped before [`Writer::finish`], it leaves nothing behind.
pub struct Writer<'a> {
    storage: &'a Storage,
    /// `None` once the file is stored.
    reservation: Option<Reservation>,
    file: Option<tokio::fs::File>,
    path: PathBuf,
    hash: Sha256,
    size_bytes: u64,
    max_bytes: u64,
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It has more bytes than allowed.
    #[error("{}", words::too_large(*.bytes, *.max_bytes))]
    TooLarge {
        /// How many it has at least.
        bytes: u64,
        /// How many are allowed.
        max_bytes: u64,
    },
    /// There is no room.
    #[error(transparent)]
    NoRoom(#[from] Refusal),
    /// The disk.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl WriteError {
    /// The refusal of a request whose `field` was to be written.
    pub fn refusal(self, field: &str) -> Refusal {
        match self {
            Self::TooLarge { .. } => Refusal::field(field, self),
            Self::NoRoom(refusal) => refusal,
            Self::Io(err) => Refusal::disk(&err),
        }
    }
}

impl Writer<'_> {
    /// Reserves room for all of the file, whose size is announced.
    ///
    /// # Errors
    /// It is too large, or there is no room.
    pub fn announce(&mut self, bytes: u64) -> Result<(), WriteError> {
        if bytes > self.max_bytes {
            return Err(WriteError::TooLarge { bytes, max_bytes: self.max_bytes });
        }
        self.reserve(bytes)
    }

    /// Makes the reservation at least `bytes` large.
    fn reserve(&mut self, bytes: u64) -> Result<(), WriteError> {
        if let Some(reservation) = &mut self.reservation {
            self.storage.grow(reservation, bytes.saturating_sub(reservation.bytes()))?;
        }
        Ok(())
    }

    /// Writes on.
    ///
    /// # Errors
    /// It becomes too large, there is no room, or the disk refuses.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.size_bytes += bytes.len() as u64;
        if self.size_bytes > self.max_bytes {
            return Err(WriteError::TooLarge { bytes: self.size_bytes, max_bytes: self.max_bytes });
        }
        self.reserve(self.size_bytes)?;
        self.hash.update(bytes);
        if let Some(file) = &mut self.file {
            file.write_all(bytes).await?;
        }
        Ok(())
    }

    /// Ends the file and stores it.
    ///
    /// # Errors
    /// The disk refuses.
    pub async fn finish(mut self) -> Result<Arc<StoredFile>, WriteError> {
        if let Some(mut file) = self.file.take() {
            file.flush().await?;
        }
        let reservation = self.reservation.take().unwrap_or_else(|| self.storage.files.reservation());
        let (path, hash) = (std::mem::take(&mut self.path), std::mem::take(&mut self.hash));
        Ok(self.storage.files.store_hashed(path, self.size_bytes, hash, reservation))
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if self.reservation.is_some() {
            // Windows removes no file that is open.
            drop(self.file.take());
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::assets::{Asset, AssetKind};
    use super::super::ids::Ids;
    use super::super::records::Records;
    use super::*;

    fn storage(parent: &std::path::Path, limit_bytes: u64) -> Storage {
        let ids = Ids::new(getrandom::fill).unwrap();
        let files = FileStore::open(Some(parent), ids.clone()).unwrap();
        let (assets, sessions) = (Assets::new(ids.clone(), Records::default()), Sessions::new(ids, Records::default()));
        Storage::new(files, assets, sessions, limit_bytes)
    }

    async fn add(storage: &Storage, at_ms: i64, bytes: &[u8], origin: Origin) -> Result<Asset, WriteError> {
        let mut writer = storage.writer(100).await?;
        writer.write(bytes).await?;
        Ok(storage.assets.add(at_ms, AssetKind::Other, writer.finish().await?, origin).await?)
    }

    #[tokio::test]
    async fn a_write_stops_at_its_limit_and_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let storage = storage(parent.path(), 100);
        let mut writer = storage.writer(4).await.unwrap();
        assert!(matches!(writer.announce(5), Err(WriteError::TooLarge { bytes: 5, max_bytes: 4 })));
        let path = writer.path.clone();
        assert!(matches!(writer.write(b"hello").await, Err(WriteError::TooLarge { bytes: 5, max_bytes: 4 })));
        drop(writer);
        assert!(!path.exists());
        assert_eq!(storage.files.used_bytes(), 0);
    }

    #[tokio::test]
    async fn bytes_being_written_count_and_are_free_again_when_the_write_is_given_up() {
        let parent = tempfile::tempdir().unwrap();
        let storage = storage(parent.path(), 10);
        let mut announced = storage.writer(100).await.unwrap();
        announced.announce(6).unwrap();
        let mut growing = storage.writer(100).await.unwrap();
        growing.write(b"1234").await.unwrap();
        let Err(WriteError::NoRoom(refusal)) = growing.write(b"5").await else { panic!("it was written") };
        assert_eq!(refusal.code, 5002);
        drop(announced);
        growing.write(b"67890").await.unwrap();
        assert_eq!(growing.finish().await.unwrap().size_bytes(), 10);
    }

    #[tokio::test]
    async fn old_results_are_removed_before_uploads_and_only_as_many_as_needed() {
        let parent = tempfile::tempdir().unwrap();
        let storage = storage(parent.path(), 10);
        let upload = add(&storage, 1, b"up", Origin::Upload).await.unwrap().id;
        let newer = add(&storage, 3, b"new", Origin::Result).await.unwrap().id;
        let older = add(&storage, 2, b"old", Origin::Result).await.unwrap().id;
        let all = || {
            let mut ids = Vec::new();
            storage.assets.for_each(|asset| ids.push(asset.id.clone()));
            ids.sort();
            ids
        };
        let sorted = |mut ids: Vec<String>| {
            ids.sort();
            ids
        };
        drop(storage.reserve(4).unwrap());
        assert_eq!(all(), sorted(vec![upload.clone(), newer]), "{older} is the least valuable");
        drop(storage.reserve(8).unwrap());
        assert_eq!(all(), [upload]);
        drop(storage.reserve(10).unwrap());
        assert_eq!(all(), Vec::<String>::new());
    }

    #[tokio::test]
    async fn what_is_in_use_stays_and_nothing_is_removed_in_vain() {
        let parent = tempfile::tempdir().unwrap();
        let storage = storage(parent.path(), 10);
        let idle_path = add(&storage, 1, b"idle", Origin::Upload).await.unwrap().file.path().to_owned();
        let in_use = add(&storage, 1, b"in use", Origin::Upload).await.unwrap();
        let refusal = storage.reserve(5).unwrap_err();
        assert_eq!(refusal.code, 5002);
        assert!(refusal.message.contains("6 bytes of 10 bytes"), "{refusal}");
        assert!(idle_path.exists(), "5 bytes cannot be had, so nothing is removed");
        drop(storage.reserve(4).unwrap());
        assert!(!idle_path.exists());
        assert!(storage.assets.find(1, &in_use.id, Origin::Upload).is_ok());
    }
}
