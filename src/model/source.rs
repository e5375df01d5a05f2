//! Where a clip and a voice come from.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A clip to identify faces in.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClipSource {
    /// A file on this machine: the sandbox takes it itself, for any other service it goes to storage of one's own.
    File(PathBuf),
    /// `video_url`: an address the service can reach.
    Url(String),
    /// `video_id`: a clip the service made itself, at most 30 days ago.
    VideoId(String),
}

impl ClipSource {
    /// A short name: of the file, the last part of the address without its query (which may hold a secret signature), or the id.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => file_name(path),
            Self::Url(url) => end_of_address(url),
            Self::VideoId(id) => id.clone(),
        }
    }

    /// What a result is named after: the name of the file, or of the last part of the address, without its extension; or the id.
    #[must_use]
    pub fn stem(&self) -> Option<String> {
        match self {
            Self::File(path) => path.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
            Self::Url(url) => {
                let url = url::Url::parse(url).ok()?;
                let name = url.path_segments()?.next_back()?;
                let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
                (!stem.is_empty()).then(|| stem.to_owned())
            }
            Self::VideoId(id) => Some(id.clone()),
        }
    }
}

impl VoiceSource {
    /// A short name, as [`ClipSource::name`].
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => file_name(path),
            Self::Url(url) => end_of_address(url),
            Self::AudioId(id) => id.clone(),
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn end_of_address(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.rsplit('/').next().unwrap_or_default().to_owned()
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
