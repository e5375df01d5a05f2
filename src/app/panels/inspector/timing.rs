//! The timing of an exchange: when it began, and the durations until the response's headers and its end arrived.

use egui::{CornerRadius, Grid, Rect, Sense, Ui, vec2};

use crate::app::state::inspector::texts::timing_lines;
use crate::app::theme::{Palette, radius, space, text};
use crate::engine::Exchange;

/// Draws it.
pub fn timing_ui(ui: &mut Ui, exchange: &Exchange) {
    let palette = Palette::of(ui);
    let timing = exchange.timing;
    let total_us = timing.total_us.max(1);
    let head_us = timing.head_us.unwrap_or(total_us).min(total_us);
    let (bar, _) = ui.allocate_exact_size(vec2(ui.available_width(), 10.0), Sense::hover());
    let corners = CornerRadius::same(radius::SMALL);
    ui.painter().rect_filled(bar, corners, palette.voice);
    let part = bar.width() * (head_us as f64 / total_us as f64) as f32;
    ui.painter().rect_filled(Rect::from_min_size(bar.min, vec2(part, bar.height())), corners, palette.accent);
    ui.add_space(space::TIGHT);
    Grid::new("timing").num_columns(2).spacing([space::GROUP, space::ITEM]).show(ui, |ui| {
        for (name, value) in timing_lines(exchange) {
            ui.label(text::caption(palette, name));
            ui.add(egui::Label::new(text::mono(value)).wrap().selectable(true));
            ui.end_row();
        }
    });
}
