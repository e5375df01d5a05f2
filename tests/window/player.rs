//! The player through the accessibility tree: roles, names and values, keys, and what is said where nothing is heard.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, Vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::playback::player::{Player, Shown};
use viseme::playback::sound::Choice;

use crate::support::{Desk, PATIENCE};

fn player(desk: &Desk) -> &Player {
    &desk.harness.state().view().shell.player
}

fn node<'a>(desk: &'a Desk, role: Role, label: &'a str) -> Node<'a> {
    desk.harness.get_by_role_and_label(role, label)
}

fn value(desk: &Desk, label: &str) -> String {
    node(desk, Role::Slider, label).accesskit_node().value().unwrap_or_default()
}

fn is_down(desk: &Desk, label: &str) -> bool {
    node(desk, Role::Button, label).accesskit_node().toggled() == Some(Toggled::True)
}

#[test]
fn the_position_is_a_slider_that_says_where_it_is_and_is_moved_by_keys() {
    let mut desk = Desk::placed();
    desk.wait("a picture", |desk| desk.has("Picture of the clip") && player(desk).duration_ms() == 9_000);
    node(&desk, Role::Slider, "Position").set_value_accesskit(3_480.0);
    desk.wait("the moment", |desk| player(desk).playhead_ms() == 3_480);
    assert_eq!(value(&desk, "Position"), "0:03.480 of 0:09.000");
    assert_eq!(node(&desk, Role::Slider, "Position").accesskit_node().max_numeric_value(), Some(9_000.0));
    desk.tab_to("Position");
    desk.harness.step();
    desk.harness.key_press(Key::ArrowRight);
    desk.harness.run_steps(3);
    assert_eq!(player(&desk).playhead_ms(), 3_520, "a frame on");
    desk.harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowLeft);
    desk.harness.run_steps(3);
    assert_eq!(player(&desk).playhead_ms(), 3_120, "ten back");
    desk.wait("its picture", |desk| player(desk).shown_us() == Some(3_120_000));
    desk.harness.key_press(Key::End);
    desk.wait("the end", |desk| player(desk).playhead_ms() == 8_999);
    desk.harness.key_press(Key::Home);
    desk.wait("the start", |desk| player(desk).playhead_ms() == 0);
}

/// Of such a clip no frame begins at a whole millisecond but the first.
#[test]
fn the_arrows_miss_no_frame_of_a_clip_of_thirty_a_second() {
    let mut desk = Desk::open();
    desk.ready();
    desk.drop_file(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/streams/full709.mp4"));
    desk.wait("the first frame", |desk| player(desk).shown_us() == Some(0));
    let frame = |desk: &Desk| (player(desk).shown_us().unwrap() as f64 * 29.97 / 1e6).round() as i64;
    for name in ["Position", "Playhead"] {
        desk.tab_to(name);
        let mut at = 0;
        for (key, modifiers, by) in [
            (Key::ArrowRight, Modifiers::NONE, 1),
            (Key::ArrowRight, Modifiers::NONE, 1),
            (Key::Period, Modifiers::NONE, 1),
            (Key::ArrowRight, Modifiers::NONE, 1),
            (Key::ArrowLeft, Modifiers::NONE, -1),
            (Key::ArrowRight, Modifiers::SHIFT, 10),
            (Key::ArrowLeft, Modifiers::NONE, -1),
            (Key::Comma, Modifiers::NONE, -1),
            (Key::ArrowLeft, Modifiers::NONE, -1),
            (Key::ArrowLeft, Modifiers::SHIFT, -10),
        ] {
            at += by;
            desk.harness.key_press_modifiers(modifiers, key);
            desk.wait(&format!("{name}: frame {at}"), |desk| frame(desk) == at);
            let began_ms = player(&desk).shown_us().unwrap() / 1000;
            assert_eq!(player(&desk).playhead_ms(), began_ms, "{name}: the playhead is where frame {at} begins");
        }
        assert_eq!(at, 0);
        // Faster than pictures come: none is lost.
        for _ in 0..4 {
            desk.harness.key_press(Key::ArrowRight);
        }
        desk.harness.key_press(Key::ArrowRight);
        desk.wait(&format!("{name}: five frames at once"), |desk| frame(desk) == 5);
        desk.harness.key_press(Key::Home);
        desk.wait("the first frame", |desk| frame(desk) == 0);
    }
}

#[test]
fn it_plays_loops_and_is_muted_by_keys_and_says_so() {
    let mut desk = Desk::placed();
    desk.wait("a picture", |desk| desk.has("Picture of the clip") && player(desk).duration_ms() == 9_000);
    assert!(desk.is_enabled("Play the picture") && !is_down(&desk, "Loop") && !is_down(&desk, "Mute"));
    desk.harness.key_press(Key::R);
    desk.harness.key_press(Key::M);
    desk.harness.run_steps(3);
    assert!(is_down(&desk, "Loop") && is_down(&desk, "Mute"));
    assert_eq!(value(&desk, "Volume"), "0 %");
    // The loop begins where the voice does, and not where the playhead stood.
    desk.harness.key_press(Key::Home);
    desk.wait("the start", |desk| player(desk).playhead_ms() == 0);
    let placed = desk.harness.state().view().choosing().unwrap().placement.unwrap().span();
    assert!(player(&desk).playhead_ms() < placed.start_ms, "{placed:?}");
    desk.harness.key_press(Key::Space);
    desk.harness.run_steps(3);
    assert!(player(&desk).is_playing() && placed.contains(player(&desk).playhead_ms()));
    assert!(desk.is_enabled("Pause the picture"));
    desk.harness.key_press(Key::Space);
    desk.harness.run_steps(3);
    assert!(!player(&desk).is_playing());
    node(&desk, Role::Slider, "Volume").set_value_accesskit(0.5);
    desk.harness.run_steps(3);
    assert!(!is_down(&desk, "Mute"), "whoever sets how loud wants to hear it");
    assert_eq!(value(&desk, "Volume"), "50 %");
}

#[test]
fn clip_and_result_stand_side_by_side_at_the_same_moment() {
    let mut desk = Desk::short();
    let result = node(&desk, Role::RadioButton, "Show: Result");
    assert!(result.accesskit_node().is_disabled(), "there is none yet");
    assert!(!desk.is_enabled("Side by side"));
    desk.button("Submit").click();
    desk.check_result();
    desk.harness.key_press(Key::C);
    desk.wait("both", |desk| player(desk).sides().iter().all(|side| player(desk).has_texture(*side)));
    assert!(is_down(&desk, "Side by side"));
    if player(&desk).is_playing() {
        desk.button("Pause the picture").click();
        desk.harness.run_steps(3);
    }
    node(&desk, Role::Slider, "Position").set_value_accesskit(1_000.0);
    desk.wait("the moment", |desk| {
        desk.has("Picture of the clip at 0:01.000") && desk.has("Picture of the result at 0:01.000")
    });
    desk.harness.key_press(Key::C);
    desk.harness.run_steps(3);
    assert!(!desk.has("Picture of the clip at") && desk.has("Picture of the result at 0:01.000"));
    node(&desk, Role::RadioButton, "Show: Clip").click();
    desk.wait("the clip", |desk| desk.has("Picture of the clip at 0:01.000"));
    assert_eq!(player(&desk).shown(), Shown::Clip);
}

/// Steps until it is so; there is a picture at every step.
fn wait_in_the_light(desk: &mut Desk, what: &str, is_so: impl Fn(&Desk) -> bool) {
    let began = Instant::now();
    while !is_so(desk) {
        assert!(began.elapsed() < PATIENCE, "{what} did not come about");
        std::thread::sleep(Duration::from_millis(5));
        desk.harness.step();
        assert!(player(desk).picture().is_some(), "black before {what}");
    }
}

#[test]
fn what_was_on_screen_stays_until_the_next_clip_and_the_next_result_are_there() {
    let mut desk = Desk::placed();
    desk.wait("a picture", |desk| desk.has("Picture of the clip"));
    desk.drop_file(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/streams/portrait.mp4"));
    assert!(player(&desk).shows_predecessor() && !desk.has("Picture of the clip"), "it is not the new clip's");
    wait_in_the_light(&mut desk, "the other clip", |desk| {
        desk.has("Picture of the clip") && player(desk).duration_ms() == 17_000
    });
    assert!(!player(&desk).shows_predecessor());
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    desk.wait("the empty desk", |desk| desk.is_enabled("Try the demo clip"));
    assert!(player(&desk).picture().is_none(), "nothing is to come");

    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    desk.button("Submit").click();
    desk.check_result();
    assert!(player(&desk).playhead_ms() >= 2_000, "it begins where the chosen face speaks");
    let first = desk.saved().unwrap();
    desk.button("Same faces again").click();
    wait_in_the_light(&mut desk, "the choice again", |desk| desk.is_enabled("Submit"));
    desk.button("Submit").click();
    wait_in_the_light(&mut desk, "the second result", |desk| {
        assert!(player(desk).has_source(Shown::Result), "the first one stays");
        desk.saved().is_some_and(|second| second != first) && desk.has("Picture of the result")
    });
}

#[test]
fn a_step_back_right_after_the_end_was_asked_for_is_a_step_from_the_end() {
    let mut desk = Desk::placed();
    desk.wait("a picture", |desk| desk.has("Picture of the clip") && player(desk).duration_ms() == 9_000);
    desk.harness.key_press(Key::R);
    desk.harness.key_press(Key::Home);
    desk.wait("the start", |desk| player(desk).shown_us() == Some(0));
    desk.harness.key_press(Key::End);
    desk.harness.key_press(Key::Comma);
    desk.wait("the picture before the last", |desk| player(desk).shown_us() == Some(8_920_000));
    assert_eq!(player(&desk).playhead_ms(), 8_920);
}

#[test]
fn nothing_under_the_picture_lies_over_something_else_however_narrow_it_is() {
    let mut desk = Desk::placed();
    for width in [1280.0, 1000.0, 960.0, 900.0, 840.0, 780.0, 740.0, 720.0] {
        desk.harness.set_size(Vec2::new(width, 640.0));
        desk.harness.run_steps(4);
        let names = [
            "To the start",
            "One frame back",
            "Play the picture",
            "One frame forward",
            "To the end",
            "Loop",
            "Side by side",
            "Mute",
            "Volume",
            "Show: Clip",
            "Show: Draft",
            "Show: Result",
        ];
        let labels = ["0:0", " / 0:", "It may begin", "begins at"];
        let named = names.iter().flat_map(|name| desk.harness.query_all_by_label(name));
        let told = desk.harness.query_all_by_role(Role::Label).filter(|node| {
            let told = node.accesskit_node().value().unwrap_or_default();
            labels.iter().any(|label| told.starts_with(label))
        });
        let under = |node: &Node<'_>| node.rect().top() > desk.harness.get_by_label("Position").rect().top();
        let rects: Vec<_> = named.chain(told).filter(under).map(|node| (format!("{node:?}"), node.rect())).collect();
        assert!(rects.len() >= 9, "{width}: {}", rects.len());
        let left = desk.harness.get_by_label("Position").rect().left();
        for (at, (one, rect)) in rects.iter().enumerate() {
            assert!(rect.left() >= left && rect.right() <= width, "{width}: {one} is cut: {rect:?}");
            for (two, other) in &rects[at + 1..] {
                let shared = rect.intersect(*other);
                let is_apart = shared.width() <= 0.5 || shared.height() <= 0.5;
                assert!(is_apart, "{width}: {one} {rect:?} lies over {two} {other:?}");
            }
        }
        for kept in ["Play the picture", "Mute", "Show: Clip", "Show: Draft", "Show: Result"] {
            assert!(desk.harness.query_by_label(kept).is_some(), "{width}: {kept}");
        }
    }
}

#[test]
fn the_last_result_gives_way_to_what_is_worked_at_and_goes_with_its_clip() {
    let mut desk = Desk::short();
    desk.button("Submit").click();
    desk.check_result();
    desk.harness.key_press(Key::C);
    desk.wait("both", |desk| player(desk).sides().iter().all(|side| player(desk).has_texture(*side)));

    // The same clip: the last result stays to be compared with, and says what it is.
    desk.button("Same faces again").click();
    desk.wait("the choice again", |desk| desk.is_enabled("Submit"));
    assert_ne!(player(&desk).shown(), Shown::Result);
    assert!(!player(&desk).is_playing(), "the one before does not go on");
    assert!(desk.has("Picture of the last result") && !desk.has("Picture of the result"));
    desk.harness.key_press(Key::C);
    node(&desk, Role::RadioButton, "Show: Result").click();
    desk.wait("the last result", |desk| desk.has("Picture of the last result"));
    assert_eq!(desk.harness.query_all_by_label("Last result").count(), 1, "it says so on the picture");
    desk.button("Submit").click();
    desk.wait("the second result", |desk| desk.has("Picture of the result") && player(desk).shown() == Shown::Result);
    assert!(!desk.has("Last result"));

    // Another clip: it has no result yet.
    desk.harness.key_press(Key::C);
    desk.wait("both again", |desk| player(desk).is_beside());
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    desk.wait("its end", |desk| desk.harness.state().view().flow.desk.clip.is_none());
    desk.drop_file(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/streams/portrait.mp4"));
    wait_in_the_light(&mut desk, "the other clip", |desk| {
        desk.has("Picture of the clip") && player(desk).duration_ms() == 17_000
    });
    assert!(!player(&desk).is_beside() && !player(&desk).has_source(Shown::Result));
    assert!(node(&desk, Role::RadioButton, "Show: Result").accesskit_node().is_disabled());
    assert!(!desk.is_enabled("Side by side") && !desk.has("last result") && !desk.has("Last result"));
    assert_eq!((player(&desk).playhead_ms(), player(&desk).is_playing()), (0, false));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_sound_server_it_says_so_under_the_picture_at_every_size() {
    for size in [Vec2::new(1280.0, 800.0), Vec2::new(960.0, 640.0)] {
        let nobody = Choice::Socket(PathBuf::from("/nobody/listens"));
        let mut desk = Desk::open_with("sandbox", size, nobody);
        desk.ready();
        desk.button("Try the demo clip").click();
        desk.wait("faces", |desk| desk.has_tile("Face 2"));
        desk.tile("Face 2,").click();
        desk.wait("the words", |desk| desk.has("No sound server: playing silently"));
        let words = desk.harness.get_by_label_contains("No sound server: playing silently").rect();
        assert!(words.width() >= 14.0 && words.right() < size.x, "{words:?}");
    }
}
