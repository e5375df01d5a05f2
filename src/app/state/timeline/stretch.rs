//! The part of the clip that is in view: zoom, pan, and bringing a time into view. Pure.

/// Margin before the start and after the end of the clip, as a fraction of its length.
const AIR: f64 = 0.012;
/// The shortest range that can be in view, in milliseconds: a dozen frames.
const LEAST_MS: f64 = 500.0;
/// Where a time that is brought into view is placed, as a fraction of the range.
const PAGE: f64 = 0.08;

/// A range of time, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Its start.
    pub start_ms: f64,
    /// Its length; positive.
    pub len_ms: f64,
}

impl Stretch {
    /// The whole clip, with a margin on both sides.
    #[must_use]
    pub fn whole(length_ms: i64) -> Self {
        let length_ms = length_ms.max(1) as f64;
        Self { start_ms: -length_ms * AIR, len_ms: length_ms * (1.0 + 2.0 * AIR) }
    }

    /// Its end.
    #[must_use]
    pub fn end_ms(&self) -> f64 {
        self.start_ms + self.len_ms
    }

    /// Whether it contains a time.
    #[must_use]
    pub fn contains(&self, at_ms: f64) -> bool {
        (self.start_ms..=self.end_ms()).contains(&at_ms)
    }

    /// Whether it contains the whole clip.
    #[must_use]
    pub fn is_whole(&self, length_ms: i64) -> bool {
        self.len_ms >= Self::whole(length_ms).len_ms * 0.999
    }

    /// Zoomed by `factor` (above 1 zooms in), so that `at_ms` keeps its place on the screen.
    #[must_use]
    pub fn zoomed(self, factor: f64, at_ms: f64, length_ms: i64) -> Self {
        let whole = Self::whole(length_ms);
        let len_ms = (self.len_ms / factor.clamp(0.01, 100.0)).clamp(LEAST_MS.min(whole.len_ms), whole.len_ms);
        let place = (at_ms - self.start_ms) / self.len_ms;
        Self { start_ms: at_ms - place * len_ms, len_ms }.within(length_ms)
    }

    /// Moved by a number of milliseconds.
    #[must_use]
    pub fn panned(self, by_ms: f64, length_ms: i64) -> Self {
        Self { start_ms: self.start_ms + by_ms, ..self }.within(length_ms)
    }

    /// Scrolled by a page, so that a time out of view comes into it; unchanged where it is in view already.
    #[must_use]
    pub fn showing(self, at_ms: f64, length_ms: i64) -> Self {
        if self.contains(at_ms) {
            return self;
        }
        // Backwards the time is placed at the right, to leave room in the direction of movement.
        let page = if at_ms < self.start_ms { 1.0 - PAGE } else { PAGE };
        Self { start_ms: at_ms - page * self.len_ms, ..self }.within(length_ms)
    }

    /// Clamped to the clip and its margins.
    #[must_use]
    pub fn within(self, length_ms: i64) -> Self {
        let whole = Self::whole(length_ms);
        let len_ms = self.len_ms.min(whole.len_ms);
        let last_ms = whole.end_ms() - len_ms;
        Self { start_ms: self.start_ms.min(last_ms).max(whole.start_ms), len_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_stretch(length_ms: i64, start: f64, len: f64) -> Stretch {
        let whole = Stretch::whole(length_ms);
        let len_ms = (whole.len_ms * len).max(LEAST_MS.min(whole.len_ms));
        Stretch { start_ms: whole.start_ms + (whole.len_ms - len_ms) * start, len_ms }.within(length_ms)
    }

    proptest! {
        #[test]
        fn zoom_keeps_what_is_under_the_pointer_or_meets_an_end(
            length in 600..3_600_000_i64, start in 0.0..1.0_f64, len in 0.001..1.0_f64, place in 0.0..1.0_f64, factor in 0.1..10.0_f64,
        ) {
            let before = any_stretch(length, start, len);
            let at_ms = before.start_ms + place * before.len_ms;
            let after = before.zoomed(factor, at_ms, length);
            let now_at = after.start_ms + place * after.len_ms;
            let whole = Stretch::whole(length);
            let at_an_end = after.start_ms <= whole.start_ms + 1e-6 || after.end_ms() >= whole.end_ms() - 1e-6;
            prop_assert!((now_at - at_ms).abs() < 1e-6 * length as f64 || at_an_end, "{at_ms} became {now_at}");
            prop_assert!(after.contains(at_ms));
        }

        #[test]
        fn zoom_in_and_out_again_comes_back_in_the_open(length in 60_000..600_000_i64, factor in 1.1..4.0_f64) {
            let before = any_stretch(length, 0.5, 0.2);
            let at_ms = before.start_ms + 0.3 * before.len_ms;
            let back = before.zoomed(factor, at_ms, length).zoomed(1.0 / factor, at_ms, length);
            prop_assert!((back.start_ms - before.start_ms).abs() < 1e-3 && (back.len_ms - before.len_ms).abs() < 1e-3);
        }

        #[test]
        fn nothing_leaves_the_clip(length in 1..3_600_000_i64, start in 0.0..1.0_f64, len in 0.001..1.0_f64, by in -9e6..9e6_f64, at in 0.0..1.0_f64, factor in 0.01..100.0_f64) {
            let whole = Stretch::whole(length);
            let stretch = any_stretch(length, start, len);
            let at_ms = at * length as f64;
            for after in [stretch.panned(by, length), stretch.zoomed(factor, at_ms, length), stretch.showing(at_ms, length)] {
                prop_assert!(after.start_ms >= whole.start_ms - 1e-6 && after.end_ms() <= whole.end_ms() + 1e-6, "{after:?}");
                prop_assert!(after.len_ms >= LEAST_MS.min(whole.len_ms) - 1e-6);
            }
            prop_assert!(stretch.showing(at_ms, length).contains(at_ms));
        }

        #[test]
        fn what_is_in_view_turns_no_page(length in 1_000..600_000_i64, start in 0.0..1.0_f64, len in 0.01..1.0_f64, place in 0.0..1.0_f64) {
            let stretch = any_stretch(length, start, len);
            prop_assert_eq!(stretch.showing(stretch.start_ms + place * stretch.len_ms, length), stretch);
        }
    }
}
