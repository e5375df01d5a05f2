//! The free check of key, host and clock: a query for a task that cannot exist. A 401 is the key, or the clock; that there is no such task
//! is the answer of a service with which all is well.

use super::client::Client;
use super::retry::blame_the_clock;
use super::send::Payload;
use super::{codes, words};
use crate::model::{CallOutcome, Dialect, Problem, ProblemKind, ServiceCheck};
use crate::wire::answer::{self, Reply};
use crate::wire::request;

/// How long a check by itself may hold up what is paid, in milliseconds.
const BEFORE_PAYING_MS: u64 = 5_000;
/// How often a service is asked for its time before a create.
const CHECKS: u32 = 3;

impl Client {
    /// Checks key, host and clock, and asks for the account's packages where the service shows them. Costs nothing.
    pub async fn check(&self) -> ServiceCheck {
        let problem = self.ask_for_nothing(self.limits().read_attempts).await.err();
        let packages =
            if problem.is_none() && self.profile().shows_account() { self.packages().await.ok() } else { None };
        ServiceCheck { problem, ahead_ms: self.known_ahead_ms(), packages }
    }

    /// The check by itself, before the first paid call: only with the vendor's own service, and once for each key.
    ///
    /// # Errors
    /// The key is refused. Whatever else goes wrong is up to the paid call itself.
    pub(super) async fn check_before_paying(&self) -> Result<(), Problem> {
        if !self.profile().is_official() || !self.credentials().is_first_check(self.base()) {
            return Ok(());
        }
        match self.clock().within(BEFORE_PAYING_MS, self.ask_for_nothing(1)).await {
            Some(Err(problem)) if problem.http_status == Some(401) => Err(problem),
            _ => Ok(()),
        }
    }

    /// Makes the service's time known before a create, whose task is proven by it: by the free check, where nothing was answered yet, three times
    /// at the most.
    ///
    /// # Errors
    /// A service that finds tasks by their names has not answered: a create whose answer were lost could not be proven to be ours. Nothing was
    /// sent but the check. Of another service the time stays unknown.
    pub async fn learn_time(&self) -> Result<(), Problem> {
        let mut why = words::part_no_answer_within(BEFORE_PAYING_MS / 1_000);
        for _ in 0..CHECKS {
            if self.profile().dialect != Dialect::Kling || self.has_answered() {
                return Ok(());
            }
            match self.clock().within(BEFORE_PAYING_MS, self.ask_for_nothing(1)).await {
                // The check by itself would ask the same.
                Some(Ok(())) => drop(self.credentials().is_first_check(self.base())),
                Some(Err(problem)) => why = problem.message,
                None => {}
            }
        }
        if self.has_answered() || !self.profile().knows_names {
            return Ok(());
        }
        let mut problem = Problem::new(ProblemKind::NoAnswer, words::check_unanswered(why));
        problem.transient = true;
        Err(problem.with_hint(words::check_unanswered_hint()))
    }

    /// Queries a task that cannot exist.
    async fn ask_for_nothing(&self, attempts: u32) -> Result<(), Problem> {
        let random =
            getrandom::u64().map_err(|err| Problem::new(ProblemKind::Internal, words::no_random_numbers(err)))?;
        let call = request::query(self.profile(), &format!("viseme-check-{random:016x}"))?;
        let read = |reply: &Reply<'_>| match answer::read_task_by_name(reply) {
            Ok(_) => CallOutcome::Done(()),
            Err(problem) if codes::is_not_visible(&problem) => CallOutcome::Done(()),
            Err(problem) => CallOutcome::Refused(problem),
        };
        let answer = self.send_with_retries(&call, &Payload::OfCall, attempts, read).await;
        answer.into_result().map_err(|mut problem| {
            if problem.http_status == Some(401) {
                blame_the_clock(&mut problem, self.known_ahead_ms());
            }
            problem
        })
    }
}
