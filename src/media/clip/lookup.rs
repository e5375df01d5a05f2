//! Which sample is shown when, and where decoding can start: by the times of a track's samples alone.

use crate::media::container::Sample;

/// For each sample, the earliest time of it and all after it that are shown; `i64::MAX` behind the last.
pub(super) fn earliest_ahead_us(samples: &[Sample]) -> Vec<i64> {
    let mut ahead_us = vec![i64::MAX; samples.len() + 1];
    let mut earliest = i64::MAX;
    for (slot, sample) in ahead_us.iter_mut().rev().skip(1).zip(samples.iter().rev()) {
        earliest = earliest.min(if sample.hidden { i64::MAX } else { sample.pts_us });
        *slot = earliest;
    }
    ahead_us
}

/// The index and the time of the last shown keyframe at or before `at_us`.
pub(super) fn keyframe_before(samples: &[Sample], at_us: i64) -> Option<(usize, i64)> {
    let keyframes = samples.iter().enumerate().filter(|(_, s)| s.sync && !s.hidden && s.pts_us <= at_us);
    keyframes.map(|(index, s)| (index, s.pts_us)).max_by_key(|(_, pts_us)| *pts_us)
}

/// The time of the picture that is shown at `at_us`; 0 before the first.
pub(super) fn shown_at_us(samples: &[Sample], at_us: i64) -> i64 {
    samples.iter().filter(|s| !s.hidden && s.pts_us <= at_us).map(|s| s.pts_us).max().unwrap_or(0)
}

/// The last keyframe before the sample `failed` that no picture shown before it follows: decoding can start afresh there. Else 0.
pub(super) fn clean_start_before(samples: &[Sample], ahead_us: &[i64], failed: usize) -> usize {
    let is_clean = |index: &usize| {
        samples
            .get(*index)
            .is_some_and(|s| s.sync && ahead_us.get(index + 1).is_none_or(|ahead_us| *ahead_us >= s.pts_us))
    };
    (0..failed).rev().find(is_clean).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two groups of pictures in the order of decoding; the second keyframe is followed by a picture shown before it.
    fn open_group() -> Vec<Sample> {
        let sample = |pts_us: i64, sync: bool| Sample { offset: 0, size: 1, pts_us, sync, hidden: false };
        vec![
            sample(0, true),
            sample(80, false),
            sample(40, false),
            sample(160, true),
            sample(120, false),
            sample(200, false),
        ]
    }

    #[test]
    fn keyframes_and_shown_pictures_are_found_by_time() {
        let samples = open_group();
        assert_eq!(keyframe_before(&samples, 159), Some((0, 0)));
        assert_eq!(keyframe_before(&samples, 160), Some((3, 160)));
        assert_eq!(keyframe_before(&samples, -1), None);
        assert_eq!(shown_at_us(&samples, 130), 120);
    }

    #[test]
    fn a_clean_start_has_no_picture_shown_before_it_behind_it() {
        let samples = open_group();
        let ahead_us = earliest_ahead_us(&samples);
        assert_eq!(ahead_us, [0, 40, 40, 120, 120, 200, i64::MAX]);
        assert_eq!(clean_start_before(&samples, &ahead_us, 6), 0, "the second keyframe is followed by 120");
        assert_eq!(clean_start_before(&samples[..4], &earliest_ahead_us(&samples[..4]), 4), 3);
    }
}
