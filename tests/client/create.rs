//! A create is paid and not idempotent: against every way to fail, the outcome is right and the service got exactly one request,
//! unless the table of codes says that it was surely not taken.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::hostile::{Act, Hostile, KEY, answer_with, by_id, client, client_as, json_answer, submission};
use base64::Engine as _;
use serde_json::json;
use viseme::model::{CallOutcome, Dialect, Problem, ProblemKind, Progress, ServiceCode, Task, TaskStatus, VoiceSource};
use viseme::service::{Client, Credentials};

fn accepted() -> Act {
    json_answer(
        "200 OK",
        &json!({ "code": 0, "message": "SUCCEED", "data": { "task_id": "t-1", "task_status": "submitted" } }),
    )
}

fn refusal(status: &str, code: i64) -> Act {
    json_answer(status, &json!({ "code": code, "message": "said no", "request_id": "req-1" }))
}

fn raw(bytes: impl AsRef<[u8]>) -> Act {
    Act::SendAndClose(bytes.as_ref().to_vec())
}

fn task_id(outcome: CallOutcome<Task>) -> String {
    match outcome {
        CallOutcome::Done(task) => task.task_id,
        other => panic!("not accepted: {other:?}"),
    }
}

fn refused(outcome: CallOutcome<Task>) -> Problem {
    match outcome {
        CallOutcome::Refused(problem) => problem,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_create_is_sent_once_as_documented() {
    let server = Hostile::always(accepted()).await;
    let client = client(&server.base(), Dialect::Kling);
    assert_eq!(task_id(client.create(&by_id()).await), "t-1");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    assert_eq!(request.line, "POST /kling/v1/videos/advanced-lip-sync HTTP/1.1");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("transfer-encoding"), None);
    let expected = json!({ "session_id": "session-1", "external_task_id": "mine-1", "face_choose": [
        { "face_id": "0", "audio_id": "a-1", "sound_start_time": 0, "sound_end_time": 3000, "sound_insert_time": 500 }] });
    assert_eq!(request.json(), expected);
}

#[tokio::test]
async fn an_unclear_outcome_is_unknown_and_never_sent_again() {
    let whole = answer_with("200 OK", "", json!({ "code": 0, "data": { "task_id": "t-1" } }).to_string());
    let cut = whole[..whole.len() - 5].to_vec();
    let big = answer_with("200 OK", "", vec![b' '; 100_000]);
    let many_headers: String = format!("X-Y: {}\r\n", "y".repeat(200)).repeat(2_000);
    // (what the service does, the HTTP status that is known of it, a word of the message)
    let cases: Vec<(&str, Act, Option<u16>, &str)> = vec![
        ("reset", Act::Reset, None, "before an answer came"),
        ("reset early", Act::ResetEarly, None, ""),
        ("closed", Act::Close, None, "without an answer"),
        ("hang", Act::Hang, None, "did not answer within"),
        ("500", refusal("500 Internal Server Error", 5000), Some(500), "said no"),
        ("500 with a code of a refusal", refusal("500 Internal Server Error", 1201), Some(500), "said no"),
        ("500 with the code of haste", refusal("500 Internal Server Error", 1302), Some(500), "said no"),
        (
            "502 page",
            raw(answer_with("502 Bad Gateway", "", "<html><title>502 Bad Gateway</title></html>")),
            Some(502),
            "502 Bad Gateway",
        ),
        (
            "503 with Retry-After",
            raw(answer_with("503 Service Unavailable", "Retry-After: 0\r\n", "")),
            Some(503),
            "empty body",
        ),
        ("504 empty", raw(answer_with("504 Gateway Timeout", "", "")), Some(504), "empty body"),
        ("200 garbage", raw(answer_with("200 OK", "", "OK")), Some(200), "no JSON"),
        ("200 empty", raw(answer_with("200 OK", "", "")), Some(200), "empty body"),
        ("200 without a task", json_answer("200 OK", &json!({ "code": 0, "data": {} })), Some(200), "no task_id"),
        ("200 trouble", refusal("200 OK", 5002), Some(200), "said no"),
        ("invalid UTF-8", raw(answer_with("200 OK", "", b"\xff\xfe{\"task")), Some(200), "no JSON"),
        (
            "cut JSON",
            raw(answer_with("200 OK", "", "{\"code\":0,\"data\":{\"task_id\":\"t")),
            Some(200),
            "JSON that is broken",
        ),
        ("length lies", raw(cut), Some(200), "broke off"),
        ("too long", raw(big), Some(200), "larger than"),
        ("endless", Act::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 4096]), Some(200), "larger than"),
        (
            "stops",
            Act::SendAndHang(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{".to_vec()),
            Some(200),
            "stopped after 1 bytes",
        ),
        (
            "drips",
            Act::Drip([b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n".to_vec(), vec![b' '; 5000]].concat(), 1),
            Some(200),
            "stopped after",
        ),
        ("compressed", raw(answer_with("200 OK", "Content-Encoding: gzip\r\n", b"\x1f\x8b")), Some(200), "compressed"),
        ("no HTTP", raw("hello\r\n\r\n"), None, ""),
        ("huge head", raw(format!("HTTP/1.1 200 OK\r\n{many_headers}\r\n")), None, ""),
    ];
    for (name, act, http_status, words) in cases {
        let server = Hostile::always(act).await;
        let client = client(&server.base(), Dialect::Kling);
        let began = Instant::now();
        let CallOutcome::Unknown(problem) = client.create(&by_id()).await else { panic!("{name}: not unknown") };
        assert_eq!(problem.kind, ProblemKind::OutcomeUnknown, "{name}");
        assert_eq!(problem.http_status, http_status, "{name}: {problem}");
        assert!(
            problem.message.contains("Whether the task was created is not known") && problem.message.contains(words),
            "{name}: {problem}"
        );
        assert!(problem.hint.as_deref().unwrap().contains("external_task_id") && !problem.transient, "{name}");
        assert!(began.elapsed() < Duration::from_mins(1), "{name} took {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(server.count(), 1, "{name} was sent again");
        assert_eq!(client.recorder().requests(), 1, "{name}");
        let kept = client.recorder().last().unwrap();
        assert_eq!((kept.operation, kept.number), ("create", 1), "{name}");
        assert!(http_status.is_none() || kept.status == http_status, "{name}");
    }
}

#[tokio::test]
async fn a_clear_no_is_a_refusal_and_stops() {
    let cases: Vec<(&str, Act, u16, Option<i64>)> = vec![
        ("invalid", refusal("400 Bad Request", 1201), 400, Some(1201)),
        ("invalid in 200", refusal("200 OK", 1201), 200, Some(1201)),
        ("in debt", refusal("429 Too Many Requests", 1101), 429, Some(1101)),
        ("not on the list", refusal("429 Too Many Requests", 1304), 429, Some(1304)),
        ("429 alone", raw(answer_with("429 Too Many Requests", "", "")), 429, None),
        (
            "429, later than anyone waits",
            raw(answer_with("429 Too Many Requests", "Retry-After: 3600\r\n", "")),
            429,
            None,
        ),
        (
            "in debt, with Retry-After",
            Act::Send(answer_with("429 Too Many Requests", "Retry-After: 0\r\n", r#"{"code":1102}"#)),
            429,
            Some(1102),
        ),
        ("no such key", refusal("401 Unauthorized", 1002), 401, Some(1002)),
        ("expired, and the key signs nothing", refusal("401 Unauthorized", 1004), 401, Some(1004)),
        ("no right", refusal("403 Forbidden", 1103), 403, Some(1103)),
        ("too large for a proxy", raw(answer_with("413 Payload Too Large", "", "<html><title>413</title>")), 413, None),
        ("moved", raw(answer_with("307 Temporary Redirect", "Location: http://127.0.0.1:1/\r\n", "")), 307, None),
        ("see other", raw(answer_with("303 See Other", "Location: /done\r\n", "")), 303, None),
        ("found", raw(answer_with("302 Found", "Location: /login\r\n", "")), 302, None),
    ];
    for (name, act, http_status, code) in cases {
        let server = Hostile::always(act).await;
        let problem = refused(client(&server.base(), Dialect::Kling).create(&by_id()).await);
        assert_eq!((problem.http_status, problem.code), (Some(http_status), code.map(ServiceCode::Number)), "{name}");
        assert!(problem.hint.is_some(), "{name} has no hint");
        assert_eq!(server.count(), 1, "{name}");
    }
}

#[tokio::test]
async fn haste_and_crowds_are_waited_for() {
    for (name, act) in [
        ("1302", refusal("429 Too Many Requests", 1302)),
        ("1302 in 200", refusal("200 OK", 1302)),
        ("429 with Retry-After", Act::Send(answer_with("429 Too Many Requests", "Retry-After: 0\r\n", ""))),
    ] {
        let server = Hostile::turns(vec![act.clone(), act.clone(), act.clone(), act, accepted()]).await;
        let client = client(&server.base(), Dialect::Kling);
        assert_eq!(task_id(client.create(&by_id()).await), "t-1", "{name}");
        assert_eq!(server.count(), 5, "{name}");
        let bodies: Vec<_> = server.requests().iter().map(crate::hostile::Request::json).collect();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "the same task under the same name");
    }
    let server = Hostile::turns(vec![refusal("429 Too Many Requests", 1303), accepted()]).await;
    let began = Instant::now();
    assert_eq!(task_id(client(&server.base(), Dialect::Kling).create(&by_id()).await), "t-1");
    assert!(began.elapsed() >= Duration::from_secs(1), "1303 waits a second at least");
    let server =
        Hostile::turns(vec![Act::Send(answer_with("429 Too Many Requests", "Retry-After: 1\r\n", "")), accepted()])
            .await;
    let began = Instant::now();
    assert_eq!(task_id(client(&server.base(), Dialect::Kling).create(&by_id()).await), "t-1");
    assert!(began.elapsed() >= Duration::from_secs(1), "Retry-After is honoured");
}

#[tokio::test]
async fn a_task_that_is_named_beside_haste_was_accepted() {
    for (status, code) in [("429 Too Many Requests", 1302), ("429 Too Many Requests", 1303), ("200 OK", 1303)] {
        let body = json!({ "code": code, "message": "too many", "data": { "task_id": "t-9" } });
        let server = Hostile::turns(vec![json_answer(status, &body), accepted()]).await;
        assert_eq!(task_id(client(&server.base(), Dialect::Kling).create(&by_id()).await), "t-9", "{status} {code}");
        assert_eq!(server.count(), 1, "{status} {code}");
    }
}

#[tokio::test]
async fn a_used_name_is_an_outcome_of_its_own() {
    for status in ["400 Bad Request", "200 OK"] {
        let body = json!({ "code": 1201, "message": "External_task_id mine-1 already exists", "request_id": "r" });
        let server = Hostile::always(json_answer(status, &body)).await;
        let outcome = client(&server.base(), Dialect::Kling).create(&by_id()).await;
        let CallOutcome::NameTaken(problem) = outcome else { panic!("{outcome:?}") };
        assert_eq!((problem.code, server.count()), (Some(ServiceCode::Number(1201)), 1), "{status}");
    }
}

#[tokio::test]
async fn no_create_is_sent_again_once_that_was_stopped() {
    let server = Hostile::always(refusal("429 Too Many Requests", 1303)).await;
    let waits = viseme::service::Waits::default();
    let client = client(&server.base(), Dialect::Kling).with_waits(waits.clone());
    let create = tokio::spawn(async move { client.create(&by_id()).await });
    while waits.current().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    waits.stop_creates();
    let problem = refused(create.await.unwrap());
    assert_eq!((problem.code, server.count()), (Some(ServiceCode::Number(1303)), 1));
}

#[tokio::test]
async fn patience_has_an_end() {
    let server = Hostile::always(refusal("429 Too Many Requests", 1303)).await;
    let problem = refused(client(&server.base(), Dialect::Kling).create(&by_id()).await);
    assert_eq!(problem.code, Some(ServiceCode::Number(1303)));
    assert_eq!(server.count(), 3, "at 0 s, 1 s and 2 s, and not after 3 s");
}

#[tokio::test]
async fn trouble_after_haste_is_still_unknown() {
    let server = Hostile::turns(vec![refusal("429 Too Many Requests", 1302), Act::Reset]).await;
    assert!(matches!(client(&server.base(), Dialect::Kling).create(&by_id()).await, CallOutcome::Unknown(_)));
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_stale_token_is_signed_again_once() {
    let signed = || Credentials::signed("access-1234", "secret-1234").unwrap();
    let moving = {
        let now = std::sync::atomic::AtomicI64::new(1_700_000_000_000);
        viseme::service::Clock::of(move || now.fetch_add(1_000, std::sync::atomic::Ordering::SeqCst))
    };
    let server = Hostile::turns(vec![refusal("401 Unauthorized", 1004), accepted()]).await;
    let client = client_as(&server.base(), Dialect::Kling, signed().with_clock(moving));
    assert_eq!(task_id(client.create(&by_id()).await), "t-1");
    let tokens: Vec<_> =
        server.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(tokens.len(), 2);
    assert!(tokens[0] != tokens[1] && tokens.iter().all(|token| token.starts_with("Bearer eyJ")));

    let server = Hostile::always(refusal("401 Unauthorized", 1003)).await;
    let problem = refused(client_as(&server.base(), Dialect::Kling, signed()).create(&by_id()).await);
    assert_eq!((server.count(), problem.code), (2, Some(ServiceCode::Number(1003))));
    assert!(problem.hint.unwrap().contains("clock"));

    // Our clock says 22:13:20; the service dates its answer ten minutes later.
    let dated = answer_with("401 Unauthorized", "Date: Tue, 14 Nov 2023 22:23:20 GMT\r\n", r#"{"code":1003}"#);
    let server = Hostile::always(Act::Send(dated)).await;
    let problem = refused(client_as(&server.base(), Dialect::Kling, signed()).create(&by_id()).await);
    assert!(problem.hint.unwrap().contains("600 s behind"));
}

#[tokio::test]
async fn nothing_is_sent_where_no_connection_stands() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let client = client(&format!("http://{closed}"), Dialect::Kling);
    let problem = refused(client.create(&by_id()).await);
    assert_eq!((problem.kind, problem.http_status), (ProblemKind::NoAnswer, None));
    assert!(problem.message.contains("refuses connections"), "{problem}");
    assert_eq!(client.recorder().requests(), 3, "a connection may be tried again");
    let last = client.recorder().last().unwrap();
    assert!(last.failure.as_deref().unwrap().contains("refuses connections") && last.status.is_none());
}

#[tokio::test]
async fn a_connection_that_went_stale_does_not_touch_a_create() {
    // Each answer promises to keep the connection and then drops it: whoever reuses it loses a request.
    let server = Hostile::start(|_, request| {
        let body = json!({ "code": 0, "data": { "task_id": "t-1", "task_status": "submitted" } });
        match (request.line.starts_with("POST"), json_answer("200 OK", &body)) {
            (true, answer) => answer,
            (false, Act::Send(bytes)) => Act::SendAndClose(bytes),
            (false, other) => other,
        }
    })
    .await;
    let client = client(&server.base(), Dialect::Kling);
    for round in 1..=20 {
        client.poll("t-1").await.unwrap();
        assert_eq!(task_id(client.create(&by_id()).await), "t-1");
        let posts = server.requests().iter().filter(|request| request.line.starts_with("POST")).count();
        assert_eq!(posts, round);
    }
}

#[tokio::test]
async fn each_create_has_a_connection_of_its_own() {
    let server = Hostile::always(accepted()).await;
    let client = client(&server.base(), Dialect::Kling);
    for _ in 0..3 {
        assert_eq!(task_id(client.create(&by_id()).await), "t-1");
    }
    assert_eq!((server.count(), server.connections()), (3, 3));
}

#[tokio::test]
async fn how_much_of_a_voice_has_gone_out_is_told_up_to_the_whole_and_anew_for_each_sending() {
    let mut file = tempfile::Builder::new().suffix(".wav").tempfile().unwrap();
    file.write_all(&vec![7; 300_000]).unwrap();
    let server = Hostile::turns(vec![refusal("429 Too Many Requests", 1302), accepted()]).await;
    let client = client(&server.base(), Dialect::Kling);
    let told = Arc::new(Mutex::new(Vec::new()));
    let tells = Arc::clone(&told);
    let voice = submission(VoiceSource::File(file.path().to_owned()));
    let outcome = client.create_watched(&voice, move |progress| tells.lock().unwrap().push(progress)).await;
    assert_eq!(task_id(outcome), "t-1");
    let told = told.lock().unwrap().clone();
    let length = server.requests()[0].body.len() as u64;
    assert!(told.iter().all(|now| now.total_bytes == Some(length)), "{told:?}");
    let sendings: Vec<&[Progress]> = told.chunk_by(|one, two| one.received_bytes < two.received_bytes).collect();
    assert_eq!(sendings.len(), 2, "{told:?}");
    for sending in sendings {
        assert!(sending.len() > 2 && sending.last().map(|now| now.received_bytes) == Some(length), "{sending:?}");
    }
}

#[tokio::test]
async fn a_local_voice_is_streamed_as_bare_base64_with_its_length() {
    let voice: Vec<u8> = (0..1_000_003_u32).map(|at| (at % 253) as u8).collect();
    let mut file = tempfile::Builder::new().suffix(".wav").tempfile().unwrap();
    file.write_all(&voice).unwrap();
    for dialect in [Dialect::Kling, Dialect::Kirin] {
        let server = Hostile::turns(vec![refusal("429 Too Many Requests", 1302), accepted()]).await;
        let client = client(&server.base(), dialect);
        let outcome = client.create(&submission(VoiceSource::File(file.path().to_owned()))).await;
        assert_eq!(task_id(outcome), "t-1");
        assert_eq!(server.count(), 2, "the file is read again for the second sending");
        for request in server.requests() {
            assert_eq!(request.header("transfer-encoding"), None);
            assert_eq!(request.header("content-length"), Some(request.body.len().to_string().as_str()));
            let body = request.json();
            let fields = if dialect == Dialect::Kirin { &body["input"][0]["params"] } else { &body };
            let sound = fields["face_choose"][0]["sound_file"].as_str().unwrap();
            assert_eq!(base64::engine::general_purpose::STANDARD.decode(sound).unwrap(), voice);
        }
        let kept = client.recorder().last().unwrap();
        assert!(
            kept.request_body.len() < 1_000 && kept.request_body.contains("1000003 bytes of"),
            "{}",
            kept.request_body
        );
        assert_eq!(kept.request_bytes as usize, server.requests()[0].body.len());
    }
}

#[tokio::test]
async fn a_voice_that_cannot_be_read_is_never_sent() {
    let server = Hostile::always(accepted()).await;
    let client = client(&server.base(), Dialect::Kling);
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.wav");
    std::fs::write(&empty, b"").unwrap();
    for path in [folder.path().join("none.wav"), folder.path().to_owned(), empty] {
        let problem = refused(client.create(&submission(VoiceSource::File(path.clone()))).await);
        assert_eq!(problem.kind, ProblemKind::File, "{}", path.display());
        assert!(problem.message.contains(&path.display().to_string()));
    }
    assert_eq!((server.count(), client.recorder().requests()), (0, 0));
}

#[tokio::test]
async fn a_create_that_is_given_up_is_recorded_as_such() {
    let server = Hostile::always(Act::Hang).await;
    let client = client(&server.base(), Dialect::Kling);
    let given_up = tokio::time::timeout(Duration::from_millis(100), client.create(&by_id())).await;
    assert!(given_up.is_err());
    let kept = client.recorder().last().unwrap();
    assert_eq!((kept.operation, kept.status), ("create", None));
    assert!(kept.failure.as_deref().unwrap().contains("Given up") && kept.timing.total_us >= 90_000);
}

#[tokio::test]
async fn a_create_in_kirin_is_read_by_its_own_rules() {
    let running =
        json!({ "id": "k-1", "status": "in_progress", "model": "kirin_lipsync", "created_at": 1_700_000_000 });
    let server = Hostile::always(json_answer("200 OK", &running)).await;
    let CallOutcome::Done(task) = client(&server.base(), Dialect::Kirin).create(&by_id()).await else {
        panic!("not accepted")
    };
    assert_eq!(
        (task.task_id.as_str(), task.status, task.created_at_ms),
        ("k-1", TaskStatus::Processing, Some(1_700_000_000_000))
    );
    assert_eq!(server.requests()[0].line, "POST /model/v1/generation HTTP/1.1");
    let failed = json!({ "status": "failed", "error": { "code": "014002099", "error_message": "sync failed" } });
    let server = Hostile::always(json_answer("200 OK", &failed)).await;
    let problem = refused(client(&server.base(), Dialect::Kirin).create(&by_id()).await);
    assert_eq!(problem.code, Some(ServiceCode::Text("014002099".into())));
    let server = Hostile::always(Act::Close).await;
    let CallOutcome::Unknown(problem) = client(&server.base(), Dialect::Kirin).create(&by_id()).await else {
        panic!("not unknown")
    };
    assert!(problem.hint.unwrap().contains("paid as well"), "no list to look in");
}

#[test]
fn a_base_url_that_is_none_is_named() {
    let with = |base: &str| {
        Client::new(
            crate::hostile::profile(base, Dialect::Kling),
            Credentials::key(KEY).unwrap(),
            viseme::service::Recorder::default(),
        )
    };
    for base in ["", "api.example.com", "ftp://h", "https://user:pass@h", "https://h?x=1", "https://"] {
        let problem = with(base).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Usage, "{base}");
        assert!(!problem.to_string().contains("pass@"));
    }
    assert!(with("https://h/gateway/").is_ok());
}
