//! The seam to `media`: blocking work on clips and voices, and its errors in words that carry no path of ours.

use std::path::Path;

use bytes::Bytes;

pub use crate::media::Job;
use crate::media::faces::FaceTrack;
use crate::media::{self, MediaError, RenderPlan};
use crate::model::clip::check_clip;
use crate::model::rule::first_broken;
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
    /// Where it is in every frame.
    pub track: FaceTrack,
}

/// Why media work stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The file is to blame; the words say how.
    File(String),
    /// We are, or nobody is.
    Ours(String),
}

impl Trouble {
    /// The error of work on files of ours, in words for somebody who never heard of their paths.
    fn of(err: &MediaError, paths: &[&Path]) -> Self {
        let words =
            paths.iter().fold(err.to_string(), |words, path| words.replace(&path.display().to_string(), "the file"));
        let words = words.replace(crate::media::error::ELSEWHERE, "");
        match err {
            MediaError::Io { .. } | MediaError::Cancelled | MediaError::Internal { .. } => Self::Ours(words),
            _ => Self::File(words),
        }
    }
}

/// Reads a clip: its container, the rules for a video, and its faces.
pub fn analyse(clip: &Path, job: &Job) -> Result<Analysis, Trouble> {
    let of_clip = |err: MediaError| Trouble::of(&err, &[clip]);
    let probe = media::probe_clip(clip).map_err(of_clip)?;
    if let Some(broken) = first_broken(&check_clip(&probe)) {
        let why = broken.why().unwrap_or_default();
        return Err(Trouble::File(format!("{why} ({}: {})", broken.rule, broken.asks)));
    }
    let identified = media::identify(clip, job).map_err(of_clip)?;
    let faces = identified.faces.into_iter().enumerate().map(|(at, mut track)| FoundFace {
        // As in the vendor's example: a name that cannot be taken for a position.
        face_id: format!("face_{:03}", at + 1),
        interval: track.interval,
        image: std::mem::take(&mut track.preview_jpeg).into(),
        track,
    });
    Ok(Analysis { probe, faces: faces.collect() })
}

/// Reads a voice.
pub fn probe_voice(voice: &Path) -> Result<VoiceProbe, Trouble> {
    media::probe_voice(voice).map_err(|err| Trouble::of(&err, &[voice]))
}

/// What a file is, by its bytes.
pub fn kind_of(file: &Path) -> Kind {
    if media::probe_clip(file).is_ok() {
        return Kind::Video;
    }
    media::probe_voice(file).map_or(Kind::Other, Kind::Audio)
}

/// Makes the result at `out`; its length in milliseconds.
pub fn render(work: &LipSync, out: &Path, job: &Job) -> Result<i64, Trouble> {
    let (clip, voice) = (work.session.clip.path(), work.voice.blob.path());
    let plan = RenderPlan {
        clip: clip.to_path_buf(),
        voice: voice.to_path_buf(),
        track: work.session.analysis.faces[work.face_index].track.clone(),
        placement: work.placement,
        mouth_box: None,
        out: out.to_path_buf(),
    };
    media::render(&plan, job).map(|rendered| rendered.duration_ms).map_err(|err| Trouble::of(&err, &[clip, voice, out]))
}
