//! Outcomes of a call and of a download: one type for each, from the reader of the wire to the window.

use std::path::PathBuf;

use super::Problem;

/// The outcome of a call that may cost something.
#[derive(Clone, Debug, PartialEq)]
pub enum CallOutcome<T> {
    /// The service did it, and returned this.
    Done(T),
    /// It was certainly not done: the service refused, or nothing ever reached it. Sending it again is safe, and up to the person.
    Refused(Problem),
    /// The service refused because a task of that name exists. This sending created nothing; whether an earlier one of the same intent
    /// did is to be proven ([`super::SentCreate::ownership_of`]).
    NameTaken(Problem),
    /// Whether it was done is not known. Never sent again by itself.
    Unknown(Problem),
}

impl<T> CallOutcome<T> {
    /// The outcome of a read, which changes nothing at the service.
    pub fn of_read(read: Result<T, Problem>) -> Self {
        match read {
            Ok(value) => Self::Done(value),
            Err(problem) => Self::Refused(problem),
        }
    }

    /// This outcome with its value mapped.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> CallOutcome<U> {
        match self {
            Self::Done(value) => CallOutcome::Done(change(value)),
            Self::Refused(problem) => CallOutcome::Refused(problem),
            Self::NameTaken(problem) => CallOutcome::NameTaken(problem),
            Self::Unknown(problem) => CallOutcome::Unknown(problem),
        }
    }

    /// The value, or the problem.
    ///
    /// # Errors
    /// The problem of a call that was refused, also for its name, or of which the outcome is not known.
    pub fn into_result(self) -> Result<T, Problem> {
        match self {
            Self::Done(value) => Ok(value),
            Self::Refused(problem) | Self::NameTaken(problem) | Self::Unknown(problem) => Err(problem),
        }
    }
}

/// The progress of a transfer: a download, or an upload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes so far.
    pub received_bytes: u64,
    /// Bytes in all, where that is known.
    pub total_bytes: Option<u64>,
}

/// A result that is on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedFile {
    /// Its path.
    pub path: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size_bytes: u64,
}
