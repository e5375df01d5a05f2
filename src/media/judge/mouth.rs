//! The mouth in the pictures of a face: how far it is open, and how much it moves.

use super::cells::{COLUMNS, MOUTH_ROW, ROWS, place};
use super::signal::quantile;
use super::watch::Seen;
use crate::media::mouth::MouthFit;
use crate::media::mouth::follow::MouthTrack;

/// Pictures that are further apart than this are not compared, in milliseconds.
const GAP_MS: f64 = 120.0;
/// Detail that anything has, as the square of the difference of two neighbouring cells.
const LEAST_DETAIL: f32 = 9.0;

/// Parts of a face, as cells of its grid.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    /// The lips and what is between them, also when the mouth is open.
    pub mouth: Vec<usize>,
    /// Beside the nose, where a face moves least when it speaks.
    pub cheeks: Vec<usize>,
    /// Around the mouth, without what moves with the lips, and without the chin.
    pub around: Vec<usize>,
}

impl Parts {
    /// The parts around a mouth.
    pub(super) fn of(fit: &MouthFit) -> Self {
        let cells = |first_row: usize, wanted: &dyn Fn(f32, f32) -> bool| {
            (first_row * COLUMNS..ROWS * COLUMNS)
                .filter(|&at| {
                    let (u, v) = place(at);
                    wanted(u, v)
                })
                .collect()
        };
        let below = |u: f32, v: f32| v - fit.corner_line(u);
        Self {
            mouth: cells(MOUTH_ROW, &|u, v| {
                fit.across(u).abs() < 0.9 && (-0.06..0.2).contains(&(below(u, v) - fit.sag))
            }),
            cheeks: cells(1, &|u, v| (0.2..0.33).contains(&u.abs()) && (-0.02..0.18).contains(&v)),
            around: cells(1, &|u, v| {
                let (du, dv) = ((u - fit.u) / fit.half_width, (below(u, v) - 0.04) / 0.15);
                (1.42..2.0).contains(&du.hypot(dv)) && below(u, v) < 0.08
            }),
        }
    }
}

/// How far the mouth is open in each picture, as its follower measures it: 0 is the 5th percentile, 1 the 95th.
pub(super) fn openings(mouth: &MouthTrack) -> Vec<f32> {
    let opened = || mouth.samples.iter().map(|sample| sample.opening);
    let at = |share: f32| quantile(opened(), share).unwrap_or(0.0);
    let (least, most) = (at(0.05), at(0.95));
    let range = (most - least).max(1e-4);
    opened().map(|value| ((value - least) / range).clamp(-0.2, 1.2)).collect()
}

/// How much mouth and cheeks moved from one picture to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Motion {
    /// When the later one is shown, in milliseconds.
    pub at_ms: f64,
    /// Mean squared change of the luma of the mouth's cells, over the mean square of their difference from the cell to the left and
    /// the one above: by how many cells it moved, squared.
    pub mouth: f32,
    /// The same of the cheeks' cells.
    pub cheeks: f32,
}

/// The motion between each two pictures of the result that follow each other.
pub(super) fn motions(pictures: &[Seen], parts: &Parts) -> Vec<Motion> {
    let detail = |cells: &[usize]| {
        let square = |luma: &[u8], at: usize, other: usize| (f32::from(luma[at]) - f32::from(luma[other])).powi(2);
        let sum: f32 = pictures
            .iter()
            .step_by(4)
            .flat_map(|seen| cells.iter().map(|&at| (&seen.result.luma, at)))
            .map(|(luma, at)| f32::midpoint(square(luma, at, at - 1), square(luma, at, at - COLUMNS)))
            .sum();
        let count = pictures.len().div_ceil(4) * cells.len();
        (sum / count.max(1) as f32).max(LEAST_DETAIL)
    };
    let (of_mouth, of_cheeks) = (detail(&parts.mouth), detail(&parts.cheeks));
    let change = |cells: &[usize], one: &Seen, two: &Seen| {
        let square = |&at: &usize| (f32::from(one.result.luma[at]) - f32::from(two.result.luma[at])).powi(2);
        cells.iter().map(square).sum::<f32>() / cells.len().max(1) as f32
    };
    pictures
        .iter()
        .zip(pictures.iter().skip(1))
        .filter(|(one, two)| two.at_ms - one.at_ms <= GAP_MS)
        .map(|(one, two)| Motion {
            at_ms: two.at_ms,
            mouth: change(&parts.mouth, one, two) / of_mouth,
            cheeks: change(&parts.cheeks, one, two) / of_cheeks,
        })
        .collect()
}
