//! Guarded downloads, without our key: addresses in an answer lead anywhere, and what is there may be anything.

mod file;
mod hop;
mod picture;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use super::transport::Route;
use crate::model::Problem;

pub use file::{IfExists, Progress, Saved};
pub use picture::Preview;

/// Bounds of downloads. Times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// For a connection to stand.
    pub connect_ms: u64,
    /// For the head of an answer.
    pub head_ms: u64,
    /// Between two pieces of a body.
    pub gap_ms: u64,
    /// For the whole of a preview.
    pub preview_ms: u64,
    /// Largest preview in bytes, as it comes.
    pub preview_bytes: usize,
    /// Largest width and height of a preview.
    pub preview_side_px: u32,
    /// Largest side of the thumbnail made of it.
    pub thumb_side_px: u32,
    /// Most memory the decoder of a preview may use, in bytes.
    pub decode_bytes: u64,
    /// Largest result in bytes.
    pub file_bytes: u64,
    /// How many redirects are followed.
    pub redirects: usize,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            connect_ms: 10_000,
            head_ms: 30_000,
            gap_ms: 30_000,
            preview_ms: 60_000,
            preview_bytes: 8 * 1024 * 1024,
            preview_side_px: 4_096,
            thumb_side_px: 256,
            decode_bytes: 48 * 1024 * 1024,
            file_bytes: 2 * 1024 * 1024 * 1024,
            redirects: 5,
        }
    }
}

/// Downloads previews and results. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Fetcher {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    limits: FetchLimits,
    /// Built when first needed, one for each kind of route.
    clients: Mutex<Vec<(Route, reqwest::Client)>>,
    /// Pictures are decoded one at a time: each may take [`FetchLimits::decode_bytes`].
    decoding: Semaphore,
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new(FetchLimits::default())
    }
}

impl Fetcher {
    /// A fetcher with these bounds. Nothing is fetched yet.
    #[must_use]
    pub fn new(limits: FetchLimits) -> Self {
        let inner = Inner { limits, clients: Mutex::default(), decoding: Semaphore::new(1) };
        Self { inner: Arc::new(inner) }
    }

    fn limits(&self) -> &FetchLimits {
        &self.inner.limits
    }

    fn client(&self, route: Route) -> Result<reqwest::Client, Problem> {
        let mut clients = self.inner.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(known, _)| *known == route) {
            return Ok(client.clone());
        }
        let client = route.reading(self.limits().connect_ms)?;
        clients.push((route, client.clone()));
        Ok(client)
    }
}

fn duration(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
