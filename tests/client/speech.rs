//! Text to speech is paid and has no name: against every way to fail, the service gets exactly one request, and what is unclear stays unclear.

use serde_json::json;
use viseme::model::{CallOutcome, Dialect, ProblemKind, Speech};

use crate::hostile::{Act, Hostile, answer_with, client, json_answer};

fn speech() -> Speech {
    Speech {
        text: "A text that is long enough.".into(),
        voice_id: "oversea_male1".into(),
        speed: 1.0,
        ..Speech::default()
    }
}

fn spoken() -> Act {
    let audio = json!({ "id": "a-1", "url": "https://example.com/a.mp3", "duration": "3.5" });
    json_answer(
        "200 OK",
        &json!({ "code": 0, "message": "SUCCEED", "data": { "task_id": "t-1", "task_result": { "audios": [audio] } } }),
    )
}

#[tokio::test]
async fn a_text_is_sent_once_as_documented() {
    let server = Hostile::always(spoken()).await;
    let CallOutcome::Done(done) = client(&server.base(), Dialect::Kling).speak(&speech()).await else {
        panic!("not spoken")
    };
    assert_eq!((done.audio_id.as_str(), done.duration_ms), ("a-1", Some(3_500)));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].line, "POST /kling/v1/audio/tts HTTP/1.1");
    let body = json!({ "text": "A text that is long enough.", "voice_id": "oversea_male1", "voice_language": "en", "voice_speed": 1.0 });
    assert_eq!(requests[0].json(), body);
}

#[tokio::test]
async fn an_unclear_answer_may_have_been_paid_and_is_never_asked_for_again() {
    let acts = [
        Act::Close,
        Act::Reset,
        Act::Hang,
        Act::SendAndReset(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"code\":0".to_vec()),
        Act::Send(answer_with("200 OK", "", "<html>garbled</html>")),
        json_answer("500 Internal Server Error", &json!({ "code": 5000, "message": "oh" })),
        json_answer("503 Service Unavailable", &json!({ "code": 5001, "message": "maintenance" })),
        json_answer("200 OK", &json!({ "code": 0, "data": {} })),
    ];
    for act in acts {
        let server = Hostile::always(act).await;
        match client(&server.base(), Dialect::Kling).speak(&speech()).await {
            CallOutcome::Unknown(problem) => {
                assert_eq!(problem.kind, ProblemKind::OutcomeUnknown);
                assert!(problem.message.contains("paid") && !problem.transient, "{problem:?}");
                assert!(problem.hint.unwrap().contains("viseme account"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(server.count(), 1, "sent again");
    }
}

#[tokio::test]
async fn only_what_was_surely_not_taken_is_asked_for_again() {
    let busy = json_answer("429 Too Many Requests", &json!({ "code": 1302, "message": "too fast" }));
    let server = Hostile::turns(vec![busy, spoken()]).await;
    assert!(matches!(client(&server.base(), Dialect::Kling).speak(&speech()).await, CallOutcome::Done(_)));
    assert_eq!(server.count(), 2);
    for (status, code) in [("400 Bad Request", 1201), ("429 Too Many Requests", 1102), ("404 Not Found", 1203)] {
        let server = Hostile::always(json_answer(status, &json!({ "code": code, "message": "said no" }))).await;
        let outcome = client(&server.base(), Dialect::Kling).speak(&speech()).await;
        assert!(matches!(outcome, CallOutcome::Refused(_)), "{outcome:?}");
        assert_eq!(server.count(), 1);
    }
    // What cannot be sent is not.
    let server = Hostile::always(spoken()).await;
    let empty = Speech { text: " ".into(), ..speech() };
    assert!(matches!(client(&server.base(), Dialect::Kling).speak(&empty).await, CallOutcome::Refused(_)));
    assert!(matches!(client(&server.base(), Dialect::Kirin).speak(&speech()).await, CallOutcome::Refused(_)));
    assert_eq!(server.count(), 0);
}
