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
}

impl Cells {
    /// The face of a picture.
    pub(super) fn of(frame: &Frame, pose: &Pose) -> Self {
        let luma = Plane::luma(frame);
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
        Self { luma: (0..ROWS * COLUMNS).map(cell).collect() }
    }
}
