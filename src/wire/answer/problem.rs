//! Answers as problems: a refusal in the service's words, or an unreadable answer.

use super::layers::{self, AnswerStatus, Layers};
use super::{Reply, text};
use crate::model::{Problem, ProblemKind, ServiceCode};
use crate::wire::{codes, words};

/// The text of a body that is not JSON, sanitised for display; empty where there is none.
#[must_use]
pub fn page_words(body: &[u8]) -> String {
    text::of_page(body)
}

/// Text from a service as one short line without control characters.
#[must_use]
pub fn presentable(text: &str) -> String {
    text::presentable(text)
}

/// Whether bytes begin as an HTML page does.
#[must_use]
pub fn looks_like_html(body: &[u8]) -> bool {
    text::looks_like_html(body)
}

/// The layers of a JSON answer; `None` where the body is no JSON object or list.
pub fn layers(reply: &Reply<'_>) -> Option<Layers> {
    // Text in another encoding within otherwise good JSON: read what can be read.
    let root = layers::parsed(reply.body).or_else(|| match std::str::from_utf8(reply.body) {
        Ok(_) => None,
        Err(_) => layers::parsed(String::from_utf8_lossy(reply.body).as_bytes()),
    })?;
    Layers::of(root)
}

/// The problem of an answer with an error status.
pub fn of_status(reply: &Reply<'_>) -> Problem {
    if matches!(reply.http_status, 300..=399) {
        return redirect(reply);
    }
    match layers(reply) {
        Some(layers) => refusal(reply, layers.answer_status()),
        None => of_page(reply),
    }
}

/// The problem of an error in the service's own words.
pub fn refusal(reply: &Reply<'_>, stated: AnswerStatus) -> Problem {
    let http_status = reply.http_status;
    // A server error without a message is no refusal: the outcome of the request is unknown.
    let kind = if http_status >= 500 && stated.code.is_none() && stated.message.is_none() {
        ProblemKind::Unreadable
    } else {
        ProblemKind::Refused
    };
    codes::explain(Problem {
        http_status: Some(http_status),
        code: stated.code,
        request_id: stated.request_id,
        retry_after_ms: reply.retry_after_ms,
        ..Problem::new(kind, stated.message.unwrap_or_default())
    })
}

/// The problem of a body that is not JSON: a page from a proxy, plain text, nothing.
pub fn of_page(reply: &Reply<'_>) -> Problem {
    let http_status = reply.http_status;
    let words = text::of_page(reply.body);
    let what = if text::looks_like_html(reply.body) {
        words::part_page()
    } else if reply.body.trim_ascii_start().starts_with(b"{") || reply.body.trim_ascii_start().starts_with(b"[") {
        words::part_broken_json()
    } else {
        words::part_no_json()
    };
    let words: String =
        if words.chars().count() > 200 { words.chars().take(200).chain(['…']).collect() } else { words };
    // A client error is a refusal without JSON too; anything else is unreadable.
    let refused = matches!(http_status, 400..=499);
    let message = match (refused, words.is_empty()) {
        (true, true) => words::empty_refusal(http_status),
        (true, false) => words,
        (false, true) => words::empty_answer(http_status),
        (false, false) => words::other_answer(http_status, what, words),
    };
    let kind = if refused { ProblemKind::Refused } else { ProblemKind::Unreadable };
    let problem =
        Problem { http_status: Some(http_status), retry_after_ms: reply.retry_after_ms, ..Problem::new(kind, message) };
    if reply.is_success() {
        return unreadable_hint(problem);
    }
    codes::explain(problem)
}

/// A success status and JSON without the expected fields.
pub fn without(reply: &Reply<'_>, stated: &AnswerStatus, what: &str) -> Problem {
    let words = stated.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    unreadable_hint(Problem {
        http_status: Some(reply.http_status),
        request_id: stated.request_id.clone(),
        retry_after_ms: reply.retry_after_ms,
        ..Problem::new(ProblemKind::Unreadable, words::without(what, words))
    })
}

fn unreadable_hint(problem: Problem) -> Problem {
    let mut problem = problem.with_hint(words::without_hint());
    // A read may be retried: the body may have been garbled in transit.
    problem.transient = true;
    problem
}

fn redirect(reply: &Reply<'_>) -> Problem {
    let to = reply.location.map(|location| format!(" to {}", text::presentable(location))).unwrap_or_default();
    Problem {
        http_status: Some(reply.http_status),
        ..Problem::new(ProblemKind::Unreadable, words::redirect(to)).with_hint(words::redirect_hint())
    }
}

/// Whether an answer proves that a create was not accepted. Any other leaves its outcome unknown (docs: wire contract §4).
pub fn surely_refused(http_status: u16, code: Option<&ServiceCode>) -> bool {
    let trouble = code.and_then(codes::lookup).is_some_and(|row| row.advice == codes::Advice::RetryRead);
    match http_status {
        _ if trouble => false,
        // 408: the request may have arrived whole. 409: something of that name exists, perhaps this very task.
        408 | 409 => code.and_then(codes::lookup).is_some(),
        // A redirect is no answer of these services, which state every outcome in JSON: it is that of something in front of them, such as a
        // moved host or a page to sign in, and is not followed.
        301..=303 | 307 | 308 | 200..=299 | 400..=499 => true,
        _ => false,
    }
}
