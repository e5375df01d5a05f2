//! Values of arguments: times and keys.

use std::time::Duration;

use crate::engine::journal::Phase;
use crate::model::MouthBox;
use crate::model::speech::{SPEED_MAX, SPEED_MIN};

/// Reads `10m`, `5s`, `250ms`, `1.5h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || crate::cli::words::not_a_duration(text);
    let split = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    let unit_s = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(number * unit_s).map_err(|_| wrong())
}

/// A state of a task in the journal.
pub fn state(text: &str) -> Result<Phase, String> {
    Phase::of_word(text).ok_or_else(|| {
        let states: Vec<_> = Phase::ALL.iter().map(|state| state.word()).collect();
        crate::cli::words::not_a_state(text, states.join(", "))
    })
}

/// A key that can be sent in a header.
pub fn secret(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err(crate::cli::words::not_a_key())
    }
}

/// An amount of units or money: 0 or more.
pub fn amount(text: &str) -> Result<f64, String> {
    let amount = text.trim().parse().ok().filter(|amount: &f64| amount.is_finite() && *amount >= 0.0);
    amount.ok_or_else(|| crate::cli::words::not_an_amount(text))
}

/// The speed of a voice.
pub fn speed(text: &str) -> Result<f64, String> {
    let (least, most) = (SPEED_MIN, SPEED_MAX);
    let speed = text.trim().parse().ok().filter(|speed: &f64| (least..=most).contains(speed));
    speed.ok_or_else(|| crate::cli::words::not_a_speed(text, least, most))
}

/// How many jobs run at once: 1 to 64.
pub fn at_once(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| (1..=64).contains(number)).ok_or_else(|| crate::cli::words::not_at_once(text))
}

/// Where a mouth is: four numbers in sides of the face's box.
pub fn mouth_box(text: &str) -> Result<MouthBox, String> {
    let values: Vec<f32> = text.split(',').map_while(|value| value.trim().parse().ok()).collect();
    let values: [f32; 4] = match values.try_into() {
        Ok(values) if text.split(',').count() == 4 => values,
        _ => return Err(crate::cli::words::not_a_mouth_box(text)),
    };
    let mouth = MouthBox::of(values);
    mouth.check().map_err(|(name, why)| format!("{name}: {why}"))?;
    Ok(mouth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mouth_box_is_four_numbers_on_the_face() {
        assert_eq!(mouth_box("-0.02, 0.28,0.4,0.12"), Ok(MouthBox::of([-0.02, 0.28, 0.4, 0.12])));
        for text in ["", "0,0.28,0.4", "0,0.28,0.4,0.12,1", "0,x,0.4,0.12"] {
            assert!(mouth_box(text).unwrap_err().contains("four numbers"), "{text}");
        }
        assert!(mouth_box("0,0.28,4,0.12").unwrap_err().starts_with("width: Expected a number from 0.12 to 0.8"));
    }

    #[test]
    fn a_duration_needs_a_unit() {
        for (text, ms) in
            [("10m", 600_000), ("5s", 5_000), ("250ms", 250), ("1.5s", 1_500), ("0s", 0), ("1h", 3_600_000)]
        {
            assert_eq!(duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "10", "s", "-1s", "5 parsecs", "NaNs", "1e400s", "infs", "ms250", "٣s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
