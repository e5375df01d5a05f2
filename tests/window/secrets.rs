//! A canary for the key in the window: what a service repeats of it is neither shown, nor read out, nor copied, nor written down.

use std::path::{Path, PathBuf};

use crate::canary::{assert_clean, forms, traces};
use crate::history::{open_history, rows};
use crate::hostile::{Act, Hostile, KEY, answer_with, json_answer};
use crate::money;
use crate::slow_service::{desk_at, next_step, paste};
use crate::support::Desk;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, OutputCommand};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::json;
use tokio::runtime::Runtime;

/// The address of the clip, as a person enters it.
const ENTERED: &str = "https://example.com/a.mp4?sig=00112233aabb&said=";

/// Everything in the accessibility tree. What a person has entered stands where they entered it.
fn all_of(desk: &Desk) -> String {
    let mut texts = Vec::new();
    for node in desk.harness.root().children_recursive() {
        let is_entered = |node: &Node<'_>| {
            let node = node.accesskit_node();
            let has_the_clip = || node.value().is_some_and(|value| value.starts_with(ENTERED));
            // Of the key's own field dots are read out.
            node.role() == Role::PasswordInput || node.role() == Role::TextInput && has_the_clip()
        };
        if is_entered(&node) || node.parent().is_some_and(|parent| is_entered(&parent)) {
            continue;
        }
        texts.extend([
            node.accesskit_node().label(),
            node.accesskit_node().value(),
            node.accesskit_node().description(),
        ]);
    }
    texts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// What was copied in the last frame; something was.
fn copied(desk: &Desk) -> String {
    let commands = desk.harness.output().platform_output.commands.iter();
    let texts = commands.filter_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.as_str()),
        _ => None,
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    assert!(!text.is_empty(), "nothing was copied");
    text
}

#[test]
fn no_secret_is_in_the_window_or_its_inspector() {
    let runtime = Runtime::new().unwrap();
    for refused in [false, true] {
        let server = runtime.block_on(Hostile::start(move |_, request| {
            let said = forms(&[KEY], request.header("authorization").unwrap_or_default()).join(" ");
            let data = json!({"session_id": said, "odd": said, "face_data": [
                {"face_id": said, "start_time": 0, "end_time": 9000, "odd": {"deep": said}}]});
            let code = if refused { 1201 } else { 0 };
            let body = json!({"code": code, "message": said, "request_id": said, "data": data}).to_string();
            let head = if refused { "400 Bad Request" } else { "200 OK" };
            Act::Send(answer_with(head, &format!("X-Echo: {said}\r\n"), body))
        }));
        let mut desk = desk_at(&server);
        paste(&mut desk, &format!("{ENTERED}{KEY}"));
        next_step(&mut desk);
        if refused {
            desk.wait("the refusal", |desk| desk.has("•••"));
        } else {
            desk.wait("a face", |desk| desk.has_tile("Face 1"));
            desk.tile("Face 1").hover();
            desk.harness.run_steps(30);
        }
        let traces = traces(&[KEY], server.requests()[0].header("authorization").unwrap());
        assert_clean("the window", all_of(&desk).as_bytes(), &traces);
        desk.harness.key_press(Key::F12);
        desk.harness.run_steps(4);
        for tab in ["Answer", "Request", "Headers", "Timing", "cURL"] {
            if let Some(tab) = desk.harness.query_by_role_and_label(Role::Tab, tab) {
                tab.click();
            }
            desk.harness.run_steps(4);
            let texts = all_of(&desk);
            assert_clean(&format!("the inspector's {tab}"), texts.as_bytes(), &traces);
            assert!(!texts.contains("00112233aabb"), "a signature is shown: {texts}");
            desk.button("Copy").click();
            desk.harness.step();
            assert_clean("the clipboard", copied(&desk).as_bytes(), &traces);
        }
    }
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}

#[test]
fn no_secret_is_in_the_history_its_export_or_the_journal() {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(Hostile::start(|_, request| {
        let said = forms(&[KEY], request.header("authorization").unwrap_or_default()).join(" ");
        let data = if request.line.contains("identify-face") {
            json!({"session_id": said, "face_data": [{"face_id": said, "start_time": 0, "end_time": 9000}]})
        } else {
            let status = if request.line.starts_with("POST") { "submitted" } else { "failed" };
            let video = json!({"id": said, "url": "https://example.com/v.mp4?sig=00112233aabb", "duration": "9"});
            json!({"task_id": said, "task_status": status, "task_status_msg": said, "final_unit_deduction": said,
                "task_info": {"external_task_id": said}, "task_result": {"videos": [video]}})
        };
        json_answer("200 OK", &json!({"code": 0, "message": said, "request_id": said, "data": data}))
    }));
    let mut desk = money::desk_at(&server);
    money::submit(&mut desk);
    desk.wait("the end of the task", |desk| matches!(desk.stage(), viseme::workflow::Stage::Done(_)));
    let traces = traces(&[KEY], server.requests()[0].header("authorization").unwrap());
    assert_clean("the window", all_of(&desk).as_bytes(), &traces);
    assert!(!all_of(&desk).contains("00112233aabb"), "a signature is shown");
    desk.chord(Modifiers::COMMAND, Key::K);
    desk.harness.event(Event::Text("copy the address".into()));
    desk.harness.run_steps(3);
    desk.harness.key_down(Key::Enter);
    desk.harness.step();
    assert_eq!(copied(&desk), "https://example.com/v.mp4?sig=00112233aabb", "copied as an address, it is whole");
    desk.harness.key_up(Key::Enter);
    desk.harness.run_steps(4);
    open_history(&mut desk);
    desk.wait("the failed task", |desk| {
        rows(desk).iter().any(|row| row.contains("Failed")) && desk.has("What happened")
    });
    assert_clean("the history", all_of(&desk).as_bytes(), &traces);
    assert!(all_of(&desk).contains("•••"), "something was said of it");
    for id in ["task", "session", "face"] {
        desk.button(&format!("Copy the {id} id")).click();
        desk.harness.step();
        assert_clean("the clipboard", copied(&desk).as_bytes(), &traces);
    }
    desk.button("Export…").click();
    desk.wait("the dialog", |desk| desk.has("Save the task as"));
    assert_clean("the dialog", all_of(&desk).as_bytes(), &traces);
    let to = desk.folder.path().join("task.json");
    let field = desk.harness.get_by_role_and_label(Role::TextInput, "Save to");
    field.focus();
    field.set_text_value_accesskit(to.to_str().unwrap());
    desk.harness.run_steps(2);
    desk.button("Save").click();
    desk.wait("the file", |_| to.exists());
    let exported = std::fs::read_to_string(&to).unwrap();
    assert!(exported.contains("v.mp4?•••") && !exported.contains("00112233aabb"), "{exported}");
    // The end of a window writes its desk.
    let Desk { harness, folder } = desk;
    drop(harness);
    for file in files_under(folder.path()) {
        // The last connection to the journal takes its side files with it.
        match std::fs::read(&file) {
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => {}
            bytes => assert_clean(&file.display().to_string(), &bytes.unwrap(), &traces),
        }
    }
    assert!(folder.path().join("journal.db").is_file());
}
