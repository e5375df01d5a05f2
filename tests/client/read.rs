//! Reads are asked again as the table of codes allows; identify is not asked again where it is unclear; and no key ever shows.

use std::time::{Duration, Instant};

use crate::hostile::{Act, Hostile, KEY, answer_with, by_id, client, client_as, json_answer};
use serde_json::{Value, json};
use viseme::model::{AuthKind, CallOutcome, ClipSource, Dialect, Problem, ProblemKind, ServiceCode, Task, TaskStatus};
use viseme::service::{Client, Clock, Credentials, Identified, Looked, Recorder};

fn running() -> Act {
    json_answer("200 OK", &json!({ "code": 0, "data": [{ "task_id": "t-1", "task_status": "processing" }] }))
}

/// A read that is asked again by itself: the list, of which the only task is returned.
async fn read(client: &Client) -> Result<Task, Problem> {
    client.list(1, 30).await.map(|mut tasks| tasks.remove(0))
}

fn trouble(status: &str, code: i64) -> Act {
    json_answer(status, &json!({ "code": code, "message": "trouble", "request_id": "req-7" }))
}

fn faces() -> Act {
    json_answer(
        "200 OK",
        &json!({ "code": 0, "data": { "session_id": "s-1", "face_data": [{ "face_id": "0", "start_time": 0, "end_time": 5000 }] } }),
    )
}

fn clip() -> ClipSource {
    ClipSource::Url("https://example.com/clip.mp4".into())
}

#[tokio::test]
async fn a_read_is_asked_again_after_trouble() {
    let page = Act::Send(answer_with("502 Bad Gateway", "", "<html><title>502</title>"));
    let garbage = Act::Send(answer_with("200 OK", "", "OK"));
    let cut = Act::SendAndClose(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec());
    for (name, act) in [
        ("500", trouble("500 Internal Server Error", 5000)),
        ("503", trouble("503 Service Unavailable", 5001)),
        ("504", trouble("504 Gateway Timeout", 5002)),
        ("page", page),
        ("garbage", garbage),
        ("cut", cut),
        ("reset", Act::Reset),
        ("closed", Act::Close),
        ("hang", Act::Hang),
        ("haste", trouble("429 Too Many Requests", 1302)),
    ] {
        let server = Hostile::turns(vec![act.clone(), act.clone(), running()]).await;
        let task = read(&client(&server.base(), Dialect::Kling)).await.unwrap();
        assert_eq!((task.status, server.count()), (TaskStatus::Processing, 3), "{name}");

        // In a poll loop the schedule decides when to ask again, not the client.
        let server = Hostile::always(act.clone()).await;
        let problem = client(&server.base(), Dialect::Kling).poll("t-1").await.unwrap_err();
        assert!(problem.transient, "{name}: {problem}");
        assert_eq!(server.count(), 1, "{name}");

        if name == "haste" {
            continue;
        }
        let server = Hostile::always(act).await;
        let problem = read(&client(&server.base(), Dialect::Kling)).await.unwrap_err();
        assert!(
            problem.transient && problem.kind != ProblemKind::TaskFailed,
            "{name}: a failed poll never fails the task"
        );
        assert_eq!(server.count(), 3, "{name}: attempts are limited");
    }
}

#[tokio::test]
async fn a_refused_read_is_not_asked_again() {
    for (name, act, http_status, code) in [
        ("no such task", trouble("404 Not Found", 1203), 404, Some(1203)),
        ("no key", trouble("401 Unauthorized", 1002), 401, Some(1002)),
        ("in debt", trouble("429 Too Many Requests", 1101), 429, Some(1101)),
        ("429 alone", Act::Send(answer_with("429 Too Many Requests", "", "slow down")), 429, None),
        ("wrong in 200", trouble("200 OK", 1200), 200, Some(1200)),
    ] {
        let server = Hostile::always(act).await;
        let problem = read(&client(&server.base(), Dialect::Kling)).await.unwrap_err();
        assert_eq!(
            (problem.kind, problem.http_status, problem.code),
            (ProblemKind::Refused, Some(http_status), code.map(ServiceCode::Number)),
            "{name}"
        );
        assert!(!problem.transient && server.count() == 1, "{name}");
    }
}

#[tokio::test]
async fn retry_after_reaches_the_schedule() {
    for (header, ms) in [
        ("Retry-After: 7\r\n", Some(7_000)),
        ("Retry-After: Tue, 14 Nov 2023 22:13:25 GMT\r\n", Some(5_000)),
        ("", None),
    ] {
        let server =
            Hostile::always(Act::Send(answer_with("503 Service Unavailable", header, "{\"code\":5001}"))).await;
        let problem = client(&server.base(), Dialect::Kling).poll("t-1").await.unwrap_err();
        assert_eq!((problem.retry_after_ms, problem.transient), (ms, true));
        assert_eq!(problem.message, "The service is under maintenance");
    }
}

#[tokio::test]
async fn a_connection_that_went_stale_is_no_trouble_for_a_read() {
    let server = Hostile::start(|_, _| match running() {
        Act::Send(bytes) => Act::SendAndClose(bytes),
        other => other,
    })
    .await;
    let client = client(&server.base(), Dialect::Kling);
    for _ in 0..20 {
        assert_eq!(read(&client).await.unwrap().status, TaskStatus::Processing);
    }
}

#[tokio::test]
async fn reads_keep_their_connection() {
    let server = Hostile::always(running()).await;
    let client = client(&server.base(), Dialect::Kling);
    for _ in 0..5 {
        client.poll("a/b?c").await.unwrap();
    }
    assert_eq!((server.count(), server.connections()), (5, 1));
    assert_eq!(server.requests()[0].line, "GET /kling/v1/videos/advanced-lip-sync/a%2Fb%3Fc HTTP/1.1");
    assert_eq!(client.poll("..").await.unwrap_err().kind, ProblemKind::Usage);
}

#[tokio::test]
async fn an_answer_without_bounds_has_bounds() {
    let endless = Act::Endless(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'['; 4096]);
    let chunked =
        Act::Endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(), b"4\r\n[[[[\r\n".repeat(1_000));
    let promised = Act::SendAndHang(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec());
    let nested = Act::Send(answer_with("200 OK", "", vec![b'['; 60_000]));
    for (name, act, words) in [
        ("endless", endless, "larger than"),
        ("chunked", chunked, "larger than"),
        ("promised", promised, "larger than"),
        ("nested", nested, "JSON that is broken"),
    ] {
        let server = Hostile::always(act).await;
        let began = Instant::now();
        let problem = client(&server.base(), Dialect::Kling).poll("t-1").await.unwrap_err();
        assert_eq!((problem.kind, problem.http_status), (ProblemKind::Unreadable, Some(200)), "{name}");
        assert!(problem.message.contains(words), "{name}: {problem}");
        assert!(began.elapsed() < Duration::from_mins(1), "{name}");
    }
}

#[tokio::test]
async fn a_key_is_not_carried_to_where_a_redirect_leads() {
    let elsewhere = Hostile::always(running()).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let to = format!("Location: {}/v1\r\n", elsewhere.base());
        let server = Hostile::always(Act::Send(answer_with(status, &to, ""))).await;
        let client = client(&server.base(), Dialect::Kling);
        let problem = read(&client).await.unwrap_err();
        assert!(problem.message.contains(&elsewhere.base()) && problem.hint.unwrap().contains("base URL"), "{status}");
        assert!(client.identify_start(&clip()).await.is_err());
        assert!(!matches!(client.create(&by_id()).await, CallOutcome::Done(_)));
        assert_eq!(server.count(), 3, "{status}");
    }
    assert_eq!(elsewhere.count(), 0);
}

#[tokio::test]
async fn identify_is_not_asked_again_where_it_is_unclear() {
    for (name, act) in [
        ("reset", Act::Reset),
        ("hang", Act::Hang),
        ("500", trouble("500 Internal Server Error", 5000)),
        ("503", trouble("503 Service Unavailable", 5001)),
        ("garbage", Act::Send(answer_with("200 OK", "", "OK"))),
        ("nothing", Act::Send(answer_with("200 OK", "", "{}"))),
        ("refused", trouble("400 Bad Request", 1201)),
    ] {
        for dialect in [Dialect::Kling, Dialect::Kirin] {
            let server = Hostile::always(act.clone()).await;
            assert!(client(&server.base(), dialect).identify_start(&clip()).await.is_err(), "{name}");
            assert_eq!(server.count(), 1, "{name}");
        }
    }
    let server = Hostile::turns(vec![trouble("429 Too Many Requests", 1302), faces()]).await;
    let Identified::Session(session) = client(&server.base(), Dialect::Kling).identify_start(&clip()).await.unwrap()
    else {
        panic!("no session")
    };
    assert_eq!((session.session_id.as_str(), session.begun_at_ms, server.count()), ("s-1", 1_700_000_000_000, 2));
    assert_eq!(server.requests()[1].json(), json!({ "video_url": "https://example.com/clip.mp4" }));
}

#[tokio::test]
async fn identify_in_kirin_is_polled() {
    let started = json!({ "id": "k/1", "status": "in_progress", "model": "kirin_identify_face" });
    let inner = json!({ "code": 0, "data": { "session_id": "s-1", "face_data": [{ "face_id": "7" }] } }).to_string();
    let done = json!({ "id": "k/1", "status": "completed", "output": [{ "content": [{ "type": "text", "text": inner, "url": "" }] }] });
    let server = Hostile::turns(vec![
        json_answer("200 OK", &started),
        json_answer("200 OK", &started),
        trouble("503 x", 5001),
        json_answer("200 OK", &done),
    ])
    .await;
    let client = client(&server.base(), Dialect::Kirin);
    let Identified::Running(job) = client.identify_start(&clip()).await.unwrap() else { panic!("not running") };
    assert!(matches!(client.identify_poll(&job.job_id).await.unwrap(), Identified::Running(_)));
    assert!(client.identify_poll(&job.job_id).await.unwrap_err().transient);
    let Identified::Session(session) = client.identify_poll(&job.job_id).await.unwrap() else { panic!("no session") };
    assert_eq!((session.faces[0].face_id.as_str(), server.count()), ("7", 4));
    assert_eq!(server.requests()[3].line, "GET /model/v1/generation/task/k%2F1 HTTP/1.1");
}

#[tokio::test]
async fn a_completed_identify_that_cannot_be_read_is_final() {
    let completed = |text: &str| {
        let content = json!([{ "type": "text", "text": text }]);
        json_answer("200 OK", &json!({ "id": "k/1", "status": "completed", "output": [{ "content": content }] }))
    };
    let whole = json!({ "code": 0, "data": { "session_id": "s-1", "face_data": [{ "face_id": "0" }] } }).to_string();
    for text in [
        "",
        "no JSON",
        &whole[..whole.len() / 2],
        r#"{"code":0,"data":{}}"#,
        r#"{"code":0,"data":{"face_data":[{"face_id":"0"}]}}"#,
    ] {
        let server = Hostile::always(completed(text)).await;
        let problem = client(&server.base(), Dialect::Kirin).identify_poll("k/1").await.unwrap_err();
        assert_eq!((problem.kind, problem.transient), (ProblemKind::Unreadable, false), "{text}: {problem}");
        assert!(problem.hint.is_some());
    }
    // Trouble within a completed answer is as final: its code would be worth another try anywhere else.
    let busy = json!({ "code": 5002, "message": "backlog" }).to_string();
    let server = Hostile::always(completed(&busy)).await;
    let problem = client(&server.base(), Dialect::Kirin).identify_poll("k/1").await.unwrap_err();
    assert!(!problem.transient, "{problem}");
    // One that is not at its end is asked again.
    let server = Hostile::always(Act::Send(answer_with("200 OK", "", "{"))).await;
    assert!(client(&server.base(), Dialect::Kirin).identify_poll("k/1").await.unwrap_err().transient);
}

#[tokio::test]
async fn a_task_is_found_by_our_own_name_for_it() {
    let page = |ids: std::ops::Range<u32>| -> Value {
        let tasks: Vec<_> = ids.map(|at| json!({ "task_id": format!("t-{at}"), "task_status": "processing", "task_info": { "external_task_id": format!("x-{at}") } })).collect();
        json!({ "code": 0, "data": tasks })
    };
    let server = Hostile::start(move |_, request| {
        let page = match request.line.as_str() {
            line if !line.contains("pageNum=") => return trouble("404 Not Found", 1203),
            line if line.contains("pageNum=1&") => page(0..100),
            line if line.contains("pageNum=2&") => page(100..150),
            _ => page(0..0),
        };
        json_answer("200 OK", &page)
    })
    .await;
    let client = client(&server.base(), Dialect::Kling);
    let looked = client.look_for("x-142", true).await.unwrap().unwrap();
    assert_eq!((looked.found[0].task_id.as_str(), looked.found.len(), server.count()), ("t-142", 1, 3));
    assert_eq!(server.requests()[1].line, "GET /kling/v1/videos/advanced-lip-sync?pageNum=1&pageSize=100 HTTP/1.1");
    let absent = Looked { found: Vec::new(), looked_at: 150, complete: true };
    assert_eq!(client.look_for("none", true).await.unwrap(), Some(absent));

    let kirin = crate::hostile::client(&server.base(), Dialect::Kirin);
    let before = server.count();
    assert_eq!(kirin.look_for("x-1", true).await.unwrap(), None);
    assert_eq!(kirin.list(1, 30).await.unwrap_err().kind, ProblemKind::Usage);
    assert_eq!(server.count(), before);
    let refusing = Hostile::always(trouble("404 Not Found", 1202)).await;
    assert_eq!(
        crate::hostile::client(&refusing.base(), Dialect::Kling).look_for("x", true).await.unwrap_err().code,
        Some(ServiceCode::Number(1202))
    );
}

#[tokio::test]
async fn a_list_without_an_end_is_read_up_to_five_hundred() {
    // A list whose entries show no name is not worth a second page.
    for (shown, looked_at, pages) in [("other", 500, 5), ("", 100, 1)] {
        let task = |at| json!({ "task_id": format!("t-{at}"), "task_status": "succeed", "external_task_id": shown });
        let tasks: Vec<_> = (0..100).map(task).collect();
        let page = json_answer("200 OK", &json!({ "code": 0, "data": tasks }));
        let server = Hostile::start(move |_, request| {
            if request.line.contains("pageNum=") { page.clone() } else { trouble("400 Bad Request", 1201) }
        })
        .await;
        let looked = client(&server.base(), Dialect::Kling).look_for("mine", true).await.unwrap();
        let absent = Looked { found: Vec::new(), looked_at, complete: false };
        assert_eq!((looked, server.count()), (Some(absent), pages + 1), "{shown:?}");
    }
}

#[tokio::test]
async fn no_secret_shows_whatever_a_service_echoes() {
    let echo = Hostile::start(|_, request| {
        let sent = request.header("authorization").unwrap_or_default().to_owned();
        let body = json!({ "code": 1002, "message": format!("unknown: {sent}"), "request_id": sent }).to_string();
        Act::Send(answer_with("401 Unauthorized", &format!("X-Echo: {sent}\r\n"), body))
    })
    .await;
    for credentials in [Credentials::key(KEY).unwrap(), Credentials::signed("access-9876", "secret-9876").unwrap()] {
        let client = client_as(&echo.base(), Dialect::Kling, credentials);
        let problem = read(&client).await.unwrap_err();
        let CallOutcome::Refused(of_create) = client.create(&by_id()).await else { panic!("not refused") };
        let kept = serde_json::to_string(
            &client.recorder().exchanges().iter().map(|kept| (**kept).clone()).collect::<Vec<_>>(),
        )
        .unwrap();
        let shown = format!("{problem} {problem:?} {of_create:?} {client:?} {kept}");
        let sent: Vec<_> =
            echo.requests().iter().map(|request| request.header("authorization").unwrap().to_owned()).collect();
        for secret in [KEY, "access-9876", "secret-9876"]
            .into_iter()
            .map(str::to_owned)
            .chain(sent.iter().map(|header| header[7..].to_owned()))
        {
            assert!(!shown.contains(&secret), "{secret} shows in {shown}");
        }
        assert!(kept.contains("Bearer •••"));
    }
}

#[tokio::test]
async fn no_exchange_has_a_secret_in_any_form() {
    for secrets in [&[KEY][..], &["access-9876-abcd", "secret-9876-abcd"]] {
        let owned: Vec<String> = secrets.iter().map(|&secret| secret.to_owned()).collect();
        let echo = Hostile::start(move |_, request| {
            let sent = request.header("authorization").unwrap_or_default().to_owned();
            let secrets: Vec<&str> = owned.iter().map(String::as_str).collect();
            let said = crate::canary::forms(&secrets, &sent).join(" ");
            let body = json!({ "code": 1201, "message": said, "request_id": said, said.clone(): [said] }).to_string();
            // Before the cut of a long body, and across it.
            let body = format!("{body}{}{said}", " ".repeat(1024 * 1024 - body.len() - 40));
            Act::Send(answer_with("400 Bad Request", &format!("X-Echo: {said}\r\nLocation: /{said}\r\n"), body))
        })
        .await;
        let credentials = match secrets {
            [access_key, secret_key] => Credentials::signed(*access_key, *secret_key).unwrap(),
            _ => Credentials::key(secrets[0]).unwrap(),
        };
        let client = client_as(&echo.base(), Dialect::Kling, credentials);
        let given = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let sink = std::sync::Arc::clone(&given);
        client.recorder().set_sink(Some(Box::new(move |exchange| sink.lock().unwrap().push(exchange.clone()))));
        let problem = read(&client).await.unwrap_err();
        let traces = crate::canary::traces(secrets, echo.requests()[0].header("authorization").unwrap());
        crate::canary::assert_clean("the problem", format!("{problem:?} {problem}").as_bytes(), &traces);
        let shown = serde_json::to_string(&*client.recorder().exchanges()[0]).unwrap();
        crate::canary::assert_clean("the exchange shown", shown.as_bytes(), &traces);
        let kept = serde_json::to_string(&*given.lock().unwrap()).unwrap();
        crate::canary::assert_clean("the exchange kept", kept.as_bytes(), &traces);
        assert!(shown.contains("•••") && kept.contains("•••"));
    }
}

#[tokio::test]
async fn every_exchange_is_recorded_as_sent() {
    let server = Hostile::turns(vec![faces(), running(), Act::Reset]).await;
    let client = client(&server.base(), Dialect::Kling);
    client.identify_start(&clip()).await.unwrap();
    client.poll("t-1").await.unwrap();
    client.poll("t-1").await.unwrap_err();
    let kept = client.recorder().exchanges();
    assert_eq!((kept.len(), client.recorder().requests(), client.recorder().recorded()), (3, 3, 3));
    assert_eq!((kept[0].operation, kept[0].method, kept[0].status), ("identify", "POST", Some(200)));
    assert_eq!(kept[0].url, format!("{}/kling/v1/videos/identify-face", server.base()));
    assert_eq!(kept[0].request_body, r#"{"video_url":"https://example.com/clip.mp4"}"#);
    assert!(kept[0].response_body.contains("s-1") && kept[0].response_bytes as usize == kept[0].response_body.len());
    assert!(kept[0].request_headers.contains(&("authorization".into(), "Bearer •••".into())));
    assert!(
        kept[0].failure.is_none()
            && kept[0].timing.head_us.is_some_and(|head| head > 0 && head <= kept[0].timing.total_us)
    );
    assert!(kept[2].failure.is_some() && kept[2].status.is_none());
}

#[tokio::test]
async fn only_the_sandbox_takes_uploads() {
    let answer = json!({ "code": 0, "data": { "id": "m-1", "url": "http://127.0.0.1:1/media/m-1.mp4", "bytes": 5, "kind": "video" } });
    let server = Hostile::always(json_answer("201 Created", &answer)).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my clip.mp4");
    std::fs::write(&path, b"bytes").unwrap();
    let other = client(&server.base(), Dialect::Kling).upload(&path).await.unwrap_err();
    assert_eq!((other.kind, server.count()), (ProblemKind::Usage, 0));
    let mut profile = crate::hostile::profile(&server.base(), Dialect::Kling);
    profile.auth = AuthKind::Sandbox;
    let sandbox = Client::with_limits(
        profile,
        Credentials::key(KEY).unwrap(),
        Recorder::default(),
        crate::hostile::brief(),
        Clock::system(),
    )
    .unwrap();
    let uploaded = sandbox.upload(&path).await.unwrap();
    assert_eq!(uploaded, "http://127.0.0.1:1/media/m-1.mp4");
    let request = &server.requests()[0];
    assert_eq!((request.line.as_str(), request.body.as_slice()), ("PUT /media/my%20clip.mp4 HTTP/1.1", &b"bytes"[..]));
    assert_eq!(request.header("content-length"), Some("5"));
    assert_eq!(sandbox.upload(&folder.path().join("none.mp4")).await.unwrap_err().kind, ProblemKind::File);
}
