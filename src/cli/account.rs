//! `viseme account`: packages, what was deducted beside what was estimated, and what to know before paying. Costs nothing.

use serde_json::{Value, json};

use super::args::{AccountArgs, JournalArgs, ServiceArgs};
use super::console::Console;
use super::interrupts::Interrupts;
use super::{Failed, connect, exit, report, words};
use crate::engine::{AccountReport, Engine, LedgerRow, Recorder, local_days};
use crate::model::cost::amount;
use crate::model::{Problem, ProblemKind, Purse};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Runs the command; returns the exit code.
pub async fn run(
    args: &AccountArgs,
    service: &ServiceArgs,
    journal: &JournalArgs,
    console: &Console,
) -> Result<u8, Failed> {
    let mut interrupts = Interrupts::listen()?;
    let profile = connect::profile(service)?;
    let data = connect::data_folder(journal);
    let journaling = connect::journal(journal, false, console).await?;
    let (setup, sandbox) = connect::connect(profile, service.key_stdin, data.as_deref(), console).await?;
    let profile = setup.profile.clone();
    let is_alone = data.is_some() && sandbox.as_ref().is_some_and(|sandbox| !sandbox.keeps_state());
    if is_alone {
        console.warn(&words::account_of_own_sandbox());
    }
    let mut engine = Engine::new(tokio::runtime::Handle::current(), profile.clone(), || {});
    engine.connect(setup.with_journal(journaling))?;
    console.say(&words::asking_account(&profile.name));
    let asked = tokio::select! {
        asked = engine.account(i64::from(args.days).saturating_mul(DAY_MS)) => asked,
        () = interrupts.next() => Err(Problem::new(ProblemKind::Cancelled, words::account_stopped())),
    };
    let requests = Recorder::requests(engine.recorder());
    drop(engine);
    if let Some(sandbox) = sandbox {
        sandbox.shutdown().await;
    }
    let problem = match &asked {
        Ok(found) => found.account.ledger.as_ref().err(),
        Err(problem) => Some(problem),
    };
    let mut object = json!({ "profile": profile.name, "base_url": profile.base_url });
    if is_alone {
        object["note"] = json!(words::account_of_own_sandbox());
    }
    if let Ok(found) = &asked {
        tell(found, args.days, console)?;
        let Value::Object(fields) = of_report(found) else { return Err(internal().into()) };
        object.as_object_mut().ok_or_else(internal)?.extend(fields);
    }
    if let Some(problem) = problem {
        console.problem(problem);
    }
    let code = problem.map_or(exit::DONE, exit::of);
    object["requests"] = json!(requests);
    object["problem"] = json!(problem);
    Ok(report::finish(console, object, code))
}

fn internal() -> Problem {
    Problem::new(ProblemKind::Internal, words::account_not_json())
}

fn tell(found: &AccountReport, days: u32, console: &Console) -> Result<(), Problem> {
    let account = &found.account;
    for package in &account.packages {
        console.result(&words::package(package.words()))?;
    }
    if let Some(count) = account.at_once() {
        console.result(&words::account_at_once(count))?;
    }
    for warning in account.warnings() {
        console.warn(&warning);
    }
    let Ok(ledger) = &account.ledger else { return Ok(()) };
    if ledger.deductions.is_empty() {
        console.say(&words::nothing_deducted(days));
    }
    for row in &found.rows {
        console.result(&line(row))?;
    }
    if !ledger.is_whole {
        console.note(&words::ledger_not_whole(found.rows.len()));
    }
    Ok(())
}

/// When, what, which task, how much, beside what was estimated, and for which clip; separated by tabs.
fn line(row: &LedgerRow) -> String {
    let deduction = &row.deduction;
    let or_none = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or("-").to_owned();
    let estimate = row.estimate.map(|estimate| words::part_estimated(deduction.amount_text(estimate)));
    [
        or_none(deduction.at_ms.map(local_days::text).as_deref()),
        or_none(deduction.product.as_deref()),
        deduction.task_id.clone(),
        row.amount_text(),
        or_none(estimate.as_deref()),
        or_none(row.clip_name.as_deref()),
    ]
    .join("\t")
}

fn of_report(found: &AccountReport) -> Value {
    let account = &found.account;
    let rows: Vec<Value> = found.rows.iter().map(of_row).collect();
    let ledger = account.ledger.as_ref().ok();
    json!({
        "packages": account.packages,
        "at_once": account.at_once(),
        "warnings": account.warnings(),
        "ledger_since_ms": ledger.map(|ledger| ledger.since_ms),
        "ledger_is_whole": ledger.map(|ledger| ledger.is_whole),
        "ledger": ledger.map(|_| rows),
    })
}

fn of_row(row: &LedgerRow) -> Value {
    let deduction = &row.deduction;
    let unit = match deduction.purse {
        Purse::Package => "units",
        Purse::Balance => deduction.currency.as_deref().unwrap_or("USD"),
    };
    json!({
        "task_id": deduction.task_id,
        "product": deduction.product,
        "purse": deduction.purse,
        "amount": amount(deduction.amount),
        "unit": unit,
        "in_money": row.in_money.as_ref().map(|money| json!({ "amount": amount(money.amount), "unit": money.currency.as_deref().unwrap_or("USD") })),
        "estimate": row.estimate.map(amount),
        "at_ms": deduction.at_ms,
        "api_key_name": deduction.api_key_name,
        "clip": row.clip_name,
    })
}
