//! The sound of what is shown: which sound, how loud, and why there is none.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::mixer::{MixRequest, Mixer};
use super::sound::{Output, OutputPosition, PlaybackRange};
use super::source::Source;
use crate::model::Placement;
use crate::worker::Wake;

/// Why nothing is heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// In a few words, for under the picture.
    pub summary: &'static str,
    /// Why, and what to do about it.
    pub reason: String,
}

/// The player's sound.
pub struct Soundtrack {
    /// Where it is heard; `None` in a player that was not given one.
    output: Option<Output>,
    mixer: Mixer,
    volume: f32,
    muted: bool,
    /// Which file is being played, and along which range.
    playing: Option<(Source, PlaybackRange)>,
}

impl Default for Soundtrack {
    fn default() -> Self {
        Self { output: None, mixer: Mixer::default(), volume: 1.0, muted: false, playing: None }
    }
}

impl Soundtrack {
    /// Sets where it is heard.
    pub fn set_output(&mut self, output: Output) {
        self.output = Some(output);
        self.set_volume(self.volume, self.muted);
    }

    /// How loud, 0 to 1; also while it is muted.
    pub const fn volume(&self) -> f32 {
        self.volume
    }

    /// Whether it is muted.
    pub const fn is_muted(&self) -> bool {
        self.muted
    }

    /// Sets how loud, and whether it is muted.
    pub fn set_volume(&mut self, volume: f32, muted: bool) {
        (self.volume, self.muted) = (volume.clamp(0.0, 1.0), muted);
        // Loudness is heard by its square, more or less: so the slider feels even.
        let gain = if muted { 0.0 } else { self.volume * self.volume };
        if let Some(output) = &self.output {
            output.set_gain(gain);
        }
    }

    /// Requests what is to be heard with a file.
    pub fn request(&mut self, source: Source, clip: Option<PathBuf>, voice: Option<(PathBuf, Placement)>, wake: &Wake) {
        let request = clip.map(|clip| MixRequest { clip, voice });
        if self.mixer.request(source, request, wake) && self.playing.is_some_and(|(playing, _)| playing == source) {
            self.stop();
        }
    }

    /// Plays the sound of a file. Returns whether there is one to wait for.
    pub fn play(&mut self, source: Source, range: PlaybackRange) -> bool {
        self.playing = Some((source, range));
        let Some(output) = &mut self.output else { return false };
        if let Some(sound) = self.mixer.track(source).sound() {
            output.play(Arc::clone(sound), range, 0);
            true
        } else {
            output.stop();
            false
        }
    }

    /// Stops.
    pub fn stop(&mut self) {
        self.playing = None;
        if let Some(output) = &mut self.output {
            output.stop();
        }
    }

    /// Receives what the mixer prepared. What plays goes on with it where it is; a sound that came only now joins in, where so much of
    /// the run is over.
    pub fn receive(&mut self, shown: Source, elapsed_us: i64) {
        if !self.mixer.receive(shown) {
            return;
        }
        let Some(output) = &mut self.output else { return };
        let playing = self.playing.filter(|(playing, _)| *playing == shown);
        match (self.mixer.track(shown).sound(), playing) {
            (Some(sound), Some(_)) if output.is_playing() => output.swap(Arc::clone(sound)),
            (Some(sound), Some((_, range))) => output.play(Arc::clone(sound), range, elapsed_us),
            (Some(_), None) => output.open(),
            (None, Some(_)) => output.stop(),
            (None, None) => {}
        }
    }

    /// What was heard of the current run, and when.
    pub fn position(&self) -> Option<OutputPosition> {
        self.output.as_ref().and_then(Output::position)
    }

    /// From playing to hearing, as measured at the last start.
    pub fn latency(&self) -> Option<Duration> {
        self.output.as_ref().and_then(Output::latency)
    }

    /// Why nothing is heard of a file.
    pub fn silence(&self, source: Source) -> Option<Silence> {
        let output = self.output.as_ref()?;
        let track = self.mixer.track(source);
        if let Some(why) = track.failure() {
            let reason = format!("The sound cannot be played: {why}");
            return Some(Silence { summary: "No sound: playing silently", reason });
        }
        track.sound()?;
        output.failure().map(|why| Silence {
            summary: "No sound server: playing silently",
            reason: format!("{why}. Once a sound server runs, it is found by itself; Play looks for it at once"),
        })
    }

    /// Whether the sound of a file is being prepared, and none is ready before it.
    pub fn is_first_pending(&self, source: Source) -> bool {
        let track = self.mixer.track(source);
        self.output.is_some() && track.is_pending() && track.sound().is_none()
    }

    /// Whether the sound of a file is being prepared.
    pub fn is_pending(&self, source: Source) -> bool {
        self.mixer.track(source).is_pending()
    }

    /// Whether there is a sound to hear of a file; `None` while that is not known.
    pub fn has_sound(&self, source: Source) -> Option<bool> {
        let track = self.mixer.track(source);
        (!track.is_pending()).then(|| track.sound().is_some())
    }
}
