//! The tables, and how an older form of them becomes the present one.
//!
//! `user_version` counts the steps of [`STEPS`] that were taken. A step that was released never changes: what changes is a further
//! step.

use rusqlite::{Connection, TransactionBehavior};

use super::db::Result;
use super::error::JournalError;

/// The steps; step N brings a database from version N to N + 1.
pub(super) const STEPS: &[&str] = &[include_str!("step_1.sql"), include_str!("step_2.sql"), include_str!("step_3.sql")];

/// The version that this program reads and writes.
#[cfg(test)]
pub(super) fn newest() -> i64 {
    STEPS.len() as i64
}

/// `user_version` of a database.
pub(super) fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Takes the steps that are missing, in one transaction that looks again: another process may have been faster, and a process that is
/// killed in between leaves a database of no version in between.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    migrate_by(connection, STEPS)
}

pub(super) fn migrate_by(connection: &mut Connection, steps: &[&str]) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let at = usize::try_from(version(&transaction)?).unwrap_or(usize::MAX);
    let missing = steps.get(at..).unwrap_or_default();
    for step in missing {
        transaction.execute_batch(step)?;
    }
    if !missing.is_empty() {
        transaction.pragma_update(None, "user_version", steps.len() as i64)?;
    }
    Ok(transaction.commit()?)
}

/// Removes every row but those that come with the tables: of the youngest table first, since tables refer to older ones.
pub(super) fn clear(connection: &Connection) -> Result<()> {
    let mut query = connection.prepare_cached(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name != 'openings' ORDER BY rowid DESC",
    )?;
    let tables: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for table in tables {
        connection.prepare_cached(&format!("DELETE FROM {table}"))?.execute([])?;
    }
    connection.prepare_cached("UPDATE openings SET count = 0")?.execute([])?;
    Ok(())
}

/// Looks at every page.
pub(super) fn check(connection: &Connection) -> Result<()> {
    let words: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if words == "ok" { Ok(()) } else { Err(JournalError::Corrupt { place: String::new(), why: words }) }
}
