//! The line under the voice: where it may begin, or which rule is broken, and the button that helps; under a result, the verdict on it.

use egui::{Align, CornerRadius, Layout, Sense, TextStyle, TextWrapMode, Ui, vec2};

use crate::app::action::Action;
use crate::app::action::command::Commands;
use crate::app::panels::verdict::line_ui;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, space, text, type_size};
use crate::app::widgets::button::{Look, action_ui};
use crate::model::interval::clock_text;
use crate::model::note::notes;
use crate::model::placement::allowed_inserts_ms;
use crate::model::rule::first_broken;
use crate::playback::player::{Shown, Source};

/// Width of *Snap to best*, in points.
const SNAP_PX: f32 = 130.0;

/// Width of the text about where the voice may begin, beside where it does, in points.
const WORDS_PX: f32 = 230.0;

/// Draws the line.
pub fn words_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let Some(choosing) = view.choosing().filter(|_| view.shell.player.shown_file() == Source::Clip) else {
        // A verdict is on a result: under the clip or a draft it would seem to be on those.
        let player = &view.shell.player;
        if player.is_beside() || matches!(player.shown(), Shown::Result | Shown::Other) {
            line_ui(ui, view, commands);
        }
        return;
    };
    let Some(placement) = choosing.placement else { return };
    if let Some(report) = first_broken(&choosing.rules) {
        ui.add(Icon::CircleX.image_of(14.0).tint(palette.bad).alt_text("Broken"));
        let words = report.why().unwrap_or(report.asks).to_owned();
        let snaps = Action::SnapToBest.obstacle(view).is_none();
        let room = ui.available_width() - if snaps { SNAP_PX } else { 0.0 };
        ui.allocate_ui_with_layout(vec2(room.max(60.0), 18.0), Layout::left_to_right(Align::Center), |ui| {
            let label = egui::Label::new(text::caption(palette, &words).color(palette.bad))
                .truncate()
                .show_tooltip_when_elided(false);
            ui.add(label).on_hover_text(&words);
        });
        // Where the voice is at its best position already, snapping would not help, and is not offered.
        if snaps {
            action_ui(ui, view, commands, Action::SnapToBest, Look::Inline);
        }
        return;
    }
    let facts = view.flow.desk.facts(&choosing.faces);
    if let Some(words) = notes(&placement, &facts).first().map(|note| note.words(&view.chosen_name())) {
        ui.add(Icon::Info.image_of(14.0).tint(palette.warn).alt_text("Note"));
        ui.add(egui::Label::new(text::caption(palette, &words)).truncate().show_tooltip_when_elided(false))
            .on_hover_text(words);
        return;
    }
    let Some((first_ms, last_ms)) = allowed_inserts_ms(&facts, placement.crop_ms()) else { return };
    let (mark, _) = ui.allocate_exact_size(vec2(12.0, 6.0), Sense::hover());
    ui.painter().rect_filled(mark, CornerRadius::same(1), palette.good);
    let words = match last_ms {
        Some(last_ms) if last_ms == first_ms => format!("It may begin at {} only", clock_text(first_ms)),
        Some(last_ms) => format!("It may begin from {} to {}", clock_text(first_ms), clock_text(last_ms)),
        None => format!("It may begin from {} on", clock_text(first_ms)),
    };
    let insert = format!("begins at {}", clock_text(placement.sound_insert_time));
    let insert = text::mono(&insert).size(type_size::CAPTION).color(palette.text_dim);
    let words = egui::Label::new(text::caption(palette, &words)).truncate();
    let insert_px = egui::WidgetText::from(insert.clone())
        .into_galley(ui, Some(TextWrapMode::Extend), f32::INFINITY, TextStyle::Body)
        .size()
        .x;
    let room_px = ui.available_width() - insert_px - space::ITEM;
    // Without room for both, only where it may begin is shown: where it does begin is in the exact field, too.
    if room_px < WORDS_PX {
        ui.add(words);
        return;
    }
    ui.allocate_ui_with_layout(vec2(room_px, 18.0), Layout::left_to_right(Align::Center), |ui| ui.add(words));
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(egui::Label::new(insert).extend()));
}
