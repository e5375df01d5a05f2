//! Keyboard and pointer, as a person uses them: keys go to whatever has the focus, and the pointer to a place.

use std::path::PathBuf;

use egui::{Event, Key, Modifiers, Pos2, Rect, Vec2};
use egui_kittest::Node;
use egui_kittest::kittest::NodeT as _;
use viseme::model::Placement;

use super::Desk;

/// More often than Tab must be pressed to come round in any window of ours.
pub const ROUND: usize = 150;
/// A hand moves in small steps.
const STEP_PX: f32 = 6.0;

/// The keyboard.
impl Desk {
    pub fn press(&mut self, key: Key) {
        self.chord(Modifiers::NONE, key);
    }

    pub fn chord(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(4);
    }

    /// Types over what stands in the field that has the focus.
    pub fn type_over(&mut self, text: &str) {
        self.chord(Modifiers::COMMAND, Key::A);
        self.harness.event(Event::Text(text.into()));
        self.harness.run_steps(3);
    }

    /// The control that has the focus.
    pub fn focused(&self) -> Option<Node<'_>> {
        self.harness.root().children_recursive().find(Node::is_focused)
    }

    /// Presses Tab until a control whose name begins so has the focus.
    pub fn tab_until(&mut self, starts: &str) {
        for _ in 0..ROUND {
            let name = self.focused().and_then(|node| node.accesskit_node().label());
            if name.is_some_and(|name| name.starts_with(starts)) {
                return;
            }
            self.press(Key::Tab);
        }
        panic!("{starts} cannot be reached with Tab");
    }
}

/// The pointer.
impl Desk {
    /// Pulls from a point by so much, as a hand does: down, along, up.
    pub fn pull(&mut self, from: Pos2, by: Vec2) {
        self.harness.hover_at(from);
        self.harness.run_steps(2);
        self.harness.drag_at(from);
        self.harness.run_steps(2);
        let steps = (by.length() / STEP_PX).ceil().max(1.0);
        for step in 1..=steps as usize {
            self.harness.hover_at(from + by * (step as f32 / steps));
            self.harness.run_steps(1);
        }
        self.harness.drop_at(from + by);
        self.harness.run_steps(3);
    }

    /// Where a control is.
    pub fn rect(&self, name: &str) -> Rect {
        let is_it = |node: &Node<'_>| node.accesskit_node().label().is_some_and(|label| label == name);
        let found = self.harness.root().children_recursive().find(is_it);
        found.unwrap_or_else(|| panic!("there is no {name}")).rect()
    }
}

/// Files.
impl Desk {
    /// Lets go of a file over the window.
    pub fn drop_file(&mut self, path: impl Into<PathBuf>) {
        self.harness.input_mut().dropped_files.push(std::sync::Arc::new(super::Dropped(path.into())));
        self.harness.run_steps(2);
    }
}

/// What they come to.
impl Desk {
    /// The placement that is being chosen.
    pub fn placement(&self) -> Placement {
        self.harness.state().view().choosing().unwrap().placement.unwrap()
    }

    /// The bundled clip and voice under other names, as a person's own files.
    pub fn own_files(&self) -> [PathBuf; 2] {
        [("duo.mp4", "interview.mp4"), ("voice.mp3", "speaker.mp3")].map(|(bundled, own)| {
            let path = self.folder.path().join(own);
            std::fs::copy(format!("{}/assets/demo/{bundled}", env!("CARGO_MANIFEST_DIR")), &path).unwrap();
            path
        })
    }
}
