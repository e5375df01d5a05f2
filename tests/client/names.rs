//! Tasks by our own name for them, on the real client: against the sandbox, which keeps the official facts, and against servers that do not.

use secrecy::ExposeSecret as _;
use serde_json::json;
use viseme::model::{CallOutcome, ClipSource, Ownership, Placement, Profile, SentCreate, Submission, VoiceSource};
use viseme::sandbox::{Sandbox, SandboxConfig};
use viseme::service::{Client, Clock, Credentials, Identified, Recorder};

use crate::hostile::{Act, Hostile, KEY, answer_with, brief, json_answer, profile};
use viseme::engine::{Engine, Journaling, Setup};
use viseme::model::Dialect;
use viseme::model::placement::Wanted;
use viseme::workflow::{PersonEvent, SendState, Stage};

/// A client for a service that knows names.
fn knowing(base_url: &str, credentials: Credentials) -> Client {
    let profile = Profile { knows_names: true, ..profile(base_url, Dialect::Kling) };
    Client::with_limits(profile, credentials, Recorder::default(), brief(), Clock::system()).unwrap()
}

fn no(status: &str, code: i64, words: &str) -> Act {
    json_answer(status, &json!({ "code": code, "message": words, "request_id": "r" }))
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_sandbox_an_unclear_create_is_found_and_proven_by_its_name() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    for signed in [false, true] {
        let credentials = if signed {
            Credentials::signed(sandbox.access_key(), sandbox.secret_key().expose_secret()).unwrap()
        } else {
            Credentials::key(sandbox.key().expose_secret()).unwrap()
        };
        let profile = Profile { base_url: sandbox.base_url().into(), ..Profile::built_in().swap_remove(0) };
        let client = Client::new(profile, credentials, Recorder::default()).unwrap();
        let url = client.upload("assets/demo/duo.mp4".as_ref()).await.unwrap();
        let found = client.identify_start(&ClipSource::Url(url.clone())).await.unwrap();
        let Identified::Session(session) = found else { panic!("{found:?}") };
        let submission = Submission {
            session_id: session.session_id,
            face_id: session.faces[0].face_id.clone(),
            voice: VoiceSource::AudioId("sandbox_voice".into()),
            placement: Placement {
                sound_start_time: 0,
                sound_end_time: 3_000,
                sound_insert_time: 0,
                sound_volume: None,
                original_audio_volume: None,
            },
            external_task_id: format!("lose:{signed}"),
            callback_url: None,
            watermark: None,
            mouth_box: None,
        };
        let name = submission.external_task_id.clone();
        let sent_ms = Clock::system().now_ms() - client.ahead_ms();
        assert!(matches!(client.create(&submission).await, CallOutcome::Unknown(_)), "the answer was lost");
        for thorough in [false, true] {
            let tasks = client.tasks_named(&name, thorough).await.unwrap();
            assert_eq!(tasks.len(), 1, "{tasks:?}");
            let intent = |sent_ms, clip: &str| SentCreate {
                external_task_id: name.clone(),
                sent_ms,
                by_service_clock: true,
                was_refused: false,
                clip: Some(ClipSource::Url(clip.into())),
                clip_ms: Some(9_000),
            };
            assert_eq!(intent(sent_ms, &url).ownership_of(&tasks[0]), Ownership::Ours);
            assert_eq!(intent(sent_ms + 600_000, &url).ownership_of(&tasks[0]), Ownership::Another);
            let other = url.replace("duo", "other");
            assert_eq!(intent(sent_ms, &other).ownership_of(&tasks[0]), Ownership::Another);
        }
        let outcome = client.create(&submission).await;
        let CallOutcome::NameTaken(problem) = outcome else { panic!("{outcome:?}") };
        assert_eq!(problem.message, format!("External_task_id {name} already exists"));
        assert_eq!(client.tasks_named("nobody", true).await.unwrap(), []);
    }
}

#[tokio::test]
async fn an_old_style_task_is_found_among_the_tasks_of_its_name() {
    let task = json!({ "id": "t-7", "external_id": "mine", "status": "succeeded", "create_time": 1_700_000_000_000_i64,
        "outputs": [{ "type": "video", "id": "v", "url": "https://h/v.mp4", "duration": "9.1" }], "billing": [] });
    let server = Hostile::start(move |_, request| {
        if request.line.contains("/kling/tasks?external_task_ids=mine ") {
            return json_answer("200 OK", &json!({ "code": 0, "message": "SUCCEED", "data": [task] }));
        }
        no("400 Bad Request", 1201, "Task not found by id/external id: mine")
    })
    .await;
    let client = knowing(&server.base(), Credentials::key(KEY).unwrap());
    assert_eq!(client.tasks_named("mine", false).await.unwrap(), []);
    assert_eq!(server.count(), 1, "the query alone");
    let found = client.tasks_named("mine", true).await.unwrap();
    let [task] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((task.task_id.as_str(), task.created_at_ms), ("t-7", Some(1_700_000_000_000)));
    assert_eq!((task.status.word(), task.videos[0].url.as_str()), ("succeed", "https://h/v.mp4"));

    // A signed token is refused there, which says nothing about the key: it is not asked with one.
    let before = server.count();
    let signed = knowing(&server.base(), Credentials::signed("access-1234", "secret-1234").unwrap());
    let _ = signed.tasks_named("mine", true).await;
    let lines: Vec<_> = server.requests()[before..].iter().map(|request| request.line.clone()).collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| !line.contains("/tasks?")), "{lines:?}");
}

#[tokio::test]
async fn a_gateway_that_does_not_say_that_it_knows_names_is_queried_and_asked_for_its_list() {
    let named = |id: &str| json!({ "task_id": id, "task_info": { "external_task_id": "mine" }, "created_at": 1 });
    // It answers a query by the name in whatever way, and its list shows names.
    for answer in [
        no("404 Not Found", 1203, "no such resource"),
        no("400 Bad Request", 1201, "Task not found by id/external id: mine"),
        no("503 Service Unavailable", 5001, "maintenance"),
        json_answer("200 OK", &json!({ "code": 0, "data": { "task_id": "mine", "task_status": "processing" } })),
        Act::Send(answer_with("200 OK", "", "<html>not here</html>")),
    ] {
        let server = Hostile::start(move |_, request| {
            if !request.line.contains("pageNum=") {
                return answer.clone();
            }
            json_answer("200 OK", &json!({ "code": 0, "data": [named("t-2"), named("t-1")] }))
        })
        .await;
        let client = crate::hostile::client(&server.base(), Dialect::Kling);
        let found = client.tasks_named("mine", false).await.unwrap();
        let ids: Vec<_> = found.into_iter().map(|task| task.task_id).collect();
        assert_eq!(ids, ["t-2", "t-1"], "each is to be proven");
        assert!(server.requests()[0].line.contains("/advanced-lip-sync/mine "), "{:?}", server.requests());
    }
    // What a query by the name shows is a task of that name; the list may have others.
    let server = Hostile::start(move |_, request| {
        if request.line.contains("pageNum=") {
            return json_answer("200 OK", &json!({ "code": 0, "data": [named("t-2"), named("t-7")] }));
        }
        let task = json!({ "task_id": "t-7", "task_status": "processing", "created_at": 1 });
        json_answer("200 OK", &json!({ "code": 0, "data": task }))
    })
    .await;
    let client = crate::hostile::client(&server.base(), Dialect::Kling);
    let ids: Vec<_> = client.tasks_named("mine", true).await.unwrap().into_iter().map(|task| task.task_id).collect();
    assert_eq!(ids, ["t-7", "t-2"]);
}

#[tokio::test]
async fn a_look_that_was_not_answered_settles_nothing() {
    let server = Hostile::start(|_, request| {
        if request.line.contains("pageNum=") {
            return json_answer("200 OK", &json!({ "code": 0, "data": [] }));
        }
        no("503 Service Unavailable", 5001, "maintenance")
    })
    .await;
    let client = knowing(&server.base(), Credentials::key(KEY).unwrap());
    assert_eq!(client.tasks_named("mine", true).await.unwrap_err().http_status, Some(503));
    let refusing = Hostile::always(no("401 Unauthorized", 1002, "no")).await;
    let client = knowing(&refusing.base(), Credentials::key(KEY).unwrap());
    assert_eq!(client.tasks_named("mine", true).await.unwrap_err().http_status, Some(401));
    assert_eq!(refusing.count(), 1);
}

#[tokio::test]
async fn a_task_that_is_not_visible_is_no_mistake_of_the_request() {
    for (status, code, words) in [
        ("400 Bad Request", 1201, "Task not found by id/external id: t-1"),
        ("404 Not Found", 1203, "no such resource"),
    ] {
        let server = Hostile::always(no(status, code, words)).await;
        let problem = crate::hostile::client(&server.base(), Dialect::Kling).poll("t-1").await.unwrap_err();
        assert!(problem.hint.as_deref().unwrap().contains("visible to this account"), "{problem:?}");
        assert!(!problem.transient);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_is_the_first_call_of_a_connection_is_proven_by_the_services_clock() {
    // Its clock is a quarter of an hour behind ours.
    let now_ms = || Clock::system().now_ms() - 900_000;
    let dated = move |status: &str, body: &serde_json::Value| {
        let since = std::time::Duration::from_millis(now_ms().unsigned_abs());
        let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + since);
        Act::Send(answer_with(status, &format!("Date: {date}\r\n"), body.to_string()))
    };
    let server = Hostile::start(move |_, request| {
        if request.line.contains("identify-face") {
            let face = json!({ "face_id": "f1", "start_time": 0, "end_time": 9000 });
            return dated("200 OK", &json!({ "code": 0, "data": { "session_id": "s1", "face_data": [face] } }));
        }
        if request.line.starts_with("POST") {
            return Act::Close;
        }
        if request.line.contains("viseme-check-") {
            return dated("400 Bad Request", &json!({ "code": 1201, "message": "Task not found by id/external id" }));
        }
        let task = json!({ "task_id": "t-1", "task_status": "processing", "created_at": now_ms() });
        dated("200 OK", &json!({ "code": 0, "data": task }))
    })
    .await;
    let profile = Profile { knows_names: true, poll_interval_ms: 50, ..profile(&server.base(), Dialect::Kling) };
    let folder = tempfile::tempdir().unwrap();
    let journal = viseme::engine::JournalAccess::of_file(folder.path().join("journal.db"));
    let setup = |key: &str| {
        let setup = Setup::new(profile.clone(), Credentials::key(key).unwrap());
        setup.with_journal(Journaling::On(journal.clone()))
    };
    let mut engine = Engine::new(tokio::runtime::Handle::current(), profile.clone(), || ());
    engine.connect(setup("an-old-key-0123")).unwrap();
    engine.dispatch(PersonEvent::SetClip(Some(ClipSource::Url("https://example.com/clip.mp4".into()))));
    engine.dispatch(PersonEvent::SetVoice(Some(VoiceSource::AudioId("a-1".into()))));
    engine.dispatch(PersonEvent::Want(Wanted { start_ms: Some(0), end_ms: Some(4_000), insert_ms: Some(0) }));
    engine.dispatch(PersonEvent::Identify { send_anyway: true });
    while !matches!(engine.flow().stage, Stage::Choosing(_)) {
        engine.next().await;
    }
    engine.connect(setup(KEY)).unwrap();
    engine.submit(true);
    let state = loop {
        let Stage::Submitted(submitted) = &engine.flow().stage else { panic!("{:?}", engine.flow().stage) };
        match &submitted.state {
            SendState::Accepted { task_id, .. } => break task_id.clone(),
            SendState::NameTaken { .. } | SendState::Refused { .. } => panic!("{:?}", submitted.state),
            _ => assert!(engine.next().await),
        }
    };
    assert_eq!(state, "t-1", "our own task, whose answer was lost");
}
