//! A task in the answers to a query, a list and a webhook.

use serde_json::json;

use super::*;
use crate::model::{ProblemKind, TaskStatus};

#[test]
fn the_documents_query_is_read_whole() {
    let read = task(&seed_query());
    assert_eq!(
        (read.task_id.as_str(), read.status, read.status_raw.as_str()),
        ("task_123456", TaskStatus::Succeed, "succeed")
    );
    assert_eq!(read.status_msg.as_deref(), Some("success"));
    let video = &read.videos[0];
    assert_eq!(
        (video.id.as_str(), video.url.as_str(), video.duration_ms),
        ("vid_lipsync_123", "https://example.com/lipsync_video.mp4", Some(5_000))
    );
    assert_eq!((read.created_at_ms, read.updated_at_ms), (Some(1_722_769_557_708), Some(1_722_769_557_708)));
}

#[test]
fn what_the_official_query_adds_is_read() {
    let mut answer = seed_query();
    answer["data"]["task_info"] = json!({ "external_task_id": "mine-1", "parent_video": { "id": "p", "url": "u", "duration": "9.5" }, "note": 1 });
    answer["data"]["task_result"]["videos"][0]["watermark_url"] = json!("https://h/w.mp4");
    answer["data"]["task_result"]["videos"][0]["duration"] = json!("5.041");
    answer["data"]["watermark_info"] = json!({ "enabled": true });
    answer["data"]["final_unit_deduction"] = json!("0.5");
    let read = task(&answer);
    assert_eq!(read.external_task_id.as_deref(), Some("mine-1"));
    assert_eq!(read.parent_video, Some(json!({ "id": "p", "url": "u", "duration": "9.5" })));
    assert_eq!(
        (read.videos[0].watermark_url.as_deref(), read.videos[0].duration_ms),
        (Some("https://h/w.mp4"), Some(5_041))
    );
    assert_eq!(read.cost.unwrap().units.as_deref(), Some("0.5"));
    assert_eq!(read.extra.get("watermark_info"), Some(&json!({ "enabled": true })));
    assert_eq!(read.extra.get("task_info.note"), Some(&json!(1)));
}

#[test]
fn a_huge_id_keeps_its_digits() {
    let body = br#"{"code":0,"data":{"task_id":123456789012345678901234567890,"task_status":"processing"}}"#;
    let read = read_task_by_name(&Reply::new(200, body)).unwrap();
    assert_eq!(read.task_id, "123456789012345678901234567890");
}

#[test]
fn a_failed_task_is_an_answer_with_its_only_reason() {
    let read = task(&json!({
        "code": 0, "message": "SUCCEED", "request_id": "r",
        "data": { "task_id": "task_123456", "task_status": "failed", "task_status_msg": "the voice has no speech", "task_result": {} },
    }));
    assert_eq!((read.status, read.failure_text()), (TaskStatus::Failed, "the voice has no speech"));
    assert!(read.error.is_none());
    let silent = task(&json!({ "code": 0, "message": "SUCCEED", "data": { "task_id": "t", "task_status": "failed" } }));
    assert_eq!((silent.status, silent.failure_text()), (TaskStatus::Failed, ""));
}

#[test]
fn a_gateway_wraps_three_deep() {
    let official = seed_query()["data"].clone();
    let wrapped = json!({ "code": "success", "message": "", "data": {
        "task_id": "gw-1", "status": "SUCCESS", "progress": "100%", "fail_reason": "", "finish_time": 1,
        "data": { "code": 0, "message": "SUCCEED", "data": official } } });
    let read = read_task(&Reply::new(200, &bytes(&wrapped)), "gw-1").unwrap();
    assert_eq!((read.task_id.as_str(), read.status, read.progress), ("gw-1", TaskStatus::Succeed, Some(1.0)));
    assert_eq!((read.status_raw.as_str(), read.videos.len()), ("succeed", 1));
    let running = json!({ "code": "success", "data": { "task_id": "gw-1", "status": "IN_PROGRESS", "progress": "45%", "fail_reason": "", "data": null } });
    let read = read_task(&Reply::new(200, &bytes(&running)), "gw-1").unwrap();
    assert_eq!(
        (read.status, read.status_raw.as_str(), read.progress),
        (TaskStatus::Processing, "IN_PROGRESS", Some(0.45))
    );
}

#[test]
fn the_outside_says_success_and_the_inside_is_still_running() {
    let answer = json!({ "status": "success", "data": { "task_id": "t", "task_status": "processing" } });
    assert_eq!(task(&answer).status, TaskStatus::Processing);
    let bare = json!({ "status": "success", "data": { "task_id": "t" } });
    assert_eq!(task(&bare).status, TaskStatus::Submitted, "only the exchange succeeded");
}

#[test]
fn a_gateway_that_gave_up_ends_the_task() {
    let answer = json!({ "code": "success", "data": { "task_id": "t", "status": "FAILURE", "progress": "100%", "fail_reason": "timed out",
        "data": { "code": 0, "data": { "task_id": "up", "task_status": "processing" } } } });
    let read = task(&answer);
    assert_eq!(
        (read.status, read.status_raw.as_str(), read.failure_text()),
        (TaskStatus::Failed, "FAILURE", "timed out")
    );
}

#[test]
fn an_unknown_word_is_running_and_shown_raw() {
    let read = task(&json!({ "code": 0, "data": { "task_id": "t", "task_status": "Mixing\u{1b}[31m" } }));
    assert_eq!((read.status, read.status_raw.as_str()), (TaskStatus::Processing, "Mixing [31m"));
    let empty = task(&json!({ "code": 0, "data": { "task_id": "t", "task_status": "" } }));
    assert_eq!((empty.status, empty.status_raw.as_str()), (TaskStatus::Submitted, ""));
}

#[test]
fn the_openai_style_is_read() {
    let CallOutcome::Done(read) = created(
        200,
        &json!({ "id": "task-9", "task_id": "task-9", "object": "video", "model": "kling", "status": "queued", "progress": 0, "created_at": 1_722_769_557 }),
    ) else {
        panic!("not accepted")
    };
    assert_eq!(
        (read.task_id.as_str(), read.status, read.created_at_ms),
        ("task-9", TaskStatus::Submitted, Some(1_722_769_557_000))
    );
    assert_eq!(read.extra.get("object"), Some(&json!("video")));
    let done = task(
        &json!({ "id": "task-9", "object": "video", "status": "completed", "progress": 100, "metadata": { "url": "https://h/v.mp4" } }),
    );
    assert_eq!((done.status, done.videos[0].url.as_str()), (TaskStatus::Succeed, "https://h/v.mp4"));
}

#[test]
fn kirins_result_is_a_content_item() {
    let read = task(
        &json!({ "id": "k-1", "status": "completed", "model": "kirin_lipsync", "created_at": 1_722_769_557,
        "output": [{ "content": [{ "type": "text", "text": "", "url": "https://h/log.txt" }, { "type": "video", "url": "https://h/v.mp4", "text": "" }] }],
        "usage": { "cost": "0.07", "discount": 1 } }),
    );
    assert_eq!(
        (read.status, read.videos.len(), read.videos[0].url.as_str()),
        (TaskStatus::Succeed, 1, "https://h/v.mp4")
    );
    assert_eq!(read.cost.unwrap().usd.as_deref(), Some("0.07"));
    let failed =
        task(&json!({ "id": "k-1", "status": "failed", "error": { "code": "014002095", "error_message": "no" } }));
    assert_eq!(failed.status, TaskStatus::Failed);
    assert_eq!(failed.error.as_ref().and_then(|err| err.code.as_deref()), Some("014002095"));
    assert_eq!(failed.failure_text(), "no");
    let inner = task(
        &json!({ "id": "k-1", "status": "completed", "output": [{ "content": [{ "type": "text", "text": "{\"code\":1301,\"message\":\"blocked\"}" }] }] }),
    );
    assert_eq!((inner.status, inner.failure_text()), (TaskStatus::Failed, "blocked"));
}

#[test]
fn callbacks_of_both_shapes_are_read() {
    assert_eq!(task(&seed_query()["data"]).status, TaskStatus::Succeed);
    let read = task(
        &json!({ "id": "c-1", "status": "succeeded", "message": "", "create_time": 1_781_080_778_802_i64, "update_time": 1_781_080_794_151_i64,
        "external_id": "mine-1", "outputs": [{ "type": "video", "id": "v", "url": "https://h/v.mp4" }], "billing": [] }),
    );
    assert_eq!(
        (read.status, read.external_task_id.as_deref(), read.updated_at_ms),
        (TaskStatus::Succeed, Some("mine-1"), Some(1_781_080_794_151))
    );
    assert_eq!(read.videos[0].id, "v");
}

#[test]
fn the_list_is_an_array_without_a_total() {
    let item = |id: &str| json!({ "task_id": id, "task_status": "processing", "task_info": { "external_task_id": format!("x-{id}") } });
    for answer in [
        json!({ "code": 0, "data": [item("a"), item("b"), 7, {}] }),
        json!({ "code": "success", "data": { "code": 0, "data": [item("a"), item("b")] } }),
        json!([item("a"), item("b")]),
        json!({ "code": 0, "data": { "items": [item("a"), item("b")] } }),
        json!({ "code": 0, "data": json!([item("a"), item("b")]).to_string() }),
    ] {
        let read = read_list(&Reply::new(200, &bytes(&answer))).unwrap();
        let ids: Vec<_> = read.iter().map(|task| (task.task_id.as_str(), task.external_task_id.as_deref())).collect();
        assert_eq!(ids, [("a", Some("x-a")), ("b", Some("x-b"))], "{answer}");
    }
    assert!(read_list(&Reply::new(200, br#"{"code":0,"data":[]}"#)).unwrap().is_empty());
    assert_eq!(read_list(&Reply::new(200, br#"{"code":1202,"message":"no"}"#)).unwrap_err().code, code("1202"));
    assert_eq!(read_list(&Reply::new(200, br#"{"code":0}"#)).unwrap_err().kind, ProblemKind::Unreadable);
    let one = read_task(&Reply::new(200, &bytes(&json!({ "code": 0, "data": [item("a"), item("b")] }))), "b").unwrap();
    assert_eq!(one.task_id, "b");
}

#[test]
fn results_without_measure_are_bounded_and_counted() {
    let videos: Vec<Value> = (0..30_000).map(|n| json!({ "url": format!("https://h/{n}") })).collect();
    let task = task(
        &json!({ "code": 0, "data": { "task_id": "t", "task_status": "succeed", "task_result": { "videos": videos } } }),
    );
    assert_eq!((task.videos.len(), task.videos_left_out()), (16, 29_984));
}

#[test]
fn every_text_of_an_answer_is_harmless() {
    const EVIL: &str = "x\u{1b}[2J\u{7}\u{9b}\u{202e}\n\u{2067}";
    let quoted = json!({ "task_id": EVIL, EVIL: { "a": [EVIL] } }).to_string();
    let value = json!({
        "code": 0, "request_id": EVIL, "message": EVIL,
        "data": { "task_id": EVIL, "task_status": EVIL, "task_status_msg": EVIL, "quoted": quoted, EVIL: EVIL,
                  "task_info": { "external_task_id": EVIL, "parent_video": { "id": EVIL } },
                  "task_result": { "videos": [{ "id": EVIL, "url": format!("https://h/{EVIL}"), "watermark_url": EVIL }] } },
    });
    let read = read_list(&Reply::new(200, &bytes(&json!({ "code": 0, "data": [value["data"]] })))).unwrap();
    let shown = format!("{}{}", serde_json::to_string(&read).unwrap(), serde_json::to_string(&task(&value)).unwrap());
    // JSON writes control characters of C0 as escapes.
    for evil in ["\\u001b", "\\u0007", "\u{9b}", "\u{202e}", "\\n", "\u{2067}"] {
        assert!(!shown.replace("\\\\", "").contains(evil), "{evil:?} in {shown}");
    }
    assert!(shown.contains("[2J"), "{shown}");
}
