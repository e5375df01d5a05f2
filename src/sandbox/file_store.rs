//! The sandbox's files on disk: one folder for each run, removed with it. Counts every byte, also of files that are being written.
//!
//! Equal bytes are stored once: a clip that is uploaded, fetched and identified three times takes its size once.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use sha2::{Digest, Sha256};

use super::ids::Ids;
use crate::files::{RunFolder, hex};

const FOLDER_PREFIX: &str = "viseme-sandbox-";

/// Bytes of the disk that are spoken for: of a stored file, or of one that is being written. Dropped, they are free again.
#[derive(Debug)]
pub struct Reservation {
    used: Arc<AtomicU64>,
    bytes: u64,
}

impl Reservation {
    /// How many bytes.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds `more` bytes, unless that makes all reservations together exceed `limit_bytes`. Returns whether it did.
    pub fn try_grow(&mut self, more: u64, limit_bytes: u64) -> bool {
        let grown = |used: u64| used.checked_add(more).filter(|used| *used <= limit_bytes);
        let done = self.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, grown).is_ok();
        if done {
            self.bytes += more;
        }
        done
    }

    /// Sets it to what a file really takes.
    fn resize(&mut self, bytes: u64) {
        self.used.fetch_add(bytes, Ordering::AcqRel);
        self.used.fetch_sub(self.bytes, Ordering::AcqRel);
        self.bytes = bytes;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.used.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// A file of the sandbox. It is removed with its last holder.
#[derive(Debug)]
pub struct StoredFile {
    path: PathBuf,
    sha256: String,
    reservation: Reservation,
}

impl StoredFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size.
    pub const fn size_bytes(&self) -> u64 {
        self.reservation.bytes()
    }

    /// The SHA-256 of its bytes, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

impl Drop for StoredFile {
    fn drop(&mut self) {
        // A file that is already removed is what was wanted.
        let _ = fs::remove_file(&self.path);
    }
}

/// The folder of one run.
#[derive(Debug)]
pub struct FileStore {
    root: PathBuf,
    /// `None` once it is cleared.
    folder: Mutex<Option<RunFolder>>,
    ids: Ids,
    used: Arc<AtomicU64>,
    by_hash: Mutex<HashMap<String, Weak<StoredFile>>>,
}

impl FileStore {
    /// Makes the folder of this run under `parent` (the system's temporary folder without one), and removes what runs that
    /// crashed left there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(parent: Option<&Path>, ids: Ids) -> io::Result<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_path_buf);
        let folder = RunFolder::create(&parent, FOLDER_PREFIX)?;
        let root = folder.path().to_owned();
        Ok(Self { root, folder: Mutex::new(Some(folder)), ids, used: Arc::default(), by_hash: Mutex::default() })
    }

    /// Removes the folder and all that is in it.
    pub fn clear(&self) {
        drop(lock(&self.folder).take());
    }

    /// Bytes of all files, also of those that are being written.
    pub fn used_bytes(&self) -> u64 {
        self.used.load(Ordering::Acquire)
    }

    /// A reservation of nothing yet.
    pub fn reservation(&self) -> Reservation {
        Reservation { used: Arc::clone(&self.used), bytes: 0 }
    }

    /// A path for a file that is about to be made.
    pub fn new_path(&self, extension: &str) -> PathBuf {
        self.root.join(format!("{}.{extension}", self.ids.token()))
    }

    /// Stores a file that was written at a path of [`FileStore::new_path`]. Blocks: it reads the file to know its hash.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn store(&self, path: PathBuf, reservation: Reservation) -> io::Result<Arc<StoredFile>> {
        let mut hash = Sha256::new();
        let size_bytes = io::copy(&mut File::open(&path)?, &mut HashWriter(&mut hash))?;
        Ok(self.store_hashed(path, size_bytes, hash, reservation))
    }

    /// Stores a file whose size and hash are known.
    pub fn store_hashed(
        &self,
        path: PathBuf,
        size_bytes: u64,
        hash: Sha256,
        mut reservation: Reservation,
    ) -> Arc<StoredFile> {
        let sha256 = hex(&hash.finalize());
        let mut by_hash = lock(&self.by_hash);
        if let Some(same) = by_hash.get(&sha256).and_then(Weak::upgrade) {
            let _ = fs::remove_file(&path);
            return same;
        }
        by_hash.retain(|_, file| file.strong_count() > 0);
        reservation.resize(size_bytes);
        let file = Arc::new(StoredFile { path, sha256: sha256.clone(), reservation });
        by_hash.insert(sha256, Arc::downgrade(&file));
        file
    }
}

impl Drop for FileStore {
    fn drop(&mut self) {
        self.clear();
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Locks, also after a thread panicked while it held the lock: every change under the sandbox's locks is a single step.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(parent: &Path) -> FileStore {
        FileStore::open(Some(parent), Ids::new(getrandom::fill).unwrap()).unwrap()
    }

    #[test]
    fn equal_bytes_are_stored_once_and_removed_with_their_last_holder() {
        let parent = tempfile::tempdir().unwrap();
        let store = open(parent.path());
        let mut files = Vec::new();
        for _ in 0..2 {
            let path = store.new_path("part");
            fs::write(&path, b"hello").unwrap();
            let mut reservation = store.reservation();
            assert!(reservation.try_grow(9, 14), "{}", store.used_bytes());
            files.push(store.store(path, reservation).unwrap());
            assert_eq!(store.used_bytes(), 5);
        }
        assert!(Arc::ptr_eq(&files[0], &files[1]));
        assert_eq!(files[0].sha256(), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        let path = files[0].path().to_path_buf();
        assert_eq!(fs::read(&path).unwrap(), b"hello");
        drop(files);
        assert_eq!(store.used_bytes(), 0);
        assert!(!path.exists());
        let root = store.root.clone();
        drop(store);
        assert!(!root.exists());
    }

    #[test]
    fn reservations_never_exceed_the_limit_together() {
        let parent = tempfile::tempdir().unwrap();
        let store = open(parent.path());
        let (mut first, mut second) = (store.reservation(), store.reservation());
        assert!(first.try_grow(6, 10));
        assert!(!second.try_grow(5, 10));
        assert!(second.try_grow(4, 10));
        assert_eq!((store.used_bytes(), second.bytes()), (10, 4));
        drop(first);
        assert_eq!(store.used_bytes(), 4);
    }
}
