//! What a person may change at any time, and work in progress sees at once.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::journal::Retention;

/// What is wished for. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Wishes(Arc<Mutex<Values>>);

/// Each wish.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// How much may be spent at the connected service on a local day, in its own unit.
    pub budget: Option<f64>,
    /// The folder to which the results of tasks go that are followed beside the workflow; `None`: they are not saved.
    pub results: Option<PathBuf>,
    /// The file in which the result of the next task is wanted; `None`: no certain one.
    pub out: Option<PathBuf>,
    /// Whether the connected service ends with this process: a sandbox of a command's own.
    pub ends_with_process: bool,
    /// How long bodies of exchanges are kept, and how much of them.
    pub retention: Retention,
}

impl Wishes {
    fn lock(&self) -> MutexGuard<'_, Values> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is wished for now.
    pub fn now(&self) -> Values {
        self.lock().clone()
    }

    /// Changes it.
    pub fn change(&self, change: impl FnOnce(&mut Values)) {
        change(&mut self.lock());
    }
}
