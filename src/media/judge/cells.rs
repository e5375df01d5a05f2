//! A face held still: each picture's face on one small grid, whatever its place, size and lean in the picture.

use crate::media::faces::Pose;
use crate::media::frame::Frame;
use crate::media::mouth::look::Plane;

/// Columns of the grid.
pub(super) const COLUMNS: usize = 58;
/// Rows of the grid.
pub(super) const ROWS: usize = 72;
/// Rows above this show the eyes and the nose, those below the mouth.
pub(super) const MOUTH_ROW: usize = 28;
/// Leftmost and topmost cell, in face units.
const LEFT: f32 = -0.36;
const TOP: f32 = -0.28;
/// From one cell to the next, in face units.
const STEP: f32 = 0.0125;
/// Each cell is the mean of four samples, so far from its middle, in face units.
const SPREAD: f32 = 0.003;

/// The middle of a cell, in face units.
pub(super) fn place(at: usize) -> (f32, f32) {
    (LEFT + (at % COLUMNS) as f32 * STEP, TOP + (at / COLUMNS) as f32 * STEP)
}

/// One face in one picture.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    /// Brightness, row after row.
    pub luma: Vec<u8>,
    /// How red it is, from [`MOUTH_ROW`] down; 128 is grey. Empty where it was not asked for.
    pub red: Vec<u8>,
}

impl Cells {
    /// The face of a picture.
    pub(super) fn of(frame: &Frame, pose: &Pose, with_red: bool) -> Self {
        let (luma, blue, red) = (Plane::luma(frame), Plane::blue(frame), Plane::red(frame));
        let cell = |at: usize| {
            let (u, v) = place(at);
            let sum: f32 = [(-SPREAD, -SPREAD), (SPREAD, -SPREAD), (-SPREAD, SPREAD), (SPREAD, SPREAD)]
                .into_iter()
                .map(|(du, dv)| {
                    let (x, y) = pose.at(u + du, v + dv);
                    luma.sample(x, y)
                })
                .sum();
            (sum / 4.0 + 0.5) as u8
        };
        let redness = |at: usize| {
            let (u, v) = place(at);
            let (x, y) = pose.at(u, v);
            // The chroma sample of H.264 is at the left of its two columns and between its two rows.
            let (x, y) = (x * 0.5, y * 0.5 - 0.25);
            let value = (red.sample(x, y) - 128.0) - 0.5 * (blue.sample(x, y) - 128.0);
            (value + 128.5).clamp(0.0, 255.0) as u8
        };
        let first_red = if with_red { MOUTH_ROW * COLUMNS } else { ROWS * COLUMNS };
        Self { luma: (0..ROWS * COLUMNS).map(cell).collect(), red: (first_red..ROWS * COLUMNS).map(redness).collect() }
    }

    /// How red a cell is.
    pub(super) fn redness(&self, at: usize) -> f32 {
        let red = at.checked_sub(MOUTH_ROW * COLUMNS).and_then(|at| self.red.get(at)).copied();
        f32::from(red.unwrap_or(128)) - 128.0
    }
}
