//! The request for a draft that fits the current state of the workflow, or why none can be made.

use crate::app::state::placed::voice_file;
use crate::model::{ClipSource, Placement};
use crate::playback::draft::{DraftRequest, FacePreview, Mouths, Picks, Scene, ServiceFace};
use crate::workflow::{Faces, Flow, Preview, Probe, Stage};

/// Why there is no draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// There is no clip.
    NoClip,
    /// The clip is at an address, and no copy of it is here.
    ClipAtAddress,
    /// The clip is stored at the service, likewise.
    ClipAtService,
    /// The copy that is looked at is another file than what is at the address.
    ClipIsAnother,
    /// The clip cannot be read on this machine, or has not been read yet.
    ClipNotRead,
    /// The faces have not been found yet.
    NoSession,
    /// They are being found again.
    Refinding,
    /// The service found no face.
    NoFaces,
    /// No face is chosen.
    NotChosen,
    /// There is no voice.
    NoVoice,
    /// The voice is at an address or stored at the service, and no copy of it is here.
    VoiceElsewhere,
    /// The copy that is heard is another file than what is at the address.
    VoiceIsAnother,
    /// The voice is being read.
    VoiceReading,
    /// The voice has no placement yet.
    NotPlaced,
}

impl Absence {
    /// As a text for the user.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoClip => "Choose a clip first",
            Self::ClipAtAddress => {
                "The clip is at an address: fetch it for the preview, or choose your copy of it, on the left"
            }
            Self::ClipAtService => "The clip is stored at the service: choose your copy of it, on the left",
            Self::ClipIsAnother => {
                "Your copy is another clip than the one at the address: a draft needs that one. Fetch it, on the left"
            }
            Self::ClipNotRead => "The clip cannot be read on this machine",
            Self::NoSession => "Find the faces first",
            Self::Refinding => "The faces are being found again",
            Self::NoFaces => "No usable face was found",
            Self::NotChosen => "Choose a face first: the draft shows it speaking",
            Self::NoVoice => "Choose a voice first: the draft shows the face speaking it",
            Self::VoiceElsewhere => {
                "The voice is not on this machine: fetch it for the preview, or choose your copy of it, on the left"
            }
            Self::VoiceIsAnother => {
                "Your copy is another voice than the one at the address: a draft needs that one. Fetch it, on the left"
            }
            Self::VoiceReading => "The voice is being read",
            Self::NotPlaced => "The length of the voice is not known, so it is not placed yet",
        }
    }

    /// Whether this lasts for a moment only: the current draft stays visible until then.
    #[must_use]
    pub const fn passes(self) -> bool {
        matches!(self, Self::VoiceReading | Self::Refinding)
    }
}

/// The draft to make for the current state. Where only the faces can be found, the reason comes along.
///
/// # Errors
/// The clip is not on this machine, or there is nothing to find in it yet.
pub fn request(flow: &Flow, picks: &Picks, mouths: &Mouths) -> Result<(DraftRequest, Option<Absence>), Absence> {
    let clip = match (&flow.desk.clip, &flow.desk.clip_probe) {
        (None, _) => return Err(Absence::NoClip),
        (Some(clip), probe) => match (flow.desk.local_clip(), clip) {
            (Some(_), _) if flow.desk.clip_copy_is.is_another() => return Err(Absence::ClipIsAnother),
            (Some(path), _) if probe.known().is_some() => path.to_owned(),
            (Some(_), _) | (None, ClipSource::File(_)) => return Err(Absence::ClipNotRead),
            (None, ClipSource::Url(_)) => return Err(Absence::ClipAtAddress),
            (None, ClipSource::VideoId(_)) => return Err(Absence::ClipAtService),
        },
    };
    if matches!(flow.stage, Stage::Identifying(_)) && flow.faces().is_some() {
        return Err(Absence::Refinding);
    }
    let faces = flow.faces().ok_or(Absence::NoSession)?;
    if faces.session.faces.is_empty() {
        return Err(Absence::NoFaces);
    }
    let (scene, absence) = match scene(flow, faces, mouths) {
        Ok(scene) => (Some(scene), None),
        Err(absence) => (None, Some(absence)),
    };
    Ok((DraftRequest { clip, faces: service_faces(faces), picks: picks.clone(), scene }, absence))
}

/// The faces of a session, as they are matched with those found on this machine.
#[must_use]
pub fn service_faces(faces: &Faces) -> Vec<ServiceFace> {
    let seen = faces.session.faces.iter().enumerate().map(|(index, face)| {
        let preview = faces.previews.get(index);
        ServiceFace {
            face_id: face.face_id.clone(),
            interval: face.interval,
            preview: match preview {
                Some(Preview::Ready(image)) => Some(FacePreview {
                    encoded: image.encoded.clone(),
                    width_px: image.width_px,
                    height_px: image.height_px,
                    rgba: image.rgba.clone(),
                }),
                _ => None,
            },
            preview_pending: matches!(preview, Some(Preview::Loading(_))),
        }
    });
    seen.collect()
}

fn scene(flow: &Flow, faces: &Faces, mouths: &Mouths) -> Result<Scene, Absence> {
    let (face_id, voice, placement) = match &flow.stage {
        Stage::Submitted(submitted) => match &submitted.submission {
            Some(sent) => (Some(&sent.face_id), Some(&sent.voice), Some(sent.placement)),
            None => (None, None, None),
        },
        Stage::Done(done) => match &done.submission {
            Some(sent) => (Some(&sent.face_id), Some(&sent.voice), Some(sent.placement)),
            None => (None, None, None),
        },
        Stage::Choosing(choosing) => (faces.chosen.as_ref(), flow.desk.voice.as_ref(), choosing.placement),
        _ => (faces.chosen.as_ref(), flow.desk.voice.as_ref(), None),
    };
    let face_id = face_id.ok_or(Absence::NotChosen)?;
    let face = faces.session.faces.iter().position(|face| face.face_id == *face_id).ok_or(Absence::NotChosen)?;
    let voice = match voice {
        None => return Err(Absence::NoVoice),
        Some(voice) if flow.desk.voice.as_ref() == Some(voice) && flow.desk.voice_copy_is.is_another() => {
            return Err(Absence::VoiceIsAnother);
        }
        Some(voice) => voice_file(flow, voice).ok_or(Absence::VoiceElsewhere)?.to_owned(),
    };
    if matches!(flow.desk.voice_probe, Probe::Running(_)) {
        return Err(Absence::VoiceReading);
    }
    let placement = placement.ok_or(Absence::NotPlaced)?;
    let placement = Placement { sound_volume: None, original_audio_volume: None, ..placement };
    Ok(Scene { face, voice, placement, mouth_box: mouths.of(face_id) })
}
