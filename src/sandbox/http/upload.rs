//! `PUT /media/{name}`: the sandbox's own way to hand over a local clip or voice, which no real service has.

use std::sync::Arc;

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::body::{announced_bytes, drain, next_piece};
use crate::model::clip::MAX_SIZE_BYTES;
use crate::sandbox::core::Core;
use crate::sandbox::fetch::too_large;
use crate::sandbox::library::Kind;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::shelf::WriteError;
use crate::sandbox::studio;

const MAX_NAME_CHARS: usize = 200;
/// What stands as it is in the last part of an address.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Takes a file. Whether it is any good is for identify and create to say; only its size is checked here.
pub async fn take(
    core: &Arc<Core>,
    parts: &Parts,
    name: &str,
    origin: &str,
    body: &mut Option<Body>,
) -> Result<(StatusCode, Value), Refusal> {
    if name.chars().count() > MAX_NAME_CHARS || name.contains(['/', '\\', '\0']) {
        return Err(Refusal::field("name", format_args!("at most {MAX_NAME_CHARS} characters, and no slash")));
    }
    if let Some(bytes) = announced_bytes(&parts.headers).filter(|bytes| *bytes > MAX_SIZE_BYTES) {
        return Err(Refusal::field("the body", too_large(bytes, MAX_SIZE_BYTES)));
    }
    core.make_room(MAX_SIZE_BYTES)?;
    let mut writer = core.shelf.writer(MAX_SIZE_BYTES).await.map_err(Refusal::internal)?;
    let mut stream = body.take().unwrap_or_default().into_data_stream();
    while let Some(piece) = next_piece(&mut stream).await? {
        if let Err(err) = writer.write(&piece).await {
            drain(Body::from_stream(stream)).await;
            return Err(match err {
                WriteError::TooLarge(_) => Refusal::field("the body", too_large(MAX_SIZE_BYTES + 1, MAX_SIZE_BYTES)),
                WriteError::Io(err) => Refusal::internal(err),
            });
        }
    }
    let blob = writer.finish().await.map_err(Refusal::internal)?;
    let of_kind = Arc::clone(&blob);
    let kind = tokio::task::spawn_blocking(move || studio::kind_of(of_kind.path())).await.unwrap_or(Kind::Other);
    let is_audio = matches!(kind, Kind::Audio(_));
    let bytes = blob.size_bytes();
    let item = core.library.add(core.clock.now_ms(), name, kind, blob, false);
    let mut data = json!({
        "id": item.id,
        "url": format!("{origin}/media/{}/{}", item.id, utf8_percent_encode(&item.name, NAME)),
        "bytes": bytes,
        "kind": item.kind.word(),
    });
    if is_audio {
        data["audio_id"] = json!(item.id);
    }
    Ok((StatusCode::CREATED, data))
}
