//! Where the jaw of a frame is, against that of a lower face that is drawn over it.
//!
//! Lips that close over a jaw that was open, or the other way round, would leave two chins: the frame's own contour beside the patch and below
//! it, and the drawn one inside. So the drawn chin is carried to where the frame's is, and the skin between it and the lips stretches.

use crate::media::Frame;
use crate::media::mouth::follow::Affine;
use crate::media::mouth::look::Plane;

use super::blend::{Patch, smooth};
use super::closeup::Closeup;

/// Columns and rows of what is compared.
const CELLS: (usize, usize) = (17, 20);
/// How many of them a chin is looked for aside and down.
const REACH: (usize, usize) = (3, 12);
/// Face units from one to the next.
const STEP: (f32, f32) = (0.018, 0.009);
/// Where the rows begin, above the chin's edge at rest, in face units.
const ABOVE: f32 = 0.065;
/// How much a chin at the end of the reach is doubted.
const DOUBT: f32 = 0.10;
/// A chin that fits less than the first, as a correlation, is not found; more than the second, it is for certain.
const FITS: (f32, f32) = (0.78, 0.87);
/// No jaw moves further than the first, in face units; what seems to have moved by the second is another thing.
const MOVES: (f32, f32) = (0.075, 0.1);
/// How much of the skin below the lips a stretch may take at most: more would smear it.
const STRETCH: f32 = 0.65;
/// How far below them that begins, in face units.
const BELOW_LIPS: f32 = 0.03;
/// The least height over which it is stretched, in face units.
const SKIN: f32 = 0.05;

/// How far the jaw of a frame is from that of a closeup, in face units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Jaw {
    across: f32,
    down: f32,
    /// From the line between the lips, where skin begins to stretch, and where it is carried along wholly.
    from: f32,
    to: f32,
}

impl Jaw {
    /// Looks for the chin of a frame in a closeup, whose lips end at `lips` below the line between them.
    pub(super) fn between(frame: &Frame, place: &Affine, closeup: &Closeup, patch: &Patch, lips: f32) -> Self {
        let (columns, rows) = CELLS;
        let ours = Samples::of(frame, place, patch, (0, 0));
        let theirs = Samples::of(&closeup.cut, &closeup.place, patch, REACH);
        let score = |across: usize, down: usize| {
            let (mut sum, mut squares, mut product, mut own, mut own_squares) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for row in 0..rows {
                let line = &theirs.values[(row + down) * theirs.columns + across..][..columns];
                for (a, b) in line.iter().zip(&ours.values[row * columns..]) {
                    sum += a;
                    squares += a * a;
                    product += a * b;
                    own += b;
                    own_squares += b * b;
                }
            }
            let count = (columns * rows) as f32;
            let (sum, own) = (sum / count, own / count);
            let deviations = (squares / count - sum * sum).max(9.0) * (own_squares / count - own * own).max(9.0);
            (product / count - sum * own) / deviations.sqrt()
        };
        let far = |across: usize, down: usize| {
            let part = |at: usize, reach: usize| (at as f32 / reach as f32 - 1.0).powi(2);
            part(across, REACH.0) + part(down, REACH.1)
        };
        let mut best = (f32::NEG_INFINITY, REACH.0, REACH.1);
        for down in 0..=2 * REACH.1 {
            for across in 0..=2 * REACH.0 {
                let fits = score(across, down) - DOUBT * far(across, down);
                if fits > best.0 {
                    best = (fits, across, down);
                }
            }
        }
        let (_, across, down) = best;
        let fits = score(across, down);
        // Between the steps: the top of the parabola through three of them.
        let between = |at: usize, most: usize, of: &dyn Fn(usize) -> f32| {
            if at == 0 || at == most {
                return 0.0;
            }
            let (before, after) = (of(at - 1), of(at + 1));
            let bend = before + after - 2.0 * fits;
            if bend < -1e-5 { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) } else { 0.0 }
        };
        let aside = across as f32 + between(across, 2 * REACH.0, &|at| score(at, down)) - REACH.0 as f32;
        let below = down as f32 + between(down, 2 * REACH.1, &|at| score(across, at)) - REACH.1 as f32;
        let believed = smooth((fits - FITS.0) / (FITS.1 - FITS.0));
        // What is `below` in the closeup is as much above in the frame.
        let (across, down) = (-aside * STEP.0, -below * STEP.1);
        let believed = believed * (1.0 - smooth((down.abs() - MOVES.0) / (MOVES.1 - MOVES.0)));
        // Lips are not stretched: where little skin is below them, the chin is carried less.
        let from = lips + BELOW_LIPS;
        let to = patch.chin().max(from + SKIN);
        let most = STRETCH * (to - from);
        Self { across: (across * believed).clamp(-most, most), down: (down * believed).clamp(-most, most), from, to }
    }

    /// Where in the closeup's face a place of the frame's face is.
    #[inline]
    pub(super) fn source(&self, patch: &Patch, u: f32, v: f32) -> (f32, f32) {
        let part = ((patch.below(u, v) - self.from) / (self.to - self.from)).clamp(0.0, 1.0);
        let share = 0.5 * (part + smooth(part));
        (u - self.across * share, v - self.down * share)
    }
}

/// The brightness around a chin.
struct Samples {
    values: Vec<f32>,
    columns: usize,
}

impl Samples {
    fn of(frame: &Frame, place: &Affine, patch: &Patch, beyond: (usize, usize)) -> Self {
        let plane = Plane::luma(frame);
        let (columns, rows) = (CELLS.0 + 2 * beyond.0, CELLS.1 + 2 * beyond.1);
        let (u, v) = patch.middle_of_chin();
        let mut values = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let across = (column as f32 - (columns - 1) as f32 / 2.0) * STEP.0;
                let down = (row as f32 - beyond.1 as f32) * STEP.1 - ABOVE;
                let mean = [-0.25, 0.25].map(|part| {
                    let (x, y) = place.at(u + across + part * STEP.0, v + down + part * STEP.1);
                    plane.sample(x, y)
                });
                values.push(0.5 * (mean[0] + mean[1]));
            }
        }
        Self { values, columns }
    }
}

#[cfg(test)]
mod tests {
    use super::super::blend::{Shown, draw};
    use super::*;
    use crate::media::faces::Pose;
    use crate::media::mouth::fit::USUAL;

    const PLACE: Pose = Pose { cx: 120.0, cy: 100.0, size: 160.0, roll: 0.0 };

    /// A face whose chin ends so far below the line between the lips, over a darker neck; its lips are `lips`.
    fn face(chin: f32, lips: u8) -> Frame {
        let mut frame = Frame::filled(240, 240, [0, 110, 150]);
        for (at, luma) in frame.planes_mut().0.iter_mut().enumerate() {
            let (u, v) = PLACE.inverse((at % 240) as f32, (at / 240) as f32);
            let (x, y) = (u - USUAL.u, v - USUAL.v);
            let mouth = (x / USUAL.half_width).powi(2) + (y / 0.05).powi(2) < 1.0;
            *luma = if mouth { lips } else { (150.0 - 60.0 * smooth((y - chin + 1.5 * x * x) / 0.02 + 0.5)) as u8 };
        }
        frame
    }

    /// The rows at which the face ends in a column.
    fn ends(frame: &Frame, column: usize) -> Vec<usize> {
        let luma = |row: usize| frame.y()[row * 240 + column];
        (170..239).filter(|&row| luma(row) >= 120 && luma(row + 1) < 120).collect()
    }

    #[test]
    fn a_mouth_that_closes_over_an_open_jaw_leaves_one_chin() {
        let place = Affine::of_pose(&PLACE);
        for (chin, drawn) in [(0.355, 0.30), (0.30, 0.34), (0.32, 0.32)] {
            let closeup = Closeup::cut(&face(drawn, 90), &place).unwrap();
            let clip = face(chin, 40);
            let mut result = clip.clone();
            let shown = Shown { closeup: &closeup, lips: 0.06, weight: 1.0, squeeze: None };
            draw(&mut result, &place, &[shown], &Patch::around(&USUAL), 1.0);
            for column in [96, 108, 120, 132, 144] {
                let (was, is) = (ends(&clip, column), ends(&result, column));
                assert!(
                    is.len() == 1 && is[0].abs_diff(was[0]) <= 1,
                    "{chin} under {drawn}: {is:?}, and it was {was:?}"
                );
            }
            let (u, v) = PLACE.at(USUAL.u, USUAL.v);
            let lip = result.y()[v as usize * 240 + u as usize];
            assert!(lip.abs_diff(90) < 8, "the mouth is the drawn one, {lip}");
        }
    }

    #[test]
    fn a_chin_that_is_nowhere_carries_nothing() {
        let place = Affine::of_pose(&PLACE);
        let closeup = Closeup::cut(&Frame::filled(240, 240, [120, 128, 128]), &place).unwrap();
        let patch = Patch::around(&USUAL);
        let jaw = Jaw::between(&face(0.36, 40), &place, &closeup, &patch, 0.06);
        assert_eq!(jaw.source(&patch, 0.02, USUAL.v + 0.3), (0.02, USUAL.v + 0.3));
    }
}
