//! Waits before a retry, which a service asked for (1302, 1303, `Retry-After`) or a lost answer requires: visible while they last,
//! and cancelled at once where a person gives up.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::model::Problem;
use crate::wire::request::Operation;

/// The operation of a create, as [`Wait::operation`] has it.
const CREATE: &str = Operation::Create.word();

/// A wait in progress.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    /// The operation that is retried after it: `identify`, `create`, …
    pub operation: &'static str,
    /// When it ends; milliseconds since the epoch.
    pub until_ms: i64,
    /// Why it is needed.
    pub problem: Problem,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitEnd {
    /// It elapsed.
    Over,
    /// A person cancelled it.
    GivenUp,
}

/// The waits of all clients that share it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Waits(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    now: Mutex<Vec<(u64, Wait)>>,
    next: AtomicU64,
    give_up: Notify,
    /// Whether no create is to be sent again.
    creates_stopped: AtomicBool,
}

impl Waits {
    /// The wait that ends first.
    #[must_use]
    pub fn current(&self) -> Option<Wait> {
        self.0.now().iter().map(|(_, wait)| wait).min_by_key(|wait| wait.until_ms).cloned()
    }

    /// Cancels every wait in progress: each operation ends with the refusal after which it was to be retried.
    pub fn give_up(&self) {
        self.0.give_up.notify_waiters();
    }

    /// From now on no create is sent again: a wait for that ends at once, now and later, with the refusal after which it was to be sent.
    pub fn stop_creates(&self) {
        self.0.creates_stopped.store(true, Ordering::SeqCst);
        self.0.give_up.notify_waiters();
    }

    /// Waits for `over`; [`Waits::current`] shows it meanwhile, and no longer once this future is dropped.
    pub async fn pause(&self, wait: Wait, over: impl Future<Output = ()>) -> WaitEnd {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let is_create = wait.operation == CREATE;
        let mut given_up = std::pin::pin!(self.0.give_up.notified());
        // Registered before it is shown: nobody gives up a wait in vain.
        given_up.as_mut().enable();
        if is_create && self.0.creates_stopped.load(Ordering::SeqCst) {
            return WaitEnd::GivenUp;
        }
        self.0.now().push((id, wait));
        let _shown = Shown { waits: self.clone(), id };
        tokio::select! {
            biased;
            () = over => WaitEnd::Over,
            () = given_up => WaitEnd::GivenUp,
        }
    }
}

impl Inner {
    fn now(&self) -> MutexGuard<'_, Vec<(u64, Wait)>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a wait when it is dropped.
struct Shown {
    waits: Waits,
    id: u64,
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.waits.0.now().retain(|(id, _)| *id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProblemKind;

    fn wait(until_ms: i64) -> Wait {
        Wait { operation: "create", until_ms, problem: Problem::new(ProblemKind::Refused, "too fast") }
    }

    fn after(ms: u64) -> impl Future<Output = ()> {
        tokio::time::sleep(std::time::Duration::from_millis(ms))
    }

    #[tokio::test]
    async fn a_wait_is_shown_until_it_is_over_given_up_or_dropped() {
        let waits = Waits::default();
        assert_eq!(waits.pause(wait(1), after(0)).await, WaitEnd::Over);
        assert_eq!(waits.current(), None);

        let (of_task, of_other) = (waits.clone(), waits.clone());
        let waiting = tokio::spawn(async move { of_task.pause(wait(9), after(60_000)).await });
        let dropped = tokio::spawn(async move { of_other.pause(wait(5), after(60_000)).await });
        while waits.0.now().len() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(waits.current(), Some(wait(5)), "the one that ends first");
        dropped.abort();
        let _ = dropped.await;
        assert_eq!(waits.current(), Some(wait(9)));
        waits.give_up();
        assert_eq!(waiting.await.unwrap(), WaitEnd::GivenUp, "what is shown can be given up");
        assert_eq!(waits.current(), None);

        waits.stop_creates();
        assert_eq!(waits.pause(wait(9), after(60_000)).await, WaitEnd::GivenUp, "also a wait that begins later");
        assert_eq!(waits.pause(Wait { operation: "list", ..wait(9) }, after(0)).await, WaitEnd::Over);
    }
}
