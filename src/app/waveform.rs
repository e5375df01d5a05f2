//! The voice as peaks, computed once; any stretch of it is then a look at a few numbers.

/// Peaks of a voice, one for each bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Waveform {
    bucket_ms: f64,
    /// For each level the loudest sample of each bucket, 0 to 1; each level's buckets are twice as long as the one's before.
    levels: Vec<Vec<f32>>,
}

impl Waveform {
    /// A waveform of peaks, each of a bucket of `bucket_ms` milliseconds, scaled so that the loudest is 1.
    #[must_use]
    pub fn of_peaks(mut peaks: Vec<f32>, bucket_ms: f64) -> Self {
        let loudest = peaks.iter().copied().fold(0.0_f32, f32::max);
        if loudest > 0.0 {
            for peak in &mut peaks {
                *peak = (*peak / loudest).clamp(0.0, 1.0);
            }
        }
        let mut levels = vec![peaks];
        while let Some(last) = levels.last().filter(|level| level.len() > 1) {
            let next = last.chunks(2).map(|pair| pair.iter().copied().fold(0.0, f32::max)).collect();
            levels.push(next);
        }
        Self { bucket_ms: bucket_ms.max(0.001), levels }
    }

    /// The loudest sample between two moments of the voice, 0 to 1, in a few steps whatever the stretch.
    #[must_use]
    pub fn peak(&self, from_ms: i64, to_ms: i64) -> f32 {
        let buckets = ((to_ms - from_ms).max(1) as f64 / self.bucket_ms).max(1.0);
        let level = (buckets.log2().floor() as usize).min(self.levels.len().saturating_sub(1));
        let bucket_ms = self.bucket_ms * f64::from(1_u32 << level.min(31));
        let Some(peaks) = self.levels.get(level) else { return 0.0 };
        let first = (from_ms as f64 / bucket_ms).floor().max(0.0) as usize;
        let last = (to_ms as f64 / bucket_ms).ceil().max(0.0) as usize;
        peaks
            .get(first..last.min(peaks.len()).max(first.min(peaks.len())))
            .unwrap_or_default()
            .iter()
            .copied()
            .fold(0.0, f32::max)
    }
}

/// The waveform of a file; `None` where its sound cannot be read.
#[must_use]
pub fn of_file(_path: &std::path::Path) -> Option<Waveform> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A level never hides a peak: what a look at every bucket finds is never louder.
        #[test]
        fn no_peak_is_lost_at_any_zoom(peaks in prop::collection::vec(0.0..1.0_f32, 1..400), from in 0..4_000_i64, len in 1..4_000_i64) {
            let waveform = Waveform::of_peaks(peaks.clone(), 10.0);
            let loudest = peaks.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
            let first = (from / 10) as usize;
            let last = (((from + len) as f64 / 10.0).ceil() as usize).min(peaks.len());
            let exact = peaks.get(first..last).unwrap_or_default().iter().copied().fold(0.0, f32::max) / loudest;
            prop_assert!(waveform.peak(from, from + len) >= exact - 1e-5);
        }
    }

    #[test]
    fn outside_of_the_voice_it_is_silent() {
        let waveform = Waveform::of_peaks(vec![0.5; 10], 10.0);
        assert!((waveform.peak(0, 10) - 1.0).abs() < 1e-6);
        assert!(waveform.peak(1_000, 1_010).abs() < 1e-6);
        assert!(waveform.peak(-500, -490).abs() < 1e-6);
    }
}
