//! One picture of a clip: 8-bit planar YUV 4:2:0.

use std::sync::Arc;

use yuv::{YuvPlanarImage, YuvRange, YuvStandardMatrix};

use super::error::MediaError;

/// How the samples of a picture mean colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color {
    /// Which weights turn RGB into luma and chroma.
    pub matrix: ColorMatrix,
    /// Whether black and white are 0 and 255, not 16 and 235.
    pub full_range: bool,
    /// `colour_primaries` of the stream (ITU-T H.273); 2 where it says nothing.
    pub primaries: u8,
    /// `transfer_characteristics` of the stream; 2 where it says nothing.
    pub transfer: u8,
    /// `matrix_coefficients` of the stream as written; 2 where it says nothing.
    pub matrix_tag: u8,
}

/// The weights between RGB and YUV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColorMatrix {
    /// Standard definition.
    Bt601,
    /// High definition.
    Bt709,
    /// Ultra high definition.
    Bt2020,
}

/// `2` in all three tags of H.273: the stream says nothing.
pub const UNSPECIFIED: u8 = 2;

impl Color {
    /// The colours of a stream with these tags; where it does not name a matrix, the picture's height decides, as players do.
    #[must_use]
    pub fn from_tags(primaries: u8, transfer: u8, matrix_tag: u8, full_range: bool, height_px: u32) -> Self {
        let matrix = match matrix_tag {
            1 => ColorMatrix::Bt709,
            5..=7 => ColorMatrix::Bt601,
            9 | 10 => ColorMatrix::Bt2020,
            _ if height_px < 720 => ColorMatrix::Bt601,
            _ => ColorMatrix::Bt709,
        };
        Self { matrix, full_range, primaries, transfer, matrix_tag }
    }

    /// The colours of an untagged stream of this height.
    #[must_use]
    pub fn untagged(height_px: u32) -> Self {
        Self::from_tags(UNSPECIFIED, UNSPECIFIED, UNSPECIFIED, false, height_px)
    }
}

/// The three planes; chroma has half the width and half the height.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Planes {
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
}

/// One picture: 8-bit planar YUV 4:2:0, both sides even, rows without padding. Clones share their planes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    width_px: u32,
    height_px: u32,
    /// When it is shown, in microseconds from the first picture of the clip.
    pub pts_us: i64,
    /// What its samples mean.
    pub color: Color,
    planes: Arc<Planes>,
}

impl Frame {
    /// A picture of these planes: `y` is `width · height` bytes, `u` and `v` a quarter of that each.
    ///
    /// # Errors
    /// [`MediaError::Internal`] where a side is odd or zero, or a plane is not of that length.
    pub fn new(
        (width_px, height_px): (u32, u32),
        pts_us: i64,
        color: Color,
        (y, u, v): (Vec<u8>, Vec<u8>, Vec<u8>),
    ) -> Result<Self, MediaError> {
        let (width, height) = (width_px as usize, height_px as usize);
        let even = width > 0 && height > 0 && width.is_multiple_of(2) && height.is_multiple_of(2);
        let chroma = (width / 2).saturating_mul(height / 2);
        if !even || y.len() != width.saturating_mul(height) || u.len() != chroma || v.len() != chroma {
            let detail = format!("planes of {} + {} + {} bytes for {width}×{height}", y.len(), u.len(), v.len());
            return Err(MediaError::internal("building a picture", detail));
        }
        Ok(Self { width_px, height_px, pts_us, color, planes: Arc::new(Planes { y, u, v }) })
    }

    /// A picture of one colour; for tests and for what comes before the first picture. Odd sides are rounded up.
    #[must_use]
    pub fn filled(width_px: u32, height_px: u32, [y, u, v]: [u8; 3]) -> Self {
        let (width_px, height_px) = (width_px.max(2).next_multiple_of(2), height_px.max(2).next_multiple_of(2));
        let luma = width_px as usize * height_px as usize;
        Self {
            width_px,
            height_px,
            pts_us: 0,
            color: Color::untagged(height_px),
            planes: Arc::new(Planes { y: vec![y; luma], u: vec![u; luma / 4], v: vec![v; luma / 4] }),
        }
    }

    /// Width in pixels; even.
    #[must_use]
    pub const fn width_px(&self) -> u32 {
        self.width_px
    }

    /// Height in pixels; even.
    #[must_use]
    pub const fn height_px(&self) -> u32 {
        self.height_px
    }

    /// Luma, `width_px · height_px` bytes.
    #[must_use]
    pub fn y(&self) -> &[u8] {
        &self.planes.y
    }

    /// Blue difference, a quarter of the luma's length.
    #[must_use]
    pub fn u(&self) -> &[u8] {
        &self.planes.u
    }

    /// Red difference, a quarter of the luma's length.
    #[must_use]
    pub fn v(&self) -> &[u8] {
        &self.planes.v
    }

    /// Luma and both differences to paint in. Copies the planes first where another frame shares them.
    pub fn planes_mut(&mut self) -> (&mut [u8], &mut [u8], &mut [u8]) {
        let planes = Arc::make_mut(&mut self.planes);
        (&mut planes.y, &mut planes.u, &mut planes.v)
    }

    /// The picture as RGBA, `4 · width_px · height_px` bytes, opaque.
    ///
    /// # Errors
    /// [`MediaError::Internal`]: the converter refused the planes.
    pub fn to_rgba(&self) -> Result<Vec<u8>, MediaError> {
        let mut rgba = vec![0; self.planes.y.len() * 4];
        self.write_rgba(&mut rgba)?;
        Ok(rgba)
    }

    /// Like [`Frame::to_rgba`], into a buffer of exactly `4 · width_px · height_px` bytes that is used again.
    ///
    /// # Errors
    /// [`MediaError::Internal`]: the buffer has another length.
    pub fn write_rgba(&self, rgba: &mut [u8]) -> Result<(), MediaError> {
        const STAGE: &str = "turning a picture into RGB";
        if rgba.len() != self.planes.y.len() * 4 {
            return Err(MediaError::internal(STAGE, format!("a buffer of {} bytes", rgba.len())));
        }
        let image = YuvPlanarImage {
            y_plane: &self.planes.y,
            y_stride: self.width_px,
            u_plane: &self.planes.u,
            u_stride: self.width_px / 2,
            v_plane: &self.planes.v,
            v_stride: self.width_px / 2,
            width: self.width_px,
            height: self.height_px,
        };
        let range = if self.color.full_range { YuvRange::Full } else { YuvRange::Limited };
        let matrix = match self.color.matrix {
            ColorMatrix::Bt601 => YuvStandardMatrix::Bt601,
            ColorMatrix::Bt709 => YuvStandardMatrix::Bt709,
            ColorMatrix::Bt2020 => YuvStandardMatrix::Bt2020,
        };
        yuv::yuv420_to_rgba(&image, rgba, self.width_px * 4, range, matrix)
            .map_err(|err| MediaError::internal(STAGE, err.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_of_a_wrong_length_or_odd_sides_are_refused() {
        let color = Color::untagged(4);
        let planes = |y: usize, c: usize| (vec![0; y], vec![0; c], vec![0; c]);
        assert!(Frame::new((4, 4), 0, color, planes(16, 4)).is_ok());
        for (size, lens) in [((4, 4), (16, 3)), ((4, 4), (15, 4)), ((3, 4), (12, 2)), ((0, 4), (0, 0))] {
            assert!(Frame::new(size, 0, color, planes(lens.0, lens.1)).is_err(), "{size:?}");
        }
    }

    #[test]
    fn black_white_and_red_come_out_as_such() {
        let rgba = |yuv| Frame::filled(4, 4, yuv).to_rgba().unwrap()[..4].to_vec();
        assert_eq!(rgba([16, 128, 128]), [0, 0, 0, 255]);
        assert_eq!(rgba([235, 128, 128]), [255, 255, 255, 255]);
        let red = rgba([81, 90, 240]);
        assert!(red[0] > 250 && red[1] < 5 && red[2] < 5, "{red:?}");
        let mut full = Frame::filled(4, 4, [255, 128, 128]);
        full.color.full_range = true;
        assert_eq!(full.to_rgba().unwrap()[..4], [255, 255, 255, 255]);
    }

    #[test]
    fn painting_in_a_clone_leaves_the_first_alone() {
        let first = Frame::filled(4, 4, [16, 128, 128]);
        let mut second = first.clone();
        second.planes_mut().0[0] = 200;
        assert_eq!((first.y()[0], second.y()[0]), (16, 200));
    }

    #[test]
    fn an_untagged_stream_gets_its_matrix_by_height() {
        assert_eq!(Color::untagged(480).matrix, ColorMatrix::Bt601);
        assert_eq!(Color::untagged(720).matrix, ColorMatrix::Bt709);
        assert_eq!(Color::from_tags(9, 16, 9, false, 480).matrix, ColorMatrix::Bt2020);
    }
}
