//! What is listened to of the two sounds, the clip's own and the voice: each can be muted here, or heard alone. What is sent stays as the
//! volumes say.

use crate::model::{ClipSource, Placement, VoiceSource};
use crate::workflow::Desk;

use super::placed;
use super::view::View;

/// One of the two sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The clip's own sound.
    Clip,
    /// The voice.
    Voice,
}

/// A command about what is listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListenCommand {
    /// Mute a sound, or no longer.
    Mute(Lane),
    /// Hear a sound alone, or no longer.
    Solo(Lane),
}

/// What is listened to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listening {
    muted: [bool; 2],
    alone: Option<Lane>,
    of: (Option<ClipSource>, Option<VoiceSource>),
}

impl Listening {
    /// Whether a sound is muted.
    #[must_use]
    pub const fn is_muted(&self, lane: Lane) -> bool {
        self.muted[lane as usize]
    }

    /// Whether a sound is heard alone.
    #[must_use]
    pub fn is_alone(&self, lane: Lane) -> bool {
        self.alone == Some(lane)
    }

    /// Applies a command.
    pub fn handle(&mut self, command: ListenCommand) {
        match command {
            ListenCommand::Mute(lane) => {
                self.muted[lane as usize] = !self.is_muted(lane);
                // Who mutes what is heard alone wants silence of it.
                self.alone = self.alone.filter(|alone| *alone != lane);
            }
            ListenCommand::Solo(lane) => {
                self.alone = (!self.is_alone(lane)).then_some(lane);
                self.muted[lane as usize] &= !self.is_alone(lane);
            }
        }
    }

    /// Hears both again once clip or voice is another.
    pub fn follow(&mut self, desk: &Desk) {
        if self.of.0 != desk.clip || self.of.1 != desk.voice {
            *self = Self { of: (desk.clip.clone(), desk.voice.clone()), ..Self::default() };
        }
    }

    /// The placement as it is listened to.
    #[must_use]
    pub fn heard(&self, placement: Placement) -> Placement {
        let is_silent = |lane| self.is_muted(lane) || self.alone.is_some_and(|alone| alone != lane);
        let volume = |lane, volume| if is_silent(lane) { Some(0.0) } else { volume };
        Placement {
            sound_volume: volume(Lane::Voice, placement.sound_volume),
            original_audio_volume: volume(Lane::Clip, placement.original_audio_volume),
            ..placement
        }
    }
}

/// Whether the clip that is heard here has sound of its own.
#[must_use]
pub fn clip_has_sound(desk: &Desk) -> bool {
    desk.clip_probe.known().is_some_and(|clip| clip.audio_codec.is_some())
}

/// Whether there are two sounds to choose from: the clip's own, and a voice that is placed and heard.
#[must_use]
pub fn has_two(view: &View<'_>) -> bool {
    let voice = placed::voice(view.flow).and_then(|voice| view.shell.copies.voice_file(voice));
    clip_has_sound(&view.flow.desk) && voice.is_some() && placed::placement(view.flow).is_some()
}

/// Whether the clip that is sent has sound of its own that would stay under the voice, and nobody has said yet whether it shall.
#[must_use]
pub fn asks_about_clip(view: &View<'_>) -> bool {
    let desk = &view.flow.desk;
    let is_open = placed::sent_obstacle(view.flow).is_none();
    let has_sound = desk.known_clip().is_some_and(|clip| clip.audio_codec.is_some());
    is_open && has_sound && desk.voice.is_some() && desk.original_audio_volume.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volumes(listening: &Listening) -> (Option<f64>, Option<f64>) {
        let placement = Placement {
            sound_start_time: 0,
            sound_end_time: 2_000,
            sound_insert_time: 0,
            sound_volume: Some(1.5),
            original_audio_volume: None,
        };
        let heard = listening.heard(placement);
        assert_eq!(heard.span(), placement.span());
        (heard.sound_volume, heard.original_audio_volume)
    }

    #[test]
    fn what_is_muted_or_not_alone_is_silent_here_and_another_clip_is_heard_whole() {
        let mut listening = Listening::default();
        assert_eq!(volumes(&listening), (Some(1.5), None));
        listening.handle(ListenCommand::Mute(Lane::Clip));
        assert_eq!(volumes(&listening), (Some(1.5), Some(0.0)));
        listening.handle(ListenCommand::Solo(Lane::Clip));
        assert_eq!(volumes(&listening), (Some(0.0), None), "what is heard alone is not muted");
        listening.handle(ListenCommand::Mute(Lane::Clip));
        assert_eq!(volumes(&listening), (Some(1.5), Some(0.0)));
        listening.handle(ListenCommand::Solo(Lane::Voice));
        assert_eq!(volumes(&listening), (Some(1.5), Some(0.0)));
        listening.handle(ListenCommand::Solo(Lane::Voice));
        listening.handle(ListenCommand::Mute(Lane::Clip));
        assert_eq!(volumes(&listening), (Some(1.5), None));
        listening.handle(ListenCommand::Mute(Lane::Voice));
        listening.follow(&Desk { clip: Some(ClipSource::File("a.mp4".into())), ..Desk::default() });
        assert_eq!(volumes(&listening), (Some(1.5), None));
    }
}
