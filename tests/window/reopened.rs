//! The window opens again where it was closed, through the accessibility tree.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tempfile::TempDir;
use viseme::app::{Options, Window};
use viseme::journal::{HistoryQuery, Journal, Owner, Service};
use viseme::media::probe_clip;
use viseme::model::{ClipSource, Dialect, Profile, TaskStatus, VoiceSource};
use viseme::workflow::Stage;

use crate::history::{now_ms, open_history, open_in, options_in, reopen, rows, service, write, write_by};
use crate::hostile::{self, Hostile};
use crate::money;
use crate::support::Desk;

fn journal(desk: &Desk) -> Journal {
    Journal::open(&desk.folder.path().join("journal.db")).unwrap().journal
}

/// Waits until the desk was written down once: from then on it is kept.
fn wait_until_kept(desk: &mut Desk) {
    let journal = journal(desk);
    desk.wait("the desk in the journal", |_| journal.desk("window").unwrap().is_some());
}

fn end_at(desk: &mut Desk, ms: &str) {
    desk.harness.get_by_role_and_label(Role::SpinButton, "End in milliseconds").focus();
    desk.harness.step();
    desk.harness.event(Event::Text(ms.into()));
    desk.harness.step();
    desk.press(Key::Enter);
}

/// A window whose task is at the sandbox, with an end of 4 s; the name says what the sandbox does with it.
fn submitted(name: &str) -> (Desk, String) {
    let mut desk = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    desk.ready();
    let [clip, voice] = desk.own_files();
    desk.drop_file(&clip);
    desk.drop_file(&voice);
    desk.wait("a clip that is read", |desk| desk.is_enabled("Find faces"));
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    end_at(&mut desk, "4000");
    desk.wait("a shorter voice", |desk| desk.placement().sound_end_time == 4_000 && desk.is_enabled("Submit"));
    desk.name_task(name);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("the task", |desk| desk.harness.state().view().flow.loses().is_some());
    let task_id = desk.harness.state().view().flow.loses().unwrap().to_owned();
    desk.wait("the task in the journal", |desk| {
        journal(desk).desk("window").unwrap().is_some_and(|left| left.document["desk"]["task_id"] == task_id.as_str())
    });
    (desk, task_id)
}

#[test]
fn it_opens_again_mid_task_and_the_task_of_the_sandbox_is_followed_to_its_result() {
    let (desk, task_id) = submitted("slow-2000:reopened");
    let lost = desk.harness.state().view().lost_by_leaving().unwrap();
    assert!(lost[0].contains("the next one begins it anew, and saves its result"), "{lost:?}");
    assert!(desk.saved().is_none());

    let mut desk = reopen(desk);
    desk.wait("the task", |desk| desk.harness.state().view().flow.loses() == Some(&task_id));
    let Stage::Submitted(submitted) = desk.stage() else { panic!("{:?}", desk.stage()) };
    let sent = submitted.submission.as_ref().expect("what was sent");
    assert_eq!(
        (sent.face_id.as_str(), sent.placement.sound_end_time),
        ("face_002", 4_000),
        "it is shown as it was sent"
    );
    desk.wait("the saved result", |desk| desk.saved().is_some());
    let done = desk.harness.state().done().unwrap();
    assert_eq!(done.task.task_id, task_id);
    let flow = desk.harness.state().view().flow.clone();
    let [clip, voice] = ["interview.mp4", "speaker.mp3"].map(|name| desk.folder.path().join(name));
    assert_eq!(
        (&flow.desk.clip, &flow.desk.voice),
        (&Some(ClipSource::File(clip)), &Some(VoiceSource::File(voice.clone())))
    );
    assert_eq!(flow.desk.wanted.end_ms, Some(4_000));
    assert_eq!(probe_clip(&desk.saved().unwrap()).unwrap().width_px, 1280);
    let all = journal(&desk).history(&HistoryQuery::default(), 9).unwrap().rows;
    assert_eq!(all.len(), 1, "no second task");
    open_history(&mut desk);
    desk.wait("its end", |desk| rows(desk)[0].starts_with("interview.mp4, speaker.mp3, Succeeded, Sandbox, "));
    desk.press(Key::Escape);

    // A file that is gone is said, and the rest is there.
    desk.wait("the end of it in the journal", |desk| {
        journal(desk).desk("window").unwrap().is_some_and(|left| left.document["desk"]["task_id"].is_null())
    });
    std::fs::remove_file(&voice).unwrap();
    let mut desk = reopen(desk);
    desk.wait("what is gone", |desk| desk.has("speaker.mp3 is no longer there"));
    assert!(desk.harness.state().view().flow.desk.clip.is_some());

    // Files that are given win.
    let given = desk.folder.path().join("given.mp4");
    std::fs::copy(desk.folder.path().join("interview.mp4"), &given).unwrap();
    let Desk { harness, folder } = desk;
    drop(harness);
    let options = Options { files: vec![given.clone()], ..options_in(folder.path()) };
    let harness = Harness::builder().build_eframe(|cc| Window::new(cc, options).expect("a window"));
    let mut desk = Desk { harness, folder };
    desk.wait("the clip", |desk| desk.harness.state().view().flow.desk.clip_probe.known().is_some());
    let flow = desk.harness.state().view().flow;
    assert_eq!((&flow.desk.clip, &flow.desk.voice), (&Some(ClipSource::File(given)), &None));
}

#[test]
fn the_faces_of_the_sandbox_come_back_and_take_a_task() {
    let mut desk = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    wait_until_kept(&mut desk);
    let session_id =
        |desk: &Desk| desk.harness.state().view().flow.faces().map(|faces| faces.session.session_id.clone());
    let was = session_id(&desk).unwrap();
    desk.wait("the faces in the journal", |desk| {
        journal(desk).desk("window").unwrap().is_some_and(|left| left.document["desk"]["face_id"] == "face_002")
    });

    let mut desk = reopen(desk);
    desk.wait("the faces", |desk| desk.has_tile("Face 2") && desk.is_enabled("Submit"));
    assert_eq!(session_id(&desk), Some(was), "they were not looked for again");
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("the saved result", |desk| desk.saved().is_some());
}

/// As a command leaves them: it fetches no pictures, and its sandbox had another port.
fn as_a_command_found_them(folder: &std::path::Path) {
    let db = rusqlite::Connection::open(folder.join("journal.db")).unwrap();
    assert!(db.execute("DELETE FROM previews", []).unwrap() > 0);
    let session: String = db.query_row("SELECT document FROM sessions", [], |row| row.get(0)).unwrap();
    let parts: Vec<&str> = session.split("http://127.0.0.1:").collect();
    assert!(parts.len() > 1, "{session}");
    let elsewhere: Vec<String> = parts[1..]
        .iter()
        .map(|part| format!("http://127.0.0.1:9{}", part.trim_start_matches(|c: char| c.is_ascii_digit())))
        .collect();
    db.execute("UPDATE sessions SET document = ?1", [format!("{}{}", parts[0], elsewhere.concat())]).unwrap();
}

fn has_pictures(desk: &Desk) -> bool {
    let previews = desk.harness.state().view().flow.faces().map(|faces| faces.previews.as_slice()).unwrap_or_default();
    !previews.is_empty() && previews.iter().all(|preview| matches!(preview, viseme::workflow::Preview::Ready(_)))
}

#[test]
fn the_pictures_of_faces_that_a_command_found_are_there_also_when_the_window_opens_again() {
    let mut desk = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.wait("their pictures", has_pictures);
    wait_until_kept(&mut desk);
    desk.wait("the faces in the journal", |desk| {
        journal(desk).desk("window").unwrap().is_some_and(|left| left.document["desk"]["session_id"].is_string())
    });
    let Desk { harness, folder } = desk;
    drop(harness);
    as_a_command_found_them(folder.path());
    let mut desk = open_in(folder, Vec2::new(1280.0, 800.0));
    desk.wait("the faces", |desk| desk.has_tile("Face 2"));
    desk.wait("their pictures", has_pictures);
    // What was fetched is kept, too.
    let kept = |desk: &Desk| {
        let db = rusqlite::Connection::open(desk.folder.path().join("journal.db")).unwrap();
        db.query_row("SELECT count(*) FROM previews", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    desk.wait("the pictures in the journal", |desk| kept(desk) == 2);
}

#[test]
fn what_is_typed_while_the_window_still_opens_is_not_replaced_by_what_was_left() {
    let mut desk = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    desk.ready();
    let [clip, _] = desk.own_files();
    desk.drop_file(&clip);
    desk.wait("a clip that is read", |desk| desk.is_enabled("Find faces"));
    let kept = journal(&desk);
    let is_left = || kept.desk("window").unwrap().is_some_and(|left| !left.document["desk"]["clip"].is_null());
    desk.wait("the clip in the journal", |_| is_left());
    // The sandbox, which the clip was left on, has not started yet: what was left waits for it.
    let mut desk = reopen(desk);
    desk.harness.get_by_label("Clip as: Address").click();
    desk.harness.run_steps(3);
    let typed = "https://example.com/b.mp4";
    let field = desk.harness.get_by_role_and_label(Role::TextInput, "Clip address");
    field.focus();
    field.set_text_value_accesskit(typed);
    desk.wait("the sandbox", |desk| {
        desk.is_enabled("Try the demo clip") || desk.harness.state().view().flow.desk.clip.is_some()
    });
    let field = desk.harness.get_by_role_and_label(Role::TextInput, "Clip address");
    assert_eq!(field.value().as_deref(), Some(typed));
}

#[test]
fn a_second_window_leaves_the_task_to_the_first() {
    let (mut first, task_id) = submitted("hang:first");
    let options = options_in(first.folder.path());
    let harness = Harness::builder()
        .with_size(Vec2::new(1280.0, 800.0))
        .build_eframe(|cc| Window::new(cc, options).expect("a window"));
    let mut second = Desk { harness, folder: tempfile::tempdir().unwrap() };
    second.wait("what it has not", |desk| desk.has(&format!("does not have task {task_id}")));
    let flow = second.harness.state().view().flow.clone();
    assert!(flow.desk.clip.is_some() && flow.loses().is_none());
    assert!(matches!(flow.stage, Stage::Idle(_)), "the faces are of the other sandbox");

    open_history(&mut second);
    second.wait("its row", |desk| rows(desk).len() == 1);
    assert!(rows(&second)[0].contains(", Running, Sandbox, "), "{:?}", rows(&second));
    second.wait("its detail", |desk| desk.has("What happened"));
    assert!(!second.is_enabled("Follow") && !second.is_enabled("Delete…"), "the first window has it");
    drop(second);
    first.harness.run_steps(3);
    assert_eq!(first.harness.state().view().flow.loses(), Some(task_id.as_str()), "it was left alone");
}

#[test]
fn a_window_that_opens_while_another_closes_goes_on_with_its_sandbox() {
    let mut first = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    first.ready();
    let options = options_in(first.folder.path());
    let harness = Harness::builder()
        .with_size(Vec2::new(1280.0, 800.0))
        .build_eframe(|cc| Window::new(cc, options).expect("a window"));
    let mut second = Desk { harness, folder: tempfile::tempdir().unwrap() };
    second.wait("its turn", |desk| desk.has("Waiting for the other viseme to close its sandbox"));
    let Desk { harness, folder } = first;
    drop(harness);
    second.wait("the sandbox", |desk| desk.has("Sandbox ready"));
    assert!(!second.has("Another viseme has the sandbox's faces and tasks"), "it has the state of the first");
    drop(second);
    drop(folder);
}

#[test]
fn a_task_whose_sandbox_is_gone_can_be_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let own = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    let embedded = Service { path_prefix: "/kling".into(), ..service("sandbox", "") };
    write(&own, "gone", &embedded, now_ms() - 3_600_000, None);
    drop(own);
    let mut desk = open_in(folder, Vec2::new(1280.0, 800.0));
    desk.ready();
    open_history(&mut desk);
    // It is asked for first: this sandbox might have it.
    desk.wait("that nobody has it", |desk| rows(desk)[0].starts_with("gone.mp4, voice.mp3, Stopped with its sandbox"));
    desk.wait("its detail", |desk| desk.is_enabled("Delete…"));
    desk.button("Delete…").click();
    desk.wait("the question", |desk| desk.has("Its changes, exchanges"));
    desk.button("Delete").click();
    desk.wait("that it is gone", |desk| rows(desk).is_empty() && desk.has("No task yet"));
}

fn profile(server: &Hostile) -> Profile {
    Profile { poll_interval_ms: 200, ..hostile::profile(&server.base(), Dialect::Kling) }
}

fn open_at(server: &Hostile, folder: TempDir, name: &str) -> Desk {
    let profiles = Profile::built_in().into_iter().chain([profile(server)]).collect();
    let options = Options { profiles, profile: name.into(), ..options_in(folder.path()) };
    let harness = Harness::builder()
        .with_size(Vec2::new(1280.0, 800.0))
        .build_eframe(|cc| Window::new(cc, options).expect("a window"));
    Desk { harness, folder }
}

fn reopen_at(server: &Hostile, desk: Desk) -> Desk {
    let Desk { harness, folder } = desk;
    drop(harness);
    open_at(server, folder, "sandbox")
}

#[test]
fn the_faces_of_a_living_session_come_back_and_nothing_is_sent() {
    let (_runtime, server) = money::service(&Arc::default());
    let mut desk = open_at(&server, tempfile::tempdir().unwrap(), "hostile");
    money::open_keys(&mut desk);
    money::enter_key(&mut desk, hostile::KEY);
    money::find_faces(&mut desk);
    wait_until_kept(&mut desk);
    let sent = server.count();

    let mut desk = reopen_at(&server, desk);
    desk.wait("the faces", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert!(matches!(desk.stage(), Stage::Choosing(choosing) if choosing.faces.session.session_id == "s1"));
    assert_eq!(desk.harness.state().view().profile().name, "hostile", "at its service");
    assert_eq!(desk.harness.state().view().shell.clip_entry.text(), "https://example.com/a.mp4");
    money::open_keys(&mut desk);
    money::enter_key(&mut desk, hostile::KEY);
    assert!(matches!(desk.stage(), Stage::Choosing(_)), "they stay when the key is there");
    assert_eq!(server.count(), sent, "nothing is paid once more");
}

#[test]
fn a_task_in_progress_needs_its_key_and_is_followed_again() {
    let (_runtime, server) = money::service(&Arc::new(AtomicBool::new(false)));
    let mut desk = open_at(&server, tempfile::tempdir().unwrap(), "hostile");
    money::submit(&mut desk);
    desk.wait("the task", |desk| desk.is_enabled("Stop following"));
    wait_until_kept(&mut desk);
    desk.wait("the task in the journal", |desk| {
        let left = journal(desk).desk("window").unwrap().unwrap().document;
        left["desk"]["task_id"] == "T1"
    });

    let mut desk = reopen_at(&server, desk);
    desk.wait("its key is missed", |desk| desk.has("Needs key"));
    assert_eq!(desk.harness.state().view().flow.loses(), Some("T1"));
    let sent = server.count();
    desk.harness.get_all_by_role_and_label(Role::Button, "Enter a key…").next().unwrap().click();
    desk.wait("the keys", |desk| desk.has("Key for "));
    money::enter_key(&mut desk, hostile::KEY);
    desk.wait("the task", |desk| desk.is_enabled("Stop following"));
    desk.wait("a poll", |_| server.count() > sent);
    let creates = server.requests().iter().filter(|request| request.line.starts_with("POST")).count();
    assert_eq!(creates, 2, "one for the faces, one for the task: nothing is paid once more");
}

#[test]
fn what_finished_while_no_window_was_open_is_said_once() {
    let mut desk = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    desk.ready();
    wait_until_kept(&mut desk);
    let Desk { harness, folder } = desk;
    drop(harness);
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    write(&journal, "night", &service("kling", "https://h"), now_ms() - 950, Some(TaskStatus::Succeed));
    // A command has said itself what came of its tasks.
    let command = Owner::of_command("batch");
    write_by(&command, &journal, "told", &service("kling", "https://h"), now_ms() - 950, Some(TaskStatus::Succeed));
    drop(journal);
    let mut desk = open_in(folder, Vec2::new(1280.0, 800.0));
    desk.wait("the note", |desk| desk.has("One task finished while no window was open"));
    assert!(desk.has("History · 1 finished"));
    desk.button("History · 1 finished").click();
    desk.wait("its row", |desk| rows(desk).iter().any(|row| row.starts_with("night.mp4, voice.mp3, Succeeded")));
    assert!(!desk.has("1 finished"), "it has been seen");
    desk.press(Key::Escape);
    wait_until_kept(&mut desk);
    let mut desk = reopen(desk);
    desk.ready();
    assert!(!desk.has("1 finished") && !desk.has("One task finished"));
}

#[test]
fn what_ended_while_the_window_was_open_is_no_news_to_the_next() {
    let (mut desk, task_id) = submitted("slow-2000:seen");
    desk.wait("the saved result", |desk| desk.saved().is_some());
    let journal = journal(&desk);
    let finished_ms = journal.find(&task_id).unwrap()[0].finished_ms.unwrap();
    desk.wait("the window notes that it was seen", |_| {
        journal.desk("window").unwrap().unwrap().document["seen_ms"].as_i64() >= Some(finished_ms)
    });
    drop(journal);
    let mut desk = reopen(desk);
    desk.wait("the desk as it was left", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert!(!desk.has("finished while no window was open"));
}
