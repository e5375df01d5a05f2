//! Palette, help sheet and dialogs through the accessibility tree: what they show, what they do, who has the keyboard.

use crate::support::Desk;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::workflow::Stage;

/// The entries of the palette, as they stand.
fn titles(desk: &Desk) -> Vec<String> {
    desk.harness.query_all_by_role(Role::ListBoxOption).filter_map(|node| node.accesskit_node().label()).collect()
}

fn selected(desk: &Desk) -> String {
    let chosen: Vec<Node<'_>> = desk
        .harness
        .query_all_by_role(Role::ListBoxOption)
        .filter(|node| node.accesskit_node().is_selected() == Some(true))
        .collect();
    assert_eq!(chosen.len(), 1, "one entry is selected");
    chosen[0].accesskit_node().label().unwrap()
}

fn press(desk: &mut Desk, key: Key) {
    desk.harness.key_press(key);
    desk.harness.run_steps(3);
}

fn chord(desk: &mut Desk, modifiers: Modifiers, key: Key) {
    desk.harness.key_press_modifiers(modifiers, key);
    desk.harness.run_steps(4);
}

fn type_text(desk: &mut Desk, text: &str) {
    desk.harness.event(egui::Event::Text(text.into()));
    desk.harness.run_steps(3);
}

fn focused(desk: &Desk) -> Option<String> {
    desk.harness.root().children_recursive().find(Node::is_focused).and_then(|node| node.accesskit_node().label())
}

fn dialog<'a>(desk: &'a Desk, name: &'a str) -> Option<Node<'a>> {
    desk.harness.query_by_role_and_label(Role::Dialog, name)
}

#[test]
fn storage_is_found_in_the_palette() {
    let mut desk = Desk::open();
    desk.ready();
    chord(&mut desk, Modifiers::COMMAND, Key::K);
    type_text(&mut desk, "storage");
    assert_eq!(selected(&desk), "Storage…");
    press(&mut desk, Key::Enter);
    desk.wait("its page", |desk| desk.has("Use this storage"));
}

#[test]
fn budgets_and_earlier_speeches_are_found_in_the_palette() {
    let mut desk = Desk::open();
    desk.ready();
    for words in ["budget", "spending"] {
        chord(&mut desk, Modifiers::COMMAND, Key::K);
        type_text(&mut desk, words);
        assert_eq!(selected(&desk), "Spending and budgets…");
        press(&mut desk, Key::Enter);
        desk.wait("its page", |desk| dialog(desk, "Settings").is_some() && desk.has("Budget"));
        press(&mut desk, Key::Escape);
    }
    chord(&mut desk, Modifiers::COMMAND, Key::K);
    type_text(&mut desk, "earlier speeches");
    assert_eq!(selected(&desk), "Earlier speeches of texts");
}

#[test]
fn a_message_over_the_picture_is_dismissed_by_escape_and_from_the_palette() {
    let mut desk = Desk::open();
    desk.ready();
    for by_palette in [false, true] {
        chord(&mut desk, Modifiers::COMMAND, Key::Enter);
        desk.wait("why nothing is done", |desk| desk.is_enabled("Dismiss"));
        if by_palette {
            chord(&mut desk, Modifiers::COMMAND, Key::K);
            type_text(&mut desk, "dismiss the message");
            assert_eq!(selected(&desk), "Dismiss the message");
            press(&mut desk, Key::Enter);
        } else {
            press(&mut desk, Key::Escape);
        }
        desk.wait("no message", |desk| !desk.is_enabled("Dismiss"));
    }
}

#[test]
fn an_action_is_found_by_its_words_and_done_with_enter() {
    let mut desk = Desk::open();
    desk.ready();
    chord(&mut desk, Modifiers::COMMAND, Key::K);
    desk.harness.check_accessibility();
    assert!(dialog(&desk, "Command palette").is_some_and(|node| node.accesskit_node().is_modal()));
    assert!(desk.harness.query_by_role_and_label(Role::ListBox, "Actions").is_some());
    assert_eq!(focused(&desk), Some(selected(&desk)), "the field's active descendant is read out");
    let all = titles(&desk);
    assert!(all.iter().any(|title| title == "Use EZmodel") && all.iter().any(|title| title == "Theme: light"));

    type_text(&mut desk, "demo");
    assert_eq!(selected(&desk), "Try the demo clip");
    press(&mut desk, Key::Enter);
    assert!(dialog(&desk, "Command palette").is_none());
    desk.wait("faces", |desk| desk.has_tile("Face 2"));

    chord(&mut desk, Modifiers::COMMAND | Modifiers::SHIFT, Key::P);
    type_text(&mut desk, "face 2");
    assert_eq!(selected(&desk), "Choose face 2");
    press(&mut desk, Key::Enter);
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));

    chord(&mut desk, Modifiers::COMMAND, Key::K);
    assert_eq!(selected(&desk), "Try the demo clip", "what was done before comes first, where it can be done");
}

#[test]
fn what_cannot_be_done_says_why_and_is_not_done() {
    let mut desk = Desk::open();
    desk.ready();
    chord(&mut desk, Modifiers::COMMAND, Key::K);
    type_text(&mut desk, "submit the task");
    assert_eq!(selected(&desk), "Submit the task");
    let entry = desk.harness.get_by_role_and_label(Role::ListBoxOption, "Submit the task");
    assert!(entry.accesskit_node().is_disabled());
    let words = entry.accesskit_node().description().unwrap();
    assert!(words.contains("Find the faces first"), "{words}");
    press(&mut desk, Key::Enter);
    assert!(dialog(&desk, "Command palette").is_some(), "it stays, and so does the reason");
    assert!(matches!(desk.stage(), Stage::Idle(_)));
    type_text(&mut desk, "zzz");
    assert!(titles(&desk).is_empty() && desk.has("No action matches"));
    press(&mut desk, Key::Enter);
    press(&mut desk, Key::Escape);
    assert!(dialog(&desk, "Command palette").is_none());
}

#[test]
fn the_list_is_walked_with_every_key_and_the_pointer() {
    let mut desk = Desk::open();
    desk.ready();
    chord(&mut desk, Modifiers::COMMAND, Key::K);
    let all = titles(&desk);
    let at = |index: usize| all[index].clone();
    assert_eq!(selected(&desk), at(0));
    for (key, expected) in [
        (Key::ArrowDown, 1),
        (Key::ArrowDown, 2),
        (Key::ArrowUp, 1),
        (Key::Home, 0),
        (Key::ArrowUp, all.len() - 1),
        (Key::ArrowDown, 0),
        (Key::PageDown, 9),
        (Key::PageUp, 0),
        (Key::End, all.len() - 1),
    ] {
        press(&mut desk, key);
        assert_eq!(selected(&desk), at(expected), "{key:?}");
    }
    press(&mut desk, Key::Tab);
    assert_eq!(focused(&desk), Some(selected(&desk)), "the keyboard stays with the field");
    type_text(&mut desk, "keyboard");
    desk.harness.get_by_role_and_label(Role::ListBoxOption, "Keyboard shortcuts").click();
    desk.harness.run_steps(4);
    assert!(dialog(&desk, "Keyboard shortcuts").is_some());
}

#[test]
fn the_sheet_lists_every_key_and_restores_the_focus() {
    let mut desk = Desk::open();
    desk.ready();
    desk.tab_to("Try the demo clip");
    press(&mut desk, Key::F1);
    assert!(dialog(&desk, "Keyboard shortcuts").is_some());
    desk.harness.check_accessibility();
    for line in [
        "Do the next step: Ctrl+Enter",
        "Choose a voice…: Ctrl+Shift+O",
        "Find an action…: Ctrl+K or Ctrl+Shift+P",
        "Choose face 1 to 9",
        "Cancel what is running: Esc",
        "Trim the voice: Drag an end",
    ] {
        assert!(desk.has(line), "{line}");
    }
    // Nothing below is reached: the sheet has one control.
    for _ in 0..3 {
        press(&mut desk, Key::Tab);
        assert!(focused(&desk).as_deref() == Some("Close"), "{:?}", focused(&desk));
    }
    press(&mut desk, Key::Escape);
    assert!(dialog(&desk, "Keyboard shortcuts").is_none());
    assert_eq!(focused(&desk).as_deref(), Some("Try the demo clip"));
    press(&mut desk, Key::Questionmark);
    assert!(dialog(&desk, "Keyboard shortcuts").is_some());
    press(&mut desk, Key::Questionmark);
    assert!(dialog(&desk, "Keyboard shortcuts").is_none());
}

#[test]
fn in_the_usual_window_the_whole_sheet_is_seen() {
    let mut desk = Desk::open();
    desk.ready();
    press(&mut desk, Key::F1);
    let sheet = dialog(&desk, "Keyboard shortcuts").unwrap().rect();
    let lines: Vec<_> = desk.harness.query_all_by_role(Role::ListItem).map(|line| line.rect()).collect();
    assert!(lines.len() > 30);
    for line in lines {
        assert!(line.top() >= sheet.top() && line.bottom() <= sheet.bottom(), "{line} within {sheet}");
    }
    assert!(desk.has("Zoom into the timeline: + or ="), "a key is called as it is written");
}

#[test]
fn a_dialog_begins_with_what_harms_nobody_and_gives_the_keyboard_back() {
    let mut desk = Desk::placed();
    desk.name_task("lose:1");
    chord(&mut desk, Modifiers::COMMAND, Key::Enter);
    desk.wait("a task that is followed", |desk| matches!(desk.stage(), Stage::Submitted(_) | Stage::Done(_)));
    desk.check_result();
    desk.tab_to("Save…");
    press(&mut desk, Key::Enter);
    assert!(dialog(&desk, "Save the result as").is_some());
    assert_eq!(focused(&desk).as_deref(), Some("Save to"));
    for _ in 0..8 {
        press(&mut desk, Key::Tab);
        let now = focused(&desk);
        let inside = ["Save to", "Browse for a place…", "Cancel", "Save"];
        assert!(now.as_deref().is_none_or(|now| inside.contains(&now)), "{now:?} lies below the dialog");
    }
    press(&mut desk, Key::Escape);
    assert!(dialog(&desk, "Save the result as").is_none());
    assert_eq!(focused(&desk).as_deref(), Some("Save…"));
}

#[test]
fn palette_and_sheet_fit_the_smallest_window() {
    let mut desk = Desk::open_on("sandbox", Vec2::new(960.0, 640.0));
    desk.ready();
    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(960.0, 640.0));
    for (key, modifiers, name) in
        [(Key::K, Modifiers::COMMAND, "Command palette"), (Key::F1, Modifiers::NONE, "Keyboard shortcuts")]
    {
        chord(&mut desk, modifiers, key);
        let rect = dialog(&desk, name).unwrap().rect();
        assert!(screen.contains_rect(rect), "{name}: {rect:?}");
        press(&mut desk, Key::Escape);
        assert!(dialog(&desk, name).is_none());
    }
}
