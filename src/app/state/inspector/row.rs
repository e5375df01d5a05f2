//! An exchange as a line of the list: its columns, and whether it failed. Built once, when the exchange is recorded.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::find;
use crate::app::words;
use crate::engine::Exchange;

/// Separates the host from the part of an address that names the operation.
const ROOTS: [&str; 3] = ["/v1/videos/", "/model/v1/", "/v1/"];

/// A line of the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// The exchange itself.
    pub exchange: Arc<Exchange>,
    /// The address without host and base path: `identify-face`, `advanced-lip-sync/TASK`.
    pub path: String,
    /// The HTTP status, or a dash where no response arrived.
    pub status: String,
    /// The service's own code, where the response contains one.
    pub code: Option<String>,
    /// The duration.
    pub time: String,
    /// The size of the response.
    pub size: String,
    /// Whether it failed: no response, an error status, or an error code.
    pub failed: bool,
}

impl Row {
    /// Whether it fetched a file: a preview or a result.
    #[must_use]
    pub fn is_download(&self) -> bool {
        matches!(self.exchange.operation, "preview" | "download")
    }

    /// The line of an exchange.
    #[must_use]
    pub fn of(exchange: Arc<Exchange>) -> Self {
        let code = code_of(&exchange.response_body);
        let refused = exchange.status.is_none_or(|status| status >= 400);
        let failed = refused || exchange.failure.is_some() || code.as_deref().is_some_and(|code| !is_success(code));
        Self {
            path: path_of(&exchange.url),
            status: exchange.status.map_or_else(|| "–".to_owned(), |status| status.to_string()),
            code,
            time: words::micros(exchange.timing.total_us),
            size: words::bytes(exchange.response_bytes),
            failed,
            exchange,
        }
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.exchange.number
    }

    /// The whole line as text: `POST identify-face, 200, code 0, 412 ms`.
    #[must_use]
    pub fn name(&self) -> String {
        let mut words = format!("{} {}", self.exchange.method, self.path);
        match (self.exchange.status, &self.exchange.failure) {
            (Some(status), None) => words = format!("{words}, {status}"),
            (Some(status), Some(_)) => words = format!("{words}, {status}, not whole"),
            (None, _) => words.push_str(", no answer"),
        }
        if let Some(code) = &self.code {
            words = format!("{words}, code {code}");
        }
        format!("{words}, {}", self.time)
    }

    /// Whether each of these words occurs in the exchange.
    #[must_use]
    pub fn answers_to(&self, query: &str) -> bool {
        let exchange = &*self.exchange;
        query.split_whitespace().all(|word| {
            let here = |text: &str| find::all(text, word).next().is_some();
            here(exchange.method)
                || here(exchange.operation)
                || here(&exchange.url)
                || self.status == word
                || self.code.as_deref().is_some_and(|code| code == word)
                || exchange.failure.as_deref().is_some_and(here)
                || here(&exchange.request_body)
                || here(&exchange.response_body)
        })
    }
}

fn path_of(url: &str) -> String {
    let Ok(parsed) = url::Url::parse(url) else { return url.to_owned() };
    let path = parsed.path();
    let short = ROOTS.iter().find_map(|root| path.find(root).map(|at| &path[at + root.len()..]));
    let short = short.unwrap_or_else(|| path.trim_start_matches('/'));
    match parsed.query() {
        Some(query) => format!("{short}?{query}"),
        None if short.is_empty() => "/".to_owned(),
        None => short.to_owned(),
    }
}

/// The fields of a response that hold its code.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    code: Value,
    #[serde(default)]
    error: Value,
}

/// The code of a response: at the top level, or in its `error`.
fn code_of(body: &str) -> Option<String> {
    // A JSON array would be deserialised as the fields in their order.
    if !body.trim_start().starts_with('{') {
        return None;
    }
    let envelope: Envelope = serde_json::from_str(body).ok()?;
    let code_text = |value: &Value| match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    code_text(&envelope.code).or_else(|| code_text(envelope.error.get("code")?))
}

/// The success codes that gateways are known to use.
fn is_success(code: &str) -> bool {
    matches!(code.to_ascii_lowercase().as_str(), "0" | "200" | "success" | "succeed" | "ok")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::inspector::tests::exchange;

    fn row(status: Option<u16>, body: &str) -> Row {
        let exchange = exchange(7, "POST", "http://127.0.0.1:1/kling/v1/videos/identify-face", status, body);
        Row::of(Arc::new(exchange))
    }

    #[test]
    fn a_line_contains_method_path_status_code_and_time() {
        let fine = row(Some(200), r#"{"code":0,"data":{}}"#);
        assert_eq!(fine.name(), "POST identify-face, 200, code 0, 412 ms");
        assert!(!fine.failed);
        let none = row(None, "");
        assert_eq!((none.name().as_str(), none.failed), ("POST identify-face, no answer, 412 ms", true));
    }

    #[test]
    fn a_failure_is_derived_from_status_and_code() {
        for (body, code) in [
            (r#"{"code":1201,"message":"no"}"#, Some("1201")),
            (r#"{"code":"task_failed"}"#, Some("task_failed")),
            (r#"{"error":{"code":"014002095","error_message":"x"}}"#, Some("014002095")),
        ] {
            let row = row(Some(200), body);
            assert_eq!((row.code.as_deref(), row.failed), (code, true), "{body}");
        }
        for body in [r#"{"code":"success"}"#, r#"{"error":"text"}"#, "<html>", "", "[1]"] {
            assert!(!row(Some(200), body).failed, "{body}");
            assert!(row(Some(502), body).failed, "{body}");
        }
    }

    #[test]
    fn a_path_is_listed_without_the_common_prefix() {
        for (url, path) in [
            ("https://a.b/kling/v1/videos/advanced-lip-sync/t-1", "advanced-lip-sync/t-1"),
            (
                "https://a.b/v1/videos/advanced-lip-sync?pageNum=1&pageSize=500",
                "advanced-lip-sync?pageNum=1&pageSize=500",
            ),
            ("https://a.b/model/v1/generation/task/x", "generation/task/x"),
            ("https://a.b/uploads/a.mp4", "uploads/a.mp4"),
            ("https://a.b", "/"),
        ] {
            assert_eq!(path_of(url), path);
        }
    }

    #[test]
    fn every_word_of_the_filter_must_be_there() {
        let row = row(Some(400), r#"{"code":1201,"message":"Face f-9 is gone"}"#);
        for (query, answers) in
            [("face", true), ("IDENTIFY 1201", true), ("400 f-9", true), ("40", false), ("post get", false), ("", true)]
        {
            assert_eq!(row.answers_to(query), answers, "{query}");
        }
    }
}
