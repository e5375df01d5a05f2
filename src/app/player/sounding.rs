//! What is heard of what is shown: which sound, how loud, and why there is none.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::model::Placement;
use crate::playback::mixer::{Tracks, Wanted};
use crate::playback::sound::{Course, Heard, Output};
use crate::playback::source::Source;
use crate::worker::Wake;

/// Why nothing is heard: what is said under the picture, and the whole of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// In a few words.
    pub words: &'static str,
    /// Why, and what to do about it.
    pub why: String,
}

/// The player's sound.
pub struct Sounding {
    /// Where it is heard; none in a player that was not given one.
    pub output: Option<(Output, Wake)>,
    tracks: Tracks,
    volume: f32,
    muted: bool,
    /// Which source is being played, and along which course.
    playing: Option<(Source, Course)>,
}

impl Default for Sounding {
    fn default() -> Self {
        Self { output: None, tracks: Tracks::default(), volume: 1.0, muted: false, playing: None }
    }
}

impl Sounding {
    /// How loud, 0 to 1; also while it is muted.
    pub fn volume(&self) -> f32 {
        self.volume
    }

    /// Whether it is muted.
    pub fn is_muted(&self) -> bool {
        self.muted
    }

    /// Sets how loud, and whether it is muted.
    pub fn set_volume(&mut self, volume: f32, muted: bool) {
        (self.volume, self.muted) = (volume.clamp(0.0, 1.0), muted);
        // Loudness is heard by its square, more or less: so the slider feels even.
        let gain = if muted { 0.0 } else { self.volume * self.volume };
        if let Some((output, _)) = &self.output {
            output.set_gain(gain);
        }
    }

    /// Has a source be heard like this.
    pub fn want(&mut self, wake: &Wake, source: Source, clip: Option<PathBuf>, voice: Option<(PathBuf, Placement)>) {
        let wanted = clip.map(|clip| Wanted { clip, voice });
        if self.tracks.want(wake, source, wanted) && self.playing.is_some_and(|(playing, _)| playing == source) {
            self.stop();
        }
    }

    /// Plays the sound of a source. Answers whether there is one to wait for.
    pub fn play(&mut self, source: Source, course: Course) -> bool {
        self.playing = Some((source, course));
        match (&mut self.output, self.tracks.of(source).sound()) {
            (Some((output, wake)), Some(sound)) => {
                output.play(wake, Arc::clone(sound), course);
                true
            }
            (Some((output, wake)), None) => {
                output.stop(wake);
                false
            }
            (None, _) => false,
        }
    }

    /// Stops.
    pub fn stop(&mut self) {
        self.playing = None;
        if let Some((output, wake)) = &mut self.output {
            output.stop(wake);
        }
    }

    /// Takes what the mixer prepared. What plays goes on with it where it is; a sound that came only now joins in, where so much
    /// of the run is over.
    pub fn take(&mut self, at_hand: Source, over_us: i64) {
        if !self.tracks.take(at_hand) {
            return;
        }
        let Some((output, wake)) = &mut self.output else { return };
        let sound = self.tracks.of(at_hand).sound();
        if let Some(sound) = sound {
            output.open(wake);
            if let Some((_, course)) = self.playing.filter(|(playing, _)| *playing == at_hand) {
                if output.is_playing() {
                    output.swap(wake, Arc::clone(sound));
                } else {
                    output.join(wake, Arc::clone(sound), course, over_us);
                }
            }
        } else if self.playing.is_some() {
            output.stop(wake);
        }
    }

    /// What is heard of the run.
    pub fn heard(&self) -> Option<Heard> {
        self.output.as_ref().and_then(|(output, _)| output.heard())
    }

    /// From playing to hearing, as measured at the last start.
    pub fn latency(&self) -> Option<Duration> {
        self.output.as_ref().and_then(|(output, _)| output.latency())
    }

    /// Why nothing is heard of a source.
    pub fn silence(&self, source: Source) -> Option<Silence> {
        let (output, _) = self.output.as_ref()?;
        let track = self.tracks.of(source);
        if let Some(why) = track.failure() {
            let why = format!("The sound cannot be played: {why}");
            return Some(Silence { words: "No sound: playing silently", why });
        }
        track.sound()?;
        output.trouble().map(|why| Silence {
            words: "No sound server: playing silently",
            why: format!(
                "{}. Once a sound server runs, it is found by itself; Play looks for it at once",
                crate::app::words::sentence(&why)
            ),
        })
    }

    /// Whether the sound of a source is being prepared.
    pub fn waits(&self, source: Source) -> bool {
        self.tracks.of(source).waits()
    }

    /// Whether there is a sound to hear of a source; `None` while that is not known.
    pub fn has_sound(&self, source: Source) -> Option<bool> {
        let track = self.tracks.of(source);
        (!track.waits()).then(|| track.sound().is_some())
    }
}
