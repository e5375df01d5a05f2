//! A template of a face between brow and nose, and the alignment that finds it again in the next frame.
//!
//! Inverse-compositional Lucas–Kanade over similarity transforms: position, size and roll come out together, to a few hundredths of
//! a pixel. The mouth is left out on purpose: it moves, and it is what a result changes.

use super::luma::Pyramid;
use super::pose::Pose;

const COLUMNS: usize = 40;
const ROWS: usize = 28;
const LEFT: f32 = -0.40;
const TOP: f32 = -0.34;
const STEP: f32 = 0.02;
const COUNT: usize = COLUMNS * ROWS;

/// The pixels of a face in one frame.
#[derive(Debug, Clone)]
pub struct Template {
    /// Normalised to mean 0 and deviation 1.
    values: Vec<f32>,
    /// For each sample the four steepest-descent values: scale, roll, across, down.
    descent: Vec<[f32; 4]>,
    inverse_hessian: [[f32; 4]; 4],
    /// Where the face was.
    pub pose: Pose,
}

/// The result of an alignment.
#[derive(Debug, Clone, Copy)]
pub struct Match {
    /// Where the face is now.
    pub pose: Pose,
    /// Correlation with the template, at most 1.
    pub correlation: f32,
}

impl Template {
    /// A template of the face at `pose`; none of a flat or tiny patch.
    #[must_use]
    pub fn take(pyramid: &Pyramid, pose: Pose) -> Option<Self> {
        let mut values = vec![0.0; COUNT];
        sample_grid(pyramid, pose, &mut values);
        normalise(&mut values)?;
        let mut descent = Vec::with_capacity(COUNT);
        let mut hessian = [[0.0_f32; 4]; 4];
        for row in 0..ROWS {
            for column in 0..COLUMNS {
                let at = |r: usize, c: usize| values[r * COLUMNS + c];
                let (left, right) = (column.saturating_sub(1), (column + 1).min(COLUMNS - 1));
                let (above, below) = (row.saturating_sub(1), (row + 1).min(ROWS - 1));
                let gu = (at(row, right) - at(row, left)) / ((right - left) as f32 * STEP);
                let gv = (at(below, column) - at(above, column)) / ((below - above) as f32 * STEP);
                let (u, v) = grid_point(row, column);
                let steepest = [gu * u + gv * v, gv * u - gu * v, gu, gv];
                for (line, &left_value) in hessian.iter_mut().zip(&steepest) {
                    for (cell, &right_value) in line.iter_mut().zip(&steepest) {
                        *cell += left_value * right_value;
                    }
                }
                descent.push(steepest);
            }
        }
        let inverse_hessian = invert(hessian)?;
        Some(Self { values, descent, inverse_hessian, pose })
    }

    /// Finds the face near `guess`.
    #[must_use]
    pub fn find(&self, pyramid: &Pyramid, guess: Pose) -> Match {
        let near = self.align(pyramid, guess);
        if near.correlation >= 0.85 {
            return near;
        }
        let searched = self.align(pyramid, self.search(pyramid, guess));
        if searched.correlation > near.correlation { searched } else { near }
    }

    fn align(&self, pyramid: &Pyramid, guess: Pose) -> Match {
        let mut pose = guess;
        let mut best = Match { pose: guess, correlation: -1.0 };
        let mut seen = vec![0.0; COUNT];
        for _ in 0..24 {
            sample_grid(pyramid, pose, &mut seen);
            if normalise(&mut seen).is_none() {
                break;
            }
            let mut gradient = [0.0_f32; 4];
            let mut product = 0.0;
            for ((value, expected), steepest) in seen.iter().zip(&self.values).zip(&self.descent) {
                product += value * expected;
                let err = value - expected;
                for (sum, part) in gradient.iter_mut().zip(steepest) {
                    *sum += part * err;
                }
            }
            let correlation = product / COUNT as f32;
            if correlation > best.correlation {
                best = Match { pose, correlation };
            }
            let delta = self.inverse_hessian.map(|line| line.iter().zip(&gradient).map(|(a, b)| a * b).sum::<f32>());
            let [a, b, tu, tv] = delta;
            if !(a.abs() < 0.3 && b.abs() < 0.3 && tu.abs() < 0.5 && tv.abs() < 0.5) {
                break;
            }
            pose = pose.undo(a, b, tu, tv);
            if !(pose.size > self.pose.size * 0.4 && pose.size < self.pose.size * 2.5) {
                break;
            }
            let moved = pose.size * (tu.abs() + tv.abs() + 0.4 * (a.abs() + b.abs()));
            if moved < 0.01 {
                break;
            }
        }
        best
    }

    /// A coarse search around `guess`, for motion that is too fast for the alignment alone.
    fn search(&self, pyramid: &Pyramid, guess: Pose) -> Pose {
        let (luma, scale) = pyramid.level_for(guess.size * STEP * 4.0);
        let points: Vec<(f32, f32, f32)> = (0..ROWS)
            .step_by(3)
            .flat_map(|row| (0..COLUMNS).step_by(3).map(move |column| (row, column)))
            .map(|(row, column)| {
                let (u, v) = grid_point(row, column);
                (u, v, self.values[row * COLUMNS + column])
            })
            .collect();
        let mut best = (guess, -1.0_f32);
        for row in -8_i32..=8 {
            for column in -8_i32..=8 {
                let (x, y) = guess.at(column as f32 * 0.05, row as f32 * 0.05);
                let pose = Pose { cx: x, cy: y, ..guess };
                let (mut sum, mut squares, mut product, mut expected_sum, mut expected_squares) =
                    (0.0, 0.0, 0.0, 0.0, 0.0);
                for &(u, v, expected) in &points {
                    let (px, py) = pose.at(u, v);
                    let value = luma.sample(px * scale, py * scale);
                    sum += value;
                    squares += value * value;
                    product += value * expected;
                    expected_sum += expected;
                    expected_squares += expected * expected;
                }
                let count = points.len() as f32;
                let variance = (squares - sum * sum / count) * (expected_squares - expected_sum * expected_sum / count);
                let correlation = (product - sum * expected_sum / count) / variance.max(1e-6).sqrt();
                if correlation > best.1 {
                    best = (pose, correlation);
                }
            }
        }
        best.0
    }
}

/// The angle, in rad, by which a face must be rotated further so that its halves mirror each other best, with the
/// correlation of the halves. A detector gives no roll; the face's own symmetry does.
#[must_use]
pub fn symmetry_roll(pyramid: &Pyramid, pose: Pose) -> (f32, f32) {
    let (luma, scale) = pyramid.level_for(pose.size * 0.04);
    let score = |angle: f32, shift: f32| {
        let rotated = Pose { roll: pose.roll + angle, ..pose };
        let (mut sum, mut squares, mut product, mut count) = (0.0_f32, 0.0_f32, 0.0_f32, 0.0_f32);
        for row in 0..16 {
            let v = -0.26 + 0.045 * row as f32;
            for column in 0..10 {
                let u = 0.03 + 0.04 * column as f32;
                let (lx, ly) = rotated.at(shift - u, v);
                let (rx, ry) = rotated.at(shift + u, v);
                let (left, right) = (luma.sample(lx * scale, ly * scale), luma.sample(rx * scale, ry * scale));
                sum += left + right;
                squares += left * left + right * right;
                product += left * right;
                count += 1.0;
            }
        }
        let mean = sum / (2.0 * count);
        (product / count - mean * mean) / (squares / (2.0 * count) - mean * mean).max(1e-3)
    };
    let mut best = (0.0_f32, -1.0_f32);
    for step in -15_i32..=15 {
        let angle = (step as f32 * 2.0).to_radians();
        for side in -3_i32..=3 {
            // A face leaning far is rare, and a pattern may look symmetric by chance.
            let value = score(angle, side as f32 * 0.025) - 0.3 * angle * angle;
            if value > best.1 {
                best = (angle, value);
            }
        }
    }
    best
}

fn grid_point(row: usize, column: usize) -> (f32, f32) {
    (LEFT + (column as f32 + 0.5) * STEP, TOP + (row as f32 + 0.5) * STEP)
}

fn sample_grid(pyramid: &Pyramid, pose: Pose, into: &mut [f32]) {
    let (luma, scale) = pyramid.level_for(pose.size * STEP);
    // Level n's pixel centre is at (x + 0.5)·scale - 0.5.
    let shift = 0.5 * scale - 0.5;
    let (sin, cos) = pose.roll.sin_cos();
    let step = pose.size * STEP * scale;
    for (row, line) in into.chunks_mut(COLUMNS).enumerate() {
        let (u, v) = grid_point(row, 0);
        let (x, y) = pose.at(u, v);
        let (mut x, mut y) = (x * scale + shift, y * scale + shift);
        for value in line {
            *value = luma.sample(x, y);
            x += step * cos;
            y += step * sin;
        }
    }
}

fn normalise(values: &mut [f32]) -> Option<()> {
    let count = values.len() as f32;
    let mean = values.iter().sum::<f32>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f32>() / count;
    let deviation = variance.sqrt();
    if deviation < 3.0 {
        return None;
    }
    for value in values {
        *value = (*value - mean) / deviation;
    }
    Some(())
}

fn invert(matrix: [[f32; 4]; 4]) -> Option<[[f32; 4]; 4]> {
    let mut left = matrix.map(|line| line.map(f64::from));
    let mut right = [[0.0_f64; 4]; 4];
    for (index, line) in right.iter_mut().enumerate() {
        line[index] = 1.0;
    }
    for pivot in 0..4 {
        let best = (pivot..4).max_by(|&a, &b| left[a][pivot].abs().total_cmp(&left[b][pivot].abs()))?;
        left.swap(pivot, best);
        right.swap(pivot, best);
        let divisor = left[pivot][pivot];
        if divisor.abs() < 1e-9 {
            return None;
        }
        for column in 0..4 {
            left[pivot][column] /= divisor;
            right[pivot][column] /= divisor;
        }
        for row in 0..4 {
            if row != pivot {
                let factor = left[row][pivot];
                for column in 0..4 {
                    left[row][column] -= factor * left[pivot][column];
                    right[row][column] -= factor * right[pivot][column];
                }
            }
        }
    }
    Some(right.map(|line| line.map(|value| value as f32)))
}
