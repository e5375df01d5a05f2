//! Asks the workers for pictures and sound, and shows what came when it is due.

use std::time::{Duration, Instant};

use egui::Context;

use super::reel::Reel;
use super::{Player, Source};
use crate::playback::picture::What;
use crate::playback::sound::Course;

/// How often a player that waits for its next picture looks again, should it not be woken.
const STARVED: Duration = Duration::from_millis(50);
/// After so long it is said that a picture is waited for, and then so often for how long.
pub const SAID_AFTER: Duration = Duration::from_millis(200);
const SAID_AGAIN: Duration = Duration::from_millis(250);
/// How long the picture waits for its sound to begin.
const WAIT_FOR_SOUND: Duration = Duration::from_millis(600);

impl Player {
    pub(super) fn halt(&mut self) {
        self.clock.stop();
        self.sounding.stop();
    }

    /// What the playhead shows is asked for once more, and played on where it plays.
    pub(super) fn ask_anew(&mut self) {
        if self.clock.is_running() { self.play() } else { self.ask() }
    }

    /// The same for the pictures alone: the sound goes on.
    pub(super) fn ask_pictures(&mut self) {
        if self.clock.is_running() {
            self.order_play();
        } else {
            self.ask();
        }
    }

    pub(super) fn play(&mut self) {
        let lap = self.lap();
        let lap = (self.looping && lap.len_ms() > 0).then_some((lap.start_ms * 1000, lap.end_ms * 1000));
        self.lap_changed = false;
        self.clock.start(lap);
        if self.sounding.play(self.shown.source(), self.clock.course()) {
            self.clock.wait_for_sound(WAIT_FOR_SOUND);
        }
        self.order_play();
    }

    fn order_play(&mut self) {
        let course = Course { from: self.clock.at_us(), ..self.clock.course() };
        self.order(What::Play(course, self.clock.lap()));
    }

    pub(super) fn ask(&mut self) {
        self.order(What::Show(self.clock.at_us()));
    }

    pub(super) fn order(&mut self, what: What) {
        self.follow = false;
        let source = self.shown.source();
        self.order_of(source, what);
        if self.is_beside() {
            self.order_of(source.other(), what);
        }
    }

    pub(super) fn order_of(&mut self, source: Source, what: What) {
        let paint = if source == Source::Clip && self.clip_as_draft { self.paint.clone() } else { None };
        if let Some(reel) = self.slot(source) {
            reel.order(what, paint);
        }
    }

    /// Takes what the workers did, and shows what is due. Asks for the next repaint itself.
    pub fn tick(&mut self, ctx: &Context) {
        self.clock.now(Instant::now());
        let source = self.shown.source();
        let length_known = self.duration_us() > 0;
        for reel in [&mut self.clip, &mut self.result].into_iter().flatten() {
            reel.receive();
        }
        // What is looped over may be the whole, which is known only now.
        self.lap_changed |= !length_known && self.duration_us() > 0 && self.clock.course().lap.is_none();
        if !self.has_picture() && self.clock.is_running() {
            // A source that cannot be shown must not keep the window awake.
            self.halt();
        }
        self.sounding.take(source, self.clock.run_us());
        if self.clock.is_running() {
            self.run_on(ctx, source);
        } else {
            self.stand(ctx, source);
        }
        self.let_go_of_predecessors(ctx);
    }

    /// What was there before is no longer needed once its successor is there, or cannot be shown. While it is waited for, the time
    /// that takes is told, and goes on.
    fn let_go_of_predecessors(&mut self, ctx: &Context) {
        for source in [Source::Clip, Source::Result] {
            if self.reel_of(source).is_some_and(|reel| reel.failure.is_some() || reel.picture().is_some()) {
                self.before.set(source, None);
            }
        }
        let source = self.shown.source();
        let opens = self.reel_of(source).is_some_and(|reel| reel.failure.is_none() && reel.picture().is_none());
        if !opens && self.before.of(source).is_none() {
            self.waits_since = None;
            return;
        }
        let since = *self.waits_since.get_or_insert_with(Instant::now);
        ctx.request_repaint_after(SAID_AFTER.checked_sub(since.elapsed()).unwrap_or(SAID_AGAIN));
    }

    fn run_on(&mut self, ctx: &Context, source: Source) {
        if let Some(heard) = self.sounding.heard() {
            self.clock.follow(heard);
        } else if self.silence().is_some() {
            self.clock.wait_no_longer();
        }
        if self.lap_changed && self.looping && !self.sounding.waits(source) {
            // The voice was moved while it is looped over: on with its new place.
            if !self.lap().contains(self.playhead_ms()) {
                self.clock.set(self.lap().start_ms * 1000);
            }
            self.play();
        }
        let now = (self.clock.lap(), self.clock.at_us());
        let beside = self.is_beside();
        let Some(reel) = self.slot(source) else { return };
        let next = reel.show_due(ctx, now);
        let (fresh, duration_us) = (reel.is_fresh(), reel.duration_us);
        if fresh {
            self.on_screen = Some(source);
        }
        if beside && let Some(other) = self.slot(source.other()) {
            other.show_due(ctx, now);
        }
        if duration_us > 0 && now.1 >= duration_us {
            self.halt();
            self.clock.set(duration_us - 1);
            // The last picture, should it have come late.
            self.ask();
            return;
        }
        let wait = match next {
            Some((laps, due_us)) if laps == now.0 => Duration::from_micros((due_us - now.1).max(0).unsigned_abs()),
            _ => STARVED,
        };
        ctx.request_repaint_after(wait.min(STARVED));
    }

    fn stand(&mut self, ctx: &Context, source: Source) {
        let (follow, beside) = (self.follow, self.is_beside());
        let shown_us = self.slot(source).as_mut().and_then(|reel| reel.show_last(ctx));
        if let Some(shown_us) = shown_us {
            self.on_screen = Some(source);
            if follow && self.reel().is_some_and(Reel::is_fresh) {
                self.clock.set(shown_us);
                if beside {
                    self.order_of(source.other(), What::Show(shown_us));
                }
            }
        }
        if beside && let Some(other) = self.slot(source.other()) {
            other.show_last(ctx);
        }
    }
}
