//! The player: pictures of clip, draft, result and another result, at the same moment, in the same place or side by side, with their sound. Decoding runs on workers;
//! this side requests pictures and hands over what is due. While something is heard, the picture follows it.
//!
//! The window calls [`Player::tick`] for each frame it draws, and applies [`Player::take_updates`] to its textures.

mod screen;
mod show;
#[cfg(test)]
mod tests;
mod tick;
mod transport;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use self::screen::ScreenUpdate;
use self::screen::{Screen, Slot};
use super::clock::Clock;
use super::frame_times::FrameTimes;
use super::picture::CloseAfter;
pub use super::picture::Paint;
use super::sound::{Choice, Output};
pub use super::soundtrack::Silence;
use super::soundtrack::Soundtrack;
use super::source::OpenSource;
pub use super::source::Source;
use crate::model::{Interval, Placement};
use crate::worker::{Wake, no_wake};

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shown {
    /// The clip as it was given.
    #[default]
    Clip,
    /// The clip with what is painted into it on this machine.
    Draft,
    /// What the task made of it.
    Result,
    /// What the result is compared with in place of the clip.
    Other,
}

impl Shown {
    const fn source(self) -> Source {
        match self {
            Self::Clip | Self::Draft => Source::Clip,
            Self::Result => Source::Result,
            Self::Other => Source::Other,
        }
    }
}

/// No texture is larger where nobody said otherwise.
const MAX_SIDE_PX: u32 = 2048;
/// While the picture of a file that was not opened yet is awaited, frames are counted in this length.
const UNKNOWN_FRAME_US: i64 = 40_000;
/// A loop that is shorter than this is none.
const SHORTEST_LOOP_MS: i64 = 200;

/// The player.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Player {
    wake: Wake,
    max_side_px: u32,
    close_after: CloseAfter,
    /// The time of the last tick.
    now: Instant,
    shown: Shown,
    /// The clip is shown as a draft: also beside a result.
    clip_as_draft: bool,
    clip: Option<OpenSource>,
    result: Option<OpenSource>,
    other: Option<OpenSource>,
    /// The result is that of an earlier task.
    result_is_last: bool,
    screen: Screen,
    /// Since when the picture of what is shown is awaited.
    waits_since: Option<Instant>,
    paint: Option<Arc<dyn Paint>>,
    clock: Clock,
    /// Since when the first picture is there while its sound is still awaited.
    ready_since: Option<Instant>,
    /// Frame steps made before the file was open.
    pending_steps: i64,
    soundtrack: Soundtrack,
    /// The local voice, and where it is placed.
    voice: Option<PathBuf>,
    placement: Option<Placement>,
    looping: bool,
    /// The loop changed since playing started.
    loop_changed: bool,
    /// Two of them side by side.
    beside: bool,
}

impl Default for Player {
    fn default() -> Self {
        Self::new(no_wake())
    }
}

/// What the window sets.
impl Player {
    /// A player without files and sound. `wake` is called when something came that is to be drawn.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        Self {
            wake,
            max_side_px: MAX_SIDE_PX,
            close_after: CloseAfter::default(),
            now: Instant::now(),
            shown: Shown::default(),
            clip_as_draft: false,
            clip: None,
            result: None,
            other: None,
            result_is_last: false,
            screen: Screen::default(),
            waits_since: None,
            paint: None,
            clock: Clock::default(),
            ready_since: None,
            pending_steps: 0,
            soundtrack: Soundtrack::default(),
            voice: None,
            placement: None,
            looping: false,
            loop_changed: false,
            beside: false,
        }
    }

    /// Sets the longest side that a picture may have, in pixels: for files opened from now on.
    pub fn set_max_side_px(&mut self, max_side_px: usize) {
        self.max_side_px = u32::try_from(max_side_px).unwrap_or(u32::MAX).max(2);
    }

    /// Makes it heard.
    pub fn set_sound(&mut self, choice: Choice) {
        self.soundtrack.set_output(Output::new(choice, Arc::clone(&self.wake)));
    }

    /// Sets how loud, 0 to 1, and whether it is muted.
    pub fn set_loudness(&mut self, volume: f32, muted: bool) {
        self.soundtrack.set_volume(volume, muted);
    }

    /// Mutes, or makes it heard again.
    pub fn toggle_mute(&mut self) {
        self.set_loudness(self.volume(), !self.is_muted());
    }
}

/// What is on screen.
impl Player {
    /// What is shown.
    #[must_use]
    pub const fn shown(&self) -> Shown {
        self.shown
    }

    /// The file of what is shown.
    #[must_use]
    pub const fn shown_file(&self) -> Source {
        self.shown.source()
    }

    /// Whether there is a clip, a draft or a result to show.
    #[must_use]
    pub fn has_source(&self, which: Shown) -> bool {
        match which {
            Shown::Clip => self.clip.is_some(),
            Shown::Draft => self.clip.is_some() && self.paint.is_some(),
            Shown::Result => self.result.is_some(),
            Shown::Other => self.other.is_some(),
        }
    }

    /// Whether the result is that of an earlier task: since then something else is being worked at.
    #[must_use]
    pub const fn result_is_last(&self) -> bool {
        self.result_is_last
    }

    /// Whether the clip is shown as a draft, also beside a result.
    #[must_use]
    pub const fn clip_is_draft(&self) -> bool {
        self.clip_as_draft
    }

    /// Whether two are shown side by side; the one of them that is shown is heard.
    #[must_use]
    pub fn is_beside(&self) -> bool {
        self.beside && self.sides().into_iter().all(|side| self.source(side).is_some())
    }

    /// What is, or would be, side by side: on the right the result, on the left what it is compared with.
    #[must_use]
    pub const fn sides(&self) -> [Source; 2] {
        let left = match self.shown {
            Shown::Result if self.other.is_some() => Source::Other,
            Shown::Clip | Shown::Draft | Shown::Result => Source::Clip,
            Shown::Other => Source::Other,
        };
        [left, Source::Result]
    }

    /// What is beside the one that is shown.
    const fn partner(&self) -> Source {
        let [left, right] = self.sides();
        match self.shown {
            Shown::Result => left,
            Shown::Clip | Shown::Draft | Shown::Other => right,
        }
    }

    /// What has its pictures decoded: what is shown, and what is beside it.
    fn seen(&self) -> impl Iterator<Item = Source> + use<> {
        let beside = self.is_beside().then(|| self.partner());
        [self.shown.source()].into_iter().chain(beside)
    }

    /// Whether what is shown has a picture, or will have one.
    #[must_use]
    pub fn has_picture(&self) -> bool {
        self.shown_source().is_some_and(|source| source.failure().is_none())
    }

    /// Why what is shown cannot be shown.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.shown_source().and_then(OpenSource::failure)
    }

    /// Why a file cannot be shown.
    #[must_use]
    pub fn failure_of(&self, source: Source) -> Option<&str> {
        self.source(source).and_then(OpenSource::failure)
    }

    /// Whose texture is the picture.
    #[must_use]
    pub fn picture(&self) -> Option<Source> {
        if self.failure().is_some() {
            return None;
        }
        let shown = self.shown.source();
        // The picture of another file stays only while that of the shown one is on its way.
        let before = self.screen.on_screen().filter(|_| self.source(shown).is_some());
        before.into_iter().chain([shown]).find(|source| self.screen.slot(*source) != Slot::Empty)
    }

    /// Whether the texture of a file holds a picture.
    #[must_use]
    pub fn has_texture(&self, source: Source) -> bool {
        self.screen.slot(source) != Slot::Empty
    }

    /// Whether the texture of a file shows another moment than the playhead: its picture is on its way.
    #[must_use]
    pub fn is_late(&self, source: Source) -> bool {
        let Some(open) = self.source(source).filter(|open| open.failure().is_none()) else { return false };
        let (Some(shown_us), Some(times)) = (open.shown_us(), open.times()) else { return true };
        let behind_us = self.clock.at_us().min(times.duration_us()) - shown_us;
        !open.is_current() || (self.clock.is_running() && behind_us > tick::LATE_FRAMES * times.frame_us())
    }

    /// Whether the picture is of what was shown before: that of what is shown is on its way.
    #[must_use]
    pub fn shows_predecessor(&self) -> bool {
        let shown = self.shown.source();
        self.picture() == Some(shown) && self.screen.slot(shown) == Slot::Predecessor
    }

    /// For how long the picture of what is shown has been awaited, once that takes long enough to be said.
    #[must_use]
    pub fn waits(&self) -> Option<Duration> {
        let waited = self.now.saturating_duration_since(self.waits_since?);
        Some(waited).filter(|waited| *waited >= tick::SAID_AFTER)
    }

    /// What is to be done to the textures since the last call.
    pub fn take_updates(&mut self) -> Vec<ScreenUpdate> {
        self.screen.take_updates()
    }
}

/// When.
impl Player {
    /// The moment that is shown, in milliseconds.
    #[must_use]
    pub fn playhead_ms(&self) -> i64 {
        self.clock.at_us().div_euclid(1000)
    }

    /// The moment of the picture that is shown, in microseconds.
    #[must_use]
    pub fn shown_us(&self) -> Option<i64> {
        self.shown_source().and_then(OpenSource::shown_us)
    }

    /// The length of what is shown in milliseconds; 0 where it is not known.
    #[must_use]
    pub fn duration_ms(&self) -> i64 {
        self.duration_us() / 1000
    }

    /// The length of what is shown in milliseconds; until it is known, that of what is on screen.
    #[must_use]
    pub fn length_ms(&self) -> i64 {
        let known = |source| self.source(source).map(|open| open.duration_us() / 1000).filter(|ms| *ms > 0);
        known(self.shown.source()).or_else(|| self.picture().and_then(known)).unwrap_or(0)
    }

    /// The usual length of a frame in milliseconds.
    #[must_use]
    pub fn frame_ms(&self) -> f64 {
        self.frame_us() as f64 / 1000.0
    }

    /// Whether it plays.
    #[must_use]
    pub const fn is_playing(&self) -> bool {
        self.clock.is_running()
    }

    /// Whether the placed voice is played again and again; without one, the whole.
    #[must_use]
    pub const fn is_looping(&self) -> bool {
        self.looping
    }

    /// What is looped over.
    #[must_use]
    pub fn loop_range(&self) -> Interval {
        let whole = Interval::new(0, self.duration_ms());
        // Of a file that is just being opened the length is not known yet.
        let end_ms = if whole.end_ms > 0 { whole.end_ms } else { i64::MAX };
        let placed = self.placement.map(|placement| placement.span());
        let within = placed.map(|span| Interval::new(span.start_ms.max(0), span.end_ms.min(end_ms)));
        within.filter(|span| span.len_ms() >= SHORTEST_LOOP_MS).unwrap_or(whole)
    }

    fn duration_us(&self) -> i64 {
        self.shown_source().map_or(0, OpenSource::duration_us)
    }

    fn frame_us(&self) -> i64 {
        self.shown_source().and_then(OpenSource::times).map_or(UNKNOWN_FRAME_US, FrameTimes::frame_us)
    }
}

/// What is heard.
impl Player {
    /// How loud, 0 to 1; also while it is muted.
    #[must_use]
    pub const fn volume(&self) -> f32 {
        self.soundtrack.volume()
    }

    /// Whether it is muted.
    #[must_use]
    pub const fn is_muted(&self) -> bool {
        self.soundtrack.is_muted()
    }

    /// Why nothing is heard.
    #[must_use]
    pub fn silence(&self) -> Option<Silence> {
        self.soundtrack.silence(self.shown.source())
    }

    /// Whether what is shown has a sound; `None` while that is not known.
    #[must_use]
    pub fn has_sound(&self) -> Option<bool> {
        self.soundtrack.has_sound(self.shown.source())
    }

    /// From playing to hearing, as measured at the last start.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        self.soundtrack.latency()
    }
}

/// The files.
impl Player {
    fn shown_source(&self) -> Option<&OpenSource> {
        self.source(self.shown.source())
    }

    const fn source(&self, source: Source) -> Option<&OpenSource> {
        match source {
            Source::Clip => self.clip.as_ref(),
            Source::Result => self.result.as_ref(),
            Source::Other => self.other.as_ref(),
        }
    }

    const fn source_mut(&mut self, source: Source) -> &mut Option<OpenSource> {
        match source {
            Source::Clip => &mut self.clip,
            Source::Result => &mut self.result,
            Source::Other => &mut self.other,
        }
    }
}
