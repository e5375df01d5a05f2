//! Faces of a clip: found, followed from their first frame to their last, each with a steady place in every frame.

mod detect;
mod follow;
mod luma;
mod pose;
mod preview;
mod settle;
mod template;
mod track;

pub use detect::{FaceDetector, SeetaDetector, Sighting};
pub use luma::{Luma, Pyramid};
pub use pose::Pose;
pub use track::{FaceTrack, TrackPoint};

use crate::media::Frame;

/// Finds and follows the faces of a clip whose frames are pushed one by one, in display order.
pub struct FaceFinder<'a> {
    follower: follow::Follower<'a>,
    factor: usize,
    frames: i64,
}

impl<'a> FaceFinder<'a> {
    /// A finder for one clip.
    #[must_use]
    pub fn new(detector: &'a mut dyn FaceDetector) -> Self {
        Self { follower: follow::Follower::new(detector), factor: 1, frames: 0 }
    }

    /// Takes the next frame.
    pub fn push(&mut self, frame: &Frame) {
        self.factor = Pyramid::factor_for(frame.width_px() as usize, frame.height_px() as usize);
        self.frames += 1;
        self.follower.push(frame);
    }

    /// The faces, by start and then from left to right; `end_us` is when the last frame ends.
    #[must_use]
    pub fn finish(self, end_us: i64) -> Vec<FaceTrack> {
        let (followed, mut ends_us) = self.follower.finish();
        // A frame ends where the next begins.
        ends_us.push(end_us.max(ends_us.last().copied().unwrap_or(0)));
        settle::settle(followed, self.factor, ends_us.get(1..).unwrap_or(&[]))
    }
}

impl std::fmt::Debug for FaceFinder<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FaceFinder").field("frames", &self.frames).finish_non_exhaustive()
    }
}
