//! What a service's codes mean and what may be done about them: the table of the wire contract, §4, as data.

use crate::model::{Problem, ServiceCode};

/// What the table allows after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing: a person has to act.
    Stop,
    /// Sign a fresh token, once; if that is refused too, the clock is wrong.
    SignAgainOnce,
    /// Certainly not accepted now, and accepted later: any request may be retried, with a backoff of at least `min_ms` milliseconds.
    Backoff {
        /// The least wait in milliseconds.
        min_ms: u64,
    },
    /// The service named the wait itself, in milliseconds, and gave no code: any request may be retried after it.
    RetryAfter {
        /// `Retry-After` in milliseconds.
        wait_ms: u64,
    },
    /// The service has failed: a read may be retried with backoff, a create never.
    RetryRead,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The service's own code.
    pub code: &'static str,
    /// The HTTP status it is documented with; 0 where there is none.
    pub http_status: u16,
    /// What it means.
    pub meaning: &'static str,
    /// What to do, for people.
    pub hint: &'static str,
    /// What to do, for the program.
    pub advice: Advice,
}

const fn row(code: &'static str, http_status: u16, advice: Advice, meaning: &'static str, hint: &'static str) -> Row {
    Row { code, http_status, meaning, hint, advice }
}

const CHECK_KEY: &str = "Check the key, and that it belongs to this host";
const CHECK_CLOCK: &str = "Check this machine's clock: tokens carry the time; then check the key";
const CHECK_REQUEST: &str = "Correct what the message names, and send again";
const LATER: &str = "Wait a little and try again";
const SUPPORT: &str = "Try again; if it fails again, give the request id to the service's support";

/// Every code the documents name.
pub const TABLE: &[Row] = &[
    row("1000", 401, Advice::Stop, "Authentication failed", CHECK_KEY),
    row("1001", 401, Advice::Stop, "No authentication was sent", CHECK_KEY),
    row("1002", 401, Advice::Stop, "The authentication is invalid", CHECK_KEY),
    row("1003", 401, Advice::SignAgainOnce, "The token is not valid yet", CHECK_CLOCK),
    row("1004", 401, Advice::SignAgainOnce, "The token has expired", CHECK_CLOCK),
    row("1100", 429, Advice::Stop, "A problem with the account", "Look at the account at the service"),
    row("1101", 429, Advice::Stop, "The account is in debt", "Settle the account at the service"),
    row("1102", 429, Advice::Stop, "The resource package is used up", "Buy units at the service"),
    row("1103", 403, Advice::Stop, "No right to this API or model", "Ask the service to enable it for the account"),
    row("1200", 400, Advice::Stop, "A parameter is invalid", CHECK_REQUEST),
    row("1201", 400, Advice::Stop, "A parameter has an invalid key or value", CHECK_REQUEST),
    row("1202", 404, Advice::Stop, "The method is wrong for this address", "Check base URL, path prefix and dialect"),
    row(
        "1203",
        404,
        Advice::Stop,
        "There is no such resource",
        "Check the id; a task's result is kept 30 days, at some gateways 24 hours",
    ),
    row("1300", 400, Advice::Stop, "Against the platform's policy", "Use another clip or voice"),
    row("1301", 400, Advice::Stop, "Stopped by the content check", "Use another clip or voice"),
    row("1302", 429, Advice::Backoff { min_ms: 0 }, "Requests come too fast", LATER),
    row(
        "1303",
        429,
        Advice::Backoff { min_ms: 1_000 },
        "Too many tasks at once for the package",
        "Wait until a running task is done",
    ),
    row(
        "1304",
        429,
        Advice::Stop,
        "This machine's address is not on the account's allow-list",
        "Add the address to the allow-list at the service",
    ),
    row("5000", 500, Advice::RetryRead, "An error within the service", SUPPORT),
    row("5001", 503, Advice::RetryRead, "The service is under maintenance", LATER),
    row("5002", 504, Advice::RetryRead, "The service has a backlog", LATER),
    row("014002095", 0, Advice::Stop, "The generation failed within the service", SUPPORT),
    row("014002096", 0, Advice::Stop, "The service could not read its own result", SUPPORT),
    row("014002097", 0, Advice::Stop, "The service behind the gateway answered with an error", SUPPORT),
    row("014002099", 0, Advice::Stop, "The synchronous generation failed", SUPPORT),
];

/// The row of a code. Only the code counts, for gateways change the HTTP status.
#[must_use]
pub fn lookup(code: &ServiceCode) -> Option<&'static Row> {
    let text = code.to_string();
    TABLE.iter().find(|row| row.code == text)
}

/// What may be done about an answer with this HTTP status, code and `Retry-After`.
///
/// HTTP 429 alone is no reason to try again: the code decides; without a code that the table knows, only a `Retry-After` does.
#[must_use]
pub fn advice(http_status: u16, code: Option<&ServiceCode>, retry_after_ms: Option<u64>) -> Advice {
    if let Some(row) = code.and_then(lookup) {
        return row.advice;
    }
    match (http_status, retry_after_ms) {
        (429, Some(wait_ms)) => Advice::RetryAfter { wait_ms },
        (408 | 425 | 500 | 502..=504 | 520..=524, _) => Advice::RetryRead,
        _ => Advice::Stop,
    }
}

/// What to do about it, for people: the table's words, else those for the HTTP status.
#[must_use]
pub fn hint(http_status: u16, code: Option<&ServiceCode>) -> Option<&'static str> {
    if let Some(row) = code.and_then(lookup) {
        return Some(row.hint);
    }
    Some(match http_status {
        401 | 403 => CHECK_KEY,
        402 => "Look at the account's balance at the service",
        404 | 405 => "Check base URL, path prefix and dialect of the profile, and the id",
        413 => "A gateway in between refuses a body of this size: give the voice as an address instead",
        429 => "Wait a little and try again; if it fails again, look at the account's limits",
        500..=599 => LATER,
        _ => return None,
    })
}

/// Whether this is the refusal of a create whose name was used: code 1201 and `External_task_id X already exists`.
#[must_use]
pub fn is_name_taken(problem: &Problem) -> bool {
    let words = problem.message.to_ascii_lowercase();
    problem.code == Some(ServiceCode::Number(1201))
        && words.contains("external_task_id")
        && (words.contains("already exist") || words.contains("already the name"))
}

/// Whether this is the answer to a query for a task that is not visible to this account: there is none, or it is another's. Seen as
/// HTTP 400 and 1201 with `Task not found by id/external id: X`, and documented as HTTP 404 and 1203.
#[must_use]
pub fn is_not_visible(problem: &Problem) -> bool {
    match problem.code {
        Some(ServiceCode::Number(1203)) => true,
        Some(ServiceCode::Number(1201)) => problem.message.to_ascii_lowercase().contains("not found"),
        _ => false,
    }
}

/// The refusal of a query, with what it means: that a task is not visible is no mistake in the request.
#[must_use]
pub fn explain_query(problem: Problem) -> Problem {
    if is_not_visible(&problem) { problem.with_hint(super::words::not_visible_hint()) } else { problem }
}

/// Completes a problem from the table: a message where the service gave none, a hint, and whether a retry may help.
#[must_use]
pub fn explain(mut problem: Problem) -> Problem {
    let http_status = problem.http_status.unwrap_or_default();
    if problem.message.is_empty() {
        problem.message = match problem.code.as_ref().and_then(lookup) {
            Some(row) => row.meaning.to_owned(),
            None => super::words::no_words(http_status),
        };
    }
    if problem.hint.is_none() {
        problem.hint = hint(http_status, problem.code.as_ref()).map(str::to_owned);
    }
    problem.transient = match advice(http_status, problem.code.as_ref(), problem.retry_after_ms) {
        Advice::Backoff { .. } | Advice::RetryRead | Advice::RetryAfter { .. } => true,
        Advice::Stop | Advice::SignAgainOnce => false,
    };
    problem
}

/// The texts of this table by their keys.
#[doc(hidden)]
#[must_use]
pub fn texts() -> Vec<(String, String)> {
    let rows = TABLE.iter().flat_map(|row| {
        [
            (format!("code_{}", row.code), row.meaning.to_owned()),
            (format!("code_{}_hint", row.code), row.hint.to_owned()),
        ]
    });
    let statuses = [401, 402, 404, 413, 429, 500].into_iter().filter_map(|http_status| {
        hint(http_status, None).map(|hint| (format!("http_{http_status}_hint"), hint.to_owned()))
    });
    rows.chain(statuses).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProblemKind;

    fn code(text: &str) -> ServiceCode {
        ServiceCode::from_text(text)
    }

    #[test]
    fn the_table_says_what_the_contract_says() {
        let advice_of = |text: &str| lookup(&code(text)).map(|row| (row.http_status, row.advice));
        for stop in ["1000", "1001", "1002"] {
            assert_eq!(advice_of(stop), Some((401, Advice::Stop)));
        }
        for sign in ["1003", "1004"] {
            assert_eq!(advice_of(sign), Some((401, Advice::SignAgainOnce)));
        }
        for stop in ["1100", "1101", "1102", "1304"] {
            assert_eq!(advice_of(stop), Some((429, Advice::Stop)));
        }
        assert_eq!(advice_of("1103"), Some((403, Advice::Stop)));
        for stop in ["1200", "1201", "1300", "1301"] {
            assert_eq!(advice_of(stop), Some((400, Advice::Stop)));
        }
        for stop in ["1202", "1203"] {
            assert_eq!(advice_of(stop), Some((404, Advice::Stop)));
        }
        assert_eq!(advice_of("1302"), Some((429, Advice::Backoff { min_ms: 0 })));
        assert_eq!(advice_of("1303"), Some((429, Advice::Backoff { min_ms: 1_000 })));
        for (trouble, http_status) in [("5000", 500), ("5001", 503), ("5002", 504)] {
            assert_eq!(advice_of(trouble), Some((http_status, Advice::RetryRead)));
        }
        for kirin in ["014002095", "014002096", "014002097", "014002099"] {
            assert_eq!(advice_of(kirin), Some((0, Advice::Stop)));
        }
        assert_eq!(TABLE.len(), 25);
        assert!(lookup(&ServiceCode::Number(14_002_095)).is_none(), "a leading zero is part of the code");
    }

    #[test]
    fn the_two_1201_are_told_by_their_words() {
        let refusal = |number, words: &str| Problem {
            code: Some(ServiceCode::Number(number)),
            ..Problem::new(ProblemKind::Refused, words)
        };
        assert!(is_name_taken(&refusal(1201, "External_task_id order 7 already exists")));
        assert!(is_name_taken(&refusal(1201, "external_task_id: a is already the name of task 7; it must be unique")));
        assert!(!is_name_taken(&refusal(1201, "external_task_id is too long")));
        assert!(!is_name_taken(&refusal(1200, "External_task_id order 7 already exists")));
        assert!(is_not_visible(&refusal(1201, "Task not found by id/external id: 7")));
        assert!(is_not_visible(&refusal(1203, "gone")));
        assert!(!is_not_visible(&refusal(1201, "sound_file is invalid")));
        assert!(!is_not_visible(&refusal(1202, "not found")));
    }

    #[test]
    fn http_429_alone_is_no_reason_to_try_again() {
        assert_eq!(advice(429, None, None), Advice::Stop);
        assert_eq!(advice(429, None, Some(3_000)), Advice::RetryAfter { wait_ms: 3_000 });
        assert_eq!(advice(429, Some(&code("1102")), Some(3_000)), Advice::Stop);
        assert_eq!(advice(429, Some(&code("1303")), None), Advice::Backoff { min_ms: 1_000 });
    }

    #[test]
    fn the_code_decides_whatever_a_gateway_made_of_the_status() {
        assert_eq!(advice(500, Some(&code("1201")), None), Advice::Stop);
        assert_eq!(advice(400, Some(&code("5002")), None), Advice::RetryRead);
        assert_eq!(advice(502, None, None), Advice::RetryRead);
        assert_eq!(advice(400, Some(&code("task_failed")), None), Advice::Stop);
    }

    #[test]
    fn words_and_hints_are_filled_in() {
        let silent =
            Problem { http_status: Some(429), code: Some(code("1101")), ..Problem::new(ProblemKind::Refused, "") };
        let explained = explain(silent);
        assert_eq!(explained.message, "The account is in debt");
        assert_eq!(explained.hint.as_deref(), Some("Settle the account at the service"));
        assert!(!explained.transient);
        let busy = Problem { http_status: Some(503), ..Problem::new(ProblemKind::Unreadable, "<html>") };
        assert!(explain(busy).transient);
    }
}
