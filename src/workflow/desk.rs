//! What a person has entered, with what probes of the files found: it outlives the stages.

use std::path::{Path, PathBuf};

use crate::model::placement::{DEFAULT_MARGIN_MS, Wanted};
use crate::model::{ClipProbe, ClipSource, MouthBox, PlacementFacts, Problem, RuleReport, VoiceProbe, VoiceSource};

use super::faces::Faces;
use super::flow::JobId;

/// The probe of a file: what it found, or that it is in progress.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Probe<T> {
    /// Nothing to probe: no file, or an address or id whose bytes are elsewhere.
    #[default]
    None,
    /// Under way.
    Running(JobId),
    /// Known.
    Known(T),
    /// It cannot be read, and why.
    Failed(Problem),
}

impl<T> Probe<T> {
    /// What was found.
    #[must_use]
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(found) => Some(found),
            _ => None,
        }
    }

    /// Why nothing was found.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Failed(problem) => Some(problem),
            _ => None,
        }
    }

    /// The job that probes.
    #[must_use]
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::Running(job) => Some(*job),
            _ => None,
        }
    }
}

/// What a copy on this machine says of what is at an address or an id.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum CopyIs<T> {
    /// It stands for it, as far as is known.
    #[default]
    Alike,
    /// It is another file: it is looked at, and decides nothing. With what the address itself showed, where it showed enough.
    Another(Option<Box<T>>),
}

impl<T> CopyIs<T> {
    /// Whether it is another file.
    #[must_use]
    pub const fn is_another(&self) -> bool {
        matches!(self, Self::Another(_))
    }

    /// What is known of what is sent, where `probe` is that of the file that is looked at.
    fn known<'a>(&'a self, probe: &'a Probe<T>) -> Option<&'a T> {
        match self {
            Self::Alike => probe.known(),
            Self::Another(there) => there.as_deref(),
        }
    }
}

/// The fields of a create beyond face, voice and placement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Our own name for the task; made for each submission where none is given.
    pub external_task_id: Option<String>,
    /// Where the service posts each change of status.
    pub callback_url: Option<String>,
    /// `watermark_info.enabled`; official API only.
    pub watermark: Option<bool>,
}

/// The fields of a create that a pasted request may change beyond times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestFields {
    /// Volume of the voice.
    pub sound_volume: Option<f64>,
    /// Volume of the clip's own sound.
    pub original_audio_volume: Option<f64>,
    /// The rest.
    pub details: Details,
}

/// What a person has entered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desk {
    /// The clip.
    pub clip: Option<ClipSource>,
    /// A copy on this machine of a clip that is sent as an address or an id: it is looked at, and never sent.
    pub clip_copy: Option<PathBuf>,
    /// Whether that copy stands for what is sent.
    pub clip_copy_is: CopyIs<ClipProbe>,
    /// The probe of a local clip, or of the copy.
    pub clip_probe: Probe<ClipProbe>,
    /// The rules for the video, checked on what is known of the clip that is sent ([`Desk::known_clip`]).
    pub clip_rules: Vec<RuleReport>,
    /// The voice.
    pub voice: Option<VoiceSource>,
    /// A copy on this machine of a voice that is sent as an address or an id, as `clip_copy`.
    pub voice_copy: Option<PathBuf>,
    /// Whether that copy stands for what is sent.
    pub voice_copy_is: CopyIs<VoiceProbe>,
    /// The probe of a local voice, or of the copy.
    pub voice_probe: Probe<VoiceProbe>,
    /// The rules for the audio file, checked on what is known of the voice that is sent ([`Desk::known_voice`]).
    pub voice_rules: Vec<RuleReport>,
    /// The conversion of the voice to WAV, where requested; once it is done, the WAV is the voice.
    pub voice_as_wav: Probe<PathBuf>,
    /// The parts of the placement that a person has fixed; the rest is proposed.
    pub wanted: Wanted,
    /// Volume of the voice, 0 to 2; `None` leaves it to the service, which takes 1.
    pub sound_volume: Option<f64>,
    /// Volume of the clip's own sound, 0 to 2; `None` leaves it to the service, which takes 1.
    pub original_audio_volume: Option<f64>,
    /// The rest of a create.
    pub details: Details,
    /// What these fields were before a request was pasted, with what a person has set since: they come back with the next clip.
    pub before_request: Option<Box<RequestFields>>,
    /// Where the mouth of the chosen face is, where a person says so; forgotten when another face is chosen.
    pub mouth_box: Option<MouthBox>,
    /// Safety margin of proposals in milliseconds; `None` is the usual one.
    pub margin_ms: Option<i64>,
}

impl Desk {
    /// The fields that a pasted request may change, as they are.
    fn request_fields(&self) -> RequestFields {
        RequestFields {
            sound_volume: self.sound_volume,
            original_audio_volume: self.original_audio_volume,
            details: self.details.clone(),
        }
    }

    fn become_fields(&mut self, fields: RequestFields) {
        (self.sound_volume, self.original_audio_volume) = (fields.sound_volume, fields.original_audio_volume);
        self.details = fields.details;
    }

    /// Takes the fields of a pasted request, for this clip.
    pub(super) fn take_request(&mut self, fields: RequestFields) {
        let before = self.request_fields();
        self.before_request.get_or_insert_with(|| Box::new(before));
        self.become_fields(fields);
    }

    /// What a person sets stays, whatever was pasted before.
    pub(super) fn set_fields(&mut self, fields: RequestFields) {
        let now = self.request_fields();
        if let Some(before) = &mut self.before_request {
            let keep = |kept: &mut Option<f64>, was, is| {
                if was != is {
                    *kept = is;
                }
            };
            keep(&mut before.sound_volume, now.sound_volume, fields.sound_volume);
            keep(&mut before.original_audio_volume, now.original_audio_volume, fields.original_audio_volume);
            let (was, is) = (&now.details, &fields.details);
            if was.callback_url != is.callback_url {
                before.details.callback_url.clone_from(&is.callback_url);
            }
            if was.watermark != is.watermark {
                before.details.watermark = is.watermark;
            }
        }
        self.become_fields(fields);
    }

    /// Another clip: what was pasted for the one before is not for it.
    pub(super) fn leave_request(&mut self) {
        if let Some(before) = self.before_request.take() {
            self.become_fields(*before);
            // A name belongs to one task.
            self.details.external_task_id = None;
        }
    }

    /// The file on this machine that shows the clip: the clip itself, or its copy.
    #[must_use]
    pub fn local_clip(&self) -> Option<&Path> {
        match &self.clip {
            Some(ClipSource::File(path)) => Some(path),
            Some(ClipSource::Url(_) | ClipSource::VideoId(_)) => self.clip_copy.as_deref(),
            None => None,
        }
    }

    /// The file on this machine in which the voice is heard: the voice itself, or its copy.
    #[must_use]
    pub fn local_voice(&self) -> Option<&Path> {
        match &self.voice {
            Some(VoiceSource::File(path)) => Some(path),
            Some(VoiceSource::Url(_) | VoiceSource::AudioId(_)) => self.voice_copy.as_deref(),
            None => None,
        }
    }

    /// What is known of the clip that is sent. The probe is of the file that is looked at, which may be another.
    #[must_use]
    pub fn known_clip(&self) -> Option<&ClipProbe> {
        self.clip_copy_is.known(&self.clip_probe)
    }

    /// What is known of the voice that is sent, likewise.
    #[must_use]
    pub fn known_voice(&self) -> Option<&VoiceProbe> {
        self.voice_copy_is.known(&self.voice_probe)
    }

    /// What is known for a placement with the chosen face.
    #[must_use]
    pub fn facts(&self, faces: &Faces) -> PlacementFacts {
        PlacementFacts {
            voice_ms: self.known_voice().map(|voice| voice.duration_ms),
            clip_ms: self.known_clip().map(|clip| clip.duration_ms),
            clip_at_least_ms: faces
                .session
                .faces
                .iter()
                .filter_map(|face| face.interval.map(|interval| interval.end_ms))
                .max(),
            face: faces.chosen_face().and_then(|face| face.interval),
            margin_ms: self.margin_ms.unwrap_or(DEFAULT_MARGIN_MS),
        }
    }
}
