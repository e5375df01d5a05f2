//! Exchanges with a service, prepared for display: secrets masked, sound shortened, long bodies cut.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use crate::secrets;

/// Longest body kept, in bytes: a list of 500 tasks is kept whole. A longer one is cut, and says so.
pub const KEPT_BODY_BYTES: usize = 1024 * 1024;
/// As much as is looked at beyond it.
const OVER_BYTES: usize = 16 * 1024;
/// Runs of Base64 from this length are shortened, in characters.
const LONG_RUN: usize = 400;
/// How many characters of such a run are kept.
const RUN_HEAD: usize = 24;

/// One request and what came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// Its number in this recorder, from 1.
    pub number: u64,
    /// When it began; milliseconds since the epoch, by our clock.
    pub started_at_ms: i64,
    /// What it was for: `identify`, `create`, `query`, `list`, `upload`; `preview` and `download`, which are sent without a key.
    pub operation: &'static str,
    /// `GET`, `POST`, `PUT`.
    pub method: &'static str,
    /// The address.
    pub url: String,
    /// Headers as sent; `Authorization` masked.
    pub request_headers: Vec<(String, String)>,
    /// The body as sent, but for the Base64 of a voice, of which only the length is kept.
    pub request_body: String,
    /// The file on this machine whose bytes were in the body, or were the body.
    pub request_file: Option<PathBuf>,
    /// Length of the body as sent, in bytes.
    pub request_bytes: u64,
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// Headers of the answer.
    pub response_headers: Vec<(String, String)>,
    /// The body of the answer; bytes that are no UTF-8 are replaced.
    pub response_body: String,
    /// Length of the body as received, in bytes.
    pub response_bytes: u64,
    /// What went wrong with the exchange itself: no connection, a timeout, a reset.
    pub failure: Option<String>,
    /// How long it took.
    pub timing: Timing,
}

impl Exchange {
    /// The same with every text of it as `change` makes it.
    pub(super) fn changed(mut self, change: impl Fn(&str) -> String) -> Self {
        let headers = self.request_headers.iter_mut().chain(&mut self.response_headers);
        let texts = headers.flat_map(|(name, value)| [name, value]).chain(&mut self.failure);
        for text in texts.chain([&mut self.url, &mut self.request_body, &mut self.response_body]) {
            *text = change(text);
        }
        self
    }
}

/// Times of an exchange, in microseconds from its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timing {
    /// Until the head of the response was received.
    pub head_us: Option<u64>,
    /// Until the response was complete, or the exchange failed.
    pub total_us: u64,
}

/// A body as kept: as text, cut at [`KEPT_BODY_BYTES`].
#[must_use]
pub fn kept_body(body: &[u8]) -> String {
    // A secret that the cut would halve is masked before it.
    let head = &body[..body.len().min(KEPT_BODY_BYTES + OVER_BYTES)];
    let mut text = secrets::redacted(&String::from_utf8_lossy(head)).into_owned();
    text.truncate(text.floor_char_boundary(KEPT_BODY_BYTES));
    if body.len() > KEPT_BODY_BYTES {
        let _ = write!(text, "… (cut: {} bytes in all)", body.len());
    }
    text
}

/// `text` with every long run of Base64 replaced by its beginning and length.
#[must_use]
pub fn without_sound(text: &str) -> String {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    let bytes = text.as_bytes();
    let mut shown = String::new();
    let mut shown_to = 0;
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().take_while(|&&byte| is_base64(byte)).count();
        if run >= LONG_RUN {
            // A run is ASCII, so both of its ends are character boundaries.
            shown.push_str(&text[shown_to..at + RUN_HEAD]);
            let _ = write!(shown, "… ({run} characters)");
            shown_to = at + run;
        }
        at += run.max(1);
    }
    shown.push_str(&text[shown_to..]);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_is_shortened_and_all_else_is_kept() {
        let body = format!(r#"{{"é":"ü","sound_file":"{}","n":1}}"#, "QUJD".repeat(200));
        assert_eq!(
            without_sound(&body),
            r#"{"é":"ü","sound_file":"QUJDQUJDQUJDQUJDQUJDQUJD… (800 characters)","n":1}"#
        );
        assert_eq!(without_sound("plain"), "plain");
        let whole = "A".repeat(400);
        assert_eq!(without_sound(&whole), format!("{}… (400 characters)", "A".repeat(24)));
    }

    #[test]
    fn a_long_body_is_cut_and_says_so() {
        let body = vec![0xFF; KEPT_BODY_BYTES + 1];
        assert!(kept_body(&body).ends_with(&format!("(cut: {} bytes in all)", KEPT_BODY_BYTES + 1)));
        assert_eq!(kept_body(b"{}"), "{}");
    }
}
