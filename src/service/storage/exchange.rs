//! One request to the storage and its answer, or why there is none. No key is sent: the address is signed.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderValue};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::Storage;
use crate::model::Problem;
use crate::secrets::without_signatures;
use crate::service::exchange::{Timing, kept_body};
use crate::service::fault::{self, Fault};
use crate::service::outgoing::Outgoing;
use crate::service::recorder::Recording;
use crate::service::words;

/// An answer of the storage.
pub struct Sent {
    pub http_status: u16,
    /// `Content-Length`.
    pub length: Option<u64>,
    /// The region that it names in place of ours.
    pub region: Option<String>,
    pub body: Vec<u8>,
}

impl Storage {
    /// Sends a signed request once.
    pub(super) async fn exchange(
        &self,
        operation: &'static str,
        method: Method,
        url: Url,
        file: Option<(&Path, Outgoing)>,
    ) -> Result<Sent, Problem> {
        let is_put = file.is_some();
        let http = if is_put { self.writing()? } else { self.reading()? };
        // The signature is not recorded: with it anybody can write to the bucket.
        let shown = without_signatures(url.as_str()).into_owned();
        let mut recording = self.recorder.start(self.clock.now_ms(), operation, word(&method), shown);
        let mut request = http.request(method.clone(), url);
        let (mut length, mut of_stream) = (0, None);
        if let Some((path, Outgoing { body, length: known, shown, error })) = file {
            let headers = HeaderMap::from_iter([
                (CONTENT_TYPE, HeaderValue::from_static(media_type(path))),
                (CONTENT_LENGTH, HeaderValue::from(known)),
            ]);
            let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
            recording.with(|exchange, _| {
                exchange.request_headers = written(&headers);
                exchange.request_body = shown;
                exchange.request_file = Some(path);
                exchange.request_bytes = known;
            });
            request = request.headers(headers).body(body);
            (length, of_stream) = (known, Some(error));
        }
        let limits = &self.limits;
        let allowed_ms = if is_put { limits.write_ms } else { limits.read_ms };
        let allowed_ms = allowed_ms.saturating_add(length.saturating_mul(limits.upload_ms_per_mib) / (1024 * 1024));
        let deadline = Instant::now() + Duration::from_millis(allowed_ms);
        let answered = timeout_at(deadline, request.send()).await;
        let failed = |recording: &mut Recording, problem: Problem| {
            recording.failed(problem.message.clone());
            problem
        };
        if let Some(problem) = of_stream.and_then(|error| error.take()) {
            return Err(failed(&mut recording, problem));
        }
        let response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(err)) => {
                let (Fault::NotSent(problem) | Fault::Unclear(problem)) = fault::of_request(&err, &self.inner.host);
                let mut problem = problem.with_hint(words::storage_unreachable_hint());
                // An upload that broke is begun anew: what is put twice is the same.
                problem.transient |= is_put;
                return Err(failed(&mut recording, problem));
            }
            Err(_) => {
                let mut problem = fault::no_answer(words::storage_late(&self.inner.host, allowed_ms / 1_000))
                    .with_hint(words::storage_unreachable_hint());
                // The time for a whole upload is over: it is not begun anew by itself.
                problem.transient = !is_put;
                return Err(failed(&mut recording, problem));
            }
        };
        let http_status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let length = header(CONTENT_LENGTH.as_str()).and_then(|text| text.trim().parse().ok());
        let region = header("x-amz-bucket-region").map(str::to_owned);
        if let Some(date_ms) = header(DATE.as_str()).and_then(date_ms) {
            let ahead_ms = self.clock.now_ms().saturating_sub(date_ms);
            self.inner.ahead_ms.store(ahead_ms, Ordering::Relaxed);
        }
        recording.with(|exchange, us| {
            exchange.status = Some(http_status);
            exchange.response_headers = written(response.headers());
            exchange.timing = Timing { head_us: Some(us), total_us: 0 };
            exchange.failure = None;
        });
        let body = if method == Method::HEAD { Vec::new() } else { self.body(response, deadline).await };
        let kept = kept_body(&body);
        recording.with(|exchange, _| {
            exchange.response_body = kept;
            exchange.response_bytes = body.len() as u64;
        });
        Ok(Sent { http_status, length, region, body })
    }

    /// As much of a body as comes in time and may be kept: of an error that is enough, and a list that is cut cannot be read.
    async fn body(&self, mut response: reqwest::Response, deadline: Instant) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Ok(Some(piece))) = timeout_at(deadline, response.chunk()).await {
            if body.len() + piece.len() > self.limits.body_bytes {
                break;
            }
            body.extend_from_slice(&piece);
        }
        body
    }

    fn reading(&self) -> Result<&reqwest::Client, Problem> {
        crate::service::client::lazily(&self.inner.reading, || self.inner.route.reading(self.limits.connect_ms))
    }

    fn writing(&self) -> Result<&reqwest::Client, Problem> {
        crate::service::client::lazily(&self.inner.writing, || self.inner.route.writing(self.limits.connect_ms))
    }
}

fn word(method: &Method) -> &'static str {
    match *method {
        Method::PUT => "PUT",
        Method::HEAD => "HEAD",
        Method::DELETE => "DELETE",
        _ => "GET",
    }
}

/// Headers as they are recorded.
fn written(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), shown(value))).collect()
}

fn date_ms(text: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(text.trim()).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

/// What a service is told that a file is, by its extension.
fn media_type(path: &Path) -> &'static str {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref().unwrap_or_default() {
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "m4a" => "audio/mp4",
        "aac" => "audio/aac",
        _ => "application/octet-stream",
    }
}
