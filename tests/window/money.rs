//! What a person paid for stays: in the messy order of a real user, against a service that refuses a key.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use viseme::model::Dialect;
use viseme::workflow::{SendState, Stage};

use crate::hostile::{self, Hostile, dated_answer, json_answer};
use crate::support::Desk;

fn answer(data: &Value) -> Value {
    json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": data})
}

/// A service with one face, which takes a task and refuses to show it until the key is the new one.
pub fn service(refuses: &Arc<AtomicBool>) -> (Runtime, Hostile) {
    let runtime = Runtime::new().unwrap();
    let refuses = Arc::clone(refuses);
    let server = runtime.block_on(Hostile::start(move |_, request| {
        let line = &request.line;
        if line.contains("identify-face") {
            let face = json!({"face_id": "f1", "start_time": 0, "end_time": 9000});
            json_answer("200 OK", &answer(&json!({"session_id": "s1", "face_data": [face]})))
        } else if line.starts_with("POST") {
            json_answer("200 OK", &answer(&json!({"task_id": "T1", "task_status": "submitted"})))
        } else if refuses.load(Ordering::SeqCst) {
            json_answer(
                "401 Unauthorized",
                &json!({"code": 1002, "message": "access key not found", "request_id": "r"}),
            )
        } else {
            json_answer("200 OK", &answer(&json!({"task_id": "T1", "task_status": "processing"})))
        }
    }));
    (runtime, server)
}

/// A window before this server, with a journal.
pub fn desk_at(server: &Hostile) -> Desk {
    desk_before(server, false)
}

fn desk_before(server: &Hostile, knows_names: bool) -> Desk {
    let mut profile = hostile::profile(&server.base(), Dialect::Kling);
    profile.poll_interval_ms = 200;
    profile.knows_names = knows_names;
    let mut other = profile.clone();
    "other".clone_into(&mut other.name);
    other.path_prefix = "/other".into();
    Desk::at_services(vec![profile, other])
}

pub fn open_keys(desk: &mut Desk) {
    desk.harness.run_steps(3);
    desk.harness.get_by_label_contains("Service: ").click();
    desk.wait("the keys", |desk| desk.has("Key for "));
}

pub fn enter_key(desk: &mut Desk, key: &str) {
    let field = desk.harness.get_by_role_and_label(Role::PasswordInput, "API key");
    field.focus();
    field.set_text_value_accesskit(key);
    desk.harness.run_steps(2);
    desk.button("Use this key").click();
    desk.wait("the key in use", |desk| desk.has("key in use"));
    desk.wait("the menu to close", |desk| !desk.has("Key for "));
}

fn paste(desk: &mut Desk, text: &str) {
    desk.harness.event(Event::Paste(text.into()));
    desk.harness.run_steps(3);
}

pub fn find_faces(desk: &mut Desk) {
    paste(desk, "https://example.com/a.mp4");
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.wait("the faces", |desk| matches!(desk.stage(), Stage::Choosing(_)));
}

fn is_paused(desk: &Desk) -> bool {
    matches!(desk.stage(), Stage::Submitted(submitted)
        if matches!(&submitted.state, SendState::Accepted { follow: viseme::workflow::Follow::Paused(_), .. }))
}

/// To a task that was accepted, and of which the service then refuses to say how it stands.
fn to_a_refused_poll(desk: &mut Desk) {
    submit(desk);
    desk.wait("the refused poll", is_paused);
}

/// To a create that was sent.
pub fn submit(desk: &mut Desk) {
    open_keys(desk);
    enter_key(desk, hostile::KEY);
    find_faces(desk);
    paste(desk, "https://example.com/a.mp3");
    desk.harness.run_steps(3);
    let end = desk.harness.get_by_role_and_label(Role::SpinButton, "End in milliseconds");
    end.focus();
    desk.harness.step();
    desk.harness.event(Event::Text("4000".into()));
    desk.harness.step();
    desk.harness.key_press(Key::Enter);
    desk.harness.run_steps(4);
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
}

/// A service that refuses the name of every create, and shows an older task under it.
fn service_of_used_names() -> (Runtime, Hostile) {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Hostile::start(|_, request| {
        let line = &request.line;
        let no =
            |words: &str| dated_answer("400 Bad Request", &json!({"code": 1201, "message": words, "request_id": "r"}));
        if line.contains("identify-face") {
            let face = json!({"face_id": "f1", "start_time": 0, "end_time": 9000});
            dated_answer("200 OK", &answer(&json!({"session_id": "s1", "face_data": [face]})))
        } else if line.starts_with("POST") {
            no("External_task_id x already exists")
        } else if line.contains("viseme-check-") {
            no("Task not found by id/external id: x")
        } else if line.contains("/advanced-lip-sync/") {
            dated_answer(
                "200 OK",
                &answer(&json!({"task_id": "OLD", "task_status": "processing", "created_at": 1_000_000})),
            )
        } else {
            dated_answer("404 Not Found", &json!({"code": 1203, "message": "no", "request_id": "r"}))
        }
    }));
    (runtime, server)
}

#[test]
fn a_used_name_shows_the_task_that_has_it_and_two_ways_on() {
    for follows in [true, false] {
        let (_runtime, server) = service_of_used_names();
        let mut desk = desk_before(&server, true);
        submit(&mut desk);
        desk.wait("the used name", |desk| desk.has("task was created or paid"));
        assert!(desk.has("Task OLD: processing") && desk.has("1970"), "the task of that name is shown");
        if follows {
            desk.button("Follow it").click();
            desk.wait(
                "the older task",
                |desk| matches!(desk.stage(), Stage::Submitted(submitted) if submitted.task_id() == Some("OLD")),
            );
        } else {
            desk.harness.get_all_by_role_and_label(Role::Button, "Another name").next().unwrap().click();
            desk.wait("the placement", |desk| matches!(desk.stage(), Stage::Choosing(_)));
            desk.wait("a submission that is possible", |desk| desk.is_enabled("Submit"));
        }
        let requests = server.requests();
        let creates = requests.iter().filter(|request| request.line.contains("POST /kling/v1/videos/advanced"));
        assert_eq!(creates.count(), 1);
    }
}

#[test]
fn the_connection_is_checked_from_the_menu_of_the_service() {
    let (_runtime, server) = service_of_used_names();
    let mut desk = desk_before(&server, true);
    open_keys(&mut desk);
    enter_key(&mut desk, hostile::KEY);
    open_keys(&mut desk);
    desk.button("Check connection").click();
    desk.wait("the outcome of the check", |desk| desk.has("accepts the key"));
    assert!(server.requests().iter().all(|request| request.line.starts_with("GET")), "it costs nothing");
}

#[test]
fn a_key_field_that_is_only_passed_through_keeps_the_paid_session() {
    let (_runtime, server) = service(&Arc::default());
    let mut desk = desk_at(&server);
    open_keys(&mut desk);
    enter_key(&mut desk, hostile::KEY);
    find_faces(&mut desk);
    let sent = server.count();
    open_keys(&mut desk);
    desk.harness.get_by_role_and_label(Role::PasswordInput, "API key").focus();
    desk.harness.run_steps(2);
    desk.harness.key_press(Key::Tab);
    desk.harness.run_steps(4);
    assert!(matches!(desk.stage(), Stage::Choosing(choosing) if choosing.faces.session.session_id == "s1"));
    // The same key used once more keeps it too.
    desk.button("Use this key").click();
    desk.harness.run_steps(4);
    assert!(matches!(desk.stage(), Stage::Choosing(choosing) if choosing.faces.session.session_id == "s1"));
    assert_eq!(server.count(), sent, "nothing is paid once more");
}

#[test]
fn the_status_bar_says_of_a_key_what_is_so() {
    let refuses = Arc::new(AtomicBool::new(true));
    let (_runtime, server) = service(&refuses);
    let mut desk = desk_at(&server);
    open_keys(&mut desk);
    enter_key(&mut desk, hostile::KEY);
    open_keys(&mut desk);
    let field = desk.harness.get_by_role_and_label(Role::PasswordInput, "API key");
    field.focus();
    field.set_text_value_accesskit("sk-half-of-ano");
    desk.harness.run_steps(3);
    assert!(desk.has("key entered, not used yet") && !desk.has("key in use"), "what is being typed is not in use");
    desk.button("Use this key").click();
    desk.wait("the key in use", |desk| desk.has("key in use, not checked yet"));
    desk.wait("the menu to close", |desk| !desk.has("Key for "));
    // A check that fails is a key that is refused.
    open_keys(&mut desk);
    desk.button("Check connection").click();
    desk.wait("the refusal", |desk| desk.has("key refused"));
    assert!(!desk.has("key in use"));
}

#[test]
fn the_key_of_the_next_step_leaves_a_running_task_alone_and_says_why() {
    let (_runtime, server) = service(&Arc::default());
    let mut desk = desk_at(&server);
    submit(&mut desk);
    desk.wait("the task", |desk| desk.is_enabled("Stop following"));
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.wait("the reason", |desk| desk.has("The task is sent and is followed to its end"));
    assert!(!is_paused(&desk), "it is followed still");
}

#[test]
fn after_a_refused_key_the_right_one_goes_on_with_the_same_task() {
    let refuses = Arc::new(AtomicBool::new(true));
    let (_runtime, server) = service(&refuses);
    let mut desk = desk_at(&server);
    to_a_refused_poll(&mut desk);
    assert!(desk.has("key refused") && desk.is_enabled("Enter a key…"));
    refuses.store(false, Ordering::SeqCst);
    desk.button("Enter a key…").click();
    desk.wait("the keys", |desk| desk.has("Key for "));
    let field = desk.harness.get_by_role_and_label(Role::PasswordInput, "API key");
    assert!(field.is_focused(), "it can be typed at once");
    // What is typed replaces the refused one.
    desk.harness.event(Event::Text("sk-the-right-one-1234".into()));
    desk.harness.run_steps(2);
    desk.press(Key::Enter);
    desk.wait("the key in use", |desk| desk.has("key in use, not checked yet"));
    desk.wait("the menu to close", |desk| !desk.has("Key for "));
    assert!(is_paused(&desk), "the task is still there");
    desk.harness.get_all_by_role_and_label(Role::Button, "Resume").next().unwrap().click();
    desk.wait("the task", |desk| desk.is_enabled("Stop following"));
    assert_eq!(desk.harness.state().view().flow.loses(), Some("T1"));
    let last = server.requests().pop().unwrap();
    assert_eq!(last.header("authorization"), Some("Bearer sk-the-right-one-1234"));
    desk.wait("its acceptance", |desk| desk.has("key in use, accepted"));
}

#[test]
fn a_paused_task_is_left_only_when_a_person_says_so_and_is_found_again() {
    let refuses = Arc::new(AtomicBool::new(true));
    let (_runtime, server) = service(&refuses);
    let mut desk = desk_at(&server);
    to_a_refused_poll(&mut desk);

    // Another clip, a new job, another service: each asks first, and *Cancel* changes nothing.
    paste(&mut desk, "https://example.com/b.mp4");
    desk.wait("a question", |desk| desk.has("Leave the task?"));
    desk.button("Cancel").click();
    desk.harness.run_steps(4);
    assert!(is_paused(&desk));
    assert!(desk.harness.state().view().shell.clip_entry.text().ends_with("a.mp4"), "the field shows the clip in use");
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    desk.wait("a question", |desk| desk.has("Leave the task?"));
    desk.button("Cancel").click();
    desk.harness.run_steps(4);
    assert!(is_paused(&desk));
    open_keys(&mut desk);
    desk.harness.get_by_label("Use other").click();
    desk.wait("a question", |desk| desk.has("Leave the task?"));
    assert!(desk.has("Task T1 "));
    desk.button("Cancel").click();
    desk.harness.run_steps(4);
    assert_eq!(desk.harness.state().view().profile().name, "hostile");
    assert_eq!(desk.harness.state().view().flow.loses(), Some("T1"));

    // Left on purpose, it is offered by its id.
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    desk.wait("a question", |desk| desk.has("Leave the task?"));
    desk.button("Leave the task").click();
    desk.wait("a new job", |desk| matches!(desk.stage(), Stage::Idle(_)));
    refuses.store(false, Ordering::SeqCst);
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    desk.harness.run_steps(3);
    desk.harness.event(Event::Text("follow a task".into()));
    desk.harness.run_steps(3);
    desk.harness.key_press(Key::Enter);
    desk.wait("the accepted task", |desk| desk.has("Follow task T1"));
    desk.harness.get_by_label("Follow task T1").click();
    desk.wait("the task", |desk| desk.is_enabled("Stop following"));
    assert_eq!(desk.harness.state().view().flow.loses(), Some("T1"));
    let creates = server.requests().iter().filter(|request| request.line.starts_with("POST")).count();
    assert_eq!(creates, 2, "one for the faces, one for the task");
}

#[test]
fn a_create_that_a_wrong_key_stopped_goes_on_with_the_right_one() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Hostile::start(|_, request| {
        let line = &request.line;
        if line.contains("identify-face") {
            let face = json!({"face_id": "f1", "start_time": 0, "end_time": 9000});
            return dated_answer("200 OK", &answer(&json!({"session_id": "s1", "face_data": [face]})));
        }
        if request.header("authorization") != Some("Bearer sk-the-right-one-1234") {
            return dated_answer("401 Unauthorized", &json!({"code": 1002, "message": "access key not found"}));
        }
        dated_answer("200 OK", &answer(&json!({"task_id": "T1", "task_status": "processing"})))
    }));
    let creates = || {
        let requests = server.requests();
        requests.iter().filter(|request| request.line.contains("POST /kling/v1/videos/advanced")).count()
    };
    let mut desk = desk_at(&server);
    submit(&mut desk);
    desk.wait("the refusal", |desk| desk.has("ccess key not found") && desk.has("key refused"));
    open_keys(&mut desk);
    enter_key(&mut desk, "sk-the-right-one-1234");
    assert_eq!(creates(), 1, "nothing is sent before a person says so");
    desk.harness.get_all_by_role_and_label(Role::Button, "Try again").next().unwrap().click();
    desk.wait("the task", |desk| desk.harness.state().view().flow.loses() == Some("T1"));
    assert!(creates() == 2 && !desk.has("ccess key not found"));

    // Back at the placement, another key takes the words about the refused one away.
    let mut desk = desk_at(&server);
    submit(&mut desk);
    desk.wait("the refusal", |desk| desk.has("ccess key not found"));
    desk.chord(Modifiers::COMMAND, Key::K);
    desk.harness.event(Event::Text("same faces again".into()));
    desk.harness.run_steps(3);
    desk.press(Key::Enter);
    desk.wait("the placement", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert!(desk.has("ccess key not found"));
    open_keys(&mut desk);
    enter_key(&mut desk, "sk-the-right-one-1234");
    desk.wait("no refusal", |desk| !desk.has("ccess key not found"));
}
