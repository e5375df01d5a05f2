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
    times_us: (Option<i64>, i64),
    frames: i64,
}

impl<'a> FaceFinder<'a> {
    /// A finder for one clip.
    #[must_use]
    pub fn new(detector: &'a mut dyn FaceDetector) -> Self {
        Self { follower: follow::Follower::new(detector), factor: 1, times_us: (None, 0), frames: 0 }
    }

    /// Takes the next frame.
    pub fn push(&mut self, frame: &Frame) {
        self.factor = Pyramid::factor_for(frame.width_px() as usize, frame.height_px() as usize);
        self.times_us.0.get_or_insert(frame.pts_us);
        self.times_us.1 = frame.pts_us;
        self.frames += 1;
        self.follower.push(frame);
    }

    /// The faces, by start and then from left to right.
    #[must_use]
    pub fn finish(self) -> Vec<FaceTrack> {
        let length_us = self.times_us.1 - self.times_us.0.unwrap_or(0);
        let frame_us = if self.frames > 1 { length_us / (self.frames - 1) } else { 40_000 };
        settle::settle(self.follower.finish(), self.factor, frame_us)
    }
}

impl std::fmt::Debug for FaceFinder<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FaceFinder").field("frames", &self.frames).finish_non_exhaustive()
    }
}
