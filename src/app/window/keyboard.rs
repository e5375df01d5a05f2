//! What the keyboard asks for.

use egui::Ui;

use super::Window;
use crate::app::action::{self, Action, PRIMARY_SHORTCUT};
use crate::app::command::{Command, Wishes};

impl Window {
    /// What the keyboard asks for.
    pub(super) fn keys(&self, ui: &Ui, wishes: &mut Wishes) {
        let view = self.view();
        if view.shell.dialog.is_some() {
            return;
        }
        if ui.input_mut(|input| input.consume_shortcut(&PRIMARY_SHORTCUT)) {
            wishes.act(action::primary(&view));
        }
        // Plain keys belong to a text field, or to the control that has the focus.
        let typing = ui.ctx().text_edit_focused();
        let focused = ui.memory(|memory| memory.focused().is_some());
        let popup_open = egui::Popup::is_any_open(ui.ctx());
        for action in Action::ALL {
            let Some(shortcut) = action.info().shortcut else { continue };
            let plain = shortcut.modifiers.is_none();
            let taken = plain && (typing || popup_open || focused && shortcut.logical_key == egui::Key::Space);
            if !taken && action.obstacle(&view).is_none() && ui.input_mut(|input| input.consume_shortcut(&shortcut)) {
                wishes.act(action);
            }
        }
        if let Some(choosing) = view.choosing()
            && !typing
            && !popup_open
        {
            const DIGITS: [egui::Key; 9] = [
                egui::Key::Num1,
                egui::Key::Num2,
                egui::Key::Num3,
                egui::Key::Num4,
                egui::Key::Num5,
                egui::Key::Num6,
                egui::Key::Num7,
                egui::Key::Num8,
                egui::Key::Num9,
            ];
            for (face, digit) in choosing.faces.session.faces.iter().zip(DIGITS) {
                if ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, digit)) {
                    wishes.push(Command::ChooseFace(face.face_id.clone()));
                }
            }
        }
    }
}
