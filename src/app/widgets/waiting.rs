//! What is waited for: what, for how long, and the way to stop it. Shown only for what takes a while; its room is kept before, so that
//! nothing jumps.

use egui::{Align, Label, Layout, Sense, Ui, vec2};

use crate::app::action::Action;
use crate::app::action::command::Wishes;
use crate::app::state::view::View;
use crate::app::theme::{Palette, size, space, text};
use crate::app::widgets::button::{Look, action_ui};
use crate::app::words;

/// A mark appears only for what takes longer, in milliseconds.
pub const MARK_AFTER_MS: i64 = 200;

/// Draws it in one line: a sign of life, the time, the words, and the action that stops it.
pub fn waiting_ui(
    ui: &mut Ui,
    view: &View<'_>,
    wishes: &mut Wishes,
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
            // Several may run at once: by its name it is told which of them it stops.
            action_ui(ui, view, wishes, action, Look::Inline).accessible_name(action.info().title);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::TIGHT;
            dots_ui(ui, waited_ms);
            ui.label(text::mono(words::elapsed(waited_ms)).color(palette.text_dim));
            ui.add(Label::new(text::caption(palette, words)).truncate());
        });
    });
}

/// Three dots of which one is lit, four steps a second: life without a continuous repaint, which egui's spinner would ask for.
pub fn dots_ui(ui: &mut Ui, waited_ms: i64) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(26.0, 8.0), Sense::hover());
    // With reduced motion the time beside it, which goes on, is the sign of life.
    let lit = if ui.style().animation_time > 0.0 { waited_ms.div_euclid(250).rem_euclid(3) } else { 1 };
    for dot in 0..3_u8 {
        let centre = egui::pos2(rect.left() + 4.0 + 9.0 * f32::from(dot), rect.center().y);
        let colour = if i64::from(dot) == lit { palette.accent } else { palette.span };
        ui.painter().circle_filled(centre, 3.0, colour);
    }
}
