//! Faces laid exactly over each other: by what lies between brow and nostrils, and never by the mouth.
//!
//! Inverse-compositional Lucas–Kanade with six parameters, since a head that turns is foreshortened. Samples that do not
//! fit (a blink, a strand of hair, a hand) count little.

use super::affine::Affine;
use super::crop::{Crop, STEP};

/// Every second sample of the crop is enough: faces are smooth.
const STRIDE: f32 = 2.0 * STEP;
/// How strongly foreshortening is doubted, so that a blurred face is not bent.
const DOUBT: f32 = 0.4;

/// The upper face that others are laid over.
#[derive(Debug, Clone)]
pub struct Reference {
    places: Vec<(f32, f32)>,
    /// Mean 0, deviation 1.
    values: Vec<f32>,
    descent: Vec<[f32; 6]>,
    /// Deviation and mean of its brightness.
    pub light: (f32, f32),
}

/// Where a face lies against the reference.
#[derive(Debug, Clone, Copy)]
pub struct Laid {
    /// From the reference's face units to those of the crop.
    pub map: Affine,
    /// Correlation with the reference, at most 1.
    pub correlation: f32,
    /// Deviation and mean of the upper face's brightness.
    pub light: (f32, f32),
}

fn places() -> Vec<(f32, f32)> {
    let mut places = Vec::new();
    let (columns, rows) = ((0.80 / STRIDE) as usize, (0.52 / STRIDE) as usize);
    for row in 0..rows {
        for column in 0..columns {
            let (u, v) = (-0.40 + column as f32 * STRIDE, -0.34 + row as f32 * STRIDE);
            // Cheeks beside the nose rise when a mouth smiles or opens.
            let nose = u.abs() < 0.15 && v < 0.17;
            let eyes = v < 0.06 && (u / 0.42).powi(2) + ((v + 0.12) / 0.30).powi(2) < 1.0;
            if nose || eyes {
                places.push((u, v));
            }
        }
    }
    places
}

impl Reference {
    /// The mean of several crops, each laid by its map; none of a flat face.
    #[must_use]
    pub fn of(crops: &[(&Crop, Affine)]) -> Option<Self> {
        let places = places();
        let mean = |u: f32, v: f32| {
            let sum: f32 = crops
                .iter()
                .map(|(crop, map)| {
                    let (x, y) = map.at(u, v);
                    crop.luma(x, y)
                })
                .sum();
            sum / crops.len().max(1) as f32
        };
        let mut values: Vec<f32> = places.iter().map(|&(u, v)| mean(u, v)).collect();
        let (average, deviation) = normalise(&mut values)?;
        let descent = places
            .iter()
            .map(|&(u, v)| {
                let gu = (mean(u + STEP, v) - mean(u - STEP, v)) / (2.0 * STEP * deviation);
                let gv = (mean(u, v + STEP) - mean(u, v - STEP)) / (2.0 * STEP * deviation);
                [gu * u, gu * v, gu, gv * u, gv * v, gv]
            })
            .collect();
        Some(Self { places, values, descent, light: (deviation, average) })
    }

    /// Lays a crop over the reference, starting from `guess`.
    #[must_use]
    pub fn lay(&self, crop: &Crop, guess: Affine) -> Laid {
        let mut map = guess;
        let mut best = Laid { map: guess, correlation: -1.0, light: (1.0, 0.0) };
        let mut seen = vec![0.0; self.values.len()];
        let count = self.values.len() as f32;
        for _ in 0..12 {
            for (value, &(u, v)) in seen.iter_mut().zip(&self.places) {
                let (x, y) = map.at(u, v);
                *value = crop.luma(x, y);
            }
            let Some((mean, deviation)) = normalise(&mut seen) else { break };
            let correlation = seen.iter().zip(&self.values).map(|(a, b)| a * b).sum::<f32>() / count;
            if correlation > best.correlation {
                best = Laid { map, correlation, light: (deviation, mean) };
            }
            let (mut hessian, mut gradient) = ([[0.0_f32; 6]; 6], [0.0_f32; 6]);
            for ((value, expected), steepest) in seen.iter().zip(&self.values).zip(&self.descent) {
                let err = value - expected;
                let weight = 1.0 / (1.0 + (err / 0.6).powi(2));
                for row in 0..6 {
                    let part = weight * steepest[row];
                    gradient[row] += part * err;
                    for column in row..6 {
                        hessian[row][column] += part * steepest[column];
                    }
                }
            }
            // It is symmetric.
            let above = hessian;
            for (row, values) in hessian.iter_mut().enumerate() {
                for (column, value) in values.iter_mut().enumerate().take(row) {
                    *value = above[column][row];
                }
            }
            let away = [map.0[0] - map.0[4], map.0[1] + map.0[3]];
            for (at, bent) in [(0, away[0]), (4, -away[0]), (1, away[1]), (3, away[1])] {
                hessian[at][at] += DOUBT * count * 0.02;
                gradient[at] += DOUBT * count * 0.02 * bent * 0.5;
            }
            let Some(delta) = solve(hessian, gradient) else { break };
            if delta.iter().any(|part| part.abs() > 0.3) {
                break;
            }
            let step = Affine([1.0 + delta[0], delta[1], delta[2], delta[3], 1.0 + delta[4], delta[5]]);
            map = map.after(&step.inverted());
            let (a, b) = (map.scale(), map.0[2].hypot(map.0[5]));
            if !(0.6..1.6).contains(&a) || b > 0.4 || map.turn_apart(&Affine::IDENTITY) > 0.8 {
                break;
            }
            if delta.iter().map(|part| part.abs()).sum::<f32>() < 0.001 {
                break;
            }
        }
        best
    }
}

/// Mean and deviation, which are taken out; none of what is flat.
fn normalise(values: &mut [f32]) -> Option<(f32, f32)> {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt();
    if deviation < 3.0 {
        return None;
    }
    for value in values {
        *value = (*value - mean) / deviation;
    }
    Some((mean, deviation))
}

/// Gauss' elimination with pivots.
#[allow(clippy::needless_range_loop)] // Rows and columns of matrices.
fn solve(mut matrix: [[f32; 6]; 6], mut right: [f32; 6]) -> Option<[f32; 6]> {
    for pivot in 0..6 {
        let best = (pivot..6).max_by(|&a, &b| matrix[a][pivot].abs().total_cmp(&matrix[b][pivot].abs()))?;
        matrix.swap(pivot, best);
        right.swap(pivot, best);
        if matrix[pivot][pivot].abs() < 1e-6 {
            return None;
        }
        for row in pivot + 1..6 {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            for column in pivot..6 {
                matrix[row][column] -= factor * matrix[pivot][column];
            }
            right[row] -= factor * right[pivot];
        }
    }
    let mut out = [0.0; 6];
    for row in (0..6).rev() {
        let known: f32 = (row + 1..6).map(|column| matrix[row][column] * out[column]).sum();
        out[row] = (right[row] - known) / matrix[row][row];
    }
    Some(out)
}
