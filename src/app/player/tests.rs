//! The player without a window: a context, and ticks.

use std::time::Instant;

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

#[test]
fn a_draft_that_is_drawn_slowly_leaves_pictures_out_instead_of_falling_behind() {
    struct Slow;
    impl Paint for Slow {
        fn paint(&self, _: &mut Frame) {
            std::thread::sleep(Duration::from_millis(120));
        }
    }
    let mut desk = Desk::with_clip();
    desk.player.set_paint(Some(Arc::new(Slow)));
    desk.player.show(Shown::Draft);
    desk.player.play_from(0);
    let mut shown = vec![0];
    while desk.player.is_playing() {
        std::thread::sleep(Duration::from_millis(2));
        desk.player.tick(&desk.ctx);
        desk.ctx.tex_manager().write().take_delta().clear();
        shown.extend(desk.player.shown_us().filter(|shown_us| shown.last() != Some(shown_us)));
    }
    // Drawn one by one each would come a frame after the one before, later and later.
    let widest_us = shown.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
    assert!(widest_us >= 2 * desk.player.frame_us(), "{shown:?}");
}
