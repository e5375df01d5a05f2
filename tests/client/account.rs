//! The account: one call at a time, page by page, and what a service can do wrong there.

use std::time::Instant;

use serde_json::{Value, json};
use viseme::model::{Dialect, ProblemKind, Profile, Purse};
use viseme::service::{Client, Clock, Credentials, Limits, Recorder};

use crate::hostile::{Act, Hostile, KEY, brief, client, json_answer, profile};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn official(base_url: &str, limits: Limits) -> Client {
    let profile = Profile { knows_names: true, ..profile(base_url, Dialect::Kling) };
    Client::with_limits(profile, Credentials::key(KEY).unwrap(), Recorder::default(), limits, Clock::system()).unwrap()
}

fn packages() -> Act {
    let package = json!({ "resource_pack_name": "Video-3Con-30Days", "total_quantity": 100, "remaining_quantity": 5,
        "status": "online", "invalid_time": 4_102_444_800_000_i64 });
    let inner = json!({ "code": 0, "msg": "ok", "resource_pack_subscribe_infos": [package] });
    json_answer("200 OK", &json!({ "code": 0, "message": "SUCCEED", "data": inner }))
}

fn page(rows: &[Value], cursor: &str) -> Act {
    let data = json!({ "result": { "count": rows.len(), "detail": rows }, "next_cursor": cursor, "has_more": !cursor.is_empty() });
    json_answer("200 OK", &json!({ "code": 0, "message": "SUCCEED", "data": data }))
}

fn row(task_id: &str, at_ms: i64) -> Value {
    json!({ "task_id": task_id, "deduction_amount": 0.5, "deduction_time": at_ms.to_string(), "product_function": "Lip Sync" })
}

#[tokio::test]
async fn every_page_is_read_newest_first_and_never_two_calls_within_the_gap() {
    let server = Hostile::start(|number, request| match number {
        _ if request.line.starts_with("GET") => packages(),
        1 => page(&[row("t-1", 1_700_000_001_000), row("t-2", 1_700_000_002_000)], "c-2"),
        2 => page(&[row("t-3", 1_700_000_003_000)], ""),
        _ => page(&[], ""),
    })
    .await;
    let client = official(&server.base(), Limits { account_gap_ms: 60, ..brief() });
    let began = Instant::now();
    let account = client.account(30 * DAY_MS).await.unwrap();
    assert!(began.elapsed().as_millis() >= 3 * 60, "four calls have three gaps");
    let ledger = account.ledger.as_ref().unwrap();
    let ids: Vec<_> = ledger.deductions.iter().map(|it| (it.task_id.as_str(), it.purse)).collect();
    assert_eq!(ids, [("t-3", Purse::Package), ("t-2", Purse::Package), ("t-1", Purse::Package)]);
    assert!(ledger.is_whole && account.at_once() == Some(3));
    assert!(account.warnings()[0].contains("5 of 100 units"), "{:?}", account.warnings());
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    assert_eq!(requests[2].json(), json!({ "cursor": "c-2" }));
    assert!(requests[3].line.contains("/account/billing/balance"), "{}", requests[3].line);
}

#[tokio::test]
async fn a_ledger_without_an_end_has_one_and_a_refused_one_leaves_the_packages() {
    let endless = Hostile::start(|_, request| {
        if request.line.starts_with("GET") { packages() } else { page(&[row("t", 1_700_000_001_000)], &request.line) }
    })
    .await;
    let limits = Limits { account_gap_ms: 1, ..brief() };
    let account = official(&endless.base(), limits).account(DAY_MS).await.unwrap();
    let ledger = account.ledger.unwrap();
    // The same cursor again is no further page.
    assert!(!ledger.is_whole && endless.requests().len() <= 2 * 10 + 1, "{}", endless.requests().len());

    let refusing = Hostile::start(|_, request| {
        if request.line.starts_with("GET") {
            packages()
        } else {
            json_answer("403 Forbidden", &json!({ "code": 1103, "message": "no right to this" }))
        }
    })
    .await;
    let account = official(&refusing.base(), limits).account(DAY_MS).await.unwrap();
    assert_eq!(account.packages.len(), 1);
    assert!(account.ledger.unwrap_err().message.contains("no right to this"));
}

#[tokio::test]
async fn too_fast_is_asked_again_and_a_gateway_not_at_all() {
    let busy = Hostile::start(|number, request| {
        if number == 0 {
            json_answer("429 Too Many Requests", &json!({ "code": 1302, "message": "once a second" }))
        } else if request.line.starts_with("GET") {
            packages()
        } else {
            page(&[], "")
        }
    })
    .await;
    let limits = Limits { account_gap_ms: 1, ..brief() };
    assert!(official(&busy.base(), limits).account(DAY_MS).await.unwrap().ledger.is_ok());
    assert_eq!(busy.requests().len(), 4);

    let gateway = Hostile::always(Act::Close).await;
    let problem = client(&gateway.base(), Dialect::Kling).account(DAY_MS).await.unwrap_err();
    assert!(problem.kind == ProblemKind::Usage && gateway.requests().is_empty(), "{problem:?}");
}
