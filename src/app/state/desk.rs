//! The desk as it is written down: what a person had chosen, so that it can be put there again.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::copies;
use super::entry::SourceSlot;
use crate::engine::journal::{Intent, Service};
use crate::engine::{Expiring, There};
use crate::model::placement::Wanted;
use crate::model::{ClipSource, Placement, Submission, VoiceSource};
use crate::workflow::{Faces, Flow};

/// What was found of a copy that is another file than what is at its address, and what is there, where that showed.
pub type OtherCopy = (String, Option<Box<There>>);

/// What a person had chosen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedDesk {
    /// The service.
    pub service: Option<Service>,
    /// The clip.
    pub clip: Option<ClipSource>,
    /// A copy on this machine of a clip that is elsewhere.
    pub clip_copy: Option<PathBuf>,
    /// What was found where that copy is another file than what is at the address.
    pub clip_copy_other: Option<OtherCopy>,
    /// The voice.
    pub voice: Option<VoiceSource>,
    /// A copy of a voice that is elsewhere.
    pub voice_copy: Option<PathBuf>,
    /// As `clip_copy_other`.
    pub voice_copy_other: Option<OtherCopy>,
    /// `sound_start_time`, where a person has fixed it; milliseconds, as the others.
    pub start_ms: Option<i64>,
    /// `sound_end_time`, likewise.
    pub end_ms: Option<i64>,
    /// `sound_insert_time`, likewise.
    pub insert_ms: Option<i64>,
    /// Volume of the voice, 0 to 2.
    pub sound_volume: Option<f64>,
    /// Volume of the clip's own sound, 0 to 2.
    pub original_audio_volume: Option<f64>,
    /// The session whose faces were found.
    pub session_id: Option<String>,
    /// The chosen face.
    pub face_id: Option<String>,
    /// The task that was not at its end.
    pub task_id: Option<String>,
}

/// A window as it is written down.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedWindow {
    /// What was on its desk.
    pub desk: SavedDesk,
    /// When it was last there; milliseconds since the epoch.
    pub seen_ms: i64,
}

/// What an earlier window left, and what has happened since.
#[derive(Debug, Default)]
pub struct LeftDesk {
    /// What was on its desk.
    pub desk: SavedDesk,
    /// The faces of its session, where that lives.
    pub faces: Option<Box<Faces>>,
    /// Whether its task came to its end meanwhile.
    pub task_has_ended: bool,
    /// What that task was made from, as it was sent.
    pub sent: Option<Box<Submission>>,
    /// Until when it is not certain that nobody else follows its task; milliseconds since the epoch.
    pub held_until_ms: Option<i64>,
    /// How many tasks finished while it was closed.
    pub finished: usize,
    /// The results that are not saved and that their services delete soon.
    pub expiring: Vec<Expiring>,
    /// The files that are gone.
    pub missing: Vec<PathBuf>,
    /// What a person should know about the journal.
    pub notice: Option<String>,
}

impl SavedDesk {
    /// What is on the desk now.
    #[must_use]
    pub fn of(flow: &Flow, service: Service, copies: &copies::State) -> Self {
        let desk = &flow.desk;
        let other = |slot| copies.of_desk(slot).and_then(|copy| copy.comparison.another());
        Self {
            service: Some(service),
            clip: desk.clip.clone(),
            clip_copy: desk.clip_copy.clone(),
            clip_copy_other: other(SourceSlot::Clip),
            voice: desk.voice.clone(),
            voice_copy: desk.voice_copy.clone(),
            voice_copy_other: other(SourceSlot::Voice),
            start_ms: desk.wanted.start_ms,
            end_ms: desk.wanted.end_ms,
            insert_ms: desk.wanted.insert_ms,
            sound_volume: desk.sound_volume,
            original_audio_volume: desk.original_audio_volume,
            session_id: flow.faces().map(|faces| faces.session.session_id.clone()),
            face_id: flow.faces().and_then(|faces| faces.chosen.clone()),
            task_id: flow.loses().map(str::to_owned),
        }
    }

    /// The files that clip and voice are.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        let clip = if let Some(ClipSource::File(path)) = &self.clip { Some(path.clone()) } else { None };
        let voice = if let Some(VoiceSource::File(path)) = &self.voice { Some(path.clone()) } else { None };
        clip.into_iter().chain(voice).collect()
    }

    /// What a task was made from; its clip must be known.
    #[must_use]
    pub fn of_task(intent: &Intent, clip: ClipSource, voice: Option<VoiceSource>) -> Self {
        let desk = Self {
            service: Some(intent.service.clone()),
            clip: Some(clip),
            session_id: intent.session_id.clone(),
            face_id: intent.face_ids.first().cloned(),
            ..Self::default()
        };
        let Some(Placement { sound_start_time, sound_end_time, sound_insert_time, .. }) = intent.placement else {
            return Self { voice, ..desk };
        };
        // What was cut of one voice means nothing for another.
        let of_voice = |at_ms: i64| voice.is_some().then_some(at_ms);
        Self {
            start_ms: of_voice(sound_start_time),
            end_ms: of_voice(sound_end_time),
            insert_ms: Some(sound_insert_time),
            sound_volume: intent.placement.and_then(|placement| placement.sound_volume),
            original_audio_volume: intent.placement.and_then(|placement| placement.original_audio_volume),
            voice,
            ..desk
        }
    }

    /// The fixed parts of the placement.
    #[must_use]
    pub const fn wanted(&self) -> Wanted {
        Wanted { start_ms: self.start_ms, end_ms: self.end_ms, insert_ms: self.insert_ms }
    }
}
