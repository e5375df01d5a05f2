//! Sounds and series compared: correlation over lags, envelopes, bands.

use realfft::RealFftPlanner;

/// `sum over t of a[t] * b[t + lag]` for each lag from `-(a.len() - 1)` on; empty where either is.
pub(super) fn correlate(a: &[f32], b: &[f32]) -> Vec<f32> {
    if a.is_empty() || b.is_empty() {
        return Vec::new();
    }
    let count = a.len() + b.len() - 1;
    let size = count.next_power_of_two();
    let mut planner = RealFftPlanner::<f32>::new();
    let (forward, back) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
    let spectrum = |signal: &[f32]| {
        let mut input = forward.make_input_vec();
        input[..signal.len()].copy_from_slice(signal);
        let mut output = forward.make_output_vec();
        // The lengths are the transform's own.
        let _ = forward.process(&mut input, &mut output);
        output
    };
    let (of_a, mut product) = (spectrum(a), spectrum(b));
    for (to, from) in product.iter_mut().zip(&of_a) {
        *to *= from.conj();
    }
    // What rounding leaves in them makes the inverse refuse.
    for edge in [0, product.len() - 1] {
        product[edge].im = 0.0;
    }
    let mut output = back.make_output_vec();
    let _ = back.process(&mut product, &mut output);
    let scale = 1.0 / size as f32;
    // Negative lags stand at the end.
    let before = a.len() - 1;
    let lags = (0..count).map(|at| if at < before { size - before + at } else { at - before });
    lags.map(|at| output[at] * scale).collect()
}

/// A low-pass of this cut-off, in cycles a sample, as a windowed sinc of `2 * half + 1` taps.
fn low_pass(cutoff: f32, half: usize) -> Vec<f32> {
    let taps: Vec<f32> = (0..=2 * half)
        .map(|at| {
            let x = at as f32 - half as f32;
            let sinc = if x.abs() < 0.5 {
                2.0 * cutoff
            } else {
                (std::f32::consts::TAU * cutoff * x).sin() / (std::f32::consts::PI * x)
            };
            sinc * (0.54 + 0.46 * (std::f32::consts::PI * x / (half as f32 + 1.0)).cos())
        })
        .collect();
    let sum: f32 = taps.iter().sum();
    taps.iter().map(|tap| tap / sum).collect()
}

/// Every `step`-th sample, after what is too high for them was taken out.
pub(super) fn decimated(samples: &[f32], step: usize) -> Vec<f32> {
    let half = 4 * step;
    let taps = low_pass(0.42 / step as f32, half);
    (0..samples.len().div_ceil(step))
        .map(|at| {
            let middle = at * step;
            let first = middle.saturating_sub(half);
            let skipped = (half + first) - middle;
            samples[first..].iter().zip(&taps[skipped..]).map(|(sample, tap)| sample * tap).sum()
        })
        .collect()
}

/// What is between two frequencies of an evenly sampled series, in cycles a sample; without a shift in time.
pub(super) fn band(series: &[f32], from: f32, to: f32) -> Vec<f32> {
    let smooth = |cutoff: f32| {
        // Taps over one and a half periods of the cut-off.
        let half = ((0.75 / cutoff) as usize).max(1);
        let taps = low_pass(cutoff, half);
        let last = series.len().saturating_sub(1) as isize;
        move |at: usize| -> f32 {
            taps.iter()
                .enumerate()
                .map(|(tap, weight)| {
                    // Beyond the ends the ends go on.
                    let from = (at as isize + tap as isize - half as isize).clamp(0, last) as usize;
                    weight * series.get(from).copied().unwrap_or(0.0)
                })
                .sum()
        }
    };
    let (fast, slow) = (smooth(to), smooth(from));
    (0..series.len()).map(|at| fast(at) - slow(at)).collect()
}

/// The correlation coefficient of two series of the same length, -1 to 1; 0 where one of them is constant.
pub(super) fn coefficient(a: &[f32], b: &[f32]) -> f32 {
    let count = a.len().min(b.len()).max(1) as f32;
    let mean = |series: &[f32]| series.iter().sum::<f32>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0_f32, 0.0_f32, 0.0_f32);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x - mean_a, y - mean_b);
        ab += x * y;
        aa += x * x;
        bb += y * y;
    }
    if aa <= 1e-12 || bb <= 1e-12 { 0.0 } else { ab / (aa * bb).sqrt() }
}

/// The value below which this share of the values lies; `None` of none.
pub(super) fn quantile(values: impl IntoIterator<Item = f32>, share: f32) -> Option<f32> {
    let mut sorted: Vec<f32> = values.into_iter().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f32::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    sorted.get((share.clamp(0.0, 1.0) * last as f32).round() as usize).copied()
}

/// Where the peak between three neighbours lies, -0.5 to 0.5 of a step from the middle one: the top of the parabola through them.
pub(super) fn vertex(before: f32, peak: f32, after: f32) -> f32 {
    let bend = before - 2.0 * peak + after;
    if bend.abs() < 1e-12 { 0.0 } else { (0.5 * (before - after) / bend).clamp(-0.5, 0.5) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(count: usize, mut seed: u32) -> Vec<f32> {
        (0..count)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as f32 / 8_388_608.0 - 1.0
            })
            .collect()
    }

    #[test]
    fn a_part_is_found_where_it_was_cut_out_of() {
        let whole = noise(900, 7);
        let part = &whole[313..613];
        let lags = correlate(part, &whole);
        let best = (0..lags.len()).max_by(|a, b| lags[*a].total_cmp(&lags[*b])).unwrap();
        assert_eq!(best as i64 - (part.len() as i64 - 1), 313);
        let straight: f32 = part.iter().zip(&whole[100..]).map(|(a, b)| a * b).sum();
        assert!((lags[100 + part.len() - 1] - straight).abs() < 1e-2);
    }

    #[test]
    fn decimating_keeps_low_tones_in_place_and_removes_high_ones() {
        let tone = |hz: f32| -> Vec<f32> {
            (0..48_000).map(|at| (std::f32::consts::TAU * hz * at as f32 / 48_000.0).sin()).collect()
        };
        let low = decimated(&tone(500.0), 6);
        assert_eq!(low.len(), 8_000);
        for (at, sample) in low.iter().enumerate().take(7_900).skip(100) {
            let expected = (std::f32::consts::TAU * 500.0 * at as f32 / 8_000.0).sin();
            assert!((sample - expected).abs() < 0.02, "{at}: {sample} {expected}");
        }
        assert!(decimated(&tone(6_000.0), 6)[100..7_900].iter().all(|sample| sample.abs() < 0.02));
    }

    #[test]
    fn a_band_keeps_its_own_tone_in_place() {
        let tone = |hz: f32, at: usize| (std::f32::consts::TAU * hz * at as f32 * 0.01).sin();
        let series: Vec<f32> = (0..1_000).map(|at| tone(4.0, at) + 3.0 * tone(0.3, at) + tone(20.0, at)).collect();
        let kept = band(&series, 0.02, 0.07);
        let pure: Vec<f32> = (100..900).map(|at| tone(4.0, at)).collect();
        assert!(coefficient(&kept[100..900], &pure) > 0.95);
    }

    #[test]
    fn the_vertex_of_a_parabola_is_found_between_the_steps() {
        let at = |x: f32| 2.0 - (x - 0.3) * (x - 0.3);
        assert!((vertex(at(-1.0), at(0.0), at(1.0)) - 0.3).abs() < 1e-5);
        assert_eq!(quantile([3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(quantile([], 0.5), None);
    }
}
