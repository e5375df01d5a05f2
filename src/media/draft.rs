//! A draft: the result as the clip's own frames, painted when they are shown. It is made by the same steps as the result, without
//! encoding, and no step is done twice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cache::FileStamp;
use super::container::Movie;
use super::error::MediaError;
use super::faces::FaceTrack;
use super::identify::{Identified, shared_faces};
use super::job::Job;
use super::mouth::{MouthBox, VisemeTrack};
use super::sound::shared_voice;
use super::speaking::{Preparation, Speaking, SpeakingPlan, visemes_of};
use crate::model::Placement;
use crate::worker::guarded;

/// The inputs of a draft.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftPlan {
    /// The clip.
    pub clip: PathBuf,
    /// The voice.
    pub voice: PathBuf,
    /// The face that speaks, as [`Drafter::faces`] found it in the clip.
    pub track: Arc<FaceTrack>,
    /// The placement: which part of the voice is heard when.
    pub placement: Placement,
    /// The mouth's position, if the user set it; else it is fitted.
    pub mouth_box: Option<MouthBox>,
}

/// The current step of a drafter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DraftStep {
    /// It finds and follows the faces of the clip.
    Faces,
    /// It decodes and analyses the voice.
    Voice,
    /// It fits the mouth.
    Mouth,
}

/// Makes drafts, one after the other, and keeps the parts that the next one can use: faces of the clip, closeups of the mouth, and
/// the visemes of the voice.
#[derive(Debug, Default)]
pub struct Drafter {
    clip: Option<Clip>,
    voice: Option<Voice>,
}

#[derive(Debug)]
struct Clip {
    stamp: FileStamp,
    identified: Option<Arc<Identified>>,
    preparation: Preparation,
}

#[derive(Debug)]
struct Voice {
    stamp: FileStamp,
    /// The part that was analysed, in ms.
    part: (i64, i64),
    visemes: Arc<VisemeTrack>,
}

impl Drafter {
    /// The faces of a clip.
    ///
    /// # Errors
    /// As [`shared_faces`].
    pub fn faces(&mut self, path: &Path, job: &Job) -> Result<Arc<Identified>, MediaError> {
        let clip = self.clip(path)?;
        if let Some(identified) = &clip.identified {
            return Ok(Arc::clone(identified));
        }
        let identified = shared_faces(path, job)?;
        clip.identified = Some(Arc::clone(&identified));
        Ok(identified)
    }

    /// Prepares a draft. Blocks, and does only what the drafts before did not; `report` is called at the start of each step.
    ///
    /// # Errors
    /// Those of reading the clip and the voice; [`MediaError::Cancelled`]; [`MediaError::Internal`] for a panic, after which the drafter
    /// keeps nothing.
    pub fn prepare(&mut self, plan: &DraftPlan, report: impl Fn(DraftStep), job: &Job) -> Result<Speaking, MediaError> {
        guarded(|| self.prepare_steps(plan, report, job)).unwrap_or_else(|panic| {
            *self = Self::default();
            Err(MediaError::internal("preparing the draft", panic))
        })
    }

    fn prepare_steps(
        &mut self,
        plan: &DraftPlan,
        report: impl Fn(DraftStep),
        job: &Job,
    ) -> Result<Speaking, MediaError> {
        report(DraftStep::Voice);
        let visemes = self.visemes(&plan.voice, &plan.placement, &job.stage(0.0, 0.25))?;
        job.check()?;
        report(DraftStep::Mouth);
        let clip = self.clip(&plan.clip)?;
        let part = SpeakingPlan {
            track: &plan.track,
            visemes: &visemes,
            placement: &plan.placement,
            mouth_box: plan.mouth_box,
        };
        clip.preparation.prepare(&part, &job.stage(0.25, 1.0))
    }

    fn clip(&mut self, path: &Path) -> Result<&mut Clip, MediaError> {
        let stamp = FileStamp::of(path)?;
        let clip = match self.clip.take() {
            Some(clip) if clip.stamp == stamp => clip,
            _ => Clip { stamp, identified: None, preparation: Preparation::new(Arc::new(Movie::open(path)?)) },
        };
        Ok(self.clip.insert(clip))
    }

    fn visemes(&mut self, path: &Path, placement: &Placement, job: &Job) -> Result<Arc<VisemeTrack>, MediaError> {
        let stamp = FileStamp::of(path)?;
        let part = (placement.sound_start_time, placement.sound_end_time);
        if let Some(voice) = &self.voice
            && voice.stamp == stamp
            && voice.part == part
        {
            return Ok(Arc::clone(&voice.visemes));
        }
        let visemes = Arc::new(visemes_of(&shared_voice(path, job)?.mono(), placement));
        self.voice = Some(Voice { stamp, part, visemes: Arc::clone(&visemes) });
        Ok(visemes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::faces::FaceTrack;
    use crate::model::Interval;

    #[test]
    fn a_panic_while_a_draft_is_prepared_is_an_error_and_the_next_one_is_made() {
        let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/media");
        let track = FaceTrack {
            interval: Interval::new(0, 1_000),
            frames: Vec::new(),
            views: Vec::new(),
            preview_jpeg: Vec::new(),
            score: 9.0,
        };
        let placement = Placement {
            sound_start_time: 0,
            sound_end_time: 1_000,
            sound_insert_time: 0,
            sound_volume: None,
            original_audio_volume: None,
        };
        let plan = DraftPlan {
            clip: media.join("streams/bframes.mp4"),
            voice: media.join("voice.wav"),
            track: Arc::new(track),
            placement,
            mouth_box: None,
        };
        let mut drafter = Drafter::default();
        let err =
            drafter.prepare(&plan, |step| assert_eq!(step, DraftStep::Voice, "no mouth"), &Job::new()).unwrap_err();
        assert!(matches!(&err, MediaError::Internal { detail, .. } if detail.contains("no mouth")), "{err}");
        assert!(drafter.prepare(&plan, |_| {}, &Job::new()).unwrap().fit().is_none());
    }
}
