//! Tasks by name, and the account: its package and what was deducted (the wire contract, §4a and §7).

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Call;
use crate::sandbox::fields::Fields;
use crate::sandbox::kling;
use crate::sandbox::ledger::{API_KEY_NAME, Ledger, PRODUCT_TYPE, Purse};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::words;

/// How many names one request may ask for.
const MAX_NAMES: usize = 100;
/// How many deductions one page may have, and has by default.
const MAX_DEDUCTIONS: i64 = 500;
/// The filters of the official documents.
const FILTERS: [&str; 4] = ["api_key_name", "product_type", "package_name", "package_id"];

/// What a page of deductions is asked for with: a cursor says it again, and where to go on.
#[derive(Debug, Deserialize, Serialize)]
struct Asked {
    start_ms: i64,
    end_ms: i64,
    limit: usize,
    filters: Vec<(String, Vec<String>)>,
    from: u64,
}

impl Call {
    /// `GET /tasks?external_task_ids=A,B`: the tasks of those names that there are.
    pub(super) fn tasks_by_name(&self) -> Result<Response, Refusal> {
        let names = self.query_value("external_task_ids").filter(|names| !names.is_empty());
        let names =
            names.ok_or_else(|| Refusal::new(1200, format!("external_task_ids: {}", words::names_required())))?;
        let names: Vec<&str> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.len() > MAX_NAMES {
            return Err(Refusal::field("external_task_ids", words::too_many_names(MAX_NAMES, names.len())));
        }
        let found = names.into_iter().filter_map(|name| {
            let task = self.core.tasks.find(name)?;
            let has_name = task.external_task_id.as_deref() == Some(name) && task.lip_sync().is_some();
            has_name.then(|| kling::listed_by_name(&task, &self.origin))
        });
        Ok(self.ok(&found.collect()))
    }

    /// `GET /account/costs`: the packages that were valid between two times.
    pub(super) fn account_costs(&self) -> Result<Response, Refusal> {
        let ms = |name: &str| {
            let text = self.query_value(name).ok_or_else(|| Refusal::missing(name))?;
            text.parse::<i64>().map_err(|_| Refusal::field(name, words::expected_ms(text)))
        };
        let (start_ms, end_ms) = (ms("start_time")?, ms("end_time")?);
        check_range(start_ms, end_ms)?;
        let now_ms = self.core.clock.now_ms();
        if !self.core.ledger.may_ask(now_ms) {
            return Err(Refusal::new(1302, words::account_too_often()));
        }
        let limit = self.core.tasks.limit();
        let package = self.core.ledger.package(limit, now_ms);
        let name = self.query_value("resource_pack_name").filter(|name| !name.is_empty());
        let is_asked_for = name.is_none_or(|name| name == Ledger::package_name(limit));
        let packages: Vec<Value> = is_asked_for.then_some(package).into_iter().collect();
        Ok(self.ok(&json!({"code": 0, "msg": "success", "resource_pack_subscribe_infos": packages})))
    }

    /// `POST /account/billing/package` and `/balance`: a page of what was deducted, oldest first.
    pub(super) async fn deductions(&self, body: &mut Option<Body>, purse: Purse) -> Result<Response, Refusal> {
        let body = self.read_json(body).await?;
        let asked = read_asked(&Fields::of_body(&body)?, &body)?;
        let package_name = Ledger::package_name(self.core.tasks.limit());
        let fits = |key: &str| match key {
            "api_key_name" => API_KEY_NAME,
            "product_type" => PRODUCT_TYPE,
            "package_name" => package_name.as_str(),
            _ => self.core.ledger.package_id.as_str(),
        };
        // Values of one filter are alternatives; several filters must all hold. No value: no filter.
        let holds = asked
            .filters
            .iter()
            .all(|(key, values)| values.is_empty() || values.iter().any(|value| value == fits(key)));
        let (rows, next) = self.core.ledger.page(purse, asked.from, asked.limit, |deduction| {
            holds && (asked.start_ms..asked.end_ms).contains(&deduction.at_ms)
        });
        let cursor = next.map(|from| write_cursor(&Asked { from, ..asked })).transpose()?;
        Ok(self.ok(&json!({
            "result": {"count": rows.len(), "detail": rows},
            "next_cursor": cursor.as_deref().unwrap_or_default(),
            "has_more": cursor.is_some(),
        })))
    }

    fn query_value(&self, name: &str) -> Option<String> {
        let query = self.parts.uri.query().unwrap_or_default();
        url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, text)| text.into_owned())
    }
}

fn check_range(start_ms: i64, end_ms: i64) -> Result<(), Refusal> {
    if start_ms < end_ms { Ok(()) } else { Err(Refusal::field("end_time", words::time_range(start_ms, end_ms))) }
}

/// A cursor stands for everything else.
fn read_asked(fields: &Fields<'_>, body: &Value) -> Result<Asked, Refusal> {
    if let Some(cursor) = fields.text("cursor")? {
        let read = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|text| serde_json::from_slice(&text).ok());
        return read.ok_or_else(|| Refusal::field("cursor", words::not_a_cursor()));
    }
    let (start_ms, end_ms) = (fields.required_ms("start_time")?, fields.required_ms("end_time")?);
    check_range(start_ms, end_ms)?;
    let limit = match body.get("limit").filter(|limit| !limit.is_null()) {
        None => MAX_DEDUCTIONS,
        Some(limit) => limit
            .as_i64()
            .filter(|limit| (1..=MAX_DEDUCTIONS).contains(limit))
            .ok_or_else(|| Refusal::field("limit", words::number_out_of_range(MAX_DEDUCTIONS, limit.to_string())))?,
    };
    let filters = fields.objects("filters")?.into_iter().map(|filter| {
        let key = filter.required_text("key")?;
        if !FILTERS.contains(&key) {
            return Err(Refusal::field(&filter.name("key"), words::no_such_filter(key, FILTERS.join(", "))));
        }
        Ok((key.to_owned(), filter.texts("values")?))
    });
    let filters = filters.collect::<Result<_, _>>()?;
    Ok(Asked { start_ms, end_ms, limit: usize::try_from(limit).unwrap_or(1), filters, from: 0 })
}

fn write_cursor(asked: &Asked) -> Result<String, Refusal> {
    serde_json::to_vec(asked).map(|text| URL_SAFE_NO_PAD.encode(text)).map_err(Refusal::internal)
}
