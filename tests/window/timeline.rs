//! The timeline and what can be undone, through the accessibility tree.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::model::Placement;

use crate::support::Desk;

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
    press(&mut desk, Modifiers::COMMAND | Modifiers::SHIFT, Key::B);
    desk.wait("the proposed place", |desk| desk.is_enabled("Undo placement proposal"));
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

/// Presses the button at `from`, moves by `by_px` in steps, and holds on.
fn drag(desk: &mut Desk, from: Pos2, by_px: f32) -> Pos2 {
    desk.harness.hover_at(from);
    desk.harness.step();
    desk.harness.drag_at(from);
    desk.harness.step();
    for step in 1..=8_u8 {
        desk.harness.hover_at(from + vec2(by_px * f32::from(step) / 8.0, 0.0));
        desk.harness.step();
    }
    let to = from + vec2(by_px, 0.0);
    desk.harness.run_steps(3);
    to
}

fn drop(desk: &mut Desk, at: Pos2) {
    desk.harness.drop_at(at);
    desk.harness.run_steps(4);
}

fn rect_of(desk: &Desk, label: &str) -> Rect {
    desk.harness.get_by_label(label).rect()
}

/// Points for a millisecond, as the voice is drawn.
fn px_per_ms(desk: &Desk) -> f32 {
    rect_of(desk, "Voice on the timeline").width() / placement(desk).crop_ms() as f32
}

/// Holds keys down.
fn hold(desk: &mut Desk, modifiers: Modifiers) {
    desk.harness.event(egui::Event::ModifiersChanged(modifiers));
    desk.harness.step();
}

/// The demo with 4 s of its voice from the clip's start on.
fn with_short_voice() -> Desk {
    let mut desk = Desk::placed();
    desk.harness.get_by_label("End of the voice").set_value_accesskit(4_000.0);
    desk.wait("the trim", |desk| placement(desk).sound_end_time == 4_000);
    desk.harness.get_by_label("Voice on the timeline").set_value_accesskit(500.0);
    desk.wait("the move", |desk| insert_ms(desk) == 500);
    desk
}

#[test]
fn the_voice_is_dragged_snaps_and_is_taken_back_with_escape() {
    let mut desk = with_short_voice();
    let face = desk.harness.state().view().flow.faces().unwrap().chosen_interval().unwrap();
    let scale = px_per_ms(&desk);
    let middle = rect_of(&desk, "Voice on the timeline").center();
    let to_face_px = (face.start_ms - 500) as f32 * scale;

    // A few points short of the face: it catches there.
    let at = drag(&mut desk, middle, to_face_px - 4.0);
    assert_eq!(insert_ms(&desk), face.start_ms);
    drop(&mut desk, at);
    assert_eq!(insert_ms(&desk), face.start_ms);
    assert_eq!(placement(&desk).crop_ms(), 4_000, "a move cuts nothing");
    press(&mut desk, Modifiers::COMMAND, Key::Z);
    assert_eq!(insert_ms(&desk), 500, "the whole drag is one step");

    // With Alt it does not.
    hold(&mut desk, Modifiers::ALT);
    let at = drag(&mut desk, middle, to_face_px - 4.0);
    let free_ms = insert_ms(&desk);
    let off_ms = (4.0 / scale).round() as i64;
    assert!((face.start_ms - off_ms - free_ms).abs() <= 2, "{free_ms}");
    hold(&mut desk, Modifiers::NONE);

    // Escape takes it back though the button is still down, and so it stays.
    press(&mut desk, Modifiers::NONE, Key::Escape);
    assert_eq!(insert_ms(&desk), 500);
    desk.harness.hover_at(at + vec2(40.0, 0.0));
    desk.harness.run_steps(2);
    drop(&mut desk, at);
    assert_eq!(insert_ms(&desk), 500);
    let last = desk.harness.state().view().shell.history.to_undo().map(|step| step.after.wanted.insert_ms);
    assert_eq!(last, Some(Some(500)), "what was taken back is no step");
}

#[test]
fn both_ends_are_trimmed_by_dragging_and_the_sound_stays_where_it_is() {
    let mut desk = with_short_voice();
    let scale = px_per_ms(&desk);
    hold(&mut desk, Modifiers::ALT);
    let start = rect_of(&desk, "Start of the voice").center();
    let at = drag(&mut desk, start, 600.0 * scale);
    drop(&mut desk, at);
    let trimmed = placement(&desk);
    assert!((trimmed.sound_start_time - 600).abs() <= 2, "{trimmed:?}");
    assert_eq!(trimmed.sound_insert_time - trimmed.sound_start_time, 500, "what is heard when is as it was");
    let end = rect_of(&desk, "End of the voice").center();
    let at = drag(&mut desk, end, -700.0 * scale);
    drop(&mut desk, at);
    assert!((placement(&desk).sound_end_time - 3_300).abs() <= 2, "{:?}", placement(&desk));
    assert!(desk.is_enabled("Undo trim of the voice"));
    hold(&mut desk, Modifiers::NONE);
    // What has been taken hold of goes on by the arrows, a frame each.
    let before = placement(&desk).sound_end_time;
    press(&mut desk, Modifiers::SHIFT, Key::ArrowRight);
    assert_eq!(placement(&desk).sound_end_time, before + 400);
}

#[test]
fn the_exact_fields_and_the_timeline_say_the_same_to_the_millisecond() {
    let mut desk = with_short_voice();
    let field = |desk: &Desk, name: &str| {
        let node = desk.harness.get_by_role_and_label(Role::SpinButton, name);
        node.accesskit_node().numeric_value().unwrap() as i64
    };
    desk.harness.get_by_role_and_label(Role::SpinButton, "Insert at in milliseconds").set_value_accesskit(1_237.0);
    desk.wait("the field's value", |desk| insert_ms(desk) == 1_237);
    let slider = desk.harness.get_by_label("Voice on the timeline").accesskit_node().numeric_value();
    assert_eq!(slider, Some(1_237.0));
    desk.harness.get_by_label("Start of the voice").set_value_accesskit(333.0);
    desk.wait("the trim", |desk| placement(desk).sound_start_time == 333);
    desk.harness.run_steps(2);
    assert_eq!(field(&desk, "Start in milliseconds"), 333);
    assert_eq!(field(&desk, "Insert at in milliseconds"), 1_237 + 333);
    assert_eq!(field(&desk, "End in milliseconds"), 4_000);
}

#[test]
fn it_zooms_at_the_pointer_pans_and_shows_all_again() {
    let mut desk = with_short_voice();
    let at_first = rect_of(&desk, "Voice on the timeline");
    assert!(!desk.is_enabled("Zoom out") && !desk.has("Part of the clip in view"));

    // Ctrl and the wheel: what is under the pointer stays there.
    let pointer = at_first.left_center() + vec2(at_first.width() / 4.0, 0.0);
    let ms_at = |desk: &Desk, x: f32| 500.0 + (x - rect_of(desk, "Voice on the timeline").left()) / px_per_ms(desk);
    let under = ms_at(&desk, pointer.x);
    desk.harness.hover_at(pointer);
    desk.harness.step();
    hold(&mut desk, Modifiers::COMMAND);
    desk.harness.event(wheel(vec2(0.0, 120.0), Modifiers::COMMAND));
    desk.harness.run_steps(30);
    hold(&mut desk, Modifiers::NONE);
    assert!(rect_of(&desk, "Voice on the timeline").width() > at_first.width() * 1.2);
    assert!((ms_at(&desk, pointer.x) - under).abs() < 3.0, "{} is not {under}", ms_at(&desk, pointer.x));
    assert!(desk.has("Part of the clip in view"));

    // The wheel sideways pans, and so does the bar.
    let before = rect_of(&desk, "Voice on the timeline").left();
    desk.harness.event(wheel(vec2(-60.0, 0.0), Modifiers::NONE));
    desk.harness.run_steps(30);
    let panned = rect_of(&desk, "Voice on the timeline").left();
    assert!((before - panned - 60.0).abs() < 2.0, "from {before} to {panned}");
    desk.harness.get_by_label("Part of the clip in view").set_value_accesskit(0.0);
    desk.harness.run_steps(3);
    assert!(rect_of(&desk, "Voice on the timeline").left() > panned);

    press(&mut desk, Modifiers::SHIFT, Key::Z);
    assert_eq!(rect_of(&desk, "Voice on the timeline"), at_first);
    assert!(!desk.has("Part of the clip in view"));
    press(&mut desk, Modifiers::NONE, Key::Plus);
    desk.button("Zoom in").click();
    desk.harness.run_steps(3);
    assert!(rect_of(&desk, "Voice on the timeline").width() > at_first.width() * 2.0);
    desk.button("Show the whole clip").click();
    desk.harness.run_steps(3);
    assert_eq!(rect_of(&desk, "Voice on the timeline"), at_first);
}

fn wheel(delta: egui::Vec2, modifiers: Modifiers) -> egui::Event {
    egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta,
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers,
    }
}

#[test]
fn the_playhead_and_the_lanes_are_reached_and_moved_by_keys() {
    let mut desk = with_short_voice();
    desk.wait("the picture", |desk| desk.has("Picture of the clip"));
    let at_ms = |desk: &Desk| desk.harness.get_by_label("Playhead").accesskit_node().numeric_value().unwrap() as i64;
    desk.harness.get_by_label("Playhead").set_value_accesskit(1_000.0);
    desk.wait("the moment", |desk| at_ms(desk) == 1_000);
    desk.tab_to("Playhead");
    press(&mut desk, Modifiers::NONE, Key::ArrowRight);
    assert_eq!(at_ms(&desk) / 40, 26);
    press(&mut desk, Modifiers::SHIFT, Key::ArrowLeft);
    assert_eq!(at_ms(&desk) / 40, 16);

    let lane = |desk: &Desk, starts: &str| {
        let is_it = |node: &egui_kittest::Node<'_>| {
            node.accesskit_node().label().is_some_and(|label| label.starts_with(starts))
        };
        let node = desk.harness.query_all_by_role(Role::RadioButton).find(is_it).unwrap();
        (node.is_focused(), node.accesskit_node().toggled() == Some(egui::accesskit::Toggled::True))
    };
    desk.find_tile("Lane of Face 1").unwrap().focus();
    desk.harness.run_steps(3);
    press(&mut desk, Modifiers::NONE, Key::ArrowDown);
    assert!(lane(&desk, "Lane of Face 2").0, "the arrows go from lane to lane");
    press(&mut desk, Modifiers::NONE, Key::ArrowUp);
    assert!(lane(&desk, "Lane of Face 1").0);
    press(&mut desk, Modifiers::NONE, Key::Enter);
    assert_eq!(lane(&desk, "Lane of Face 1"), (true, true));
}

#[test]
fn space_plays_what_was_just_moved_and_presses_a_button_that_has_the_keyboard() {
    let mut desk = Desk::placed();
    desk.wait("the picture", |desk| desk.has("Picture of the clip"));
    let plays = |desk: &Desk| desk.harness.state().view().shell.player.is_playing();
    let middle = rect_of(&desk, "Voice on the timeline").center();
    let at = drag(&mut desk, middle, -30.0);
    drop(&mut desk, at);
    assert!(desk.harness.get_by_label("Voice on the timeline").is_focused(), "the arrows go on with it");
    press(&mut desk, Modifiers::NONE, Key::Space);
    assert!(plays(&desk), "what was dragged is heard");
    press(&mut desk, Modifiers::NONE, Key::Space);
    assert!(!plays(&desk));
    press(&mut desk, Modifiers::NONE, Key::Plus);
    for name in ["Position", "Playhead", "Part of the clip in view", "Height of the timeline", "Volume"] {
        desk.tab_to(name);
        press(&mut desk, Modifiers::NONE, Key::Space);
        assert!(plays(&desk), "{name}");
        press(&mut desk, Modifiers::NONE, Key::Space);
        assert!(!plays(&desk), "{name}");
    }
    // A button has a use for Space of its own.
    desk.tab_to("Loop");
    press(&mut desk, Modifiers::NONE, Key::Space);
    assert!(!plays(&desk) && desk.harness.state().view().shell.player.is_looping());
}

#[test]
fn the_timeline_is_made_higher_by_keys_and_by_dragging_its_edge() {
    let mut desk = Desk::placed();
    let height =
        |desk: &Desk| desk.harness.get_by_label("Height of the timeline").accesskit_node().numeric_value().unwrap();
    let usual = height(&desk);
    desk.tab_to("Height of the timeline");
    press(&mut desk, Modifiers::NONE, Key::ArrowUp);
    press(&mut desk, Modifiers::NONE, Key::ArrowUp);
    assert!((height(&desk) - usual - 32.0).abs() < 1.5, "{} from {usual}", height(&desk));
    let edge = rect_of(&desk, "Height of the timeline").center();
    desk.harness.hover_at(edge);
    desk.harness.step();
    desk.harness.drag_at(edge);
    desk.harness.step();
    desk.harness.hover_at(edge + vec2(0.0, 40.0));
    desk.harness.run_steps(3);
    drop(&mut desk, edge + vec2(0.0, 40.0));
    assert!((height(&desk) - usual + 8.0).abs() < 3.0, "{} from {usual}", height(&desk));
    let least = 5_000.0;
    desk.harness.get_by_label("Height of the timeline").set_value_accesskit(least);
    desk.harness.run_steps(3);
    assert!(height(&desk) < 800.0, "the picture keeps its place");
    assert!(desk.is_enabled("Play the picture"));
}

#[test]
fn only_what_is_in_view_of_the_film_is_decoded_and_it_stays_within_its_budget() {
    let mut desk = Desk::placed();
    let film = |desk: &Desk| desk.harness.state().view().shell.filmstrip.count();
    desk.wait("the pictures in view", |desk| {
        let film = &desk.harness.state().view().shell.filmstrip;
        !film.view().at_us.is_empty() && film.count() == film.view().at_us.len()
    });
    let at_first = film(&desk);
    assert!((8..60).contains(&at_first), "{at_first} pictures over the whole clip");
    for _ in 0..3 {
        press(&mut desk, Modifiers::NONE, Key::Plus);
    }
    desk.wait("the denser pictures", |desk| {
        let film = &desk.harness.state().view().shell.filmstrip;
        film.view().at_us.iter().all(|at_us| film.thumbnail(*at_us, 0).is_some())
    });
    assert!(film(&desk) < at_first * 3, "{} pictures", film(&desk));
    assert!(desk.harness.state().view().shell.filmstrip.bytes() <= viseme::playback::filmstrip::BUDGET_BYTES);
}

#[test]
fn the_widest_window_is_filled_with_pictures_of_a_narrow_clip_and_comes_to_rest() {
    let mut desk = Desk::open_on("sandbox", vec2(3440.0, 1440.0));
    desk.ready();
    desk.drop_file(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/streams/portrait.mp4"));
    let film = |desk: &Desk| {
        let film = &desk.harness.state().view().shell.filmstrip;
        (film.view().at_us.len(), film.view().at_us.iter().all(|at_us| film.thumbnail(*at_us, 0).is_some()))
    };
    desk.wait("the pictures in view", |desk| film(desk).0 > 0 && film(desk).1);
    let wanted = desk.harness.state().view().shell.filmstrip.view();
    assert!(wanted.at_us.len() <= viseme::playback::filmstrip::MOST, "{} pictures", wanted.at_us.len());
    assert!(wanted.at_us.last().unwrap() + wanted.step_us >= 17_000_000, "up to the right end");
    // Workers that were on their way have come home on a busy machine too: then nothing asks for another frame.
    desk.wait("rest", |desk| {
        desk.harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay == std::time::Duration::MAX
    });
}

#[test]
fn made_higher_the_strip_stays_full_of_pictures() {
    let mut desk = Desk::placed();
    let missing = |desk: &Desk| {
        let film = &desk.harness.state().view().shell.filmstrip;
        let reach_us = film.view().step_us * 8;
        film.view().at_us.iter().filter(|at_us| film.thumbnail(**at_us, reach_us).is_none()).count()
    };
    let height_px = |desk: &Desk| desk.harness.state().view().shell.filmstrip.view().height_px;
    desk.wait("the pictures in view", |desk| height_px(desk) > 0 && missing(desk) == 0);
    let before_px = height_px(&desk);
    desk.harness.get_by_label("Height of the timeline").set_value_accesskit(460.0);
    for _ in 0..30 {
        desk.harness.step();
        assert_eq!(missing(&desk), 0, "none is blank");
    }
    assert!(height_px(&desk) > before_px, "larger pictures are on their way: {}", height_px(&desk));
}
