//! Conversion between time and points, and the positions of the ruler's marks. Pure.

use std::ops::RangeInclusive;

use crate::app::state::timeline::stretch::Stretch;

/// The mapping from time to the screen: `start_ms` is at `left_px`, and a millisecond has a fixed width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The first millisecond in view.
    pub start_ms: f64,
    /// The position of that millisecond, in points.
    pub left_px: f32,
    /// Width of a millisecond, in points; positive.
    pub px_per_ms: f64,
}

impl Scale {
    /// The scale at which a range fills `width_px` points from `left_px`.
    #[must_use]
    pub fn of(stretch: Stretch, left_px: f32, width_px: f32) -> Self {
        let px_per_ms = f64::from(width_px.max(1.0)) / stretch.len_ms.max(1.0);
        Self { start_ms: stretch.start_ms, left_px, px_per_ms }
    }

    /// The position of a time, in points.
    #[must_use]
    pub fn x_of(&self, at_ms: i64) -> f32 {
        self.left_px + ((at_ms as f64 - self.start_ms) * self.px_per_ms) as f32
    }

    /// The time at a position, to the nearest millisecond.
    #[must_use]
    pub fn ms_at(&self, x_px: f32) -> i64 {
        (f64::from(x_px - self.left_px) / self.px_per_ms + self.start_ms).round() as i64
    }

    /// The time at a position, with fractions.
    #[must_use]
    pub fn exact_ms_at(&self, x_px: f32) -> f64 {
        f64::from(x_px - self.left_px) / self.px_per_ms + self.start_ms
    }

    /// The duration of a width, in milliseconds.
    #[must_use]
    pub fn ms_of_px(&self, px: f32) -> i64 {
        (f64::from(px) / self.px_per_ms).round() as i64
    }
}

/// The steps of the ruler in milliseconds, each with its number of subdivisions: powers of ten times one, two and five, and above
/// that the usual fractions of a minute.
const STEPS_MS: [(i64, i64); 21] = [
    (1, 1),
    (2, 2),
    (5, 5),
    (10, 5),
    (20, 4),
    (50, 5),
    (100, 5),
    (200, 4),
    (500, 5),
    (1_000, 5),
    (2_000, 4),
    (5_000, 5),
    (10_000, 5),
    (30_000, 6),
    (60_000, 6),
    (120_000, 4),
    (300_000, 5),
    (600_000, 5),
    (1_800_000, 6),
    (3_600_000, 6),
    (7_200_000, 4),
];

/// The step of the ruler at which two labelled marks are at least `least_px` apart.
#[must_use]
pub fn ruler_step_ms(scale: &Scale, least_px: f32) -> i64 {
    let wide_enough = |step_ms: i64| step_ms as f64 * scale.px_per_ms >= f64::from(least_px);
    let last = STEPS_MS[STEPS_MS.len() - 1].0;
    STEPS_MS.into_iter().map(|(step_ms, _)| step_ms).find(|step_ms| wide_enough(*step_ms)).unwrap_or(last)
}

/// The distance between unlabelled marks; that of the labelled ones where they would be closer than `least_px`.
#[must_use]
pub fn ruler_part_ms(scale: &Scale, step_ms: i64, least_px: f32) -> i64 {
    let parts = STEPS_MS.into_iter().find(|(known_ms, _)| *known_ms == step_ms).map_or(1, |(_, parts)| parts);
    let part_ms = step_ms / parts;
    if part_ms as f64 * scale.px_per_ms >= f64::from(least_px) { part_ms.max(1) } else { step_ms }
}

/// The ruler's labelled marks within a range, in milliseconds.
pub fn ruler_marks_ms(stretch_ms: RangeInclusive<i64>, step_ms: i64) -> impl Iterator<Item = i64> {
    let step_ms = step_ms.max(1);
    let first = stretch_ms.start().div_euclid(step_ms) + i64::from(stretch_ms.start().rem_euclid(step_ms) != 0);
    let last = stretch_ms.end().div_euclid(step_ms);
    (first..=last).map(move |n| n * step_ms)
}

/// `3s`, `0.25s`, `1:05`: the label of a time, as short as the step allows.
#[must_use]
pub fn ruler_text(at_ms: i64, step_ms: i64) -> String {
    let (seconds, ms) = (at_ms.div_euclid(1000), at_ms.rem_euclid(1000));
    match step_ms {
        1_000.. if seconds >= 60 || step_ms >= 60_000 => format!("{}:{:02}", seconds / 60, seconds % 60),
        1_000.. => format!("{seconds}s"),
        100.. => format!("{seconds}.{}s", ms / 100),
        10.. => format!("{seconds}.{:02}s", ms / 10),
        _ => format!("{seconds}.{ms:03}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ruler_names_moments_as_short_as_the_step_allows() {
        for (at_ms, step_ms, text) in [
            (3_000, 1_000, "3s"),
            (250, 10, "0.25s"),
            (3_500, 500, "3.5s"),
            (65_000, 60_000, "1:05"),
            (65_000, 5_000, "1:05"),
            (7, 1, "0.007s"),
        ] {
            assert_eq!(ruler_text(at_ms, step_ms), text);
        }
    }

    proptest! {
        /// A conversion to points and back returns the same time, as long as a millisecond is not far below the precision of points.
        #[test]
        fn a_moment_survives_the_way_to_the_screen_and_back(length in 100..120_000_i64, left in 0..600_i32, width in 200..3_000_i32, at in 0..120_000_i64) {
            let scale = Scale::of(Stretch::whole(length), left as f32, width as f32);
            let back = scale.ms_at(scale.x_of(at.min(length)));
            // An f32 has 24 bits: on a screen of 3000 points that is well under a thousandth of a point.
            let tolerance = (0.001 / scale.px_per_ms).ceil() as i64;
            prop_assert!((back - at.min(length)).abs() <= tolerance, "{} ms came back as {back} ms", at.min(length));
        }

        #[test]
        fn the_whole_length_is_in_view(length in 1..120_000_i64, left in 0..600_i32, width in 200..3_000_i32) {
            let scale = Scale::of(Stretch::whole(length), left as f32, width as f32);
            prop_assert!(scale.x_of(0) >= left as f32);
            prop_assert!(scale.x_of(length) <= (left + width) as f32 + 0.01);
        }

        #[test]
        fn later_is_never_further_left(length in 100..120_000_i64, a in 0..120_000_i64, b in 0..120_000_i64) {
            let scale = Scale::of(Stretch::whole(length), 0.0, 900.0);
            prop_assert!(a > b || scale.x_of(a) <= scale.x_of(b));
        }

        #[test]
        fn marks_are_multiples_of_the_step_within_the_stretch_and_not_too_close(
            length in 100..3_600_000_i64, width in 200..3_000_i32, start in 0.0..1.0_f64, part in 0.001..1.0_f64,
        ) {
            let whole = Stretch::whole(length);
            let stretch = whole.zoomed(1.0 / part, whole.start_ms + start * whole.len_ms, length);
            let scale = Scale::of(stretch, 0.0, width as f32);
            let step = ruler_step_ms(&scale, 56.0);
            let view = (stretch.start_ms.max(0.0) as i64)..=(stretch.end_ms() as i64).min(length);
            let marks: Vec<i64> = ruler_marks_ms(view.clone(), step).collect();
            prop_assert!(marks.iter().all(|at| at % step == 0 && view.contains(at)));
            prop_assert!(marks.len() as i32 <= width / 50 + 2, "{} marks on {width} points", marks.len());
            // Labels do not overlap: a character of the ruler is at most 6.4 points wide.
            for pair in marks.windows(2) {
                let wide = ruler_text(pair[0], step).len().max(ruler_text(pair[1], step).len()) as f32 * 6.4;
                prop_assert!(scale.x_of(pair[1]) - scale.x_of(pair[0]) > wide, "{pair:?} at {step}");
            }
            let minor = ruler_part_ms(&scale, step, 5.0);
            prop_assert!(step % minor == 0);
            prop_assert!(minor == step || scale.px_per_ms * minor as f64 >= 4.999);
        }
    }
}
