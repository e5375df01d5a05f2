//! Everything a person can edit, as one value, and the workflow events that restore it.

use crate::model::placement::Wanted;
use crate::model::{Placement, VoiceSource};
use crate::playback::draft::Mouths;
use crate::workflow::{Details, Flow, PersonEvent};

/// Everything that can be undone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edit {
    /// The voice.
    pub voice: Option<VoiceSource>,
    /// The id of the chosen face.
    pub chosen: Option<String>,
    /// The values of the placement that a person fixed.
    pub wanted: Wanted,
    /// Volume of the voice.
    pub sound_volume: Option<f64>,
    /// Volume of the clip's own sound.
    pub original_audio_volume: Option<f64>,
    /// The optional fields of a create request.
    pub details: Details,
    /// The mouth positions that a person set.
    pub mouths: Mouths,
}

/// A part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The voice.
    Voice,
    /// The choice of a face.
    Face,
    /// Crop and position of the voice.
    Placement,
    /// Both volumes.
    Volumes,
    /// The optional fields of a create request.
    Details,
    /// The mouth positions.
    Mouths,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 6] = [Self::Voice, Self::Face, Self::Placement, Self::Volumes, Self::Details, Self::Mouths];
}

/// The kind of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditKind {
    /// Another voice, or none.
    Voice,
    /// Another face, or none.
    Face,
    /// The voice was moved.
    Move,
    /// The voice was trimmed.
    Trim,
    /// The placement was proposed anew.
    Propose,
    /// The voice's volume changed.
    VoiceVolume,
    /// The volume of the clip's own sound changed.
    OriginalVolume,
    /// Task id or callback address changed.
    Details,
    /// A mouth position changed.
    Mouth,
}

impl EditKind {
    /// The name of the edit in the labels of `Undo` and `Redo`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Voice => "change of the voice",
            Self::Face => "choice of the face",
            Self::Move => "move of the voice",
            Self::Trim => "trim of the voice",
            Self::Propose => "placement proposal",
            Self::VoiceVolume => "voice volume",
            Self::OriginalVolume => "original volume",
            Self::Details => "change of the details",
            Self::Mouth => "move of the mouth",
        }
    }

    /// The kind of the edit between two states with their placements.
    #[must_use]
    pub fn between(before: (&Edit, Option<Placement>), after: (&Edit, Option<Placement>)) -> Self {
        let ((old, was), (new, is)) = (before, after);
        if old.voice != new.voice {
            Self::Voice
        } else if old.chosen != new.chosen {
            Self::Face
        } else if old.wanted != new.wanted {
            if new.wanted == Wanted::default() {
                Self::Propose
            } else if was.map(|placement| (placement.sound_start_time, placement.sound_end_time))
                == is.map(|placement| (placement.sound_start_time, placement.sound_end_time))
            {
                Self::Move
            } else {
                Self::Trim
            }
        } else if old.details != new.details {
            Self::Details
        } else if old.mouths != new.mouths {
            Self::Mouth
        } else if old.original_audio_volume == new.original_audio_volume {
            Self::VoiceVolume
        } else {
            Self::OriginalVolume
        }
    }
}

impl Edit {
    /// The current values.
    #[must_use]
    pub fn of(flow: &Flow, mouths: &Mouths) -> Self {
        let desk = &flow.desk;
        Self {
            voice: desk.voice.clone(),
            chosen: flow.faces().and_then(|faces| faces.chosen.clone()),
            wanted: desk.wanted,
            sound_volume: desk.sound_volume,
            original_audio_volume: desk.original_audio_volume,
            details: desk.details.clone(),
            mouths: mouths.clone(),
        }
    }

    /// Whether a part is equal in both.
    #[must_use]
    pub fn same(&self, other: &Self, part: Part) -> bool {
        match part {
            Part::Voice => self.voice == other.voice,
            Part::Face => self.chosen == other.chosen,
            Part::Placement => self.wanted == other.wanted,
            Part::Volumes => {
                self.sound_volume == other.sound_volume && self.original_audio_volume == other.original_audio_volume
            }
            Part::Details => self.details == other.details,
            Part::Mouths => self.mouths == other.mouths,
        }
    }

    /// Copies a part from another value.
    pub fn take_over(&mut self, other: &Self, part: Part) {
        match part {
            Part::Voice => self.voice.clone_from(&other.voice),
            Part::Face => self.chosen.clone_from(&other.chosen),
            Part::Placement => self.wanted = other.wanted,
            Part::Volumes => {
                self.sound_volume = other.sound_volume;
                self.original_audio_volume = other.original_audio_volume;
            }
            Part::Details => self.details = other.details.clone(),
            Part::Mouths => self.mouths.clone_from(&other.mouths),
        }
    }

    /// The workflow events that change every part in which `instead_of` differs to its value here; other parts are not touched. Mouth
    /// positions are no part of the workflow.
    #[must_use]
    pub fn events(&self, instead_of: &Self) -> Vec<PersonEvent> {
        let mut events = Vec::new();
        // The voice first: setting another one resets the fixed crop.
        for part in Part::ALL.into_iter().filter(|part| !self.same(instead_of, *part)) {
            events.push(match part {
                Part::Voice => PersonEvent::SetVoice(self.voice.clone()),
                Part::Face => self.chosen.clone().map_or(PersonEvent::ChooseNone, PersonEvent::ChooseFace),
                Part::Placement => PersonEvent::Want(self.wanted),
                Part::Volumes => PersonEvent::SetVolumes {
                    sound_volume: self.sound_volume,
                    original_audio_volume: self.original_audio_volume,
                },
                Part::Details => PersonEvent::SetDetails(self.details.clone()),
                Part::Mouths => continue,
            });
        }
        if !self.same(instead_of, Part::Voice) && self.same(instead_of, Part::Placement) {
            events.push(PersonEvent::Want(self.wanted));
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Face, Interval, Profile, Session};
    use crate::workflow::{Choosing, ClipNow, Faces, Preview, Stage, Terms, step};
    use proptest::prelude::*;

    /// A flow in which a face is to be chosen.
    fn choosing() -> Flow {
        let mut flow = Flow::new(Terms::of(&Profile::built_in().swap_remove(0)));
        let face = |id: &str| Face {
            face_id: id.into(),
            face_image: None,
            interval: Some(Interval::new(0, 9_000)),
            rect: None,
            extra: serde_json::Map::new(),
        };
        let session = Session {
            session_id: "s".into(),
            begun_at_ms: 0,
            faces: vec![face("a"), face("b")],
            cost: None,
            extra: serde_json::Map::new(),
        };
        flow.stage = Stage::Choosing(Choosing {
            faces: Faces {
                session,
                previews: vec![Preview::None, Preview::None],
                chosen: None,
                proposed: None,
                recalled: false,
                clip_now: ClipNow::Same,
            },
            placement: None,
            rules: Vec::new(),
            problem: None,
        });
        flow
    }

    fn carry_out(flow: Flow, events: Vec<PersonEvent>) -> Flow {
        events
            .into_iter()
            .fold(flow, |flow, event| step(flow, event.into(), crate::workflow::Now { wall_ms: 0, steady_ms: 0 }).0)
    }

    fn edits() -> impl Strategy<Value = Edit> {
        let voice = prop::option::of(prop::sample::select(vec![
            VoiceSource::File("a.mp3".into()),
            VoiceSource::File("b.wav".into()),
            VoiceSource::AudioId("v-1".into()),
        ]));
        let chosen = prop::option::of(prop::sample::select(vec!["a".to_owned(), "b".to_owned()]));
        let ms = || prop::option::of(0..9_000_i64);
        let wanted =
            (ms(), ms(), ms()).prop_map(|(start_ms, end_ms, insert_ms)| Wanted { start_ms, end_ms, insert_ms });
        let volume = || prop::option::of((0..200_u8).prop_map(|percent| f64::from(percent) / 100.0));
        let details = prop::option::of("[a-z]{1,4}")
            .prop_map(|external_task_id| Details { external_task_id, ..Details::default() });
        (voice, chosen, wanted, volume(), volume(), details).prop_map(
            |(voice, chosen, wanted, sound_volume, original_audio_volume, details)| Edit {
                voice,
                chosen,
                wanted,
                sound_volume,
                original_audio_volume,
                details,
                mouths: Mouths::default(),
            },
        )
    }

    proptest! {
        /// Through the workflow itself: from any state to any other and back again.
        #[test]
        fn undo_of_an_edit_is_nothing_and_so_is_redo_of_an_undo(first in edits(), second in edits()) {
            let flow = choosing();
            let start = Edit::of(&flow, &Mouths::default());
            let flow = carry_out(flow, first.events(&start));
            prop_assert_eq!(&Edit::of(&flow, &Mouths::default()), &first);
            let flow = carry_out(flow, second.events(&first));
            prop_assert_eq!(&Edit::of(&flow, &Mouths::default()), &second);
            let flow = carry_out(flow, first.events(&second));
            prop_assert_eq!(&Edit::of(&flow, &Mouths::default()), &first);
            let flow = carry_out(flow, second.events(&first));
            prop_assert_eq!(&Edit::of(&flow, &Mouths::default()), &second);
        }

        #[test]
        fn a_part_that_is_the_same_is_left_alone(edit in edits()) {
            prop_assert!(edit.events(&edit).is_empty());
        }
    }

    #[test]
    fn an_edit_is_named_by_what_it_did() {
        let placed = |s, e, i| {
            Some(Placement {
                sound_start_time: s,
                sound_end_time: e,
                sound_insert_time: i,
                sound_volume: None,
                original_audio_volume: None,
            })
        };
        let wants = |start_ms, insert_ms| Edit {
            wanted: Wanted { start_ms: Some(start_ms), end_ms: Some(4_000), insert_ms: Some(insert_ms) },
            ..Edit::default()
        };
        let named = |a: &Edit, was, b: &Edit, is| EditKind::between((a, was), (b, is));
        let (proposed, here) = (Edit::default(), wants(0, 500));
        assert_eq!(named(&proposed, placed(0, 4_000, 0), &here, placed(0, 4_000, 500)), EditKind::Move);
        assert_eq!(named(&here, placed(0, 4_000, 500), &wants(100, 600), placed(100, 4_000, 600)), EditKind::Trim);
        assert_eq!(named(&here, placed(0, 4_000, 500), &proposed, placed(0, 4_000, 0)), EditKind::Propose);
        let loud = Edit { sound_volume: Some(1.5), ..here.clone() };
        assert_eq!(named(&here, None, &loud, None), EditKind::VoiceVolume);
        let quiet = Edit { original_audio_volume: Some(0.5), ..here.clone() };
        assert_eq!(named(&here, None, &quiet, None), EditKind::OriginalVolume);
    }
}
