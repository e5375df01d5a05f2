//! Signed addresses: anybody who has one can fetch what it names. Their query is masked wherever the whole address is not needed.

use std::borrow::Cow;

use super::MASK;

/// Parts of the names of parameters that sign an address, as Amazon, Google, Azure, Alibaba, Tencent, Kuaishou and their like call them.
const SIGNING: [&str; 13] = [
    "accesskey",
    "amz-",
    "apikey",
    "auth",
    "credential",
    "expire",
    "goog-",
    "hmac",
    "kcdn",
    "policy",
    "secret",
    "sig",
    "token",
];

/// `text` with the query of every signed address masked.
#[must_use]
pub fn without_signatures(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut shown_to = 0;
    for (scheme, _) in text.match_indices("://") {
        if scheme < shown_to || !text[..scheme].ends_with("http") && !text[..scheme].ends_with("https") {
            continue;
        }
        let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '\\' | '|');
        let end = text[scheme..].find(ends).map_or(text.len(), |length| scheme + length);
        let Some(query) = text[scheme..end].find('?').map(|at| scheme + at + 1) else { continue };
        // The & of JSON and HTML may be escaped; what is looked for are only the names.
        let names =
            text[query..end].split(['&', ';']).map(|pair| pair.split('=').next().unwrap_or(pair).to_lowercase());
        let is_signed = names.clone().any(|name| SIGNING.iter().any(|sign| name.contains(sign)));
        if is_signed {
            let end = end - trailing(&text[query..end]);
            shown.push_str(&text[shown_to..query]);
            shown.push_str(MASK);
            shown_to = end;
        }
    }
    if shown_to == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[shown_to..]);
    Cow::Owned(shown)
}

/// How many bytes at the end of an address are the sentence's.
fn trailing(text: &str) -> usize {
    text.len() - text.trim_end_matches(['.', ',', ';', ':', '!', ')', ']', '}']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_query_of_a_signed_address_is_masked() {
        for (text, shown) in [
            ("https://a.b/v.mp4?X-Amz-Signature=abc&x=1", "https://a.b/v.mp4?•••"),
            ("saved https://a.b/v.mp4?Expires=1&OSSAccessKeyId=2.", "saved https://a.b/v.mp4?•••."),
            (
                r#"{"url":"https://a.b/v?sig=1","n":"http://c/d?auth_key=9"}"#,
                r#"{"url":"https://a.b/v?•••","n":"http://c/d?•••"}"#,
            ),
            (
                "https://api.example/v1/videos?pageNum=1&pageSize=500",
                "https://api.example/v1/videos?pageNum=1&pageSize=500",
            ),
            ("is ://a?sig=1 one? token=no", "is ://a?sig=1 one? token=no"),
            ("http://127.0.0.1:1/media/m-1.mp4", "http://127.0.0.1:1/media/m-1.mp4"),
        ] {
            assert_eq!(without_signatures(text), shown);
        }
    }
}
