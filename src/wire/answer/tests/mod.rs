//! Answers as the documents show them and as gateways were seen to change them.

#![allow(clippy::unnecessary_wraps, clippy::type_complexity, reason = "tables of cases")]

mod account;
mod create;
mod errors;
mod identify;
mod properties;
mod speech;
mod task;

use serde_json::{Value, json};

use super::*;
use crate::model::{CallOutcome, Problem, ServiceCode, Session, Task};

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
