//! What the official service says of names and money: names in queries, names that were used, tasks by name, the account.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sha2::Sha256;
use viseme::sandbox::{Clock, Limits, SandboxConfig};

use crate::support::{CREATE, Client, create_body, http, identify_demo, number, read, wait_for};

const EVER: &str = "start_time=0&end_time=4102444800000";

/// A task with this name, at its end where it has one.
async fn create(client: &Client, session: &Value, name: &str) -> String {
    let mut body = create_body(session);
    body["external_task_id"] = json!(name);
    client.post(CREATE, &body).await.data()["task_id"].as_str().unwrap().to_owned()
}

/// A token for this sandbox, made without the product's own code.
fn token(client: &Client, now_s: i64) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({"iss": client.sandbox().access_key(), "exp": now_s + 1800, "nbf": now_s - 5});
    let text = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(client.sandbox().secret_key().expose_secret().as_bytes()).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_finds_its_task_is_not_shown_and_is_never_free_again() {
    for shows in [false, true] {
        let config = SandboxConfig { shows_external_task_id: shows, ..SandboxConfig::default() };
        let client = Client::with(config).await;
        let session = identify_demo(&client).await;
        let task_id = create(&client, &session, "fail:order 8").await;
        wait_for(&client, &task_id).await;
        for prefix in ["", "/kling"] {
            let query = client.get(&format!("{prefix}{CREATE}/fail:order%208")).await.data();
            let list = client.get(&format!("{prefix}{CREATE}")).await.data();
            assert_eq!((&query["task_id"], &list[0]), (&json!(task_id), &query));
            let shown = query["task_info"].get("external_task_id");
            assert_eq!(shown, shows.then(|| json!("fail:order 8")).as_ref(), "{query}");
            let mut body = create_body(&session);
            body["external_task_id"] = json!("fail:order 8");
            let refused = client.post(&format!("{prefix}{CREATE}"), &body).await;
            refused.refused(400, 1201, "External_task_id fail:order 8 already exists");
            assert_eq!(refused.message(), "External_task_id fail:order 8 already exists");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_listed_by_name_and_only_for_the_key() {
    let client = Client::new().await;
    let session = identify_demo(&client).await;
    let failed = create(&client, &session, "fail:a").await;
    let waiting = create(&client, &session, "queue:b").await;
    wait_for(&client, &failed).await;
    for prefix in ["", "/kling"] {
        let found = client.get(&format!("{prefix}/tasks?external_task_ids=queue:b,unknown,fail:a")).await.data();
        let found = found.as_array().unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(
            (&found[0]["id"], &found[0]["external_id"], &found[0]["status"]),
            (&json!(waiting), &json!("queue:b"), &json!("submitted"))
        );
        assert_eq!((&found[1]["id"], &found[1]["status"]), (&json!(failed), &json!("failed")));
        assert_eq!((&found[1]["outputs"], &found[1]["billing"]), (&json!([]), &json!([])));
        assert!(number(&found[1]["update_time"]) > number(&found[1]["create_time"]), "{}", found[1]);
        client.get(&format!("{prefix}/tasks")).await.refused(400, 1200, "external_task_ids");
        // The task's id is no name.
        let none = client.get(&format!("{prefix}/tasks?external_task_ids={failed}")).await.data();
        assert_eq!(none, json!([]));
        let signed = token(&client, Clock::default().now_ms() / 1000);
        let ask = |path: &str| http().get(client.url(&format!("{prefix}{path}"))).bearer_auth(&signed);
        let refused = ask("/tasks?external_task_ids=fail:a").send().await.unwrap();
        read(refused).await.refused(401, 1002, "Authorization");
        let query = read(ask(&format!("{CREATE}/fail:a")).send().await.unwrap()).await.data();
        assert_eq!(query["task_id"], json!(failed), "the same token is good elsewhere");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn units_are_booked_when_a_task_succeeds() {
    let clock = Clock::default();
    let limits = Limits { unfinished_tasks: 5, ..Limits::default() };
    let client = Client::with(SandboxConfig { clock: clock.clone(), limits, ..SandboxConfig::default() }).await;
    let costs = async || {
        clock.advance(Duration::from_secs(1));
        let data = client.get(&format!("/account/costs?{EVER}")).await.data();
        assert_eq!(data["code"], 0, "{data}");
        data["resource_pack_subscribe_infos"][0].clone()
    };
    let left = |package: &Value| package["remaining_quantity"].as_f64().unwrap();
    let before = costs().await;
    assert_eq!((&before["status"], &before["resource_pack_type"]), (&json!("online"), &json!("decreasing_total")));
    assert!(before["resource_pack_name"].as_str().unwrap().contains("-5Con-"), "{before}");
    assert_eq!(before["total_quantity"], before["remaining_quantity"]);
    assert!(number(&before["invalid_time"]) > number(&before["effective_time"]), "{before}");

    let session = identify_demo(&client).await;
    assert!((left(&before) - left(&costs().await) - 0.05).abs() < 1e-9);
    let failed = create(&client, &session, "fail:x").await;
    wait_for(&client, &failed).await;
    let good = create(&client, &session, "slow-500:x").await;
    assert!((left(&before) - left(&costs().await) - 0.05).abs() < 1e-9, "a submission and a failure cost nothing");
    let done = wait_for(&client, &good).await;
    assert_eq!(done["final_unit_deduction"], "0.5", "{done}");
    assert!((left(&before) - left(&costs().await) - 0.55).abs() < 1e-9);
    let named = client.get("/tasks?external_task_ids=slow-500:x").await.data();
    assert_eq!((&named[0]["status"], &named[0]["outputs"][0]["type"]), (&json!("succeeded"), &json!("video")));
    assert_eq!(named[0]["outputs"][0]["url"], done["task_result"]["videos"][0]["url"]);

    // Asked twice within a second.
    client.get(&format!("/kling/account/costs?{EVER}")).await.refused(429, 1302, "once a second");
    clock.advance(Duration::from_secs(1));
    let other = client.get(&format!("/account/costs?{EVER}&resource_pack_name=other")).await.data();
    assert_eq!(other["resource_pack_subscribe_infos"], json!([]));

    let ever = |limit: u32| json!({"start_time": 0, "end_time": 4_102_444_800_000_i64, "limit": limit});
    let first = client.post("/account/billing/package", &ever(1)).await.data();
    assert_eq!((&first["has_more"], &first["result"]["count"]), (&json!(true), &json!(1)));
    assert_eq!(first["result"]["detail"][0]["task_id"], session["session_id"]);
    let next = client.post("/account/billing/package", &json!({"cursor": first["next_cursor"]})).await.data();
    let row = &next["result"]["detail"][0];
    assert_eq!((&next["has_more"], &next["next_cursor"]), (&json!(false), &json!("")));
    assert_eq!((&row["task_id"], &row["api_key_name"]), (&json!(good), &json!("sandbox")));
    assert_eq!((&row["product_function"], &row["deduction_amount"]), (&json!("Lip Sync"), &json!(0.5)));
    assert!(row["deduction_time"].as_str().unwrap().parse::<i64>().unwrap() > 1_700_000_000_000, "{row}");
    let dollars = client.post("/kling/account/billing/balance", &ever(500)).await.data();
    let row = &dollars["result"]["detail"][1];
    assert_eq!(
        (&row["currency"], &row["deduction_amount"], &row["list_price"]),
        (&json!("USD"), &json!(0.07), &json!(0.07))
    );

    for (filter, count) in [
        (json!([{"key": "api_key_name", "values": ["other", "sandbox"]}]), 2),
        (json!([{"key": "api_key_name", "values": ["other"]}]), 0),
        (json!([{"key": "api_key_name", "values": []}, {"key": "product_type", "values": ["video"]}]), 2),
        (json!([{"key": "api_key_name", "values": []}, {"key": "product_type", "values": ["image"]}]), 0),
        (json!([{"key": "package_name", "values": [before["resource_pack_name"]]}]), 2),
        (json!([{"key": "package_id", "values": [before["resource_pack_id"]]}]), 2),
    ] {
        let mut body = ever(500);
        body["filters"] = filter;
        let page = client.post("/account/billing/package", &body).await.data();
        assert_eq!(page["result"]["count"], count, "{body}");
    }
}

#[tokio::test]
async fn what_the_account_is_asked_wrongly_is_refused_with_its_field() {
    let client = Client::new().await;
    for (path, code, words) in [
        ("/account/costs", 1200, "start_time"),
        ("/account/costs?start_time=0&end_time=soon", 1201, "end_time: Expected a time in milliseconds, got soon"),
        ("/account/costs?start_time=2&end_time=1", 1201, "end_time: The end, 1, is not later than the start, 2"),
    ] {
        client.get(path).await.refused(400, code, words);
    }
    for (body, code, words) in [
        (json!({}), 1200, "start_time: Required"),
        (json!({"start_time": 1, "end_time": 2, "limit": 501}), 1201, "limit: Expected an integer from 1 to 500"),
        (json!({"start_time": 1, "end_time": 2, "filters": {}}), 1201, "filters: Expected an array"),
        (
            json!({"start_time": 1, "end_time": 2, "filters": [{"key": "x", "values": []}]}),
            1201,
            "filters[0].key: There",
        ),
        (json!({"start_time": 1, "end_time": 2, "filters": [{"key": "package_id"}]}), 1200, "filters[0].values: Req"),
        (json!({"cursor": "nonsense"}), 1201, "cursor: This is no cursor"),
    ] {
        client.post("/account/billing/package", &body).await.refused(400, code, words);
    }
    let wrong = read(client.request(Method::GET, "/account/billing/package").send().await.unwrap()).await;
    wrong.refused(405, 1202, "only POST");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_free_only_when_a_task_is_at_its_end() {
    let limits = Limits { unfinished_tasks: 1, ..Limits::default() };
    let client = Client::with(SandboxConfig { limits, ..SandboxConfig::default() }).await;
    let session = identify_demo(&client).await;
    let slow = create(&client, &session, "slow-500:1").await;
    let refused = client.post(CREATE, &create_body(&session)).await;
    refused.refused(429, 1303, "Too many tasks at once");
    assert!(refused.body.get("data").is_none(), "{}", refused.body);
    assert_eq!(wait_for(&client, &slow).await["task_status"], "succeed");
    create(&client, &session, "fail:2").await;
}
