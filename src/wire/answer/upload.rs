//! Reading the sandbox's answer to an upload.

use serde_json::{Map, Value};

use super::{Reply, problem, scalar};
use crate::model::Problem;

/// A local file the sandbox has taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Uploaded {
    /// Where the service itself can reach the file: a `video_url` or `sound_file`.
    pub url: String,
    /// The sandbox's name for the file.
    pub id: Option<String>,
    /// `audio_id`, where the file is a voice.
    pub audio_id: Option<String>,
    /// Size in bytes as the sandbox counted it.
    pub size_bytes: Option<u64>,
    /// Whatever else it told.
    pub extra: Map<String, Value>,
}

/// Reads an answer to an upload.
///
/// # Errors
/// A refusal with its code, or an answer without an address.
pub fn read_upload(reply: &Reply<'_>) -> Result<Uploaded, Problem> {
    if !reply.is_success() {
        return Err(problem::of_status(reply));
    }
    let Some(layers) = problem::layers(reply) else { return Err(problem::of_page(reply)) };
    let said = layers.said();
    if said.is_error {
        return Err(problem::refusal(reply, said));
    }
    let text = |name: &str| layers.innermost(&[name]).and_then(scalar::text);
    let Some(url) = text("url") else { return Err(problem::without(reply, &said, "url of the uploaded file")) };
    Ok(Uploaded {
        url,
        id: text("id"),
        audio_id: text("audio_id"),
        size_bytes: layers.innermost(&["bytes"]).and_then(scalar::whole).and_then(|size| u64::try_from(size).ok()),
        extra: layers.rest(&["url", "id", "audio_id", "bytes", "code", "message", "request_id"]),
    })
}
