//! What the sandbox has `media` do. Blocks; the errors say nothing of the sandbox's own paths.

use std::path::Path;
use std::sync::Arc;

pub use crate::media::Job;
use crate::media::faces::FaceTrack;
use crate::media::{self, Identified, MediaError, RenderPlan};
use crate::model::clip::check_clip;
use crate::model::rule::first_broken;
use crate::model::{ClipProbe, VoiceProbe};

use super::assets::AssetKind;
use super::words;

/// A clip whose faces are known.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Its container.
    pub probe: ClipProbe,
    /// Its faces.
    pub identified: Arc<Identified>,
}

impl Analysis {
    /// As it is kept.
    ///
    /// # Errors
    /// A value that JSON does not have.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&(&self.probe, &*self.identified))
    }

    /// The analysis that [`Analysis::to_json`] wrote.
    ///
    /// # Errors
    /// It is none.
    pub fn of_json(bytes: &[u8]) -> serde_json::Result<Self> {
        let (probe, identified): (ClipProbe, Identified) = serde_json::from_slice(bytes)?;
        Ok(Self { probe, identified: Arc::new(identified) })
    }

    /// Each face and its name on the wire.
    pub fn faces(&self) -> impl Iterator<Item = (String, &FaceTrack)> {
        // As in the vendor's example: a name that cannot be taken for a position.
        self.identified.faces.iter().enumerate().map(|(at, face)| (format!("face_{:03}", at + 1), face))
    }

    /// The face of that name.
    pub fn face(&self, face_id: &str) -> Option<&FaceTrack> {
        self.faces().find(|(id, _)| id == face_id).map(|(_, face)| face)
    }
}

/// Why media work stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkError {
    /// The file is to blame; the text says how.
    File(String),
    /// The sandbox is to blame, or nobody.
    Internal(String),
}

impl WorkError {
    /// The error of work on files of the sandbox, whose paths say nothing to a caller.
    fn of(err: &MediaError, paths: &[&Path]) -> Self {
        let text =
            paths.iter().fold(err.to_string(), |text, path| text.replace(&path.display().to_string(), "the file"));
        let text = words::capitalised(&text.replace(media::error::ELSEWHERE, ""));
        match err {
            MediaError::Io { .. } | MediaError::Cancelled | MediaError::Internal { .. } => Self::Internal(text),
            _ => Self::File(text),
        }
    }
}

/// Reads a clip: its container, the rules for a video, and its faces.
///
/// # Errors
/// The clip cannot be read, or breaks a rule.
pub fn analyse(clip: &Path, job: &Job) -> Result<Analysis, WorkError> {
    let of_clip = |err: MediaError| WorkError::of(&err, &[clip]);
    let probe = media::probe_clip(clip).map_err(of_clip)?;
    if let Some(broken) = first_broken(&check_clip(&probe)) {
        let why = words::capitalised(broken.why().unwrap_or_default());
        return Err(WorkError::File(format!("{why} ({}: {})", broken.rule, broken.asks)));
    }
    let identified = media::shared_faces(clip, job).map_err(of_clip)?;
    Ok(Analysis { probe, identified })
}

/// Reads a voice.
///
/// # Errors
/// It is no sound that can be decoded.
pub fn probe_voice(voice: &Path, job: &Job) -> Result<VoiceProbe, WorkError> {
    media::probe_voice(voice, job).map_err(|err| WorkError::of(&err, &[voice]))
}

/// What a file holds, by its bytes.
pub fn kind_of(file: &Path, job: &Job) -> AssetKind {
    if media::probe_clip(file).is_ok() {
        return AssetKind::Video;
    }
    media::probe_voice(file, job).map_or(AssetKind::Other, AssetKind::Audio)
}

/// Makes a result. Returns its length in milliseconds.
///
/// # Errors
/// The clip or the voice cannot be read, or the result cannot be written.
pub fn render(plan: &RenderPlan, job: &Job) -> Result<i64, WorkError> {
    let rendered =
        media::render(plan, job).map_err(|err| WorkError::of(&err, &[&plan.clip, &plan.voice, &plan.out]))?;
    Ok(rendered.duration_ms)
}

/// How many bytes a result of a clip may take: a little more than the bit rate that `media` aims at.
pub fn result_bytes(clip: &ClipProbe) -> u64 {
    const BITS_PER_PIXEL: f64 = 0.2;
    const SOUND_BITS_PER_SECOND: f64 = 192_000.0;
    const INDEX_BYTES: u64 = 256 * 1024;
    let pixels_per_second = f64::from(clip.width_px) * f64::from(clip.height_px) * clip.fps.clamp(1.0, 120.0);
    let bits_per_second = pixels_per_second * BITS_PER_PIXEL + SOUND_BITS_PER_SECOND;
    (bits_per_second / 8.0 * (clip.duration_ms.max(0) as f64 / 1000.0)) as u64 + INDEX_BYTES
}
