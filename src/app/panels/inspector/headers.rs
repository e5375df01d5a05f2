//! The headers of request and response, with secrets masked.

use egui::{Grid, ScrollArea, Ui};

use crate::app::state::inspector::texts::{both_headers, shown_header};
use crate::app::theme::{Palette, space, text, type_size};
use crate::engine::Exchange;

/// Draws both.
pub fn headers_ui(ui: &mut Ui, exchange: &Exchange) {
    let palette = Palette::of(ui);
    ScrollArea::vertical().id_salt("headers").auto_shrink([false, false]).show(ui, |ui| {
        for (title, headers) in both_headers(exchange) {
            ui.label(text::strong(title));
            if headers.is_empty() {
                ui.label(text::caption(palette, "None"));
            }
            Grid::new(title).num_columns(2).spacing([space::GROUP, space::TIGHT]).show(ui, |ui| {
                for (name, value) in headers {
                    ui.label(text::caption(palette, name));
                    let value = text::mono(shown_header(name, value)).size(type_size::CAPTION);
                    ui.add(egui::Label::new(value).wrap().selectable(true));
                    ui.end_row();
                }
            });
            ui.add_space(space::ITEM);
        }
    });
}
