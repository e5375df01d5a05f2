//! The whole job with keys alone: from an empty window to a copy of the result in a place of one's choice. And at every stage,
//! Tab comes to everything that can be worked, and round again.

use std::collections::BTreeSet;

use egui::accesskit::{Action, Role};
use egui::{Key, Modifiers};
use egui_kittest::kittest::NodeT as _;
use viseme::media::probe_clip;

use crate::support::{Desk, ROUND};

#[test]
fn from_an_empty_window_to_a_copy_of_the_result() {
    let mut desk = Desk::open();
    desk.ready();
    let [clip, voice] = desk.own_files();

    desk.tab_until("Clip file");
    desk.type_over(clip.to_str().unwrap());
    desk.press(Key::Enter);
    desk.wait("the clip's facts", |desk| desk.has("MP4 · 1280×720"));
    desk.tab_until("Voice file");
    desk.type_over(voice.to_str().unwrap());
    desk.press(Key::Enter);
    desk.wait("the voice's facts", |desk| desk.has("MP3 · 8.25"));
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    assert!(!desk.is_enabled("Submit"), "nothing is chosen silently where there are several");
    desk.tab_until("Face 2,");
    desk.press(Key::Space);
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));

    // Both ends, a frame of 40 ms each: the sound stays where it was in the clip.
    let before = desk.placement();
    desk.tab_until("Start of the voice");
    desk.press(Key::ArrowRight);
    desk.tab_until("End of the voice");
    desk.press(Key::ArrowLeft);
    let trimmed = desk.placement();
    assert_eq!(trimmed.sound_start_time, before.sound_start_time + 40);
    assert_eq!(trimmed.sound_insert_time, before.sound_insert_time + 40);
    assert_eq!(trimmed.sound_end_time, before.sound_end_time - 40);

    // To the millisecond, in numbers.
    desk.tab_until("Insert at");
    desk.type_over("703");
    desk.press(Key::Enter);
    desk.wait("the number", |desk| desk.placement().sound_insert_time == 703);

    desk.tab_until("Voice volume");
    desk.press(Key::ArrowRight);
    desk.wait("a louder voice", |desk| {
        desk.harness.state().view().flow.desk.sound_volume.is_some_and(|volume| volume > 1.0)
    });

    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.check_result();

    let copy = desk.folder.path().join("kept").join("mine.mp4");
    std::fs::create_dir(copy.parent().unwrap()).unwrap();
    desk.chord(Modifiers::COMMAND, Key::S);
    desk.wait("the question where to", |desk| desk.has("Save the result"));
    desk.tab_until("Save to");
    desk.type_over(copy.to_str().unwrap());
    desk.press(Key::Enter);
    desk.wait("the copy", |_| copy.is_file() && probe_clip(&copy).is_ok());

    let pointer = desk.harness.ctx.input(|input| input.pointer.latest_pos());
    assert_eq!(pointer, None, "no pointer took part");
}

/// What can be worked at the moment: everything that takes the focus and is enabled.
fn workable(desk: &Desk) -> BTreeSet<String> {
    desk.harness
        .root()
        .children_recursive()
        .map(|node| node.accesskit_node())
        .filter(|node| node.data().supports_action(Action::Focus) && !node.is_disabled() && !node.is_hidden())
        .filter(|node| !matches!(node.role(), Role::Window | Role::ScrollBar))
        .map(|node| format!("{:?} {}", node.role(), node.label().unwrap_or_default()))
        .collect()
}

/// Where Tab comes to, from wherever it is, until it has been everywhere twice.
fn visited(desk: &mut Desk) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for _ in 0..ROUND {
        desk.press(Key::Tab);
        seen.extend(desk.focused().map(|node| {
            let node = node.accesskit_node();
            format!("{:?} {}", node.role(), node.label().unwrap_or_default())
        }));
    }
    seen
}

fn check_round(desk: &mut Desk, stage: &str) {
    let (seen, workable) = (visited(desk), workable(desk));
    let missed: Vec<&String> = workable.difference(&seen).collect();
    assert!(missed.is_empty(), "{stage}: Tab never comes to {missed:?}");
}

#[test]
fn tab_comes_to_everything_that_can_be_worked_at_every_stage() {
    let mut desk = Desk::open();
    desk.ready();
    check_round(&mut desk, "the empty window");
    desk.tab_until("Try the demo clip");
    desk.press(Key::Enter);
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    // What is found on this machine comes a little later.
    desk.wait("the faces on the picture", |desk| desk.has("Face 1 on the picture"));
    check_round(&mut desk, "choosing");
    desk.press(Key::Num2);
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    desk.wait("the draft", |desk| desk.has("Adjust mouth"));
    check_round(&mut desk, "the placed voice");
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.check_result();
    desk.wait("the end of the result", |desk| !desk.harness.state().view().shell.player.is_playing());
    check_round(&mut desk, "the result");
}

/// Presses keys several times within one frame, as it happens while a frame takes long.
fn mash(desk: &mut Desk, modifiers: Modifiers, key: Key, times: usize) {
    for pressed in [true, false].repeat(times) {
        let event = egui::Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
        desk.harness.input_mut().events.push(event);
    }
    desk.harness.run_steps(4);
}

#[test]
fn of_quick_presses_none_is_lost() {
    let mut desk = Desk::placed();
    let volumes = |desk: &Desk| {
        let flow = desk.harness.state().view().flow;
        (flow.desk.sound_volume, flow.desk.original_audio_volume)
    };
    let before = (volumes(&desk), desk.placement());
    desk.tab_until("Voice volume");
    desk.press(Key::ArrowRight);
    desk.tab_until("Original volume");
    desk.press(Key::ArrowLeft);
    desk.tab_until("Insert at");
    desk.type_over("700");
    desk.press(Key::Enter);
    desk.wait("the number", |desk| desk.placement().sound_insert_time == 700);
    let after = (volumes(&desk), desk.placement());
    assert_eq!(after.0, (Some(1.05), Some(0.95)));
    desk.press(Key::Escape);
    desk.wait("rest: a volume between two steps of its slider is none that changes", |desk| {
        let delay = desk.harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
        delay > std::time::Duration::from_secs(1)
    });

    mash(&mut desk, Modifiers::COMMAND, Key::Z, 3);
    desk.wait("all as it was", |desk| (volumes(desk), desk.placement()) == before);
    mash(&mut desk, Modifiers::COMMAND | Modifiers::SHIFT, Key::Z, 3);
    desk.wait("all of it again", |desk| (volumes(desk), desk.placement()) == after);
}

#[test]
fn the_next_step_says_why_it_cannot_be_taken() {
    let mut desk = Desk::open();
    desk.ready();
    let why = desk.harness.state().view();
    let why = viseme::app::action::Action::NextStep.obstacle(&why).expect("there is no clip");
    assert!(!desk.has(&why));
    desk.chord(Modifiers::COMMAND, Key::Enter);
    assert!(desk.has(&why), "{why}");
    desk.button("Dismiss").click();
    desk.harness.run_steps(3);
    assert!(!desk.has(&why), "{why}");
}

#[test]
fn another_clip_is_another_job_for_undo() {
    let mut desk = Desk::open();
    desk.ready();
    let [clip, voice] = desk.own_files();
    for (field, path) in [("Voice file", &voice), ("Clip file", &clip)] {
        desk.tab_until(field);
        desk.type_over(path.to_str().unwrap());
        desk.press(Key::Enter);
    }
    desk.wait("the clip's facts", |desk| desk.has("MP4 · 1280×720"));
    let can_undo = |desk: &Desk| desk.harness.state().view().shell.history.to_undo().is_some();
    assert!(can_undo(&desk), "the voice was chosen for this clip");
    desk.tab_until("Clip file");
    desk.type_over(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4"));
    desk.press(Key::Enter);
    desk.wait("the other clip", |desk| !can_undo(desk));
}
