//! One exchange: a request, its complete response or a fault, and the record of both.

use std::time::Duration;

use reqwest::header::{
    AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER,
};
use tokio::time::timeout_at;

use super::client::Client;
use super::exchange::{Timing, kept_body};
use super::fault::{self, Fault};
use super::outgoing::{self, Outgoing, Told};
use super::recorder::Recording;
use super::world::{WorldAnswer, WorldFault};
use super::{schedule, words};
use crate::model::Problem;
use crate::secrets::MASK;
use crate::wire::answer::Reply;
use crate::wire::request::{Body, Call, Method, Operation};

/// A complete response.
pub struct Answer {
    http_status: u16,
    retry_after_ms: Option<u64>,
    location: Option<String>,
    body: Vec<u8>,
    /// How far our clock is ahead of the service's, in milliseconds, where the response has a date.
    pub ahead_ms: Option<i64>,
}

impl Answer {
    /// As `wire` reads it.
    pub fn reply(&self) -> Reply<'_> {
        Reply {
            http_status: self.http_status,
            retry_after_ms: self.retry_after_ms,
            location: self.location.as_deref(),
            body: &self.body,
        }
    }
}

/// What is sent with a call.
pub enum Payload<'a> {
    /// The call's own body, where it has one.
    OfCall,
    /// The same, where somebody is told how much of it has gone out.
    Watched(Told),
    /// A file as it is.
    File(&'a std::path::Path),
}

impl Payload<'_> {
    fn told(&self) -> Option<Told> {
        if let Self::Watched(told) = self { Some(Told::clone(told)) } else { None }
    }
}

impl Client {
    /// Sends `call` once.
    pub(super) async fn exchange(&self, call: &Call, payload: &Payload<'_>) -> Result<Answer, Fault> {
        if let Some(world) = self.clock().world() {
            let sent_boot_ms = self.clock().since_boot_ms();
            return self.in_world(world.exchange(call).await, sent_boot_ms);
        }
        let url = format!("{}{}", self.base(), call.target);
        let authorization = self.credentials().header().map_err(Fault::NotSent)?;
        let outgoing = match payload {
            Payload::File(path) => Some(outgoing::file(path).await.map_err(Fault::NotSent)?),
            Payload::OfCall | Payload::Watched(_) => match &call.body {
                Some(body) => Some(outgoing::json(body, payload.told()).await.map_err(Fault::NotSent)?),
                None => None,
            },
        };
        let content_type = match payload {
            Payload::OfCall | Payload::Watched(_) => "application/json",
            Payload::File(_) => "application/octet-stream",
        };
        let (method, http) = match call.method {
            Method::Get => (reqwest::Method::GET, self.reading().map_err(Fault::NotSent)?),
            Method::Post => (reqwest::Method::POST, self.writing().map_err(Fault::NotSent)?),
            Method::Put => (reqwest::Method::PUT, self.writing().map_err(Fault::NotSent)?),
        };
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(reqwest::header::ACCEPT, HeaderValue::from_static("application/json"));
        let mut request = http.request(method, &url);
        let mut recording =
            self.recorder().start(self.clock().now_ms(), call.operation.word(), call.method.word(), url.clone());
        let failed = |recording: &mut Recording, problem: &Problem| {
            recording.failed(problem.message.clone());
        };
        let mut length = 0;
        let mut stream_error = outgoing::StreamError::default();
        if let Some(Outgoing { body, length: known, shown, error: of_body }) = outgoing {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            headers.insert(CONTENT_LENGTH, HeaderValue::from(known));
            let file = match payload {
                Payload::File(path) => Some(*path),
                Payload::OfCall | Payload::Watched(_) => call.body.as_ref().and_then(Body::file),
            };
            let file = file.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
            recording.with(|exchange, _| {
                exchange.request_body = shown;
                exchange.request_file = file;
                exchange.request_bytes = known;
            });
            (length, stream_error) = (known, of_body);
            request = request.body(body);
        }
        recording.with(|exchange, _| exchange.request_headers = shown(&headers));
        let request = request.headers(headers);

        let limits = self.limits();
        let allowed_ms = match call.operation {
            Operation::Identify => limits.identify_ms,
            Operation::Create | Operation::Speak | Operation::Upload => limits.write_ms,
            Operation::IdentifyPoll | Operation::Query | Operation::List | Operation::Account => limits.read_ms,
        };
        let allowed_ms = allowed_ms.saturating_add(length.saturating_mul(limits.upload_ms_per_mib) / (1024 * 1024));
        let deadline = tokio::time::Instant::now() + Duration::from_millis(allowed_ms);

        self.recorder().count_request();
        let sent_boot_ms = self.clock().since_boot_ms();
        let answered = timeout_at(deadline, request.send()).await;
        if let Some(problem) = stream_error.take() {
            // The body was not sent whole, so the service cannot have accepted it.
            failed(&mut recording, &problem);
            return Err(Fault::NotSent(problem));
        }
        let response = match answered {
            Ok(Ok(response)) => response,
            Ok(Err(err)) => {
                let fault = fault::of_request(&err, self.host());
                let (Fault::NotSent(problem) | Fault::Unclear(problem)) = &fault;
                failed(&mut recording, problem);
                return Err(fault);
            }
            Err(_) => {
                let problem = fault::no_answer(words::late(self.host(), seconds(allowed_ms)));
                failed(&mut recording, &problem);
                return Err(Fault::Unclear(problem));
            }
        };

        let http_status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let retry_after_ms = header(RETRY_AFTER).and_then(|text| retry_after_ms(text, self.clock().now_ms()));
        let location = header(LOCATION).map(str::to_owned);
        let ahead_ms = self.ahead_of(http_status, header(DATE).and_then(date_ms), sent_boot_ms);
        recording.with(|exchange, us| {
            exchange.status = Some(http_status);
            exchange.response_headers = shown(response.headers());
            exchange.timing = Timing { head_us: Some(us), total_us: 0 };
        });
        let read = self.whole_body(response, deadline).await;
        let (body, cut_short) = match read {
            Ok(body) => (body, None),
            Err((body, problem)) => (body, Some(problem)),
        };
        let kept = kept_body(&body);
        recording.with(|exchange, _| {
            exchange.response_body = kept;
            exchange.response_bytes = body.len() as u64;
            exchange.failure = None;
        });
        if let Some(mut problem) = cut_short {
            problem.retry_after_ms = retry_after_ms;
            failed(&mut recording, &problem);
            return Err(Fault::Unclear(problem));
        }
        Ok(Answer { http_status, retry_after_ms, location, body, ahead_ms })
    }

    /// How far our clock is ahead of the date of an answer that has just come, which is remembered.
    fn ahead_of(&self, http_status: u16, date_ms: Option<i64>, sent_boot_ms: i64) -> Option<i64> {
        self.note_answer(http_status);
        date_ms.map(|date_ms| {
            self.note_date(date_ms, sent_boot_ms);
            self.clock().now_ms().saturating_sub(date_ms)
        })
    }

    /// The answer that a simulation gave.
    fn in_world(&self, answered: Result<WorldAnswer, WorldFault>, sent_boot_ms: i64) -> Result<Answer, Fault> {
        let WorldAnswer { http_status, retry_after_ms, date_ms, body } =
            answered.map_err(|fault| fault.fault(self.host()))?;
        let ahead_ms = self.ahead_of(http_status, date_ms, sent_boot_ms);
        Ok(Answer { http_status, retry_after_ms, location: None, body, ahead_ms })
    }

    /// The whole body, or the part received and why it ended.
    async fn whole_body(
        &self,
        mut response: reqwest::Response,
        deadline: tokio::time::Instant,
    ) -> Result<Vec<u8>, (Vec<u8>, Problem)> {
        let http_status = response.status().as_u16();
        let most = self.limits().body_bytes;
        let mut body = Vec::new();
        let encoding = response.headers().get(reqwest::header::CONTENT_ENCODING).cloned();
        if let Some(encoding) = encoding.filter(|encoding| encoding.as_bytes() != b"identity") {
            let words = words::compressed(String::from_utf8_lossy(encoding.as_bytes()));
            return Err((body, fault::unreadable(http_status, words)));
        }
        let too_large = words::too_large(most / (1024 * 1024));
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err((body, fault::unreadable(http_status, too_large)));
        }
        let gap = Duration::from_millis(self.limits().gap_ms);
        loop {
            let until = deadline.min(tokio::time::Instant::now() + gap);
            match timeout_at(until, response.chunk()).await {
                Ok(Ok(Some(piece))) if body.len() + piece.len() > most => {
                    return Err((body, fault::unreadable(http_status, too_large)));
                }
                Ok(Ok(Some(piece))) => body.extend_from_slice(&piece),
                Ok(Ok(None)) => return Ok(body),
                Ok(Err(err)) => {
                    let words = words::cut_short(body.len(), fault::chain(&err));
                    return Err((body, fault::unreadable(http_status, words)));
                }
                Err(_) => {
                    let words = words::stalled(body.len());
                    return Err((body, fault::unreadable(http_status, words)));
                }
            }
        }
    }
}

/// Headers as they may be shown: what authorises us is not recorded at all.
fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = headers.iter().map(|(name, value)| {
        let value = if name == AUTHORIZATION || value.is_sensitive() {
            format!("Bearer {MASK}")
        } else {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        (name.as_str().to_owned(), value)
    });
    shown.collect()
}

/// `Retry-After` in milliseconds: seconds, or a date.
fn retry_after_ms(text: &str, now_ms: i64) -> Option<u64> {
    if let Ok(seconds) = text.trim().parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    Some(u64::try_from(date_ms(text)?.saturating_sub(now_ms)).unwrap_or(0))
}

/// A date of HTTP in milliseconds since the epoch.
fn date_ms(text: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(text.trim()).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

fn seconds(ms: u64) -> String {
    if ms >= 1000 { format!("{} s", ms.div_euclid(1000)) } else { format!("{ms} ms") }
}

/// The wait before attempt number `attempt` (1 is the first retry).
pub fn resend_ms(client: &Client, attempt: u32, seed: u64) -> u64 {
    let limits = client.limits();
    schedule::resend_ms(limits.backoff_first_ms, limits.backoff_most_ms, attempt.saturating_sub(1), seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after_ms("3", 0), Some(3_000));
        assert_eq!(retry_after_ms(" 0 ", 0), Some(0));
        let now_ms = 1_700_000_000_000;
        assert_eq!(retry_after_ms("Tue, 14 Nov 2023 22:13:25 GMT", now_ms), Some(5_000));
        assert_eq!(retry_after_ms("Tue, 14 Nov 2023 22:13:10 GMT", now_ms), Some(0));
        for nonsense in ["", "-1", "soon", "1.5", "Tue, 99 Nov"] {
            assert_eq!(retry_after_ms(nonsense, now_ms), None, "{nonsense}");
        }
        assert_eq!(retry_after_ms("18446744073709551615", 0), Some(u64::MAX));
    }
}
