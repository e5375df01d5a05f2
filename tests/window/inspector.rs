//! The inspector through the accessibility tree: real exchanges with the embedded sandbox, looked through by pointer and by keys.

use crate::support::Desk;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

fn press(desk: &mut Desk, key: Key) {
    desk.harness.key_press(key);
    desk.harness.run_steps(4);
}

/// The lines in view, from top to bottom.
fn rows(desk: &Desk) -> Vec<String> {
    desk.harness.query_all_by_role(Role::ListBoxOption).filter_map(|node| node.accesskit_node().label()).collect()
}

fn selected(desk: &Desk) -> Option<String> {
    let is_selected = |node: &Node<'_>| node.accesskit_node().is_selected() == Some(true);
    desk.harness.query_all_by_role(Role::ListBoxOption).find(is_selected).and_then(|node| node.accesskit_node().label())
}

fn focused(desk: &Desk) -> Option<String> {
    desk.harness.root().children_recursive().find(Node::is_focused).and_then(|node| node.accesskit_node().label())
}

fn tab(desk: &mut Desk, name: &str) {
    desk.harness.get_by_role_and_label(Role::Tab, name).click();
    desk.harness.run_steps(4);
}

fn type_into(desk: &mut Desk, field: &str, text: &str) {
    let field = desk.harness.get_by_role_and_label(Role::TextInput, field);
    field.focus();
    field.set_text_value_accesskit(text);
    desk.harness.run_steps(4);
}

/// A desk with faces found, and the inspector open.
fn inspected() -> Desk {
    let mut desk = Desk::open();
    desk.ready();
    press(&mut desk, Key::F12);
    assert!(desk.has("Nothing has been sent yet"));
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk
}

#[test]
fn every_exchange_is_listed_the_newest_on_top_and_its_answer_shown() {
    let mut desk = inspected();
    let listed = rows(&desk);
    let identify = listed.iter().position(|row| row.starts_with("POST identify-face, 200, code 0, ")).unwrap();
    assert!(listed[..identify].iter().all(|row| row.starts_with("GET faces/")), "previews, fetched last: {listed:?}");
    assert!(listed.last().unwrap().starts_with("PUT "), "{listed:?}");
    assert_eq!(selected(&desk), Some(listed[identify].clone()), "the newest that is not a picture is shown");
    assert!(desk.has("\"session_id\":"), "its answer, indented");

    tab(&mut desk, "Request");
    assert!(desk.has("\"video_url\":"));
    tab(&mut desk, "Timing");
    assert!(desk.has("Until the answer began"));
    tab(&mut desk, "Headers");
    assert!(desk.has("Bearer •••"), "the key is masked");
    tab(&mut desk, "cURL");
    assert!(desk.has("Authorization: Bearer ") && !desk.has("$VISEME_KEY"), "it can be run as it is");
    assert!(desk.has("The key in it is the built-in sandbox's"));
    desk.button("Copy").click();
    desk.harness.run_steps(2);
    desk.harness.check_accessibility();
}

#[test]
fn rows_and_tabs_are_walked_with_the_arrows_and_the_keyboard_comes_back() {
    let mut desk = inspected();
    press(&mut desk, Key::F12);
    assert!(rows(&desk).is_empty(), "closed");
    desk.tab_to("New clip");
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::I);
    desk.harness.run_steps(4);
    let listed = rows(&desk);
    let at = listed.iter().position(|row| row.starts_with("POST identify-face")).unwrap();
    assert_eq!(focused(&desk).as_deref(), Some(listed[at].as_str()), "the chosen line is read out");
    press(&mut desk, Key::ArrowDown);
    assert_eq!((selected(&desk).as_ref(), focused(&desk).as_ref()), (Some(&listed[at + 1]), Some(&listed[at + 1])));
    press(&mut desk, Key::ArrowDown);
    for _ in 0..=listed.len() {
        press(&mut desk, Key::ArrowUp);
    }
    assert_eq!(selected(&desk).as_ref(), Some(&listed[0]));
    for _ in 0..at {
        press(&mut desk, Key::ArrowDown);
    }

    desk.tab_to("Answer");
    press(&mut desk, Key::ArrowRight);
    assert_eq!(focused(&desk).as_deref(), Some("Headers"));
    assert!(desk.has("Answer headers"));
    press(&mut desk, Key::ArrowLeft);
    press(&mut desk, Key::ArrowLeft);
    assert!(desk.has("\"video_url\":"), "the request");

    press(&mut desk, Key::F12);
    assert!(rows(&desk).is_empty());
    assert_eq!(focused(&desk).as_deref(), Some("New clip"), "who had the keyboard has it again");
}

#[test]
fn the_list_is_filtered_and_the_answer_searched() {
    let mut desk = inspected();
    let all = rows(&desk).len();
    type_into(&mut desk, "Filter the exchanges", "identify session_id");
    assert_eq!(rows(&desk).len(), 1);
    type_into(&mut desk, "Filter the exchanges", "no such word");
    assert!(rows(&desk).is_empty() && desk.has("No exchange matches the filter"));
    type_into(&mut desk, "Filter the exchanges", "");
    assert_eq!(rows(&desk).len(), all);
    desk.harness.get_by_role_and_label(Role::CheckBox, "Failed only").click();
    desk.harness.run_steps(4);
    assert!(rows(&desk).is_empty(), "nothing went wrong");
    desk.harness.get_by_role_and_label(Role::CheckBox, "Failed only").click();
    desk.harness.run_steps(4);

    type_into(&mut desk, "Search this text", "face_id");
    assert!(desk.has("1 of 2"), "two faces");
    desk.button("Next match").click();
    desk.harness.run_steps(4);
    assert!(desk.has("2 of 2"));
    desk.harness.get_by_role_and_label(Role::TextInput, "Search this text").focus();
    desk.harness.run_steps(2);
    press(&mut desk, Key::Enter);
    assert!(desk.has("1 of 2"), "around, with Enter");
    type_into(&mut desk, "Search this text", "nothing of it");
    assert!(desk.has("0 of 0") && !desk.is_enabled("Next match"));
}

#[test]
fn a_refusal_is_listed_with_its_code() {
    let mut desk = Desk::placed();
    desk.name_task("error-1201:inspector");
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.wait("a refusal", |desk| desk.has("The service refused"));
    press(&mut desk, Key::F12);
    let listed = rows(&desk);
    assert!(listed[0].starts_with("POST advanced-lip-sync, 400, code 1201, "), "{listed:?}");
    desk.harness.get_by_role_and_label(Role::CheckBox, "Failed only").click();
    desk.harness.run_steps(4);
    assert_eq!(rows(&desk).len(), 1);
    tab(&mut desk, "Request");
    type_into(&mut desk, "Search this text", " as Base64)");
    assert!(desk.has("1 of 1"), "a voice is told, not shown");
    tab(&mut desk, "cURL");
    let voice = desk.folder.path().join("demo").join("voice.mp3");
    assert!(desk.has(&format!("It sends the file {}, and nothing where that is missing", voice.display())));
}

#[test]
fn the_panel_is_resized_by_pointer_and_keys_and_fits_the_smallest_window() {
    let mut desk = inspected();
    let width = |desk: &Desk| {
        desk.harness
            .get_by_role_and_label(Role::Splitter, "Width of the inspector")
            .accesskit_node()
            .numeric_value()
            .unwrap()
    };
    let before = width(&desk);
    desk.tab_to("Width of the inspector");
    desk.harness.step();
    press(&mut desk, Key::ArrowLeft);
    assert!((width(&desk) - before - 16.0).abs() < 0.01);
    let grip = desk.harness.get_by_role_and_label(Role::Splitter, "Width of the inspector").rect().center();
    desk.harness.drag_at(grip);
    desk.harness.run_steps(2);
    desk.harness.hover_at(grip - Vec2::new(50.0, 0.0));
    desk.harness.run_steps(2);
    desk.harness.drop_at(grip - Vec2::new(50.0, 0.0));
    desk.harness.run_steps(3);
    assert!((width(&desk) - before - 66.0).abs() < 2.0, "{} after {before}", width(&desk));

    desk.harness.set_size(Vec2::new(960.0, 640.0));
    desk.harness.run_steps(4);
    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(960.0, 640.0));
    for name in ["Close the inspector", "Copy", "Inspector"] {
        let rect = desk.button(name).rect();
        assert!(screen.contains_rect(rect), "{name} is cut: {rect:?}");
    }
    for row in desk.harness.query_all_by_role(Role::ListBoxOption) {
        assert!(row.rect().width() > 300.0);
    }
    desk.wait("a picture of the clip", |desk| desk.has("Picture of the clip"));
    let picture = desk.harness.get_by_label_contains("Picture of the clip").rect();
    assert!(picture.width() > 300.0, "over the picture, not beside it: {picture:?}");
}
