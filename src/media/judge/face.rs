//! `sharp`, `steady` and `same`: the face against the clip's, where the voice changes nothing.

use super::cells::{COLUMNS, MOUTH_ROW};
use super::kept::ssim;
use super::mouth::Parts;
use super::signal::quantile;
use super::verdict::{Entry, Measure};
use super::watch::Seen;
use super::words;

/// Within this of the clip's a mouth is as sharp.
const SHARP: std::ops::RangeInclusive<f32> = 0.7..=1.3;
/// So much more than in the clip may flicker.
const STEADY: f32 = 1.3;
/// What flickers in any encoded picture, in steps of luma.
const LEAST_FLICKER: f32 = 1.0;
/// Least SSIM of eyes and nose.
const SAME: f64 = 0.98;
/// Side of the windows of that SSIM, and from one to the next, in means of cells.
const WINDOW: usize = 8;
const WINDOW_STEP: usize = 3;
const HALF_COLUMNS: usize = COLUMNS / 2;

/// `sharp`: finest detail for the contrast there is, of the mouth over that of eyes and nose, in the result over the clip: the median of all
/// pictures. What softens the whole face does not count here.
pub(super) fn sharp(pictures: &[Seen]) -> Entry {
    let threshold = words::good_sharp();
    let Some(times) = quantile(pictures.iter().filter_map(|seen| seen.sharpness), 0.5) else {
        return Entry::not_measured(Measure::Sharp, threshold, why_not(pictures));
    };
    let text = format!("{times:.2}");
    let says = match times {
        times if SHARP.contains(&times) => words::sharp(text),
        times if times < *SHARP.start() => words::blurred(text),
        _ => words::oversharp(text),
    };
    Entry::new(Measure::Sharp, SHARP.contains(&times), threshold, says).value("times", f64::from(times))
}

/// `steady`: the root mean square of the difference of a cell around the mouth (not of the chin) from the mean of the pictures before and
/// after, in the result over the clip; at least one step of luma counts for either, as any encoding flickers by so much. Squares, since what
/// flickers is a small place that is plainly seen.
pub(super) fn steady(pictures: &[Seen], parts: &Parts) -> Entry {
    let (mut of_result, mut of_clip, mut count) = (0.0_f32, 0.0_f32, 0_usize);
    for [a, b, c] in pictures.array_windows() {
        let (Some(clip_a), Some(clip_b), Some(clip_c)) = (&a.clip, &b.clip, &c.clip) else { continue };
        let flicker = |a: &[u8], b: &[u8], c: &[u8]| {
            let of_cell = |&at: &usize| (f32::from(b[at]) - f32::from(a[at]).midpoint(f32::from(c[at]))).powi(2);
            parts.around.iter().map(of_cell).sum::<f32>() / parts.around.len().max(1) as f32
        };
        of_result += flicker(&a.result.luma, &b.result.luma, &c.result.luma);
        of_clip += flicker(&clip_a.luma, &clip_b.luma, &clip_c.luma);
        count += 1;
    }
    let threshold = words::good_steady();
    if count == 0 {
        return Entry::not_measured(Measure::Steady, threshold, why_not(pictures));
    }
    let mean = |sum: f32| (sum / count as f32).sqrt().max(LEAST_FLICKER);
    let times = mean(of_result) / mean(of_clip);
    let text = format!("{times:.2}");
    let says = if times <= STEADY { words::steady(text) } else { words::flickers(text) };
    Entry::new(Measure::Steady, times <= STEADY, threshold, says).value("times", f64::from(times))
}

/// `same`: SSIM of eyes and nose with the clip's, over windows of 8 × 8 means of 2 × 2 cells each (40 of them a face's side, so that
/// the softness of an encoding hardly counts): the mean of every second picture.
pub(super) fn same(pictures: &[Seen]) -> Entry {
    let (mut sum, mut count) = (0.0, 0_usize);
    for seen in pictures.iter().step_by(2) {
        let Some(clip) = &seen.clip else { continue };
        let (one, two) = (halved(&seen.result.luma), halved(&clip.luma));
        for top in (0..=MOUTH_ROW / 2 - WINDOW).step_by(WINDOW_STEP) {
            for left in (2..=HALF_COLUMNS - 2 - WINDOW).step_by(WINDOW_STEP) {
                sum += window(&one, &two, top * HALF_COLUMNS + left);
                count += 1;
            }
        }
    }
    let threshold = words::good_same();
    if count == 0 {
        return Entry::not_measured(Measure::Same, threshold, why_not(pictures));
    }
    let mean = sum / count as f64;
    let text = format!("{mean:.3}");
    let says = if mean >= SAME { words::same(text) } else { words::not_same(text) };
    Entry::new(Measure::Same, mean >= SAME, threshold, says).value("ssim", mean)
}

/// The means of 2 × 2 cells, of the rows above the mouth.
fn halved(luma: &[u8]) -> Vec<f64> {
    let at = |row: usize, column: usize| f64::from(luma[row * COLUMNS + column]);
    let mean = |row: usize, column: usize| {
        (at(row, column) + at(row, column + 1) + at(row + 1, column) + at(row + 1, column + 1)) / 4.0
    };
    (0..MOUTH_ROW / 2)
        .flat_map(|row| (0..HALF_COLUMNS).map(move |column| (row, column)))
        .map(|(row, column)| mean(2 * row, 2 * column))
        .collect()
}

fn window(one: &[f64], two: &[f64], first: usize) -> f64 {
    let (mut a, mut b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for row in 0..WINDOW {
        let place = first + row * HALF_COLUMNS..first + row * HALF_COLUMNS + WINDOW;
        for (x, y) in one[place.clone()].iter().zip(&two[place]) {
            a += x;
            b += y;
            aa += x * x;
            bb += y * y;
            ab += x * y;
        }
    }
    ssim((WINDOW * WINDOW) as f64, a, b, aa, bb, ab)
}

/// Why the face cannot be compared with the clip's.
fn why_not(pictures: &[Seen]) -> String {
    if pictures.iter().all(|seen| seen.clip.is_none()) { words::other_sizes() } else { words::no_detail() }
}
