//! Case-insensitive search in a text.

use std::ops::Range;

/// Every match of `needle` in `text`, from left to right, without overlaps. The case of ASCII letters is ignored.
pub fn all<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    let first = needle.first().map(u8::to_ascii_lowercase);
    let mut at = 0;
    std::iter::from_fn(move || {
        let first = first?;
        while at + needle.len() <= text.len() {
            let here = at;
            at += 1;
            // Comparing the first byte rules out nearly every position.
            if text[here].to_ascii_lowercase() == first && text[here..here + needle.len()].eq_ignore_ascii_case(needle)
            {
                at = here + needle.len();
                return Some(here..at);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(text: &str, needle: &str) -> Vec<usize> {
        all(text, needle).map(|range| range.start).collect()
    }

    #[test]
    fn either_case_is_found_and_none_twice() {
        assert_eq!(places("aAbaAA", "aa"), [0, 3]);
        assert_eq!(places("Grüße, grüße", "GRüße"), [0, 9]);
        assert_eq!(places("abc", ""), Vec::<usize>::new());
        assert_eq!(places("", "a"), Vec::<usize>::new());
        assert_eq!(places("ab", "abc"), Vec::<usize>::new());
    }

    proptest! {
        #[test]
        fn places_are_borders_of_characters(text in "\\PC{0,60}", needle in "\\PC{1,3}") {
            for range in all(&text, &needle) {
                prop_assert!(text[range].eq_ignore_ascii_case(&needle));
            }
        }
    }
}
