//! Talking to a service: transport, exchanges, polling, guarded downloads. The only floor that opens outgoing connections.
//!
//! [`Client`] is a service by its profile; [`Credentials`] never show; [`Recorder`] keeps every exchange; [`schedule`] says when to ask
//! again; [`Fetcher`] downloads previews and results without our key.

mod carry;
mod client;
mod clock;
mod credentials;
pub mod exchange;
mod fault;
mod fetch;
mod limits;
mod outgoing;
mod recorder;
pub mod schedule;
mod send;
mod token;
mod transport;
mod waits;

pub use client::{Client, CreateOutcome, Lookup};
pub use clock::Clock;
pub use credentials::Credentials;
pub use exchange::{Exchange, KEPT_BODY_BYTES, Timing};
pub use fetch::{FetchLimits, Fetcher, IfExists, Preview, Progress, Saved};
pub use limits::Limits;
pub use recorder::Recorder;
pub use waits::Wait;

/// What the reader of the wire answers with, for those above this floor.
pub use crate::wire::answer::{Identified, IdentifyJob, Uploaded};
/// What the table of codes says, for those above this floor.
pub use crate::wire::codes;
