//! The film strip's pictures: decoded on a worker as far as they are in view, kept on the graphics card within a budget.
//!
//! Each picture is kept by the moment it stands for. Those moments are multiples of a step that doubles with each zoom, so a
//! picture fits every zoom from the one it was made for on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use egui::{Context, TextureHandle, TextureId, TextureOptions};

use crate::app::state::textures::opaque;
use crate::app::wake::wake;
pub use crate::playback::filmstrip::slots::{coarser, slots_us, step_us};
use crate::playback::filmstrip::worker::{Answer, Order, Worker};

/// As many bytes of pictures lie on the graphics card at most.
pub const BUDGET_BYTES: usize = 12 * 1024 * 1024;
/// A picture takes no more than so much: wider ones are made smaller.
const LARGEST_BYTES: usize = 128 * 1024;
/// No more pictures are wanted at a time: so many always fit.
pub const MOST: usize = BUDGET_BYTES / LARGEST_BYTES;

/// What is in view of the strip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// The moments, in microseconds, in the order in which they are wanted; no more than [`MOST`].
    pub at_us: Vec<i64>,
    /// How far apart they are, in microseconds.
    pub step_us: i64,
    /// How high the pictures are to be, in pixels.
    pub height_px: u32,
}

struct Picture {
    texture: TextureHandle,
    bytes: usize,
    /// For which height it was made, in pixels.
    height_px: u32,
    /// How long before its moment what it shows is shown, in microseconds.
    off_us: i64,
    /// Whether a nearer one cannot be had.
    is_exact: bool,
    /// When it was last in view.
    seen: u64,
}

struct Reel {
    path: PathBuf,
    worker: Worker,
    failure: Option<String>,
}

/// The pictures of the clip at hand.
#[derive(Default)]
pub struct Film {
    reel: Option<Reel>,
    want: Want,
    /// Counts what was wanted; the number of the order at hand.
    turn: u64,
    pictures: BTreeMap<i64, Picture>,
    bytes: usize,
}

impl Film {
    /// Gives the clip; `None` takes it away. Answers whether it is another than before: then what was decoded of that one is let
    /// go of, and what was being decoded is given up.
    pub fn set_clip(&mut self, ctx: &Context, path: Option<&Path>) -> bool {
        if self.reel.as_ref().map(|reel| reel.path.as_path()) == path {
            return false;
        }
        self.clear();
        self.want = Want::default();
        self.reel = path.map(|path| Reel {
            path: path.to_owned(),
            worker: Worker::spawn(wake(ctx), path.to_owned()),
            failure: None,
        });
        true
    }

    /// Whether there is a clip whose pictures can be had.
    #[must_use]
    pub fn has_clip(&self) -> bool {
        self.reel.as_ref().is_some_and(|reel| reel.failure.is_none())
    }

    /// Why the pictures of the clip at hand cannot be had.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.reel.as_ref().and_then(|reel| reel.failure.as_deref())
    }

    /// What was wanted last.
    #[must_use]
    pub const fn wanted(&self) -> &Want {
        &self.want
    }

    /// How much lies on the graphics card, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many pictures there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.pictures.len()
    }

    /// Says what is in view: what is missing of it is decoded, and nothing else. What was made for another height is shown until
    /// its successor is there.
    pub fn want(&mut self, want: Want) {
        debug_assert!(want.at_us.len() <= MOST, "{} pictures", want.at_us.len());
        self.turn += 1;
        for at_us in &want.at_us {
            if let Some(picture) = self.pictures.get_mut(at_us) {
                picture.seen = self.turn;
            }
        }
        let near_enough = |picture: &Picture| {
            picture.height_px == want.height_px && (picture.is_exact || picture.off_us <= want.step_us / 2)
        };
        let missing: Vec<i64> =
            want.at_us.iter().copied().filter(|at_us| !self.pictures.get(at_us).is_some_and(near_enough)).collect();
        if let Some(reel) = &self.reel {
            reel.worker.order(Order {
                turn: self.turn,
                at_us: missing,
                near_us: want.step_us / 2,
                height_px: want.height_px,
                most_bytes: LARGEST_BYTES,
            });
        }
        self.want = want;
    }

    /// Takes in what was decoded.
    pub fn tick(&mut self, ctx: &Context) {
        let Some(reel) = &mut self.reel else { return };
        let mut thumbs = Vec::new();
        while let Some(answer) = reel.worker.answer() {
            match answer {
                Answer::Thumb(thumb) => thumbs.push(thumb),
                Answer::Failed(why) => {
                    tracing::debug!(why, "no film strip");
                    reel.failure = Some(why);
                }
            }
        }
        for thumb in thumbs {
            // Of an earlier order, and out of view by now: stale.
            if thumb.turn != self.turn && !self.want.at_us.contains(&thumb.at_us) {
                continue;
            }
            // One from farther off does not take the place of one that is only of another height: the nearer one is on its way.
            let is_near = thumb.is_exact || thumb.off_us <= self.want.step_us / 2;
            let is_better = |old: &Picture| old.off_us < thumb.off_us;
            if !is_near && self.pictures.get(&thumb.at_us).is_some_and(is_better) {
                continue;
            }
            let bytes = thumb.image.rgba.len();
            let height_px = thumb.height_px;
            let texture =
                ctx.load_texture(format!("film {}", thumb.at_us), opaque(&thumb.image), TextureOptions::LINEAR);
            let (off_us, is_exact) = (thumb.off_us, thumb.is_exact);
            let picture = Picture { texture, bytes, height_px, off_us, is_exact, seen: self.turn };
            self.bytes += bytes;
            if let Some(old) = self.pictures.insert(thumb.at_us, picture) {
                self.bytes -= old.bytes;
            }
        }
        self.keep_to_budget();
    }

    /// The picture of a moment: its own, or until that is there the nearest one before it, no further than `reach_us`.
    #[must_use]
    pub fn picture(&self, at_us: i64, reach_us: i64) -> Option<TextureId> {
        let (_, picture) = self.pictures.range(at_us.saturating_sub(reach_us)..=at_us).next_back()?;
        Some(picture.texture.id())
    }

    /// Lets go of those that were in view the longest ago. What is in view always fits: see [`MOST`].
    fn keep_to_budget(&mut self) {
        while self.bytes > BUDGET_BYTES {
            let oldest = self.pictures.iter().min_by_key(|(_, picture)| picture.seen).map(|(at_us, _)| *at_us);
            let Some(gone) = oldest.and_then(|at_us| self.pictures.remove(&at_us)) else { return };
            self.bytes -= gone.bytes;
        }
    }

    fn clear(&mut self) {
        self.pictures.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4");

    fn want(range: std::ops::Range<i64>, step_us: i64, height_px: u32) -> Want {
        Want { at_us: range.map(|slot| slot * step_us).collect(), step_us, height_px }
    }

    fn tick_until(film: &mut Film, ctx: &Context, what: &str, is_so: impl Fn(&Film) -> bool) {
        let began = Instant::now();
        while !is_so(film) {
            assert!(began.elapsed() < Duration::from_mins(2), "{what} did not come about");
            std::thread::sleep(Duration::from_millis(2));
            film.tick(ctx);
            assert!(film.bytes() <= BUDGET_BYTES, "{} bytes", film.bytes());
        }
    }

    fn exact(film: &Film) -> usize {
        let good = |picture: &&Picture| picture.is_exact || picture.off_us <= film.want.step_us / 2;
        film.pictures.values().filter(good).count()
    }

    #[test]
    fn only_what_is_in_view_is_decoded_and_a_new_clip_drops_the_old() {
        let ctx = Context::default();
        let mut film = Film::default();
        assert!(film.set_clip(&ctx, Some(Path::new(CLIP))));
        assert!(!film.set_clip(&ctx, Some(Path::new(CLIP))), "the same clip goes on");
        film.want(want(2..6, 640_000, 48));
        tick_until(&mut film, &ctx, "four pictures", |film| exact(film) == 4);
        assert_eq!(film.pictures.keys().copied().collect::<Vec<_>>(), [1_280_000, 1_920_000, 2_560_000, 3_200_000]);
        assert!(film.picture(1_280_000, 0).is_some() && film.picture(1_300_000, 0).is_none());
        assert!(film.picture(1_300_000, 640_000).is_some(), "until its own is there");
        // Half the step: every other picture is there already.
        film.want(want(4..12, 320_000, 48));
        tick_until(&mut film, &ctx, "eight pictures", |film| exact(film) == 8);
        assert!(film.set_clip(&ctx, None) && film.count() == 0 && film.bytes() == 0 && !film.has_clip());
    }

    #[test]
    fn the_budget_holds_and_what_is_in_view_stays() {
        let ctx = Context::default();
        let mut film = Film::default();
        film.set_clip(&ctx, Some(Path::new(CLIP)));
        // 96 px high: 64 kB each. Far more than the budget is looked at, a screenful at a time.
        for screen in 0..9 {
            let in_view = want(screen * 25..(screen + 1) * 25, 40_000, 96);
            film.want(in_view.clone());
            tick_until(&mut film, &ctx, "a screenful", |film| {
                in_view.at_us.iter().all(|at_us| film.pictures.get(at_us).is_some_and(|picture| picture.is_exact))
            });
        }
        assert!(film.count() >= 150, "{} pictures", film.count());
        assert!(film.picture(0, 0).is_none(), "the first screenful made room");
        assert!(film.picture(8 * 25 * 40_000, 0).is_some());
    }

    #[test]
    fn what_was_made_for_another_height_stays_until_its_successor_is_there() {
        let ctx = Context::default();
        let mut film = Film::default();
        film.set_clip(&ctx, Some(Path::new(CLIP)));
        film.want(want(0..6, 640_000, 48));
        tick_until(&mut film, &ctx, "six pictures", |film| exact(film) == 6);
        let of_height =
            |film: &Film, height_px| film.pictures.values().filter(|picture| picture.height_px == height_px).count();
        film.want(want(0..6, 640_000, 96));
        assert_eq!((film.count(), of_height(&film, 48)), (6, 6), "nothing is blank");
        let offs = |film: &Film| film.pictures.values().map(|picture| picture.off_us).collect::<Vec<_>>();
        let before = offs(&film);
        tick_until(&mut film, &ctx, "the larger ones", |film| {
            assert!(
                offs(film).iter().zip(&before).all(|(now, then)| now <= then || *now <= 320_000),
                "none gets worse"
            );
            film.count() == 6 && of_height(film, 96) == 6 && exact(film) == 6
        });
    }

    #[test]
    fn a_file_without_pictures_says_so() {
        let ctx = Context::default();
        let mut film = Film::default();
        film.set_clip(&ctx, Some(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))));
        tick_until(&mut film, &ctx, "the failure", |film| !film.has_clip());
    }
}
