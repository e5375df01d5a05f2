//! Leases: which process works on what, so that several never do the same thing twice.
//!
//! An owner has one lease, which each heartbeat extends, and what it owns it owns as long as nobody took it over. Only an expired
//! lease is taken over. Clocks are not trusted further than this needs:
//!
//! - *Set back*: a lease that ends later than any heartbeat at the present time could have made it is shortened to a whole period
//!   from now. A living owner extends it meanwhile; a dead one is taken over a period later.
//! - *Set forward, or the machine slept*: every lease seems to be over, also those of living owners. An owner that sees its own
//!   heartbeat jump takes nothing over for a period, and the others extend theirs meanwhile. One that starts just then cannot see
//!   it, and may take over what a living owner has: that one learns it at its next call, and what it was doing is settled like any
//!   unclear outcome. An answer to a create is written down for any owner of the intent.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::db::{Journal, Result};
use super::error::JournalError;
use super::intent::{Intent, IntentId, intent, intents_where, state_of};
use super::service::Owner;

/// How often an owner extends its lease, in milliseconds.
pub const HEARTBEAT_MS: i64 = 10_000;
/// After which time without a heartbeat a lease is over, in milliseconds.
pub const LEASE_MS: i64 = 30_000;

/// The outcome of [`Journal::claim`].
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// It is the caller's.
    Yours(Box<Intent>),
    /// A living owner has it.
    HeldBy(Owner),
    /// It is at its end: there is nothing to do.
    Finished(Box<Intent>),
}

/// Extends a lease, or begins it. Returns whether the heartbeat had jumped, now or within the last period.
pub(super) fn beat(db: &Connection, owner: &Owner, now_ms: i64) -> Result<bool> {
    let mut query = db.prepare_cached("SELECT beat_ms, jumped_ms FROM owners WHERE owner = ?1")?;
    let known: Option<(i64, Option<i64>)> =
        query.query_row([owner.name()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let jumped_ms = known.and_then(|(beat_ms, jumped_ms)| {
        let jumps = !(0..LEASE_MS).contains(&now_ms.saturating_sub(beat_ms));
        let is_recent = |ms: &i64| (0..LEASE_MS).contains(&now_ms.saturating_sub(*ms));
        if jumps { Some(now_ms) } else { jumped_ms.filter(is_recent) }
    });
    let mut write = db.prepare_cached(
        "INSERT INTO owners (owner, beat_ms, lease_until_ms, jumped_ms) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (owner) DO UPDATE SET beat_ms = ?2, lease_until_ms = ?3, jumped_ms = ?4",
    )?;
    write.execute(params![owner.name(), now_ms, now_ms.saturating_add(LEASE_MS), jumped_ms])?;
    Ok(jumped_ms.is_some())
}

/// Shortens leases that the present time could not have made.
fn shorten(db: &Connection, now_ms: i64) -> Result<()> {
    let most = now_ms.saturating_add(LEASE_MS);
    db.prepare_cached("UPDATE owners SET lease_until_ms = ?1 WHERE lease_until_ms > ?1")?.execute([most])?;
    Ok(())
}

/// Whether an owner's lease runs.
pub(super) fn is_living(db: &Connection, owner: &str, now_ms: i64) -> Result<bool> {
    let mut query = db.prepare_cached("SELECT lease_until_ms > ?2 FROM owners WHERE owner = ?1")?;
    Ok(query.query_row(params![owner, now_ms], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// When an owner's lease ends; `None`: it does not run.
pub(super) fn lives_until(db: &Connection, owner: &str, now_ms: i64) -> Result<Option<i64>> {
    let mut query = db.prepare_cached("SELECT lease_until_ms FROM owners WHERE owner = ?1 AND lease_until_ms > ?2")?;
    Ok(query.query_row(params![owner, now_ms], |row| row.get(0)).optional()?)
}

/// What belongs to no living owner, as a condition on the column `owner`. `?1` is who asks, `?2` the time.
pub(super) const IS_FREE: &str =
    "(owner IS NULL OR owner NOT IN (SELECT owner FROM owners WHERE lease_until_ms > ?2 OR owner = ?1))";

impl Journal {
    /// Whether the lease of an owner runs.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn is_living(&self, owner: &Owner, now_ms: i64) -> Result<bool> {
        self.read(|db| is_living(db, owner.name(), now_ms))
    }

    /// Whether a living owner works on an intent.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn is_held(&self, id: IntentId, now_ms: i64) -> Result<bool> {
        self.read(|db| match state_of(db, id)? {
            (_, Some(owner)) => is_living(db, &owner, now_ms),
            (_, None) => Ok(false),
        })
    }

    /// Until when the lease of the living owner of an intent runs; milliseconds since the epoch. `None`: no living owner works on it, or it is
    /// at its end, so that nobody need wait.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn held_until(&self, id: IntentId, now_ms: i64) -> Result<Option<i64>> {
        self.read(|db| {
            let found = intent(db, id)?;
            let Some(owner) = found.owner.filter(|_| found.finished_ms.is_none()) else { return Ok(None) };
            lives_until(db, owner.name(), now_ms)
        })
    }

    /// Extends the owner's lease: at least every [`HEARTBEAT_MS`]. Returns what it owns: what is missing there was taken over, and
    /// must be left alone.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn heartbeat(&self, owner: &Owner, now_ms: i64) -> Result<Vec<IntentId>> {
        self.write(|db| {
            beat(db, owner, now_ms)?;
            shorten(db, now_ms)?;
            db.prepare_cached(
                "DELETE FROM owners WHERE lease_until_ms <= ?1 AND owner NOT IN (SELECT owner FROM intents WHERE \
                 finished_ms IS NULL AND owner IS NOT NULL UNION SELECT owner FROM parts WHERE owner IS NOT NULL)",
            )?
            .execute([now_ms])?;
            let mut query =
                db.prepare_cached("SELECT id FROM intents WHERE owner = ?1 AND finished_ms IS NULL ORDER BY id")?;
            let owned = query.query_map([owner.name()], |row| row.get(0).map(IntentId))?;
            Ok(owned.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Takes an unfinished intent that was released, or whose owner's lease is over, and extends the owner's own lease. One that is
    /// *sent* may have been taken by the service: it is [`Journal::unknown`], and to be settled.
    ///
    /// # Errors
    /// [`JournalError::Absent`]; the journal cannot be written.
    pub fn claim(&self, id: IntentId, owner: &Owner, now_ms: i64) -> Result<Claim> {
        self.write(|db| {
            let jumped = beat(db, owner, now_ms)?;
            shorten(db, now_ms)?;
            let found = intent(db, id)?;
            if found.finished_ms.is_some() {
                return Ok(Claim::Finished(Box::new(found)));
            }
            match &found.owner {
                Some(other) if other != owner && (jumped || is_living(db, other.name(), now_ms)?) => {
                    return Ok(Claim::HeldBy(other.clone()));
                }
                _ => {}
            }
            db.prepare_cached("UPDATE intents SET owner = ?2 WHERE id = ?1")?.execute(params![id.0, owner.name()])?;
            Ok(Claim::Yours(Box::new(intent(db, id)?)))
        })
    }

    /// Gives everything back, at an orderly end: others may take it at once.
    ///
    /// # Errors
    /// The journal cannot be written: the lease runs out by itself.
    pub fn release(&self, owner: &Owner) -> Result<()> {
        self.write(|db| {
            db.prepare_cached("UPDATE intents SET owner = NULL WHERE owner = ?1 AND finished_ms IS NULL")?
                .execute([owner.name()])?;
            db.prepare_cached("UPDATE parts SET owner = NULL WHERE owner = ?1")?.execute([owner.name()])?;
            db.prepare_cached("DELETE FROM owners WHERE owner = ?1")?.execute([owner.name()])?;
            Ok(())
        })
    }

    /// Gives one intent back, such as one whose key is missing here.
    ///
    /// # Errors
    /// [`JournalError::NotYours`], [`JournalError::Absent`]; the journal cannot be written.
    pub fn release_one(&self, id: IntentId, owner: &Owner) -> Result<()> {
        self.write(|db| {
            must_own(db, id, owner)?;
            db.prepare_cached("UPDATE intents SET owner = NULL WHERE id = ?1 AND finished_ms IS NULL")?
                .execute([id.0])?;
            Ok(())
        })
    }

    /// Everything that is not at its end, of every owner; the oldest first.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn unfinished(&self) -> Result<Vec<Intent>> {
        self.read(|db| intents_where(db, "WHERE i.finished_ms IS NULL ORDER BY i.begun_ms, i.id", []))
    }
}

/// Holds a call to its owner.
pub(super) fn must_own(db: &Connection, id: IntentId, owner: &Owner) -> Result<()> {
    let (_, owned_by) = state_of(db, id)?;
    if owned_by.as_deref() == Some(owner.name()) { Ok(()) } else { Err(JournalError::NotYours(id)) }
}
