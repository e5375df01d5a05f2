//! What takes time, through the accessibility tree, against a server that is slow, asks to wait, and answers late: the newest wish
//! wins, a wait is told with its end, and *Cancel* acts at once.

use std::time::{Duration, Instant};

use crate::hostile::{self, Act, Hostile, answer_with, json_answer};
use crate::support::Desk;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use viseme::app::{Options, Window};
use viseme::model::Dialect;
use viseme::workflow::Stage;

/// Faces of a session, named after it.
fn faces(session: &str) -> Value {
    json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": {"session_id": session, "face_data": [
        {"face_id": format!("{session}-face"), "start_time": 0, "end_time": 9000}
    ]}})
}

/// An answer that takes about `ms` to arrive.
fn slowly(ms: u64, body: &Value) -> Act {
    let bytes = answer_with("200 OK", "Content-Type: application/json\r\n", body.to_string());
    let gap_ms = ms / bytes.len() as u64 + 1;
    Act::Drip(bytes, gap_ms)
}

/// A window before this server, with a key.
pub fn desk_at(server: &Hostile) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        profiles: vec![hostile::profile(&server.base(), Dialect::Kling)],
        profile: "hostile".into(),
        theme: None,
        downloads: Some(folder.path().join("results")),
        demo_folder: Some(folder.path().join("demo")),
        desktop: viseme::app::platform::desktop::Choice::Off,
        ..Options::default()
    };
    let harness = Harness::builder()
        .with_size(egui::Vec2::new(1280.0, 800.0))
        .build_eframe(|cc| Window::new(cc, options).expect("a window"));
    let mut desk = Desk { harness, folder };
    desk.harness.run_steps(3);
    desk.harness.get_by_label_contains("Service: ").click();
    desk.wait("the keys", |desk| desk.has("Key for "));
    let key = desk.harness.get_by_role_and_label(Role::PasswordInput, "API key");
    key.focus();
    key.set_text_value_accesskit(hostile::KEY);
    desk.harness.run_steps(2);
    desk.button("Use this key").click();
    desk.wait("the key in use", |desk| desk.has("key in use"));
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);
    desk
}

pub fn paste(desk: &mut Desk, text: &str) {
    desk.harness.event(Event::Paste(text.into()));
    desk.harness.run_steps(3);
}

pub fn next_step(desk: &mut Desk) {
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.harness.run_steps(3);
}

/// Lets time pass, and the window live through it.
fn live(desk: &mut Desk, time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time {
        std::thread::sleep(Duration::from_millis(10));
        desk.harness.step();
    }
}

fn session(desk: &Desk) -> Option<String> {
    desk.harness.state().view().flow.faces().map(|faces| faces.session.session_id.clone())
}

#[test]
fn of_a_slow_and_a_fast_the_newer_is_seen_and_the_late_answer_dropped() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Hostile::start(|at, _| match at {
        0 => slowly(3_000, &faces("slow")),
        _ => json_answer("200 OK", &faces("fast")),
    }));
    let mut desk = desk_at(&server);
    paste(&mut desk, "https://example.com/a.mp4");
    next_step(&mut desk);
    desk.wait("a word on what goes on", |desk| desk.has("Looking for faces"));
    assert!(desk.is_enabled("Cancel"));
    paste(&mut desk, "https://example.com/b.mp4");
    next_step(&mut desk);
    desk.wait("the faces of the second", |desk| desk.has_tile("Face 1"));
    assert_eq!(session(&desk).as_deref(), Some("fast"));
    live(&mut desk, Duration::from_millis(3_500));
    assert_eq!(session(&desk).as_deref(), Some("fast"), "the answer to the first came too late");
    assert!(!desk.has("slow-face"));
    assert_eq!(server.count(), 2);
}

#[test]
fn what_runs_is_cancelled_at_once_by_escape_and_by_its_button() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Hostile::always(Act::Hang));
    let mut desk = desk_at(&server);
    paste(&mut desk, "https://example.com/a.mp4");
    for by_key in [true, false] {
        next_step(&mut desk);
        desk.wait("a word on what goes on", |desk| desk.has("Looking for faces"));
        if by_key {
            desk.harness.key_press(Key::Escape);
        } else {
            desk.button("Cancel").click();
        }
        desk.harness.run_steps(2);
        assert!(matches!(desk.stage(), Stage::Idle(_)), "at once");
        assert!(desk.is_enabled("Find faces"), "what was entered is kept");
    }
}

#[test]
fn a_wait_that_the_service_asks_for_counts_down_and_can_be_cancelled() {
    let runtime = Runtime::new().unwrap();
    let busy = json!({"code": 1303, "message": "parallel task over resource pack limit", "request_id": "r"});
    let wait =
        answer_with("429 Too Many Requests", "Content-Type: application/json\r\nRetry-After: 60\r\n", busy.to_string());
    let server = runtime.block_on(Hostile::start(move |at, _| match at {
        0 => json_answer("200 OK", &faces("s")),
        _ => Act::Send(wait.clone()),
    }));
    let mut desk = desk_at(&server);
    paste(&mut desk, "https://example.com/a.mp4");
    next_step(&mut desk);
    desk.wait("faces", |desk| desk.has_tile("Face 1"));
    paste(
        &mut desk,
        r#"{"face_choose":[{"audio_id":"v-1","sound_start_time":0,"sound_end_time":3000,"sound_insert_time":0}]}"#,
    );
    assert!(desk.has("Used from the pasted text: audio id, times"));
    next_step(&mut desk);
    desk.wait("the wait", |desk| desk.has("Too many tasks at once for the package · tries again in "));
    let sent = server.count();
    desk.button("Cancel").click();
    desk.wait("the end of it", |desk| desk.has("The service refused the task: nothing was created"));
    assert!(desk.has("Code 1303"));
    live(&mut desk, Duration::from_millis(300));
    assert_eq!(server.count(), sent, "nothing is sent after it");
}

#[test]
fn a_session_that_the_service_does_not_know_any_more_is_begun_anew_and_face_and_voice_are_kept() {
    let runtime = Runtime::new().unwrap();
    let gone = json!({"code": 1201, "message": "Session s was not found", "request_id": "r"});
    let server = runtime.block_on(Hostile::start(move |at, request| {
        if request.line.contains("identify-face") {
            return json_answer("200 OK", &faces(if at == 0 { "s" } else { "s-new" }));
        }
        json_answer("400 Bad Request", &gone)
    }));
    let mut desk = desk_at(&server);
    paste(&mut desk, "https://example.com/a.mp4");
    next_step(&mut desk);
    desk.wait("faces", |desk| desk.has_tile("Face 1"));
    paste(
        &mut desk,
        r#"{"face_choose":[{"audio_id":"v-1","sound_start_time":0,"sound_end_time":3000,"sound_insert_time":0}]}"#,
    );
    next_step(&mut desk);
    desk.wait("the refusal", |desk| desk.has("Session s was not found"));
    desk.harness.get_all_by_label("Find faces again").last().unwrap().click();
    desk.wait(
        "the new session",
        |desk| matches!(desk.stage(), Stage::Choosing(choosing) if choosing.faces.session.session_id == "s-new"),
    );
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    let Stage::Choosing(choosing) = desk.stage() else { unreachable!() };
    assert!(choosing.faces.chosen.is_some() && choosing.placement.is_some());
}

#[test]
fn closing_asks_first_while_a_task_would_be_lost() {
    let mut desk = Desk::placed();
    let close = |desk: &mut Desk| {
        let viewports = &mut desk.harness.input_mut().viewports;
        viewports.get_mut(&egui::ViewportId::ROOT).unwrap().events.push(egui::ViewportEvent::Close);
        desk.harness.step();
        let commands = desk.harness.output().viewport_output[&egui::ViewportId::ROOT].commands.clone();
        desk.harness.run_steps(3);
        commands
    };
    assert_eq!(close(&mut desk), [], "nothing is lost before a task is made");
    desk.name_task("hang:close");
    desk.harness.get_by_label("Advanced").click_accesskit();
    desk.harness.run_steps(4);
    desk.button("Submit").click_accesskit();
    desk.wait("a task", |desk| desk.is_enabled("Stop following"));
    assert!(close(&mut desk).contains(&egui::ViewportCommand::CancelClose));
    assert!(desk.has("Close the window?") && desk.has("The sandbox ends with this window"));
    // The draft may have a Cancel of its own.
    desk.harness.get_all_by_role_and_label(Role::Button, "Cancel").last().unwrap().click_accesskit();
    desk.harness.run_steps(3);
    assert!(!desk.has("Close the window?") && desk.is_enabled("Stop following"));
    close(&mut desk);
    desk.button("Close").click_accesskit();
    let mut commands = Vec::new();
    for _ in 0..3 {
        desk.harness.step();
        commands.extend(desk.harness.output().viewport_output[&egui::ViewportId::ROOT].commands.clone());
    }
    assert!(commands.contains(&egui::ViewportCommand::Close), "{commands:?}");
    assert!(!close(&mut desk).contains(&egui::ViewportCommand::CancelClose), "a person said so");
}
