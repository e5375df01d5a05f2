//! The account: its packages, and what was deducted. Free, and asked at most once a second.

use super::client::Client;
use super::send::Payload;
use super::shown::Shown;
use super::words;
use crate::model::{Account, CallOutcome, Deduction, Ledger, Package, Problem, ProblemKind, Purse};
use crate::wire::answer::{self, Reply};
use crate::wire::request::{self, Call, DeductionsPage};

/// How far back packages are asked for, in milliseconds: a year.
const PACKAGES_MS: i64 = 365 * 24 * 60 * 60 * 1000;
/// By how much the service's time is known too early at most, in milliseconds: its dates have whole seconds.
const DATE_MS: i64 = 2_000;
/// How many pages of deductions are read of each purse.
const MOST_PAGES: usize = 10;

impl Client {
    /// The account's packages, and what was deducted in the last `ledger_ms` milliseconds. Takes a second for each call after the first.
    ///
    /// # Errors
    /// [`ProblemKind::Usage`]: the service does not show the account; else the packages are refused or not answered. A ledger that is refused
    /// is in the account as a problem.
    pub async fn account(&self, ledger_ms: i64) -> Result<Account, Problem> {
        if !self.profile().shows_account() {
            let problem = Problem::new(ProblemKind::Usage, words::shows_no_account(&self.profile().name));
            return Err(problem.with_hint(words::shows_no_account_hint()));
        }
        let packages = self.packages().await?;
        let asked_ms = self.service_now_ms();
        let ledger = self.ledger(asked_ms.saturating_sub(ledger_ms), asked_ms.saturating_add(DATE_MS)).await;
        Ok(Account { asked_ms, packages, ledger })
    }

    /// The account's packages.
    pub(super) async fn packages(&self) -> Result<Vec<Package>, Problem> {
        let now_ms = self.service_now_ms();
        let call = request::packages(self.profile(), now_ms.saturating_sub(PACKAGES_MS), now_ms);
        self.read_account(&call, answer::read_packages).await
    }

    async fn ledger(&self, since_ms: i64, until_ms: i64) -> Result<Ledger, Problem> {
        let mut ledger = Ledger { since_ms, deductions: Vec::new(), is_whole: true };
        for purse in Purse::ALL {
            let mut page = DeductionsPage::Between { start_ms: since_ms, end_ms: until_ms };
            for number in 1..=MOST_PAGES {
                let call = request::deductions(self.profile(), purse, &page);
                let read = self.read_account(&call, |reply: &Reply<'_>| answer::read_deductions(reply, purse)).await?;
                ledger.deductions.extend(read.deductions);
                let Some(cursor) = read.next_cursor else { break };
                let next = DeductionsPage::Cursor(cursor);
                // A service that names the same page again has no further one.
                if number == MOST_PAGES || next == page {
                    ledger.is_whole = false;
                    break;
                }
                page = next;
            }
        }
        ledger.deductions.sort_by_key(|deduction: &Deduction| std::cmp::Reverse(deduction.at_ms));
        Ok(ledger)
    }

    /// Now by the service's clock, as far as it is known, in milliseconds since the epoch.
    fn service_now_ms(&self) -> i64 {
        self.clock().now_ms().saturating_sub(self.ahead_ms())
    }

    /// Reads of the account, each attempt in its turn.
    async fn read_account<T: Shown>(
        &self,
        call: &Call,
        read: impl Fn(&Reply<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let read = |reply: &Reply<'_>| CallOutcome::of_read(read(reply));
        let mut attempts = self.limits().read_attempts;
        loop {
            self.take_account_turn().await;
            attempts = attempts.saturating_sub(1);
            match self.send_with_retries(call, &Payload::OfCall, 1, read).await.into_result() {
                Err(problem) if problem.transient && attempts > 0 => {
                    let wait_ms = problem.retry_after_ms.unwrap_or(0);
                    if wait_ms > self.limits().patience_ms {
                        return Err(problem);
                    }
                    self.clock().sleep(wait_ms).await;
                }
                answered => return answered,
            }
        }
    }

    async fn take_account_turn(&self) {
        let mut asked_ms = self.account_asked_ms().lock().await;
        if let Some(asked_ms) = *asked_ms {
            let passed_ms = self.clock().elapsed_ms().saturating_sub(asked_ms);
            self.clock().sleep(self.limits().account_gap_ms.saturating_sub(passed_ms)).await;
        }
        *asked_ms = Some(self.clock().elapsed_ms());
    }
}
