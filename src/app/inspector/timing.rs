//! When an exchange began, how long until the head of the answer was there and until all of it was.

use egui::{CornerRadius, Grid, Rect, Sense, Ui, vec2};

use crate::app::theme::{Palette, radius, space, text};
use crate::app::words;
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
        for (name, value) in lines(exchange) {
            ui.label(text::caption(palette, name));
            ui.add(egui::Label::new(text::mono(value)).wrap().selectable(true));
            ui.end_row();
        }
    });
}

/// The same as text.
#[must_use]
pub fn text(exchange: &Exchange) -> String {
    lines(exchange).into_iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

fn lines(exchange: &Exchange) -> Vec<(&'static str, String)> {
    let timing = exchange.timing;
    let mut lines = vec![("Began", words::moment(exchange.started_at_ms))];
    match timing.head_us {
        Some(head_us) => {
            lines.push(("Until the answer began", words::micros(head_us)));
            lines.push(("The answer itself", words::micros(timing.total_us.saturating_sub(head_us))));
        }
        None => lines.push(("Until the answer began", "It never did".into())),
    }
    lines.push(("In all", words::micros(timing.total_us)));
    lines.push(("Sent", words::bytes(exchange.request_bytes)));
    lines.push(("Received", words::bytes(exchange.response_bytes)));
    lines.extend(exchange.failure.as_ref().map(|failure| ("What went wrong", failure.clone())));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::inspector::tests::exchange;

    #[test]
    fn times_add_up_and_a_failure_is_told() {
        let told = text(&exchange(1, "GET", "https://a.b", Some(200), "{}"));
        assert_eq!(
            told,
            "Began: Tue, 14 Nov 2023 22:13:20 GMT\nUntil the answer began: 400 ms\nThe answer itself: 12 ms\nIn all: 412 ms\nSent: 0 bytes\nReceived: 2 bytes"
        );
        let none = text(&exchange(1, "GET", "https://a.b", None, ""));
        assert!(
            none.contains("It never did") && none.ends_with("What went wrong: the connection was closed"),
            "{none}"
        );
    }
}
