//! `PUT /media/{name}`: uploads a local clip or voice. The sandbox's own; no real service has it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::request::Parts;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::body::{announced_bytes, drain, next_piece};
use crate::model::clip::MAX_SIZE_BYTES;
use crate::sandbox::assets::{AssetKind, Origin};
use crate::sandbox::blocking;
use crate::sandbox::core::Core;
use crate::sandbox::create::MAX_PROBE;
use crate::sandbox::media_work;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::words::{self, BODY};

const MAX_NAME_CHARS: usize = 200;
/// How long a whole upload may take.
const WHOLE: Duration = Duration::from_mins(10);
/// What is not encoded in the last segment of an address.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// Stores a file. Only its size is checked: whether it is a good clip or voice is found by identify and create.
///
/// # Errors
/// Its name or its size, or there is no room.
pub async fn upload(
    core: &Core,
    parts: &Parts,
    name: &str,
    origin: &str,
    body: &mut Option<Body>,
) -> Result<(StatusCode, Value), Refusal> {
    if name.chars().count() > MAX_NAME_CHARS || name.contains(['/', '\\', '\0']) {
        return Err(Refusal::field("name", words::upload_name(MAX_NAME_CHARS)));
    }
    let mut writer = core.storage.writer(MAX_SIZE_BYTES).await.map_err(|err| err.refusal(BODY))?;
    if let Some(bytes) = announced_bytes(&parts.headers) {
        writer.announce(bytes).map_err(|err| err.refusal(BODY))?;
    }
    let mut stream = body.take().unwrap_or_default().into_data_stream();
    let began = Instant::now();
    while let Some(piece) = next_piece(&mut stream).await? {
        if began.elapsed() > WHOLE {
            return Err(Refusal::field(BODY, words::body_takes_too_long(WHOLE.as_secs())));
        }
        if let Err(err) = writer.write(&piece).await {
            drop(writer);
            drain(Body::from_stream(stream)).await;
            return Err(err.refusal(BODY));
        }
    }
    let file = writer.finish().await.map_err(|err| err.refusal(BODY))?;
    let of_work = Arc::clone(&file);
    let kind =
        blocking::run(None, MAX_PROBE, Arc::new(|_| {}), move |job| Ok(media_work::kind_of(of_work.path(), job)));
    let kind = kind.await.unwrap_or(AssetKind::Other);
    let added = core.storage.assets.add(core.clock.now_ms(), kind, file, Origin::Upload).await;
    let asset = added.map_err(|err| Refusal::disk(&err))?;
    let mut data = json!({
        "id": asset.id,
        "url": format!("{origin}/media/{}/{}", asset.id, last_segment(name)),
        "bytes": asset.file.size_bytes(),
        "kind": asset.kind.word(),
    });
    if matches!(asset.kind, AssetKind::Audio(_)) {
        data["audio_id"] = json!(asset.id);
    }
    Ok((StatusCode::CREATED, data))
}

/// A name as the last segment of an address. Clients take `.` and `..` there for folders, also encoded.
fn last_segment(name: &str) -> String {
    if matches!(name, "." | "..") { "file".into() } else { utf8_percent_encode(name, NAME).to_string() }
}
