//! Every stage read through the accessibility tree: whatever can be worked has a role, a name, and a place in the window that can
//! be hit; no two of them answer to the same name.

use std::collections::HashSet;

use egui::accesskit::{Action, Role};
use egui::{Key, Modifiers, Rect, Vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use viseme::app::action::Action as UserAction;

use crate::support::Desk;

/// As small as a target may be, in points; egui's own sliders are 18.
const TARGET_PX: f32 = 18.0;
/// A handle to pull by may be this narrow where it is long.
const HANDLE_PX: f32 = 6.0;

/// What can be worked, or read as a control.
fn is_control(node: &Node<'_>) -> bool {
    let node = node.accesskit_node();
    let takes = |action| node.data().supports_action(action);
    // Words that can be selected are no control, and a scroll bar has its own keys and wheel.
    let is_one = node.parent().is_some() && !matches!(node.role(), Role::ScrollBar | Role::Label);
    is_one && !node.is_hidden() && (takes(Action::Focus) || takes(Action::Click))
}

/// What may lie outside the window, because its list is scrolled or its timeline is longer than the window.
fn is_scrolled(role: Role, name: &str) -> bool {
    let on_timeline = ["Voice on the timeline", "Start of the voice", "End of the voice"].contains(&name);
    role == Role::ListBoxOption || on_timeline || name.starts_with("Lane of ")
}

/// The same action in two places does the same: its button may be there twice, if no other action has the same words.
fn is_one_action(role: Role, name: &str) -> bool {
    role == Role::Button && UserAction::ALL.iter().filter(|action| action.info().label == name).count() == 1
}

/// What is drawn by hand and what is a handle: long, and as narrow as it looks.
fn is_handle(name: &str) -> bool {
    ["Start of the voice", "End of the voice", "Width of the side panel", "Height of the timeline"].contains(&name)
        || name.starts_with("Lane of ")
}

/// What is wrong with the window as it stands.
fn faults(desk: &Desk, size: Vec2) -> Vec<String> {
    let screen = Rect::from_min_size(egui::Pos2::ZERO, size).expand(0.5);
    // The side panel is scrolled: what lies below its end is come to by scrolling, and by Tab.
    let side = desk.harness.query_by_label("Width of the side panel").map_or(0.0, |node| node.rect().right());
    let mut names = HashSet::new();
    let mut faults = Vec::new();
    for node in desk.harness.root().children_recursive().filter(is_control) {
        let inner = node.accesskit_node();
        let (role, name) = (inner.role(), inner.label().unwrap_or_default());
        let what = format!("{role:?} {name:?}");
        if matches!(role, Role::Unknown | Role::GenericContainer | Role::Pane) {
            faults.push(format!("{what} has no role; at {:?}", inner.raw_bounds()));
        }
        if name.trim().is_empty() {
            faults.push(format!("{what} has no name; at {:?}", inner.raw_bounds()));
        } else if !names.insert((format!("{role:?}"), name.clone())) && !is_one_action(role, &name) {
            faults.push(format!("{what} is there twice"));
        }
        if inner.raw_bounds().is_none() {
            faults.push(format!("{what} has no place"));
            continue;
        }
        let rect = node.rect();
        let least = if is_handle(&name) { HANDLE_PX } else { TARGET_PX };
        if rect.width().min(rect.height()) < least || rect.width().max(rect.height()) < TARGET_PX {
            faults.push(format!("{what} is too small to be hit: {:?}", rect.size()));
        }
        let in_side = rect.right() <= side && rect.left() >= 0.0;
        if !(screen.contains_rect(rect) || in_side || is_scrolled(role, &name)) {
            faults.push(format!("{what} is cut by the window: {rect:?}"));
        }
    }
    faults
}

fn check(desk: &Desk, size: Vec2, stage: &str, found: &mut Vec<String>) {
    desk.harness.check_accessibility();
    found.extend(faults(desk, size).into_iter().map(|fault| format!("{stage}: {fault}")));
}

/// Walks through the job and looks at every stage of it.
fn walk(size: Vec2) {
    let mut found = Vec::new();
    let mut desk = Desk::open_on("sandbox", size);
    desk.ready();
    check(&desk, size, "empty", &mut found);

    let [clip, voice] = desk.own_files();
    for path in [clip, voice] {
        desk.harness.input_mut().dropped_files.push(std::sync::Arc::new(crate::support::Dropped(path)));
        desk.harness.run_steps(2);
    }
    desk.wait("both probes", |desk| desk.has("MP4 · 1280×720") && desk.has("MP3 · 8.25"));
    check(&desk, size, "with a clip", &mut found);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    check(&desk, size, "choosing", &mut found);
    desk.press(Key::Num2);
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    check(&desk, size, "placed", &mut found);
    desk.harness.get_by_label("Voice on the timeline").set_value_accesskit(5_500.0);
    desk.wait("a broken rule", |desk| desk.has("Send anyway…"));
    check(&desk, size, "broken rule", &mut found);
    desk.chord(Modifiers::COMMAND, Key::B);
    desk.wait("the best place", |desk| desk.is_enabled("Submit"));
    desk.harness.get_by_label("Advanced").click_accesskit();
    desk.wait("the advanced fields", |desk| desk.has("External task id"));
    check(&desk, size, "advanced", &mut found);
    desk.chord(Modifiers::COMMAND, Key::K);
    desk.wait("the palette", |desk| desk.has("Command palette"));
    check(&desk, size, "palette", &mut found);
    desk.press(Key::Escape);
    desk.press(Key::F1);
    desk.wait("the sheet", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Keyboard shortcuts").is_some());
    check(&desk, size, "sheet", &mut found);
    desk.press(Key::Escape);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("a task", |desk| desk.is_enabled("Stop following"));
    check(&desk, size, "submitted", &mut found);
    desk.check_result();
    check(&desk, size, "result", &mut found);
    // A draft that is still on its way has a Cancel of its own, as the question has.
    desk.wait("the end of the draft's preparation", |desk| !desk.has("Preparing"));
    desk.chord(Modifiers::COMMAND, Key::S);
    desk.wait("the question where to", |desk| desk.has("Save the result"));
    check(&desk, size, "saving", &mut found);
    assert!(found.is_empty(), "at {size:?}:\n{}", found.join("\n"));
}

#[test]
fn every_control_has_a_role_a_name_and_a_place_at_the_size_it_is_designed_for() {
    walk(Vec2::new(1280.0, 800.0));
}

#[test]
fn every_control_has_a_role_a_name_and_a_place_at_the_smallest_size() {
    walk(Vec2::new(960.0, 640.0));
}
