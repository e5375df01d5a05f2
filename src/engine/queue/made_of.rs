//! What a job is made of: by that the same one is known again before it is paid a second time.

use serde_json::{Value, json};

use crate::engine::journal_access::{described_clip, described_voice};
use crate::journal::Intent;
use crate::model::{ClipSource, Placement, VoiceSource};
use crate::secrets::without_secrets;
use crate::workflow::{Faces, Flow, Stage};

/// Clip, face, voice and placement of a job, as the journal describes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MadeOf {
    /// Clip, voice and placement.
    what: Value,
    /// Session and face, by their ids.
    face_id: Value,
    /// The number of the face in its session, from 1: the same one in another session of the clip.
    face: Option<usize>,
}

impl MadeOf {
    /// What is on the desk, where it could be submitted; else what the current task was made from.
    #[must_use]
    pub fn on_desk(flow: &Flow) -> Option<Self> {
        let clip = flow.desk.clip.as_ref();
        match &flow.stage {
            Stage::Choosing(choosing) => {
                let face_id = choosing.faces.chosen.as_deref()?;
                let voice = flow.desk.voice.as_ref()?;
                Some(Self::of(clip, voice, &choosing.placement?, &choosing.faces, face_id))
            }
            Stage::Submitted(submitted) => {
                let (sent, faces) = (submitted.submission.as_deref()?, submitted.faces.as_deref()?);
                Some(Self::of(clip, &sent.voice, &sent.placement, faces, &sent.face_id))
            }
            _ => None,
        }
    }

    fn of(clip: Option<&ClipSource>, voice: &VoiceSource, placement: &Placement, faces: &Faces, face_id: &str) -> Self {
        let clip = clip.map(described_clip).unwrap_or_default();
        let face = faces.session.faces.iter().position(|face| face.face_id == face_id).map(|at| at + 1);
        Self {
            what: what(&clip.document, &described_voice(voice).document, Some(placement)),
            face_id: without_secrets(json!([faces.session.session_id, face_id])),
            face,
        }
    }

    /// What a job of the journal is made of, with the number of its face.
    pub(super) fn of_intent(intent: &Intent, face: Option<usize>) -> Self {
        Self {
            what: what(&intent.clip.document, &intent.voice.document, intent.placement.as_ref()),
            face_id: without_secrets(json!([intent.session_id, intent.face_ids.first()])),
            face,
        }
    }

    /// Whether both are the same job.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let is_same_face = self.face_id == other.face_id || self.face.is_some() && self.face == other.face;
        self.what == other.what && is_same_face
    }
}

fn what(clip: &Value, voice: &Value, placement: Option<&Placement>) -> Value {
    without_secrets(json!({ "clip": clip, "voice": voice, "placement": placement }))
}
