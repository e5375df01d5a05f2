//! An exchange without an answer: whether anything was sent, and the words for it.

use std::error::Error;
use std::fmt::Write as _;
use std::io;

use super::{trust, words};
use crate::model::{Problem, ProblemKind};

/// Why there is no answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Certainly not accepted: no connection was made, or the request was not sent whole.
    NotSent(Problem),
    /// The request was sent, and what became of it is not known.
    Unclear(Problem),
}

/// The fault of a request that failed before the head of an answer came.
pub fn of_request(err: &reqwest::Error, host: &str) -> Fault {
    if err.is_builder() {
        let problem = Problem::new(ProblemKind::Usage, words::request_not_made(chain(err)));
        return Fault::NotSent(problem.with_hint(words::request_not_made_hint()));
    }
    if err.is_connect() {
        return Fault::NotSent(of_connect(err, host));
    }
    let words = if is_closed(err) {
        words::closed(host)
    } else if let Some(kind) = io_kind(err) {
        words::broken(host, kind)
    } else {
        words::not_http(host, chain(err))
    };
    Fault::Unclear(no_answer(words))
}

fn of_connect(err: &reqwest::Error, host: &str) -> Problem {
    let text = chain(err);
    let lower = text.to_ascii_lowercase();
    let problem = |words: String, hint: String| Problem::new(ProblemKind::NoAnswer, words).with_hint(hint);
    if err.is_timeout() {
        let mut timed_out = problem(words::late_connection(host), words::check_base_url());
        timed_out.transient = true;
        return timed_out;
    }
    if lower.contains("certificate") {
        return problem(words::untrusted(host, text), trust::hint());
    }
    let (words, hint) = if io_kind(err) == Some(io::ErrorKind::ConnectionRefused) {
        (words::connection_refused(host), words::check_running())
    } else if lower.contains("dns") || lower.contains("lookup") {
        (words::host_not_found(host), words::check_base_url())
    } else {
        (words::no_connection(host, text), words::check_proxy())
    };
    let mut refused = problem(words, hint);
    refused.transient = true;
    refused
}

/// A problem of kind [`ProblemKind::NoAnswer`]: a read may be retried.
pub fn no_answer(words: impl Into<String>) -> Problem {
    let mut problem = Problem::new(ProblemKind::NoAnswer, words).with_hint(words::check_network());
    problem.transient = true;
    problem
}

/// A problem of kind [`ProblemKind::Unreadable`] with the HTTP status that came; a read may be retried.
pub fn unreadable(http_status: u16, words: impl Into<String>) -> Problem {
    let mut problem = Problem { http_status: Some(http_status), ..Problem::new(ProblemKind::Unreadable, words) }
        .with_hint(words::unreadable_hint());
    problem.transient = true;
    problem
}

/// The words of an error and of what caused it, without the address (it may contain a secret).
pub fn chain(err: &reqwest::Error) -> String {
    let mut words = String::new();
    let mut next = err.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        // hyper's own layer only names itself.
        if !text.is_empty() && !text.starts_with("client error (") && !words.contains(&text) {
            let gap = if words.is_empty() { "" } else { ": " };
            // Writing to a String cannot fail.
            let _ = write!(words, "{gap}{text}");
        }
        next = cause.source();
    }
    if words.is_empty() { words::part_no_reason() } else { words }
}

fn is_closed(err: &reqwest::Error) -> bool {
    let text = chain(err);
    text.contains("connection closed before message completed") || text.contains("IncompleteMessage")
}

/// The kind of the innermost I/O error.
pub fn io_kind(err: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let mut found = None;
    let mut next = Some(err);
    while let Some(cause) = next {
        if let Some(io_err) = cause.downcast_ref::<io::Error>() {
            found = Some(io_err.kind());
        }
        next = cause.source();
    }
    found
}
