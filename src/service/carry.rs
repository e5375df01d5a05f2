//! Carrying a call to its outcome: what may be sent again is, as the table of codes says, and nothing else (docs: wire contract §4).

use std::time::Instant;

use super::client::Client;
use super::fault::Fault;
use super::send::{Payload, resend_ms, seed};
use super::waits::{Wait, WaitEnd};
use crate::model::{Problem, ProblemKind};
use crate::wire::answer::Reply;
use crate::wire::codes::{self, Advice};
use crate::wire::request::Call;

/// How a call ended.
pub enum Outcome<T> {
    /// With what was asked for.
    Done(T),
    /// With a clear no: surely nothing was taken.
    No(Problem),
    /// Nobody knows.
    Open(Problem),
}

impl<T> Outcome<T> {
    /// The outcome of a read, which changes nothing whatever became of it.
    pub fn of_read(read: Result<T, Problem>) -> Self {
        match read {
            Ok(value) => Self::Done(value),
            Err(problem) => Self::No(problem),
        }
    }

    /// The outcome of an identify, which costs a little: only a refusal in the service's own words is a clear no.
    pub fn of_identify(reply: &Reply<'_>, read: Result<T, Problem>) -> Self {
        match read {
            Ok(value) => Self::Done(value),
            Err(problem) if problem.kind == ProblemKind::Refused && reply.http_status < 500 => Self::No(problem),
            Err(problem) => Self::Open(problem),
        }
    }

    /// The value, or the problem.
    pub fn into_result(self) -> Result<T, Problem> {
        match self {
            Self::Done(value) => Ok(value),
            Self::No(problem) | Self::Open(problem) => Err(problem),
        }
    }
}

impl Client {
    /// Sends `call` until it has an outcome: at most `attempts` times after failures, and for as long as the service asks for patience.
    ///
    /// A call that is no read is sent again only after a clear no that the table of codes lets pass, or where no connection ever stood.
    /// With a single attempt nothing is sent again but a fresh signature.
    pub(super) async fn carry<T>(
        &self,
        call: &Call,
        payload: &Payload<'_>,
        attempts: u32,
        read: impl Fn(&Reply<'_>) -> Outcome<T>,
    ) -> Outcome<T> {
        let began = Instant::now();
        let seed = seed();
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
                Err(Fault::NotSent(problem)) => Outcome::No(problem),
                Err(Fault::Unclear(problem)) => Outcome::Open(problem),
            };
            let (problem, is_clear) = match outcome {
                Outcome::Done(value) => return Outcome::Done(value),
                Outcome::No(problem) => (problem, true),
                Outcome::Open(problem) => (problem, false),
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
                // No connection stood, or a read's answer was lost or garbled.
                None if problem.transient && (is_clear || is_read) && failures < attempts => Some(own_ms.max(asked_ms)),
                _ => None,
            };
            let spent_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            let patient = wait_ms.filter(|&wait_ms| spent_ms.saturating_add(wait_ms) <= self.limits().patience_ms);
            let Some(wait_ms) = patient else {
                let mut problem = self.shown_problem(problem);
                if advice == Some(Advice::SignAgainOnce) {
                    blame_the_clock(&mut problem, ahead_ms);
                }
                return if is_clear { Outcome::No(problem) } else { Outcome::Open(problem) };
            };
            tracing::debug!(
                "{} again in {wait_ms} ms: {}",
                call.operation.word(),
                self.credentials().masked(&problem.message)
            );
            let shown = self.shown_problem(problem.clone());
            let until_ms = self.clock().now_ms().saturating_add(i64::try_from(wait_ms).unwrap_or(i64::MAX));
            let wait = Wait { operation: call.operation.word(), until_ms, problem: shown };
            if self.recorder().waits().pause(wait, wait_ms).await == WaitEnd::GivenUp {
                let problem = self.shown_problem(problem).with_hint("you stopped waiting for it: try again later");
                return if is_clear { Outcome::No(problem) } else { Outcome::Open(problem) };
            }
        }
    }

    /// A problem without our secrets in its words.
    fn shown_problem(&self, mut problem: Problem) -> Problem {
        problem.message = self.credentials().masked(&problem.message);
        problem.request_id = problem.request_id.map(|id| self.credentials().masked(&id));
        problem
    }
}

/// Tells how wrong our clock is, where the service's own shows it: as often as not that is why a token is refused.
fn blame_the_clock(problem: &mut Problem, ahead_ms: Option<i64>) {
    let Some(ahead_ms) = ahead_ms.filter(|ahead_ms| ahead_ms.abs() >= 30_000) else { return };
    let seconds = ahead_ms.unsigned_abs() / 1000;
    let direction = if ahead_ms > 0 { "ahead of" } else { "behind" };
    problem.hint =
        Some(format!("this machine's clock is {seconds} s {direction} the service's: set it right, then try again"));
}

/// What the table says of an answer; `None` where there was none, or none that it has a say in.
fn advice_of(problem: &Problem) -> Option<Advice> {
    let http_status = problem.http_status?;
    if problem.code.is_none() && matches!(http_status, 200..=399) {
        return None;
    }
    Some(codes::advice(http_status, problem.code.as_ref(), problem.retry_after_ms))
}
