//! The faces of a clip, as the documents and gateways write them.

use serde_json::json;

use super::*;
use crate::model::{CallOutcome, ProblemKind};

#[test]
fn the_documents_identify_is_read_whole() {
    let read = session(&seed_identify());
    assert_eq!((read.session_id.as_str(), read.begun_at_ms), ("session_abc123", 1_000));
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
fn faces_without_measure_are_bounded_and_counted() {
    let faces: Vec<Value> = (0..5_000).map(|n| json!({ "face_id": n.to_string(), "end_time": 9 })).collect();
    let session = session(&json!({ "code": 0, "data": { "session_id": "s", "face_data": faces } }));
    assert_eq!((session.faces.len(), session.faces_left_out()), (256, 4_744));
}
