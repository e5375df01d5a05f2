//! The account beside what the journal knows: each deduction with what was estimated for it here.

use std::future::Future;

use super::{Engine, JournalAccess, Journaling};
use crate::journal::{Journal, Service, SpeechOutcome, SpeechRecord};
use crate::model::cost::{IDENTIFY_UNITS, SPEECH_UNITS, lip_sync_units};
use crate::model::{Account, Deduction, Ledger, Problem, Purse};
use crate::secrets::redacted;

/// At most so many spoken texts are compared.
const MOST_SPEECHES: u32 = 500;
/// How far a text and what was deducted for it may be apart, in milliseconds: the clocks differ, and speaking takes a while.
const SPOKEN_WITHIN_MS: i64 = 120_000;
/// As many characters of a text are shown.
const SPOKEN_CHARS: usize = 40;

/// An account, and what this machine knows of its ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct AccountReport {
    /// The account.
    pub account: Account,
    /// Its deductions, the newest first; empty where they are not known.
    pub rows: Vec<LedgerRow>,
}

/// A deduction, and what this machine knows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerRow {
    /// What was deducted.
    pub deduction: Deduction,
    /// What was estimated, in what the deduction is stated in; `None` for what was not made from this machine.
    pub estimate: Option<f64>,
    /// The clip that it was for, or the text that was spoken; `None` as with the estimate.
    pub clip_name: Option<String>,
    /// Whether a journal was looked into.
    pub is_looked_up: bool,
    /// The same deduction as the service states it in money, where it lists it a second time.
    pub in_money: Option<Deduction>,
}

impl LedgerRow {
    /// How much: `0.50 units ($0.07)`.
    #[must_use]
    pub fn amount_text(&self) -> String {
        let amount = self.deduction.amount_text(self.deduction.amount);
        match &self.in_money {
            Some(money) => format!("{amount} ({})", money.amount_text(money.amount)),
            None => amount,
        }
    }
}

impl Engine {
    /// The account of the connected service, with what was deducted in the last `ledger_ms` milliseconds. Costs nothing, and takes some
    /// seconds: the service answers one call a second.
    ///
    /// # Errors
    /// [`crate::model::ProblemKind::NoAnswer`]: no service is connected. Else as [`crate::service::Client::account`].
    pub fn account(
        &self,
        ledger_ms: i64,
    ) -> impl Future<Output = Result<AccountReport, Problem>> + Send + 'static + use<> {
        let client = self.executor.client();
        let journal = match &self.executor.journal {
            Journaling::On(journal) => Some((journal.clone(), self.executor.service.clone())),
            Journaling::Off => None,
        };
        async move {
            let account = client?.account(ledger_ms).await?;
            let deductions = account.ledger.as_ref().map(|ledger: &Ledger| ledger.deductions.clone());
            let deductions = deductions.unwrap_or_default();
            let rows = tokio::task::spawn_blocking(move || rows(deductions, journal.as_ref())).await;
            Ok(AccountReport { account, rows: rows.unwrap_or_default() })
        }
    }
}

fn rows(deductions: Vec<Deduction>, journal: Option<&(JournalAccess, Service)>) -> Vec<LedgerRow> {
    let journal = journal.and_then(|(journal, service)| Some((journal.journal().ok()?, service)));
    let spoken = journal.as_ref().and_then(|(journal, service)| journal.speeches(Some(service), MOST_SPEECHES).ok());
    let mut spoken = spoken.unwrap_or_default();
    let is_looked_up = journal.is_some();
    let mut row = |deduction: Deduction| {
        let known = journal.as_ref().and_then(|(journal, service)| known(journal, service, &deduction.task_id));
        let known = known.or_else(|| speech(&mut spoken, &deduction));
        let (units, clip_name) = known.unzip();
        let estimate = units.and_then(|units| deduction.stated(units));
        LedgerRow { estimate, clip_name, is_looked_up, deduction, in_money: None }
    };
    let mut rows: Vec<LedgerRow> = Vec::new();
    for (deduction, in_money) in once(deductions) {
        rows.push(LedgerRow { in_money, ..row(deduction) });
    }
    rows
}

/// The estimate in units and the text of what was spoken: by its id, else by time and amount where no answer came. Each counts for one deduction.
fn speech(spoken: &mut Vec<SpeechRecord>, deduction: &Deduction) -> Option<(f64, String)> {
    let is_it = |record: &SpeechRecord| match &record.outcome {
        SpeechOutcome::Done(spoken) => spoken.task_id.as_deref() == Some(redacted(&deduction.task_id).as_ref()),
        _ => false,
    };
    let is_near = |record: &SpeechRecord| {
        let amount = deduction.stated(SPEECH_UNITS);
        let is_amount = amount.is_some_and(|amount| (amount - deduction.amount).abs() < 1e-6);
        let is_open = match &record.outcome {
            SpeechOutcome::Done(spoken) => spoken.task_id.is_none(),
            SpeechOutcome::Sent | SpeechOutcome::Unknown(_) => true,
            SpeechOutcome::Refused(_) => false,
        };
        let is_then = deduction.at_ms.is_some_and(|at_ms| (at_ms - record.begun_ms).abs() <= SPOKEN_WITHIN_MS);
        is_open && is_amount && is_then
    };
    let at = spoken.iter().position(is_it).or_else(|| spoken.iter().position(is_near))?;
    Some((SPEECH_UNITS, in_a_line(&spoken.remove(at).speech.text)))
}

/// The beginning of a text, in one line.
fn in_a_line(text: &str) -> String {
    let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = words.chars().take(SPOKEN_CHARS).collect();
    if short.len() < words.len() { format!("{short}…") } else { short }
}

/// Deductions, each once: a service may list what was taken from a package a second time, at its list price in money.
fn once(deductions: Vec<Deduction>) -> Vec<(Deduction, Option<Deduction>)> {
    let (units, money): (Vec<Deduction>, Vec<Deduction>) =
        deductions.into_iter().partition(|deduction| deduction.purse == Purse::Package);
    let mut rows: Vec<(Deduction, Option<Deduction>)> = units.into_iter().map(|deduction| (deduction, None)).collect();
    for deduction in money {
        let is_of = |(units, known): &&mut (Deduction, Option<Deduction>)| {
            let is_same = units.task_id == deduction.task_id && units.product == deduction.product;
            known.is_none()
                && is_same
                && deduction.stated(units.amount).is_some_and(|of| (of - deduction.amount).abs() < 1e-6)
        };
        match rows.iter_mut().find(is_of) {
            Some((_, known)) => *known = Some(deduction),
            None => rows.push((deduction, None)),
        }
    }
    rows.sort_by_key(|(deduction, _)| std::cmp::Reverse(deduction.at_ms));
    rows
}

/// The estimate in units and the clip of a task, or of the session that an identify is booked under.
fn known(journal: &Journal, service: &Service, task_id: &str) -> Option<(f64, String)> {
    let task_id = redacted(task_id);
    let found = journal.find(&task_id).ok()?;
    let is_it = |task: &crate::journal::TaskRecord| task.task_id == *task_id;
    let intent = found.into_iter().find(|it| it.service.is_same(service) && it.task.as_ref().is_some_and(is_it));
    if let Some(intent) = intent {
        return Some((lip_sync_units(intent.placement?.crop_ms()), intent.clip.name));
    }
    let session = journal.session(service, &task_id).ok()??;
    Some((IDENTIFY_UNITS, session.clip.name))
}
