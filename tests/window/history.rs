//! The history through the accessibility tree: from a job to its row, searched, filtered, exported, run again, deleted.

use std::path::Path;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use tempfile::TempDir;
use viseme::app::{Options, Window};
use viseme::journal::{Described, Followed, IntentId, Journal, Owner, Service};
use viseme::model::{ClipSource, Dialect, Task, TaskStatus, VoiceSource};
use viseme::workflow::Stage;

use crate::support::{Desk, PATIENCE};

/// A window whose journal is in this folder.
pub fn open_in(folder: TempDir, size: Vec2) -> Desk {
    let options = options_in(folder.path());
    let harness = Harness::builder().with_size(size).build_eframe(|cc| Window::new(cc, options).expect("a window"));
    Desk { harness, folder }
}

pub fn options_in(folder: &Path) -> Options {
    Options {
        theme: None,
        downloads: Some(folder.join("results")),
        demo_folder: Some(folder.join("demo")),
        journal: Some(folder.join("journal.db")),
        desktop: viseme::app::platform::desktop::Choice::Off,
        sound: viseme::playback::sound::Choice::Off,
        ..Options::default()
    }
}

pub fn reopen(desk: Desk) -> Desk {
    let Desk { harness, folder } = desk;
    drop(harness);
    open_in(folder, Vec2::new(1280.0, 800.0))
}

/// The rows in view, from top to bottom.
pub fn rows(desk: &Desk) -> Vec<String> {
    desk.harness.query_all_by_role(Role::ListBoxOption).filter_map(|node| node.accesskit_node().label()).collect()
}

/// Opens the history by its key, and waits until it is read.
pub fn open_history(desk: &mut Desk) {
    desk.chord(Modifiers::COMMAND, Key::H);
    desk.wait("the history", |desk| !rows(desk).is_empty() || desk.has("No task yet"));
}

fn choose(desk: &mut Desk, filter: &str, option: &str) {
    let is_it = |node: &egui_kittest::Node<'_>| node.accesskit_node().label().is_some_and(|it| it.starts_with(filter));
    desk.harness.query_all_by_role(Role::ComboBox).find(is_it).expect("a filter").click();
    desk.harness.run_steps(4);
    desk.harness.get_by_role_and_label(Role::RadioButton, option).click();
    desk.harness.run_steps(4);
}

fn search(desk: &mut Desk, words: &str) {
    let field = desk.harness.get_by_role_and_label(Role::TextInput, "Search the history");
    field.focus();
    field.set_text_value_accesskit(words);
    desk.harness.run_steps(4);
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

pub fn now_ms() -> i64 {
    viseme::engine::Clock::system().now_ms()
}

pub fn service(profile: &str, host: &str) -> Service {
    Service { profile: profile.into(), base_url: host.into(), path_prefix: String::new(), dialect: Dialect::Kling }
}

/// Writes a task down as another process would; `status`: how it ended, where it has.
pub fn write(journal: &Journal, name: &str, service: &Service, begun_ms: i64, status: Option<TaskStatus>) -> IntentId {
    write_by(&Owner::new("another"), journal, name, service, begun_ms, status)
}

/// The same as this owner would.
pub fn write_by(
    owner: &Owner,
    journal: &Journal,
    name: &str,
    service: &Service,
    begun_ms: i64,
    status: Option<TaskStatus>,
) -> IntentId {
    let followed = Followed {
        service: service.clone(),
        task_id: format!("id-{name}"),
        external_task_id: Some(format!("viseme-{name}")),
        clip: Described::named(format!("{name}.mp4")),
        voice: Described::named("voice.mp3"),
    };
    let id = journal.follow(&followed, owner, begun_ms).unwrap();
    if let Some(status) = status {
        let task = Task {
            task_id: format!("id-{name}"),
            status,
            status_raw: status.word().into(),
            status_msg: (status == TaskStatus::Failed).then(|| "the face is too small".into()),
            progress: None,
            videos: Vec::new(),
            external_task_id: None,
            parent_video: None,
            created_at_ms: None,
            updated_at_ms: None,
            cost: None,
            error: None,
            extra: serde_json::Map::new(),
        };
        journal.task_seen(id, owner, &task, begun_ms + 1_000).unwrap();
    }
    id
}

#[test]
fn a_job_becomes_a_row_that_is_opened_exported_run_again_and_deleted() {
    let mut desk = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    desk.ready();
    open_history(&mut desk);
    assert!(desk.has("No task yet"), "an empty history says what will be there");
    desk.press(Key::Escape);
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    let placed = desk.placement();
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.wait("the task", |desk| matches!(desk.stage(), Stage::Submitted(_)));

    // Its row changes while the history is open.
    desk.button("History").click();
    desk.wait("its row", |desk| rows(desk).iter().any(|row| row.starts_with("duo.mp4, voice.mp3, ")));
    desk.wait("its end", |desk| rows(desk)[0].starts_with("duo.mp4, voice.mp3, Succeeded, Sandbox, 20"));
    desk.wait("the saved result", |desk| desk.is_enabled("Open result") && desk.has("What happened"));
    assert!(desk.has("Placement") && desk.has("heard from") && desk.is_enabled("Copy the task id"));
    assert!(!desk.is_enabled("Follow"), "it has ended");

    desk.button("Export…").click();
    desk.wait("the dialog", |desk| desk.has("Save the task as"));
    let to = desk.folder.path().join("task.json");
    let field = desk.harness.get_by_role_and_label(Role::TextInput, "Save to");
    field.focus();
    field.set_text_value_accesskit(to.to_str().unwrap());
    desk.harness.run_steps(2);
    desk.button("Save").click();
    desk.wait("the file", |_| to.exists());
    let exported: serde_json::Value = serde_json::from_slice(&std::fs::read(&to).unwrap()).unwrap();
    assert_eq!((&exported["state"], &exported["clip"]), (&"succeeded".into(), &"duo.mp4".into()), "{exported}");
    assert!(exported["results"][0]["sha256"].is_string() && exported["problem"].is_null(), "{exported}");

    desk.button("Run again").click();
    desk.wait("the placement", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert_eq!(desk.placement(), placed, "clip, face, voice and placement are on the desk");
    assert!(!desk.has("Close the history"), "and the history is closed");

    open_history(&mut desk);
    assert_eq!(rows(&desk).len(), 1, "nothing was sent");
    desk.wait("the task", |desk| desk.is_enabled("Delete…"));
    desk.button("Delete…").click();
    desk.wait("a question", |desk| desk.has("Delete the task from the history?"));
    desk.button("Cancel").click();
    desk.harness.run_steps(4);
    assert_eq!(rows(&desk).len(), 1, "Cancel changes nothing");
    desk.button("Delete…").click();
    desk.wait("a question", |desk| desk.has("Delete the task from the history?"));
    desk.button("Delete").click();
    desk.wait("an empty history", |desk| desk.has("No task yet"));
    desk.press(Key::Escape);
    assert!(!desk.has("No task yet"));
    assert!(desk.folder.path().join("results").read_dir().unwrap().next().is_some(), "the saved result stays");
}

#[test]
fn a_saved_result_of_another_run_is_shown_in_the_player() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    let id = write(&journal, "old", &service("kling", "https://h"), now_ms(), Some(TaskStatus::Succeed));
    let path = folder.path().join("old lip-sync.mp4");
    std::fs::copy(format!("{}/assets/demo/duo.mp4", env!("CARGO_MANIFEST_DIR")), &path).unwrap();
    let file = viseme::model::SavedFile { path: path.clone(), sha256: "0".into(), size_bytes: 1 };
    journal.saved(id, 0, &file, now_ms()).unwrap();
    let mut desk = open_in(folder, Vec2::new(1280.0, 800.0));
    open_history(&mut desk);
    desk.wait("the task", |desk| desk.is_enabled("Open result"));
    desk.button("Open result").click();
    desk.wait("a picture of the result", |desk| desk.has("Picture of the result"));
    std::fs::remove_file(&path).unwrap();
    open_history(&mut desk);
    desk.wait("the task", |desk| desk.has("The file is no longer there"));
    assert!(!desk.is_enabled("Open result") && !desk.is_enabled("Show in folder"));
}

#[test]
fn rows_are_searched_filtered_and_read_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    let (kling, own) = (service("kling", "https://a.example"), service("studio", "https://b.example"));
    let now_ms = now_ms();
    for number in 0..240 {
        write(&journal, &format!("clip-{number:03}"), &own, now_ms - 40 * DAY_MS + number, Some(TaskStatus::Succeed));
    }
    write(&journal, "broken", &kling, now_ms - 3, Some(TaskStatus::Failed));
    write(&journal, "open", &kling, now_ms - 2, None);
    drop(journal);
    let mut desk = open_in(folder, Vec2::new(960.0, 640.0));
    open_history(&mut desk);
    assert!(rows(&desk)[0].starts_with("open.mp4, voice.mp3, Running, Kling, "), "the newest first: {:?}", rows(&desk));
    assert!(rows(&desk)[1].starts_with("broken.mp4, voice.mp3, Failed, The face is too small, Kling, "));
    assert!(rows(&desk).len() < 20, "only what is in view is drawn");

    // Down to the last by keys alone, page after page.
    let is_at_the_end = |desk: &Desk| rows(desk).iter().any(|row| row.starts_with("clip-000.mp4"));
    let began = std::time::Instant::now();
    while !is_at_the_end(&desk) {
        assert!(began.elapsed() < PATIENCE, "the oldest is not reached: {:?}", rows(&desk));
        desk.press(Key::End);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }

    search(&mut desk, "BROKEN small");
    desk.wait("what is searched", |desk| rows(desk).len() == 1 && rows(desk)[0].starts_with("broken.mp4"));
    search(&mut desk, "nowhere");
    desk.wait("nothing", |desk| desk.has("Nothing matches"));
    desk.button("Show all tasks").click();
    desk.wait("everything", |desk| rows(desk).len() > 5);

    choose(&mut desk, "State: ", "Unfinished");
    desk.wait("the unfinished", |desk| rows(desk).len() == 1 && rows(desk)[0].starts_with("open.mp4"));
    choose(&mut desk, "State: ", "Any state");
    choose(&mut desk, "Service: ", "Kling");
    desk.wait("those of Kling", |desk| rows(desk).len() == 2);
    choose(&mut desk, "Service: ", "Any service");
    choose(&mut desk, "Day: ", "Last 7 days");
    desk.wait("those of the week", |desk| rows(desk).len() == 2);
    choose(&mut desk, "Day: ", "Any day");
    desk.wait("everything", |desk| rows(desk).len() > 5);

    // Of the one that another process follows, everything is refused with its reason.
    desk.wait("a task", |desk| desk.is_enabled("Export…"));
    assert!(!desk.is_enabled("Open result") && !desk.is_enabled("Run again"));
}

#[test]
fn a_window_without_a_journal_says_so() {
    let mut desk = Desk::open();
    desk.ready();
    desk.chord(Modifiers::COMMAND, Key::H);
    desk.wait("the reason", |desk| desk.has("opened without a journal"));
}

#[test]
fn a_known_clip_and_voice_come_back_from_a_task_of_another_run() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    let clip = ClipSource::Url("https://example.com/a.mp4".into());
    let voice = VoiceSource::Url("https://example.com/a.mp3".into());
    let described = |name: &str, document: serde_json::Value| Described { name: name.into(), document };
    let followed = Followed {
        service: service("kling", "https://api-singapore.klingai.com"),
        task_id: "T9".into(),
        external_task_id: None,
        clip: described("a.mp4", serde_json::to_value(&clip).unwrap()),
        voice: described("a.mp3", serde_json::to_value(&voice).unwrap()),
    };
    journal.follow(&followed, &Owner::new("another"), now_ms() - DAY_MS).unwrap();
    drop(journal);
    let mut desk = open_in(folder, Vec2::new(1280.0, 800.0));
    open_history(&mut desk);
    desk.wait("the task", |desk| desk.is_enabled("Run again") && desk.is_enabled("Follow"));
    desk.button("Run again").click();
    desk.harness.run_steps(4);
    let flow_desk = desk.harness.state().view().flow.desk.clone();
    assert_eq!((flow_desk.clip, flow_desk.voice), (Some(clip), Some(voice)));
    assert_eq!(desk.harness.state().view().profile().name, "kling", "at its service");

    open_history(&mut desk);
    desk.wait("the task", |desk| desk.is_enabled("Follow"));
    desk.button("Follow").click();
    desk.wait("its key is missed", |desk| desk.has("Needs key"));
    assert_eq!(desk.harness.state().view().flow.loses(), Some("T9"));
    assert!(desk.harness.get_all_by_role_and_label(Role::Button, "Enter a key…").next().is_some());
}
