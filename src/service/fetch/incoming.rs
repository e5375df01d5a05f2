//! A response body, read piece by piece; its size is recorded as it arrives.

use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use tokio::time::timeout;

use super::duration;
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

/// A response with a success status whose head was received.
pub struct Incoming {
    response: reqwest::Response,
    recording: Recording,
    gap_ms: u64,
    received_bytes: u64,
}

impl Incoming {
    /// The rest of `response`; more than `gap_ms` without a piece is a failure.
    pub fn new(response: reqwest::Response, mut recording: Recording, gap_ms: u64) -> Self {
        recording.failed(words::given_up_body());
        Self { response, recording, gap_ms, received_bytes: 0 }
    }

    /// How long the body is, where the server says so.
    pub fn length(&self) -> Option<u64> {
        self.response.content_length()
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
        self.received_bytes += piece.as_ref().map_or(0, |piece| piece.len() as u64);
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
