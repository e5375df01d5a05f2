//! A slider in the accent colour, of a given width.

use std::ops::RangeInclusive;

use egui::emath::Numeric;
use egui::{Response, Slider, Stroke, Ui};

use super::pulled::leave_space;
use crate::app::theme::Palette;

/// Height of a slider, from which egui derives the size of the handle.
const HEIGHT_PX: f32 = 18.0;

/// The smallest difference that counts as a change: egui's slider rounds each value to its nearest step, and 19 steps of 0.05 are not
/// exactly 0.95, so that its own `changed` would be true in every frame.
const NOTHING: f64 = 1e-4;

/// Draws a slider; returns its response, and whether a person moved it.
pub fn slider_ui<N: Numeric>(
    ui: &mut Ui,
    name: &str,
    value: &mut N,
    range: RangeInclusive<N>,
    width_px: f32,
    enabled: bool,
) -> (Response, bool) {
    let palette = Palette::of(ui);
    let before = value.to_f64();
    let response = ui.scope(|ui| {
        let visuals = ui.visuals_mut();
        visuals.selection.bg_fill = palette.accent;
        for state in [&mut visuals.widgets.inactive, &mut visuals.widgets.hovered, &mut visuals.widgets.active] {
            state.bg_fill = palette.span;
            state.fg_stroke = Stroke::new(2.0, palette.accent);
        }
        ui.spacing_mut().interact_size.y = HEIGHT_PX;
        ui.spacing_mut().slider_width = width_px.max(24.0);
        let step = if N::INTEGRAL { 1.0 } else { 0.05 };
        let response = ui
            .add_enabled(enabled, Slider::new(value, range).show_value(false).trailing_fill(true).step_by(step))
            .accessible_name(name);
        leave_space(&response);
        response
    });
    let moved = (value.to_f64() - before).abs() > NOTHING;
    (response.inner, moved)
}
