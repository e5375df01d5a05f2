//! What the account is asked: its packages, and what was deducted. Official only, free, and at most one call a second.

use serde_json::{Map, json};

use super::{BILLING, Body, COSTS, Call, Method, Operation, kling_path};
use crate::model::{Profile, Purse};

/// How many deductions one page has at most (docs).
const DEDUCTIONS_A_PAGE: u32 = 500;

/// The account's packages between two times, in milliseconds since the epoch.
#[must_use]
pub fn packages(profile: &Profile, start_ms: i64, end_ms: i64) -> Call {
    let target = kling_path(profile, &format!("{COSTS}?start_time={start_ms}&end_time={end_ms}"));
    Call { operation: Operation::Account, method: Method::Get, target, body: None }
}

/// Which page of the deductions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeductionsPage {
    /// The first one of those between two times, in milliseconds since the epoch.
    Between {
        /// Not before this time.
        start_ms: i64,
        /// Before this time.
        end_ms: i64,
    },
    /// The one behind a cursor, which stands for everything else.
    Cursor(String),
}

/// A page of what was deducted from the packages, or from the balance.
#[must_use]
pub fn deductions(profile: &Profile, purse: Purse, page: &DeductionsPage) -> Call {
    let mut fields = Map::new();
    match page {
        DeductionsPage::Between { start_ms, end_ms } => {
            fields.insert("start_time".into(), json!(start_ms));
            fields.insert("end_time".into(), json!(end_ms));
            fields.insert("limit".into(), json!(DEDUCTIONS_A_PAGE));
        }
        DeductionsPage::Cursor(cursor) => {
            fields.insert("cursor".into(), json!(cursor));
        }
    }
    let of = match purse {
        Purse::Package => "package",
        Purse::Balance => "balance",
    };
    let target = kling_path(profile, &format!("{BILLING}/{of}"));
    Call { operation: Operation::Account, method: Method::Post, target, body: Some(Body::of(&fields)) }
}
