//! How long bodies are kept. Intents and task ids are kept for ever.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use rusqlite::{Connection, params};

use super::bodies;
use super::db::{Journal, Result};

/// How long bodies of exchanges are kept, and how many bytes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long, in milliseconds.
    pub keep_ms: i64,
    /// How many bytes in all; the oldest go first.
    pub keep_bytes: u64,
}

impl Default for Retention {
    /// 90 days, 2 GiB.
    fn default() -> Self {
        Self { keep_ms: 90 * 24 * 60 * 60 * 1_000, keep_bytes: 2 * 1024 * 1024 * 1024 }
    }
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Of how many exchanges the bodies were.
    pub exchanges: usize,
    /// How many files that no exchange named.
    pub orphans: usize,
}

/// How many exchanges one transaction prunes: others wait for no more than these.
const AT_ONCE: u32 = 500;
/// A file that no row names is swept after this time, in milliseconds.
const ORPHAN_MS: i64 = 60 * 60 * 1_000;

struct Old {
    id: i64,
    bytes: i64,
    sha256: [Option<String>; 2],
}

impl Journal {
    /// Removes the bodies that are older, or more, than is to be kept. Takes long where there are many: for a thread of its own.
    ///
    /// # Errors
    /// The journal cannot be written, or a file not removed: the rest stays for the next time.
    pub fn prune(&self, retention: Retention, now_ms: i64) -> Result<Pruned> {
        let mut pruned = Pruned::default();
        let folder = self.bodies();
        loop {
            let done = self.write(|db| prune_some(db, folder.as_deref(), retention, now_ms))?;
            pruned.exchanges += done;
            if done == 0 {
                break;
            }
        }
        if let Some(folder) = folder {
            // In a transaction of its own: a writer puts a file and its row into one transaction too.
            pruned.orphans = self.write(|db| sweep(db, &folder, now_ms))?;
        }
        Ok(pruned)
    }
}

fn prune_some(db: &Connection, folder: Option<&Path>, retention: Retention, now_ms: i64) -> Result<usize> {
    let kept: i64 =
        db.query_row("SELECT coalesce(sum(kept_bytes), 0) FROM exchanges WHERE kept_bytes > 0", [], |row| row.get(0))?;
    let mut over = kept.saturating_sub(i64::try_from(retention.keep_bytes).unwrap_or(i64::MAX));
    let oldest_ms = now_ms.saturating_sub(retention.keep_ms);
    let mut query = db.prepare_cached(
        "SELECT id, kept_bytes, request_sha256, response_sha256, started_ms FROM exchanges WHERE kept_bytes > 0 \
         ORDER BY started_ms, id LIMIT ?1",
    )?;
    let rows = query.query_map([AT_ONCE], |row| {
        Ok((Old { id: row.get(0)?, bytes: row.get(1)?, sha256: [row.get(2)?, row.get(3)?] }, row.get::<_, i64>(4)?))
    })?;
    let mut old = Vec::new();
    for row in rows {
        let (row, started_ms) = row?;
        if over <= 0 && started_ms >= oldest_ms {
            break;
        }
        over = over.saturating_sub(row.bytes);
        old.push(row);
    }
    forget_bodies(db, folder, &old)?;
    Ok(old.len())
}

fn forget_bodies(db: &Connection, folder: Option<&Path>, old: &[Old]) -> Result<()> {
    let mut update = db.prepare_cached(
        "UPDATE exchanges SET kept_bytes = 0, request_body = NULL, response_body = NULL, request_sha256 = NULL, \
         response_sha256 = NULL WHERE id = ?1",
    )?;
    for row in old {
        update.execute([row.id])?;
    }
    for name in old.iter().flat_map(|row| row.sha256.iter().flatten()) {
        if let Some(folder) = folder
            && !is_named(db, name)?
        {
            bodies::remove(folder, name)?;
        }
    }
    Ok(())
}

/// Removes all bodies of an intent's exchanges.
pub(super) fn forget_bodies_of(db: &Connection, folder: Option<&Path>, intent: i64) -> Result<()> {
    let mut query = db.prepare_cached(
        "SELECT id, kept_bytes, request_sha256, response_sha256 FROM exchanges WHERE intent_id = ?1 AND kept_bytes > 0",
    )?;
    let rows = query.query_map([intent], |row| {
        Ok(Old { id: row.get(0)?, bytes: row.get(1)?, sha256: [row.get(2)?, row.get(3)?] })
    })?;
    let old = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    forget_bodies(db, folder, &old)
}

fn is_named(db: &Connection, sha256: &str) -> Result<bool> {
    let mut query = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM exchanges WHERE request_sha256 = ?1) \
         OR EXISTS (SELECT 1 FROM exchanges WHERE response_sha256 = ?1)",
    )?;
    Ok(query.query_row(params![sha256], |row| row.get(0))?)
}

/// Removes files that no row names, such as those of a transaction that came to nothing.
fn sweep(db: &Connection, folder: &Path, now_ms: i64) -> Result<usize> {
    let mut swept = 0;
    let before =
        UNIX_EPOCH + Duration::from_millis(u64::try_from(now_ms.saturating_sub(ORPHAN_MS)).unwrap_or_default());
    for name in bodies::names(folder) {
        let written = fs::metadata(folder.join(&name)).and_then(|metadata| metadata.modified());
        if written.is_ok_and(|written| written < before) && !is_named(db, &name)? {
            bodies::remove(folder, &name)?;
            swept += 1;
        }
    }
    Ok(swept)
}
