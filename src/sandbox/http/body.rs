//! Reading a request's body: bounded in bytes, in values, in time and in what all of them take together. What comes slowly waits on the
//! disk: memory is taken only for a body that is there.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::Value;

use crate::sandbox::core::Core;
use crate::sandbox::file_store::StoredFile;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::storage::{WriteError, Writer};
use crate::sandbox::words::{self, BODY};

/// The largest body: a 5 MB voice in Base64 is 7 MB; twice that, so that a voice that is too large is refused by its own rule.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Kibibytes that all bodies together may take; see [`Core::body_permits`].
pub const BODY_PERMITS_KIB: usize = 4 * MAX_BODY_BYTES / 1024;
/// How many values a document may have. Every request of the documents has fewer than twenty; one that has millions takes two bytes
/// each on the wire, and forty times as much in memory.
const MAX_VALUES: usize = 10_000;
/// What of a body is held in memory before all of it is there.
const SMALL_BYTES: usize = 64 * 1024;
/// How long a whole body may take.
const WHOLE: Duration = Duration::from_mins(2);
/// How long the next bytes of a body may take.
const NEXT: Duration = Duration::from_secs(30);
/// How many bytes of an unused body are read, and for how long: enough for a whole upload, as long as it comes quickly.
const MAX_DRAIN: (u64, Duration) = (256 * 1024 * 1024, Duration::from_secs(5));

/// Checks that the content type is `application/json`, where there is one.
///
/// # Errors
/// It is another.
pub fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let media_type =
        value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json")) {
        Ok(())
    } else {
        Err(Refusal::field("Content-Type", words::not_json_type(&media_type)))
    }
}

/// The length the caller announces.
pub fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The next piece of a body; `None` at its end.
///
/// # Errors
/// The connection broke off, or nothing comes.
pub async fn next_piece(stream: &mut BodyDataStream) -> Result<Option<Bytes>, Refusal> {
    match tokio::time::timeout(NEXT, stream.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
        Ok(Some(Err(err))) => Err(Refusal::field(BODY, words::body_broke_off(err))),
        Err(_) => Err(Refusal::field(BODY, words::body_stalled(NEXT.as_secs()))),
    }
}

/// Reads the whole body as JSON.
///
/// # Errors
/// It is too large, or no JSON.
pub async fn read_json(core: &Core, headers: &HeaderMap, body: &mut Option<Body>) -> Result<Value, Refusal> {
    let too_large = || Refusal::field(BODY, words::body_too_large(MAX_BODY_BYTES));
    let announced = announced_bytes(headers);
    if announced.is_some_and(|bytes| bytes > MAX_BODY_BYTES as u64) {
        return Err(too_large());
    }
    let Some(body) = body.take() else { return Err(Refusal::missing(BODY)) };
    let mut stream = body.into_data_stream();
    let received = tokio::time::timeout(WHOLE, receive(core, &mut stream)).await;
    let received =
        match received.unwrap_or_else(|_| Err(Refusal::field(BODY, words::body_takes_too_long(WHOLE.as_secs())))) {
            Ok(Some(received)) => received,
            Ok(None) => {
                drain(Body::from_stream(stream)).await;
                return Err(too_large());
            }
            Err(refusal) => return Err(refusal),
        };
    let needed_kib = received.size_bytes() / 1024 + 1;
    let _permits = core.body_permits.acquire_many(needed_kib as u32).await.map_err(Refusal::internal)?;
    let bytes = match received {
        Received::Small(bytes) => bytes,
        Received::Stored(file) => tokio::fs::read(file.path()).await.map_err(Refusal::internal)?,
    };
    if bytes.is_empty() {
        return Err(Refusal::missing(BODY));
    }
    parse(&bytes)
}

/// A body that is there.
enum Received {
    Small(Vec<u8>),
    Stored(Arc<StoredFile>),
}

impl Received {
    fn size_bytes(&self) -> usize {
        match self {
            Self::Small(bytes) => bytes.len(),
            Self::Stored(file) => file.size_bytes() as usize,
        }
    }
}

/// Receives a body: a small one in memory, a larger one on the disk. `None`: it is too large.
async fn receive(core: &Core, stream: &mut BodyDataStream) -> Result<Option<Received>, Refusal> {
    let mut bytes = Vec::new();
    let mut writer: Option<Writer<'_>> = None;
    while let Some(piece) = next_piece(stream).await? {
        let begun = match &mut writer {
            Some(writer) => writer,
            None if bytes.len() + piece.len() <= SMALL_BYTES => {
                bytes.extend_from_slice(&piece);
                continue;
            }
            None => {
                let begun = core.storage.writer(MAX_BODY_BYTES as u64).await.map_err(|err| err.refusal(BODY))?;
                let begun = writer.insert(begun);
                begun.write(&std::mem::take(&mut bytes)).await.map_err(|err| err.refusal(BODY))?;
                begun
            }
        };
        match begun.write(&piece).await {
            Ok(()) => {}
            Err(WriteError::TooLarge { .. }) => return Ok(None),
            Err(err) => return Err(err.refusal(BODY)),
        }
    }
    Ok(Some(match writer {
        None => Received::Small(bytes),
        Some(writer) => Received::Stored(writer.finish().await.map_err(|err| err.refusal(BODY))?),
    }))
}

fn parse(bytes: &[u8]) -> Result<Value, Refusal> {
    // Each value but the first follows one of these characters; those within texts only make the count larger.
    if bytes.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() > MAX_VALUES {
        return Err(Refusal::field(BODY, words::body_too_many_values(MAX_VALUES)));
    }
    serde_json::from_slice(bytes).map_err(|err| Refusal::field(BODY, words::body_not_json(err)))
}

/// Reads what still comes and throws it away, within limits.
pub async fn drain(body: Body) {
    let (most_bytes, at_most) = MAX_DRAIN;
    let mut stream = body.into_data_stream();
    let all = async {
        let mut read_bytes = 0;
        while let Some(Ok(piece)) = stream.next().await {
            read_bytes += piece.len() as u64;
            if read_bytes > most_bytes {
                return;
            }
        }
    };
    // A slower caller is answered all the same, if it still listens.
    let _ = tokio::time::timeout(at_most, all).await;
}
