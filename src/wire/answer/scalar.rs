//! Single values, whatever form they came in: numbers as text, text as numbers, seconds as decimals, progress in three notations.

use serde_json::Value;

/// Text, or a number as it is written; trimmed, and `None` where nothing is left.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A whole number, also written as text or as `5000.0`; a fraction is rounded half away from zero.
pub fn whole(value: &Value) -> Option<i64> {
    let written = text(value)?;
    written.parse().ok().or_else(|| scaled(&written, 0))
}

/// A finite number.
pub fn real(value: &Value) -> Option<f64> {
    text(value)?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Seconds as milliseconds: `"5.041"`, `5.041`, `"5"` and `"5.041s"`; exact, a tenth of a millisecond is rounded. Negative ones are no duration.
pub fn seconds_ms(value: &Value) -> Option<i64> {
    let written = text(value)?;
    let bare = written.strip_suffix(['s', 'S']).map_or(written.as_str(), str::trim_end);
    scaled(bare, 3).filter(|&ms| ms >= 0)
}

/// Below this a time stamp is in seconds (docs: wire contract §3.3).
const SECONDS_BELOW: i64 = 100_000_000_000;

/// A time stamp in milliseconds since the epoch; one in seconds is converted. Zero and less mean that there is none.
pub fn stamp_ms(value: &Value) -> Option<i64> {
    let plain = whole(value).filter(|&stamp| stamp > 0)?;
    if plain < SECONDS_BELOW { scaled(&text(value)?, 3) } else { Some(plain) }
}

/// Progress from 0 to 1 out of `"45%"`, `45` and `0.45`.
///
/// A percent sign decides. Without one, a number *written* with a decimal point and at most 1 is a fraction, as `kirin` documents it
/// (`1.0` is done); everything else is a percentage, so that a whole `1` is one hundredth: the cautious reading of an
/// ambiguous form. `100` is done; what is above it counts as done too.
pub fn progress(value: &Value) -> Option<f32> {
    let written = text(value)?;
    let (digits, percent) = match written.strip_suffix('%') {
        Some(digits) => (digits.trim_end(), true),
        None => (written.as_str(), false),
    };
    let number: f64 = digits.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)?;
    let is_fraction = !percent && number <= 1.0 && digits.contains(['.', 'e', 'E']);
    let part = if is_fraction { number } else { number / 100.0 };
    Some(part.min(1.0) as f32)
}

/// `written · 10^places` as a whole number, exactly, rounded half away from zero; `None` where it is no decimal number or does not fit.
fn scaled(written: &str, places: i32) -> Option<i64> {
    let (mantissa, exponent) = match written.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (written, 0),
    };
    let (negative, unsigned) = match mantissa.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (before, after) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if before.is_empty() && after.is_empty() || !(before.bytes().chain(after.bytes())).all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    // The digits that stay in front of the decimal point once it has moved.
    let kept = i64::try_from(before.len()).ok()? + i64::from(exponent) + i64::from(places);
    let digits = before.bytes().chain(after.bytes());
    let mut sum: i64 = 0;
    let mut round_up = false;
    let mut count = 0;
    for (index, byte) in (0_i64..).zip(digits) {
        if index < kept {
            sum = sum.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
        } else if index == kept {
            round_up = byte >= b'5';
        }
        count = index + 1;
    }
    for _ in count..kept {
        if sum == 0 {
            break;
        }
        sum = sum.checked_mul(10)?;
    }
    let sum = if round_up { sum.checked_add(1)? } else { sum };
    Some(if negative { -sum } else { sum })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn seconds_become_milliseconds_exactly() {
        let cases = [
            (json!("5"), Some(5_000)),
            (json!("5.041"), Some(5_041)),
            (json!(5.041), Some(5_041)),
            (json!("0.1"), Some(100)),
            (json!("12.0415"), Some(12_042)),
            (json!("12.0414999"), Some(12_041)),
            (json!(" 9.5 s "), Some(9_500)),
            (json!("1e1"), Some(10_000)),
            (json!("5e-3"), Some(5)),
            (json!(".5"), Some(500)),
            (json!("5."), Some(5_000)),
            (json!("0.0004"), Some(0)),
            (json!("-1"), None),
            (json!("00:05"), None),
            (json!(""), None),
            (json!("."), None),
            (json!("NaN"), None),
            (json!(null), None),
            (json!("99999999999999999999"), None),
            (json!("1e999999999"), None),
            (json!("0e999999999"), Some(0)),
            (json!("1e99999999999"), None),
        ];
        for (value, ms) in cases {
            assert_eq!(seconds_ms(&value), ms, "{value}");
        }
    }

    #[test]
    fn numbers_are_read_from_text_and_text_from_numbers() {
        assert_eq!(whole(&json!("5000")), Some(5_000));
        assert_eq!(whole(&json!(5000.0)), Some(5_000));
        assert_eq!(whole(&json!("12300.5")), Some(12_301));
        assert_eq!(whole(&json!(-1)), Some(-1));
        assert_eq!(whole(&json!(true)), None);
        assert_eq!(text(&json!(-1)).as_deref(), Some("-1"));
        assert_eq!(text(&json!(" ")), None);
        assert_eq!(real(&json!("0.5")), Some(0.5));
        assert_eq!(real(&json!("inf")), None);
    }

    #[test]
    fn a_stamp_under_ten_to_the_eleventh_is_in_seconds() {
        assert_eq!(stamp_ms(&json!(1_722_769_557)), Some(1_722_769_557_000));
        assert_eq!(stamp_ms(&json!("1722769557")), Some(1_722_769_557_000));
        assert_eq!(stamp_ms(&json!(1_722_769_557.708)), Some(1_722_769_557_708));
        assert_eq!(stamp_ms(&json!(1_722_769_557_708_i64)), Some(1_722_769_557_708));
        assert_eq!(stamp_ms(&json!(99_999_999_999_i64)), Some(99_999_999_999_000));
        assert_eq!(stamp_ms(&json!(100_000_000_000_i64)), Some(100_000_000_000));
        assert_eq!(stamp_ms(&json!(0)), None);
    }

    #[test]
    fn progress_has_three_notations() {
        let cases = [
            (json!("45%"), Some(0.45)),
            (json!("45 %"), Some(0.45)),
            (json!(45), Some(0.45)),
            (json!("45"), Some(0.45)),
            (json!(45.5), Some(0.455)),
            (json!(0.45), Some(0.45)),
            (json!("0.45"), Some(0.45)),
            (json!(0), Some(0.0)),
            (json!(1), Some(0.01)),
            (json!("1"), Some(0.01)),
            (json!(1.0), Some(1.0)),
            (json!("1.0"), Some(1.0)),
            (json!("1%"), Some(0.01)),
            (json!("0.5%"), Some(0.005)),
            (json!(100), Some(1.0)),
            (json!("100%"), Some(1.0)),
            (json!(250), Some(1.0)),
            (json!(-1), None),
            (json!("soon"), None),
            (json!("NaN"), None),
        ];
        for (value, part) in cases {
            assert_eq!(progress(&value), part, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_left(written in "\\PC{0,40}") {
            let value = Value::String(written);
            let _ = (whole(&value), real(&value), seconds_ms(&value), stamp_ms(&value));
            prop_assert!(progress(&value).is_none_or(|part| (0.0..=1.0).contains(&part)));
        }

        #[test]
        fn milliseconds_survive_the_notation_in_seconds(ms in 0..100_000_000_i64) {
            let written = format!("{}.{:03}", ms / 1000, ms % 1000);
            prop_assert_eq!(seconds_ms(&Value::String(written.clone())), Some(ms));
            prop_assert_eq!(seconds_ms(&serde_json::from_str(&written).unwrap()), Some(ms));
        }
    }
}
