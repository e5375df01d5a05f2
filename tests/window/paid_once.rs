//! What was paid is not paid a second time, and what was saved is not saved a second time.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use viseme::app::{Options, Window};
use viseme::journal::{Journal, Owner, Service};
use viseme::model::{Dialect, Profile, Task, TaskStatus, TaskVideo};
use viseme::workflow::{ClipNow, Stage};

use crate::history::{now_ms, open_history, open_in, options_in, reopen, write};
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
    paste(&mut desk, B);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("a word", |desk| desk.has("with another key, which may be of another account"));
    assert!(identifies() == 3 && desk.has("Finding them with this key is paid once more"), "before it is paid");
    std::thread::sleep(Duration::from_millis(800));
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("the faces", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert_eq!((session_id(&desk).as_str(), identifies()), ("s3", 4));
}

#[test]
fn find_faces_in_the_palette_is_never_the_one_that_pays_again() {
    let (_runtime, server) = service_of_sessions();
    let identifies = || server.requests().iter().filter(|request| request.line.contains("identify-face")).count();
    let mut desk = open_at(&server, tempfile::tempdir().unwrap());
    use_key(&mut desk, hostile::KEY);
    find_faces_of(&mut desk, "https://example.com/a.mp4");
    let chosen = |desk: &Desk| {
        let options = desk.harness.query_all_by_role(egui::accesskit::Role::ListBoxOption);
        let mut chosen = options.filter(|node| node.accesskit_node().is_selected() == Some(true));
        chosen.next().and_then(|node| node.accesskit_node().label()).unwrap()
    };
    for query in ["find faces", "Find faces ", "FIND FACES"] {
        desk.chord(Modifiers::COMMAND, Key::K);
        desk.harness.event(Event::Text(query.into()));
        desk.harness.run_steps(3);
        assert_eq!(chosen(&desk), "Find faces", "{query}");
        assert!(
            desk.has("The faces have been found already")
                || desk.harness.query_all_by_label_contains("Find faces").count() > 1
        );
        desk.press(Key::Enter);
        desk.press(Key::Escape);
    }
    assert_eq!((identifies(), session_id(&desk).as_str()), (1, "s0"), "nothing is paid");
    // The one that pays says so.
    desk.chord(Modifiers::COMMAND, Key::K);
    desk.harness.event(Event::Text("faces again".into()));
    desk.harness.run_steps(3);
    assert_eq!(chosen(&desk), "Find faces again, for 0.05 units");
    desk.press(Key::Enter);
    desk.wait("new faces", |desk| matches!(desk.stage(), Stage::Choosing(_)) && session_id(desk) == "s1");
}

#[test]
fn a_key_in_place_of_a_refused_one_is_of_the_same_account() {
    let runtime = Runtime::new().unwrap();
    let (refuses, count) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
    let of_service = Arc::clone(&refuses);
    let server = runtime.block_on(Hostile::start(move |_, request| {
        let is_old = request.header("authorization") == Some(&format!("Bearer {}", hostile::KEY));
        if is_old && of_service.load(Ordering::SeqCst) {
            return dated_answer("401 Unauthorized", &json!({"code": 1002, "message": "access key not found"}));
        }
        let session = format!("s{}", count.fetch_add(1, Ordering::SeqCst));
        let face = json!({"face_id": "f1", "start_time": 0, "end_time": 9000});
        dated_answer("200 OK", &answer(&json!({"session_id": session, "face_data": [face]})))
    }));
    let mut desk = open_at(&server, tempfile::tempdir().unwrap());
    use_key(&mut desk, hostile::KEY);
    find_faces_of(&mut desk, "https://example.com/a.mp4");

    let Desk { harness, folder } = desk;
    drop(harness);
    refuses.store(true, Ordering::SeqCst);
    let mut desk = open_at(&server, folder);
    use_key(&mut desk, hostile::KEY);
    paste(&mut desk, "https://example.com/b.mp4");
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("the refusal", |desk| desk.has("ccess key not found"));
    use_key(&mut desk, "sk-the-new-one-of-it-7");
    assert!(!desk.has("ccess key not found"), "that was the other key");
    let sent = server.count();
    find_faces_of(&mut desk, "https://example.com/a.mp4");
    assert_eq!((session_id(&desk).as_str(), server.count()), ("s0", sent), "they are this account's");
}

/// A service, and a clip at an address of its own, of which it tells the version; version 0 is gone.
struct ServiceWithClip {
    _runtime: Runtime,
    server: Hostile,
    version: Arc<AtomicUsize>,
}

impl ServiceWithClip {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let clip = std::fs::read(format!("{}/assets/demo/duo.mp4", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let (version, count) = (Arc::new(AtomicUsize::new(1)), AtomicUsize::new(0));
        let of_server = Arc::clone(&version);
        let server = runtime.block_on(Hostile::start(move |_, request| {
            if request.line.contains("/clip.mp4") {
                return match of_server.load(Ordering::SeqCst) {
                    0 => Act::Send(answer_with("403 Forbidden", "Content-Type: text/plain\r\n", b"expired")),
                    version => {
                        let head = format!("Content-Type: video/mp4\r\nETag: \"v{version}\"\r\n");
                        Act::Send(answer_with("200 OK", &head, &clip))
                    }
                };
            }
            let session = format!("s{}", count.fetch_add(1, Ordering::SeqCst));
            let face = json!({"face_id": "f1", "start_time": 0, "end_time": 9000});
            dated_answer("200 OK", &answer(&json!({"session_id": session, "face_data": [face]})))
        }));
        Self { _runtime: runtime, server, version }
    }

    fn address(&self) -> String {
        format!("{}/clip.mp4", self.server.base())
    }

    fn open(&self, folder: TempDir) -> Desk {
        let profile = Profile { poll_interval_ms: 200, ..hostile::profile(&self.server.base(), Dialect::Kling) };
        let profiles = Profile::built_in().into_iter().chain([profile]).collect();
        let copies_folder = Some(folder.path().join("fetched"));
        let options = Options { profiles, profile: "hostile".into(), copies_folder, ..options_in(folder.path()) };
        let size = Vec2::new(1280.0, 800.0);
        let harness = Harness::builder().with_size(size).build_eframe(|cc| Window::new(cc, options).expect("a window"));
        let mut desk = Desk { harness, folder };
        use_key(&mut desk, hostile::KEY);
        desk
    }

    fn fetches_clip(&self) -> usize {
        self.server.requests().iter().filter(|request| request.line.contains("/clip.mp4")).count()
    }
}

fn fetch_clip(desk: &mut Desk, address: &str) {
    paste(desk, address);
    desk.wait("the way to see it", |desk| desk.is_enabled("Fetch the clip for the preview"));
    desk.button("Fetch the clip for the preview").click();
    desk.wait("its picture", |desk| desk.harness.state().view().flow.desk.clip_probe.known().is_some());
}

/// Closes the window once its faces are in the journal, and opens it again.
fn reopen_with_faces(service: &ServiceWithClip, mut desk: Desk) -> Desk {
    let session = session_id(&desk);
    let journal = Journal::open(&desk.folder.path().join("journal.db")).unwrap().journal;
    desk.wait("the faces in the journal", |_| {
        journal.desk("window").unwrap().is_some_and(|left| left.document["desk"]["session_id"] == session.as_str())
    });
    drop(journal);
    let Desk { harness, folder } = desk;
    drop(harness);
    service.open(folder)
}

#[test]
fn a_desk_that_comes_back_by_itself_is_compared_with_what_is_at_its_address_now() {
    const UNKNOWN: &str = "Whether this address still has the clip of these faces is not known";
    let service = ServiceWithClip::new();
    let mut desk = service.open(tempfile::tempdir().unwrap());
    fetch_clip(&mut desk, &service.address());
    find_faces_of(&mut desk, &service.address());
    let clip_now = |desk: &Desk| desk.harness.state().view().flow.faces().map(|faces| faces.clip_now.clone());

    // The same clip is there.
    let mut desk = reopen_with_faces(&service, desk);
    desk.wait("its faces, compared", |desk| clip_now(desk) == Some(ClipNow::Same));
    assert!(session_id(&desk) == "s0" && !desk.has(UNKNOWN));

    // Its address has expired: its faces are there, and it is said that nobody knows.
    service.version.store(0, Ordering::SeqCst);
    let mut desk = reopen_with_faces(&service, desk);
    desk.wait("a doubt", |desk| desk.has(UNKNOWN));
    assert!(session_id(&desk) == "s0" && desk.has("refuses the download: expired"), "and why");

    // Another clip is there: no task is made of the old one's faces.
    service.version.store(2, Ordering::SeqCst);
    let mut desk = reopen_with_faces(&service, desk);
    desk.wait("a word", |desk| desk.has("Another clip is at this address than when its faces were found"));
    assert!(matches!(desk.stage(), Stage::Idle(_)) && !desk.has_tile("Face 1"));
    assert!(desk.has("finding them anew is paid once more"), "before it is paid");
    desk.harness.get_all_by_role_and_label(egui::accesskit::Role::Button, "Find faces").next().unwrap().click();
    desk.wait("new faces", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert_eq!(session_id(&desk), "s1");

    // An address from which nothing was ever fetched is not asked either.
    let never = ServiceWithClip::new();
    let mut desk = never.open(tempfile::tempdir().unwrap());
    find_faces_of(&mut desk, &never.address());
    assert!(!desk.has(UNKNOWN), "they were found just now");
    let mut desk = reopen_with_faces(&never, desk);
    desk.wait("a doubt", |desk| {
        desk.has(UNKNOWN) && desk.has("Nothing was fetched from it before they were found at 2")
    });
    assert!(matches!(desk.stage(), Stage::Choosing(_)) && never.fetches_clip() == 0);
}

#[test]
fn a_clip_that_was_replaced_at_its_address_is_not_taken_for_the_one_before() {
    let service = ServiceWithClip::new();
    let (address, open) = (service.address(), |folder| service.open(folder));
    let mut desk = open(tempfile::tempdir().unwrap());
    fetch_clip(&mut desk, &address);
    find_faces_of(&mut desk, &address);
    assert_eq!(session_id(&desk), "s0");

    // Another clip is left on the desk: what is there comes back by itself.
    let close = |mut desk: Desk| {
        paste(&mut desk, "https://example.com/other.mp4");
        desk.wait("another clip", |desk| matches!(desk.stage(), Stage::Idle(_)));
        std::thread::sleep(Duration::from_millis(1_100));
        desk.harness.run_steps(3);
        let Desk { harness, folder } = desk;
        drop(harness);
        folder
    };
    // The same clip is there: its faces are taken up.
    let mut desk = open(close(desk));
    find_faces_of(&mut desk, &address);
    assert_eq!(session_id(&desk), "s0");

    let folder = close(desk);
    service.version.store(2, Ordering::SeqCst);
    let mut desk = open(folder);
    paste(&mut desk, &address);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("a word", |desk| desk.has("Another clip is at this address than when its faces were found"));
    assert!(desk.has("its server names another version of it") && matches!(desk.stage(), Stage::Idle(_)));
    desk.harness.get_all_by_role_and_label(egui::accesskit::Role::Button, "Find faces").next().unwrap().click();
    std::thread::sleep(Duration::from_millis(800));
    desk.wait("new faces", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert_eq!(session_id(&desk), "s1");
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

#[test]
fn a_result_that_was_about_to_expire_is_announced_no_more_once_it_is_saved() {
    let runtime = Runtime::new().unwrap();
    let video = std::fs::read(format!("{}/assets/demo/duo.mp4", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let server = runtime.block_on(Hostile::start(move |_, request| {
        if request.line.contains("result.mp4") {
            return Act::Send(answer_with("200 OK", "Content-Type: video/mp4\r\n", &video));
        }
        let host = request.header("host").unwrap_or_default();
        let videos = [json!({"id": "v1", "url": format!("http://{host}/result.mp4"), "duration": "9"})];
        let task = json!({"task_id": "id-a", "task_status": "succeed", "task_result": {"videos": videos}});
        dated_answer("200 OK", &answer(&task))
    }));
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile { poll_interval_ms: 200, ..hostile::profile(&server.base(), Dialect::Kling) };
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    let hour_ago_ms = now_ms() - 3_600_000;
    let id = write(&journal, "a", &Service::of(&profile), hour_ago_ms, None);
    let videos = vec![TaskVideo {
        id: "v1".into(),
        url: format!("{}/result.mp4", server.base()),
        watermark_url: None,
        duration_ms: None,
    }];
    let task = Task {
        task_id: "id-a".into(),
        status: TaskStatus::Succeed,
        status_raw: "succeed".into(),
        status_msg: None,
        progress: None,
        videos,
        external_task_id: None,
        parent_video: None,
        created_at_ms: None,
        updated_at_ms: None,
        cost: None,
        error: None,
        extra: serde_json::Map::new(),
    };
    journal.task_seen(id, &Owner::new("another"), &task, hour_ago_ms + 1).unwrap();
    drop(journal);
    let mut desk = open_at(&server, folder);
    use_key(&mut desk, hostile::KEY);
    desk.wait("what is announced", |desk| desk.is_enabled("History · 1 expiring"));
    // Looking at it saves nothing.
    desk.button("Show it").click();
    desk.wait("the task", |desk| desk.is_enabled("Follow") && desk.has("a.mp4 with voice.mp3"));
    desk.press(Key::Escape);
    assert!(desk.is_enabled("History · 1 expiring"), "it is not saved yet");
    desk.button("Save it now").click();
    desk.wait("the saved result", |desk| desk.saved().is_some());
    assert_eq!(files(&desk.folder.path().join("results")), ["a lip-sync.mp4"], "by its clip, not by its id");
    desk.wait("nothing more to announce", |desk| desk.is_enabled("History") && !desk.has("Save it now"));
}
