//! Where a clip and a voice come from.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A clip to identify faces in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClipSource {
    /// A file on this machine; only the sandbox takes it, through its own upload.
    File(PathBuf),
    /// `video_url`: an address the service can reach.
    Url(String),
    /// `video_id`: a clip the service made itself, at most 30 days ago.
    VideoId(String),
}

/// A voice to place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VoiceSource {
    /// A file on this machine, sent as bare Base64 in `sound_file`.
    File(PathBuf),
    /// `sound_file` as an address the service can reach.
    Url(String),
    /// `audio_id` of a voice the service holds.
    AudioId(String),
}
