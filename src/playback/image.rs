//! Pixels on their way to the screen.

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

impl std::fmt::Debug for PixelImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PixelImage({} × {} px)", self.width_px, self.height_px)
    }
}
