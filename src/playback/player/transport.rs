//! Play, pause, seek, step and loop.

use super::{Player, Source};
use crate::playback::picture::Pictures;
use crate::playback::source::OpenSource;

/// Two files of the same clip may round the time of a picture differently, in microseconds.
const ROUNDING_US: i64 = 1_000;

impl Player {
    /// Plays or pauses; at the end it starts from the beginning.
    pub fn toggle(&mut self) {
        if self.clock.is_running() {
            self.halt();
            self.request_still();
            return;
        }
        if self.looping {
            self.enter_loop();
        } else if self.clock.at_us() + self.frame_us() >= self.duration_us() {
            self.clock.set(0);
        }
        self.play();
    }

    /// Loops, or goes on to the end.
    pub fn toggle_loop(&mut self) {
        self.looping = !self.looping;
        if self.clock.is_running() {
            if self.looping {
                self.enter_loop();
            }
            self.play();
        }
    }

    pub(super) fn enter_loop(&mut self) {
        let range = self.loop_range();
        if !range.contains(self.playhead_ms()) {
            self.clock.set(range.start_ms * 1000);
        }
    }

    /// Shows a moment, in microseconds.
    pub fn seek(&mut self, at_us: i64) {
        let last_us = (self.duration_us() - 1).max(0);
        self.pending_steps = 0;
        self.clock.set(at_us.clamp(0, last_us));
        self.request_again();
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

    /// Pauses, and goes one frame on, or back.
    pub fn step(&mut self, forward: bool) {
        self.halt();
        self.step_frames(if forward { 1 } else { -1 });
    }

    /// Goes so many frames on, or back; playing, it goes on from there. The playhead moves at once, whether or not the picture is there
    /// already: so the next step counts from where this one leads.
    pub fn step_frames(&mut self, frames: i64) {
        let Some(source) = self.shown_source() else { return };
        let Some(times) = source.times() else {
            self.pending_steps = self.pending_steps.saturating_add(frames);
            return;
        };
        let at_us = times.step_us(self.clock.at_us(), frames);
        self.clock.set(at_us);
        self.request_again();
    }

    pub(super) fn halt(&mut self) {
        self.clock.stop();
        self.ready_since = None;
        self.soundtrack.stop();
    }

    /// Starts from the playhead: at once where the file was opened before and its sound is ready; else once both are there, so that it
    /// is seen and heard from its beginning.
    pub(super) fn play(&mut self) {
        let range = self.loop_range();
        let repeat = (self.looping && range.len_ms() > 0).then_some((range.start_ms * 1000, range.end_ms * 1000));
        self.loop_changed = false;
        self.ready_since = None;
        self.clock.start(repeat);
        self.request_along();
        let is_open = self.shown_source().is_some_and(|source| source.times().is_some());
        if is_open && !self.soundtrack.is_first_pending(self.shown.source()) {
            self.start_sound();
        } else {
            self.soundtrack.stop();
            self.clock.hold();
        }
    }

    pub(super) fn start_sound(&mut self) {
        if self.soundtrack.play(self.shown.source(), self.clock.range()) {
            self.clock.wait_for_sound(super::tick::WAIT_FOR_SOUND);
        }
    }

    /// Requests what the playhead shows once more, and plays on where it plays.
    pub(super) fn request_again(&mut self) {
        if self.clock.is_running() { self.play() } else { self.request_still() }
    }

    /// The same for the pictures alone: the sound goes on.
    pub(super) fn request_pictures_again(&mut self) {
        if self.clock.is_running() {
            self.request_along();
        } else {
            self.request_still();
        }
    }

    fn request_along(&mut self) {
        let position = self.clock.position();
        let range = crate::playback::sound::PlaybackRange { from: position.at, ..self.clock.range() };
        self.request(Pictures::Along(range, position.loops));
    }

    /// Requests the picture at the playhead.
    pub(super) fn request_still(&mut self) {
        self.request(Pictures::At(self.clock.at_us()));
    }

    fn request(&mut self, what: Pictures) {
        let source = self.shown.source();
        self.request_of(source, what);
        if self.is_beside() {
            let what = match what {
                Pictures::At(at_us) => Pictures::At(at_us.saturating_add(ROUNDING_US)),
                other => other,
            };
            self.request_of(self.partner(), what);
        }
    }

    pub(super) fn request_of(&mut self, source: Source, what: Pictures) {
        let painted = source == Source::Clip && self.clip_as_draft && !matches!(what, Pictures::None);
        let paint = self.paint.clone().filter(|_| painted);
        if let Some(open) = self.source_mut(source) {
            OpenSource::request(open, what, paint);
        }
    }
}
