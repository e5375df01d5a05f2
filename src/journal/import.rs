//! The file of accepted ids that earlier versions kept, `tasks.jsonl`: read once, then removed.
//!
//! The file is first renamed, so that a version that still runs appends to a new one; then read and committed; then removed. An import
//! that is interrupted is repeated at the next, and what was inserted already is known by its task id.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde::Deserialize;

use super::db::{Journal, Result};
use super::error::JournalError;
use super::intent::{Described, Origin, log};
use super::service::Service;
use super::task::{self, Followed};
use crate::files;
use crate::model::TaskStatus;

/// A line of the file.
#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line {
    Accepted {
        #[serde(flatten)]
        service: Service,
        task_id: String,
        external_task_id: Option<String>,
        time_ms: i64,
        clip: Option<String>,
        voice: Option<String>,
    },
    Ended {
        #[serde(flatten)]
        service: Service,
        task_id: String,
        status: TaskStatus,
        time_ms: i64,
    },
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// How many tasks were not known before.
    pub tasks: usize,
    /// How many lines could not be read.
    pub unreadable: usize,
    /// Where the file is kept, if a line of it could not be read.
    pub kept: Option<PathBuf>,
}

impl Journal {
    /// Imports the file and removes it. One with a line that cannot be read is kept as `tasks.jsonl.imported`. A file that does not
    /// exist has nothing.
    ///
    /// # Errors
    /// The file cannot be read or moved, or the journal cannot be written: what was not imported stays for the next time.
    pub fn import(&self, file: &Path) -> Result<Imported> {
        let io = |err: io::Error| JournalError::of_io(file, &err);
        if self.is_read_only() {
            return self.write(|_| Ok(Imported::default()));
        }
        let mut waiting = interrupted(file).map_err(io)?;
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(|err| JournalError::Failed(err.to_string()))?;
        let moved = file.with_added_extension(format!("importing-{}", files::hex(&random)));
        match fs::rename(file, &moved) {
            Ok(()) => waiting.push(moved),
            Err(err) if err.kind() == ErrorKind::NotFound => {}
            Err(err) => return Err(io(err)),
        }
        let mut imported = Imported::default();
        for part in waiting {
            match self.import_part(&part, &file.with_added_extension("imported"), &mut imported) {
                // Another process has finished it.
                Err(err) if err.kind() == ErrorKind::NotFound => {}
                Err(err) => return Err(err.downcast().unwrap_or_else(io)),
                Ok(()) => {}
            }
        }
        Ok(imported)
    }

    fn import_part(&self, part: &Path, keep_as: &Path, imported: &mut Imported) -> io::Result<()> {
        let mut bytes = fs::read(part)?;
        let unreadable = loop {
            let (tasks, unreadable) = self.write(|db| insert(db, &bytes)).map_err(io::Error::other)?;
            imported.tasks += tasks;
            let again = fs::read(part)?;
            // A process that had opened it before it was renamed has appended meanwhile.
            if again.len() == bytes.len() {
                break unreadable;
            }
            bytes = again;
        };
        if unreadable == 0 {
            return fs::remove_file(part);
        }
        imported.unreadable += unreadable;
        let kept = files::free_path(keep_as);
        fs::rename(part, &kept)?;
        imported.kept = Some(kept);
        Ok(())
    }
}

/// What an interrupted import left.
fn interrupted(file: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut begins = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    begins.push_str(".importing-");
    let entries = match fs::read_dir(folder) {
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(&begins) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Inserts what is not known yet. Returns how many tasks that were, and how many lines could not be read.
fn insert(db: &Connection, bytes: &[u8]) -> Result<(usize, usize)> {
    let (mut tasks, mut unreadable) = (0, 0);
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        match serde_json::from_slice(line) {
            Ok(Line::Accepted { service, task_id, external_task_id, time_ms, clip, voice }) => {
                let row = service.row(db)?;
                if task::intent_of(db, row, &task_id)?.is_none() {
                    let described = |name: Option<String>| Described::named(name.unwrap_or_default());
                    let (clip, voice) = (described(clip), described(voice));
                    let task = Followed { service, task_id, external_task_id, clip, voice };
                    task::insert_followed(db, row, &task, Origin::Imported, None, time_ms)?;
                    tasks += 1;
                }
            }
            Ok(Line::Ended { service, task_id, status, time_ms }) => {
                let row = service.row(db)?;
                if let Some((id, _)) = task::intent_of(db, row, &task_id)?
                    && status.is_terminal()
                {
                    let ended = db.execute(
                        "UPDATE tasks SET status = ?2, ended_ms = ?3 WHERE intent_id = ?1 AND ended_ms IS NULL",
                        params![id.0, status.word(), time_ms],
                    )?;
                    if ended > 0 {
                        log(db, id, time_ms, status.word(), None)?;
                        task::set_phase(db, id, task::phase_of(status), time_ms)?;
                    }
                }
            }
            Err(_) => unreadable += 1,
        }
    }
    Ok((tasks, unreadable))
}
