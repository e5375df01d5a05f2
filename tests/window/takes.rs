//! Takes of one clip: listed, shown one after the other at the same moment, and two of them side by side.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::json;
use viseme::app::state::picture_view::PictureZoom;
use viseme::journal::{Begun, Described, IntentId, Journal, NewIntent, Owner};
use viseme::model::{ClipSource, Placement, SavedFile, Task, TaskStatus};
use viseme::playback::player::{Player, Shown, Source};

use crate::history::{now_ms, open_history, open_in, rows, service};
use crate::support::Desk;

fn player(desk: &Desk) -> &Player {
    &desk.harness.state().view().shell.player
}

/// A second of pictures with sound: what is seen of a take is its file, whatever is in it.
fn stream(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/streams").join(name)
}

/// Writes a task down that was made from this clip, and has this result.
fn take(journal: &Journal, clip: &Path, voice: &str, result: &Path, begun_ms: i64) -> IntentId {
    let owner = Owner::new("another");
    let clip = ClipSource::File(clip.to_owned());
    let new = NewIntent {
        service: service("kling", "https://h"),
        external_task_id: format!("viseme-{voice}"),
        session_id: "s-1".into(),
        face_ids: vec!["0".into()],
        placement: Placement {
            sound_start_time: 0,
            sound_end_time: 2_000,
            sound_insert_time: 500,
            sound_volume: None,
            original_audio_volume: None,
        },
        clip: Described { name: clip.name(), document: serde_json::to_value(&clip).unwrap() },
        voice: Described::named(voice),
        options: json!({}),
        spend: None,
    };
    let Begun::Intent(id) = journal.send_intent(&new, &owner, begun_ms).unwrap() else { panic!("refused") };
    let task_id = format!("id-{voice}");
    journal.accepted(id, &task_id, begun_ms + 1).unwrap();
    let status = TaskStatus::Succeed;
    let task = Task {
        task_id,
        status,
        status_raw: status.word().into(),
        status_msg: None,
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
    journal.task_seen(id, &owner, &task, begun_ms + 2).unwrap();
    let file = SavedFile { path: result.to_owned(), sha256: "0".into(), size_bytes: 1 };
    journal.saved(id, 0, &file, begun_ms + 3).unwrap();
    id
}

/// A window whose journal has two takes of a clip; and that clip.
fn two_takes(size: Vec2) -> (Desk, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let own = |name: &str, of: &str| {
        let path = folder.path().join(name);
        std::fs::copy(stream(of), &path).unwrap();
        path
    };
    let clip = own("interview.mp4", "bframes.mp4");
    let (first, second) = (own("first.mp4", "first.mp4"), own("second.mp4", "bframes.mp4"));
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    take(&journal, &clip, "hello.wav", &first, now_ms() - 60_000);
    take(&journal, &clip, "again.wav", &second, now_ms() - 30_000);
    drop(journal);
    (open_in(folder, size), clip)
}

fn row<'a>(desk: &'a Desk, starts: &str) -> Node<'a> {
    let is_it = |node: &Node<'_>| node.accesskit_node().label().is_some_and(|label| label.starts_with(starts));
    desk.harness.query_all_by_role(Role::ListBoxOption).find(is_it).unwrap_or_else(|| panic!("no row {starts}"))
}

fn both_show(desk: &Desk, at_ms: i64) -> bool {
    let player = player(desk);
    player.is_beside() && player.playhead_ms() == at_ms && player.sides().iter().all(|side| !player.is_late(*side))
}

#[test]
fn takes_are_shown_at_the_same_moment_and_two_of_them_side_by_side_of_which_one_is_heard() {
    let (mut desk, clip) = two_takes(Vec2::new(1280.0, 800.0));
    desk.ready();
    desk.drop_file(&clip);
    desk.wait("how many there are", |desk| desk.is_enabled("2 takes"));
    desk.button("2 takes").click();
    desk.wait("the list", |desk| rows(desk).len() == 2);
    assert!(rows(&desk)[0].starts_with("Take 2, again.wav, 0.50 – 2.50 s, 20"), "{:?}", rows(&desk));
    assert!(!desk.is_enabled("Put take 1 beside"), "nothing is shown to compare it with");

    row(&desk, "Take 2").click();
    desk.wait("its picture", |desk| desk.has("Picture of the result") && desk.has("Take 2 · again.wav"));
    if player(&desk).is_playing() {
        desk.button("Pause the picture").click();
    }
    let position = desk.harness.get_by_role_and_label(Role::Slider, "Position");
    position.set_value_accesskit(400.0);
    desk.wait("the moment", |desk| player(desk).playhead_ms() == 400 && !player(desk).is_late(Source::Result));
    assert!(!desk.is_enabled("Put take 2 beside"), "it is the one that is shown");
    desk.button("Put take 1 beside").click();
    desk.wait("both", |desk| both_show(desk, 400));
    assert!(desk.has("Picture of Take 1 at 0:00.400") && desk.has("Picture of Take 2 at 0:00.400, heard"));
    let names: Vec<String> = desk
        .harness
        .query_all_by_role(Role::RadioButton)
        .filter_map(|node| node.accesskit_node().label().filter(|label| label.starts_with("Show: ")))
        .collect();
    assert_eq!(names, ["Show: Clip", "Show: Draft", "Show: Take 1", "Show: Take 2"]);

    // The other is heard, from the same moment.
    desk.press(Key::X);
    desk.wait("the other", |desk| player(desk).shown() == Shown::Other && both_show(desk, 400));
    assert!(desk.has("Picture of Take 1 at 0:00.400, heard") && !desk.has("Picture of Take 2 at 0:00.400, heard"));
    desk.harness.get_by_label_contains("Picture of Take 2").click();
    desk.wait("it again", |desk| player(desk).shown() == Shown::Result && both_show(desk, 400));

    // What is beside it and is chosen changes places with it.
    row(&desk, "Take 1").click();
    desk.wait("places changed", |desk| desk.has("Picture of Take 1 at 0:00.400, heard") && both_show(desk, 400));
    assert!(desk.has("Picture of Take 2 at 0:00.400"));

    // Both play by one clock; a step leads both on.
    desk.button("One frame forward").click();
    desk.harness.run_steps(4);
    let next_ms = player(&desk).playhead_ms();
    assert!(next_ms > 400);
    desk.wait("the next frame of both", |desk| both_show(desk, next_ms));

    // Both are enlarged alike.
    let place = |desk: &Desk| desk.harness.state().view().shell.picture_view.zoom;
    assert_eq!(place(&desk), PictureZoom::Fit);
    let picture = desk.harness.get_by_label_contains("Picture of Take 1").rect();
    desk.harness.hover_at(picture.center());
    desk.harness.run_steps(2);
    desk.harness.event(egui::Event::Zoom(2.0));
    desk.harness.run_steps(3);
    assert!(matches!(place(&desk), PictureZoom::Free(..)) && player(&desk).is_beside());
    desk.press(Key::Num0);

    desk.button("Put the original beside").click();
    desk.wait("the clip", |desk| desk.has("Picture of the clip at") && both_show(desk, next_ms));
    assert!(!desk.has("Picture of Take 2 at") && !player(&desk).has_source(Shown::Other));
    desk.button("Take the original away again").click();
    desk.wait("one", |desk| !player(desk).is_beside() && desk.has("Picture of the result at"));
}

#[test]
fn a_take_is_compared_from_the_history_with_the_clip_it_was_made_from_although_the_desk_is_empty() {
    let (mut desk, _) = two_takes(Vec2::new(960.0, 640.0));
    desk.ready();
    open_history(&mut desk);
    desk.wait("the task", |desk| desk.is_enabled("Compare takes"));
    desk.button("Compare takes").click();
    desk.wait("its takes", |desk| rows(desk).len() == 2 && desk.has("Picture of the result"));
    assert!(!desk.has("Close the history"));
    desk.button("Put the original beside").click();
    desk.wait("both", |desk| desk.has("Picture of the original at") && player(desk).is_beside());
    // The list is one stop for the keyboard, and its arrows show one take after the other.
    desk.tab_until("Take 2, again");
    desk.press(Key::ArrowDown);
    desk.wait("the next one", |desk| desk.has("Picture of Take 1 at"));
    desk.wait("both", |desk| player(desk).is_beside() && player(desk).has_source(Shown::Other));
    desk.button("Close the takes").click();
    desk.harness.run_steps(3);
    assert!(rows(&desk).is_empty());
}

#[test]
fn what_is_saved_is_the_take_that_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (clip, first) = (folder.path().join("interview.mp4"), folder.path().join("first.mp4"));
    let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media");
    std::fs::copy(media.join("clips/duo_2500ms.mp4"), &clip).unwrap();
    std::fs::copy(stream("first.mp4"), &first).unwrap();
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    take(&journal, &clip, "hello.wav", &first, now_ms() - 60_000);
    drop(journal);
    let mut desk = open_in(folder, Vec2::new(1280.0, 800.0));
    desk.ready();
    let [_, voice] = desk.own_files();
    desk.drop_file(&clip);
    desk.drop_file(&voice);
    desk.wait("a clip that is read", |desk| desk.is_enabled("Find faces"));
    desk.button("Find faces").click();
    desk.wait("faces", |desk| desk.has_tile("Face 1"));
    desk.tile("Face 1,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    desk.button("Submit").click();
    desk.wait("the result", |desk| desk.saved().is_some() && desk.is_enabled("2 takes"));
    desk.button("2 takes").click();
    desk.wait("the list", |desk| rows(desk).len() == 2);
    row(&desk, "Take 1").click();
    desk.wait("which file that is", |desk| desk.has("Take 1 is in ") && desk.has("Take 1 · hello.wav"));
    desk.button("Save…").click();
    desk.wait("the question where to", |desk| desk.has("Save the result"));
    let before: Vec<PathBuf> = clips_beside(&first);
    desk.button("Save").click();
    desk.wait("the copy", |_| clips_beside(&first).len() > before.len());
    desk.wait("all of it", |desk| desk.harness.state().view().shell.saving.is_none());
    let new = clips_beside(&first).into_iter().find(|path| !before.contains(path)).unwrap();
    assert!(std::fs::read(new).unwrap() == std::fs::read(&first).unwrap(), "the take that was shown");
}

/// The clips in the folder of this one.
fn clips_beside(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|ext| ext == "mp4")).collect()
}

#[test]
fn takes_of_a_clip_are_found_however_its_path_was_written() {
    let (mut desk, clip) = two_takes(Vec2::new(1280.0, 800.0));
    desk.ready();
    let folder = clip.parent().unwrap();
    std::fs::create_dir(folder.join("beside")).unwrap();
    desk.drop_file(folder.join("beside/../interview.mp4"));
    desk.wait("how many there are", |desk| desk.is_enabled("2 takes"));
}
