//! What was paid is not paid a second time, and what was saved is not saved a second time.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::Harness;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use viseme::app::{Options, Window};
use viseme::model::{Dialect, Profile};
use viseme::workflow::Stage;

use crate::history::{open_history, open_in, options_in, reopen};
use crate::hostile::{self, Act, Hostile, answer_with, dated_answer, json_answer};
use crate::money;
use crate::support::Desk;

fn answer(data: &Value) -> Value {
    json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": data})
}

/// A service with one face, and a new session for each identify.
fn service_of_sessions() -> (Runtime, Hostile) {
    let runtime = Runtime::new().unwrap();
    let count = AtomicUsize::new(0);
    let server = runtime.block_on(Hostile::start(move |_, request| {
        if request.line.contains("identify-face") {
            let session = format!("s{}", count.fetch_add(1, Ordering::SeqCst));
            let face = json!({"face_id": "f1", "start_time": 0, "end_time": 9000});
            dated_answer("200 OK", &answer(&json!({"session_id": session, "face_data": [face]})))
        } else {
            dated_answer("404 Not Found", &json!({"code": 1203, "message": "no", "request_id": "r"}))
        }
    }));
    (runtime, server)
}

fn open_at(server: &Hostile, folder: TempDir) -> Desk {
    let profile = Profile { poll_interval_ms: 200, ..hostile::profile(&server.base(), Dialect::Kling) };
    let profiles = Profile::built_in().into_iter().chain([profile]).collect();
    let options = Options { profiles, profile: "hostile".into(), ..options_in(folder.path()) };
    let harness = Harness::builder()
        .with_size(Vec2::new(1280.0, 800.0))
        .build_eframe(|cc| Window::new(cc, options).expect("a window"));
    Desk { harness, folder }
}

fn use_key(desk: &mut Desk, key: &str) {
    money::open_keys(desk);
    money::enter_key(desk, key);
}

fn paste(desk: &mut Desk, text: &str) {
    desk.harness.event(Event::Paste(text.into()));
    desk.harness.run_steps(4);
}

fn find_faces_of(desk: &mut Desk, address: &str) {
    paste(desk, address);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("the faces", |desk| matches!(desk.stage(), Stage::Choosing(_)));
}

fn session_id(desk: &Desk) -> String {
    desk.harness.state().view().flow.faces().expect("faces").session.session_id.clone()
}

fn files(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn faces_of_an_address_are_paid_once_while_their_session_lives_and_by_one_account() {
    const A: &str = "https://example.com/a.mp4";
    const B: &str = "https://example.com/b.mp4";
    let (_runtime, server) = service_of_sessions();
    let identifies = || server.requests().iter().filter(|request| request.line.contains("identify-face")).count();
    let mut desk = open_at(&server, tempfile::tempdir().unwrap());
    use_key(&mut desk, hostile::KEY);
    find_faces_of(&mut desk, A);
    find_faces_of(&mut desk, B);
    assert_eq!(identifies(), 2);

    // In the next window the address is entered again.
    let Desk { harness, folder } = desk;
    drop(harness);
    let mut desk = open_at(&server, folder);
    use_key(&mut desk, hostile::KEY);
    find_faces_of(&mut desk, A);
    assert_eq!((session_id(&desk).as_str(), identifies()), ("s0", 2), "nothing is paid once more");
    assert!(desk.has("Faces of the session of 2") && desk.has("Nothing was paid for them"), "and it is said");
    desk.button("Find faces again").click();
    desk.wait("new faces", |desk| matches!(desk.stage(), Stage::Choosing(_)) && session_id(desk) == "s2");
    assert!(!desk.has("Nothing was paid for them"));

    // The sessions of another account are not this one's.
    let Desk { harness, folder } = desk;
    drop(harness);
    let mut desk = open_at(&server, folder);
    use_key(&mut desk, "sk-of-another-account-7");
    find_faces_of(&mut desk, B);
    assert_eq!((session_id(&desk).as_str(), identifies()), ("s3", 4));
}

#[test]
fn faces_of_a_file_are_known_by_its_content_and_run_again_brings_them_back() {
    let mut desk = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    let session = session_id(&desk);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("the saved result", |desk| desk.saved().is_some());

    // Another window, after another clip: the task is run again with the faces that it had.
    let [clip, _] = desk.own_files();
    desk.drop_file(&clip);
    desk.wait("another clip", |desk| matches!(desk.stage(), Stage::Idle(_)) && desk.is_enabled("Find faces"));
    let mut desk = reopen(desk);
    desk.wait("the sandbox", |desk| desk.has("Sandbox ready"));
    open_history(&mut desk);
    desk.wait("the task", |desk| desk.is_enabled("Run again"));
    desk.button("Run again").click();
    desk.wait("its faces", |desk| desk.has_tile("Face 2") && desk.is_enabled("Submit"));
    assert_eq!(session_id(&desk), session, "their session lives: nothing was asked");
    assert_eq!(desk.harness.state().view().flow.faces().unwrap().chosen.as_deref(), Some("face_002"));
    assert!(desk.has("Nothing was paid for them"));

    // The same content under another name.
    let copy = desk.folder.path().join("copy.mp4");
    std::fs::copy(desk.folder.path().join("demo/duo.mp4"), &copy).unwrap();
    desk.drop_file(&copy);
    desk.wait("the copy", |desk| matches!(desk.stage(), Stage::Idle(_)) && desk.is_enabled("Find faces"));
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("its faces", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert_eq!(session_id(&desk), session);
}

#[test]
fn one_result_is_saved_once_whoever_is_first() {
    let runtime = Runtime::new().unwrap();
    let is_done = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicUsize::new(0));
    let (done, fetches) = (Arc::clone(&is_done), Arc::clone(&asked));
    let video = std::fs::read(format!("{}/assets/demo/duo.mp4", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let server = runtime.block_on(Hostile::start(move |_, request| {
        let line = &request.line;
        if line.contains("result.mp4") {
            fetches.fetch_add(1, Ordering::SeqCst);
            // Slow enough for another to begin meanwhile.
            std::thread::sleep(Duration::from_millis(2_500));
            return Act::Send(answer_with("200 OK", "Content-Type: video/mp4\r\n", &video));
        }
        if line.contains("identify-face") {
            let face = json!({"face_id": "f1", "start_time": 0, "end_time": 9000});
            return json_answer("200 OK", &answer(&json!({"session_id": "s1", "face_data": [face]})));
        }
        let mut task = json!({"task_id": "T1", "task_status": "processing"});
        if line.starts_with("GET") && done.load(Ordering::SeqCst) {
            let host = request.header("host").unwrap_or_default();
            let videos = [json!({"id": "v1", "url": format!("http://{host}/result.mp4"), "duration": "9"})];
            task = json!({"task_id": "T1", "task_status": "succeed", "task_result": {"videos": videos}});
        }
        json_answer("200 OK", &answer(&task))
    }));
    let mut desk = open_at(&server, tempfile::tempdir().unwrap());
    money::submit(&mut desk);
    desk.wait("the task", |desk| desk.is_enabled("Stop following"));
    // Left to the work beside the workflow, which sees its end first.
    desk.button("Stop following").click();
    desk.wait("a pause", |desk| desk.harness.state().view().flow.busy_with().is_none());
    desk.chord(Modifiers::COMMAND, Key::N);
    desk.wait("a question", |desk| desk.has("Leave the task?"));
    desk.button("Leave the task").click();
    desk.wait("a new job", |desk| desk.harness.state().view().flow.loses().is_none());
    is_done.store(true, Ordering::SeqCst);
    desk.wait("the result being fetched", |_| asked.load(Ordering::SeqCst) > 0);
    // And then it is followed here, too, to the same end.
    open_history(&mut desk);
    desk.wait("the task", |desk| desk.is_enabled("Follow"));
    desk.button("Follow").click();
    desk.wait("the result", |desk| desk.saved().is_some());
    let folder = desk.folder.path().join("results");
    assert_eq!(files(&folder), ["a lip-sync.mp4"]);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "it is fetched once");
    assert_eq!(desk.saved().unwrap(), folder.join("a lip-sync.mp4"));
}
