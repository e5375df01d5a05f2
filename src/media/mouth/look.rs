//! The lower face, sampled upright on a fixed grid: the input of the fit, and the replacement for a talking mouth.

use crate::media::Frame;
use crate::media::faces::Pose;

/// Columns of the grid.
pub const COLUMNS: usize = 176;
/// Rows of the grid.
pub const ROWS: usize = 144;
/// Leftmost place, in face units.
pub const LEFT: f32 = -0.44;
/// Topmost place, in face units.
pub const TOP: f32 = 0.02;
/// Face units from one grid point to the next.
pub const STEP: f32 = 0.005;

/// Luma and chroma on the grid, row after row, values as in the frame (0 to 255).
#[derive(Debug, Clone)]
pub struct Look {
    /// Brightness.
    pub y: Vec<f32>,
    /// Blue difference.
    pub u: Vec<f32>,
    /// Red difference.
    pub v: Vec<f32>,
}

impl Look {
    /// A grid of zeros, to add to.
    #[must_use]
    pub fn empty() -> Self {
        let zeros = vec![0.0; COLUMNS * ROWS];
        Self { y: zeros.clone(), u: zeros.clone(), v: zeros }
    }

    /// The three planes, to read.
    #[must_use]
    pub fn planes(&self) -> [&Vec<f32>; 3] {
        [&self.y, &self.u, &self.v]
    }

    /// The three planes, to write.
    pub fn planes_mut(&mut self) -> [&mut Vec<f32>; 3] {
        [&mut self.y, &mut self.u, &mut self.v]
    }

    /// The lower face of one frame.
    #[must_use]
    pub fn of(frame: &Frame, pose: &Pose) -> Self {
        let mut look = Self::empty();
        look.add(frame, pose, 1.0);
        look
    }

    /// Adds a frame's lower face with a weight.
    pub fn add(&mut self, frame: &Frame, pose: &Pose, weight: f32) {
        let (luma, blue, red) = (Plane::luma(frame), Plane::blue(frame), Plane::red(frame));
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let (u, v) = place(row, column);
                let (x, y) = pose.at(u, v);
                let at = row * COLUMNS + column;
                self.y[at] += weight * luma.sample(x, y);
                // The chroma sample of H.264 is at the left of its two columns and between its two rows.
                let (cx, cy) = (x * 0.5, y * 0.5 - 0.25);
                self.u[at] += weight * blue.sample(cx, cy);
                self.v[at] += weight * red.sample(cx, cy);
            }
        }
    }
}

/// The face units of a grid point.
#[must_use]
pub fn place(row: usize, column: usize) -> (f32, f32) {
    (LEFT + column as f32 * STEP, TOP + row as f32 * STEP)
}

/// Values on the grid, each with its neighbours: noise is not evidence.
#[must_use]
pub fn blurred(values: &[f32]) -> Vec<f32> {
    let mut across = values.to_vec();
    for row in across.chunks_mut(COLUMNS) {
        let line = row.to_vec();
        for column in 0..COLUMNS {
            let (left, right) = (column.saturating_sub(1), (column + 1).min(COLUMNS - 1));
            row[column] = (line[left] + 2.0 * line[column] + line[right]) / 4.0;
        }
    }
    let mut down = across.clone();
    for row in 0..ROWS {
        let (above, below) = (row.saturating_sub(1), (row + 1).min(ROWS - 1));
        for column in 0..COLUMNS {
            down[row * COLUMNS + column] = (across[above * COLUMNS + column]
                + 2.0 * across[row * COLUMNS + column]
                + across[below * COLUMNS + column])
                / 4.0;
        }
    }
    down
}

/// One plane of a picture, to sample between its pixels.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    /// Row after row, without padding.
    pub data: &'a [u8],
    /// Width in samples.
    pub width_px: usize,
    /// Height in samples.
    pub height_px: usize,
}

impl<'a> Plane<'a> {
    /// The brightness of a frame.
    #[must_use]
    pub fn luma(frame: &'a Frame) -> Self {
        Self { data: frame.y(), width_px: frame.width_px() as usize, height_px: frame.height_px() as usize }
    }

    /// The blue difference of a frame.
    #[must_use]
    pub fn blue(frame: &'a Frame) -> Self {
        Self { data: frame.u(), width_px: frame.width_px() as usize / 2, height_px: frame.height_px() as usize / 2 }
    }

    /// The red difference of a frame.
    #[must_use]
    pub fn red(frame: &'a Frame) -> Self {
        Self { data: frame.v(), ..Self::blue(frame) }
    }

    /// The value between samples; beyond the edge the edge's own.
    #[must_use]
    #[inline]
    pub fn sample(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, self.width_px.saturating_sub(1) as f32);
        let y = y.clamp(0.0, self.height_px.saturating_sub(1) as f32);
        let (column, row) = (x as usize, y as usize);
        let (fx, fy) = (x - column as f32, y - row as f32);
        let right = (column + 1).min(self.width_px.saturating_sub(1));
        let below = (row + 1).min(self.height_px.saturating_sub(1));
        let (row, below) = (row * self.width_px, below * self.width_px);
        let value = |at: usize| f32::from(self.data.get(at).copied().unwrap_or(0));
        let upper = value(row + column) + (value(row + right) - value(row + column)) * fx;
        let lower = value(below + column) + (value(below + right) - value(below + column)) * fx;
        upper + (lower - upper) * fy
    }
}
