//! The filmstrip: thumbnails along a clip, decoded on a worker as far as they are in view, kept within a budget.
//!
//! Each thumbnail is kept by the moment it stands for. Those moments are multiples of a step that doubles with each zoom, so a
//! thumbnail fits every zoom from the one it was made for on. What a thumbnail is kept as is the window's matter: a texture.

mod slots;
mod worker;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::slots::{coarser, slots_us, step_us};
use self::worker::{StripRequest, StripWorker, Thumbnail};
use super::image::PixelImage;
use crate::worker::{Wake, no_wake};

/// All thumbnails take no more than this.
pub const BUDGET_BYTES: usize = 12 * 1024 * 1024;
/// A thumbnail takes no more than this: wider ones are made smaller.
const LARGEST_BYTES: usize = 128 * 1024;
/// No more thumbnails are requested at a time: so many always fit.
pub const MOST: usize = BUDGET_BYTES / LARGEST_BYTES;

/// What is in view of the strip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StripView {
    /// The moments, in microseconds, in the order in which they are wanted; no more than [`MOST`].
    pub at_us: Vec<i64>,
    /// How far apart they are, in microseconds.
    pub step_us: i64,
    /// How high the thumbnails are to be, in pixels.
    pub height_px: u32,
}

struct Kept<T> {
    texture: T,
    bytes: usize,
    /// For which height it was made, in pixels.
    height_px: u32,
    /// How long before its moment what it shows is shown, in microseconds.
    off_us: i64,
    /// Whether a nearer one cannot be had.
    is_exact: bool,
    /// The view it was last in.
    seen: u64,
}

struct OpenClip {
    path: PathBuf,
    /// `None`: the system gave no thread.
    worker: Option<StripWorker>,
    failure: Option<String>,
}

/// The thumbnails of the current clip, each kept as a `T`.
pub struct Filmstrip<T> {
    wake: Wake,
    clip: Option<OpenClip>,
    view: StripView,
    /// Counts the views.
    views: u64,
    thumbnails: BTreeMap<i64, Kept<T>>,
    bytes: usize,
}

impl<T> Default for Filmstrip<T> {
    fn default() -> Self {
        Self::new(no_wake())
    }
}

impl<T> Filmstrip<T> {
    /// A strip without a clip. `wake` is called when a thumbnail came.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        Self { wake, clip: None, view: StripView::default(), views: 0, thumbnails: BTreeMap::new(), bytes: 0 }
    }

    /// Sets the clip; `None` takes it away. Returns whether it is another than before: then the thumbnails of that one are dropped, and
    /// what was being decoded is given up.
    pub fn set_clip(&mut self, path: Option<&Path>) -> bool {
        if self.clip.as_ref().map(|clip| clip.path.as_path()) == path {
            return false;
        }
        self.thumbnails.clear();
        self.bytes = 0;
        self.view = StripView::default();
        self.clip = path.map(|path| {
            let (worker, failure) = match worker::spawn(path, Arc::clone(&self.wake)) {
                Ok(worker) => (Some(worker), None),
                Err(err) => (None, Some(format!("no thread could be started: {err}"))),
            };
            OpenClip { path: path.to_owned(), worker, failure }
        });
        true
    }

    /// Whether there is a clip whose thumbnails can be had.
    #[must_use]
    pub fn has_clip(&self) -> bool {
        self.clip.as_ref().is_some_and(|clip| clip.failure.is_none())
    }

    /// Why the thumbnails of the clip cannot be had.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.clip.as_ref().and_then(|clip| clip.failure.as_deref())
    }

    /// What was said to be in view last.
    #[must_use]
    pub const fn view(&self) -> &StripView {
        &self.view
    }

    /// How much all thumbnails take, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many thumbnails there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.thumbnails.len()
    }

    /// Sets what is in view: what is missing of it is decoded, and nothing else. What was made for another height is shown until its
    /// successor is there.
    pub fn set_view(&mut self, view: StripView) {
        debug_assert!(view.at_us.len() <= MOST, "{} thumbnails", view.at_us.len());
        self.views += 1;
        for at_us in &view.at_us {
            if let Some(kept) = self.thumbnails.get_mut(at_us) {
                kept.seen = self.views;
            }
        }
        let near_enough =
            |kept: &Kept<T>| kept.height_px == view.height_px && (kept.is_exact || kept.off_us <= view.step_us / 2);
        let missing: Vec<i64> =
            view.at_us.iter().copied().filter(|at_us| !self.thumbnails.get(at_us).is_some_and(near_enough)).collect();
        if let Some(worker) = self.clip.as_mut().and_then(|clip| clip.worker.as_mut()) {
            worker.order(StripRequest {
                at_us: missing,
                near_us: view.step_us / 2,
                height_px: view.height_px,
                most_bytes: LARGEST_BYTES,
            });
        }
        self.view = view;
    }

    /// Receives what was decoded; `keep` makes of a moment's pixels what is kept.
    pub fn tick(&mut self, mut keep: impl FnMut(i64, PixelImage) -> T) {
        let Some(clip) = &mut self.clip else { return };
        let mut received = Vec::new();
        while let Some(worker) = &mut clip.worker {
            // A thumbnail of an earlier view is one of this clip all the same.
            match worker.receive_any() {
                Ok(None) => break,
                Ok(Some(Ok(thumbnail))) => {
                    clip.failure = None;
                    received.push(thumbnail);
                }
                Ok(Some(Err(why))) => clip.failure = Some(why),
                Err(died) => clip.failure = Some(died.to_string()),
            }
        }
        for thumbnail in received {
            self.keep(thumbnail, &mut keep);
        }
        self.keep_to_budget();
    }

    fn keep(&mut self, thumbnail: Thumbnail, keep: &mut impl FnMut(i64, PixelImage) -> T) {
        let Thumbnail { at_us, height_px, off_us, is_exact, image } = thumbnail;
        // Of an earlier view, and out of view by now.
        if !self.view.at_us.contains(&at_us) {
            return;
        }
        // One from farther off does not take the place of one that is only of another height: the nearer one is on its way.
        let is_near = is_exact || off_us <= self.view.step_us / 2;
        if !is_near && self.thumbnails.get(&at_us).is_some_and(|old| old.off_us < off_us) {
            return;
        }
        let bytes = image.rgba.len();
        let kept = Kept { texture: keep(at_us, image), bytes, height_px, off_us, is_exact, seen: self.views };
        self.bytes += bytes;
        if let Some(old) = self.thumbnails.insert(at_us, kept) {
            self.bytes -= old.bytes;
        }
    }

    /// The thumbnail of a moment: its own, or until that is there the nearest one before it, no further than `reach_us`.
    #[must_use]
    pub fn thumbnail(&self, at_us: i64, reach_us: i64) -> Option<&T> {
        let (_, kept) = self.thumbnails.range(at_us.saturating_sub(reach_us)..=at_us).next_back()?;
        Some(&kept.texture)
    }

    /// Drops those that were in view the longest ago. What is in view always fits: see [`MOST`].
    fn keep_to_budget(&mut self) {
        while self.bytes > BUDGET_BYTES {
            let oldest = self.thumbnails.iter().min_by_key(|(_, kept)| kept.seen).map(|(at_us, _)| *at_us);
            let Some(gone) = oldest.and_then(|at_us| self.thumbnails.remove(&at_us)) else { return };
            self.bytes -= gone.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4");

    fn view(range: std::ops::Range<i64>, step_us: i64, height_px: u32) -> StripView {
        StripView { at_us: range.map(|slot| slot * step_us).collect(), step_us, height_px }
    }

    fn tick_until(strip: &mut Filmstrip<usize>, what: &str, is_so: impl Fn(&Filmstrip<usize>) -> bool) {
        let began = Instant::now();
        while !is_so(strip) {
            assert!(began.elapsed() < Duration::from_mins(2), "{what} did not come about");
            std::thread::sleep(Duration::from_millis(2));
            strip.tick(|_, image| image.rgba.len());
            assert!(strip.bytes() <= BUDGET_BYTES, "{} bytes", strip.bytes());
        }
    }

    fn exact(strip: &Filmstrip<usize>) -> usize {
        let good = |picture: &&Kept<usize>| picture.is_exact || picture.off_us <= strip.view.step_us / 2;
        strip.thumbnails.values().filter(good).count()
    }

    #[test]
    fn only_what_is_in_view_is_decoded_and_a_new_clip_drops_the_old() {
        let mut strip = Filmstrip::default();
        assert!(strip.set_clip(Some(Path::new(CLIP))));
        assert!(!strip.set_clip(Some(Path::new(CLIP))), "the same clip goes on");
        strip.set_view(view(2..6, 640_000, 48));
        tick_until(&mut strip, "four pictures", |strip| exact(strip) == 4);
        assert_eq!(strip.thumbnails.keys().copied().collect::<Vec<_>>(), [1_280_000, 1_920_000, 2_560_000, 3_200_000]);
        assert!(strip.thumbnail(1_280_000, 0).is_some() && strip.thumbnail(1_300_000, 0).is_none());
        assert!(strip.thumbnail(1_300_000, 640_000).is_some(), "until its own is there");
        // Half the step: every other picture is there already.
        strip.set_view(view(4..12, 320_000, 48));
        tick_until(&mut strip, "eight pictures", |strip| exact(strip) == 8);
        assert!(strip.set_clip(None) && strip.count() == 0 && strip.bytes() == 0 && !strip.has_clip());
    }

    #[test]
    fn the_budget_holds_and_what_is_in_view_stays() {
        let mut strip = Filmstrip::default();
        strip.set_clip(Some(Path::new(CLIP)));
        // 96 px high: 64 kB each. Far more than the budget is looked at, a screenful at a time.
        for screen in 0..9 {
            let in_view = view(screen * 25..(screen + 1) * 25, 40_000, 96);
            strip.set_view(in_view.clone());
            tick_until(&mut strip, "a screenful", |strip| {
                in_view.at_us.iter().all(|at_us| strip.thumbnails.get(at_us).is_some_and(|picture| picture.is_exact))
            });
        }
        assert!(strip.count() >= 150, "{} pictures", strip.count());
        assert!(strip.thumbnail(0, 0).is_none(), "the first screenful made room");
        assert!(strip.thumbnail(8 * 25 * 40_000, 0).is_some());
    }

    #[test]
    fn what_was_made_for_another_height_stays_until_its_successor_is_there() {
        let mut strip = Filmstrip::default();
        strip.set_clip(Some(Path::new(CLIP)));
        strip.set_view(view(0..6, 640_000, 48));
        tick_until(&mut strip, "six pictures", |strip| exact(strip) == 6);
        let of_height = |strip: &Filmstrip<usize>, height_px| {
            strip.thumbnails.values().filter(|picture| picture.height_px == height_px).count()
        };
        strip.set_view(view(0..6, 640_000, 96));
        assert_eq!((strip.count(), of_height(&strip, 48)), (6, 6), "nothing is blank");
        let offs =
            |strip: &Filmstrip<usize>| strip.thumbnails.values().map(|picture| picture.off_us).collect::<Vec<_>>();
        let before = offs(&strip);
        tick_until(&mut strip, "the larger ones", |strip| {
            assert!(
                offs(strip).iter().zip(&before).all(|(now, then)| now <= then || *now <= 320_000),
                "none gets worse"
            );
            strip.count() == 6 && of_height(strip, 96) == 6 && exact(strip) == 6
        });
    }

    #[test]
    fn a_worker_that_died_says_so() {
        use crate::worker::Desk;
        let mut strip = Filmstrip::default();
        strip.set_clip(Some(Path::new(CLIP)));
        let unlucky = StripWorker::spawn("filmstrip", 1, no_wake(), || {
            |_, _: &Desk<'_, StripRequest, worker::StripAnswer>| panic!("injected")
        });
        strip.clip.as_mut().unwrap().worker = Some(unlucky.unwrap());
        strip.set_view(view(0..2, 640_000, 48));
        tick_until(&mut strip, "the failure", |strip| !strip.has_clip());
        let why = strip.failure().unwrap();
        assert!(why.contains("filmstrip") && why.contains("injected"), "{why}");
    }

    #[test]
    fn a_file_without_pictures_says_so() {
        let mut strip = Filmstrip::default();
        strip.set_clip(Some(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))));
        strip.set_view(view(0..2, 640_000, 48));
        tick_until(&mut strip, "the failure", |strip| !strip.has_clip());
    }
}
