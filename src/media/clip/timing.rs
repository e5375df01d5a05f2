//! Number and spacing of the pictures of a clip.

use crate::media::container::Sample;

/// Number and spacing of the pictures of a clip.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrameTiming {
    /// How many are shown.
    pub frames: usize,
    /// Mean rate; frames a second.
    pub fps: f64,
    /// Whether they are not evenly spaced.
    pub variable: bool,
}

impl FrameTiming {
    /// Measures the spacing of the shown samples of a track that ends at `end_us`.
    #[must_use]
    pub fn of(samples: &[Sample], end_us: i64) -> Self {
        let mut shown: Vec<i64> = samples.iter().filter(|s| !s.hidden).map(|s| s.pts_us).collect();
        shown.sort_unstable();
        let frames = shown.len();
        let gaps = || shown.iter().zip(shown.iter().skip(1)).map(|(a, b)| b - a);
        let (least, most) = (gaps().min().unwrap_or(0), gaps().max().unwrap_or(0));
        // A clock of milliseconds makes gaps of 33 and 34 out of an even 33.3, and one of 600 ticks a second 1.7 ms more or less.
        let variable = most - least > 3_500.max(least / 20);
        let first = shown.first().copied().unwrap_or(0);
        let last = shown.last().copied().unwrap_or(0);
        let fps = if frames > 1 && !variable && last > first {
            // From the first to the last start: exact also where the last picture's own length is a guess.
            (frames - 1) as f64 * 1e6 / (last - first) as f64
        } else if end_us > first {
            frames as f64 * 1e6 / (end_us - first) as f64
        } else {
            0.0
        };
        Self { frames, fps: (fps * 1000.0).round() / 1000.0, variable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(times_us: &[i64]) -> Vec<Sample> {
        let sample = |pts_us: &i64| Sample { offset: 0, size: 1, pts_us: *pts_us, sync: true, hidden: false };
        times_us.iter().map(sample).collect()
    }

    #[test]
    fn even_and_uneven_spacing_are_distinguished() {
        let ntsc: Vec<i64> = (0..60).map(|n| n * 1_001_000 / 30).collect();
        assert_eq!(FrameTiming::of(&at(&ntsc), 2_002_000), FrameTiming { frames: 60, fps: 29.97, variable: false });
        let milliseconds = at(&[0, 33_000, 67_000, 100_000, 133_000]);
        assert!(!FrameTiming::of(&milliseconds, 167_000).variable);
        let uneven = FrameTiming::of(&at(&[0, 40_000, 120_000, 160_000]), 200_000);
        assert_eq!((uneven.variable, uneven.fps), (true, 20.0));
        assert_eq!(FrameTiming::of(&[], 0), FrameTiming::default());
    }
}
