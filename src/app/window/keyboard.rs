//! Keyboard shortcuts. All but those of the faces come from the table of actions.

use egui::{Event, InputState, Key, KeyboardShortcut, Modifiers, Ui};

use super::Window;
use crate::app::action::command::{Command, Commands};
use crate::app::action::{Action, FACE_KEYS};
use crate::app::widgets::pulled::space_is_free;

/// State of the last frame. egui handles Escape before this module does, and that press must have no second effect.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    typing: bool,
    dragging: bool,
}

impl Before {
    /// The state of this frame.
    pub fn now(ctx: &egui::Context) -> Self {
        Self { typing: ctx.text_edit_focused(), dragging: ctx.dragged_id().is_some() }
    }

    /// Whether Escape leaves a field or cancels a drag: only the next press cancels a running job.
    const fn holds_escape(self) -> bool {
        self.typing || self.dragging
    }
}

impl Window {
    /// Pushes the commands of the keys that were pressed.
    pub(super) fn keys(&self, ui: &Ui, commands: &mut Commands) {
        let view = self.view();
        if view.shell.is_covered() {
            return;
        }
        // Unmodified keys belong to a text field, to an open menu, or to a focused control that uses them.
        let typing = ui.ctx().text_edit_focused();
        let space_taken = !space_is_free(ui.ctx());
        let popup_open = egui::Popup::is_any_open(ui.ctx());
        // Arrow keys move the focused control: a slider, the voice, a row of a list.
        let arrows_taken = ui.ctx().memory(|memory| memory.focused().is_some());
        for &action in Action::ALL {
            for &shortcut in action.info().shortcuts {
                // A letter with Shift alone is still text.
                let plain = !shortcut.modifiers.command && !shortcut.modifiers.alt;
                let escape_used = shortcut.logical_key == Key::Escape && self.before.holds_escape();
                let taken = plain
                    && (typing
                        || popup_open
                        || arrows_taken && is_arrow(shortcut.logical_key)
                        || space_taken && shortcut.logical_key == Key::Space
                        || escape_used)
                    || typing && action.is_of_text_fields_too();
                let presses = if taken { 0 } else { ui.input(|input| presses(input, shortcut, action.repeats())) };
                if presses == 0 {
                    continue;
                }
                match action.obstacle(&view) {
                    None => {
                        ui.input_mut(|input| consume(input, shortcut));
                        // A slow frame brings several key presses.
                        let times = if action.repeats() { presses } else { 1 };
                        (0..times).for_each(|_| commands.act(action));
                    }
                    // This shortcut is the one that everybody tries: without an explanation it would seem broken.
                    Some(why) if action == Action::NextStep => commands.push(Command::Hint(why)),
                    Some(_) => {}
                }
            }
        }
        if let Some(choosing) = view.choosing()
            && !typing
            && !popup_open
        {
            for (face, digit) in choosing.faces.session.faces.iter().zip(FACE_KEYS) {
                let shortcut = KeyboardShortcut::new(Modifiers::NONE, digit);
                if ui.input(|input| presses(input, shortcut, false)) > 0 {
                    ui.input_mut(|input| consume(input, shortcut));
                    commands.push(Command::ChooseFace(face.face_id.clone()));
                }
            }
        }
    }
}

/// How often this shortcut was pressed, with exactly its modifiers: Ctrl+Shift+O is not Ctrl+O.
fn presses(input: &InputState, shortcut: KeyboardShortcut, repeats: bool) -> usize {
    input.events.iter().filter(|event| is_press(event, shortcut, repeats)).count()
}

/// Consumes the press, so that nothing else handles it.
fn consume(input: &mut InputState, shortcut: KeyboardShortcut) {
    input.events.retain(|event| !is_press(event, shortcut, true));
}

fn is_press(event: &Event, shortcut: KeyboardShortcut, repeats: bool) -> bool {
    let Event::Key { key, pressed: true, repeat, modifiers, .. } = event else { return false };
    let mut modifiers = *modifiers;
    if needs_shift_somewhere(*key) {
        modifiers.shift = shortcut.modifiers.shift;
    }
    *key == shortcut.logical_key && (repeats || !repeat) && modifiers.matches_exact(shortcut.modifiers)
}

const fn is_arrow(key: Key) -> bool {
    matches!(key, Key::ArrowLeft | Key::ArrowRight | Key::ArrowUp | Key::ArrowDown)
}

/// Characters that some keyboards have only together with Shift.
const fn needs_shift_somewhere(key: Key) -> bool {
    matches!(
        key,
        Key::Questionmark | Key::Plus | Key::Colon | Key::Pipe | Key::OpenCurlyBracket | Key::CloseCurlyBracket
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(key: Key, modifiers: Modifiers) -> Event {
        Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers }
    }

    #[test]
    fn more_modifiers_are_other_keys() {
        let ctrl_o = KeyboardShortcut::new(Modifiers::COMMAND, Key::O);
        let ctrl_shift_o = KeyboardShortcut::new(Modifiers::COMMAND | Modifiers::SHIFT, Key::O);
        let with = |modifiers: Modifiers| press(Key::O, Modifiers { ctrl: true, command: true, ..modifiers });
        assert!(is_press(&with(Modifiers::NONE), ctrl_o, false));
        assert!(!is_press(&with(Modifiers::SHIFT), ctrl_o, false));
        assert!(is_press(&with(Modifiers::SHIFT), ctrl_shift_o, false));
        assert!(!is_press(&with(Modifiers::ALT), ctrl_o, false));
        let plain = KeyboardShortcut::new(Modifiers::NONE, Key::O);
        assert!(!is_press(&with(Modifiers::NONE), plain, false));
    }

    #[test]
    fn a_question_mark_is_one_whatever_the_keyboard() {
        let question = KeyboardShortcut::new(Modifiers::NONE, Key::Questionmark);
        assert!(is_press(&press(Key::Questionmark, Modifiers::SHIFT), question, false));
        assert!(is_press(&press(Key::Questionmark, Modifiers::NONE), question, false));
        let comma = KeyboardShortcut::new(Modifiers::NONE, Key::Comma);
        assert!(!is_press(&press(Key::Comma, Modifiers::SHIFT), comma, false));
    }

    #[test]
    fn a_key_held_down_acts_once_unless_it_steps() {
        let space = KeyboardShortcut::new(Modifiers::NONE, Key::Space);
        let repeated =
            Event::Key { key: Key::Space, physical_key: None, pressed: true, repeat: true, modifiers: Modifiers::NONE };
        assert!(!is_press(&repeated, space, false));
        assert!(is_press(&repeated, space, true));
    }
}
