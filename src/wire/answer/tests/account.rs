//! The account's packages and deductions.

use serde_json::{Value, json};

use super::*;
use crate::model::{Problem, Purse};

fn read(http_status: u16, body: &Value, purse: Purse) -> Result<Deductions, Problem> {
    read_deductions(&Reply::new(http_status, body.to_string().as_bytes()), purse)
}

fn page(fields: &Value) -> Value {
    json!({ "code": 0, "message": "SUCCEED", "request_id": "r", "data": fields })
}

#[test]
fn a_page_of_deductions_has_its_rows_and_the_way_to_the_next() {
    let rows = json!([
        { "task_id": 842_250_903_629_086_785_i64, "api_key_name": "mine", "product_function": "Lip Sync", "product_type": "video",
          "deduction_time": "1734425600000", "deduction_amount": "0.5", "package_id": "p" },
        { "task_id": "", "deduction_amount": 1 },
        { "task_id": "no amount" },
        "no row",
    ]);
    let answer = page(&json!({ "result": { "count": 4, "detail": rows }, "next_cursor": "c-2", "has_more": true }));
    let read_page = read(200, &answer, Purse::Package).unwrap();
    assert_eq!((read_page.deductions.len(), read_page.next_cursor.as_deref()), (1, Some("c-2")));
    let row = &read_page.deductions[0];
    assert_eq!((row.task_id.as_str(), row.product.as_deref()), ("842250903629086785", Some("Lip Sync")));
    assert_eq!((row.at_ms, row.purse, row.currency.as_deref()), (Some(1_734_425_600_000), Purse::Package, None));
    assert!((row.amount - 0.5).abs() < 1e-9 && row.api_key_name.as_deref() == Some("mine"));

    let money = json!([{ "task_id": "t", "deduction_amount": 0.07, "currency": "USD" }]);
    let answer = page(&json!({ "result": { "detail": money }, "next_cursor": "c-2", "has_more": false }));
    let read_page = read(200, &answer, Purse::Balance).unwrap();
    assert_eq!(read_page.deductions[0].currency.as_deref(), Some("USD"));
    assert_eq!(read_page.next_cursor, None, "the service says that there is no more");
    let empty = page(&json!({ "result": { "count": 0 }, "next_cursor": "", "has_more": false }));
    assert_eq!(read(200, &empty, Purse::Balance).unwrap().deductions, []);
}

#[test]
fn what_has_no_deductions_is_a_problem_in_the_services_words() {
    let refused = json!({ "code": 0, "data": { "code": 1103, "msg": "no right to this" } });
    assert!(read(200, &refused, Purse::Package).unwrap_err().message.contains("no right to this"));
    for answer in [json!({}), page(&json!({ "result": { "detail": "many" } })), page(&json!({})), json!([1, 2])] {
        assert!(read(200, &answer, Purse::Package).is_err(), "{answer}");
    }
    assert_eq!(
        read(429, &json!({ "code": 1302, "message": "slow" }), Purse::Package).unwrap_err().http_status,
        Some(429)
    );
    let hostile = page(&json!({ "result": { "detail": vec![json!({ "task_id": "t", "deduction_amount": 1 }); 600] } }));
    assert_eq!(read(200, &hostile, Purse::Package).unwrap().deductions.len(), 500);
}
