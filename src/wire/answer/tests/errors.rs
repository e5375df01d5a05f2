//! Errors of every shape, and bodies that are damaged or too large.

use serde_json::json;

use super::*;
use crate::model::{ProblemKind, TaskStatus};

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
