//! A response body, read piece by piece; its size is recorded as it arrives.

use std::time::Instant;

use bytes::Bytes;
use reqwest::Version;
use reqwest::header::{CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderValue, TRANSFER_ENCODING};
use tokio::time::timeout;

use super::{ContentMark, duration};
use crate::model::Problem;
use crate::service::recorder::Recording;
use crate::service::{fault, words};
use crate::wire::answer::presentable;

/// Why there is no further piece.
pub enum Broken {
    /// The connection broke, and why.
    Off(String),
    /// Nothing more came in time.
    Stalled,
}

impl Broken {
    /// The reason as a part of a sentence.
    pub fn why(self) -> String {
        match self {
            Self::Off(why) => why,
            Self::Stalled => words::part_late(),
        }
    }
}

/// Where a body begins within the whole content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// At its first byte.
    AtStart,
    /// At this byte.
    At {
        /// The first byte, from 0.
        from_byte: u64,
        /// The length of the whole, where the server says so.
        total_bytes: Option<u64>,
    },
    /// A part was sent, and it is not said which.
    Nowhere,
}

/// A body that brings less than [`LEAST_BYTES`] within this time has stalled, in milliseconds: one that comes byte by byte would hold up all
/// that waits behind it for hours.
const PACE_MS: u64 = 60_000;
/// Least bytes of a body within [`PACE_MS`].
const LEAST_BYTES: u64 = 64 * 1024;

/// How quickly a body comes.
struct Pace {
    since: Instant,
    bytes: u64,
}

impl Pace {
    /// Counts a piece that came at `now`. Returns whether the body comes quickly enough.
    fn keeps(&mut self, now: Instant, bytes: u64) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        if now.saturating_duration_since(self.since) < duration(PACE_MS) {
            return true;
        }
        let keeps = self.bytes >= LEAST_BYTES;
        *self = Self { since: now, bytes: 0 };
        keeps
    }
}

/// A response with a success status whose head was received.
pub struct Incoming {
    response: reqwest::Response,
    recording: Recording,
    gap_ms: u64,
    received_bytes: u64,
    pace: Pace,
}

impl Incoming {
    /// The rest of `response`; more than `gap_ms` without a piece is a failure.
    pub fn new(response: reqwest::Response, mut recording: Recording, gap_ms: u64) -> Self {
        recording.failed(words::given_up_body());
        Self { response, recording, gap_ms, received_bytes: 0, pace: Pace { since: Instant::now(), bytes: 0 } }
    }

    /// How long the body is, where the server says so.
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
    }

    /// Where the body begins.
    pub fn begins(&self) -> Begins {
        if self.response.status() != reqwest::StatusCode::PARTIAL_CONTENT {
            return Begins::AtStart;
        }
        let range = self.response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
        range.and_then(first_byte).unwrap_or(Begins::Nowhere)
    }

    /// What tells the content from another one at the same address.
    pub fn mark(&self) -> ContentMark {
        let size_bytes = match self.begins() {
            Begins::AtStart => self.length(),
            Begins::At { total_bytes, .. } => total_bytes,
            Begins::Nowhere => None,
        };
        ContentMark::of(self.response.headers(), size_bytes)
    }

    /// Whether the end of the body is announced, by its length or its framing. Otherwise it is wherever the connection ends.
    pub fn says_its_end(&self) -> bool {
        self.length().is_some()
            || self.response.version() >= Version::HTTP_2
            || self.response.headers().contains_key(TRANSFER_ENCODING)
    }

    /// The name that the server gives to exactly these bytes.
    pub fn strong_etag(&self) -> Option<HeaderValue> {
        self.response.headers().get(ETAG).filter(|etag| etag.as_bytes().starts_with(b"\"")).cloned()
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// Why there is no more.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Broken> {
        let piece = match timeout(duration(self.gap_ms), self.response.chunk()).await {
            Ok(Ok(piece)) => piece,
            Ok(Err(err)) => return Err(Broken::Off(fault::chain(&err))),
            Err(_) => return Err(Broken::Stalled),
        };
        let bytes = piece.as_ref().map_or(0, |piece| piece.len() as u64);
        self.received_bytes += bytes;
        if piece.is_some() && !self.pace.keeps(Instant::now(), bytes) {
            return Err(Broken::Stalled);
        }
        let received_bytes = self.received_bytes;
        self.recording.with(|exchange, _| exchange.response_bytes = received_bytes);
        Ok(piece)
    }

    /// Completes the record: with success, or with this error.
    pub fn end<T>(mut self, outcome: Result<T, Problem>) -> Result<T, Problem> {
        let kind = self.response.headers().get(CONTENT_TYPE);
        let kind = kind.map_or(words::part_no_type(), |kind| presentable(&String::from_utf8_lossy(kind.as_bytes())));
        let received_bytes = self.received_bytes;
        self.recording.with(|exchange, _| {
            exchange.response_body = words::body_not_kept(kind, received_bytes);
            exchange.failure = outcome.as_ref().err().map(|problem| problem.message.clone());
        });
        outcome
    }
}

/// Where `bytes 100-199/200` begins.
fn first_byte(content_range: &str) -> Option<Begins> {
    let (range, total) = content_range.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = range.split_once('-')?;
    Some(Begins::At { from_byte: from.trim().parse().ok()?, total_bytes: total.trim().parse().ok() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_comes_byte_by_byte_has_stalled() {
        let began = Instant::now();
        let mut pace = Pace { since: began, bytes: 0 };
        let keeps: Vec<bool> = (1..=65).map(|second| pace.keeps(began + duration(second * 1_000), 1)).collect();
        assert_eq!(keeps.iter().position(|keeps| !keeps), Some(59), "at the end of the first minute");
        let mut pace = Pace { since: began, bytes: 0 };
        assert!((1..=600).all(|second| pace.keeps(began + duration(second * 1_000), 2_000)));
    }

    #[test]
    fn a_part_begins_where_its_range_says() {
        let at = |from_byte, total_bytes| Some(Begins::At { from_byte, total_bytes });
        assert_eq!(first_byte("bytes 100-199/200"), at(100, Some(200)));
        assert_eq!(first_byte("bytes 7-9/*"), at(7, None));
        for odd in ["", "bytes */200", "bytes a-9/10", "items 1-2/3", "bytes 1"] {
            assert_eq!(first_byte(odd), None, "{odd}");
        }
    }
}
