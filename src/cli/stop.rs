//! Why a job ended early.

use crate::model::Problem;

/// Why a job ended early.
#[derive(Debug)]
pub enum Stop {
    /// Something is wrong.
    Problem(Box<Problem>),
    /// A person interrupted it.
    Interrupted,
    /// Its time is over.
    TimedOut,
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}
