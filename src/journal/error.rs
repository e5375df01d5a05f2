//! What can go wrong with the journal, typed.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use super::intent::{IntentId, IntentState};
use super::words;
use crate::model::{Problem, ProblemKind};

/// Why the journal did not do what it was asked to. Nothing of a failed call is kept: each is one transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The file or its folder cannot be written.
    #[error("{}", words::unwritable(.place, .why))]
    Unwritable {
        /// The file; empty where it is in memory.
        place: String,
        /// The system's words.
        why: String,
    },
    /// The disk is full.
    #[error("{}", words::full(.place))]
    Full {
        /// The file.
        place: String,
    },
    /// Another process held the journal for longer than [`super::BUSY_MS`].
    #[error("{}", words::busy(.place))]
    Busy {
        /// The file.
        place: String,
    },
    /// The file is damaged. At the next opening it is set aside.
    #[error("{}", words::corrupt(.place, .why))]
    Corrupt {
        /// The file.
        place: String,
        /// SQLite's words.
        why: String,
    },
    /// A newer version of the program wrote it: it is read only.
    #[error("{}", words::newer(.place, .version))]
    Newer {
        /// The file.
        place: String,
        /// `user_version` of the file.
        version: i64,
    },
    /// What makes a commit durable could not be set.
    #[error("{}", words::not_durable(.place, .setting))]
    NotDurable {
        /// The file.
        place: String,
        /// The setting as it was read back.
        setting: String,
    },
    /// The intent is in a state from which this is no way.
    #[error("{}", words::impossible(.wanted, .intent, .state.word()))]
    Impossible {
        /// Which.
        intent: IntentId,
        /// Its state, unchanged.
        state: IntentState,
        /// What was asked for.
        wanted: &'static str,
    },
    /// Another owner has it.
    #[error("{}", words::not_yours(.0))]
    NotYours(IntentId),
    /// There is no such intent.
    #[error("{}", words::absent(.0))]
    Absent(IntentId),
    /// Only what is at its end can be deleted.
    #[error("{}", words::unfinished(.0))]
    Unfinished(IntentId),
    /// A fault of the program or of SQLite that has no kind of its own.
    #[error("{}", words::failed(.0))]
    Failed(String),
}

impl JournalError {
    /// The same, with the file it is about.
    pub(super) fn at(mut self, file: &str) -> Self {
        if let Self::Unwritable { place, .. }
        | Self::Full { place }
        | Self::Busy { place }
        | Self::Corrupt { place, .. } = &mut self
            && place.is_empty()
        {
            file.clone_into(place);
        }
        self
    }

    /// An error of the system about a file beside the database.
    pub(super) fn of_io(file: &Path, err: &io::Error) -> Self {
        let place = file.display().to_string();
        match err.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { place },
            _ => Self::Unwritable { place, why: err.to_string() },
        }
    }

    /// Whether the file itself is damaged, so that it must be set aside.
    #[must_use]
    pub const fn is_corrupt(&self) -> bool {
        matches!(self, Self::Corrupt { .. })
    }

    fn hint(&self) -> String {
        match self {
            Self::Unwritable { .. } => words::unwritable_hint(),
            Self::Full { .. } => words::full_hint(),
            Self::Busy { .. } => words::busy_hint(),
            Self::Corrupt { .. } => words::corrupt_hint(),
            Self::Newer { .. } => words::newer_hint(),
            Self::NotDurable { .. } => words::not_durable_hint(),
            Self::Impossible { .. } => words::impossible_hint(),
            Self::NotYours(_) => words::not_yours_hint(),
            Self::Absent(_) => words::absent_hint(),
            Self::Unfinished(_) => words::unfinished_hint(),
            Self::Failed(_) => words::failed_hint(),
        }
    }
}

impl From<rusqlite::Error> for JournalError {
    fn from(err: rusqlite::Error) -> Self {
        let place = String::new();
        let why = match &err {
            rusqlite::Error::SqliteFailure(failure, words) => words.clone().unwrap_or_else(|| failure.to_string()),
            other => other.to_string(),
        };
        match err.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { place },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
                Self::Busy { place }
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { place, why },
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
                | ErrorCode::AuthorizationForStatementDenied,
            ) => Self::Unwritable { place, why },
            _ => Self::Failed(why),
        }
    }
}

impl From<serde_json::Error> for JournalError {
    fn from(err: serde_json::Error) -> Self {
        Self::Failed(err.to_string())
    }
}

impl From<JournalError> for Problem {
    fn from(err: JournalError) -> Self {
        let kind = match err {
            JournalError::Failed(_) => ProblemKind::Internal,
            JournalError::Impossible { .. }
            | JournalError::NotYours(_)
            | JournalError::Absent(_)
            | JournalError::Unfinished(_) => ProblemKind::Usage,
            _ => ProblemKind::File,
        };
        Self::new(kind, err.to_string()).with_hint(err.hint())
    }
}
