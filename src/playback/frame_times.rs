//! When which picture of a clip is shown: what frame steps are counted by.

use crate::media::{ClipReader, MediaError};

/// The times of a clip's pictures, in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameTimes {
    /// When each picture begins, in ascending order; never empty.
    begins: Vec<i64>,
    /// The usual length of a frame; at least 1.
    frame: i64,
    duration: i64,
}

impl FrameTimes {
    /// Those of an opened clip.
    ///
    /// # Errors
    /// [`MediaError::NoVideo`].
    pub fn of(reader: &ClipReader) -> Result<Self, MediaError> {
        let info = reader.info();
        let samples = &reader.movie().need_video()?.samples;
        let times_us = samples.iter().filter(|sample| !sample.hidden).map(|sample| sample.pts_us).collect();
        let frame_us = if info.timing.fps > 0.0 { (1e6 / info.timing.fps) as i64 } else { 40_000 };
        Ok(Self::new(times_us, frame_us, info.duration_us))
    }

    fn new(mut times_us: Vec<i64>, frame_us: i64, duration_us: i64) -> Self {
        times_us.sort_unstable();
        times_us.dedup();
        if times_us.is_empty() {
            times_us.push(0);
        }
        Self { begins: times_us, frame: frame_us.max(1), duration: duration_us.max(1) }
    }

    /// Length of the clip.
    #[must_use]
    pub const fn duration_us(&self) -> i64 {
        self.duration
    }

    /// The usual length of a frame; at least 1.
    #[must_use]
    pub const fn frame_us(&self) -> i64 {
        self.frame
    }

    /// When the picture begins that is so many frames behind (or, negative, before) the one shown at a moment. The first and the last
    /// are the limits.
    #[must_use]
    pub fn step_us(&self, at_us: i64, frames: i64) -> i64 {
        let index = i64::try_from(self.index_at(at_us)).unwrap_or(i64::MAX).saturating_add(frames);
        let last = self.begins.len() - 1;
        self.begins[usize::try_from(index.max(0)).unwrap_or(last).min(last)]
    }

    fn index_at(&self, at_us: i64) -> usize {
        self.begins.partition_point(|time_us| *time_us <= at_us).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_step_lands_on_the_beginning_of_a_picture_also_where_their_lengths_differ() {
        let times = FrameTimes::new(vec![66_733, 0, 33_367, 200_000], 33_367, 240_000);
        for (at_us, frames, expected_us) in [
            (0, 1, 33_367),
            (33_366, 1, 33_367),
            (33_367, 1, 66_733),
            (150_000, 1, 200_000),
            (239_999, -1, 66_733),
            (100_000, 0, 66_733),
            (0, -1, 0),
            (0, 10, 200_000),
            (-5, i64::MIN, 0),
            (0, i64::MAX, 200_000),
        ] {
            assert_eq!(times.step_us(at_us, frames), expected_us, "{frames} frames from {at_us}");
        }
    }

    proptest! {
        /// Whatever the pictures' lengths: single steps add up, and back is the way there.
        #[test]
        fn every_step_counts(lengths in proptest::collection::vec(1..200_000_i64, 1..80), steps in proptest::collection::vec(-3..4_i64, 0..60)) {
            let times_us: Vec<i64> = lengths.iter().scan(0, |at, length| { let began = *at; *at += length; Some(began) }).collect();
            let last = times_us.len() as i64 - 1;
            let times = FrameTimes::new(times_us.clone(), 40_000, lengths.iter().sum());
            let (mut index, mut at_us) = (0_i64, 0);
            for frames in steps {
                index = (index + frames).clamp(0, last);
                at_us = times.step_us(at_us, frames);
                prop_assert_eq!(at_us, times_us[index as usize]);
                prop_assert_eq!(times.step_us(at_us, 0), at_us);
            }
        }
    }
}
