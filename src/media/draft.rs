//! A draft: the result as the clip's own frames, painted when they are looked at. What the result is made with, it is
//! made with too; only nothing is encoded, and nothing is done twice.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::container::Movie;
use super::error::MediaError;
use super::faces::FaceTrack;
use super::identify::{Identified, identify};
use super::job::Job;
use super::mouth::{MouthBox, VoiceShapes};
use super::rehearse::{Part, Rehearsal, Speaking, listen};
use super::sound;
use crate::model::Placement;

/// A voice longer than this is read again for each draft, in samples: two minutes are 23 MB.
const MOST_KEPT: usize = 120 * sound::RATE_HZ as usize;

/// What is to be drafted.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftPlan {
    /// The clip.
    pub clip: PathBuf,
    /// The voice.
    pub voice: PathBuf,
    /// The face that speaks, as [`Drafter::faces`] found it in the clip.
    pub track: Arc<FaceTrack>,
    /// Which part of the voice is heard when.
    pub placement: Placement,
    /// Where the mouth is, if a person says so; else it is found.
    pub mouth_box: Option<MouthBox>,
}

/// What a drafter is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftStep {
    /// It finds and follows the faces of the clip.
    Faces,
    /// It reads and hears the voice.
    Voice,
    /// It looks at the mouth.
    Mouth,
}

/// Makes drafts, one after the other, and keeps of each what the next can use: faces of the clip, sightings of the
/// mouth, the voice and what it asks for.
#[derive(Debug, Default)]
pub struct Drafter {
    clip: Option<Clip>,
    voice: Option<Voice>,
}

#[derive(Debug)]
struct Clip {
    stamp: Stamp,
    identified: Option<Arc<Identified>>,
    rehearsal: Rehearsal,
}

#[derive(Debug)]
struct Voice {
    stamp: Stamp,
    /// The whole of it, where it is not too long.
    mono: Option<Vec<f32>>,
    /// The shapes of this part of it, in ms.
    shapes: ((i64, i64), Arc<VoiceShapes>),
}

/// A file as it was when it was read: one that is written anew is another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    path: PathBuf,
    len_bytes: u64,
    written: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &Path) -> Self {
        let about = std::fs::metadata(path).ok();
        Self {
            path: path.to_owned(),
            len_bytes: about.as_ref().map_or(0, std::fs::Metadata::len),
            written: about.and_then(|about| about.modified().ok()),
        }
    }
}

impl Drafter {
    /// The faces of a clip; looked for once.
    ///
    /// # Errors
    /// As [`identify`].
    pub fn faces(&mut self, clip: &Path, job: &Job) -> Result<Arc<Identified>, MediaError> {
        let clip = self.clip(clip)?;
        if let Some(identified) = &clip.identified {
            return Ok(Arc::clone(identified));
        }
        let identified = Arc::new(identify(&clip.stamp.path, job)?);
        clip.identified = Some(Arc::clone(&identified));
        Ok(identified)
    }

    /// Prepares a draft. Blocks, and does only what the drafts before did not; `tell` hears what it is at.
    ///
    /// # Errors
    /// What reading the clip and the voice answer; [`MediaError::Cancelled`].
    pub fn prepare(&mut self, plan: &DraftPlan, tell: impl Fn(DraftStep), job: &Job) -> Result<Speaking, MediaError> {
        tell(DraftStep::Voice);
        let shapes = self.shapes(&plan.voice, &plan.placement, &job.stage(0.0, 0.25))?;
        job.check()?;
        tell(DraftStep::Mouth);
        let clip = self.clip(&plan.clip)?;
        let part = Part { track: &plan.track, shapes: &shapes, placement: &plan.placement, mouth_box: plan.mouth_box };
        clip.rehearsal.prepare(&part, &job.stage(0.25, 1.0))
    }

    fn clip(&mut self, path: &Path) -> Result<&mut Clip, MediaError> {
        let stamp = Stamp::of(path);
        let clip = match self.clip.take() {
            Some(clip) if clip.stamp == stamp => clip,
            _ => Clip { stamp, identified: None, rehearsal: Rehearsal::new(Arc::new(Movie::open(path)?)) },
        };
        Ok(self.clip.insert(clip))
    }

    fn shapes(&mut self, path: &Path, placement: &Placement, job: &Job) -> Result<Arc<VoiceShapes>, MediaError> {
        let stamp = Stamp::of(path);
        let part = (placement.sound_start_time, placement.sound_end_time);
        let before = self.voice.take().filter(|voice| voice.stamp == stamp);
        if let Some(Voice { shapes: (of, shapes), .. }) = &before
            && *of == part
        {
            let shapes = Arc::clone(shapes);
            self.voice = before;
            return Ok(shapes);
        }
        let mono = match before.and_then(|voice| voice.mono) {
            Some(mono) => mono,
            None => sound::read_voice(path, job)?.mono(),
        };
        let shapes = Arc::new(listen(&mono, placement));
        let mono = (mono.len() <= MOST_KEPT).then_some(mono);
        self.voice = Some(Voice { stamp, mono, shapes: (part, Arc::clone(&shapes)) });
        Ok(shapes)
    }
}
