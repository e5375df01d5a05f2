//! The report on a pasted text: what was used, what was not and why; and the one question that pasting may raise.

use egui::Ui;

use crate::app::action::command::{Command, Commands};
use crate::app::state::entry::SourceSlot;
use crate::app::state::paste::PasteCommand;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::notice::{Tone, notice_ui};
use crate::app::widgets::overlay::{Overlay, Place, answers_row_ui, overlay_ui};

/// Draws the report on the last pasted text.
pub fn report_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let Some(report) = &view.shell.paste.report else { return };
    let (tone, title) = if report.taken.is_empty() {
        (Tone::Warn, "Nothing in the pasted text could be used".to_owned())
    } else {
        (Tone::Info, format!("Used from the pasted text: {}", report.taken.join(", ")))
    };
    notice_ui(ui, tone, &title, &report.lines, |ui| {
        ui.horizontal_wrapped(|ui| {
            if let Some((name, shown)) = &report.offer {
                let face = Face::new(shown, None);
                let tooltip = "Switches to the service of the command; what was entered stays";
                if button_ui(ui, Look::Soft, &face, tooltip, view.flow.busy_with()).clicked() {
                    commands.push(Command::SwitchProfile(name.clone()));
                    commands.push(Command::Paste(PasteCommand::Dismiss));
                }
            }
            if button_ui(ui, Look::Soft, &Face::new("Dismiss", None), "Closes this message", None).clicked() {
                commands.push(Command::Paste(PasteCommand::Dismiss));
            }
        });
    });
}

/// Draws the question.
pub fn paste_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands) {
    let Some(address) = &view.shell.paste.ask else { return };
    let name = "What is at this address?";
    let overlay = Overlay { id: "paste", name, place: Place::Middle, width: 440.0, margin: 20 };
    let closed = overlay_ui(ui, &overlay, |ui| {
        let palette = Palette::of(ui);
        ui.spacing_mut().item_spacing.y = space::ITEM;
        ui.label(text::heading(name));
        ui.add(egui::Label::new(text::mono(address)).truncate().show_tooltip_when_elided(false)).on_hover_text(address);
        ui.label(text::dim(palette, "The address does not show whether it is a clip or a voice"));
        ui.add_space(space::ITEM);
        answers_row_ui(ui, |ui| {
            let mut first = None;
            for (label, icon, slot) in
                [("A voice", Icon::AudioLines, SourceSlot::Voice), ("A clip", Icon::Film, SourceSlot::Clip)]
            {
                let answer =
                    button_ui(ui, Look::Soft, &Face::new(label, Some(icon)), "Uses the address as this source", None);
                if answer.clicked() {
                    commands.push(Command::Paste(PasteCommand::Is(slot)));
                }
                first = Some(answer);
            }
            if let Some(first) = first
                && ui.memory(|memory| memory.focused().is_none())
            {
                first.request_focus();
            }
            if button_ui(ui, Look::Ghost, &Face::new("Cancel", None), "Closes this dialog; nothing is changed", None)
                .clicked()
            {
                commands.push(Command::Paste(PasteCommand::Dismiss));
            }
        });
    });
    if closed {
        commands.push(Command::Paste(PasteCommand::Dismiss));
    }
}
