//! What a simulation puts in place of network, clocks, chance and threads (`tests/lives`). The program itself makes no world.
//!
//! It enters in one place, [`super::Clock::of_world`]: code that gets that clock gets that world. Everything else is the code that is shipped.

use std::future::Future;
use std::pin::Pin;

use super::fault::{Fault, no_answer, unreadable};
use super::words;
use crate::wire::request::Call;

/// Work that is not done yet.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Stops work for good: it is dropped where it stands.
pub type Stop = Box<dyn Fn() + Send + Sync>;

/// A whole answer of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorldAnswer {
    /// The HTTP status.
    pub http_status: u16,
    /// `Retry-After` in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// `Date` in milliseconds since the epoch.
    pub date_ms: Option<i64>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorldFault {
    /// No connection was made.
    NotSent,
    /// It was sent, and nothing came back.
    NoAnswer,
    /// An answer with this HTTP status began, and was cut off.
    Cut(u16),
}

impl WorldFault {
    pub(super) fn fault(self, host: &str) -> Fault {
        match self {
            Self::NotSent => {
                let mut problem = no_answer(words::connection_refused(host));
                problem.hint = Some(words::check_running());
                Fault::NotSent(problem)
            }
            Self::NoAnswer => Fault::Unclear(no_answer(words::closed(host))),
            Self::Cut(http_status) => Fault::Unclear(unreadable(http_status, words::stalled(0))),
        }
    }
}

/// Network, clocks, chance and threads of one process.
pub trait World: Send + Sync {
    /// The wall clock: milliseconds since the epoch.
    fn now_ms(&self) -> i64;

    /// A clock that never goes back and stops while the machine sleeps, in milliseconds.
    fn elapsed_ms(&self) -> u64;

    /// A clock that never goes back and never stops, in milliseconds.
    fn since_boot_ms(&self) -> i64;

    /// Waits.
    fn sleep(&self, ms: u64) -> Pending<()>;

    /// A random number.
    fn random(&self) -> u64;

    /// Sends a call to the service.
    fn exchange(&self, call: &Call) -> Pending<Result<WorldAnswer, WorldFault>>;

    /// Passes before and after each call of the journal that is waited for: a process may end there.
    fn at_the_disk(&self) -> Pending<()>;

    /// Begins work beside what is going on.
    fn spawn(&self, work: Pending<()>) -> Stop;
}
