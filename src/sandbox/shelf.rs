//! The sandbox's files on disk: one directory for each run, removed with it, and never more bytes than allowed.
//!
//! Equal bytes are stored once: a clip that is uploaded, fetched and identified three times takes its size once.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::ids;

const DIR_PREFIX: &str = "viseme-sandbox-";
const LOCK_FILE: &str = "lock";
/// A directory younger than this may belong to a run that has not locked it yet.
const SWEEP_AFTER: Duration = Duration::from_mins(1);

/// A file of the sandbox. It goes when nobody holds it any more.
#[derive(Debug)]
pub struct Blob {
    path: PathBuf,
    size_bytes: u64,
    sha256: String,
    used: Arc<AtomicU64>,
}

impl Blob {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size.
    pub const fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// The SHA-256 of its bytes, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

impl Drop for Blob {
    fn drop(&mut self) {
        // A file that is gone already is what was wanted.
        let _ = fs::remove_file(&self.path);
        self.used.fetch_sub(self.size_bytes, Ordering::Relaxed);
    }
}

/// The directory of one run.
#[derive(Debug)]
pub struct Shelf {
    root: PathBuf,
    /// Held open and locked for as long as the run lasts: that is how a later run knows this one is alive.
    _lock: File,
    used: Arc<AtomicU64>,
    by_hash: Mutex<HashMap<String, Weak<Blob>>>,
}

impl Shelf {
    /// Makes the directory of this run under `parent` (the system's temporary directory without one), and removes what
    /// runs that crashed left there.
    pub fn open(parent: Option<&Path>) -> io::Result<Self> {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_path_buf);
        fs::create_dir_all(&parent)?;
        sweep(&parent);
        let root = parent.join(format!("{DIR_PREFIX}{}", ids::token()));
        fs::create_dir(&root)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&root, fs::Permissions::from_mode(0o700))?;
        }
        let lock = File::create(root.join(LOCK_FILE))?;
        // Where the file system has no locks the run works all the same; only the sweep of a crashed one is lost.
        let _ = lock.try_lock();
        Ok(Self { root, _lock: lock, used: Arc::default(), by_hash: Mutex::default() })
    }

    /// The directory.
    #[cfg(test)]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Removes the directory and all that is in it.
    pub fn clear(&self) {
        let _ = fs::remove_dir_all(&self.root);
    }

    /// Bytes on disk.
    pub fn used_bytes(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// A path for a file that is about to be made.
    pub fn new_path(&self, extension: &str) -> PathBuf {
        self.root.join(format!("{}.{extension}", ids::token()))
    }

    /// A file to write to, of at most `limit_bytes`.
    pub async fn writer(&self, limit_bytes: u64) -> io::Result<Writer<'_>> {
        let path = self.new_path("part");
        let file = tokio::fs::File::create(&path).await?;
        Ok(Writer { shelf: self, file: Some(file), path, hash: Sha256::new(), size_bytes: 0, limit_bytes })
    }

    /// Takes over a file that was written at a path of [`Shelf::new_path`]. Blocks: it reads the file to know its hash.
    pub fn adopt(&self, path: PathBuf) -> io::Result<Arc<Blob>> {
        let mut hash = Sha256::new();
        let size_bytes = io::copy(&mut File::open(&path)?, &mut HashWriter(&mut hash))?;
        Ok(self.keep(path, size_bytes, ids::hex(&hash.finalize())))
    }

    fn keep(&self, path: PathBuf, size_bytes: u64, sha256: String) -> Arc<Blob> {
        let mut by_hash = lock(&self.by_hash);
        if let Some(same) = by_hash.get(&sha256).and_then(Weak::upgrade) {
            let _ = fs::remove_file(&path);
            return same;
        }
        by_hash.retain(|_, blob| blob.strong_count() > 0);
        self.used.fetch_add(size_bytes, Ordering::Relaxed);
        let blob = Arc::new(Blob { path, size_bytes, sha256: sha256.clone(), used: Arc::clone(&self.used) });
        by_hash.insert(sha256, Arc::downgrade(&blob));
        blob
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A file being written.
pub struct Writer<'a> {
    shelf: &'a Shelf,
    file: Option<tokio::fs::File>,
    path: PathBuf,
    hash: Sha256,
    size_bytes: u64,
    limit_bytes: u64,
}

/// Why a write did not go on.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// More bytes than allowed.
    #[error("more than {0} bytes")]
    TooLarge(u64),
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Writer<'_> {
    /// Writes on.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.size_bytes += bytes.len() as u64;
        if self.size_bytes > self.limit_bytes {
            return Err(WriteError::TooLarge(self.limit_bytes));
        }
        self.hash.update(bytes);
        if let Some(file) = &mut self.file {
            file.write_all(bytes).await?;
        }
        Ok(())
    }

    /// Ends the file and puts it on the shelf.
    pub async fn finish(mut self) -> Result<Arc<Blob>, WriteError> {
        if let Some(mut file) = self.file.take() {
            file.flush().await?;
        }
        let (path, hash) = (std::mem::take(&mut self.path), std::mem::take(&mut self.hash));
        Ok(self.shelf.keep(path, self.size_bytes, ids::hex(&hash.finalize())))
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.path);
        }
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

/// Locks, also after a thread panicked while it held the lock: every change under these locks is a single step.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the directories of runs that are over and could not tidy up.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(DIR_PREFIX);
        let is_old = entry
            .metadata()
            .and_then(|data| data.modified())
            .is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > SWEEP_AFTER));
        if is_ours && is_old && is_abandoned(&entry.path()) {
            tracing::info!(path = %entry.path().display(), "removing what a crashed sandbox left");
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether nobody holds the lock of a run's directory.
fn is_abandoned(dir: &Path) -> bool {
    match File::open(dir.join(LOCK_FILE)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(err) => err.kind() == io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn equal_bytes_are_stored_once_and_go_with_their_last_holder() {
        let parent = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(Some(parent.path())).unwrap();
        let mut blobs = Vec::new();
        for _ in 0..2 {
            let mut writer = shelf.writer(100).await.unwrap();
            writer.write(b"hello").await.unwrap();
            blobs.push(writer.finish().await.unwrap());
        }
        assert_eq!(shelf.used_bytes(), 5);
        assert!(Arc::ptr_eq(&blobs[0], &blobs[1]));
        assert_eq!(blobs[0].sha256(), "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        let path = blobs[0].path().to_path_buf();
        assert_eq!(fs::read(&path).unwrap(), b"hello");
        drop(blobs);
        assert_eq!(shelf.used_bytes(), 0);
        assert!(!path.exists());
        let root = shelf.root().to_path_buf();
        drop(shelf);
        assert!(!root.exists());
    }

    #[tokio::test]
    async fn a_write_stops_at_its_limit_and_leaves_nothing() {
        let parent = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(Some(parent.path())).unwrap();
        let mut writer = shelf.writer(4).await.unwrap();
        assert!(matches!(writer.write(b"hello").await, Err(WriteError::TooLarge(4))));
        drop(writer);
        let left: Vec<_> = fs::read_dir(shelf.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, [LOCK_FILE]);
    }

    #[test]
    fn only_an_abandoned_directory_counts_as_such() {
        let parent = tempfile::tempdir().unwrap();
        let alive = Shelf::open(Some(parent.path())).unwrap();
        assert!(!is_abandoned(alive.root()));
        let crashed = parent.path().join(format!("{DIR_PREFIX}crashed"));
        fs::create_dir(&crashed).unwrap();
        File::create(crashed.join(LOCK_FILE)).unwrap();
        assert!(is_abandoned(&crashed));
    }
}
