//! Talking to a service: transport, exchanges, polling, guarded downloads. The only floor that opens outgoing connections.
//!
//! [`Client`] is the client of one service; [`Credentials`] are never shown; [`Recorder`] keeps the last exchanges; [`schedule`] says
//! when the next poll is due; [`Fetcher`] downloads previews and results without our key.

mod account;
mod check;
mod client;
mod clock;
mod credentials;
pub mod exchange;
mod fault;
mod fetch;
mod known_names;
mod limits;
mod names;
mod outgoing;
mod proxy;
mod recorder;
mod retry;
pub mod schedule;
mod send;
mod shown;
mod speech;
mod storage;
mod token;
mod transport;
mod trust;
mod waits;
pub mod words;
pub mod world;

pub use client::Client;
pub use clock::Clock;
pub use credentials::Credentials;
pub use exchange::{Exchange, KEPT_BODY_BYTES, Timing};
pub use fetch::{
    Beginning, Content, ContentMark, FetchLimits, Fetcher, ListedPart, NotePart, PartState, Preview, SeenContents,
    download_target, of_result, read_preview, whole_tag,
};
pub use known_names::{known_names, reach_names_at};
pub use limits::Limits;
pub use names::Looked;
pub use proxy::use_proxy;
pub use recorder::{Recorder, Sink};
pub use retry::OnceSent;
pub use storage::{Storage, StoredObject};
pub use trust::trust_ca_file;
pub use waits::{Wait, WaitEnd, Waits};

/// What the reader of the wire returns, for the floors above.
pub use crate::wire::answer::{Identified, IdentifyJob};
/// The table of codes, for the floors above.
pub use crate::wire::codes;
