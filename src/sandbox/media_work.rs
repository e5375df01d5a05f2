//! What the sandbox has `media` do. Blocks; the errors say nothing of the sandbox's own paths.

use std::path::{Path, PathBuf};

use bytes::Bytes;

pub use crate::media::Job;
use crate::media::faces::FaceTrack;
use crate::media::{self, MediaError, RenderPlan};
use crate::model::clip::check_clip;
use crate::model::rule::first_broken;
use crate::model::{ClipProbe, Interval, Placement, VoiceProbe};

use super::assets::AssetKind;
use super::words;

/// A clip whose faces are known.
#[derive(Debug)]
pub struct Analysis {
    /// Its container.
    pub probe: ClipProbe,
    /// Its faces.
    pub faces: Vec<Face>,
}

/// A face of a clip.
#[derive(Debug)]
pub struct Face {
    /// Its name on the wire.
    pub face_id: String,
    /// From the first sighting to the last, in milliseconds.
    pub interval: Interval,
    /// The best sighting, as JPEG.
    pub image: Bytes,
    /// Where it is in every frame.
    pub track: FaceTrack,
}

/// Why media work stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkError {
    /// The file is to blame; the words say how.
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
    let found = media::shared_faces(clip, job).map_err(of_clip)?;
    let faces = found.faces.iter().enumerate().map(|(at, track)| Face {
        // As in the vendor's example: a name that cannot be taken for a position.
        face_id: format!("face_{:03}", at + 1),
        interval: track.interval,
        image: track.preview_jpeg.clone().into(),
        track: FaceTrack { preview_jpeg: Vec::new(), ..track.clone() },
    });
    Ok(Analysis { probe, faces: faces.collect() })
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

/// What a result is made of.
pub struct Render<'a> {
    /// The clip.
    pub clip: &'a Path,
    /// The voice.
    pub voice: &'a Path,
    /// The face that speaks.
    pub face: &'a Face,
    /// Which part of the voice is heard when, and how loud.
    pub placement: Placement,
    /// Where the result is written.
    pub out: PathBuf,
}

/// Makes a result. Returns its length in milliseconds.
///
/// # Errors
/// The clip or the voice cannot be read, or the result cannot be written.
pub fn render(work: Render<'_>, job: &Job) -> Result<i64, WorkError> {
    let Render { clip, voice, face, placement, out } = work;
    let plan = RenderPlan {
        clip: clip.to_path_buf(),
        voice: voice.to_path_buf(),
        track: face.track.clone(),
        placement,
        mouth_box: None,
        out,
    };
    let rendered = media::render(&plan, job).map_err(|err| WorkError::of(&err, &[clip, voice, &plan.out]))?;
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
