//! The outcomes of a create and of an upload.

use serde_json::json;

use super::*;
use crate::model::{CallOutcome, ProblemKind, TaskStatus};

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
    for http_status in [301, 302, 303, 307, 308] {
        let reply = Reply { location: Some("https://elsewhere/login"), ..Reply::new(http_status, b"") };
        let CallOutcome::Refused(problem) = read_create(&reply) else { panic!("{http_status}: not refused") };
        assert_eq!(problem.kind, ProblemKind::Unreadable, "{http_status}: exit 4");
        assert!(problem.message.contains("https://elsewhere/login"), "{http_status}: {problem}");
    }
}

#[test]
fn an_upload_is_read() {
    let answer = json!({ "code": 0, "message": "SUCCEED", "request_id": "r", "data": { "id": "m-1", "url": "http://127.0.0.1:1/media/m-1", "bytes": 12, "kind": "audio", "audio_id": "a-1" } });
    let url = read_upload(&Reply::new(201, &bytes(&answer))).unwrap();
    assert_eq!(url, "http://127.0.0.1:1/media/m-1");
    assert_eq!(read_upload(&Reply::new(200, b"{\"code\":0}")).unwrap_err().kind, ProblemKind::Unreadable);
}
