//! A stretch of time within a clip or a voice.

use serde::{Deserialize, Serialize};

/// A half-open stretch of time, `start_ms..end_ms`, in milliseconds from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// First millisecond inside.
    pub start_ms: i64,
    /// First millisecond after it.
    pub end_ms: i64,
}

impl Interval {
    /// The interval `start_ms..end_ms`; nothing is checked, a service may send an empty or reversed one.
    #[must_use]
    pub const fn new(start_ms: i64, end_ms: i64) -> Self {
        Self { start_ms, end_ms }
    }

    /// Its length in milliseconds; zero where it is empty or reversed.
    #[must_use]
    pub fn len_ms(self) -> i64 {
        self.end_ms.saturating_sub(self.start_ms).max(0)
    }

    /// Whether nothing lies inside.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len_ms() == 0
    }

    /// How many milliseconds both have in common.
    #[must_use]
    pub fn overlap_ms(self, other: Self) -> i64 {
        Self::new(self.start_ms.max(other.start_ms), self.end_ms.min(other.end_ms)).len_ms()
    }

    /// Whether `at_ms` lies inside.
    #[must_use]
    pub fn contains(self, at_ms: i64) -> bool {
        (self.start_ms..self.end_ms).contains(&at_ms)
    }
}

/// `0:03.480`: minutes, seconds, milliseconds, as the window and the command line show a time.
#[must_use]
pub fn clock_text(at_ms: i64) -> String {
    let sign = if at_ms < 0 { "-" } else { "" };
    let ms = at_ms.unsigned_abs();
    format!("{sign}{}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_time_reads_as_minutes_seconds_milliseconds() {
        assert_eq!(clock_text(3_480), "0:03.480");
        assert_eq!(clock_text(61_005), "1:01.005");
        assert_eq!(clock_text(-5), "-0:00.005");
    }

    proptest! {
        #[test]
        fn overlap_is_symmetric_and_no_longer_than_either(a in -1000..1000_i64, b in -1000..1000_i64, c in -1000..1000_i64, d in -1000..1000_i64) {
            let (x, y) = (Interval::new(a, b), Interval::new(c, d));
            prop_assert_eq!(x.overlap_ms(y), y.overlap_ms(x));
            prop_assert!(x.overlap_ms(y) <= x.len_ms().min(y.len_ms()));
        }

        #[test]
        fn overlap_counts_the_milliseconds_in_both(a in 0..60_i64, b in 0..60_i64, c in 0..60_i64, d in 0..60_i64) {
            let (x, y) = (Interval::new(a, b), Interval::new(c, d));
            let counted = (0..60).filter(|&ms| x.contains(ms) && y.contains(ms)).count();
            prop_assert_eq!(usize::try_from(x.overlap_ms(y)).ok(), Some(counted));
        }
    }
}
