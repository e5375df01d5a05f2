//! Where the mouth is in each frame, against eyes and nose: a head that nods or turns carries it up, down or aside in the plane of the face.
//!
//! What is looked for is the upper lip with the skin above it, at rest: it stays where it is while the jaw drops.

use super::crop::STEP;
use super::measure::{COLUMNS, Lower, ROWS, place};
use crate::media::mouth::fit::MouthFit;
use crate::media::mouth::motion::smooth;

/// How far a mouth is looked for, in samples of the lower face.
const REACH: i32 = 7;
/// From where to where around the line between the lips, in face units.
const AROUND: (f32, f32) = (-0.085, 0.015);
/// How much a mouth at the end of the reach is doubted.
const DOUBT: f32 = 0.12;
/// How much better than where it is expected a mouth must fit elsewhere: not at all below the first, wholly above the first and second.
const BETTER: (f32, f32) = (0.05, 0.10);
/// A mouth that fits less than this, as a correlation, is nowhere.
const SEEN: f32 = 0.45;
/// What moves by less is where it is expected; what moves by the second more has moved wholly. In face units.
const MOVED: (f32, f32) = (0.02, 0.02);
/// Frames before and after one that tell of it: heads turn slowly, and lips fast.
const BESIDE: usize = 3;

/// The upper lip at rest.
#[derive(Debug, Clone)]
pub struct UpperLip {
    places: Vec<usize>,
    /// Brightness and redness, each with mean 0 and deviation 1.
    values: [Vec<f32>; 2],
}

impl UpperLip {
    /// Learnt from lower faces whose mouths are closed.
    #[must_use]
    pub fn of(closed: &[&Lower], fit: &MouthFit) -> Self {
        let margin = REACH as usize;
        let places: Vec<usize> = (0..COLUMNS * ROWS)
            .filter(|at| {
                let (row, column) = (at / COLUMNS, at % COLUMNS);
                let (u, v) = place(*at);
                let s = fit.across(u);
                let y = v - fit.corner_line(u) - fit.sag * (1.0 - s * s).max(0.0);
                (margin..ROWS - margin).contains(&row)
                    && (margin..COLUMNS - margin).contains(&column)
                    && s.abs() < 1.25
                    && (AROUND.0..AROUND.1).contains(&y)
                    && (row + column) % 2 == 0
            })
            .collect();
        let mean = |plane: fn(&Lower) -> &Vec<u8>| {
            let mut values: Vec<f32> = places
                .iter()
                .map(|&at| {
                    closed.iter().map(|lower| f32::from(plane(lower)[at])).sum::<f32>() / closed.len().max(1) as f32
                })
                .collect();
            normalise(&mut values);
            values
        };
        Self { values: [mean(|lower| &lower.luma), mean(|lower| &lower.red)], places }
    }

    /// For each of the lower faces of frames in a row, how far its mouth is from where it is at rest, in face units.
    #[must_use]
    pub fn settled(&self, lowers: &[Lower]) -> Vec<(f32, f32)> {
        let raw: Vec<(f32, f32)> = lowers.iter().map(|lower| self.found(lower)).collect();
        let around = |index: usize, of: &[(f32, f32)]| {
            of[index.saturating_sub(BESIDE)..(index + BESIDE + 1).min(of.len())].to_vec()
        };
        let middle = |mut values: Vec<f32>| {
            values.sort_by(f32::total_cmp);
            values[values.len() / 2]
        };
        let usual: Vec<(f32, f32)> = (0..raw.len())
            .map(|index| {
                let near = around(index, &raw);
                (middle(near.iter().map(|at| at.0).collect()), middle(near.iter().map(|at| at.1).collect()))
            })
            .collect();
        (0..raw.len())
            .map(|index| {
                let near = around(index, &usual);
                let count = near.len() as f32;
                let (u, v) = near.iter().fold((0.0, 0.0), |(u, v), at| (u + at.0 / count, v + at.1 / count));
                let moved = smooth((u.hypot(v) - MOVED.0) / MOVED.1);
                (u * moved, v * moved)
            })
            .collect()
    }

    /// Where the mouth of one lower face is, from where it is at rest.
    fn found(&self, lower: &Lower) -> (f32, f32) {
        let at_rest = self.fits(lower, 0, 0);
        let mut best = (at_rest, 0, 0);
        for down in -REACH..=REACH {
            for across in -REACH..=REACH {
                let far = (across * across + down * down) as f32 / (REACH * REACH) as f32;
                let fits = self.fits(lower, across, down) - DOUBT * far;
                if fits > best.0 {
                    best = (fits, across, down);
                }
            }
        }
        if best.0 < SEEN {
            return (0.0, 0.0);
        }
        let believed = smooth((best.0 - at_rest - BETTER.0) / BETTER.1) * STEP;
        (best.1 as f32 * believed, best.2 as f32 * believed)
    }

    /// How well the upper lip at rest fits so many samples aside and below, as a correlation.
    fn fits(&self, lower: &Lower, across: i32, down: i32) -> f32 {
        let shift = (down * COLUMNS as i32 + across) as isize;
        let planes = [&lower.luma, &lower.red];
        let count = self.places.len().max(1) as f32;
        let mut sum = 0.0;
        for (plane, expected) in planes.iter().zip(&self.values) {
            let (mut total, mut squares, mut product) = (0.0_f32, 0.0_f32, 0.0_f32);
            for (&at, expected) in self.places.iter().zip(expected) {
                let value = f32::from(plane.get(at.wrapping_add_signed(shift)).copied().unwrap_or(0));
                total += value;
                squares += value * value;
                product += value * expected;
            }
            let mean = total / count;
            // A plane without any detail says nothing.
            let deviation = (squares / count - mean * mean).max(4.0).sqrt();
            sum += product / count / deviation;
        }
        0.5 * sum
    }
}

/// Takes mean and deviation out.
fn normalise(values: &mut [f32]) {
    let count = values.len().max(1) as f32;
    let mean = values.iter().sum::<f32>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / count).sqrt().max(2.0);
    for value in values {
        *value = (*value - mean) / deviation;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::mouth::fit::USUAL;

    /// A lower face whose mouth is so many samples aside and below, and whose jaw has dropped by so many.
    fn lower(across: i32, down: i32, open: i32) -> Lower {
        let (mut luma, mut red) = (vec![150; COLUMNS * ROWS], vec![140; COLUMNS * ROWS]);
        for at in 0..COLUMNS * ROWS {
            let (u, v) = place(at);
            let (u, v) = (u - across as f32 * STEP, v - down as f32 * STEP);
            let (s, y) = (USUAL.across(u).abs(), v - USUAL.v);
            let below = y - open as f32 * STEP;
            if s < 1.0 && (-0.04 * (1.0 - s * s)..0.0).contains(&y) || s < 0.9 && (0.0..0.05).contains(&below) {
                (luma[at], red[at]) = (120, 158);
            } else if s < 0.9 && y >= 0.0 && below < 0.0 {
                (luma[at], red[at]) = (40, 132);
            }
        }
        Lower { luma, red }
    }

    fn settled(lowers: &[Lower]) -> (f32, f32) {
        let closed = lower(0, 0, 0);
        let lip = UpperLip::of(&[&closed], &USUAL);
        let all = lip.settled(lowers);
        (all[lowers.len() / 2].0 / STEP, all[lowers.len() / 2].1 / STEP)
    }

    #[test]
    fn a_mouth_is_found_where_a_nod_carries_it() {
        let (across, down) = settled(&vec![lower(-2, 5, 0); 9]);
        assert!((across + 2.0).abs() < 0.6 && (down - 5.0).abs() < 0.6, "{across} aside, {down} below");
        // Open, it is there too, to a sample.
        let (across, down) = settled(&vec![lower(1, -4, 6); 9]);
        assert!((across - 1.0).abs() < 1.2 && (down + 4.0).abs() < 1.2, "{across} aside, {down} below");
    }

    #[test]
    fn a_jaw_that_drops_and_a_frame_that_is_mistaken_carry_it_nowhere() {
        let (across, down) = settled(&vec![lower(0, 0, 8); 9]);
        assert!(across.abs() < 0.2 && down.abs() < 0.2, "{across} aside, {down} below");
        let mut row = vec![lower(0, 0, 0); 9];
        row[4] = lower(3, 6, 0);
        let (across, down) = settled(&row);
        assert!(across.abs() < 0.2 && down.abs() < 0.2, "{across} aside, {down} below");
        let flat = Lower { luma: vec![120; COLUMNS * ROWS], red: vec![128; COLUMNS * ROWS] };
        assert_eq!(settled(&vec![flat; 9]), (0.0, 0.0));
    }
}
