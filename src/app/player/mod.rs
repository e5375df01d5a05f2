//! The player: pictures of clip, draft and result, at the same moment, in the same place, with their sound. Decoding is on
//! workers; this side only asks, and shows what came. While something is heard, the picture follows it.

mod reel;
mod run;
mod sounding;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, TextureHandle, TextureId, Vec2};

use self::reel::Reel;
pub use self::sounding::Silence;
use self::sounding::Sounding;
use crate::app::wake::wake;
use crate::model::{Interval, Placement};
use crate::playback::clock::Clock;
use crate::playback::picture::{Paint, What};
use crate::playback::sound::{Choice, Output};
use crate::playback::source::Source;

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shown {
    /// The clip as it was given.
    #[default]
    Clip,
    /// The clip with what is drawn into it on this machine.
    Draft,
    /// What the task made of it.
    Result,
}

impl Shown {
    const fn source(self) -> Source {
        match self {
            Self::Clip | Self::Draft => Source::Clip,
            Self::Result => Source::Result,
        }
    }
}

/// A picture on the graphics card, and its size in pixels.
pub type OnScreen = (TextureId, Vec2);

/// The last picture of a clip and of a result that is gone.
#[derive(Default)]
struct Before {
    clip: Option<TextureHandle>,
    result: Option<TextureHandle>,
}

impl Before {
    const fn of(&self, source: Source) -> Option<&TextureHandle> {
        match source {
            Source::Clip => self.clip.as_ref(),
            Source::Result => self.result.as_ref(),
        }
    }

    fn set(&mut self, source: Source, picture: Option<TextureHandle>) {
        match source {
            Source::Clip => self.clip = picture,
            Source::Result => self.result = picture,
        }
    }
}

/// The player.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Player {
    shown: Shown,
    /// What is shown of the clip: also beside a result.
    clip_as_draft: bool,
    clip: Option<Reel>,
    result: Option<Reel>,
    /// The result is that of an earlier task.
    result_is_last: bool,
    /// The last pictures of a clip and a result that are gone: they stay until those of their successors are there.
    before: Before,
    /// Since when the picture of what is shown is waited for.
    waits_since: Option<Instant>,
    paint: Option<Arc<dyn Paint>>,
    clock: Clock,
    sounding: Sounding,
    /// The local voice, and where it is put.
    voice: Option<PathBuf>,
    placement: Option<Placement>,
    looping: bool,
    /// The lap is another one since what plays began.
    lap_changed: bool,
    /// Clip and result side by side.
    beside: bool,
    /// Whose picture is on screen: what was there stays until its successor is.
    on_screen: Option<Source>,
    /// The playhead goes to the picture that comes: after a frame step.
    follow: bool,
}

/// What is shown.
impl Player {
    /// Gives the clip or the result; `None` takes it away. What is open already stays open; of what is not any more, the last
    /// picture stays until its successor's first, or until it is let go of. The draft has no file of its own.
    pub fn set_source(&mut self, ctx: &Context, which: Shown, path: Option<&Path>) {
        let source = which.source();
        let slot = self.slot(source);
        if slot.as_ref().map(Reel::path) == path {
            return;
        }
        let gone = std::mem::replace(slot, path.map(|path| Reel::open(ctx, path)));
        if let Some(picture) = gone.and_then(Reel::into_picture) {
            self.before.set(source, Some(picture));
        }
        if source == Source::Clip && self.shown == Shown::Draft {
            self.shown = Shown::Clip;
            self.clip_as_draft = false;
        }
        self.want_sound(ctx, source);
        if source == Source::Clip && path.is_some() && self.shown == Shown::Result && self.result_is_last {
            // Who brings a clip works at it.
            self.halt();
            self.shown = Shown::Clip;
            self.clip_as_draft = false;
            self.order_of(Source::Result, What::Rest);
        }
        if self.shown.source() == source {
            self.halt();
            self.ask();
        } else if self.beside {
            self.ask_anew();
        }
    }

    /// There will be no other clip, or result: what was left of the one before is let go of.
    pub fn let_go(&mut self, which: Shown) {
        let source = which.source();
        if self.reel_of(source).is_none() {
            self.before.set(source, None);
        }
    }

    /// The result is of another clip than the one at hand, and no source any more: neither shown nor compared with. What of it is on
    /// screen stays until the clip's first picture is there.
    pub fn leave_result(&mut self, ctx: &Context) {
        let gone = self.result.take().and_then(Reel::into_picture).or_else(|| self.before.result.take());
        self.before.set(Source::Result, None);
        if self.on_screen == Some(Source::Result) {
            self.on_screen = Some(Source::Clip);
            if self.clip.as_ref().is_some_and(|clip| clip.picture().is_none()) {
                self.before.set(Source::Clip, gone);
            }
        }
        self.beside = false;
        self.want_sound(ctx, Source::Result);
        self.halt();
        if self.shown == Shown::Result {
            self.shown = Shown::Clip;
            self.clip_as_draft = false;
        }
        // A moment of the other clip means nothing in this one.
        self.clock.set(0);
        self.ask();
    }

    /// Says whether the result is that of an earlier task. It gives way to what is being worked at when it becomes so.
    pub fn set_result_is_last(&mut self, is_last: bool) {
        let gives_way = is_last && !self.result_is_last && self.shown == Shown::Result && self.clip.is_some();
        self.result_is_last = is_last;
        if gives_way {
            self.halt();
            self.show(if self.has_source(Shown::Draft) { Shown::Draft } else { Shown::Clip });
        }
    }

    /// Whether the result is that of an earlier task: since then something else is being worked at.
    #[must_use]
    pub fn result_is_last(&self) -> bool {
        self.result_is_last
    }

    /// For how long the picture of what is shown has been waited for, once it takes long enough to be said.
    #[must_use]
    pub fn waits(&self) -> Option<Duration> {
        self.waits_since.map(|since| since.elapsed()).filter(|waited| *waited >= run::SAID_AFTER)
    }

    /// Whether what is on screen is of what was shown before: the picture of what is shown is on its way.
    #[must_use]
    pub fn shows_predecessor(&self) -> bool {
        let source = self.shown.source();
        self.on_screen == Some(source) && self.before.of(source).is_some()
    }

    /// Gives the local voice and where it is put: with them the clip is heard, and they are what is looped over.
    pub fn set_voice(&mut self, ctx: &Context, voice: Option<&Path>, placement: Option<Placement>) {
        if self.voice.as_deref() == voice && self.placement == placement {
            return;
        }
        let span = |placement: Option<Placement>| placement.map(|placement| placement.span());
        self.lap_changed |= span(self.placement) != span(placement);
        self.voice = voice.map(Path::to_owned);
        self.placement = placement;
        self.want_sound(ctx, Source::Clip);
    }

    fn want_sound(&mut self, ctx: &Context, source: Source) {
        let path = self.reel_of(source).map(|reel| reel.path().to_owned());
        let voice = match source {
            Source::Clip => self.voice.clone().zip(self.placement),
            Source::Result => None,
        };
        self.sounding.want(&wake(ctx), source, path, voice);
    }

    /// Gives what draws the draft into the clip's pictures; `None` takes it away, and shows the clip in its place. The picture at
    /// the playhead is drawn anew; until it is there the one before stays.
    pub fn set_paint(&mut self, paint: Option<Arc<dyn Paint>>) {
        let same = match (&self.paint, &paint) {
            (Some(before), Some(now)) => Arc::ptr_eq(before, now),
            (None, None) => true,
            _ => false,
        };
        if same {
            return;
        }
        self.paint = paint;
        if self.clip_as_draft {
            if self.paint.is_none() {
                self.clip_as_draft = false;
                if self.shown == Shown::Draft {
                    self.shown = Shown::Clip;
                }
            }
            self.ask_pictures();
        }
    }

    /// Shows the clip, the draft or the result, at the same moment; nothing where there is none.
    pub fn show(&mut self, which: Shown) {
        if self.shown == which || !(self.has_source(which) || which == Shown::Clip) {
            return;
        }
        let before = self.shown.source();
        self.shown = which;
        if which.source() == Source::Clip {
            self.clip_as_draft = which == Shown::Draft;
        }
        if before == which.source() {
            // The same file, the same sound.
            self.ask_pictures();
            return;
        }
        if !self.is_beside()
            && let Some(reel) = self.slot(before)
        {
            reel.order(What::Rest, None);
        }
        self.ask_anew();
    }

    /// What is shown.
    #[must_use]
    pub fn shown(&self) -> Shown {
        self.shown
    }

    /// Whether there is a clip, a draft or a result to show.
    #[must_use]
    pub fn has_source(&self, which: Shown) -> bool {
        match which {
            Shown::Clip => self.clip.is_some(),
            Shown::Draft => self.clip.is_some() && self.paint.is_some(),
            Shown::Result => self.result.is_some(),
        }
    }

    /// Shows clip and result side by side, or one of them.
    pub fn toggle_beside(&mut self) {
        self.beside = !self.beside;
        if self.is_beside() {
            self.ask_pictures();
        } else if let Some(reel) = self.slot(self.shown.source().other()) {
            reel.order(What::Rest, None);
        }
    }

    /// Whether clip and result are shown side by side.
    #[must_use]
    pub fn is_beside(&self) -> bool {
        self.beside && self.clip.is_some() && self.result.is_some()
    }

    /// Whether the source at hand has a picture, or will have one.
    #[must_use]
    pub fn has_picture(&self) -> bool {
        self.reel().is_some_and(|reel| reel.failure.is_none())
    }

    /// Why the source at hand cannot be shown.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.reel().and_then(|reel| reel.failure.as_deref())
    }

    /// The picture.
    #[must_use]
    pub fn picture(&self) -> Option<OnScreen> {
        // What was on screen stays until its successor is there; a source that fails has none.
        if self.failure().is_some() { None } else { self.picture_of(self.on_screen?) }
    }

    /// The picture of a source, or of the one before it until its own is there.
    fn picture_of(&self, source: Source) -> Option<OnScreen> {
        let own = self.reel_of(source).and_then(Reel::picture);
        own.or_else(|| self.before.of(source).map(|texture| (texture.id(), texture.size_vec2())))
    }

    /// The pictures of clip, or draft, and result at the same moment.
    #[must_use]
    pub fn pair(&self) -> [Option<OnScreen>; 2] {
        [Source::Clip, Source::Result].map(|source| self.picture_of(source))
    }

    /// Whether the clip is shown as a draft, also beside a result.
    #[must_use]
    pub fn clip_is_draft(&self) -> bool {
        self.clip_as_draft
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
        self.reel().and_then(Reel::shown_us)
    }

    /// The length of the source at hand in milliseconds; 0 where it is not known.
    #[must_use]
    pub fn duration_ms(&self) -> i64 {
        self.reel().map_or(0, |reel| reel.duration_us / 1000)
    }

    /// The length of what is on screen, in milliseconds, until that of the source at hand is known: a result that is just being opened
    /// has none yet.
    #[must_use]
    pub fn length_ms(&self) -> i64 {
        let known = |source| self.reel_of(source).map(|reel| reel.duration_us / 1000).filter(|ms| *ms > 0);
        known(self.shown.source()).or_else(|| self.on_screen.and_then(known)).unwrap_or(0)
    }

    /// The usual length of a frame in milliseconds.
    #[must_use]
    pub fn frame_ms(&self) -> f64 {
        self.reel().map_or(40.0, |reel| reel.frame_us as f64 / 1000.0)
    }

    /// Whether it plays.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.clock.is_running()
    }

    /// Whether the placed voice is played again and again; without one, the whole.
    #[must_use]
    pub fn is_looping(&self) -> bool {
        self.looping
    }

    /// What is looped over.
    #[must_use]
    pub fn lap(&self) -> Interval {
        let whole = Interval::new(0, self.duration_ms());
        let placed = self.placement.map(|placement| placement.span());
        // Of a source that is just being opened the length is not known yet.
        let end_ms = if whole.end_ms > 0 { whole.end_ms } else { i64::MAX };
        let within = placed.map(|span| Interval::new(span.start_ms.max(0), span.end_ms.min(end_ms)));
        // A lap that is hardly longer than a picture is none.
        within.filter(|span| span.len_ms() >= 200).unwrap_or(whole)
    }

    /// Plays or pauses; at the end it begins anew.
    pub fn toggle(&mut self) {
        if self.clock.is_running() {
            self.halt();
            self.ask();
            return;
        }
        let lap = self.lap();
        if self.looping {
            if !lap.contains(self.playhead_ms()) {
                self.clock.set(lap.start_ms * 1000);
            }
        } else if self.clock.at_us() + self.frame_us() >= self.duration_us() {
            self.clock.set(0);
        }
        self.play();
    }

    /// Loops, or goes on to the end.
    pub fn toggle_loop(&mut self) {
        self.looping = !self.looping;
        if self.clock.is_running() {
            if self.looping && !self.lap().contains(self.playhead_ms()) {
                self.clock.set(self.lap().start_ms * 1000);
            }
            self.play();
        }
    }

    /// Shows a moment, in microseconds.
    pub fn seek(&mut self, at_us: i64) {
        let last_us = (self.duration_us() - 1).max(0);
        self.clock.set(at_us.clamp(0, last_us));
        self.ask_anew();
    }

    /// Shows the last picture.
    pub fn seek_end(&mut self) {
        self.halt();
        self.seek(self.duration_us());
    }

    /// Plays from a moment on, in microseconds; what was played before is left.
    pub fn play_from(&mut self, at_us: i64) {
        self.halt();
        self.clock.set(at_us.max(0));
        self.play();
    }

    /// Goes one frame on, or back.
    pub fn step(&mut self, forward: bool) {
        self.halt();
        let Some(shown_us) = self.reel().filter(|reel| reel.is_fresh()).and_then(Reel::shown_us) else {
            // What is on screen is not what was asked for last: a step from there would go back to where it was before.
            self.step_frames(if forward { 1 } else { -1 });
            return;
        };
        self.order(if forward { What::Next(shown_us) } else { What::Show((shown_us - 1).max(0)) });
        self.follow = true;
    }

    /// Goes so many frames on, or back; playing, it goes on from there.
    pub fn step_frames(&mut self, frames: i64) {
        let by_us = frames.saturating_mul(self.frame_us());
        let at_us = self.clock.at_us();
        if self.clock.is_running() {
            self.seek(at_us.saturating_add(by_us));
            return;
        }
        // From the picture that is shown, whose moment is exact. While one is on its way the playhead tells where it will be: at
        // the beginning of its frame after another step, somewhere within it else.
        let shown_us = self.reel().filter(|reel| reel.is_fresh()).and_then(Reel::shown_us);
        let is_at_start = shown_us.is_some() || self.follow;
        let last_us = (self.duration_us() - 1).max(0);
        let to_us = shown_us.unwrap_or(at_us).saturating_add(by_us).clamp(0, last_us);
        self.clock.set(to_us);
        // To the middle of the frame, so that rounding never leaves the one before on screen.
        let within_us = if is_at_start { self.frame_us() / 2 } else { 0 };
        self.order(What::Show((to_us + within_us).min(last_us)));
        self.follow = true;
    }
}

/// What is heard.
impl Player {
    /// Makes it heard.
    pub fn use_sound(&mut self, ctx: &Context, choice: Choice) {
        self.sounding.output = Some((Output::new(choice), wake(ctx)));
    }

    /// How loud, 0 to 1; also while it is muted.
    #[must_use]
    pub fn volume(&self) -> f32 {
        self.sounding.volume()
    }

    /// Whether it is muted.
    #[must_use]
    pub fn is_muted(&self) -> bool {
        self.sounding.is_muted()
    }

    /// Sets how loud, 0 to 1, and whether it is muted.
    pub fn set_loudness(&mut self, volume: f32, muted: bool) {
        self.sounding.set_volume(volume, muted);
    }

    /// Mutes, or lets it be heard again.
    pub fn toggle_mute(&mut self) {
        self.set_loudness(self.volume(), !self.is_muted());
    }

    /// Why nothing is heard.
    #[must_use]
    pub fn silence(&self) -> Option<Silence> {
        self.sounding.silence(self.shown.source())
    }

    /// Whether what is shown has a sound; `None` while that is not known.
    #[must_use]
    pub fn has_sound(&self) -> Option<bool> {
        self.sounding.has_sound(self.shown.source())
    }

    /// From playing to hearing, as measured at the last start.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        self.sounding.latency()
    }
}

/// Where things are.
impl Player {
    fn reel(&self) -> Option<&Reel> {
        self.reel_of(self.shown.source())
    }

    fn reel_of(&self, source: Source) -> Option<&Reel> {
        match source {
            Source::Clip => self.clip.as_ref(),
            Source::Result => self.result.as_ref(),
        }
    }

    fn slot(&mut self, source: Source) -> &mut Option<Reel> {
        match source {
            Source::Clip => &mut self.clip,
            Source::Result => &mut self.result,
        }
    }

    fn duration_us(&self) -> i64 {
        self.reel().map_or(0, |reel| reel.duration_us)
    }

    fn frame_us(&self) -> i64 {
        self.reel().map_or(0, |reel| reel.frame_us)
    }
}
