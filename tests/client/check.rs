//! The free check of key, host and clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use viseme::model::{CallOutcome, ClipSource, Dialect, Profile};
use viseme::service::{Client, Clock, Credentials, Recorder};
use viseme::wire::answer::Identified;

use crate::hostile::{Act, Hostile, KEY, answer_with, brief, by_id, client, profile};

/// Our clock says Tue, 14 Nov 2023 22:13:20 GMT.
fn official(base_url: &str, credentials: &Credentials) -> Client {
    let profile = Profile { knows_names: true, ..profile(base_url, Dialect::Kling) };
    let clock = Clock::of(|| 1_700_000_000_000);
    Client::with_limits(profile, credentials.clone(), Recorder::default(), brief(), clock).unwrap()
}

#[tokio::test]
async fn the_difference_of_the_clocks_is_said_in_words() {
    for (status, code, date, words) in [
        ("401 Unauthorized", 1002, "Tue, 14 Nov 2023 22:03:20 GMT", "600 s ahead of"),
        ("401 Unauthorized", 1003, "Tue, 14 Nov 2023 22:23:20 GMT", "600 s behind"),
        ("400 Bad Request", 1201, "Tue, 14 Nov 2023 22:13:21 GMT", "agrees"),
        ("404 Not Found", 1203, "Mon, 13 Nov 2023 22:13:20 GMT", "86400 s ahead of"),
    ] {
        let body = format!(r#"{{"code":{code},"message":"Task not found by id/external id: x"}}"#);
        let server = Hostile::always(Act::Send(answer_with(status, &format!("Date: {date}\r\n"), body))).await;
        let check = client(&server.base(), Dialect::Kling).check().await;
        assert_eq!(check.key_is_taken(), Some(code == 1201 || code == 1203), "{check:?}");
        assert!(check.clock_words().unwrap().contains(words), "{check:?}");
        if let Some(problem) = &check.problem {
            assert!(problem.hint.as_deref().unwrap().contains(words), "{problem:?}");
        }
    }
}

#[tokio::test]
async fn it_comes_by_itself_once_for_each_key_and_a_silent_service_does_not_stop_what_is_paid() {
    let server = Hostile::start(|_, request| {
        if request.line.starts_with("GET") {
            return Act::Close;
        }
        Act::Send(answer_with("200 OK", "", r#"{"code":0,"data":{"task_id":"t-1"}}"#))
    })
    .await;
    let checks = || server.requests().iter().filter(|request| request.line.starts_with("GET")).count();
    let credentials = Credentials::key(KEY).unwrap();
    for _ in 0..2 {
        // Also another client with the same key.
        let client = official(&server.base(), &credentials);
        assert!(matches!(client.create(&by_id()).await, CallOutcome::Done(_)));
    }
    assert_eq!(checks(), 1);
    let client = official(&server.base(), &Credentials::key("sk-another-0123").unwrap());
    assert!(matches!(client.create(&by_id()).await, CallOutcome::Done(_)));
    assert_eq!(checks(), 2);
}

/// A session's end follows the service's clock: ours may be set a day either way between two answers, and nothing changes.
#[tokio::test]
async fn a_session_begins_and_ends_by_the_services_clock_whatever_ours_shows() {
    const DAY_MS: i64 = 86_400_000;
    let faces = r#"{"code":0,"data":{"session_id":"s-1","face_data":[]}}"#;
    let head = "Date: Tue, 14 Nov 2023 22:03:20 GMT\r\n";
    let server = Hostile::always(Act::Send(answer_with("200 OK", head, faces))).await;
    let wall_ms = Arc::new(AtomicI64::new(1_700_000_000_000));
    let shown = Arc::clone(&wall_ms);
    let clock = Clock::of(move || shown.load(Ordering::SeqCst));
    let credentials = Credentials::key(KEY).unwrap();
    let profile = profile(&server.base(), Dialect::Kling);
    let client = Client::with_limits(profile, credentials, Recorder::default(), brief(), clock).unwrap();
    let clip = ClipSource::Url("https://example.com/clip.mp4".into());
    let Identified::Session(session) = client.identify_start(&clip).await.unwrap() else { panic!("no session") };
    let begun_ms = 1_700_000_000_000 - 600_000;
    // Two clocks are not read in the same millisecond.
    assert!((session.begun_at_ms - begun_ms).abs() < 50, "{}", session.begun_at_ms);
    for jump_ms in [0, DAY_MS, -DAY_MS] {
        wall_ms.store(1_700_000_000_000 + jump_ms, Ordering::SeqCst);
        let service_ms = wall_ms.load(Ordering::SeqCst) - client.known_ahead_ms().unwrap();
        let passed_ms = service_ms - begun_ms;
        assert!((-50..30_000).contains(&passed_ms), "{passed_ms} ms passed by the service's clock");
        assert!(session.left_ms(service_ms) > DAY_MS - 30_000);
    }
}
