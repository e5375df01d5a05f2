//! A check box, whose box is seen on every surface.

use egui::{Checkbox, Stroke, Ui};

use crate::app::theme::Palette;

/// Draws it with its words beside it; returns the new state after a click.
pub fn checkbox_ui(ui: &mut Ui, words: &str, is_on: bool) -> Option<bool> {
    let palette = Palette::of(ui);
    let mut state = is_on;
    let response = ui.scope(|ui| {
        let widgets = &mut ui.visuals_mut().widgets;
        for (state, line) in [
            (&mut widgets.inactive, palette.text_faint),
            (&mut widgets.hovered, palette.text_dim),
            (&mut widgets.active, palette.text_dim),
        ] {
            state.bg_fill = palette.field;
            state.bg_stroke = Stroke::new(1.0, line);
        }
        ui.add(Checkbox::new(&mut state, words))
    });
    response.inner.changed().then_some(state)
}
