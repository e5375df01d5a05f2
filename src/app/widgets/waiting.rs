//! Progress of a running job: what it is, for how long it has run, and a button that stops it. It is shown only for jobs that take a
//! while; its space is reserved, so that the layout does not jump.

use egui::{Align, Label, Layout, Sense, Ui, vec2};

use crate::app::action::Action;
use crate::app::action::command::Commands;
use crate::app::state::view::View;
use crate::app::theme::{Palette, size, space, text};
use crate::app::widgets::button::{Look, action_ui};
use crate::app::words;

/// The delay before it is shown, in milliseconds.
pub const MARK_AFTER_MS: i64 = 200;

/// Draws it in one line: an activity mark, the time, the text, and the action that stops the job.
pub fn waiting_ui(
    ui: &mut Ui,
    view: &View<'_>,
    commands: &mut Commands,
    words: &str,
    waited_ms: i64,
    cancel: Option<Action>,
) {
    let palette = Palette::of(ui);
    let room = vec2(ui.available_width(), size::BUTTON_INLINE);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        ui.set_min_height(size::BUTTON_INLINE);
        if waited_ms < MARK_AFTER_MS {
            return;
        }
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        if let Some(action) = cancel {
            // Several jobs may run at once: the accessible name says which one this button stops.
            action_ui(ui, view, commands, action, Look::Inline).accessible_name(action.info().title);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::TIGHT;
            dots_ui(ui, waited_ms);
            ui.label(text::mono(words::elapsed(waited_ms)).color(palette.text_dim));
            ui.add(Label::new(text::caption(palette, words)).truncate());
        });
    });
}

/// Three dots of which one is lit, four steps a second. egui's spinner would ask for a continuous repaint.
pub fn dots_ui(ui: &mut Ui, waited_ms: i64) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(26.0, 8.0), Sense::hover());
    // With reduced motion only the elapsed time beside it changes.
    let lit = if ui.style().animation_time > 0.0 { waited_ms.div_euclid(250).rem_euclid(3) } else { 1 };
    for dot in 0..3_u8 {
        let centre = egui::pos2(rect.left() + 4.0 + 9.0 * f32::from(dot), rect.center().y);
        let colour = if i64::from(dot) == lit { palette.accent } else { palette.span };
        ui.painter().circle_filled(centre, 3.0, colour);
    }
}
