//! The connection: one for each [`Journal`], shared by its clones; every call is one transaction.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::JournalError;
use super::schema;

/// What a call of the journal returns.
pub type Result<T> = std::result::Result<T, JournalError>;

/// The journal. Clones share one connection, and wait for each other; other threads that must not wait open their own.
///
/// Every call reads or writes the disk: not for the thread that draws. Every call that writes is one transaction, on the disk
/// when it returns, and takes time and owners as values: the journal itself looks at no clock.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

struct Shared {
    connection: Mutex<Connection>,
    /// `None`: in memory.
    file: Option<PathBuf>,
    /// The version of a file that a newer program wrote.
    newer: Option<i64>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("file", &self.shared.file).field("newer", &self.shared.newer).finish()
    }
}

impl Journal {
    pub(super) fn new(connection: Connection, file: Option<PathBuf>, newer: Option<i64>) -> Self {
        connection.set_prepared_statement_cache_capacity(128);
        // Without it a statement is planned anew whenever other values are bound to it.
        if let Err(err) = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true) {
            tracing::debug!(%err, "statements are planned anew for other values");
        }
        Self { shared: Arc::new(Shared { connection: Mutex::new(connection), file, newer }) }
    }

    /// A journal in memory, with the same SQL: for simulations, and where nothing is to be kept. Its clones share it.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn in_memory() -> Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::migrate(&mut connection)?;
        Ok(Self::new(connection, None, None))
    }

    /// Everything that is committed, as bytes: of a journal in memory, for a simulated crash.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn snapshot(&self) -> Result<Vec<u8>> {
        let mut connection = self.lock();
        Ok(connection.serialize("main")?.to_vec())
    }

    /// A journal in memory from [`Journal::snapshot`], independent of the one it was taken from.
    ///
    /// # Errors
    /// The bytes are no journal.
    pub fn restore(snapshot: &[u8]) -> Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        connection.deserialize_read_exact("main", snapshot, snapshot.len(), false)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(Self::new(connection, None, None))
    }

    /// Removes every row of a journal in memory, which is then as [`Journal::in_memory`] makes it: a simulation of many lives keeps its
    /// prepared statements in this way.
    ///
    /// # Errors
    /// It is in a file, which nothing empties; SQLite fails.
    pub fn clear(&self) -> Result<()> {
        if self.file().is_some() {
            return Err(JournalError::Failed("a journal in a file is not emptied".into()));
        }
        self.write(|db| schema::clear(db))
    }

    /// The file; `None` where it is in memory.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.shared.file.as_deref()
    }

    /// Whether a newer version of the program wrote it, so that it is only read: every call that writes is
    /// [`JournalError::Newer`].
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.shared.newer.is_some()
    }

    /// Looks at every page of the file. Takes long with a large one: for a thread of its own.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`], with SQLite's words.
    pub fn check(&self) -> Result<()> {
        self.read(schema::check)
    }

    /// Reads from one state of the database.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut connection = self.lock();
        let done = connection
            .transaction_with_behavior(TransactionBehavior::Deferred)
            .map_err(JournalError::from)
            .and_then(|transaction| work(&transaction));
        drop(connection);
        done.map_err(|err| self.failed(err))
    }

    /// Writes in one transaction, which waits for those of other processes and is on the disk when this returns. Without an
    /// error everything is kept, with one nothing.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        if let Some(version) = self.shared.newer {
            return Err(JournalError::Newer { place: self.place(), version });
        }
        let mut connection = self.lock();
        let done = write_to(&mut connection, work);
        drop(connection);
        done.map_err(|err| self.failed(err))
    }

    fn failed(&self, err: JournalError) -> JournalError {
        if let Some(file) = self.file().filter(|_| err.is_corrupt()) {
            super::open::suspect(file);
        }
        err.at(&self.place())
    }

    fn place(&self) -> String {
        self.shared.file.as_ref().map(|file| file.display().to_string()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A transaction that was left by a panic was rolled back when it was dropped.
        self.shared.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn write_to<T>(connection: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}
