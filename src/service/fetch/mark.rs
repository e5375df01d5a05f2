//! What a server says of the content at an address, so that it is noticed when that is replaced.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::{ETAG, HeaderMap, LAST_MODIFIED};
use serde::{Deserialize, Serialize};

use crate::wire::answer::presentable;

/// What tells one content of an address from another, as its server says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentMark {
    /// Its length in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// The name of this version of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// When it was last changed, in the server's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl ContentMark {
    pub(super) fn of(headers: &HeaderMap, size_bytes: Option<u64>) -> Self {
        let text = |name| headers.get(name).map(|value| presentable(&String::from_utf8_lossy(value.as_bytes())));
        Self { size_bytes, etag: text(ETAG), last_modified: text(LAST_MODIFIED) }
    }

    /// Whether the server said nothing by which the content could be recognised.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether both have anything by which they can be compared.
    #[must_use]
    pub fn shares_with(&self, now: &Self) -> bool {
        (self.size_bytes.is_some() && now.size_bytes.is_some())
            || (self.etag.is_some() && now.etag.is_some())
            || (self.last_modified.is_some() && now.last_modified.is_some())
    }

    /// Whether `now` is that of another content. What only one of them has proves nothing.
    #[must_use]
    pub fn differs_from(&self, now: &Self) -> bool {
        fn differ<T: PartialEq>(then: Option<&T>, now: Option<&T>) -> bool {
            then.zip(now).is_some_and(|(then, now)| then != now)
        }
        differ(self.size_bytes.as_ref(), now.size_bytes.as_ref())
            || differ(self.etag.as_ref(), now.etag.as_ref())
            || differ(self.last_modified.as_ref(), now.last_modified.as_ref())
    }
}

/// What was last seen at each address that was fetched from. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct SeenContents(Arc<Mutex<HashMap<String, ContentMark>>>);

impl SeenContents {
    pub(super) fn note(&self, address: &str, mark: ContentMark) {
        if !mark.is_empty() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(address.trim().to_owned(), mark);
        }
    }

    /// What was last seen at an address; `None`: nothing was fetched from it, or its server told nothing.
    #[must_use]
    pub fn at(&self, address: &str) -> Option<ContentMark> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(address.trim()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_another_where_the_server_says_so_and_only_there() {
        let mark = |size_bytes, etag: Option<&str>, changed: Option<&str>| ContentMark {
            size_bytes,
            etag: etag.map(str::to_owned),
            last_modified: changed.map(str::to_owned),
        };
        let known = mark(Some(9), Some("\"a\""), Some("Mon"));
        for same in [known.clone(), mark(None, None, None), mark(Some(9), None, None), mark(None, Some("\"a\""), None)]
        {
            assert!(!known.differs_from(&same), "{same:?}");
        }
        for other in [mark(Some(8), None, None), mark(Some(9), Some("\"b\""), None), mark(None, None, Some("Tue"))] {
            assert!(known.differs_from(&other), "{other:?}");
        }
    }
}
