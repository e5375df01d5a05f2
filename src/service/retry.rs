//! Retries: only where the table of codes allows one (docs: wire contract §4).

use super::client::Client;
use super::fault::Fault;
use super::send::{Payload, resend_ms};
use super::shown::Shown;
use super::waits::{Wait, WaitEnd};
use super::words;
use crate::model::{CallOutcome, Problem, ProblemKind, Task};
use crate::wire::answer::Reply;
use crate::wire::codes::{self, Advice};
use crate::wire::request::Call;

/// The outcome of an identify, which costs a little: only a refusal in the service's own words is definite.
pub fn outcome_of_identify<T>(reply: &Reply<'_>, read: Result<T, Problem>) -> CallOutcome<T> {
    match read {
        Ok(value) => CallOutcome::Done(value),
        Err(problem) if problem.kind == ProblemKind::Refused && reply.http_status < 500 => {
            CallOutcome::Refused(problem)
        }
        Err(problem) => CallOutcome::Unknown(problem),
    }
}

/// What became of a create that was sent once.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "one value for each create, moved once")]
pub enum OnceSent {
    /// It has an outcome.
    Outcome(CallOutcome<Task>),
    /// It was certainly not taken, and may be sent again later: too fast, no slot, no connection.
    NotTaken(Problem),
    /// It was certainly not taken, and any other create would meet the same: the key, the account, the address, the certificate.
    Stopped(Problem),
}

/// What a clear refusal of a create means for when it may be sent again.
pub(super) fn of_refusal(problem: Problem) -> OnceSent {
    match (advice_of(&problem), problem.http_status) {
        (Some(Advice::Backoff { .. } | Advice::RetryAfter { .. }), _) => OnceSent::NotTaken(problem),
        (None, None) if problem.transient => OnceSent::NotTaken(problem),
        (Some(Advice::SignAgainOnce), _) | (Some(Advice::Stop), Some(401 | 403 | 429)) => OnceSent::Stopped(problem),
        // No connection that could be trusted; or the address, the prefix or the account is wrong, and not this create.
        (_, None) if problem.kind == ProblemKind::NoAnswer => OnceSent::Stopped(problem),
        (_, Some(402 | 404 | 405)) if problem.code.is_none() => OnceSent::Stopped(problem),
        _ => OnceSent::Outcome(CallOutcome::Refused(problem)),
    }
}

impl Client {
    /// Sends `call` until it has an outcome: at most `attempts` times after failures, and for as long as the service asks to wait.
    ///
    /// A call that is not a read is retried only after a refusal for which the table of codes allows that, or where no connection was
    /// made. With a single attempt the only retry is the one with a fresh signature.
    pub(super) async fn send_with_retries<T: Shown>(
        &self,
        call: &Call,
        payload: &Payload<'_>,
        attempts: u32,
        read: impl Fn(&Reply<'_>) -> CallOutcome<T>,
    ) -> CallOutcome<T> {
        let began_ms = self.clock().elapsed_ms();
        let seed = self.clock().random();
        let is_read = call.operation.is_read();
        let mut signed_again = false;
        let mut failures = 0;
        loop {
            let mut ahead_ms = None;
            let outcome = match self.exchange(call, payload).await {
                Ok(answer) => {
                    ahead_ms = answer.ahead_ms;
                    read(&answer.reply())
                }
                Err(Fault::NotSent(problem)) => CallOutcome::Refused(problem),
                Err(Fault::Unclear(problem)) => CallOutcome::Unknown(problem),
            };
            let (problem, is_clear) = match outcome {
                CallOutcome::Done(value) => return CallOutcome::Done(value.shown()),
                CallOutcome::NameTaken(problem) => return CallOutcome::NameTaken(problem.shown()),
                CallOutcome::Refused(problem) => (problem, true),
                CallOutcome::Unknown(problem) => (problem, false),
            };
            let advice = advice_of(&problem);
            if advice == Some(Advice::SignAgainOnce) && is_clear && !signed_again && self.credentials().can_sign_again()
            {
                signed_again = true;
                self.credentials().forget_token();
                continue;
            }
            failures += 1;
            let own_ms = resend_ms(self, failures, seed);
            let asked_ms = problem.retry_after_ms.unwrap_or(0);
            let wait_ms = match advice {
                // One attempt means one: the caller has a schedule of its own.
                _ if attempts <= 1 => None,
                Some(Advice::Backoff { min_ms }) if is_clear || is_read => Some(own_ms.max(min_ms).max(asked_ms)),
                Some(Advice::RetryAfter { wait_ms }) if is_clear || is_read => Some(own_ms.max(wait_ms)),
                Some(Advice::RetryRead) if is_read && failures < attempts => Some(own_ms.max(asked_ms)),
                // No connection was made, or a read's answer was lost or garbled.
                None if problem.transient && (is_clear || is_read) && failures < attempts => Some(own_ms.max(asked_ms)),
                _ => None,
            };
            let spent_ms = self.clock().elapsed_ms().saturating_sub(began_ms);
            let wait_ms = wait_ms.filter(|&wait_ms| spent_ms.saturating_add(wait_ms) <= self.limits().patience_ms);
            let Some(wait_ms) = wait_ms else {
                let mut problem = problem.shown();
                if advice == Some(Advice::SignAgainOnce) {
                    blame_the_clock(&mut problem, ahead_ms);
                }
                return if is_clear { CallOutcome::Refused(problem) } else { CallOutcome::Unknown(problem) };
            };
            let problem = problem.shown();
            tracing::debug!("{} again in {wait_ms} ms: {}", call.operation.word(), problem.message);
            let until_ms = self.clock().now_ms().saturating_add(i64::try_from(wait_ms).unwrap_or(i64::MAX));
            let wait = Wait { operation: call.operation.word(), until_ms, problem: problem.clone() };
            if self.waits().pause(wait, self.clock().sleep(wait_ms)).await == WaitEnd::GivenUp {
                let problem = problem.with_hint(words::stopped_waiting());
                return if is_clear { CallOutcome::Refused(problem) } else { CallOutcome::Unknown(problem) };
            }
        }
    }
}

/// Adds how far our clock is off, where the service's response shows it: a common reason why a token is refused.
pub(super) fn blame_the_clock(problem: &mut Problem, ahead_ms: Option<i64>) {
    let Some(ahead_ms) = ahead_ms.filter(|ahead_ms| ahead_ms.abs() >= 30_000) else { return };
    let seconds = ahead_ms.unsigned_abs().saturating_add(500) / 1000;
    let direction = if ahead_ms > 0 { "ahead of" } else { "behind" };
    problem.hint = Some(words::clock_is_wrong(seconds, direction));
}

/// What the table of codes advises; `None` where there was no answer, or a successful one.
fn advice_of(problem: &Problem) -> Option<Advice> {
    let http_status = problem.http_status?;
    if problem.code.is_none() && matches!(http_status, 200..=399) {
        return None;
    }
    Some(codes::advice(http_status, problem.code.as_ref(), problem.retry_after_ms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ServiceCode;

    #[test]
    fn a_refused_create_waits_stops_all_or_is_at_its_end() {
        let of = |http_status: Option<u16>, code: Option<i64>, transient: bool| {
            let problem = Problem::new(ProblemKind::Refused, "no");
            of_refusal(Problem { http_status, code: code.map(ServiceCode::Number), transient, ..problem })
        };
        for (http_status, code) in [(429, 1302), (429, 1303)] {
            assert!(matches!(of(Some(http_status), Some(code), false), OnceSent::NotTaken(_)), "{code}");
        }
        assert!(matches!(of(None, None, true), OnceSent::NotTaken(_)), "no connection was made");
        for (http_status, code) in [(401, 1002), (401, 1004), (403, 1103), (429, 1101), (429, 1102)] {
            assert!(matches!(of(Some(http_status), Some(code), false), OnceSent::Stopped(_)), "{code}");
        }
        for (http_status, code) in [(Some(400), Some(1201)), (Some(400), Some(1301)), (None, None)] {
            assert!(matches!(of(http_status, code, false), OnceSent::Outcome(CallOutcome::Refused(_))), "{code:?}");
        }
    }
}
