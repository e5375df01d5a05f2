//! Pixels on their way to the screen.

use crate::media::{Frame, MediaError};

/// An opaque picture: rows from top to bottom, four bytes (red, green, blue, alpha) a pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct PixelImage {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// `4 · width_px · height_px` bytes.
    pub rgba: Vec<u8>,
}

impl PixelImage {
    /// The pixels of a frame.
    ///
    /// # Errors
    /// As [`Frame::to_rgba`].
    pub fn of(frame: &Frame) -> Result<Self, MediaError> {
        Ok(Self { width_px: frame.width_px(), height_px: frame.height_px(), rgba: frame.to_rgba()? })
    }
}

impl std::fmt::Debug for PixelImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PixelImage({} × {} px)", self.width_px, self.height_px)
    }
}
