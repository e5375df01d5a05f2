//! Status words, and text from services sanitised for display.

use crate::model::TaskStatus;

/// What a status word means, in any case (docs: wire contract §3.6). An unknown word counts as running, and never as success.
pub fn status(word: &str) -> TaskStatus {
    match word.trim().to_ascii_lowercase().as_str() {
        "succeed" | "succeeded" | "success" | "completed" | "done" => TaskStatus::Succeed,
        "failed" | "failure" | "error" | "cancelled" | "expired" => TaskStatus::Failed,
        "" | "submitted" | "queued" | "in_queue" | "pending" | "not_start" => TaskStatus::Submitted,
        _ => TaskStatus::Processing,
    }
}

/// Whether a `message` only reports success.
pub fn says_nothing(message: &str) -> bool {
    matches!(
        message.trim().to_ascii_lowercase().as_str(),
        "" | "success" | "succeed" | "succeeded" | "ok" | "none" | "null"
    )
}

/// Longest message shown, in characters.
const LONGEST: usize = 600;

/// A message from a service as one line: control and direction-changing characters removed (a terminal would interpret them), white space folded, shortened.
pub fn presentable(message: &str) -> String {
    let mut shown = String::new();
    let mut gap = false;
    let mut count = 0;
    for letter in message.chars() {
        if letter.is_whitespace() || letter.is_control() {
            gap = !shown.is_empty();
            continue;
        }
        if matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}') {
            continue;
        }
        if gap {
            shown.push(' ');
            gap = false;
            count += 1;
        }
        if count >= LONGEST {
            shown.push('…');
            break;
        }
        shown.push(letter);
        count += 1;
    }
    shown
}

/// The text of a body that is not JSON: an HTML page by its title, an XML document by its message (as storages answer), else both without their tags;
/// plain text as it is. Empty where there are none.
pub fn of_page(body: &[u8]) -> String {
    // The message of a large page is near its beginning.
    let body = &body[..body.len().min(64 * 1024)];
    let text = String::from_utf8_lossy(body);
    let name = match text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']) {
        _ if looks_like_html(body) => "title",
        start if start.starts_with('<') => "message",
        _ => return presentable(&text),
    };
    let lower = text.to_ascii_lowercase();
    let title = lower.find(&format!("<{name}")).and_then(|at| {
        let open = at + lower[at..].find('>')? + 1;
        let close = open + lower[open..].find(&format!("</{name}"))?;
        text.get(open..close)
    });
    match title.map(|title| presentable(&entities(title))) {
        Some(title) if !title.is_empty() => title,
        _ => presentable(&entities(&without_tags(&text, &lower))),
    }
}

/// Whether bytes begin as an HTML page does.
pub fn looks_like_html(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&body[..body.len().min(512)]).to_ascii_lowercase();
    let start = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || start.starts_with("<head")
        || start.starts_with("<body")
        || start.starts_with("<!--") && text.contains("<html")
        || start.starts_with("<h1")
        || start.starts_with("<center")
}

/// `text` without tags, scripts and styles. `lower` is the same in lower case (ASCII only, so that positions agree).
fn without_tags(text: &str, lower: &str) -> String {
    let mut words = String::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('<').map(|found| at + found) {
        words.push_str(&text[at..open]);
        words.push(' ');
        let hidden = ["script", "style"].into_iter().find(|name| lower[open + 1..].starts_with(name));
        let end = match hidden {
            Some(name) => lower[open..].find(&format!("</{name}")).map(|found| open + found + 2),
            None => Some(open),
        };
        let Some(close) = end.and_then(|end| text[end..].find('>').map(|found| end + found + 1)) else { return words };
        at = close;
    }
    words.push_str(&text[at..]);
    words
}

/// The entities that titles of error pages have.
fn entities(text: &str) -> String {
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_documented_word_is_known_in_any_case() {
        for word in ["succeed", "SUCCEEDED", "Success", "completed", "done"] {
            assert_eq!(status(word), TaskStatus::Succeed, "{word}");
        }
        for word in ["failed", "FAILURE", "error", "Cancelled", "expired"] {
            assert_eq!(status(word), TaskStatus::Failed, "{word}");
        }
        for word in [
            "submitted",
            "queued",
            "IN_QUEUE",
            "pending",
            "NOT_START",
            "processing",
            "in_progress",
            "running",
            "",
            "Rendering",
            "200",
        ] {
            assert!(!status(word).is_terminal(), "{word}");
        }
        assert_eq!(status(" succeed "), TaskStatus::Succeed);
    }

    #[test]
    fn an_html_page_is_reduced_to_its_title() {
        let page = b"<!DOCTYPE html>\r\n<html><head><title>502 Bad\n Gateway</title></head><body><center><h1>x</h1></center></body></html>";
        assert_eq!(of_page(page), "502 Bad Gateway");
        assert_eq!(
            of_page(b"<html><script>if (a<b) {}</script><style>p{}</style><h1>Blocked</h1> by &lt;WAF&gt;"),
            "Blocked by <WAF>"
        );
        assert_eq!(of_page(b"upstream connect error\n"), "upstream connect error");
        assert_eq!(of_page(b"<html><p>cut off <b"), "cut off");
        assert_eq!(of_page(b""), "");
    }

    #[test]
    fn nothing_a_terminal_would_obey_is_shown() {
        assert_eq!(presentable("a\u{1b}[31mb\u{7}\r\n c\u{202e}d"), "a [31mb cd");
        assert_eq!(presentable(&"x".repeat(1000)).chars().count(), 601);
    }

    proptest! {
        #[test]
        fn any_bytes_have_presentable_words(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut page = b"<html>".to_vec();
            page.extend_from_slice(&body);
            for bytes in [&body, &page] {
                let words = of_page(bytes);
                prop_assert!(!words.chars().any(char::is_control) && words.chars().count() <= 601);
            }
        }

        #[test]
        fn any_markup_has_presentable_words(body in "(<title>|</title>|<script>|</script|<|>|<style>|é|x| ){0,30}") {
            let page = format!("<html>{body}");
            prop_assert!(!of_page(page.as_bytes()).chars().any(char::is_control));
        }
    }
}
