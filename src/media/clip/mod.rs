//! A clip, read picture by picture in the order in which it is shown.

mod lookup;
mod pace;
mod reader;
mod rotation;
mod stream;

pub use pace::Pace;
pub use reader::ClipReader;
pub use stream::ClipStream;

use super::frame::Color;

/// What a reader knows of its clip before the first picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClipInfo {
    /// Width as shown, after rotation; even.
    pub width_px: u32,
    /// Height as shown, after rotation; even.
    pub height_px: u32,
    /// How its pictures follow each other.
    pub pace: Pace,
    /// When its last picture ends, in microseconds.
    pub duration_us: i64,
    /// What its samples mean.
    pub color: Color,
}
