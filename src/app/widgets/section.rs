//! A section of the side panel: its name, controls on the right of the name, and its contents.

use egui::{Align, Layout, Ui};

use crate::app::theme::{size, space, text};

/// Draws a section.
pub fn section_ui(ui: &mut Ui, name: &str, right_ui: impl FnOnce(&mut Ui), contents_ui: impl FnOnce(&mut Ui)) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::ITEM;
        ui.horizontal(|ui| {
            ui.set_min_height(size::BUTTON_INLINE);
            ui.label(text::strong(name));
            ui.with_layout(Layout::right_to_left(Align::Center), right_ui);
        });
        contents_ui(ui);
    });
}
