//! Opening: a private file, settings that make a commit durable, an older form brought up to date with a copy kept, a newer one read
//! only, a damaged one set aside.

use std::cell::Cell;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::db::{Journal, Result, write_to};
use super::error::JournalError;
use super::schema;
use super::words;
use crate::files::{self, folders};

/// How long a call waits for another process that is writing, in milliseconds.
pub const BUSY_MS: u64 = 5_000;
/// Up to this size a file is looked at whole when it is opened, in bytes. With a larger one that would hold up the start: it is looked
/// at where a call found it damaged before, and by [`Journal::check`].
const CHECKED_BYTES: u64 = 2 * 1024 * 1024;

/// The usual place: `journal.db` in [`folders::data`].
#[must_use]
pub fn default_file() -> PathBuf {
    folders::data().join("journal.db")
}

/// A journal, and what a person should know about how it was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The journal.
    pub journal: Journal,
    /// `None`: it was as it should be, or is new.
    pub notice: Option<Notice>,
}

/// What happened while a journal was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It was damaged: it is kept under another name, and a new one was begun.
    SetAside {
        /// The journal.
        file: PathBuf,
        /// Where the damaged one is now.
        kept: PathBuf,
        /// SQLite's words.
        why: String,
    },
    /// A newer version of the program wrote it: it is read, and nothing is written.
    Newer {
        /// The journal.
        file: PathBuf,
        /// `user_version` of the file.
        version: i64,
    },
    /// It was brought to the form of this version.
    Migrated {
        /// The journal.
        file: PathBuf,
        /// A copy as it was before.
        backup: PathBuf,
    },
}

impl Notice {
    /// What to say to a person.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::SetAside { file, kept, why } => words::set_aside(file.display(), kept.display(), why),
            Self::Newer { file, version } => words::newer(file.display(), version),
            Self::Migrated { file, backup } => words::migrated(file.display(), backup.display()),
        }
    }
}

impl Journal {
    /// Opens the journal in this file, or begins it there, readable by its owner alone.
    ///
    /// Each process, and each thread that must not wait for another, opens it for itself.
    ///
    /// # Errors
    /// [`JournalError::Unwritable`], [`JournalError::Full`]: it cannot be written. [`JournalError::NotDurable`]: the file system
    /// cannot hold a commit. [`JournalError::Busy`]: another process holds it. A damaged file is no error: it is set aside.
    pub fn open(file: &Path) -> Result<Opened> {
        Self::open_by(file, schema::STEPS)
    }

    pub(super) fn open_by(file: &Path, steps: &[&str]) -> Result<Opened> {
        let place = file.display().to_string();
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            folders::create_private(folder).map_err(|err| JournalError::of_io(file, &err))?;
        }
        // One process at a time makes, migrates or sets aside.
        let lock = private_file(&file.with_added_extension("lock"), false)?;
        wait_for_lock(&lock, file)?;
        let opened = match open_locked(file, steps) {
            Err(JournalError::Corrupt { why, .. }) => {
                let kept = set_aside(file).map_err(|err| JournalError::of_io(file, &err))?;
                open_locked(file, steps)
                    .map(|(journal, _)| (journal, Some(Notice::SetAside { file: file.to_owned(), kept, why })))
            }
            opened => opened,
        };
        drop(lock);
        let (journal, notice) = opened.map_err(|err| err.at(&place))?;
        Ok(Opened { journal, notice })
    }
}

/// Waits for another process that is opening it, for [`BUSY_MS`].
fn wait_for_lock(lock: &File, file: &Path) -> Result<()> {
    let since = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(err)) => return Err(JournalError::of_io(file, &err)),
            Err(TryLockError::WouldBlock) if since.elapsed() >= Duration::from_millis(BUSY_MS) => {
                return Err(JournalError::Busy { place: file.display().to_string() });
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

fn open_locked(file: &Path, steps: &[&str]) -> Result<(Journal, Option<Notice>)> {
    let newest = steps.len() as i64;
    // SQLite gives its other files the mode of this one.
    let size_bytes = private_file(file, true)?.metadata().map_err(|err| JournalError::of_io(file, &err))?.len();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_handler(Some(wait_for_others))?;
    let version = schema::version(&connection)?;
    if version > newest {
        connection.pragma_update(None, "query_only", true)?;
        let notice = Notice::Newer { file: file.to_owned(), version };
        return Ok((Journal::new(connection, Some(file.to_owned()), Some(version)), Some(notice)));
    }
    make_durable(&connection)?;
    let suspicion = suspicion(file);
    let is_suspected = suspicion.exists();
    if is_suspected || size_bytes <= CHECKED_BYTES {
        schema::check(&connection)?;
    }
    if is_suspected {
        std::fs::remove_file(&suspicion).map_err(|err| JournalError::of_io(&suspicion, &err))?;
    }
    let mut notice = None;
    if version > 0 && version < newest {
        let backup = back_up(&connection, file, version)?;
        notice = Some(Notice::Migrated { file: file.to_owned(), backup });
    }
    schema::migrate_by(&mut connection, steps)?;
    // Whether it can be written shows only when it is.
    write_to(&mut connection, |transaction| {
        transaction.execute("UPDATE openings SET count = count + 1", [])?;
        Ok(())
    })?;
    Ok((Journal::new(connection, Some(file.to_owned()), None), notice))
}

thread_local! {
    /// When this thread began to wait for another process.
    static WAITS_SINCE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Waits a moment for another process that is writing, [`BUSY_MS`] in all.
///
/// SQLite's own way sleeps for up to 100 ms at a time: beside others that write one commit after another it was seen to miss every
/// gap for 5 s.
fn wait_for_others(times: i32) -> bool {
    if times == 0 {
        WAITS_SINCE.set(Some(Instant::now()));
    }
    if WAITS_SINCE.get().is_some_and(|since| since.elapsed() >= Duration::from_millis(BUSY_MS)) {
        return false;
    }
    std::thread::sleep(Duration::from_millis(1));
    true
}

/// Sets what makes a commit durable, and reads it back.
fn make_durable(connection: &Connection) -> Result<()> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // macOS: fsync alone leaves the bytes in the drive's cache.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let synchronous: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
    let not_durable = |setting| Err(JournalError::NotDurable { place: String::new(), setting });
    if !mode.eq_ignore_ascii_case("wal") {
        return not_durable(format!("journal_mode={mode}"));
    }
    if synchronous != 2 {
        return not_durable(format!("synchronous={synchronous}"));
    }
    Ok(())
}

/// Opens a file that only its owner can read, made where it is missing.
fn private_file(file: &Path, needs_write: bool) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = match options.open(file) {
        // A lock can be held on a file that is only read.
        Err(err) if err.kind() == ErrorKind::PermissionDenied && !needs_write => File::open(file),
        opened => opened,
    };
    opened.map_err(|err| JournalError::of_io(file, &err))
}

/// Copies the database as it is to `journal.db.before-N`, where N is its version. A copy of the same version that an interrupted
/// migration left is replaced.
fn back_up(connection: &Connection, file: &Path, version: i64) -> Result<PathBuf> {
    let backup = file.with_added_extension(format!("before-{version}"));
    let part = backup.with_added_extension("part");
    let io = |err: std::io::Error| JournalError::of_io(&backup, &err);
    match std::fs::remove_file(&part) {
        Err(err) if err.kind() != ErrorKind::NotFound => return Err(io(err)),
        _ => {}
    }
    // Made here, for its mode: SQLite takes an empty file.
    let made = private_file(&part, true)?;
    let name = part.to_str().ok_or_else(|| JournalError::Failed(words::failed(part.display())))?;
    connection.execute("VACUUM INTO ?1", [name])?;
    made.sync_all().map_err(io)?;
    drop(made);
    std::fs::rename(&part, &backup).map_err(io)?;
    Ok(backup)
}

/// The file that says that a call found the database damaged.
fn suspicion(file: &Path) -> PathBuf {
    file.with_added_extension("damaged")
}

/// Writes down that a call found the database damaged: the next opening looks at all of it.
pub(super) fn suspect(file: &Path) {
    // Where even this cannot be written, the next call that finds it says so again.
    let _ = private_file(&suspicion(file), true);
}

/// The damaged journals that were set aside beside the one in this file: what they hold, it does not. The oldest name first.
#[must_use]
pub fn set_aside_files(file: &Path) -> Vec<PathBuf> {
    let (Some(stem), Some(folder)) = (file.file_stem(), file.parent()) else { return Vec::new() };
    let begins = format!("{}.corrupt", stem.to_string_lossy());
    let is_one = |path: &PathBuf| {
        path.extension() == file.extension()
            && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&begins))
    };
    let mut found: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(is_one).collect();
    found.sort();
    found
}

/// Gives a damaged database and what belongs to it another name: `journal.corrupt.db`, `journal.corrupt (2).db` and so on.
fn set_aside(file: &Path) -> std::io::Result<PathBuf> {
    let stem = file.file_stem().unwrap_or_default();
    let mut name = stem.to_owned();
    name.push(".corrupt");
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    let kept = files::free_path(&file.with_file_name(name));
    let beside = |path: &Path, suffix: &str| {
        let mut path = path.as_os_str().to_owned();
        path.push(suffix);
        PathBuf::from(path)
    };
    match std::fs::remove_file(suspicion(file)) {
        Err(err) if err.kind() != ErrorKind::NotFound => return Err(err),
        _ => {}
    }
    // The log first: a fresh database must never meet the log of another.
    for suffix in ["-wal", "-shm", ""] {
        match std::fs::rename(beside(file, suffix), beside(&kept, suffix)) {
            Err(err) if err.kind() != ErrorKind::NotFound => return Err(err),
            _ => {}
        }
    }
    Ok(kept)
}
