//! A clip, read picture by picture in the order in which it is shown.

mod lookup;
mod reader;
mod rotation;
mod stream;
mod timing;

pub use reader::ClipReader;
pub use stream::ClipStream;
pub use timing::FrameTiming;

use super::frame::Color;

/// What a reader knows of its clip before the first picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipInfo {
    /// Width as shown, after rotation; even.
    pub width_px: u32,
    /// Height as shown, after rotation; even.
    pub height_px: u32,
    /// Number and spacing of its pictures.
    pub timing: FrameTiming,
    /// When its last picture ends, in microseconds.
    pub duration_us: i64,
    /// What its samples mean.
    pub color: Color,
}
