//! Paths of a request: opaque ids become one segment each, whatever they contain.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::words;
use crate::model::{Problem, ProblemKind};

/// Everything but RFC 3986's unreserved characters, so that `a/b?c` stays one segment.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An id as one path segment.
///
/// # Errors
/// [`ProblemKind::Usage`]: an empty id names nothing, and `.` and `..` are removed by every URL parser, encoded or not.
pub fn segment(what: &str, id: &str) -> Result<String, Problem> {
    match id {
        "" => Err(Problem::new(ProblemKind::Usage, words::id_empty(what)).with_hint(words::id_hint(what))),
        "." | ".." => Err(Problem::new(ProblemKind::Usage, words::id_not_in_address(what, format!("{id:?}")))
            .with_hint(words::id_hint(what))),
        _ => Ok(utf8_percent_encode(id, RESERVED).to_string()),
    }
}

/// A path prefix as it is written in a path: `/kling` for `kling`, `/kling/` and `/kling`; empty for an empty one.
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
            let decoded = percent_encoding::percent_decode_str(segments[1]).decode_utf8().unwrap();
            prop_assert_eq!(decoded, id);
        }
    }
}
