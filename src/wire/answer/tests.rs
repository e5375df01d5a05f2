//! Answers as the documents show them and as gateways were seen to change them.

#![allow(clippy::unnecessary_wraps, clippy::type_complexity, reason = "tables of cases")]

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::model::{CallOutcome, Problem, ProblemKind, ServiceCode, Session, Task, TaskStatus};

fn bytes(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn session(value: &Value) -> Session {
    match read_identify(&Reply::new(200, &bytes(value)), 1_000).unwrap() {
        Identified::Session(session) => session,
        Identified::Running(job) => panic!("{job:?}"),
    }
}

fn identify_problem(http_status: u16, value: &Value) -> Problem {
    read_identify(&Reply::new(http_status, &bytes(value)), 0).unwrap_err()
}

fn task(value: &Value) -> Task {
    read_task(&Reply::new(200, &bytes(value)), "task_123456").unwrap()
}

fn created(http_status: u16, value: &Value) -> CallOutcome<Task> {
    read_create(&Reply::new(http_status, &bytes(value)))
}

fn code(text: &str) -> Option<ServiceCode> {
    Some(ServiceCode::from_text(text))
}

fn seed_identify() -> Value {
    json!({
        "code": 0, "message": "success", "request_id": "req_123456",
        "data": {
            "session_id": "session_abc123",
            "face_data": [{ "face_id": "face_001", "face_image": "https://example.com/face_preview.jpg", "start_time": 0, "end_time": 5000 }],
        },
    })
}

fn seed_query() -> Value {
    json!({
        "code": 0, "message": "success", "request_id": "req_123456",
        "data": {
            "task_id": "task_123456", "task_status": "succeed", "task_status_msg": "success",
            "task_result": { "videos": [{ "id": "vid_lipsync_123", "url": "https://example.com/lipsync_video.mp4", "duration": "5" }] },
            "created_at": 1_722_769_557_708_i64, "updated_at": 1_722_769_557_708_i64,
        },
    })
}

fn kirin(text: &Value) -> Value {
    json!({
        "id": "k-1", "status": "completed", "model": "kirin_identify_face", "created_at": 1_722_769_557,
        "output": [{ "content": [{ "type": "text", "text": text.to_string(), "url": "" }] }],
        "usage": { "cost": "0.007", "discount": 0.5 }, "metadata": { "trace": "t" },
    })
}

#[test]
fn the_documents_identify_is_read_whole() {
    let read = session(&seed_identify());
    assert_eq!((read.session_id.as_str(), read.received_at_ms), ("session_abc123", 1_000));
    let face = &read.faces[0];
    assert_eq!(face.face_id, "face_001");
    assert_eq!(face.face_image.as_deref(), Some("https://example.com/face_preview.jpg"));
    assert_eq!(face.interval.map(|interval| (interval.start_ms, interval.end_ms)), Some((0, 5_000)));
    assert_eq!(read.extra.get("request_id"), Some(&json!("req_123456")));
    assert!(face.extra.is_empty() && read.cost.is_none());
}

#[test]
fn what_the_official_api_adds_is_read() {
    let mut answer = seed_identify();
    answer["data"]["final_unit_deduction"] = json!("0.05");
    answer["data"]["final_balance_deduction"] = json!({ "quota": "0.007", "list_price": 0.14 });
    answer["data"]["colour"] = json!("blue");
    answer["data"]["face_data"][0]["age"] = json!(30);
    let read = session(&answer);
    let cost = read.cost.unwrap();
    assert_eq!(
        (cost.units.as_deref(), cost.usd.as_deref(), cost.list_price.as_deref()),
        (Some("0.05"), Some("0.007"), Some("0.14"))
    );
    assert_eq!((read.extra.get("colour"), read.faces[0].extra.get("age")), (Some(&json!("blue")), Some(&json!(30))));
}

#[test]
fn no_usable_face_is_an_answer() {
    for data in [
        json!({ "session_id": "s", "face_data": [] }),
        json!({ "face_data": [] }),
        json!({ "session_id": "s", "face_data": null }),
        json!({ "session_id": "s" }),
    ] {
        assert!(session(&json!({ "code": 0, "data": data })).faces.is_empty(), "{data}");
    }
}

#[test]
fn faces_come_in_many_forms() {
    let read = session(&json!({
        "code": "200",
        "data": {
            "session_id": 12345,
            "face_list": [
                { "face_id": 0, "start_time": "0", "end_time": "12300.0" },
                { "face_id": -1, "face_rect": { "x": "1.5", "y": 2, "width": 3, "height": 4 } },
                { "face_id": "0", "face_rect": [1, 2, 3, 4], "end_time": 9000, "face_image": "" },
                { "face_image": "https://h/nameless.jpg" },
                { "face_id": "f", "start_time": 5, "end_time": "late" },
                null,
            ],
        },
    }));
    let ids: Vec<_> = read.faces.iter().map(|face| face.face_id.as_str()).collect();
    assert_eq!((read.session_id.as_str(), ids), ("12345", vec!["0", "-1", "0", "f"]));
    let intervals: Vec<_> = read.faces.iter().map(|face| face.interval.map(|at| (at.start_ms, at.end_ms))).collect();
    assert_eq!(intervals, [Some((0, 12_300)), None, Some((0, 9_000)), None]);
    assert_eq!(read.faces[1].rect.map(|rect| rect.x), Some(1.5));
    assert_eq!(read.faces[2].rect.map(|rect| rect.height), Some(4.0));
    assert_eq!(read.faces[2].face_image, None);
    assert_eq!(read.faces[3].extra.get("end_time"), Some(&json!("late")), "what is not understood is kept");
    assert!(read.extra.contains_key("faces_without_id"));
}

#[test]
fn a_session_without_an_id_is_of_no_use() {
    let problem = identify_problem(200, &json!({ "code": 0, "data": { "face_data": [{ "face_id": "f" }] } }));
    assert_eq!(problem.kind, ProblemKind::Unreadable);
    assert!(problem.message.contains("session_id"));
}

#[test]
fn kirin_hides_its_faces_in_a_string() {
    let mut inner = seed_identify();
    inner["data"]["final_unit_deduction"] = json!("0.05");
    let read = session(&kirin(&inner));
    assert_eq!((read.session_id.as_str(), read.faces.len()), ("session_abc123", 1));
    let cost = read.cost.unwrap();
    assert_eq!(
        (cost.units.as_deref(), cost.usd.as_deref(), cost.discount.as_deref()),
        (Some("0.05"), Some("0.007"), Some("0.5"))
    );
    assert_eq!(
        (read.extra.get("metadata"), read.extra.get("model")),
        (Some(&json!({ "trace": "t" })), Some(&json!("kirin_identify_face")))
    );
    assert_eq!(session(&kirin(&json!(inner.to_string()))).session_id, "session_abc123", "quoted twice");
}

#[test]
fn kirins_inner_code_counts_although_the_outside_is_completed() {
    let problem =
        identify_problem(200, &kirin(&json!({ "code": 1201, "message": "video too short", "request_id": "inner-1" })));
    assert_eq!(
        (problem.kind, problem.code, problem.request_id.as_deref()),
        (ProblemKind::Refused, code("1201"), Some("inner-1"))
    );
    assert_eq!(problem.message, "video too short");
}

#[test]
fn kirin_runs_before_it_is_done() {
    let running = json!({ "id": "k-1", "status": "in_progress", "model": "kirin_identify_face", "created_at": 1, "progress": 0.3 });
    for answer in [
        running.clone(),
        json!({ "code": "success", "data": running }),
        json!({ "id": "k-1" }),
        json!({ "id": "k-1", "status": "Thinking" }),
    ] {
        match read_identify(&Reply::new(200, &bytes(&answer)), 0).unwrap() {
            Identified::Running(job) => assert_eq!(job.job_id, "k-1"),
            Identified::Session(session) => panic!("{session:?}"),
        }
    }
}

#[test]
fn kirins_errors_are_text_or_an_object_and_keep_their_zero() {
    for (error, expected, message) in [
        (json!({ "code": "014002097", "error_message": "upstream said 500" }), code("014002097"), "upstream said 500"),
        (json!({ "code": "014002095", "message": "no luck" }), code("014002095"), "no luck"),
        (json!("plain words"), None, "plain words"),
    ] {
        let problem = identify_problem(200, &json!({ "id": "k-1", "status": "failed", "error": error }));
        assert_eq!(
            (problem.kind, problem.code.clone(), problem.message.as_str()),
            (ProblemKind::Refused, expected.clone(), message)
        );
        assert!(!problem.transient);
        let CallOutcome::Refused(problem) = created(200, &json!({ "status": "failed", "error": error })) else {
            panic!("no id: not created")
        };
        assert_eq!((problem.code, problem.message.as_str()), (expected, message));
    }
    let known = identify_problem(200, &json!({ "id": "k", "status": "failed", "error": { "code": "014002096" } }));
    assert_eq!(
        known.message, "The service could not read its own result",
        "the table has words where the service has none"
    );
}

#[test]
fn completed_without_faces_is_unreadable() {
    let problem = identify_problem(
        200,
        &json!({ "id": "k", "status": "completed", "output": [{ "content": [{ "type": "text", "text": "{broken" }] }] }),
    );
    assert_eq!(problem.kind, ProblemKind::Unreadable);
}

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
fn create_has_three_outcomes() {
    let good = json!({ "code": 0, "message": "success", "data": { "task_id": "t", "task_status": "submitted", "task_info": { "external_task_id": "mine" }, "created_at": 1_722_769_557_708_i64 } });
    let CallOutcome::Done(read) = created(200, &good) else { panic!("not accepted") };
    assert_eq!(
        (read.task_id.as_str(), read.status, read.external_task_id.as_deref()),
        ("t", TaskStatus::Submitted, Some("mine"))
    );
    let CallOutcome::Done(read) = created(200, &json!({ "status": "success", "task_id": 77 })) else {
        panic!("not accepted")
    };
    assert_eq!((read.task_id.as_str(), read.status), ("77", TaskStatus::Submitted));

    let refused = [
        (400, json!({ "code": 1201, "message": "sound_file is invalid", "request_id": "r" })),
        (200, json!({ "code": 1201, "message": "sound_file is invalid" })),
        (429, json!({ "code": 1303, "message": "busy" })),
        (400, json!({ "code": "task_failed", "message": "no" })),
        (200, json!({ "error": "no" })),
        (200, json!({ "id": "req-1", "error": { "message": "no", "type": "t", "code": "c" } })),
        (404, json!({ "message": "no" })),
    ];
    for (http_status, answer) in refused {
        assert!(matches!(created(http_status, &answer), CallOutcome::Refused(_)), "{http_status} {answer}");
    }
    let unknown = [
        (500, json!({ "code": 5000, "message": "oh" })),
        (500, json!({ "code": 1201, "message": "a gateway's status" })),
        (200, json!({ "code": 5001, "message": "oh" })),
        (400, json!({ "code": 5002, "message": "backlog" })),
        (200, json!({ "code": 0, "message": "success", "data": {} })),
        (200, json!({ "code": 0 })),
        (200, json!([])),
        (408, json!({})),
        (409, json!({ "message": "exists" })),
        (302, json!({})),
        (303, json!({})),
    ];
    for (http_status, answer) in unknown {
        assert!(matches!(created(http_status, &answer), CallOutcome::Unknown(_)), "{http_status} {answer}");
    }
    for (http_status, body) in [
        (200, &b"OK"[..]),
        (200, b""),
        (200, b"{\"code\":0,\"data\":{\"task_id\":\"t"),
        (502, b"<html><title>502 Bad Gateway</title>"),
        (503, b""),
    ] {
        assert!(matches!(read_create(&Reply::new(http_status, body)), CallOutcome::Unknown(_)), "{http_status}");
    }
    assert!(matches!(read_create(&Reply::new(413, b"<html><title>413 Too Large</title>")), CallOutcome::Refused(_)));
    assert!(matches!(read_create(&Reply::new(308, b"")), CallOutcome::Refused(_)));
}

#[test]
fn error_bodies_of_every_shape_have_words() {
    let cases: [(u16, &[u8], ProblemKind, Option<&str>, &str); 11] = [
        (
            401,
            br#"{"code":1002,"message":"invalid key","request_id":"r-1"}"#,
            ProblemKind::Refused,
            Some("1002"),
            "invalid key",
        ),
        (
            400,
            br#"{"error":{"message":"bad url","type":"invalid_request_error","code":"invalid_request"}}"#,
            ProblemKind::Refused,
            Some("invalid_request"),
            "bad url",
        ),
        (400, br#"{"error":"text"}"#, ProblemKind::Refused, None, "text"),
        (403, br#"{"message":"text"}"#, ProblemKind::Refused, None, "text"),
        (
            400,
            br#"{"code":"identify_face_failed","message":"no"}"#,
            ProblemKind::Refused,
            Some("identify_face_failed"),
            "no",
        ),
        (429, b"slow down\n", ProblemKind::Refused, None, "slow down"),
        (403, b"<html><head><title>403 Forbidden</title></head></html>", ProblemKind::Refused, None, "403 Forbidden"),
        (404, b"", ProblemKind::Refused, None, "HTTP 404 with an empty body"),
        (
            502,
            b"<html><title>502 Bad Gateway</title></html>",
            ProblemKind::Unreadable,
            None,
            "an HTML page: 502 Bad Gateway",
        ),
        (503, br#"{"code":5001,"message":"maintenance"}"#, ProblemKind::Refused, Some("5001"), "maintenance"),
        (500, b"\xff\xfe\xfd", ProblemKind::Unreadable, None, "no JSON"),
    ];
    for (http_status, body, kind, expected, words) in cases {
        let problem = read_task(&Reply::new(http_status, body), "t").unwrap_err();
        assert_eq!(problem.kind, kind, "{http_status} {words}");
        assert_eq!(problem.http_status, Some(http_status));
        assert_eq!(problem.code.map(|code| code.to_string()).as_deref(), expected);
        assert!(problem.message.contains(words), "{}", problem.message);
        assert!(problem.hint.is_some() || http_status == 400, "{http_status} has no hint");
        assert_eq!(problem.transient, http_status >= 500, "{http_status} {words}");
    }
}

#[test]
fn a_redirect_is_named_and_not_followed() {
    let reply = Reply { location: Some("https://elsewhere/v1"), ..Reply::new(301, b"") };
    let problem = read_task(&reply, "t").unwrap_err();
    assert!(problem.message.contains("https://elsewhere/v1") && problem.hint.unwrap().contains("base URL"));
}

#[test]
fn a_good_status_with_garbage_is_unreadable() {
    for body in [&b"OK"[..], b"", b"<html><title>Welcome</title>", b"{\"code\":0", b"null", b"42", b"\"text\"", b"\xff"]
    {
        let problem = read_task(&Reply::new(200, body), "t").unwrap_err();
        assert_eq!((problem.kind, problem.http_status, problem.transient), (ProblemKind::Unreadable, Some(200), true));
    }
    let other = read_task(&Reply::new(200, br#"{"hello":"world"}"#), "t").unwrap_err();
    assert_eq!(other.kind, ProblemKind::Unreadable);
    let refused = read_task(&Reply::new(200, br#"{"code":1203,"message":"task not found"}"#), "t").unwrap_err();
    assert_eq!((refused.kind, refused.code), (ProblemKind::Refused, code("1203")));
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
fn an_upload_is_read() {
    let answer = json!({ "code": 0, "message": "SUCCEED", "request_id": "r", "data": { "id": "m-1", "url": "http://127.0.0.1:1/media/m-1", "bytes": 12, "kind": "audio", "audio_id": "a-1" } });
    let url = read_upload(&Reply::new(201, &bytes(&answer))).unwrap();
    assert_eq!(url, "http://127.0.0.1:1/media/m-1");
    assert_eq!(read_upload(&Reply::new(200, b"{\"code\":0}")).unwrap_err().kind, ProblemKind::Unreadable);
}

#[test]
fn a_byte_order_mark_and_bad_text_within_json_are_no_obstacle() {
    let mut body = b"\xEF\xBB\xBF".to_vec();
    body.extend(bytes(&seed_query()));
    assert_eq!(read_task(&Reply::new(200, &body), "t").unwrap().status, TaskStatus::Succeed);
    let latin =
        b"{\"code\":0,\"data\":{\"task_id\":\"t\",\"task_status\":\"failed\",\"task_status_msg\":\"gel\xf6scht\"}}";
    assert_eq!(read_task(&Reply::new(200, latin), "t").unwrap().failure_text(), "gel\u{fffd}scht");
}

#[test]
fn a_bomb_is_not_unpacked() {
    let many = format!("[{}0]", "0,".repeat(1_000_000));
    for body in [many.clone(), json!({ "code": 0, "data": many }).to_string(), json!(many).to_string()] {
        assert_eq!(read_list(&Reply::new(200, body.as_bytes())).unwrap_err().kind, ProblemKind::Unreadable);
    }
    let page: Vec<_> = (0..500)
        .map(|at| json!({ "task_id": at.to_string(), "task_status": "succeed", "more": vec![0; 100] }))
        .collect();
    assert_eq!(read_list(&Reply::new(200, &bytes(&json!({ "code": 0, "data": page })))).unwrap().len(), 500);
}

/// One way to wrap an answer further, as gateways do.
#[derive(Clone, Debug)]
enum Wrap {
    Envelope(Value),
    Data,
    Quoted,
    QuotedData,
}

fn wrapped(value: Value, wraps: &[Wrap]) -> Value {
    wraps.iter().fold(value, |inner, wrap| match wrap {
        Wrap::Envelope(code) => json!({ "code": code, "message": "success", "request_id": "outer", "data": inner }),
        Wrap::Data => json!({ "data": inner }),
        Wrap::Quoted => json!(inner.to_string()),
        Wrap::QuotedData => json!({ "code": 0, "data": inner.to_string() }),
    })
}

/// Every number as text, and back where it can be one: what a careless gateway makes of values.
fn restated(value: &Value, flip: bool) -> Value {
    match value {
        Value::Number(number) if flip => json!(number.to_string()),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), restated(value, flip))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(|item| restated(item, flip)).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}

fn wraps() -> impl Strategy<Value = Vec<Wrap>> {
    let codes =
        prop::sample::select(vec![json!(0), json!(200), json!("0"), json!("200"), json!("success"), json!(null)]);
    let wrap =
        prop_oneof![codes.prop_map(Wrap::Envelope), Just(Wrap::Data), Just(Wrap::Quoted), Just(Wrap::QuotedData)];
    prop::collection::vec(wrap, 0..4).prop_filter("a string is quoted at most twice in a row", |wraps| {
        !wraps.windows(2).any(|pair| matches!(pair, [Wrap::Quoted, Wrap::Quoted | Wrap::QuotedData]))
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "code",
        "message",
        "data",
        "task_id",
        "id",
        "task_status",
        "status",
        "task_result",
        "videos",
        "url",
        "error",
        "output",
        "content",
        "text",
        "type",
        "session_id",
        "face_data",
        "face_list",
        "face_id",
        "progress",
        "created_at",
        "duration",
        "task_info",
        "usage",
        "fail_reason",
        "metadata",
        "start_time",
        "end_time",
        "face_rect",
        "final_balance_deduction",
        "success",
        "result",
    ]);
    let words = prop::sample::select(vec![
        "",
        "0",
        "success",
        "failed",
        "completed",
        "014002095",
        "45%",
        "5.041",
        "https://h/v",
        "{\"code\":1}",
        "[{}]",
        "\"{}\"",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        words.prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner.clone()), 0..6).prop_map(|fields| fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()),
            inner.prop_map(|value| json!(value.to_string())),
        ]
    })
}

fn read_everything(http_status: u16, body: &[u8]) {
    let reply = Reply::new(http_status, body);
    let _ = (read_identify(&reply, 0), read_task(&reply, "t"), read_list(&reply), read_upload(&reply));
    if let CallOutcome::Done(task) = read_create(&reply) {
        assert!(!task.task_id.is_empty());
    }
}

proptest! {
    #[test]
    fn no_json_makes_the_reader_panic(value in any_json(), http_status in prop::sample::select(vec![200_u16, 201, 302, 400, 429, 500, 999])) {
        read_everything(http_status, &bytes(&value));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200), http_status in 0..1000_u16) {
        read_everything(http_status, &body);
    }

    #[test]
    fn a_cut_answer_never_makes_the_reader_panic(at in 0..600_usize) {
        let whole = bytes(&kirin(&seed_identify()));
        read_everything(200, &whole[..at.min(whole.len())]);
    }

    #[test]
    fn a_task_reads_the_same_however_it_is_wrapped(wraps in wraps(), flip in any::<bool>()) {
        let plain = Task { extra: Map::new(), ..task(&seed_query()["data"]) };
        let answer = wrapped(restated(&seed_query()["data"], flip), &wraps);
        let read = Task { extra: Map::new(), ..task(&answer) };
        prop_assert_eq!(read, plain);
    }

    #[test]
    fn a_session_reads_the_same_however_it_is_wrapped(wraps in wraps(), flip in any::<bool>(), in_kirin in any::<bool>()) {
        let plain = Session { extra: Map::new(), ..session(&seed_identify()) };
        let inner = restated(&seed_identify()["data"], flip);
        let answer = if in_kirin { kirin(&wrapped(inner, &wraps)) } else { wrapped(inner, &wraps) };
        let read = session(&answer);
        prop_assert_eq!(Session { extra: Map::new(), cost: None, ..read }, plain);
    }

    #[test]
    fn an_error_reads_the_same_however_it_is_wrapped(wraps in wraps(), http_status in prop::sample::select(vec![200_u16, 400])) {
        let answer = wrapped(json!({ "code": "1201", "message": "no", "request_id": "r" }), &wraps);
        let problem = identify_problem(http_status, &answer);
        prop_assert_eq!((problem.kind, problem.code, problem.message.as_str(), problem.request_id.as_deref()), (ProblemKind::Refused, code("1201"), "no", Some("r")));
    }
}
