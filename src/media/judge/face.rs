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
const LEAST_FLICKER: f32 = 0.4;
/// Least SSIM of eyes and nose.
const SAME: f64 = 0.98;
/// Side of the windows of that SSIM, and from one to the next, in cells.
const WINDOW: usize = 8;
const WINDOW_STEP: usize = 4;

/// `sharp`: detail of the mouth over that of eyes and nose (the mean absolute difference of a pixel's luma from the mean of its four
/// neighbours), in the result over the clip: the median of all pictures. What softens the whole face does not count here.
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

/// `steady`: the mean difference of a cell around the mouth (not of the chin) from the mean of the pictures before and after, in the
/// result over the clip; at least 0.4 steps of luma count for the clip, as any encoding flickers by so much.
pub(super) fn steady(pictures: &[Seen], parts: &Parts) -> Entry {
    let (mut of_result, mut of_clip, mut count) = (0.0_f32, 0.0_f32, 0_usize);
    for [a, b, c] in pictures.array_windows() {
        let (Some(clip_a), Some(clip_b), Some(clip_c)) = (&a.clip, &b.clip, &c.clip) else { continue };
        let flicker = |a: &[u8], b: &[u8], c: &[u8]| {
            let of_cell = |&at: &usize| (f32::from(b[at]) - f32::from(a[at]).midpoint(f32::from(c[at]))).abs();
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
    let mean = |sum: f32| (sum / count as f32).max(LEAST_FLICKER);
    let times = mean(of_result) / mean(of_clip);
    let text = format!("{times:.2}");
    let says = if times <= STEADY { words::steady(text) } else { words::flickers(text) };
    Entry::new(Measure::Steady, times <= STEADY, threshold, says).value("times", f64::from(times))
}

/// `same`: SSIM of eyes and nose with the clip's, over windows of 8 × 8 cells of the face's grid (80 cells a face's side, so that the
/// softness of an encoding does not count): the mean of all pictures.
pub(super) fn same(pictures: &[Seen]) -> Entry {
    let (mut sum, mut count) = (0.0, 0_usize);
    for seen in pictures.iter().step_by(2) {
        let Some(clip) = &seen.clip else { continue };
        for top in (0..=MOUTH_ROW - WINDOW).step_by(WINDOW_STEP) {
            for left in (4..=COLUMNS - 4 - WINDOW).step_by(WINDOW_STEP) {
                sum += window(&seen.result.luma, &clip.luma, top * COLUMNS + left);
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

fn window(one: &[u8], two: &[u8], first: usize) -> f64 {
    let (mut a, mut b, mut aa, mut bb, mut ab) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for row in 0..WINDOW {
        for at in first + row * COLUMNS..first + row * COLUMNS + WINDOW {
            let (x, y) = (f64::from(one[at]), f64::from(two[at]));
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
