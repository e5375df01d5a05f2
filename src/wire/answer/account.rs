//! Reads the account's packages, and what was deducted.

use serde_json::{Map, Value};

use super::layers::opened;
use super::{Reply, problem, scalar, text};
use crate::model::{Deduction, Package, Problem, Purse};

/// Reads an answer to the question for the account's packages, which has two envelopes.
///
/// # Errors
/// A refusal with its code, of either envelope, or an answer without packages.
pub fn read_packages(reply: &Reply<'_>) -> Result<Vec<Package>, Problem> {
    if !reply.is_success() {
        return Err(problem::of_status(reply));
    }
    let Some(layers) = problem::layers(reply) else { return Err(problem::of_page(reply)) };
    let stated = layers.answer_status();
    if stated.is_error {
        return Err(problem::refusal(reply, stated));
    }
    let listed = layers.innermost(&["resource_pack_subscribe_infos"]).cloned().map(opened);
    match listed {
        Some(Value::Array(items)) => Ok(items.iter().filter_map(package).take(MOST).collect()),
        _ => Err(problem::without(reply, &stated, "packages")),
    }
}

/// A page has no more deductions.
const MOST_DEDUCTIONS: usize = 500;

/// A page of deductions.
#[derive(Clone, Debug, PartialEq)]
pub struct Deductions {
    /// In the order of the service.
    pub deductions: Vec<Deduction>,
    /// With what the next page is asked for, where there is one.
    pub next_cursor: Option<String>,
}

/// Reads a page of what was deducted from this purse. An entry without a task or an amount is left out.
///
/// # Errors
/// A refusal with its code, of either envelope, or an answer without deductions.
pub fn read_deductions(reply: &Reply<'_>, purse: Purse) -> Result<Deductions, Problem> {
    if !reply.is_success() {
        return Err(problem::of_status(reply));
    }
    let Some(layers) = problem::layers(reply) else { return Err(problem::of_page(reply)) };
    let stated = layers.answer_status();
    if stated.is_error {
        return Err(problem::refusal(reply, stated));
    }
    let count = layers.innermost(&["count"]).and_then(scalar::whole);
    let rows = match layers.innermost(&["detail", "details"]).cloned().map(opened) {
        Some(Value::Array(rows)) => rows,
        None if count == Some(0) => Vec::new(),
        _ => return Err(problem::without(reply, &stated, "deductions")),
    };
    let deductions = rows.iter().take(MOST_DEDUCTIONS).filter_map(|row| deduction(row, purse)).collect();
    let has_more = layers.innermost(&["has_more"]).is_none_or(|more| !matches!(more, Value::Bool(false)));
    let cursor = layers.innermost(&["next_cursor"]).and_then(scalar::text).filter(|cursor| !cursor.is_empty());
    Ok(Deductions { deductions, next_cursor: cursor.filter(|_| has_more) })
}

fn deduction(value: &Value, purse: Purse) -> Option<Deduction> {
    let fields = value.as_object()?;
    let word = |name: &str| word(fields, name);
    Some(Deduction {
        task_id: fields.get("task_id").and_then(scalar::text).filter(|id| !id.is_empty())?,
        product: word("product_function").or_else(|| word("product_type")),
        purse,
        amount: fields.get("deduction_amount").and_then(scalar::real)?,
        currency: word("currency").filter(|_| purse == Purse::Balance),
        at_ms: fields.get("deduction_time").and_then(scalar::stamp_ms),
        api_key_name: word("api_key_name"),
    })
}

/// A text of the service as one short line; `None` where it is empty.
fn word(fields: &Map<String, Value>, name: &str) -> Option<String> {
    let word = fields.get(name).and_then(scalar::text).map(|word| text::presentable(&word));
    word.filter(|word| !word.is_empty())
}

/// More packages no account has.
const MOST: usize = 100;

fn package(value: &Value) -> Option<Package> {
    let fields = value.as_object()?;
    let word = |name: &str| word(fields, name);
    let name = word("resource_pack_name")?;
    Some(Package {
        at_once: Package::at_once_of(&name),
        name,
        kind: word("resource_pack_type"),
        total: fields.get("total_quantity").and_then(scalar::real),
        remaining: fields.get("remaining_quantity").and_then(scalar::real),
        ends_ms: fields.get("invalid_time").and_then(scalar::stamp_ms),
        status: word("status"),
    })
}
