//! The timeline and what can be undone, through the accessibility tree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod window_support;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::model::Placement;

use self::window_support::Desk;

fn placement(desk: &Desk) -> Placement {
    desk.harness.state().view().choosing().unwrap().placement.unwrap()
}

fn insert_ms(desk: &Desk) -> i64 {
    placement(desk).sound_insert_time
}

fn press(desk: &mut Desk, modifiers: Modifiers, key: Key) {
    desk.harness.key_press_modifiers(modifiers, key);
    desk.harness.run_steps(4);
}

/// A pause after which keys begin an edit of their own.
fn pause(desk: &mut Desk) {
    std::thread::sleep(std::time::Duration::from_millis(900));
    desk.harness.run_steps(2);
}

#[test]
fn every_edit_can_be_undone_and_redone_by_name() {
    let mut desk = Desk::placed();
    let first = placement(&desk);
    assert!(!desk.is_enabled("Redo"), "nothing was undone yet");

    // A nudge, twice without a pause: one step.
    desk.harness.get_by_label("Voice on the timeline").focus();
    desk.harness.run_steps(2);
    press(&mut desk, Modifiers::NONE, Key::ArrowLeft);
    press(&mut desk, Modifiers::NONE, Key::ArrowLeft);
    assert_eq!(insert_ms(&desk), first.sound_insert_time - 80);
    assert!(desk.is_enabled("Undo move of the voice"));
    pause(&mut desk);
    desk.harness.get_by_label("End of the voice").set_value_accesskit(5_000.0);
    desk.wait("the trim", |desk| placement(desk).sound_end_time == 5_000);
    assert!(desk.is_enabled("Undo trim of the voice"));
    desk.harness.get_by_role_and_label(Role::Slider, "Voice volume").set_value_accesskit(0.5);
    desk.wait("the volume", |desk| placement(desk).sound_volume == Some(0.5));
    assert!(desk.is_enabled("Undo voice volume"));
    desk.tile("Face 1,").click();
    desk.wait("another face", |desk| desk.is_enabled("Undo choice of the face"));

    // Back to the very start, by keys and by button.
    press(&mut desk, Modifiers::COMMAND, Key::Z);
    assert!(desk.is_enabled("Undo voice volume") && desk.is_enabled("Redo choice of the face"));
    press(&mut desk, Modifiers::COMMAND, Key::Z);
    assert_eq!(placement(&desk).sound_volume, None);
    assert_eq!(placement(&desk).sound_end_time, 5_000);
    desk.button("Undo trim of the voice").click();
    desk.harness.run_steps(4);
    assert_eq!(placement(&desk).sound_end_time, first.sound_end_time);
    press(&mut desk, Modifiers::COMMAND, Key::Z);
    assert_eq!(placement(&desk), first, "the proposal, and nothing fixed");
    press(&mut desk, Modifiers::COMMAND, Key::Z);
    assert!(desk.harness.state().view().choosing().unwrap().placement.is_none(), "no face is chosen");

    // And forth again.
    for keys in [Modifiers::COMMAND | Modifiers::SHIFT, Modifiers::COMMAND | Modifiers::SHIFT] {
        press(&mut desk, keys, Key::Z);
    }
    assert_eq!(insert_ms(&desk), first.sound_insert_time - 80);
    press(&mut desk, Modifiers::COMMAND, Key::Y);
    desk.button("Redo voice volume").click();
    desk.harness.run_steps(4);
    assert_eq!((placement(&desk).sound_end_time, placement(&desk).sound_volume), (5_000, Some(0.5)));
    assert!(desk.is_enabled("Redo choice of the face"));

    // An edit begins another future.
    press(&mut desk, Modifiers::COMMAND, Key::B);
    desk.wait("the best place", |desk| desk.is_enabled("Undo snap to best"));
    assert!(!desk.is_enabled("Redo"));
}

#[test]
fn a_text_field_that_has_the_keyboard_undoes_its_own() {
    let mut desk = Desk::placed();
    desk.name_task("mine");
    desk.harness.get_by_role_and_label(Role::TextInput, "External task id").focus();
    desk.harness.run_steps(2);
    let chosen = |desk: &Desk| desk.harness.state().view().flow.faces().unwrap().chosen.is_some();
    for _ in 0..4 {
        press(&mut desk, Modifiers::COMMAND, Key::Z);
    }
    assert!(chosen(&desk), "the choice of the face was not taken back");
    press(&mut desk, Modifiers::NONE, Key::Escape);
    for _ in 0..2 {
        press(&mut desk, Modifiers::COMMAND, Key::Z);
    }
    assert!(!chosen(&desk), "without a field it is");
}

#[test]
fn the_palette_names_what_would_be_undone() {
    let mut desk = Desk::placed();
    press(&mut desk, Modifiers::COMMAND, Key::K);
    desk.harness.event(egui::Event::Text("undo".into()));
    desk.harness.run_steps(3);
    let entry = desk.harness.get_by_role_and_label(Role::ListBoxOption, "Undo choice of the face");
    assert!(!entry.accesskit_node().is_disabled());
    press(&mut desk, Modifiers::NONE, Key::Enter);
    assert!(desk.harness.state().view().flow.faces().unwrap().chosen.is_none());
}
