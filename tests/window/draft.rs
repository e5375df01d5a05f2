//! The draft in the window: made by itself, made anew, stopped, and never of something else than what is at hand.

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::app::state::draft::Status;
use viseme::media::{ClipReader, Frame};
use viseme::model::{ClipSource, Placement};

use crate::support::Desk;

fn has_draft(desk: &Desk) -> bool {
    desk.harness.state().view().shell.draft.is_current()
}

fn may_show_draft(desk: &Desk) -> bool {
    let segment = desk.harness.get_by_role_and_label(Role::RadioButton, "Show: Draft");
    !segment.accesskit_node().is_disabled()
}

fn placement(desk: &Desk) -> Placement {
    desk.harness.state().view().choosing().unwrap().placement.unwrap()
}

/// Every fifth picture of the demo clip, and the same with what the draft paints.
fn pictures(desk: &Desk) -> Vec<(Frame, Frame)> {
    let paint = desk.harness.state().view().shell.draft.paint().expect("a draft");
    let Some(ClipSource::File(path)) = &desk.harness.state().view().flow.desk.clip else { panic!("a file") };
    let mut reader = ClipReader::open(path).unwrap();
    let clip = std::iter::from_fn(|| reader.next_frame().unwrap()).step_by(5);
    clip.map(|before| {
        let mut after = before.clone();
        paint.paint(&mut after);
        (before, after)
    })
    .collect()
}

/// How many samples differ in the left and in the right half of the pictures: Face 1 is on the left, Face 2 on the right.
fn changed(pictures: &[(Frame, Frame)]) -> (usize, usize) {
    let (mut left, mut right) = (0, 0);
    for (before, after) in pictures {
        let width = before.width_px() as usize;
        for (at, (was, is)) in before.y().iter().zip(after.y()).enumerate() {
            let side = if at % width < width / 2 { &mut left } else { &mut right };
            *side += usize::from(was.abs_diff(*is) > 8);
        }
    }
    (left, right)
}

#[test]
fn the_draft_is_there_by_itself_and_says_what_it_is() {
    let mut desk = Desk::placed();
    desk.wait("the draft", |desk| has_draft(desk) && may_show_draft(desk));
    assert!(!desk.has("Draft, made on this machine"), "the clip is shown");
    desk.harness.get_by_label("Show: Draft").click();
    desk.wait("the draft's picture", |desk| desk.has("Picture of the draft"));
    assert!(desk.has("Draft, made on this machine"));
    let segment = desk.harness.get_by_label("Show: Draft");
    assert_eq!(segment.accesskit_node().toggled(), Some(Toggled::True));
    let (left, right) = changed(&pictures(&desk));
    assert!(left == 0 && right > 5_000, "Face 2 speaks: {left} and {right} samples differ");
    // Submitting leaves it: it can be compared with the result.
    desk.button("Submit").click();
    desk.check_result();
    assert!(has_draft(&desk) && may_show_draft(&desk));
}

#[test]
fn a_moved_voice_makes_a_new_draft_and_the_one_before_stays_until_it_is_there() {
    let mut desk = Desk::placed();
    desk.wait("the draft", has_draft);
    desk.harness.get_by_label("Show: Draft").click();
    desk.wait("the draft's picture", |desk| desk.has("Picture of the draft"));
    let before = pictures(&desk);
    let insert_ms = placement(&desk).sound_insert_time;
    desk.tab_to("Voice on the timeline");
    desk.harness.step();
    desk.harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    for _ in 0..6 {
        desk.harness.step();
        let draft = &desk.harness.state().view().shell.draft;
        assert!(draft.paint().is_some(), "a draft is shown all the time");
        let words = if draft.is_current() { "Draft, made on this machine" } else { "Draft from before" };
        assert!(desk.has(words), "and says of what it is");
    }
    desk.wait("the new draft", has_draft);
    assert_eq!(placement(&desk).sound_insert_time, insert_ms + 400);
    assert!(desk.has("Draft, made on this machine") && desk.has("Picture of the draft"));
    let after = pictures(&desk);
    assert!(before.iter().zip(&after).any(|(before, after)| before.1 != after.1), "the mouth moves at other times");
}

#[test]
fn the_face_that_was_chosen_last_speaks_however_long_the_one_before_took() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    // The first draft waits for the faces of the clip; the second overtakes it.
    desk.tile("Face 1,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    desk.tile("Face 2,").click();
    desk.wait("the draft", has_draft);
    for _ in 0..60 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        desk.harness.step();
        let (left, right) = (desk.tile("Face 2,").accesskit_node().toggled(), has_draft(&desk));
        assert_eq!((left, right), (Some(Toggled::True), true), "nothing comes after it");
    }
    let (left, right) = changed(&pictures(&desk));
    assert!(left == 0 && right > 5_000, "Face 2 speaks, not Face 1: {left} and {right} samples differ");
    // And back, and forth at once: the last word counts.
    for _ in 0..3 {
        desk.tile("Face 1,").click();
        desk.harness.run_steps(2);
        desk.tile("Face 2,").click();
        desk.harness.run_steps(2);
    }
    desk.tile("Face 1,").click();
    desk.harness.run_steps(3);
    desk.wait("the draft", has_draft);
    let (left, right) = changed(&pictures(&desk));
    assert!(left > 2_000 && right == 0, "Face 1 speaks: {left} and {right} samples differ");
}

#[test]
fn preparing_can_be_stopped_at_once_and_taken_up_again() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    while !desk.is_enabled("Submit") {
        desk.harness.step();
    }
    assert!(desk.harness.state().view().shell.draft.is_working(), "it began by itself");
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);
    let view = desk.harness.state().view();
    assert_eq!(view.draft_status(), Status::Cancelled);
    // It stands on the picture, which may still be on its way.
    desk.wait("the words", |desk| desk.has("The draft was stopped"));
    assert!(!may_show_draft(&desk));
    for _ in 0..50 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        desk.harness.step();
    }
    assert!(desk.has("The draft was stopped"), "no answer comes afterwards");
    desk.button("Prepare it").click();
    desk.wait("the draft", |desk| has_draft(desk) && may_show_draft(desk));
}

#[test]
fn without_the_clip_on_this_machine_the_reason_for_no_draft_is_shown() {
    let mut desk = Desk::open();
    desk.ready();
    desk.harness.get_by_label("Clip as: Address").click();
    desk.harness.run_steps(3);
    let field = desk.harness.get_by_role_and_label(Role::TextInput, "Clip address");
    field.focus();
    field.set_text_value_accesskit("https://example.com/clip.mp4");
    desk.harness.run_steps(2);
    desk.harness.key_press(Key::Enter);
    desk.wait("the reason", |desk| {
        let view = desk.harness.state().view();
        view.draft_obstacle().is_some_and(|why| why.contains("at an address"))
    });
    assert!(!may_show_draft(&desk));
}

/// The control of a face on the picture.
fn outline<'a>(desk: &'a Desk, name: &str) -> Option<egui_kittest::Node<'a>> {
    let label = format!("{name} on the picture");
    desk.harness.query_all_by_role(Role::RadioButton).find(|node| node.accesskit_node().label() == Some(label.clone()))
}

fn is_chosen(desk: &Desk, name: &str) -> bool {
    outline(desk, name).is_some_and(|node| node.accesskit_node().toggled() == Some(Toggled::True))
}

#[test]
fn a_face_is_chosen_on_the_picture_by_pointer_and_by_keys() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("Face 1 on the picture", |desk| outline(desk, "Face 1").is_some());
    assert!(outline(&desk, "Face 2").is_none(), "it is not in view at the beginning");
    assert!(!is_chosen(&desk, "Face 1"), "nothing is chosen silently");
    outline(&desk, "Face 1").unwrap().click();
    desk.wait("the choice", |desk| is_chosen(desk, "Face 1"));
    assert_eq!(desk.tile("Face 1,").accesskit_node().toggled(), Some(Toggled::True), "the tile says the same");
    // In view only from 2 s on: its tile shows that moment, and there both are outlined.
    desk.tile("Face 2,").click();
    desk.wait("both faces", |desk| is_chosen(desk, "Face 2") && outline(desk, "Face 1").is_some());
    let (one, two) = (outline(&desk, "Face 1").unwrap().rect(), outline(&desk, "Face 2").unwrap().rect());
    let picture = desk.harness.get_by_label_contains("Picture of the clip").rect();
    assert!(picture.contains_rect(one) && picture.contains_rect(two) && one.right() < two.left());
    desk.tab_to("Face 1 on the picture");
    desk.harness.key_press(Key::Enter);
    desk.wait("Face 1 by Enter", |desk| is_chosen(desk, "Face 1") && !is_chosen(desk, "Face 2"));
    desk.tab_to("Face 2 on the picture");
    desk.harness.key_press(Key::Space);
    desk.wait("Face 2 by Space", |desk| is_chosen(desk, "Face 2"));
    assert!(!desk.harness.state().view().shell.player.is_playing(), "Space was meant for the face");
    desk.button("Faces on the picture").click();
    desk.wait("no outlines", |desk| outline(desk, "Face 1").is_none() && outline(desk, "Face 2").is_none());
}

#[test]
fn the_mouth_of_the_draft_is_moved_resized_and_found_again() {
    let mut desk = Desk::placed();
    desk.wait("the draft", has_draft);
    desk.harness.get_by_label("Show: Draft").click();
    desk.button("Adjust mouth").click();
    desk.wait("the mouth's box", |desk| desk.harness.query_by_label("Mouth box").is_some());
    let mouth = |desk: &Desk| desk.harness.state().view().shell.draft.mouth().unwrap();
    let (found, before) = (mouth(&desk), pictures(&desk));
    assert!(!desk.is_enabled("Reset mouth"), "it is where it was found");
    desk.tab_to("Mouth box");
    for _ in 0..6 {
        desk.harness.key_press(Key::ArrowDown);
    }
    desk.harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    desk.harness.run_steps(3);
    let moved = mouth(&desk);
    assert!((moved.v - found.v - 0.06).abs() < 1e-4 && (moved.width - found.width - 0.01).abs() < 1e-4, "{moved:?}");
    let value = desk.harness.get_by_label("Mouth box").accesskit_node().value().unwrap();
    assert!(value.contains("below the middle") && value.contains("wide"), "{value}");
    desk.wait("the draft with it", has_draft);
    let after = pictures(&desk);
    assert!(before.iter().zip(&after).any(|(before, after)| before.1 != after.1), "the draft goes with it");
    // By pointer: from its middle, in the direction of the chin.
    let middle = desk.harness.get_by_label("Mouth box").rect().center();
    desk.harness.drag_at(middle);
    desk.harness.step();
    desk.harness.hover_at(middle + egui::vec2(0.0, 12.0));
    desk.harness.step();
    desk.harness.drop_at(middle + egui::vec2(0.0, 12.0));
    desk.harness.run_steps(3);
    assert!(mouth(&desk).v > moved.v + 0.02, "{:?}", mouth(&desk));
    let dragged = mouth(&desk);
    desk.button("Reset mouth").click();
    desk.wait("where it was found", |desk| has_draft(desk) && mouth(desk) == found);
    assert_eq!(pictures(&desk), before);
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    desk.wait("the mouth as it was", |desk| mouth(desk) == dragged);
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    desk.wait("and before the drag", |desk| mouth(desk) == moved);
}
