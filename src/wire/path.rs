//! Paths of a request: opaque ids become one segment each, whatever they contain.

use std::fmt::Write as _;

use crate::model::{Problem, ProblemKind};

/// Percent-encodes everything but RFC 3986's unreserved characters, so that `a/b?c` stays one segment.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// An id as one path segment.
///
/// # Errors
/// [`ProblemKind::Usage`]: an empty id names nothing, and `.` and `..` are eaten by every URL parser, encoded or not.
pub fn segment(what: &str, id: &str) -> Result<String, Problem> {
    match id {
        "" => Err(Problem::new(ProblemKind::Usage, format!("the {what} is empty"))
            .with_hint(format!("give the {what} the service answered with"))),
        "." | ".." => Err(Problem::new(ProblemKind::Usage, format!("the {what} {id:?} cannot stand in an address"))
            .with_hint(format!("give the {what} the service answered with"))),
        _ => Ok(percent_encode(id)),
    }
}

/// A path prefix as it stands in a path: `/kling` for `kling`, `/kling/` and `/kling`; nothing for nothing.
#[must_use]
pub fn prefix(text: &str) -> String {
    let trimmed = text.trim().trim_matches('/');
    if trimmed.is_empty() { String::new() } else { format!("/{trimmed}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_opaque_id_is_one_segment() {
        assert_eq!(segment("task id", "a/b?c#d e%").unwrap(), "a%2Fb%3Fc%23d%20e%25");
        assert_eq!(segment("task id", "ü").unwrap(), "%C3%BC");
        for eaten in ["", ".", ".."] {
            assert_eq!(segment("task id", eaten).unwrap_err().kind, ProblemKind::Usage);
        }
    }

    #[test]
    fn a_prefix_is_written_with_one_slash() {
        for (text, path) in [("", ""), ("/", ""), ("kling", "/kling"), ("/kling/", "/kling"), (" /a/b ", "/a/b")] {
            assert_eq!(prefix(text), path);
        }
    }

    proptest! {
        #[test]
        fn a_url_parser_reads_the_id_back(id in "\\PC{1,40}") {
            prop_assume!(id != "." && id != "..");
            let address = format!("http://host/v1/{}", segment("task id", &id).unwrap());
            let parsed = url::Url::parse(&address).unwrap();
            let segments: Vec<_> = parsed.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 2);
            let percent = segments[1].as_bytes();
            let mut decoded = Vec::new();
            let mut at = 0;
            while at < percent.len() {
                if percent[at] == b'%' {
                    decoded.push(u8::from_str_radix(&segments[1][at + 1..at + 3], 16).unwrap());
                    at += 3;
                } else {
                    decoded.push(percent[at]);
                    at += 1;
                }
            }
            prop_assert_eq!(String::from_utf8(decoded).unwrap(), id);
        }
    }
}
