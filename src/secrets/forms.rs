//! The encodings in which a service or a library may repeat a secret.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::LEAST_CHARS;

/// The value itself, as hexadecimal digits, and as Base64 wherever it stands within what was encoded.
///
/// Percent-encoding and the escapes of JSON are not among them: those are undone in the text (`fold.rs`), since they may concern any part.
pub fn of(value: &[u8]) -> Vec<Vec<u8>> {
    let mut lower = String::with_capacity(2 * value.len());
    for byte in value {
        // Writing to a string does not fail.
        let _ = write!(lower, "{byte:02x}");
    }
    let upper = lower.to_uppercase();
    let mut forms = vec![value.to_vec(), lower.into_bytes(), upper.into_bytes()];
    for before in 0..3 {
        forms.push(aligned(value, before, |bytes| STANDARD_NO_PAD.encode(bytes)));
        forms.push(aligned(value, before, |bytes| URL_SAFE_NO_PAD.encode(bytes)));
    }
    distinct(forms)
}

/// The pieces of a signed token: the whole as any value; what it says, and the signature, which is a value of its own.
pub fn of_token(token: &str) -> Vec<Vec<u8>> {
    let mut forms = of(token.as_bytes());
    let mut pieces = token.split('.').skip(1);
    if let Some(claims) = pieces.next() {
        forms.push(claims.as_bytes().to_vec());
    }
    if let Some(signature) = pieces.next() {
        forms.extend(of(signature.as_bytes()));
        forms.extend(URL_SAFE_NO_PAD.decode(signature).iter().flat_map(|bytes| of(bytes)));
    }
    distinct(forms)
}

fn distinct(mut forms: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    forms.retain(|form| form.len() >= LEAST_CHARS);
    forms.sort();
    forms.dedup();
    forms
}

/// The characters of Base64 that `value` alone decides when `before` other bytes precede it, and any number follow.
fn aligned(value: &[u8], before: usize, encode: impl Fn(&[u8]) -> String) -> Vec<u8> {
    let padded = [&[0; 2][..before], value].concat();
    let decided = padded.len() * 8 / 6;
    let mut text = encode(&padded).into_bytes();
    text.truncate(decided);
    text.drain(..(before * 8).div_ceil(6));
    text
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn base64_is_found_wherever_the_value_stands() {
        let value = b"sk-canary-0123456789?>";
        let forms = of(value);
        for before in 0..7 {
            for after in 0..4 {
                let whole = [&b"Bearer:"[..before], value, &b"xyz"[..after.min(3)]].concat();
                let text = STANDARD.encode(&whole);
                let url = base64::engine::general_purpose::URL_SAFE.encode(&whole);
                let has = |text: &str| forms.iter().any(|form| text.contains(std::str::from_utf8(form).unwrap_or("∅")));
                assert!(has(&text) && has(&url), "{before} before, {after} after: {text}");
            }
        }
    }

    #[test]
    fn pieces_of_a_token_are_its_forms_but_not_its_head_that_all_tokens_share() {
        let forms = of_token("eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJhY2Nlc3MifQ.c2lnbmF0dXJlLXNpZw");
        let has = |text: &str| forms.iter().any(|form| form == text.as_bytes());
        assert!(has("eyJpc3MiOiJhY2Nlc3MifQ") && has("c2lnbmF0dXJlLXNpZw") && has("signature-sig"));
        assert!(!has("eyJhbGciOiJIUzI1NiJ9"));
    }
}
