//! Writing results.

mod aac;
mod h264;
mod mp4;

pub(in crate::media) use mp4::CopiedSample;
pub use mp4::{Mp4Writer, Written};

use super::clip::ClipInfo;
use super::frame::Color;

/// What the pictures of a clip to be written are like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VideoFormat {
    /// Width in pixels; even.
    pub width_px: u32,
    /// Height in pixels; even.
    pub height_px: u32,
    /// Mean rate, for the bit rate and the spacing of starting points; the times of the frames are kept as they are.
    pub fps: f64,
    /// How many pictures are to come, about: room for the index is left at the front for so many.
    pub frames: usize,
    /// What their samples mean.
    pub color: Color,
}

impl From<ClipInfo> for VideoFormat {
    fn from(info: ClipInfo) -> Self {
        Self {
            width_px: info.width_px,
            height_px: info.height_px,
            fps: info.timing.fps,
            frames: info.timing.frames,
            color: info.color,
        }
    }
}
