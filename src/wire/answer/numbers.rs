//! Whole numbers that no number type holds: ids of 20 and more digits, which would be read as `1.2345e+29` and lost.

use std::borrow::Cow;

/// So many digits always fit 64 bits.
const SAFE_DIGITS: usize = 18;

/// JSON with each whole number that does not fit 64 bits written as a string of its digits: text and numbers are read alike.
pub fn with_large_as_text(json: &[u8]) -> Cow<'_, [u8]> {
    let mut out: Vec<u8> = Vec::new();
    let (mut copied, mut at) = (0, 0);
    while at < json.len() {
        match json[at] {
            b'"' => at = end_of_string(json, at),
            b'-' | b'0'..=b'9' => {
                let end =
                    json[at..].iter().position(|byte| !is_of_number(*byte)).map_or(json.len(), |length| at + length);
                if is_too_large(&json[at..end]) {
                    out.extend_from_slice(&json[copied..at]);
                    out.push(b'"');
                    out.extend_from_slice(&json[at..end]);
                    out.push(b'"');
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.extend_from_slice(&json[copied..]);
    Cow::Owned(out)
}

const fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
}

fn is_too_large(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    digits.len() > SAFE_DIGITS
        && digits[0] != b'0'
        && digits.iter().all(u8::is_ascii_digit)
        && std::str::from_utf8(number)
            .is_ok_and(|number| number.parse::<i64>().is_err() && number.parse::<u64>().is_err())
}

/// The index behind the string that begins at `start`.
fn end_of_string(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < json.len() {
        match json[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn read(json: &str) -> String {
        String::from_utf8(with_large_as_text(json.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn only_whole_numbers_over_64_bits_become_text() {
        for (json, expected) in [
            (r#"{"id":123456789012345678901234567890}"#, r#"{"id":"123456789012345678901234567890"}"#),
            ("[-99999999999999999999, 1]", r#"["-99999999999999999999", 1]"#),
            ("18446744073709551616", r#""18446744073709551616""#),
            ("18446744073709551615", "18446744073709551615"),
            ("-9223372036854775808", "-9223372036854775808"),
            (
                r#"{"a\"99999999999999999999":"99999999999999999999"}"#,
                r#"{"a\"99999999999999999999":"99999999999999999999"}"#,
            ),
            ("0.12345678901234567890123", "0.12345678901234567890123"),
            ("12345678901234567890123e1", "12345678901234567890123e1"),
            (r#""open \"#, r#""open \"#),
        ] {
            assert_eq!(read(json), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_json_stays_json_and_any_bytes_are_taken(text in "\\PC{0,60}", digits in "[1-9][0-9]{19,40}") {
            let json = serde_json::json!({"text": text}).to_string();
            prop_assert_eq!(read(&json), json);
            let json = format!("{{\"text\":{},\"id\":{digits}}}", Value::String(text.clone()));
            let value: Value = serde_json::from_str(&read(&json)).unwrap();
            prop_assert_eq!(value["id"].as_str().map(str::to_owned).or_else(|| value["id"].as_u64().map(|id| id.to_string())), Some(digits));
            let _ = with_large_as_text(text.as_bytes());
        }
    }
}
