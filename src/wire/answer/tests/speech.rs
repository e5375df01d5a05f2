//! The outcomes of text to speech.

use serde_json::{Value, json};

use super::*;
use crate::model::{CallOutcome, Spoken};

fn read(http_status: u16, body: &Value) -> CallOutcome<Spoken> {
    read_speech(&Reply::new(http_status, body.to_string().as_bytes()))
}

fn answer(data: &Value) -> Value {
    json!({ "code": 0, "message": "SUCCEED", "request_id": "r", "data": data })
}

#[test]
fn the_official_answer_has_a_voice_with_its_length_and_cost() {
    let data = json!({ "task_id": "t-1", "task_status": "succeed", "task_status_msg": "", "created_at": 1_722_769_557_708_i64,
        "task_result": { "audios": [{ "id": "a-1", "url": "https://h/a.mp3?sig=1", "duration": "3.5" }] },
        "final_unit_deduction": "0.05", "final_balance_deduction": { "quota": "0.007", "list_price": "0.007" } });
    for wrapped in [answer(&data), json!({ "code": "success", "data": answer(&data) })] {
        let CallOutcome::Done(spoken) = read(200, &wrapped) else { panic!("not done: {wrapped}") };
        assert_eq!((spoken.audio_id.as_str(), spoken.duration_ms), ("a-1", Some(3_500)));
        assert_eq!((spoken.url.as_deref(), spoken.task_id.as_deref()), (Some("https://h/a.mp3?sig=1"), Some("t-1")));
        assert_eq!(spoken.cost.unwrap().units.as_deref(), Some("0.05"));
    }
    // Numbers as ids, a list that is one object, JSON within a string: as gateways were seen to change other answers.
    let odd = json!({ "task_result": json!({ "audios": { "id": 77, "duration": 2.25 } }).to_string() });
    let CallOutcome::Done(spoken) = read(200, &answer(&odd)) else { panic!("not done") };
    assert_eq!((spoken.audio_id.as_str(), spoken.duration_ms, spoken.url), ("77", Some(2_250), None));
}

#[test]
fn only_a_refusal_in_so_many_words_is_certain_not_to_be_paid() {
    let failed = answer(&json!({ "task_id": "t", "task_status": "failed", "task_status_msg": "no such voice" }));
    for (http_status, body) in [
        (400, json!({ "code": 1201, "message": "voice_id is invalid" })),
        (200, json!({ "code": 1201, "message": "voice_id is invalid" })),
        (429, json!({ "code": 1102, "message": "used up" })),
        (404, json!({ "code": 1203, "message": "no such path" })),
        (200, failed),
    ] {
        assert!(matches!(read(http_status, &body), CallOutcome::Refused(_)), "{http_status} {body}");
    }
    for (http_status, body) in [
        (500, json!({ "code": 5000, "message": "oh" })),
        (504, json!({ "message": "timeout" })),
        (200, json!({ "code": 5001, "message": "oh" })),
        (200, json!([])),
        (200, answer(&json!({}))),
        (200, answer(&json!({ "task_id": "t", "task_status": "processing" }))),
        (200, answer(&json!({ "task_result": { "audios": [] } }))),
        (200, answer(&json!({ "task_result": { "audios": [{ "id": " ", "url": "https://h/a" }] } }))),
    ] {
        assert!(matches!(read(http_status, &body), CallOutcome::Unknown(_)), "{http_status} {body}");
    }
    assert!(matches!(read_speech(&Reply::new(200, b"<html>")), CallOutcome::Unknown(_)));
}
