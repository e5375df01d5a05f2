//! What went wrong, in a form that window, command line and reports show alike.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::rule::RuleReport;

/// The kind of a problem. Decides the exit code of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// The request to the program is invalid or incomplete.
    Usage,
    /// A rule of the contract is broken; nothing was sent.
    Rule,
    /// A local file cannot be read or written, or is not what it should be.
    File,
    /// The clip has no usable face.
    NoFace,
    /// The service refused, with a code.
    Refused,
    /// No answer came: no connection, a timeout, a reset.
    NoAnswer,
    /// The answer cannot be read.
    Unreadable,
    /// A create was sent, and it is not known whether it was accepted. It is never retried automatically.
    OutcomeUnknown,
    /// The name of a create was used before, by another task: nothing was created.
    NameTaken,
    /// The task failed at the service.
    TaskFailed,
    /// The poll limit ran out; the task goes on and can be resumed by its id.
    Paused,
    /// A person stopped it.
    Cancelled,
    /// The program itself failed.
    Internal,
}

/// A code as a service sent it. `014002095` stays text: it is no number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ServiceCode {
    /// `1201`, also where it came as `"1201"`.
    Number(i64),
    /// `"task_failed"`, `"014002095"`.
    Text(String),
}

impl ServiceCode {
    /// Reads a code that came as text: a number where it is written as one without a leading zero.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }
}

impl fmt::Display for ServiceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// What went wrong, why, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The kind.
    pub kind: ProblemKind,
    /// The rule that is broken: `R5`, `video.duration`, …
    pub rule: Option<String>,
    /// The HTTP status, where there was an answer.
    pub http_status: Option<u16>,
    /// The service's own code.
    pub code: Option<ServiceCode>,
    /// What happened and why; the service's own words where there are any.
    pub message: String,
    /// The request id: what the service's support asks for.
    pub request_id: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// Whether a later retry may help, by the table of codes (wire contract §4). Holds for reads only, never for a create.
    #[serde(skip)]
    pub transient: bool,
    /// `Retry-After` of the answer in milliseconds.
    #[serde(skip)]
    pub retry_after_ms: Option<u64>,
}

impl Problem {
    /// A problem of this kind with these words.
    #[must_use]
    pub fn new(kind: ProblemKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            rule: None,
            http_status: None,
            code: None,
            message: message.into(),
            request_id: None,
            hint: None,
            transient: false,
            retry_after_ms: None,
        }
    }

    /// This problem, with what to do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether no answer came at all: of a call that was refused, because nothing was reached that could have taken it.
    #[must_use]
    pub fn is_unreached(&self) -> bool {
        self.kind == ProblemKind::NoAnswer && self.http_status.is_none()
    }

    /// The problem of a broken rule.
    #[must_use]
    pub fn of_rule(report: &RuleReport) -> Self {
        Self {
            rule: Some(report.rule.into()),
            ..Self::new(ProblemKind::Rule, format!("{} ({})", report.why().unwrap_or(report.asks), report.rule))
        }
    }
}

impl fmt::Display for Problem {
    /// One line: the words, then code, HTTP status and request id where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut facts = Vec::new();
        facts.extend(self.code.as_ref().map(|code| format!("code {code}")));
        facts.extend(self.http_status.map(|status| format!("HTTP {status}")));
        facts.extend(self.request_id.as_ref().map(|id| format!("request {id}")));
        if facts.is_empty() { Ok(()) } else { write!(f, " ({})", facts.join(", ")) }
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_with_a_leading_zero_stays_text() {
        assert_eq!(ServiceCode::from_text("1201"), ServiceCode::Number(1201));
        assert_eq!(ServiceCode::from_text("014002095"), ServiceCode::Text("014002095".into()));
        assert_eq!(ServiceCode::from_text("task_failed"), ServiceCode::Text("task_failed".into()));
    }

    #[test]
    fn a_problem_shows_code_status_and_request() {
        let problem = Problem {
            http_status: Some(400),
            code: Some(ServiceCode::Number(1201)),
            request_id: Some("r-1".into()),
            ..Problem::new(ProblemKind::Refused, "sound_file is invalid")
        };
        assert_eq!(problem.to_string(), "sound_file is invalid (code 1201, HTTP 400, request r-1)");
    }
}
