//! Which service, and which process.

use std::fmt;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::db::{Journal, Result};
use crate::model::{Dialect, Profile};

/// The service of a task, as far as it must be known to ask it again. Holds no key.
///
/// Two are the same service where address, prefix and dialect are, whatever the profile is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Service {
    /// The profile's name.
    pub profile: String,
    /// The profile's base URL without a trailing slash; empty for the embedded sandbox, whose port changes.
    pub base_url: String,
    /// The profile's path prefix.
    pub path_prefix: String,
    /// How the service speaks.
    pub dialect: Dialect,
}

impl Service {
    /// The service of a profile.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        Self {
            profile: profile.name.clone(),
            base_url: profile.base_url.trim().trim_end_matches('/').to_owned(),
            path_prefix: profile.path_prefix.clone(),
            dialect: profile.dialect,
        }
    }

    /// Whether `other` is the same service, under whatever profile.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.base_url, &self.path_prefix, self.dialect) == (&other.base_url, &other.path_prefix, other.dialect)
    }

    /// From the columns `profile, base_url, path_prefix, dialect`, the first at `at`.
    pub(super) fn of_row(row: &Row<'_>, at: usize) -> rusqlite::Result<Self> {
        let dialect: String = row.get(at + 3)?;
        Ok(Self {
            profile: row.get(at)?,
            base_url: row.get(at + 1)?,
            path_prefix: row.get(at + 2)?,
            dialect: if dialect == Dialect::Kirin.to_string() { Dialect::Kirin } else { Dialect::Kling },
        })
    }

    /// Its row, where it has one.
    pub(super) fn find(&self, connection: &Connection) -> Result<Option<i64>> {
        let mut query = connection
            .prepare_cached("SELECT id FROM services WHERE base_url = ?1 AND path_prefix = ?2 AND dialect = ?3")?;
        Ok(query
            .query_row(params![self.base_url, self.path_prefix, self.dialect.to_string()], |row| row.get(0))
            .optional()?)
    }

    /// Its row, made where it is missing.
    pub(super) fn row(&self, connection: &Connection) -> Result<i64> {
        if let Some(id) = self.find(connection)? {
            return Ok(id);
        }
        connection
            .prepare_cached("INSERT INTO services (profile, base_url, path_prefix, dialect) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![self.profile, self.base_url, self.path_prefix, self.dialect.to_string()])?;
        Ok(connection.last_insert_rowid())
    }
}

impl Journal {
    /// How many slots of a service are held: tasks of all processes that run or are about to.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn slots_used(&self, service: &Service) -> Result<u32> {
        self.read(|db| match service.find(db)? {
            None => Ok(0),
            Some(id) => slots_used(db, id),
        })
    }
}

pub(super) fn slots_used(connection: &Connection, service_id: i64) -> Result<u32> {
    let mut query =
        connection.prepare_cached("SELECT count(*) FROM intents WHERE service_id = ?1 AND holds_slot = 1")?;
    Ok(query.query_row([service_id], |row| row.get(0))?)
}

/// What the names of commands begin with.
pub(super) const COMMAND: &str = "command-";

/// A process that works on intents, by a name of its own that no other has: the caller makes it, for example of random bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Owner(String);

impl Owner {
    /// An owner of this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// A command, which tells the person itself what comes of its tasks.
    #[must_use]
    pub fn of_command(name: &str) -> Self {
        Self(format!("{COMMAND}{name}"))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
