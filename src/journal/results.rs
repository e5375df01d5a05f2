//! Results that are on this machine, and downloads in progress: only the parts listed here are resumed or swept.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::begin::write_search;
use super::db::{Journal, Result};
use super::intent::{IntentId, log};
use super::leases;
use super::paths;
use super::service::Owner;
use crate::model::SavedFile;

/// A result that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedResult {
    /// Which of the task's videos, from 0.
    pub number: u32,
    /// The file: path, checksum and size.
    pub file: SavedFile,
    /// When; milliseconds since the epoch.
    pub saved_ms: i64,
}

/// Names a download in this journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PartId(i64);

/// A download in progress, or one that was interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its number in this journal.
    pub id: PartId,
    /// Whose result.
    pub intent: IntentId,
    /// Which of the task's videos, from 0.
    pub number: u32,
    /// Where the bytes are until the file is whole.
    pub path: PathBuf,
    /// What it will become.
    pub target: PathBuf,
    /// Where it is fetched from.
    pub url: String,
    /// The strong `ETag` of the answer; without one it begins anew instead of being resumed.
    pub etag: Option<String>,
    /// How many bytes are on the disk.
    pub received_bytes: u64,
    /// How many there will be, where the server says so.
    pub total_bytes: Option<u64>,
    /// Who downloads it.
    pub owner: Option<Owner>,
    /// When it began; milliseconds since the epoch.
    pub begun_ms: i64,
}

/// A download to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPart {
    /// Whose result.
    pub intent: IntentId,
    /// Which of the task's videos, from 0.
    pub number: u32,
    /// Where the bytes are until the file is whole.
    pub path: PathBuf,
    /// What it will become.
    pub target: PathBuf,
    /// Where it is fetched from.
    pub url: String,
}

/// The outcome of [`Journal::begin_part`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartBegun {
    /// It is listed, and the caller's.
    Part(PartId),
    /// A living owner downloads this result.
    HeldBy {
        /// The listed download.
        part: Box<Part>,
        /// When that owner's lease ends, unless it is extended; milliseconds since the epoch.
        until_ms: i64,
    },
    /// An earlier download of this result was interrupted; it is the caller's now, to be resumed, or swept and ended.
    Resume(Box<Part>),
}

const PART_COLUMNS: &str =
    "id, intent_id, number, path, target, url, etag, received_bytes, total_bytes, owner, begun_ms";

fn part_of_row(row: &Row<'_>) -> rusqlite::Result<Part> {
    let bytes = |at: &str| row.get::<_, Option<i64>>(at).map(|bytes| bytes.and_then(|bytes| u64::try_from(bytes).ok()));
    Ok(Part {
        id: PartId(row.get("id")?),
        intent: IntentId(row.get("intent_id")?),
        number: row.get("number")?,
        path: paths::of_bytes(row.get("path")?),
        target: paths::of_bytes(row.get("target")?),
        url: row.get("url")?,
        etag: row.get("etag")?,
        received_bytes: bytes("received_bytes")?.unwrap_or_default(),
        total_bytes: bytes("total_bytes")?,
        owner: row.get::<_, Option<String>>("owner")?.map(Owner::new),
        begun_ms: row.get("begun_ms")?,
    })
}

fn as_column(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn saved(db: &Connection, id: IntentId, number: u32, file: &SavedFile, now_ms: i64) -> Result<()> {
    let path = paths::to_bytes(&file.path);
    db.execute(
        "INSERT OR REPLACE INTO results (intent_id, number, path, size_bytes, sha256, saved_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![id.0, number, path, as_column(file.size_bytes), file.sha256, now_ms],
    )?;
    write_search(db, id)?;
    log(db, id, now_ms, "saved", Some(&file.path.display().to_string()))
}

impl Journal {
    /// Lists a download before its first byte is written. One of the same result that is listed already is the caller's to resume,
    /// unless a living owner has it.
    ///
    /// # Errors
    /// The journal cannot be written, or the path is listed for another result.
    pub fn begin_part(&self, part: &NewPart, owner: &Owner, now_ms: i64) -> Result<PartBegun> {
        self.write(|db| {
            leases::beat(db, owner, now_ms)?;
            let sql = format!("SELECT {PART_COLUMNS} FROM parts WHERE intent_id = ?1 AND number = ?2");
            let known = db.query_row(&sql, params![part.intent.0, part.number], part_of_row).optional()?;
            if let Some(mut known) = known {
                if let Some(other) = known.owner.as_ref().filter(|other| *other != owner)
                    && let Some(until_ms) = leases::lives_until(db, other.name(), now_ms)?
                {
                    return Ok(PartBegun::HeldBy { part: Box::new(known), until_ms });
                }
                db.execute("UPDATE parts SET owner = ?2 WHERE id = ?1", params![known.id.0, owner.name()])?;
                known.owner = Some(owner.clone());
                return Ok(PartBegun::Resume(Box::new(known)));
            }
            db.execute(
                "INSERT INTO parts (intent_id, number, path, target, url, received_bytes, owner, begun_ms) \
                 VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, ?7)",
                params![
                    part.intent.0,
                    part.number,
                    paths::to_bytes(&part.path),
                    paths::to_bytes(&part.target),
                    part.url,
                    owner.name(),
                    now_ms
                ],
            )?;
            Ok(PartBegun::Part(PartId(db.last_insert_rowid())))
        })
    }

    /// Writes down how far a download is, after its bytes are on the disk. Returns whether it is still the caller's: one that was
    /// taken over must be left alone. One without an owner becomes the caller's again: another process swept it,
    /// saw that it is still written to, and gave it back.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn part_progress(
        &self,
        id: PartId,
        owner: &Owner,
        url: &str,
        etag: Option<&str>,
        received_bytes: u64,
        total_bytes: Option<u64>,
    ) -> Result<bool> {
        self.write(|db| {
            let mut update = db.prepare_cached(
                "UPDATE parts SET owner = ?2, url = ?3, etag = ?4, received_bytes = ?5, total_bytes = ?6 WHERE id = ?1 AND \
                 (owner = ?2 OR owner IS NULL)",
            )?;
            let (received, total) = (as_column(received_bytes), total_bytes.map(as_column));
            Ok(update.execute(params![id.0, owner.name(), url, etag, received, total])? == 1)
        })
    }

    /// Takes a download from an owner who is seen not to write to it any more, although the lease of that owner runs. Returns whether it is
    /// the caller's: nobody else took it meanwhile.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn take_part(&self, id: PartId, from: Option<&Owner>, owner: &Owner) -> Result<bool> {
        self.write(|db| {
            let values = params![id.0, from.map(Owner::name), owner.name()];
            Ok(db.execute("UPDATE parts SET owner = ?3 WHERE id = ?1 AND owner IS ?2", values)? == 1)
        })
    }

    /// Gives a download back that stays listed: others may resume it at once.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn release_part(&self, id: PartId, owner: &Owner) -> Result<()> {
        self.write(|db| {
            db.execute("UPDATE parts SET owner = NULL WHERE id = ?1 AND owner = ?2", params![id.0, owner.name()])?;
            Ok(())
        })
    }

    /// A download came to its end: it is whole and has its name (`saved`), or it was given up and its part removed. It is listed no
    /// more.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn end_part(&self, part: &Part, saved_as: Option<&SavedFile>, now_ms: i64) -> Result<()> {
        self.write(|db| {
            db.execute("DELETE FROM parts WHERE id = ?1", [part.id.0])?;
            match saved_as {
                Some(file) => saved(db, part.intent, part.number, file, now_ms),
                None => Ok(()),
            }
        })
    }

    /// A download by its number; `None` once it is at its end.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn part(&self, id: PartId) -> Result<Option<Part>> {
        let sql = format!("SELECT {PART_COLUMNS} FROM parts WHERE id = ?1");
        self.read(|db| Ok(db.query_row(&sql, [id.0], part_of_row).optional()?))
    }

    /// Takes over every download that no living owner has: to be resumed, or swept and ended.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn take_over_parts(&self, owner: &Owner, now_ms: i64) -> Result<Vec<Part>> {
        self.write(|db| {
            let free = if leases::beat(db, owner, now_ms)? { "owner IS NULL" } else { leases::IS_FREE };
            let sql = format!("UPDATE parts SET owner = ?1 WHERE ?2 = ?2 AND {free} RETURNING {PART_COLUMNS}");
            let mut update = db.prepare(&sql)?;
            let taken = update.query_map(params![owner.name(), now_ms], part_of_row)?;
            Ok(taken.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Writes down a result that was saved without a listed part.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn saved(&self, id: IntentId, number: u32, file: &SavedFile, now_ms: i64) -> Result<()> {
        self.write(|db| saved(db, id, number, file, now_ms))
    }

    /// The results of an intent that were saved, the newest first. Whether the files are still there is not looked at.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn results(&self, id: IntentId) -> Result<Vec<SavedResult>> {
        self.read(|db| {
            let mut query = db.prepare_cached(
                "SELECT number, path, sha256, size_bytes, saved_ms FROM results WHERE intent_id = ?1 ORDER BY id DESC",
            )?;
            let results = query.query_map([id.0], |row| {
                let file = SavedFile {
                    path: paths::of_bytes(row.get(1)?),
                    sha256: row.get(2)?,
                    size_bytes: u64::try_from(row.get::<_, i64>(3)?).unwrap_or_default(),
                };
                Ok(SavedResult { number: row.get(0)?, file, saved_ms: row.get(4)? })
            })?;
            Ok(results.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Whether this path is a result or a part that the journal lists.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn lists(&self, path: &Path) -> Result<bool> {
        let path = paths::to_bytes(path);
        self.read(|db| {
            let sql =
                "SELECT EXISTS (SELECT 1 FROM parts WHERE path = ?1) OR EXISTS (SELECT 1 FROM results WHERE path = ?1)";
            Ok(db.query_row(sql, [path], |row| row.get(0))?)
        })
    }
}
