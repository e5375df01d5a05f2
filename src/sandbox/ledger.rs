//! What was deducted from the account: units are booked when a task succeeds, not when it is submitted.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::TaskStatus;
use crate::model::cost::{IDENTIFY_UNITS, SPEECH_UNITS, UNIT_USD};

use super::file_store::lock;
use super::kling::{seconds_text, task_units};
use super::records::{Kind, Records};
use super::task::{Outcome, Task};

/// How many deductions are kept; older ones count in the totals only.
const MAX_DEDUCTIONS: usize = 10_000;
/// What the sandbox's package holds, in units. It is never refused for being used up.
const PACKAGE_UNITS: f64 = 100_000.0;
/// How long the package is valid, in milliseconds.
const PACKAGE_LIFE_MS: i64 = 365 * 24 * 60 * 60 * 1000;
/// The name of the one key of the account.
pub const API_KEY_NAME: &str = "sandbox";
/// The kind of every product of the sandbox.
pub const PRODUCT_TYPE: &str = "video";

/// What a deduction is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purse {
    /// The package, in units.
    Package,
    /// The balance, in dollars.
    Balance,
}

/// One deduction.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Deduction {
    task_id: String,
    product_function: String,
    /// Length of the result in milliseconds, where there is one.
    duration_ms: Option<i64>,
    /// By the sandbox's clock.
    pub at_ms: i64,
    units: f64,
}

impl Deduction {
    /// That of a task that succeeded at `at_ms`.
    pub fn of_task(task: &Task, outcome: &Outcome, at_ms: i64) -> Self {
        let duration_ms = if let Outcome::Video { duration_ms, .. } = outcome { Some(*duration_ms) } else { None };
        let product_function = if task.lip_sync().is_some() { "Lip Sync" } else { "Identify Face" };
        let product_function = product_function.to_owned();
        Self { task_id: task.task_id.clone(), product_function, duration_ms, at_ms, units: task_units(task) }
    }

    /// That of an identify which is no task: booked under its session.
    pub fn of_identify(session_id: &str, at_ms: i64) -> Self {
        Self {
            task_id: session_id.into(),
            product_function: "Identify Face".into(),
            duration_ms: None,
            at_ms,
            units: IDENTIFY_UNITS,
        }
    }

    /// That of a text that was spoken.
    pub fn of_speech(task_id: &str, at_ms: i64) -> Self {
        Self {
            task_id: task_id.into(),
            product_function: "Text to Speech".into(),
            duration_ms: None,
            at_ms,
            units: SPEECH_UNITS,
        }
    }
}

/// The account's book.
#[derive(Debug)]
pub struct Ledger {
    /// The package's id.
    pub package_id: String,
    opened_ms: i64,
    book: Mutex<Book>,
    /// Held while the book is written down, so that no older state of it is written over a newer one.
    writing: tokio::sync::Mutex<()>,
}

/// The book as it is kept.
#[derive(Debug, Deserialize, Serialize)]
pub struct LedgerRecord {
    package_id: String,
    opened_ms: i64,
    book: Book,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Book {
    /// Oldest first, each with its number and the units used before it.
    deductions: VecDeque<(u64, f64, Deduction)>,
    count: u64,
    used_units: f64,
    /// When the packages were last asked for.
    asked_ms: Option<i64>,
}

impl Ledger {
    /// A book with one package, bought at `now_ms`.
    pub fn new(package_id: String, now_ms: i64) -> Self {
        Self::of_record(LedgerRecord { package_id, opened_ms: now_ms, book: Book::default() })
    }

    /// The book of an earlier run.
    pub fn of_record(record: LedgerRecord) -> Self {
        let LedgerRecord { package_id, opened_ms, book } = record;
        Self { package_id, opened_ms, book: Mutex::new(book), writing: tokio::sync::Mutex::default() }
    }

    /// Writes the book down among these records. What cannot be written is with the next deduction.
    pub async fn keep(&self, records: &Records) {
        if !records.is_kept() {
            return;
        }
        let _writing = self.writing.lock().await;
        let book = lock(&self.book).clone();
        let record = LedgerRecord { package_id: self.package_id.clone(), opened_ms: self.opened_ms, book };
        if let Err(err) = records.write(Kind::Book, "ledger", record, Vec::new()).await {
            tracing::warn!(%err, "the sandbox could not write down what was deducted from its account");
        }
    }

    /// Books a deduction, once for each task and session.
    pub fn book(&self, deduction: Deduction) {
        let mut book = lock(&self.book);
        // A task that was begun anew may have been booked by the run that ended just then.
        if book.deductions.iter().any(|(_, _, known)| known.task_id == deduction.task_id) {
            return;
        }
        let (count, used_units) = (book.count, book.used_units);
        book.used_units += deduction.units;
        book.count += 1;
        book.deductions.push_back((count, used_units, deduction));
        if book.deductions.len() > MAX_DEDUCTIONS {
            book.deductions.pop_front();
        }
    }

    /// Books what tasks of earlier runs cost whose end was written down, and their deduction was not.
    pub fn book_missing(&self, tasks: &[Arc<Task>]) {
        let known: HashSet<String> = {
            let book = lock(&self.book);
            if book.count > book.deductions.len() as u64 {
                return;
            }
            book.deductions.iter().map(|(_, _, deduction)| deduction.task_id.clone()).collect()
        };
        for task in tasks.iter().filter(|task| !known.contains(&task.task_id)) {
            let state = task.state();
            if let Some(outcome) = state.outcome.filter(|_| state.status == TaskStatus::Succeed) {
                self.book(Deduction::of_task(task, &outcome, state.updated_ms));
            }
        }
    }

    /// Whether the packages may be asked for at `now_ms`: at most once a second.
    pub fn may_ask(&self, now_ms: i64) -> bool {
        let mut book = lock(&self.book);
        let is_soon = book.asked_ms.is_some_and(|asked_ms| (0..1000).contains(&(now_ms - asked_ms)));
        if !is_soon {
            book.asked_ms = Some(now_ms);
        }
        !is_soon
    }

    /// The package's name, which ends in the number of tasks at once as the official ones do.
    pub fn package_name(limit: usize) -> String {
        format!("Sandbox-Video-{limit}Con-365Days")
    }

    /// The package, as `GET /account/costs` shows it.
    pub fn package(&self, limit: usize, now_ms: i64) -> Value {
        let invalid_ms = self.opened_ms + PACKAGE_LIFE_MS;
        let used_units = lock(&self.book).used_units;
        json!({
            "resource_pack_name": Self::package_name(limit),
            "resource_pack_id": self.package_id,
            "resource_pack_type": "decreasing_total",
            "total_quantity": PACKAGE_UNITS,
            "remaining_quantity": rounded((PACKAGE_UNITS - used_units).max(0.0)),
            "purchase_time": self.opened_ms,
            "effective_time": self.opened_ms,
            "invalid_time": invalid_ms,
            "status": if now_ms < invalid_ms { "online" } else { "expired" },
        })
    }

    /// At most `limit` deductions from the one numbered `from` on that `is_wanted` holds for, as rows of `purse`; and the number to go
    /// on from where there are more.
    pub fn page(
        &self,
        purse: Purse,
        from: u64,
        limit: usize,
        is_wanted: impl Fn(&Deduction) -> bool,
    ) -> (Vec<Value>, Option<u64>) {
        let book = lock(&self.book);
        let mut wanted =
            book.deductions.iter().filter(|(number, _, deduction)| *number >= from && is_wanted(deduction));
        let rows = wanted.by_ref().take(limit).map(|(_, used, deduction)| self.row(purse, *used, deduction)).collect();
        (rows, wanted.next().map(|(number, ..)| *number))
    }

    fn row(&self, purse: Purse, used_units: f64, deduction: &Deduction) -> Value {
        let mut row = json!({
            "task_id": deduction.task_id,
            "api_key_name": API_KEY_NAME,
            "product_type": PRODUCT_TYPE,
            "product_function": deduction.product_function,
            "deduction_time": deduction.at_ms.to_string(),
        });
        if let Some(duration_ms) = deduction.duration_ms {
            row["duration"] = json!(seconds_text(duration_ms));
        }
        let before = PACKAGE_UNITS - used_units;
        let after = before - deduction.units;
        match purse {
            Purse::Package => {
                row["package_id"] = json!(self.package_id);
                row["unit_before_deduction"] = json!(rounded(before));
                row["deduction_amount"] = json!(rounded(deduction.units));
                row["unit_after_deduction"] = json!(rounded(after));
            }
            Purse::Balance => {
                row["cash_type"] = json!("balance");
                row["currency"] = json!("USD");
                row["balance_before_deduction"] = json!(rounded(before * UNIT_USD));
                row["deduction_amount"] = json!(rounded(deduction.units * UNIT_USD));
                row["list_price"] = json!(rounded(deduction.units * UNIT_USD));
                row["balance_after_deduction"] = json!(rounded(after * UNIT_USD));
            }
        }
        row
    }
}

/// Four decimal places: sums of hundredths of a unit are not exact in binary.
fn rounded(amount: f64) -> f64 {
    (amount * 10_000.0).round() / 10_000.0
}
