//! The waveform of a sound: its minima and maxima at every zoom level, from one pass over it.

use std::ops::Range;

use super::{Sound, frame_at_ms};

/// Frames of a finest bucket: 2.7 ms.
const FINEST: usize = 128;
/// The ratio of the bucket lengths of one level and the level below.
const STEP: usize = 4;

/// The minimum and maximum sample of a range, -1 to 1, left and right averaged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Peak {
    /// Lowest.
    pub min: f32,
    /// Highest.
    pub max: f32,
}

impl Peak {
    fn over<'a>(peaks: impl IntoIterator<Item = &'a Self>) -> Self {
        peaks
            .into_iter()
            .copied()
            .reduce(|a, b| Self { min: a.min.min(b.min), max: a.max.max(b.max) })
            .unwrap_or_default()
    }
}

/// Peaks of a sound at several resolutions; small compared to the sound itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waveform {
    /// From the finest to a single bucket.
    levels: Vec<Vec<Peak>>,
    duration_ms: i64,
}

impl Waveform {
    /// Measures a sound.
    #[must_use]
    pub fn of(sound: &Sound) -> Self {
        let finest: Vec<Peak> = sound
            .mono()
            .chunks(FINEST)
            .map(|bucket| Peak::over(&bucket.iter().map(|s| Peak { min: *s, max: *s }).collect::<Vec<_>>()))
            .collect();
        let mut levels = vec![finest];
        while let Some(last) = levels.last().filter(|level| level.len() > 1) {
            let next = last.chunks(STEP).map(Peak::over).collect();
            levels.push(next);
        }
        Self { levels, duration_ms: sound.duration_ms() }
    }

    /// Length of the sound in milliseconds.
    #[must_use]
    pub const fn duration_ms(&self) -> i64 {
        self.duration_ms
    }

    /// `columns` peaks over `span_ms` (milliseconds), each over its share of it: one per pixel. Outside of the sound they are zero.
    ///
    /// Reads at most a few buckets a column, at any zoom. Closer than 2.7 ms a pixel, neighbours share a bucket.
    #[must_use]
    pub fn peaks(&self, span_ms: Range<i64>, columns: usize) -> Vec<Peak> {
        let span = span_ms.end.saturating_sub(span_ms.start).max(0) as f64;
        let column_ms = span / columns.max(1) as f64;
        let wanted = column_ms * frame_at_ms(1) as f64 / FINEST as f64;
        // The coarsest level with at least one bucket a column.
        let (mut level, mut bucket) = (0, 1.0);
        while bucket * STEP as f64 <= wanted && level + 1 < self.levels.len() {
            bucket *= STEP as f64;
            level += 1;
        }
        let Some(peaks) = self.levels.get(level) else { return vec![Peak::default(); columns] };
        let bucket_ms = bucket * FINEST as f64 / frame_at_ms(1) as f64;
        (0..columns)
            .map(|column| {
                let from_ms = span_ms.start as f64 + column as f64 * column_ms;
                let to_ms = from_ms + column_ms;
                if to_ms <= 0.0 || from_ms >= self.duration_ms as f64 {
                    return Peak::default();
                }
                let first = (from_ms.max(0.0) / bucket_ms) as usize;
                let last = ((to_ms / bucket_ms).ceil() as usize).max(first + 1).min(peaks.len());
                Peak::over(peaks.get(first..last).unwrap_or_default())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // silence and copies are exact

    use super::*;

    fn burst() -> Sound {
        // 10 s of silence with one loud millisecond at 4 s.
        let mut samples = vec![0.0; frame_at_ms(10_000) * 2];
        samples[frame_at_ms(4_000) * 2..frame_at_ms(4_001) * 2].fill(0.75);
        Sound::new(samples)
    }

    #[test]
    fn a_short_burst_is_seen_at_every_zoom_in_its_column() {
        let waveform = Waveform::of(&burst());
        for columns in [1, 7, 100, 1_000, 3_000] {
            let peaks = waveform.peaks(0..10_000, columns);
            assert_eq!(peaks.len(), columns);
            let loud: Vec<usize> = (0..columns).filter(|c| peaks[*c].max > 0.5).collect();
            let expected = 4_000 * columns / 10_000;
            assert!(!loud.is_empty() && loud.iter().all(|c| c.abs_diff(expected) <= 2), "{columns}: {loud:?}");
        }
        let near = waveform.peaks(3_990..4_010, 20);
        assert!(near.iter().any(|peak| peak.max > 0.5) && near[0].max == 0.0);
    }

    #[test]
    fn outside_of_the_sound_there_is_nothing() {
        let waveform = Waveform::of(&burst());
        assert!(waveform.peaks(-500..0, 10).iter().all(|peak| *peak == Peak::default()));
        assert!(waveform.peaks(10_000..20_000, 10).iter().all(|peak| *peak == Peak::default()));
        assert!(Waveform::of(&Sound::default()).peaks(0..100, 3).iter().all(|peak| *peak == Peak::default()));
        assert_eq!(waveform.peaks(5..5, 0), []);
    }
}
