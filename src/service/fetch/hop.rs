//! A GET with redirects: the scheme is checked at every hop, redirects are counted, errors are put into words.

use reqwest::header::{ACCEPT, CONTENT_ENCODING, HeaderMap, HeaderValue, IF_RANGE, LOCATION, RANGE};
use tokio::time::timeout;
use url::Url;

use super::incoming::Incoming;
use super::{Fetcher, duration, public};
use crate::model::{Problem, ProblemKind};
use crate::service::exchange::kept_body;
use crate::service::fault::{self, Fault};
use crate::service::recorder::Recording;
use crate::service::words;
use crate::wire::answer::{looks_like_html, page_words, presentable};

/// How much of an error's body is read for its message, in bytes.
const ERROR_BODY_BYTES: usize = 16 * 1024;

/// What is fetched.
pub struct Asked<'a> {
    /// What for, as the record of exchanges has it: `preview`, `download`.
    pub operation: &'static str,
    /// Where it is.
    pub address: &'a str,
    /// What kinds are welcome.
    pub accept: &'static str,
    /// Which part; all without it.
    pub part: Option<Part>,
}

/// A part of a content.
pub enum Part {
    /// As many of its first bytes.
    First(u64),
    /// What is missing.
    Rest(Rest),
}

/// The rest of a content whose beginning is there.
pub struct Rest {
    /// The first byte that is missing.
    pub from_byte: u64,
    /// The name of the content: of another, all is sent.
    pub etag: HeaderValue,
}

impl Asked<'_> {
    fn headers(&self) -> Result<HeaderMap, Problem> {
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(self.accept))]);
        let range = |text: String| {
            HeaderValue::try_from(text).map_err(|err| Problem::new(ProblemKind::Internal, err.to_string()))
        };
        match &self.part {
            None => {}
            Some(Part::First(bytes)) => {
                headers.insert(RANGE, range(format!("bytes=0-{}", bytes.saturating_sub(1)))?);
            }
            Some(Part::Rest(rest)) => {
                headers.extend([(RANGE, range(format!("bytes={}-", rest.from_byte))?), (IF_RANGE, rest.etag.clone())]);
            }
        }
        Ok(headers)
    }
}

impl Fetcher {
    /// The response to a GET, redirects followed, with a success status. Each hop is recorded as an exchange.
    pub(super) async fn get(&self, asked: &Asked<'_>) -> Result<Incoming, Problem> {
        let operation = asked.operation;
        let headers = asked.headers()?;
        let mut url = checked(asked.address, None)?;
        for _ in 0..=self.limits().redirects {
            let host = url.host_str().unwrap_or_default().to_owned();
            let client = self.client(&url)?;
            let mut recording = self.inner.recorder.start(self.inner.clock.now_ms(), operation, "GET", url.to_string());
            recording.with(|exchange, _| {
                exchange.request_headers = shown(&headers);
            });
            let request = client.get(url.clone()).headers(headers.clone()).send();
            let answered = match timeout(duration(self.limits().head_ms), request).await {
                Ok(Ok(response)) => {
                    recording.with(|exchange, us| {
                        exchange.status = Some(response.status().as_u16());
                        exchange.response_headers = shown(response.headers());
                        exchange.timing.head_us = Some(us);
                        exchange.failure = None;
                    });
                    Ok(response)
                }
                Ok(Err(err)) if public::is_not_public(&err) => Err(public::refused(&host)),
                Ok(Err(err)) => Err(match fault::of_request(&err, &host) {
                    // It is not the service that was asked. That a certificate is not trusted has a hint of its own.
                    Fault::NotSent(problem) | Fault::Unclear(problem) if problem.transient => {
                        problem.with_hint(words::check_address())
                    }
                    Fault::NotSent(problem) | Fault::Unclear(problem) => problem,
                }),
                Err(_) => Err(fault::no_answer(words::late_download(&host))),
            };
            let response = match answered {
                Ok(response) => response,
                Err(problem) => {
                    recording.failed(problem.message.clone());
                    return Err(problem);
                }
            };
            let http_status = response.status().as_u16();
            if matches!(http_status, 301..=303 | 307 | 308) {
                let location =
                    response.headers().get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()).into_owned());
                let Some(location) = location else {
                    return Err(fault::unreadable(http_status, words::redirect_without_address(&host)));
                };
                url = checked(&location, Some(&url))?;
                continue;
            }
            if http_status != 200 && (http_status != 206 || asked.part.is_none()) {
                let mut problem = refused(response, &host, recording).await;
                problem.transient |= http_status == 416 && asked.part.is_some();
                return Err(problem);
            }
            if let Some(encoding) =
                response.headers().get(CONTENT_ENCODING).filter(|kind| kind.as_bytes() != b"identity")
            {
                let kind = presentable(&String::from_utf8_lossy(encoding.as_bytes()));
                let problem = unusable(words::compressed_download(&host, kind));
                recording.failed(problem.message.clone());
                return Err(problem);
            }
            let incoming = Incoming::new(response, recording, self.limits().gap_ms);
            self.seen.note(asked.address, incoming.mark());
            return Ok(incoming);
        }
        Err(unusable(words::too_many_redirects(self.limits().redirects)).with_hint(words::too_many_redirects_hint()))
    }
}

/// Headers as they are recorded.
fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), shown(value))).collect()
}

/// The same problem of a result's address, with another hint: its task can be asked for again, and brings a new address.
#[must_use]
pub fn of_result(problem: Problem) -> Problem {
    if problem.hint.as_deref() == Some(words::stale_hint().as_str()) {
        return problem.with_hint(words::stale_result_hint());
    }
    problem
}

/// A problem with what an address serves.
pub fn unusable(words: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Unreadable, words).with_hint(words::stale_hint())
}

/// What content that should be a picture or a video is instead, where it begins as text does; else `None`.
pub fn text_instead(head: &[u8]) -> Option<String> {
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let found = |what: String| {
        let words = page_words(head);
        let words: String = words.chars().take(120).collect();
        Some(if words.is_empty() { what } else { format!("{what}: {words}") })
    };
    if looks_like_html(head) {
        found(words::part_web_page())
    } else if start.starts_with(b"<") {
        found(words::part_xml())
    } else if start.starts_with(b"{") || start.starts_with(b"[") {
        found(words::part_json())
    } else if !head.is_empty() && head.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
        found(words::part_text())
    } else {
        None
    }
}

/// An address that may be fetched: http or https, with a host, and never from https back to http.
fn checked(address: &str, from: Option<&Url>) -> Result<Url, Problem> {
    let shown = presentable(address);
    let parsed = match from {
        Some(from) => from.join(address),
        None => Url::parse(address.trim()),
    };
    let url = parsed.map_err(|err| unusable(words::not_an_address(&shown, err)))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        let how = if from.is_some() { words::part_redirect() } else { String::new() };
        return Err(unusable(words::not_fetched(shown, how)));
    }
    if from.is_some_and(|from| from.scheme() == "https" && url.scheme() == "http") {
        return Err(unusable(words::insecure_redirect(shown)));
    }
    Ok(url)
}

async fn refused(mut response: reqwest::Response, host: &str, mut recording: Recording) -> Problem {
    let http_status = response.status().as_u16();
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(piece)) = response.chunk().await {
            body.extend_from_slice(&piece);
            if body.len() >= ERROR_BODY_BYTES {
                break;
            }
        }
    };
    // What has come by then is shown.
    let _ = timeout(duration(2_000), read).await;
    body.truncate(ERROR_BODY_BYTES);
    recording.with(|exchange, _| {
        exchange.response_body = kept_body(&body);
        exchange.response_bytes = body.len() as u64;
    });
    let words = page_words(&body);
    let words: String = words.chars().take(200).collect();
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    let words = match http_status {
        404 | 410 => words::nothing_there(host, words),
        429 | 500..=599 => words::not_handed_out_now(host, words),
        _ => words::not_handed_out(host, words),
    };
    let mut problem = Problem {
        http_status: Some(http_status),
        ..Problem::new(ProblemKind::Refused, words).with_hint(words::stale_hint())
    };
    problem.transient = matches!(http_status, 429 | 500..=599);
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_and_https_are_fetched() {
        for address in ["https://h/a.jpg", "http://h:1/a?b#c", " https://h "] {
            assert!(checked(address, None).is_ok(), "{address}");
        }
        for address in
            ["file:///etc/passwd", "ftp://h/a", "data:image/png;base64,AA", "", "a.jpg", "https://", "javascript:1"]
        {
            assert_eq!(checked(address, None).unwrap_err().kind, ProblemKind::Unreadable, "{address}");
        }
    }

    #[test]
    fn a_redirect_may_not_leave_http_nor_lose_its_safety() {
        let secure = Url::parse("https://h/a/b").unwrap();
        assert_eq!(checked("/c", Some(&secure)).unwrap().as_str(), "https://h/c");
        assert_eq!(checked("//other/c", Some(&secure)).unwrap().as_str(), "https://other/c");
        assert!(checked("http://h/c", Some(&secure)).unwrap_err().message.contains("not secure"));
        assert!(checked("file:///etc/passwd", Some(&secure)).unwrap_err().message.contains("only http and https"));
        let plain = Url::parse("http://h/a").unwrap();
        assert!(checked("https://h/a", Some(&plain)).is_ok());
    }

    #[test]
    fn text_is_distinguished_from_pictures_and_videos() {
        assert_eq!(text_instead(b"<!doctype html><title>Gone</title>").unwrap(), "a web page: Gone");
        assert!(
            text_instead(b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>").unwrap().contains("XML")
        );
        assert!(text_instead(br#"{"code":1203}"#).unwrap().starts_with("JSON"));
        assert!(text_instead(b"Not found\n").unwrap().starts_with("plain text"));
        assert_eq!(text_instead(b"\x00\x00\x00\x20ftypisom"), None);
        assert_eq!(text_instead(b"\xFF\xD8\xFF\xE0"), None);
    }
}
