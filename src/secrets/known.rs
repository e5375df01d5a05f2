//! The secrets of this process, and a text without them.

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use memchr::memmem::Finder;

use super::{LEAST_CHARS, MASK, fold, forms};

/// Signed tokens are renewed and expire; so many of the newest are remembered.
const TOKENS: usize = 32;

static KNOWN: RwLock<Known> = RwLock::new(Known { keys: BTreeSet::new(), tokens: VecDeque::new(), finders: None });

struct Known {
    /// Forms of keys.
    keys: BTreeSet<Vec<u8>>,
    /// Tokens with their forms, oldest first.
    tokens: VecDeque<(String, Vec<Vec<u8>>)>,
    /// What finds any of them.
    finders: Option<Arc<Vec<Finder<'static>>>>,
}

impl Known {
    fn find_anew(&mut self) {
        let forms = self.keys.iter().chain(self.tokens.iter().flat_map(|(_, forms)| forms));
        self.finders = Some(Arc::new(forms.map(|form| Finder::new(form).into_owned()).collect()));
    }
}

/// From now on this key is in no text that leaves. A value of less than [`LEAST_CHARS`] characters is no key.
pub fn guard(key: &str) {
    if key.len() < LEAST_CHARS {
        return;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if !known.keys.contains(key.as_bytes()) {
        known.keys.extend(forms::of(key.as_bytes()));
        known.find_anew();
    }
}

/// The same of a signed token and its pieces.
pub fn guard_token(token: &str) {
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if known.tokens.iter().any(|(known, _)| known == token) {
        return;
    }
    if known.tokens.len() >= TOKENS {
        known.tokens.pop_front();
    }
    known.tokens.push_back((token.to_owned(), forms::of_token(token)));
    known.find_anew();
}

pub fn redacted(text: &str) -> Cow<'_, str> {
    let finders = KNOWN.read().unwrap_or_else(PoisonError::into_inner).finders.clone();
    match finders {
        Some(finders) => masked(text, &finders),
        None => Cow::Borrowed(text),
    }
}

fn masked<'a>(text: &'a str, finders: &[Finder<'_>]) -> Cow<'a, str> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for finder in finders {
        let length = finder.needle().len();
        found.extend(finder.find_iter(text.as_bytes()).map(|at| at..at + length));
    }
    for level in fold::levels(text.as_bytes()) {
        for finder in finders {
            let length = finder.needle().len();
            found.extend(finder.find_iter(&level.bytes).map(|at| level.from[at]..level.from[at + length]));
        }
    }
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    found.sort_by_key(|range| range.start);
    let mut shown = String::with_capacity(text.len());
    let mut shown_to = 0;
    let mut masked_to = None;
    for range in found {
        // Pieces that touch, as those of a token do at its dots, are one secret.
        if masked_to.is_none_or(|end| range.start > end) {
            // Secrets are ASCII, and so are escapes: both ends are character boundaries.
            shown.push_str(text.get(shown_to..range.start).unwrap_or_default());
            shown.push_str(MASK);
        }
        let end = range.end.max(masked_to.unwrap_or(0));
        (shown_to, masked_to) = (end, Some(end));
    }
    shown.push_str(text.get(shown_to..).unwrap_or_default());
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finders(key: &str) -> Vec<Finder<'static>> {
        forms::of(key.as_bytes()).iter().map(|form| Finder::new(form).into_owned()).collect()
    }

    #[test]
    fn a_key_is_masked_however_it_is_written() {
        let finders = finders("sk-0/1\"23+456");
        for (text, shown) in [
            ("bad key sk-0/1\"23+456!", "bad key •••!"),
            ("ü sk-0/1\"23+456sk-0/1\"23+456 ü", "ü ••• ü"),
            (r#"{"m":"sk-0\/1\"23+456"}"#, r#"{"m":"•••"}"#),
            ("q=sk-0%2F1%2223%2b456&n=1", "q=•••&n=1"),
            ("%73%6b-0/1%2223+456", "•••"),
            ("%2573%256b-0/1%252223+456", "•••"),
            (r"\u0073k-0/1\u002223+456", "•••"),
            ("736B2D302F312232332B343536", "•••"),
            ("736b2d302f312232332b343536", "•••"),
            ("nothing here", "nothing here"),
            ("100 % of sk-0", "100 % of sk-0"),
        ] {
            assert_eq!(masked(text, &finders), shown);
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_what_surrounds_a_key_stays(before in ".{0,20}", after in ".{0,20}") {
            let finders = finders("sk-canary-0123");
            let text = format!("{before}sk-canary-0123{after}");
            let shown = masked(&text, &finders);
            prop_assert!(!shown.contains("sk-canary-0123"));
            prop_assert!(shown.starts_with(&before) && shown.ends_with(&after), "{}", shown);
        }
    }
}
