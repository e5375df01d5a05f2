//! Faces of a clip: found, tracked from their first frame to their last, each with a smooth position in every frame.

mod appearance;
mod detect;
mod linking;
mod luma;
mod nearby;
mod pose;
mod preview;
mod quality;
mod smoothing;
mod template;
mod track;
mod tracked;
mod tracker;

pub use detect::{FaceDetector, SeetaDetector, Sighting};
pub use luma::{Luma, Pyramid};
pub use pose::Pose;
pub use quality::{Lips, ViewQuality};
pub use track::{FaceTrack, TrackPoint};

use crate::media::Frame;

/// Finds and tracks the faces of a clip whose frames are pushed one by one, in display order.
pub struct FaceFinder<'a> {
    tracker: tracker::Tracker<'a>,
    factor: usize,
    frames: i64,
}

impl<'a> FaceFinder<'a> {
    /// A finder for one clip.
    #[must_use]
    pub fn new(detector: &'a mut dyn FaceDetector) -> Self {
        Self { tracker: tracker::Tracker::new(detector), factor: 1, frames: 0 }
    }

    /// The same, and where a face is looked at, so are its lips.
    #[must_use]
    pub fn watching(mut self, lips: Lips) -> Self {
        self.tracker.lips = Some(lips);
        self
    }

    /// Searches the next frame.
    pub fn push(&mut self, frame: &Frame) {
        self.factor = Pyramid::factor_for(frame.width_px() as usize, frame.height_px() as usize);
        self.frames += 1;
        self.tracker.push(frame);
    }

    /// When the first frame after each cut so far is shown, in µs.
    #[must_use]
    pub fn cuts_us(&self) -> Vec<i64> {
        self.tracker.cuts_us()
    }

    /// The faces, by start and then from left to right; `end_us` is when the last frame ends.
    #[must_use]
    pub fn finish(self, end_us: i64) -> Vec<FaceTrack> {
        let (tracked, mut ends_us) = self.tracker.finish();
        // A frame ends where the next begins.
        ends_us.push(end_us.max(ends_us.last().copied().unwrap_or(0)));
        smoothing::smooth(tracked, self.factor, ends_us.get(1..).unwrap_or(&[]))
    }
}

impl std::fmt::Debug for FaceFinder<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FaceFinder").field("frames", &self.frames).finish_non_exhaustive()
    }
}
