//! Headers and timing of an exchange as text, for display and for the clipboard.

use crate::app::words;
use crate::engine::Exchange;

/// Headers whose values are masked here, in addition to the key, which is masked when the exchange is recorded.
const SECRET: [&str; 6] =
    ["cookie", "set-cookie", "proxy-authorization", "x-api-key", "api-key", "x-amz-security-token"];

/// The headers of request and response as text, with secrets masked.
#[must_use]
pub fn headers(exchange: &Exchange) -> String {
    let lines = both_headers(exchange).map(|(title, headers)| {
        let lines: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {}", shown_header(name, value))).collect();
        format!("{title}\n{}", lines.join("\n"))
    });
    lines.join("\n\n")
}

/// Title and headers of request and response.
#[must_use]
pub fn both_headers(exchange: &Exchange) -> [(&'static str, &[(String, String)]); 2] {
    [("Request headers", &exchange.request_headers), ("Answer headers", &exchange.response_headers)]
}

/// A header's value, masked where it is secret.
#[must_use]
pub fn shown_header<'a>(name: &str, value: &'a str) -> &'a str {
    if SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)) { "•••" } else { value }
}

/// When an exchange began and how long it took, as text.
#[must_use]
pub fn timing(exchange: &Exchange) -> String {
    timing_lines(exchange).into_iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// Name and value of each line.
#[must_use]
pub fn timing_lines(exchange: &Exchange) -> Vec<(&'static str, String)> {
    let timing = exchange.timing;
    let mut lines = vec![("Began", words::moment(exchange.started_at_ms))];
    match timing.head_us {
        Some(head_us) => {
            lines.push(("Until the answer began", words::micros(head_us)));
            lines.push(("The answer itself", words::micros(timing.total_us.saturating_sub(head_us))));
        }
        None => lines.push(("Until the answer began", "It never did".into())),
    }
    lines.push(("In all", words::micros(timing.total_us)));
    lines.push(("Sent", words::bytes(exchange.request_bytes)));
    lines.push(("Received", words::bytes(exchange.response_bytes)));
    lines.extend(exchange.failure.as_ref().map(|failure| ("What went wrong", failure.clone())));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::inspector::tests::exchange;

    #[test]
    fn what_lets_somebody_in_is_masked() {
        let exchange = Exchange {
            request_headers: vec![("authorization".into(), "Bearer •••".into())],
            response_headers: vec![("Set-Cookie".into(), "session=abc".into()), ("server".into(), "x".into())],
            ..exchange(1, "GET", "https://a.b", Some(200), "")
        };
        let text = headers(&exchange);
        assert_eq!(text, "Request headers\nauthorization: Bearer •••\n\nAnswer headers\nSet-Cookie: •••\nserver: x");
    }

    #[test]
    fn times_add_up_and_a_failure_is_included() {
        let text = timing(&exchange(1, "GET", "https://a.b", Some(200), "{}"));
        assert_eq!(
            text,
            "Began: Tue, 14 Nov 2023 22:13:20 GMT\nUntil the answer began: 400 ms\nThe answer itself: 12 ms\nIn all: 412 ms\nSent: 0 bytes\nReceived: 2 bytes"
        );
        let none = timing(&exchange(1, "GET", "https://a.b", None, ""));
        assert!(
            none.contains("It never did") && none.ends_with("What went wrong: the connection was closed"),
            "{none}"
        );
    }
}
