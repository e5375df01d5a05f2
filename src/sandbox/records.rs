//! What the sandbox keeps in a folder, so that its next run goes on where this one ends: a JSON document for each session, asset and
//! task, and a few books, each a file that appears whole ([`crate::files::write_whole`]).
//!
//! One process has the folder at a time: it holds a lock that the system frees when the process ends, however it ends. Without a folder
//! every call does nothing: that sandbox ends with its run.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::file_store::{StoredFile, lock};
use super::words;
use crate::files::folders::create_private;
use crate::files::{Access, IfExists, write_whole};

/// The form of the records. A folder of a newer form is left alone.
const FORM: u32 = 1;
/// How long a record that cannot be read is kept aside.
const ASIDE_KEPT: Duration = Duration::from_hours(30 * 24);
/// What the name of a record that cannot be read ends in.
const ASIDE: &str = "broken";

/// What a record is about; each has a folder of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A session, by its id.
    Session,
    /// An upload or a result, by its id.
    Asset,
    /// A task, by its id.
    Task,
    /// What there is one of: `ledger`, `names`, `form`.
    Book,
}

impl Kind {
    const fn folder(self) -> &'static str {
        match self {
            Self::Session => "sessions",
            Self::Asset => "assets",
            Self::Task => "tasks",
            Self::Book => "books",
        }
    }
}

/// Why a folder cannot be used.
#[derive(Debug)]
pub enum OpenError {
    /// Another process has it.
    Taken,
    /// A newer version of the program wrote it.
    Newer,
    /// The system refuses.
    Io(io::Error),
}

#[derive(Debug, Deserialize, Serialize)]
struct Form {
    form: u32,
}

/// The records of a sandbox. Clones share them; the default keeps nothing.
#[derive(Clone, Debug, Default)]
pub struct Records(Option<Arc<Folder>>);

#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// Held open and locked while this sandbox has the folder; `None` once it is closed.
    lock: Mutex<Option<File>>,
    is_closed: AtomicBool,
}

impl Records {
    /// The records in this folder, which is made where it is missing. Blocks.
    ///
    /// # Errors
    /// Another process has it, a newer version wrote it, or the system refuses.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        for kind in [Kind::Session, Kind::Asset, Kind::Task, Kind::Book] {
            create_private(&path.join(kind.folder())).map_err(OpenError::Io)?;
        }
        let held = File::options().create(true).append(true).open(path.join("lock")).map_err(OpenError::Io)?;
        match held.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Taken),
            Err(TryLockError::Error(err)) => return Err(OpenError::Io(err)),
        }
        let folder = Folder { path: path.to_owned(), lock: Mutex::new(Some(held)), is_closed: AtomicBool::new(false) };
        match folder.read::<Form>(Kind::Book, "form") {
            Some(Form { form }) if form > FORM => return Err(OpenError::Newer),
            Some(_) => {}
            None => folder.write(Kind::Book, "form", &Form { form: FORM }).map_err(OpenError::Io)?,
        }
        Ok(Self(Some(Arc::new(folder))))
    }

    /// Whether anything is kept.
    pub const fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    /// Writes a record, durably: first the files that it names, then itself, in place of the one of that id. On a thread that may block.
    ///
    /// # Errors
    /// The disk refuses, or the sandbox has ended; the record of before stays.
    pub async fn write<T: Serialize + Send + 'static>(
        &self,
        kind: Kind,
        id: &str,
        record: T,
        files: Vec<Arc<StoredFile>>,
    ) -> io::Result<()> {
        let Some(folder) = self.0.clone() else { return Ok(()) };
        let id = id.to_owned();
        let written = tokio::task::spawn_blocking(move || {
            files.iter().try_for_each(|file| file.sync())?;
            folder.write(kind, &id, &record)
        });
        written.await.unwrap_or_else(|err| Err(io::Error::other(err)))
    }

    /// Removes a record. What cannot be removed is found, and judged again, by the next run.
    pub fn remove(&self, kind: Kind, id: &str) {
        if let Some(folder) = self.0.as_ref().filter(|folder| !folder.is_closed.load(Ordering::Acquire)) {
            let _ = fs::remove_file(folder.file(kind, id));
        }
    }

    /// A record. One that cannot be read is set aside. Blocks.
    pub fn read<T: DeserializeOwned>(&self, kind: Kind, id: &str) -> Option<T> {
        self.0.as_ref()?.read(kind, id)
    }

    /// Every record of a kind with its id. Those that cannot be read are set aside. Blocks.
    pub fn read_all<T: DeserializeOwned>(&self, kind: Kind) -> Vec<(String, T)> {
        let Some(folder) = &self.0 else { return Vec::new() };
        let ids = folder.ids(kind);
        ids.into_iter().filter_map(|id| folder.read(kind, &id).map(|record| (id, record))).collect()
    }

    /// Sets a record aside that can be read and means nothing: it is not looked at again, and is kept for a person for a while.
    pub fn set_aside(&self, kind: Kind, id: &str, why: &str) {
        if let Some(folder) = &self.0 {
            folder.set_aside(kind, id, why);
        }
    }

    /// Gives the folder back, so that another run can have it: nothing is written or removed from now on.
    pub fn close(&self) {
        if let Some(folder) = &self.0 {
            folder.is_closed.store(true, Ordering::Release);
            drop(lock(&folder.lock).take());
        }
    }
}

impl Folder {
    fn file(&self, kind: Kind, id: &str) -> PathBuf {
        self.path.join(kind.folder()).join(format!("{id}.json"))
    }

    fn write<T: Serialize>(&self, kind: Kind, id: &str, record: &T) -> io::Result<()> {
        let bytes = serde_json::to_vec(record)?;
        // Held while it is written: once the folder is given back, nothing of this run appears in it.
        let held = lock(&self.lock);
        if held.is_none() {
            return Err(io::Error::other(words::stopping()));
        }
        write_whole(&self.file(kind, id), &bytes, IfExists::Replace, Access::OwnerOnly).map(|_| ())
    }

    fn read<T: DeserializeOwned>(&self, kind: Kind, id: &str) -> Option<T> {
        let read = fs::read(self.file(kind, id));
        if read.as_ref().is_err_and(|err| err.kind() == ErrorKind::NotFound) {
            return None;
        }
        let read = read.map_err(|err| err.to_string());
        match read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|err| err.to_string())) {
            Ok(record) => Some(record),
            Err(why) => {
                self.set_aside(kind, id, &why);
                None
            }
        }
    }

    fn set_aside(&self, kind: Kind, id: &str, why: &str) {
        let file = self.file(kind, id);
        let aside = file.with_extension(ASIDE);
        let moved = fs::rename(&file, &aside);
        tracing::warn!(
            record = %file.display(), why, moved = moved.is_ok(),
            "a record of the sandbox's state cannot be used and was set aside (its name ends in .{ASIDE} now); the rest is there"
        );
    }

    /// The ids of a kind. What an interrupted write left is removed, and what was set aside long ago.
    fn ids(&self, kind: Kind) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path.join(kind.folder())) else { return Vec::new() };
        let mut ids = Vec::new();
        for entry in entries.flatten() {
            let path = entry.path();
            let is_old = || {
                let modified = entry.metadata().and_then(|data| data.modified()).ok();
                modified.is_some_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > ASIDE_KEPT))
            };
            match (path.extension().and_then(|ending| ending.to_str()), path.file_stem().and_then(|stem| stem.to_str()))
            {
                (Some("json"), Some(id)) => ids.push(id.to_owned()),
                (Some("part"), _) => drop(fs::remove_file(&path)),
                (Some(ASIDE), _) if is_old() => drop(fs::remove_file(&path)),
                _ => {}
            }
        }
        ids.sort_unstable();
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_record_is_there_again_and_a_broken_one_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(folder.path()).unwrap();
        for id in ["1", "2"] {
            records.write(Kind::Task, id, format!("task {id}"), Vec::new()).await.unwrap();
        }
        records.write(Kind::Task, "1", "changed".to_owned(), Vec::new()).await.unwrap();
        let broken = folder.path().join("tasks/3.json");
        fs::write(&broken, b"\"cut").unwrap();
        fs::write(folder.path().join("tasks/.viseme-x.part"), b"\"cut").unwrap();
        records.close();
        assert!(records.write(Kind::Task, "4", (), Vec::new()).await.is_err(), "it is given back");

        let records = Records::open(folder.path()).unwrap();
        let read = records.read_all::<String>(Kind::Task);
        assert_eq!(read, [("1".to_owned(), "changed".to_owned()), ("2".to_owned(), "task 2".to_owned())]);
        assert!(!broken.exists() && folder.path().join("tasks/3.broken").exists());
        records.remove(Kind::Task, "1");
        assert_eq!(records.read_all::<String>(Kind::Task).len(), 1);
        assert_eq!(fs::read_dir(folder.path().join("tasks")).unwrap().count(), 2, "what a cut write left is gone");
    }

    #[test]
    fn one_run_has_the_folder_at_a_time_and_a_newer_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Records::open(folder.path()).unwrap();
        assert!(matches!(Records::open(folder.path()), Err(OpenError::Taken)));
        first.close();
        let second = Records::open(folder.path()).unwrap();
        second.close();
        fs::write(folder.path().join("books/form.json"), b"{\"form\":2}").unwrap();
        assert!(matches!(Records::open(folder.path()), Err(OpenError::Newer)));
        assert!(!Records::default().is_kept());
    }
}
