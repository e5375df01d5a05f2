//! What happens for each frame that the window draws: what the workers sent is received, and what is due is shown.

use std::time::{Duration, Instant};

use super::{Player, Slot, Source};
use crate::playback::source::OpenSource;

/// How often a player that waits for its next picture looks again, should it not be woken.
const STARVED: Duration = Duration::from_millis(50);
/// After so long it is said that a picture is awaited, and then so often for how long.
pub const SAID_AFTER: Duration = Duration::from_millis(200);
const SAID_AGAIN: Duration = Duration::from_millis(250);
/// How long the picture waits for its sound to start.
pub const WAIT_FOR_SOUND: Duration = Duration::from_millis(600);
/// How long the first picture of a file waits for its sound to be decoded.
const WAIT_FOR_MIX: Duration = Duration::from_secs(3);
/// A picture that is so many frames behind the playhead is late.
pub const LATE_FRAMES: i64 = 4;

impl Player {
    /// Receives what the workers sent, and takes what is due to the screen. Returns after how long it is to be called again; it is woken
    /// for what comes by itself.
    pub fn tick(&mut self, now: Instant) -> Option<Duration> {
        self.now = now;
        self.clock.set_now(now);
        let shown = self.shown.source();
        let length_known = self.duration_us() > 0;
        for open in [&mut self.clip, &mut self.result, &mut self.other].into_iter().flatten() {
            open.receive();
        }
        let is_open = self.shown_source().is_some_and(|source| source.times().is_some());
        if is_open && self.pending_steps != 0 {
            let frames = std::mem::take(&mut self.pending_steps);
            self.step_frames(frames);
        }
        // What is looped over may be the whole, which is known only now.
        self.loop_changed |= !length_known && self.duration_us() > 0 && self.clock.range().repeat.is_none();
        if !self.has_picture() && self.clock.is_running() {
            // A file that cannot be shown must not keep the window awake.
            self.halt();
        }
        self.soundtrack.receive(shown, self.clock.elapsed_us());
        self.release_start();
        let next = if self.clock.is_running() { self.tick_playing() } else { self.tick_still() };
        let said = self.drop_predecessors();
        [next, said].into_iter().flatten().min()
    }

    /// Starts what waited for its first picture and its sound.
    fn release_start(&mut self) {
        let shown = self.shown.source();
        if !self.clock.is_held() || !self.shown_source().is_some_and(OpenSource::has_picture_waiting) {
            return;
        }
        let ready_since = *self.ready_since.get_or_insert(self.now);
        let waited = self.now.saturating_duration_since(ready_since);
        if !self.soundtrack.is_first_pending(shown) || waited >= WAIT_FOR_MIX {
            self.ready_since = None;
            self.clock.release();
            self.start_sound();
        }
    }

    /// What was there before is no longer needed once its successor is there, or cannot be shown. While that is awaited, it is said for
    /// how long.
    fn drop_predecessors(&mut self) -> Option<Duration> {
        for source in Source::ALL {
            if self.source(source).is_some_and(|open| open.failure().is_some()) {
                self.screen.clear(source);
            }
        }
        let shown = self.shown.source();
        let slot = self.screen.slot(shown);
        let opens = self.source(shown).is_some_and(|open| open.failure().is_none()) && slot != Slot::Own;
        if !opens && slot != Slot::Predecessor {
            self.waits_since = None;
            return None;
        }
        let since = *self.waits_since.get_or_insert(self.now);
        let waited = self.now.saturating_duration_since(since);
        Some(SAID_AFTER.checked_sub(waited).unwrap_or(SAID_AGAIN))
    }

    fn tick_playing(&mut self) -> Option<Duration> {
        let shown = self.shown.source();
        if let Some(position) = self.soundtrack.position() {
            self.clock.follow(position);
        } else if self.silence().is_some() {
            self.clock.stop_waiting();
        }
        if self.loop_changed && self.looping && !self.soundtrack.is_pending(shown) {
            // The voice was moved while it is looped over: on with its new place.
            self.enter_loop();
            self.play();
        }
        let now = self.clock.position();
        let next = if self.clock.is_held() { None } else { self.show_due(shown, true) };
        if self.is_beside() && !self.clock.is_held() {
            self.show_due(self.partner(), false);
        }
        let duration_us = self.duration_us();
        if duration_us > 0 && now.at >= duration_us {
            self.halt();
            self.clock.set(duration_us - 1);
            // The last picture, should it have come late.
            self.request_still();
            return None;
        }
        let wait = match next {
            Some(next) if next.loops == now.loops => Duration::from_micros((next.at - now.at).max(0).unsigned_abs()),
            _ => STARVED,
        };
        Some(wait.min(STARVED))
    }

    fn show_due(&mut self, source: Source, is_shown: bool) -> Option<crate::playback::sound::Position> {
        let now = self.clock.position();
        let open = self.source_mut(source).as_mut()?;
        let (image, next) = open.take_due(now);
        let is_current = open.is_current();
        if let Some(image) = image {
            self.screen.show(source, image);
        }
        if is_shown && is_current {
            self.screen.set_on_screen(source);
        }
        next
    }

    fn tick_still(&mut self) -> Option<Duration> {
        let shown = self.shown.source();
        if self.show_last(shown) {
            self.screen.set_on_screen(shown);
        }
        if self.is_beside() {
            self.show_last(self.partner());
        }
        None
    }

    fn show_last(&mut self, source: Source) -> bool {
        let Some(image) = self.source_mut(source).as_mut().and_then(OpenSource::take_last) else { return false };
        self.screen.show(source, image);
        true
    }
}
