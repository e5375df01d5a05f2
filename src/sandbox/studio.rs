//! The seam to `media`: blocking work on clips and voices, and its errors in words that carry no path of ours.

use std::path::Path;

use bytes::Bytes;

pub use crate::media::Job;
use crate::model::{ClipProbe, Interval, VoiceProbe};

use super::library::Kind;
use super::tasks::LipSync;

/// A clip that was looked through.
#[derive(Debug)]
pub struct Analysis {
    /// Its container.
    pub probe: ClipProbe,
    /// Its faces.
    pub faces: Vec<FoundFace>,
}

/// A face of a clip.
#[derive(Debug)]
pub struct FoundFace {
    /// Its name on the wire.
    pub face_id: String,
    /// From the first sighting to the last, in milliseconds.
    pub interval: Interval,
    /// The best sighting, as JPEG.
    pub image: Bytes,
}

/// Why media work stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The file is to blame; the words say how.
    File(String),
    /// We are, or nobody is.
    Ours(String),
}

fn not_yet() -> Trouble {
    Trouble::Ours("this build has no media floor yet".into())
}

/// Reads a clip: its container, the rules for a video, and its faces.
pub fn analyse(_clip: &Path, _job: &Job) -> Result<Analysis, Trouble> {
    Err(not_yet())
}

/// Reads a voice.
pub fn probe_voice(_voice: &Path) -> Result<VoiceProbe, Trouble> {
    Err(not_yet())
}

/// What a file is, by its bytes.
pub fn kind_of(_file: &Path) -> Kind {
    Kind::Other
}

/// Makes the result at `out`; its length in milliseconds.
pub fn render(_work: &LipSync, _out: &Path, _job: &Job) -> Result<i64, Trouble> {
    Err(not_yet())
}
