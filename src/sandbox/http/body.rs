//! Reading a request's body: bounded in bytes, in time and in what all of them take together.

use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::Value;

use crate::sandbox::core::Core;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::words::{self, BODY};

/// The largest body: a 5 MB voice in Base64 is 7 MB; twice that, so that a voice that is too large is refused by its own rule.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Kibibytes that all bodies together may take; see [`Core::body_permits`].
pub const BODY_PERMITS_KIB: usize = 4 * MAX_BODY_BYTES / 1024;
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
pub async fn next_piece(stream: &mut axum::body::BodyDataStream) -> Result<Option<Bytes>, Refusal> {
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
    let needed_kib = announced.map_or(MAX_BODY_BYTES / 1024, |bytes| bytes as usize / 1024 + 1);
    let _permits = core.body_permits.acquire_many(needed_kib as u32).await.map_err(Refusal::internal)?;
    let Some(body) = body.take() else { return Err(Refusal::missing(BODY)) };
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0) as usize);
    while let Some(piece) = next_piece(&mut stream).await? {
        if bytes.len() + piece.len() > MAX_BODY_BYTES {
            drain(Body::from_stream(stream)).await;
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    if bytes.is_empty() {
        return Err(Refusal::missing(BODY));
    }
    serde_json::from_slice(&bytes).map_err(|err| Refusal::field(BODY, words::body_not_json(err)))
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
