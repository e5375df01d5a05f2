//! The sandbox's files on disk: a folder for each run, removed with it, or one that the next run finds again. Counts every byte, also of
//! files that are being written.
//!
//! Equal bytes are stored once: a clip that is uploaded, fetched and identified three times takes its size once.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ids::Ids;
use crate::files::folders::create_private;
use crate::files::{RunFolder, hex, sync};

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

/// A file as a record names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FileRecord {
    name: String,
    sha256: String,
    size_bytes: u64,
}

/// A file of the sandbox. It is removed with its last holder, unless the folder stays and the sandbox is ending.
#[derive(Debug)]
pub struct StoredFile {
    path: PathBuf,
    sha256: String,
    reservation: Reservation,
    /// Whether it stays although its last holder goes; shared by all files of the store.
    stays: Arc<AtomicBool>,
    is_synced: AtomicBool,
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

    /// The file as a record names it.
    pub fn record(&self) -> FileRecord {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        FileRecord { name, sha256: self.sha256.clone(), size_bytes: self.size_bytes() }
    }

    /// Makes sure that its bytes are on the disk. Blocks.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn sync(&self) -> io::Result<()> {
        if !self.is_synced.load(Ordering::Acquire) {
            sync(&self.path)?;
            self.is_synced.store(true, Ordering::Release);
        }
        Ok(())
    }
}

impl Drop for StoredFile {
    fn drop(&mut self) {
        if self.stays.load(Ordering::Acquire) {
            return;
        }
        // A file that is already removed is what was wanted.
        let _ = fs::remove_file(&self.path);
    }
}

/// The folder of the files.
#[derive(Debug)]
pub struct FileStore {
    root: PathBuf,
    /// `None` once it is cleared, and where the folder stays.
    folder: Mutex<Option<RunFolder>>,
    is_kept: bool,
    /// See [`StoredFile::stays`].
    stays: Arc<AtomicBool>,
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
        Ok(Self::of(root, Some(folder), ids))
    }

    /// The files in this folder, which is made where it is missing and stays. What of them is still used is told by
    /// [`FileStore::adopt`], and [`FileStore::sweep`] removes the others.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open_kept(root: PathBuf, ids: Ids) -> io::Result<Self> {
        create_private(&root)?;
        Ok(Self::of(root, None, ids))
    }

    fn of(root: PathBuf, folder: Option<RunFolder>, ids: Ids) -> Self {
        Self {
            root,
            is_kept: folder.is_none(),
            folder: Mutex::new(folder),
            stays: Arc::default(),
            ids,
            used: Arc::default(),
            by_hash: Mutex::default(),
        }
    }

    /// The sandbox is ending: where the folder stays, its files stay from now on, even once nothing refers to them.
    pub fn end(&self) {
        if self.is_kept {
            self.stays.store(true, Ordering::Release);
        }
    }

    /// Removes the folder and all that is in it, unless it stays.
    pub fn clear(&self) {
        drop(lock(&self.folder).take());
    }

    /// A file that an earlier run stored. Blocks.
    ///
    /// # Errors
    /// It is not there, or another size. [`io::ErrorKind::InvalidInput`]: its name leads elsewhere.
    pub fn adopt(&self, record: &FileRecord) -> io::Result<Arc<StoredFile>> {
        let FileRecord { name, sha256, size_bytes } = record;
        if Path::new(name).file_name() != Some(name.as_ref()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let path = self.root.join(name);
        if fs::symlink_metadata(&path)?.len() != *size_bytes {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the file has another size than it had"));
        }
        let mut by_hash = lock(&self.by_hash);
        if let Some(same) = by_hash.get(sha256).and_then(Weak::upgrade) {
            return Ok(same);
        }
        let mut reservation = self.reservation();
        reservation.resize(*size_bytes);
        let (stays, is_synced) = (Arc::clone(&self.stays), AtomicBool::new(true));
        let file = Arc::new(StoredFile { path, sha256: sha256.clone(), reservation, stays, is_synced });
        by_hash.insert(sha256.clone(), Arc::downgrade(&file));
        Ok(file)
    }

    /// Removes every file that nothing refers to: what an earlier run was writing, or no longer needed. Call it before anything is written. Blocks.
    pub fn sweep(&self) {
        let by_hash = lock(&self.by_hash);
        let held: Vec<PathBuf> = by_hash.values().filter_map(Weak::upgrade).map(|file| file.path.clone()).collect();
        let Ok(entries) = fs::read_dir(&self.root) else { return };
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| !held.contains(path)) {
            let _ = fs::remove_file(path);
        }
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
        let (stays, is_synced) = (Arc::clone(&self.stays), AtomicBool::new(false));
        let file = Arc::new(StoredFile { path, sha256: sha256.clone(), reservation, stays, is_synced });
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
    fn a_kept_file_is_found_again_and_what_nobody_holds_is_swept() {
        let parent = tempfile::tempdir().unwrap();
        let root = parent.path().join("files");
        let open = || FileStore::open_kept(root.clone(), Ids::new(getrandom::fill).unwrap()).unwrap();
        let store = open();
        let path = store.new_path("part");
        fs::write(&path, b"hello").unwrap();
        let file = store.store(path, store.reservation()).unwrap();
        file.sync().unwrap();
        let record = file.record();
        fs::write(store.new_path("part"), b"half").unwrap();
        store.end();
        drop(file);
        store.clear();
        drop(store);

        let store = open();
        let file = store.adopt(&record).unwrap();
        assert!(Arc::ptr_eq(&file, &store.adopt(&record).unwrap()));
        store.sweep();
        assert_eq!((store.used_bytes(), fs::read_dir(&root).unwrap().count()), (5, 1));
        assert_eq!(fs::read(file.path()).unwrap(), b"hello");
        fs::write(file.path(), b"hell").unwrap();
        assert!(store.adopt(&record).is_err(), "it has another size");
        assert!(store.adopt(&FileRecord { name: "../x".into(), ..record.clone() }).is_err());
        drop(file);
        assert_eq!(fs::read_dir(&root).unwrap().count(), 0, "its last reference is dropped");
        assert!(store.adopt(&record).is_err());
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
