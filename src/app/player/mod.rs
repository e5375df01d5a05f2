//! The player: pictures of clip, draft and result, at the same moment, in the same place. Decoding is on a worker; this side
//! only asks, and shows what came.

mod clock;
mod film;
mod reel;
mod worker;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, TextureId, Vec2};

use self::clock::Clock;
use self::reel::Reel;
pub use self::worker::Paint;
use self::worker::What;

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

/// The files that are shown: a draft is drawn into the clip's own pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Clip,
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

/// How often a player that waits for its next picture looks again, should it not be woken.
const STARVED: Duration = Duration::from_millis(50);

/// The player.
#[derive(Default)]
pub struct Player {
    shown: Shown,
    clip: Option<Reel>,
    result: Option<Reel>,
    paint: Option<Arc<dyn Paint>>,
    clock: Clock,
    /// Whose picture is on screen: what was there stays until its successor is.
    on_screen: Option<Source>,
    /// The playhead goes to the picture that comes: after a frame step.
    follow: bool,
}

impl Player {
    /// Gives the clip or the result; `None` takes it away. What is open already stays open. The draft has no file of its own.
    pub fn set_source(&mut self, ctx: &Context, which: Shown, path: Option<&Path>) {
        let source = which.source();
        let slot = self.slot(source);
        if slot.as_ref().map(Reel::path) == path {
            return;
        }
        *slot = path.map(|path| Reel::open(ctx, path));
        if self.on_screen == Some(source) {
            self.on_screen = None;
        }
        if source == Source::Clip && self.shown == Shown::Draft {
            self.shown = Shown::Clip;
        }
        if self.shown.source() == source {
            self.clock.stop();
            self.ask();
        }
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
        if self.shown == Shown::Draft {
            if self.paint.is_none() {
                self.shown = Shown::Clip;
            }
            self.ask_anew();
        }
    }

    /// Shows the clip, the draft or the result, at the same moment; nothing where there is none.
    pub fn show(&mut self, which: Shown) {
        if self.shown != which && (self.has_source(which) || which == Shown::Clip) {
            let before = self.shown.source();
            self.shown = which;
            if before != which.source()
                && let Some(reel) = self.slot(before)
            {
                reel.order(What::Rest, None);
            }
            self.ask_anew();
        }
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

    /// The picture and its size in pixels.
    #[must_use]
    pub fn picture(&self) -> Option<(TextureId, Vec2)> {
        // What was on screen stays until its successor is there; a source that fails has none.
        let reel = if self.failure().is_some() { None } else { self.reel_of(self.on_screen?) };
        reel?.picture()
    }

    /// The moment that is shown, in milliseconds.
    #[must_use]
    pub fn playhead_ms(&self) -> i64 {
        self.clock.at_us().div_euclid(1000)
    }

    /// The length of the source at hand in milliseconds; 0 where it is not known.
    #[must_use]
    pub fn duration_ms(&self) -> i64 {
        self.reel().map_or(0, |reel| reel.duration_us / 1000)
    }

    /// Whether it plays.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.clock.is_running()
    }

    /// Plays or pauses; at the end it begins anew.
    pub fn toggle(&mut self) {
        if self.clock.is_running() {
            self.clock.stop();
            self.ask();
        } else {
            if self.clock.at_us() + self.frame_us() >= self.duration_us() {
                self.clock.set(0);
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

    /// Plays from a moment on, in microseconds; what was played before is left.
    pub fn play_from(&mut self, at_us: i64) {
        self.clock.stop();
        self.clock.set(at_us.max(0));
        self.play();
    }

    /// Goes one frame on, or back.
    pub fn step(&mut self, forward: bool) {
        self.clock.stop();
        let shown_us = self.reel().and_then(Reel::shown_us).unwrap_or_else(|| self.clock.at_us());
        self.order(if forward { What::Next(shown_us) } else { What::Show((shown_us - 1).max(0)) });
        self.follow = true;
    }

    /// What the playhead shows is asked for once more, and played on where it plays.
    fn ask_anew(&mut self) {
        if self.clock.is_running() { self.play() } else { self.ask() }
    }

    fn play(&mut self) {
        self.clock.start();
        self.order(What::Play(self.clock.at_us()));
    }

    fn ask(&mut self) {
        self.order(What::Show(self.clock.at_us()));
    }

    fn order(&mut self, what: What) {
        self.follow = false;
        let paint = if self.shown == Shown::Draft { self.paint.clone() } else { None };
        let source = self.shown.source();
        if let Some(reel) = self.slot(source) {
            reel.order(what, paint);
        }
    }

    /// Takes what the worker decoded, and shows what is due. Asks for the next repaint itself.
    pub fn tick(&mut self, ctx: &Context) {
        self.clock.now(Instant::now());
        let source = self.shown.source();
        if let Some(reel) = self.slot(source) {
            reel.receive();
        }
        if !self.has_picture() {
            // A source that cannot be shown must not keep the window awake.
            self.clock.stop();
        }
        let (now_us, running) = (self.clock.at_us(), self.clock.is_running());
        let follow = self.follow;
        let Some(reel) = self.slot(source) else { return };
        if running {
            let next_us = reel.show_due(ctx, now_us);
            let (fresh, duration_us) = (reel.is_fresh(), reel.duration_us);
            if duration_us > 0 && now_us >= duration_us {
                self.clock.set(duration_us - 1);
                self.clock.stop();
                // The last picture, should it have come late.
                self.ask();
            } else {
                let wait =
                    next_us.map_or(STARVED, |next_us| Duration::from_micros((next_us - now_us).max(0).unsigned_abs()));
                ctx.request_repaint_after(wait);
            }
            if fresh {
                self.on_screen = Some(source);
            }
        } else if let Some(shown_us) = reel.show_last(ctx) {
            self.on_screen = Some(source);
            if follow {
                self.clock.set(shown_us);
            }
        }
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Frame;
    use egui::epaint::ImageData;

    struct Black;

    impl Paint for Black {
        fn paint(&self, frame: &mut Frame) {
            let (y, u, v) = frame.planes_mut();
            y.fill(16);
            u.fill(128);
            v.fill(128);
        }
    }

    struct Desk {
        ctx: Context,
        player: Player,
        /// The brightest sample of the picture that was put on the graphics card last.
        brightest: Option<u8>,
    }

    impl Desk {
        fn with_clip() -> Self {
            let ctx = Context::default();
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/streams/bframes.mp4");
            let mut player = Player::default();
            player.set_source(&ctx, Shown::Clip, Some(&path));
            let mut desk = Self { ctx, player, brightest: None };
            desk.wait("a picture", |desk| desk.brightest.is_some_and(|brightest| brightest > 100));
            desk
        }

        fn wait(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
            let began = Instant::now();
            while !is_so(self) {
                assert!(began.elapsed() < Duration::from_mins(1), "{what} did not come");
                std::thread::sleep(Duration::from_millis(2));
                self.player.tick(&self.ctx);
                let mut delta = self.ctx.tex_manager().write().take_delta();
                if let Some((id, _)) = self.player.reel().and_then(Reel::picture)
                    && let Some(put) = delta.set.get(&id).and_then(|puts| puts.last())
                {
                    let ImageData::Color(image) = &put.image;
                    self.brightest = image.pixels.iter().map(egui::Color32::r).max();
                }
                delta.clear();
            }
        }
    }

    #[test]
    fn a_draft_is_the_clip_drawn_over_and_goes_with_what_draws_it() {
        let mut desk = Desk::with_clip();
        assert!(!desk.player.has_source(Shown::Draft));
        desk.player.show(Shown::Draft);
        assert_eq!(desk.player.shown(), Shown::Clip, "there is no draft yet");
        let black: Arc<dyn Paint> = Arc::new(Black);
        desk.player.set_paint(Some(Arc::clone(&black)));
        desk.player.show(Shown::Draft);
        assert!(desk.player.picture().is_some(), "the clip stays until the draft is there");
        desk.wait("the draft", |desk| desk.brightest == Some(0));
        desk.player.step(true);
        desk.wait("the next picture", |desk| desk.player.playhead_ms() > 0);
        assert_eq!(desk.brightest, Some(0), "steps show the draft too");
        desk.player.set_paint(None);
        assert_eq!(desk.player.shown(), Shown::Clip);
        desk.wait("the clip", |desk| desk.brightest.is_some_and(|brightest| brightest > 100));
    }

    #[test]
    fn another_paint_draws_the_same_moment_anew() {
        struct White;
        impl Paint for White {
            fn paint(&self, frame: &mut Frame) {
                frame.planes_mut().0.fill(235);
            }
        }
        let mut desk = Desk::with_clip();
        desk.player.set_paint(Some(Arc::new(Black)));
        desk.player.show(Shown::Draft);
        desk.player.seek(400_000);
        desk.wait("the draft", |desk| desk.brightest == Some(0));
        desk.player.set_paint(Some(Arc::new(White)));
        desk.wait("the other draft", |desk| desk.brightest.is_some_and(|brightest| brightest > 200));
        assert_eq!(desk.player.playhead_ms(), 400);
    }

    #[test]
    fn it_plays_to_the_end_and_stops_at_the_last_picture() {
        let mut desk = Desk::with_clip();
        let duration_us = desk.player.duration_us();
        desk.player.seek(duration_us - 200_000);
        desk.player.toggle();
        desk.wait("the end", |desk| !desk.player.is_playing());
        assert_eq!(desk.player.playhead_ms(), (duration_us - 1) / 1000);
        let last_us = duration_us - desk.player.frame_us();
        desk.wait("the last picture", |desk| {
            desk.player.reel().and_then(Reel::shown_us).is_some_and(|shown_us| shown_us >= last_us - 1000)
        });
    }
}
