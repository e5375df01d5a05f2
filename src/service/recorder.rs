//! A ring of the last exchanges, bounded in number and bytes. A cheap handle, shared by clients, window and command line.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::exchange::{Exchange, Timing};
use super::words;
use crate::secrets;

/// How many exchanges are kept by default.
pub const KEPT: usize = 1_000;
/// How many bytes of them are kept by default.
pub const KEPT_BYTES: usize = 24 * 1024 * 1024;

/// Keeps the last exchanges. Clones share them.
#[derive(Clone, Debug)]
pub struct Recorder {
    shared: Arc<Shared>,
}

/// Receives every exchange once it is over, on the thread that made it: it must not wait. Signed addresses are whole in it, secrets not.
pub type Sink = Box<dyn Fn(&Exchange) + Send + Sync>;

struct Shared {
    ring: Mutex<Ring>,
    sink: Mutex<Option<Sink>>,
    sent: AtomicU64,
    most: usize,
    most_bytes: usize,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("ring", &self.ring).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Ring {
    kept: VecDeque<(usize, Arc<Exchange>)>,
    bytes: usize,
    count: u64,
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new(KEPT, KEPT_BYTES)
    }
}

impl Recorder {
    /// A recorder of at most `most` exchanges and about `most_bytes` bytes.
    #[must_use]
    pub fn new(most: usize, most_bytes: usize) -> Self {
        let shared = Shared {
            ring: Mutex::default(),
            sink: Mutex::default(),
            sent: AtomicU64::new(0),
            most: most.max(1),
            most_bytes,
        };
        Self { shared: Arc::new(shared) }
    }

    /// Sends every further exchange to `sink` too, in place of the one before.
    pub fn set_sink(&self, sink: Option<Sink>) {
        *self.shared.sink.lock().unwrap_or_else(PoisonError::into_inner) = sink;
    }

    /// How many requests were begun so far, kept or not.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.shared.sent.load(Ordering::Relaxed)
    }

    /// How many exchanges were recorded so far, kept or not: changes when there is something new to show.
    #[must_use]
    pub fn recorded(&self) -> u64 {
        self.ring().count
    }

    /// The exchanges kept, oldest first.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Arc<Exchange>> {
        self.ring().kept.iter().map(|(_, exchange)| exchange.clone()).collect()
    }

    /// The last exchange.
    #[must_use]
    pub fn last(&self) -> Option<Arc<Exchange>> {
        self.ring().kept.back().map(|(_, exchange)| exchange.clone())
    }

    /// Counts a request to the service; downloads are not counted.
    pub(super) fn count_request(&self) {
        self.shared.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// Begins the record of an exchange.
    pub(super) fn start(
        &self,
        started_at_ms: i64,
        operation: &'static str,
        method: &'static str,
        url: String,
    ) -> Recording {
        let exchange = Exchange {
            number: 0,
            started_at_ms,
            operation,
            method,
            url,
            request_headers: Vec::new(),
            request_body: String::new(),
            request_file: None,
            request_bytes: 0,
            status: None,
            response_headers: Vec::new(),
            response_body: String::new(),
            response_bytes: 0,
            failure: Some(words::given_up()),
            timing: Timing::default(),
        };
        Recording { recorder: self.clone(), began: Instant::now(), exchange: Some(exchange) }
    }

    /// The one place where exchanges come in: none has a secret, and those that are shown have no signature either.
    fn record(&self, exchange: Exchange) {
        let exchange = exchange.changed(|text| secrets::redacted(text).into_owned());
        if let Some(sink) = &*self.shared.sink.lock().unwrap_or_else(PoisonError::into_inner) {
            sink(&exchange);
        }
        let mut exchange = exchange.changed(|text| secrets::without_signatures(text).into_owned());
        let headers = exchange.request_headers.iter().chain(&exchange.response_headers);
        let size = 512
            + exchange.url.len()
            + exchange.request_body.len()
            + exchange.response_body.len()
            + headers.map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let mut ring = self.ring();
        ring.count += 1;
        exchange.number = ring.count;
        ring.bytes += size;
        ring.kept.push_back((size, Arc::new(exchange)));
        while ring.kept.len() > self.shared.most || (ring.bytes > self.shared.most_bytes && ring.kept.len() > 1) {
            if let Some((size, _)) = ring.kept.pop_front() {
                ring.bytes -= size;
            }
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.shared.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The record of an exchange in progress; stored when it is dropped, so that an abandoned exchange is recorded too.
#[derive(Debug)]
pub(super) struct Recording {
    recorder: Recorder,
    began: Instant,
    /// `None` only after it was stored.
    exchange: Option<Exchange>,
}

impl Recording {
    /// Changes what is recorded; the second argument is the time since the beginning in microseconds.
    pub(super) fn with(&mut self, change: impl FnOnce(&mut Exchange, u64)) {
        let us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        if let Some(exchange) = &mut self.exchange {
            change(exchange, us);
        }
    }

    /// Records why the exchange failed.
    pub(super) fn failed(&mut self, words: String) {
        self.with(|exchange, _| exchange.failure = Some(words));
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.with(|exchange, us| exchange.timing.total_us = us);
        if let Some(exchange) = self.exchange.take() {
            self.recorder.record(exchange);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(body_bytes: usize) -> Exchange {
        Exchange {
            number: 0,
            started_at_ms: 0,
            operation: "query",
            method: "GET",
            url: String::new(),
            request_headers: Vec::new(),
            request_body: String::new(),
            request_file: None,
            request_bytes: 0,
            status: Some(200),
            response_headers: Vec::new(),
            response_body: "x".repeat(body_bytes),
            response_bytes: body_bytes as u64,
            failure: None,
            timing: Timing::default(),
        }
    }

    #[test]
    fn the_ring_is_bounded_in_number_and_bytes() {
        let few = Recorder::new(3, usize::MAX);
        (0..10).for_each(|_| few.record(exchange(1)));
        let numbers: Vec<_> = few.exchanges().iter().map(|exchange| exchange.number).collect();
        assert_eq!((numbers, few.recorded()), (vec![8, 9, 10], 10));
        let small = Recorder::new(1_000, 10_000);
        (0..50).for_each(|_| small.record(exchange(3_000)));
        assert_eq!(small.exchanges().len(), 2);
        small.record(exchange(50_000));
        assert_eq!(small.exchanges().len(), 1, "the newest is kept whatever its size");
    }
}
