//! How well a face can be seen: how sharp it is, and how far the head is turned away.

use serde::{Deserialize, Serialize};

use super::pose::Pose;
use crate::media::Frame;

/// Samples to one side of a face's box: about what the services' own mouths are made at.
const FACE_SAMPLES: f32 = 128.0;
/// The part of the face that is looked at, in face units from its centre: brow to mouth.
const HALF_WIDTH: f32 = 0.36;
const TOP: f32 = -0.32;
const BOTTOM: f32 = 0.40;
/// Furthest that the middle of the features is looked for from the middle of the box, in face units.
const ASIDE: f32 = 0.20;

/// What one view of a face is worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ViewQuality {
    /// Presentation time of the frame, in µs.
    pub pts_us: i64,
    /// Fine detail against contrast: about 0.2 for a sharp face, 0.05 for one that is clearly blurred.
    pub sharpness: f32,
    /// From 0, the face is seen from the front, to 1, it is not: by how much its halves do not mirror each other, and how far eyes and nose are off the
    /// middle of the head.
    pub turn: f32,
    /// How far to the right of the middle of the head eyes and nose are, from -1 to 1: a head that turns carries them to one side.
    #[serde(default)]
    pub side: f32,
    /// How far the lips are apart, in widths of the mouth; `None` where nobody looked.
    #[serde(default)]
    pub parted: Option<f32>,
}

/// How far the lips of the face at a pose are apart in a frame, in widths of the mouth.
pub type Lips = fn(&Frame, &Pose) -> f32;

impl ViewQuality {
    /// Looks at the face at `pose`, in pixels of the clip.
    #[must_use]
    pub fn of(frame: &Frame, pose: &Pose, lips: Option<Lips>) -> Self {
        let grid = Grid::sample(frame, pose);
        let (turn, side) = grid.turn();
        let parted = lips.map(|lips| lips(frame, pose));
        Self { pts_us: frame.pts_us, sharpness: grid.sharpness(), turn, side, parted }
    }
}

/// The brightness of a face, upright, with [`FACE_SAMPLES`] to its side.
struct Grid {
    columns: usize,
    rows: usize,
    values: Vec<f32>,
}

impl Grid {
    fn sample(frame: &Frame, pose: &Pose) -> Self {
        let (width, height) = (frame.width_px() as usize, frame.height_px() as usize);
        let columns = (2.0 * (HALF_WIDTH + ASIDE) * FACE_SAMPLES) as usize | 1;
        let rows = ((BOTTOM - TOP) * FACE_SAMPLES) as usize;
        let middle = (columns / 2) as f32;
        // A large face is averaged, not thinned out: thinned, noise would count as detail.
        let taps = (pose.size / FACE_SAMPLES).round().clamp(1.0, 4.0) as usize;
        let pixel = |x: f32, y: f32| {
            let (x, y) = (x.max(0.0) as usize, y.max(0.0) as usize);
            frame
                .y()
                .get(y.min(height.saturating_sub(1)) * width + x.min(width.saturating_sub(1)))
                .copied()
                .unwrap_or(0)
        };
        let between = |x: f32, y: f32| {
            let (fx, fy) = (x - x.floor(), y - y.floor());
            let mix = |a: u8, b: u8, part: f32| f32::from(a) + (f32::from(b) - f32::from(a)) * part;
            let (upper, lower) =
                (mix(pixel(x, y), pixel(x + 1.0, y), fx), mix(pixel(x, y + 1.0), pixel(x + 1.0, y + 1.0), fx));
            upper + (lower - upper) * fy
        };
        let mut values = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let mut total = 0.0;
                for tap in 0..taps * taps {
                    let off = |tap: usize| ((tap as f32 + 0.5) / taps as f32 - 0.5) / FACE_SAMPLES;
                    let u = (column as f32 - middle) / FACE_SAMPLES + off(tap % taps);
                    let v = TOP + row as f32 / FACE_SAMPLES + off(tap / taps);
                    let (x, y) = pose.at(u, v);
                    total += between(x, y);
                }
                values.push(total / (taps * taps) as f32);
            }
        }
        Self { columns, rows, values }
    }

    fn at(&self, column: usize, row: usize) -> f32 {
        self.values.get(row * self.columns + column).copied().unwrap_or(0.0)
    }

    /// Mean difference of a sample from the mean of those two to each side, against the deviation of all.
    fn sharpness(&self) -> f32 {
        let edge = (ASIDE * FACE_SAMPLES) as usize;
        let (mut detail, mut sum, mut squares, mut count) = (0.0_f32, 0.0_f32, 0.0_f32, 1e-6_f32);
        for row in 2..self.rows - 2 {
            for column in edge..self.columns - edge {
                let value = self.at(column, row);
                let around = self.at(column - 2, row)
                    + self.at(column + 2, row)
                    + self.at(column, row - 2)
                    + self.at(column, row + 2);
                detail += (value - around / 4.0).abs();
                sum += value;
                squares += value * value;
                count += 1.0;
            }
        }
        let deviation = (squares / count - (sum / count).powi(2)).max(1.0).sqrt();
        detail / count / deviation
    }

    /// How far the head is turned away, and to which side. The features are the steps of brightness downwards, whatever side the light is
    /// on: brows, eyes, nostrils, lips are all level.
    fn turn(&self) -> (f32, f32) {
        let step = |column: usize, row: usize| {
            let mean = |row: usize| (self.at(column - 2, row) + self.at(column, row) + self.at(column + 2, row)) / 3.0;
            mean(row + 3) - mean(row - 3)
        };
        let (middle, aside) = ((self.columns / 2) as i32, (ASIDE * FACE_SAMPLES) as i32 - 2);
        let reach = (HALF_WIDTH * FACE_SAMPLES) as i32 - 2;
        let mut best = (0_i32, -1.0_f32);
        for shift in (-aside..=aside).step_by(2) {
            let (mut product, mut left_squares, mut right_squares) = (0.0_f32, 1e-3_f32, 1e-3_f32);
            for row in (3..self.rows - 3).step_by(2) {
                for across in (2..=reach).step_by(2) {
                    let left = step((middle + shift - across) as usize, row);
                    let right = step((middle + shift + across) as usize, row);
                    product += left * right;
                    left_squares += left * left;
                    right_squares += right * right;
                }
            }
            let mirrored = product / (left_squares * right_squares).sqrt();
            if mirrored > best.1 {
                best = (shift, mirrored);
            }
        }
        let side = best.0 as f32 / FACE_SAMPLES / ASIDE;
        ((0.6 * (1.0 - best.1.max(0.0)) + 0.6 * side.abs()).min(1.0), side)
    }
}
