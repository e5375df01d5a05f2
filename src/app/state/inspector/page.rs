//! A body prepared for display: indented or raw, truncated, wrapped to the panel's width, searched. It is rebuilt when one of these
//! changes, not when it is drawn.

use std::ops::Range;

use super::{find, pretty};
use crate::app::words;
use crate::engine::KEPT_BODY_BYTES;

/// Maximum size of a displayed body, in bytes; *Save whole…* writes the rest, too.
pub const SHOWN_BYTES: usize = 64 * 1000;

/// A line of the display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its range in the text.
    pub range: Range<usize>,
    /// The range of the whole line that this is a piece of, where that line was wrapped.
    pub whole: Range<usize>,
}

/// A text in lines, with its search matches.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The displayed text.
    pub text: String,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Whether it is JSON, which is drawn with syntax colours.
    pub is_json: bool,
    /// A note on the body: why it is not indented, or that it is truncated.
    pub note: Option<String>,
    /// Whether the body is longer than the displayed text.
    pub is_cut: bool,
    /// The ranges of the search matches.
    pub matches: Vec<Range<usize>>,
}

impl Page {
    /// The page of a body that had `bytes` bytes on the wire.
    #[must_use]
    pub fn of_body(body: &str, bytes: u64, pretty: bool) -> Self {
        if body.is_empty() {
            return Self { note: Some("There is no body".into()), ..Self::default() };
        }
        if is_binary(body) {
            let words = format!("{} of binary data, which are not shown", words::bytes(bytes));
            return Self { note: Some(words), is_cut: false, ..Self::default() };
        }
        let kept_all = bytes <= KEPT_BODY_BYTES as u64;
        let looks_json = body.trim_start().starts_with(['{', '[']);
        let is_json = looks_json && (!kept_all || serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok());
        let indented = (pretty && is_json).then(|| pretty::indented(body));
        let mut page = Self::of_text(indented.as_deref().unwrap_or(body));
        page.is_json = indented.is_some();
        if page.is_cut {
            let all = bytes.max(indented.map_or(0, |text| text.len() as u64));
            page.note = Some(format!("The first {} of {}", words::bytes(SHOWN_BYTES as u64), words::bytes(all)));
        } else if pretty && !is_json {
            page.note = Some(if looks_json { "This JSON is not complete" } else { "This is not JSON" }.into());
        }
        page
    }

    /// The page of a plain text.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let mut end = text.len().min(SHOWN_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self { text: text[..end].replace(['\r', '\t'], " "), is_cut: end < text.len(), ..Self::default() }
    }

    /// Wraps the text into lines of at most `columns` columns.
    pub fn lay_out(&mut self, columns: usize) {
        let columns = columns.max(8);
        self.lines.clear();
        let mut start = 0;
        for line in self.text.split('\n') {
            let whole = start..start + line.len();
            let (mut from, mut used) = (whole.start, 0);
            for (at, char) in line.char_indices() {
                // Characters beyond Latin are at most two columns wide.
                let width = if char < '\u{1100}' { 1 } else { 2 };
                if used + width > columns {
                    self.lines.push(Line { range: from..whole.start + at, whole: whole.clone() });
                    (from, used) = (whole.start + at, 0);
                }
                used += width;
            }
            self.lines.push(Line { range: from..whole.end, whole: whole.clone() });
            start = whole.end + 1;
        }
    }

    /// Searches for `words`.
    pub fn search(&mut self, words: &str) {
        self.matches = find::all(&self.text, words).collect();
    }

    /// The index of the line in which a match begins.
    #[must_use]
    pub fn line_of(&self, index: usize) -> Option<usize> {
        let at = self.matches.get(index)?.start;
        Some(self.lines.partition_point(|line| line.range.end <= at).min(self.lines.len().saturating_sub(1)))
    }
}

/// Whether a body that was decoded as text is binary.
fn is_binary(body: &str) -> bool {
    let (mut strange, mut all) = (0_usize, 0_usize);
    for char in body.chars().take(4096) {
        all += 1;
        let control = char.is_control() && !matches!(char, '\n' | '\r' | '\t');
        strange += usize::from(control || char == char::REPLACEMENT_CHARACTER);
    }
    strange * 10 > all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_long_body_is_cut_and_says_how_much_there_is() {
        let body = format!("{{\"a\":\"{}\"}}", "é".repeat(50_000));
        let page = Page::of_body(&body, body.len() as u64, true);
        assert!(page.is_cut && page.is_json && page.text.len() <= SHOWN_BYTES);
        assert_eq!(page.note.as_deref(), Some("The first 64 kB of 100 kB"));
        let short = Page::of_body("{\"a\":1}", 7, true);
        assert_eq!((short.text.as_str(), short.note, short.is_cut), ("{\n  \"a\": 1\n}", None, false));
    }

    #[test]
    fn what_is_no_json_or_no_text_says_so() {
        let note = |body: &str, pretty| Page::of_body(body, body.len() as u64, pretty).note;
        assert_eq!(note("<html>", true).as_deref(), Some("This is not JSON"));
        assert_eq!(note("{\"a\":", true).as_deref(), Some("This JSON is not complete"));
        assert_eq!(note("<html>", false), None);
        assert_eq!(note("", true).as_deref(), Some("There is no body"));
        let bytes = String::from_utf8_lossy(&[0xFF; 3000]).into_owned();
        assert_eq!(Page::of_body(&bytes, 3000, true).note.as_deref(), Some("3 kB of binary data, which are not shown"));
    }

    #[test]
    fn a_match_is_found_in_its_line() {
        let mut page = Page::of_text("abcdefghij\nxyz abc");
        page.lay_out(8);
        assert_eq!(page.lines.len(), 3);
        page.search("ABC");
        assert_eq!(page.matches, [0..3, 15..18]);
        assert_eq!([page.line_of(0), page.line_of(1), page.line_of(2)], [Some(0), Some(2), None]);
    }

    proptest! {
        #[test]
        fn lines_hold_the_whole_text(text in "[\\PC\\n]{0,200}", columns in 1_usize..40) {
            let mut page = Page::of_text(&text);
            page.lay_out(columns);
            let mut at = 0;
            for line in &page.lines {
                prop_assert!(line.range.start == at || line.range.start == at + 1, "no gap but a line break");
                prop_assert!(line.range.start >= line.whole.start && line.range.end <= line.whole.end);
                at = line.range.end;
                prop_assert!(page.text[line.range.clone()].chars().count() <= columns.max(8));
            }
            prop_assert_eq!(at, page.text.len());
        }
    }
}
