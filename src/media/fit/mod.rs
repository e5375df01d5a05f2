//! A clip or a voice that breaks a rule is made to keep it, in a file of its own.

mod copy;
mod picture;
mod video;
mod voice;

use std::path::{Path, PathBuf};

use super::container::Movie;
use super::error::MediaError;
use super::job::Job;
use super::probe::probe_clip;
use super::sniff;
use super::sound::probe_voice;
use super::words;
use crate::files::safe_stem;
use crate::model::fit::{ClipFit, Cure, FitWish, VoiceFit};
use crate::model::{ClipProbe, VoiceProbe};
use crate::worker::guarded;

/// What a file is.
#[derive(Clone, Debug, PartialEq)]
pub enum Probed {
    /// A clip.
    Clip(ClipProbe),
    /// A voice.
    Voice(VoiceProbe),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// To a clip.
    Clip(ClipFit),
    /// To a voice.
    Voice(VoiceFit),
}

/// A fitted file.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// Where it is.
    pub path: PathBuf,
    /// What it is now, by its own bytes.
    pub probe: Probed,
    /// What was wrong, and what was done about it.
    pub cures: Vec<Cure>,
    /// Whether the pictures were copied as they were.
    pub copied: bool,
}

/// What a file is: a clip where it has a picture, else a voice.
///
/// # Errors
/// Those of [`probe_clip`] and [`probe_voice`].
pub fn probe(path: &Path, job: &Job) -> Result<Probed, MediaError> {
    let (_, _, kind) = sniff::open(path)?;
    let is_clip = match kind.name {
        "mp4" | "mov" | "m4a" | "3gp" => Movie::open(path)?.video.is_some(),
        "wav" | "mp3" | "aac" | "flac" | "ogg" => false,
        // Said by the probe: what its bytes look like.
        _ => true,
    };
    if is_clip { probe_clip(path).map(Probed::Clip) } else { probe_voice(path, job).map(Probed::Voice) }
}

/// What is to be done to a file, before it is done.
///
/// # Errors
/// [`MediaError::Limit`]: what is wrong cannot be cured, as a sentence.
pub fn plan(probed: &Probed, wish: FitWish) -> Result<Plan, MediaError> {
    match probed {
        Probed::Clip(clip) => ClipFit::of(clip, wish).map(Plan::Clip),
        Probed::Voice(voice) => VoiceFit::of(voice, wish).map(Plan::Voice),
    }
    .map_err(MediaError::Limit)
}

impl Plan {
    /// What is wrong, and what will be done about it.
    #[must_use]
    pub fn cures(&self) -> &[Cure] {
        match self {
            Self::Clip(fit) => &fit.cures,
            Self::Voice(fit) => &fit.cures,
        }
    }

    /// The usual name of the result, beside its original.
    #[must_use]
    pub fn usual_name(&self, path: &Path) -> PathBuf {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let extension = match self {
            Self::Clip(_) => "mp4",
            Self::Voice(_) => "wav",
        };
        path.with_file_name(format!("{}.{extension}", safe_stem(&words::part_fitted_stem(&stem))))
    }
}

/// Does what is planned, into `out`, or the next free name beside it where `out` is `None` or taken. The original is never written to. Blocks.
///
/// # Errors
/// Those of reading the file and of writing the result; [`MediaError::Cancelled`]; [`MediaError::Internal`] for a panic in any of it.
/// Nothing is left behind then.
pub fn fit(path: &Path, plan: &Plan, out: Option<&Path>, job: &Job) -> Result<Fitted, MediaError> {
    let out = out.map_or_else(|| plan.usual_name(path), Path::to_owned);
    let mut cures = plan.cures().to_vec();
    let (path, copied) = guarded(|| match plan {
        Plan::Clip(fit) => video::fit(path, fit, &out, job),
        Plan::Voice(fit) => {
            let (path, louder) = voice::fit(path, fit, &out, job)?;
            cures.extend(louder);
            Ok((path, false))
        }
    })
    .unwrap_or_else(|panic| Err(MediaError::internal("fitting the file", panic)))?;
    let probe = match plan {
        Plan::Clip(_) => Probed::Clip(probe_clip(&path)?),
        Plan::Voice(_) => Probed::Voice(probe_voice(&path, &Job::new())?),
    };
    Ok(Fitted { path, probe, cures, copied })
}
