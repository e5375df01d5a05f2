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

/// Reads a time as a person writes it, and as the program does: `692`, `692 ms`, `1.5s`, `1.5 s`, `0:02.5`. A bare number is of
/// milliseconds, so it has no fraction. `None` where it is no time, or too large.
#[must_use]
pub fn read_time(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase().replace(',', ".").replace('\u{2212}', "-");
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest.trim_start()),
        None => (1, text.as_str()),
    };
    let ms = if let Some(ms) = text.strip_suffix("ms") {
        digits(ms.trim_end())?
    } else if let Some(seconds) = text.strip_suffix('s') {
        read_seconds(seconds.trim_end())?
    } else if let Some((minutes, seconds)) = text.split_once(':') {
        digits(minutes)?.checked_mul(60_000)?.checked_add(read_seconds(seconds)?)?
    } else {
        digits(text)?
    };
    Some(sign * ms)
}

/// Seconds with or without a fraction, in milliseconds; finer digits are cut off.
fn read_seconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    digits(fraction)?;
    let ms: String = fraction.chars().chain("000".chars()).take(3).collect();
    digits(whole)?.checked_mul(1_000)?.checked_add(digits(&ms)?)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
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

    #[test]
    fn a_time_is_read_as_people_write_it_and_nothing_else_is() {
        for (text, ms) in [
            ("692", 692),
            (" 692 ms ", 692),
            ("692ms", 692),
            ("1.5s", 1_500),
            ("1.5 S", 1_500),
            ("1,5 s", 1_500),
            ("2 s", 2_000),
            ("0:02.5", 2_500),
            ("1:02", 62_000),
            ("0.0049 s", 4),
            ("-50", -50),
            ("\u{2212}0:00.050", -50),
        ] {
            assert_eq!(read_time(text), Some(ms), "{text}");
        }
        for text in [
            "",
            " ",
            "-",
            "1.5",
            "abc",
            "s",
            "ms",
            ":",
            "1:",
            ":5",
            "1:2:3",
            "--5",
            "1.s",
            ".5 s",
            "9e9",
            "99999999999999999999",
        ] {
            assert_eq!(read_time(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(ms in -10_000_000..10_000_000_i64) {
            let seconds = format!("{}{}.{:03}", if ms < 0 { "-" } else { "" }, ms.abs() / 1_000, ms.abs() % 1_000);
            for text in [clock_text(ms), ms.to_string(), format!("{ms} ms"), format!("{seconds} s"), format!("{seconds}s")] {
                prop_assert_eq!(read_time(&text), Some(ms), "{}", text);
            }
        }

        #[test]
        fn whatever_is_typed_is_read_or_not(text in "[-0-9.:, smx]{0,12}") {
            let _ = read_time(&text);
        }

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
