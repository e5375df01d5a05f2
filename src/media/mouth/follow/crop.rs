//! A whole face, cut out upright in one size whatever its size in the picture: what stabilising and measuring work on.

use crate::media::Frame;
use crate::media::mouth::look::Plane;

use super::affine::Affine;

/// Columns of a crop.
pub const COLUMNS: usize = 96;
/// Rows of a crop.
pub const ROWS: usize = 118;
/// Face units from one sample to the next.
pub const STEP: f32 = 1.0 / 96.0;
/// Leftmost place, in face units.
pub const LEFT: f32 = -0.495;
/// Topmost place, in face units.
pub const TOP: f32 = -0.44;

/// Luma and, at half the size, both differences.
#[derive(Debug, Clone)]
pub struct Crop {
    luma: Vec<u8>,
    blue: Vec<u8>,
    red: Vec<u8>,
    /// Whether all of it lies in the picture.
    pub whole: bool,
}

impl Crop {
    /// Cuts the face at `place` (from face units to pixels) out of a frame.
    #[must_use]
    pub fn cut(frame: &Frame, place: &Affine) -> Self {
        let (luma, blue, red) = (Plane::luma(frame), Plane::blue(frame), Plane::red(frame));
        // As many samples a cell as it has pixels: fewer would shimmer.
        let fine = ((place.scale() * STEP / 2.2).ceil() as usize).clamp(1, 4);
        let cut = |plane: &Plane<'_>, (columns, rows): (usize, usize), cell: f32, pixel_px: f32, shift: f32| {
            let share = 1.0 / (fine * fine) as f32;
            let mut out = Vec::with_capacity(columns * rows);
            for row in 0..rows {
                for column in 0..columns {
                    let mut sum = 0.0;
                    for sub in 0..fine * fine {
                        let (a, b) = ((sub % fine) as f32 + 0.5, (sub / fine) as f32 + 0.5);
                        let u = LEFT + (column as f32 + a / fine as f32) * cell;
                        let v = TOP + (row as f32 + b / fine as f32) * cell;
                        let (x, y) = place.at(u, v);
                        sum += plane.sample(x / pixel_px, (y - shift) / pixel_px);
                    }
                    out.push((sum * share + 0.5) as u8);
                }
            }
            out
        };
        let (width, height) = (frame.width_px() as f32, frame.height_px() as f32);
        let whole = [(-0.36, -0.3), (0.36, -0.3), (-0.3, 0.6), (0.3, 0.6)].iter().all(|&(u, v)| {
            let (x, y) = place.at(u, v);
            (0.0..width).contains(&x) && (0.0..height).contains(&y)
        });
        Self {
            luma: cut(&luma, (COLUMNS, ROWS), STEP, 1.0, 0.0),
            blue: cut(&blue, (COLUMNS / 2, ROWS / 2), 2.0 * STEP, 2.0, 0.5),
            red: cut(&red, (COLUMNS / 2, ROWS / 2), 2.0 * STEP, 2.0, 0.5),
            whole,
        }
    }

    /// Brightness at a place in face units.
    #[must_use]
    #[inline]
    pub fn luma(&self, u: f32, v: f32) -> f32 {
        read(&self.luma, COLUMNS, ROWS, (u - LEFT) / STEP - 0.5, (v - TOP) / STEP - 0.5)
    }

    /// Blue and red difference at a place in face units.
    #[must_use]
    #[inline]
    pub fn chroma(&self, u: f32, v: f32) -> (f32, f32) {
        let (x, y) = ((u - LEFT) / (2.0 * STEP) - 0.5, (v - TOP) / (2.0 * STEP) - 0.5);
        (read(&self.blue, COLUMNS / 2, ROWS / 2, x, y), read(&self.red, COLUMNS / 2, ROWS / 2, x, y))
    }

    /// How much redder than grey a place is, independent of blue make-up and light: `Cr - Cb / 2`.
    #[must_use]
    #[inline]
    pub fn redness(&self, u: f32, v: f32) -> f32 {
        let (blue, red) = self.chroma(u, v);
        (red - 128.0) - 0.5 * (blue - 128.0)
    }
}

#[inline]
fn read(data: &[u8], width: usize, height: usize, x: f32, y: f32) -> f32 {
    Plane { data, width_px: width, height_px: height }.sample(x, y)
}
