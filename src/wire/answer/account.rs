//! Reads the account's packages.

use serde_json::Value;

use super::layers::opened;
use super::{Reply, problem, scalar, text};
use crate::model::{Package, Problem};

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

/// More packages no account has.
const MOST: usize = 100;

fn package(value: &Value) -> Option<Package> {
    let fields = value.as_object()?;
    let word = |name: &str| {
        let word = fields.get(name).and_then(scalar::text).map(|word| text::presentable(&word));
        word.filter(|word| !word.is_empty())
    };
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
