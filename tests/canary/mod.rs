//! Every form in which a service may repeat what authorised a request.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

/// The forms of these secrets, and of the token in this `Authorization` header.
pub fn forms(secrets: &[&str], authorization: &str) -> Vec<String> {
    let token = authorization.strip_prefix("Bearer ").unwrap_or(authorization);
    let mut forms: Vec<String> = secrets.iter().chain([&token]).flat_map(|secret| of(secret)).collect();
    let pieces: Vec<&str> = token.split('.').skip(1).collect();
    forms.extend(pieces.iter().map(|piece| (*piece).to_owned()));
    if let [_, signature] = pieces[..] {
        forms.extend(of(signature));
        forms.push(hex(&URL_SAFE_NO_PAD.decode(signature).unwrap_or_default()));
    }
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn of(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let mut forms = vec![secret.to_owned(), hex(bytes), hex(bytes).to_uppercase()];
    for before in ["", "a", "ab"] {
        for after in ["", "z", "yz"] {
            let whole = format!("{before}{secret}{after}");
            forms.extend([STANDARD.encode(&whole), URL_SAFE.encode(&whole)]);
        }
    }
    let each = |write: &dyn Fn(u8) -> String| bytes.iter().map(|&byte| write(byte)).collect::<String>();
    forms.push(each(&|byte| format!("%{byte:02X}")));
    forms.push(each(&|byte| format!("%{byte:02x}")));
    forms.push(each(&|byte| format!("\\u{byte:04x}")));
    let partly =
        |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    forms.push(each(&partly));
    forms
}

/// What of a form must not be found: all of it, and of Base64 what the secret alone decides.
pub fn traces(secrets: &[&str], authorization: &str) -> Vec<String> {
    let ends = |form: String| {
        let length = form.trim_end_matches('=').len();
        // Up to four characters at each end are decided by what stands around the secret.
        if length > 16 { form[4..length - 4].to_owned() } else { form }
    };
    let mut traces: Vec<String> = forms(secrets, authorization).into_iter().map(ends).collect();
    traces.sort();
    traces.dedup();
    traces
}

/// Fails where a trace is in what left.
pub fn assert_clean(what: &str, text: &[u8], traces: &[String]) {
    let text = String::from_utf8_lossy(text);
    for trace in traces {
        if let Some(at) = text.find(trace.as_str()) {
            let from = text.floor_char_boundary(at.saturating_sub(80));
            let to = text.floor_char_boundary((at + 120).min(text.len()));
            panic!("{what} has a secret: {trace} in …{}…", &text[from..to]);
        }
    }
}
