//! Which moments a filmstrip shows. Pure.

use std::ops::Range;

/// How far apart the thumbnails are where one is as wide as `tile_us` of time: a frame, doubled while it fits.
///
/// Both in microseconds. So what is shown at one zoom is shown at the next one too.
#[must_use]
pub fn step_us(tile_us: i64, frame_us: i64) -> i64 {
    let mut step_us = frame_us.max(1);
    while step_us <= tile_us / 2 {
        step_us *= 2;
    }
    step_us
}

/// The step, doubled until no more than `most` pictures cover `view_us`, within a clip of `length_us`.
#[must_use]
pub fn coarser(view_us: Range<i64>, step_us: i64, length_us: i64, most: usize) -> i64 {
    let mut step_us = step_us.max(1);
    let shown_us = view_us.end.min(length_us) - view_us.start.max(0);
    // Two more than fit side by side: the first and the last may be cut.
    while shown_us / step_us + 2 > i64::try_from(most.max(3)).unwrap_or(i64::MAX) {
        step_us *= 2;
    }
    step_us
}

/// The moments of the pictures that cover `view_us`, within a clip of `length_us`.
#[must_use]
pub fn slots_us(view_us: Range<i64>, step_us: i64, length_us: i64) -> Vec<i64> {
    let step_us = step_us.max(1);
    let first = view_us.start.max(0).div_euclid(step_us);
    let end_us = view_us.end.min(length_us);
    let last = end_us.div_euclid(step_us) + i64::from(end_us.rem_euclid(step_us) != 0);
    (first..last).map(|slot| slot * step_us).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pictures_cover_what_is_in_view_and_not_more() {
        assert_eq!(slots_us(-500..2_500, 1_000, 9_000), [0, 1_000, 2_000]);
        assert_eq!(slots_us(1_500..2_000, 1_000, 9_000), [1_000]);
        assert_eq!(slots_us(8_500..20_000, 1_000, 9_000), [8_000]);
        assert!(slots_us(9_500..20_000, 1_000, 9_000).is_empty());
    }

    proptest! {
        #[test]
        fn a_step_is_a_frame_doubled_that_just_fits(tile in 1..60_000_000_i64, frame in 1_000..100_000_i64) {
            let step = step_us(tile, frame);
            prop_assert_eq!(step % frame, 0);
            prop_assert!((step / frame).count_ones() == 1);
            prop_assert!(step == frame || (step <= tile && tile < step * 2));
        }

        #[test]
        fn a_coarser_step_never_covers_with_more_than_it_may(
            from in -500_000..5_000_000_i64, len in 1..90_000_000_i64, step in 1_000..100_000_i64, most in 3..200_usize,
        ) {
            let coarse = coarser(from..from + len, step, 60_000_000, most);
            prop_assert!(slots_us(from..from + len, coarse, 60_000_000).len() <= most);
            prop_assert_eq!(coarse % step, 0);
            prop_assert!((coarse / step).count_ones() == 1);
            // No coarser than it must be, but for the two that may be cut.
            prop_assert!(coarse == step || slots_us(from..from + len, coarse / 2, 60_000_000).len() + 2 > most);
        }

        /// Zooming out by two leaves every other picture as it is.
        #[test]
        fn pictures_of_one_zoom_are_among_those_of_the_next(from in 0..5_000_000_i64, len in 1..9_000_000_i64, doublings in 0..6_u32) {
            let step = 40_000_i64 << doublings;
            let coarse = slots_us(from..from + len, step * 2, 60_000_000);
            let fine = slots_us(from - step..from + len, step, 60_000_000);
            prop_assert!(coarse.iter().all(|at_us| fine.contains(at_us)));
        }
    }
}
