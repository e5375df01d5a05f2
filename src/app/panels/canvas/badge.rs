//! The badge in a corner of the picture: that it shows a draft, the progress of the next one, or why there is none.

use egui::{Align, CornerRadius, Frame, Label, Layout, Margin, Rect, Theme, Ui, UiBuilder, vec2};

use crate::app::action::Action;
use crate::app::action::command::Commands;
use crate::app::state::draft::Status;
use crate::app::state::takes::TakeRow;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius, size, space, text};
use crate::app::widgets::button::{Look, action_ui};
use crate::playback::player::Shown;

/// The text on a draft.
pub const DRAFT: &str = "Draft, made on this machine";
/// The text on the result of an earlier task.
pub const LAST_RESULT: &str = "Last result";
/// How the mouth box is adjusted.
const ADJUST: &str = "Drag to move, the corners to resize; arrow keys move, with Shift they resize";
/// Below this width the badge has a short text, in points.
const WORDS_PX: f32 = 200.0;
/// Width of the switches over the picture.
const SWITCHES_PX: f32 = 104.0;
/// Width of the button behind the text.
const BUTTON_PX: f32 = 110.0;
/// Width of the button where something was changed since.
const EARLIER_DRAFT: &str = "Draft from before the last change";

/// Draws the badge over the picture.
pub fn badge_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, picture: Rect) {
    let draft = &view.shell.draft;
    let status = view.draft_status();
    let shown = view.shell.player.shown() == Shown::Draft;
    // The switches are in the other corner.
    let mut place = picture.shrink(space::ITEM);
    place.max.x -= SWITCHES_PX;
    let room = UiBuilder::new().max_rect(place).layout(Layout::top_down(Align::Min));
    ui.scope_builder(room, |ui| {
        // Dark in both themes, since it is drawn over a picture.
        ui.set_style(ui.ctx().style_of(Theme::Dark));
        ui.spacing_mut().item_spacing.y = space::TIGHT;
        let palette = Palette::of(ui);
        if shown {
            plate_ui(ui, |ui| {
                ui.add(Icon::Sparkles.image().tint(palette.accent).alt_text(""));
                let words = if draft.is_current() { DRAFT } else { EARLIER_DRAFT };
                let short = if ui.available_width() < WORDS_PX { "Draft" } else { words };
                ui.add(Label::new(text::body(short)).truncate().show_tooltip_when_elided(false)).on_hover_text(words);
            });
            if view.shell.draft_view.adjusts_mouth() {
                plate_ui(ui, |ui| {
                    ui.add(Label::new(text::caption(palette, ADJUST)).truncate().show_tooltip_when_elided(false))
                        .on_hover_text(ADJUST);
                });
            }
        }
        if let Some(words) = result_words(view) {
            plate_ui(ui, |ui| {
                ui.add(Label::new(text::body(words)).truncate());
            });
        }
        match status {
            Status::Preparing(words) => plate_ui(ui, |ui| {
                ui.add(Icon::CircleDashed.image().tint(palette.icon).alt_text(""));
                words_ui(ui, &words);
                action_ui(ui, view, commands, Action::CancelDraft, Look::Inline);
            }),
            Status::Cancelled => plate_ui(ui, |ui| {
                words_ui(ui, "The draft was stopped");
                action_ui(ui, view, commands, Action::PrepareDraft, Look::Inline);
            }),
            Status::Failed(words) => plate_ui(ui, |ui| {
                ui.add(Icon::TriangleAlert.image().tint(palette.warn).alt_text("Problem"));
                words_ui(ui, &words);
                action_ui(ui, view, commands, Action::PrepareDraft, Look::Inline);
            }),
            Status::None(_) | Status::Started | Status::Ready => {}
        }
    });
}

/// Which result is shown, where that is not plain: that of an earlier task, or one take among several.
fn result_words(view: &View<'_>) -> Option<String> {
    let takes = &view.shell.takes;
    match view.shell.player.shown() {
        Shown::Clip | Shown::Draft => None,
        Shown::Other => Some(takes.partner_row().map_or_else(|| takes.other_name().to_owned(), TakeRow::title)),
        Shown::Result => {
            let take = takes.shown_name().and_then(|_| takes.shown_row()).map(TakeRow::title);
            take.or_else(|| view.shell.player.result_is_last().then(|| LAST_RESULT.to_owned()))
        }
    }
}

/// Draws a text that leaves room for a button behind it.
fn words_ui(ui: &mut Ui, words: &str) {
    ui.scope(|ui| {
        ui.set_max_width((ui.available_width() - BUTTON_PX).max(40.0));
        ui.add(Label::new(text::body(words)).truncate().show_tooltip_when_elided(false)).on_hover_text(words);
    });
}

fn plate_ui(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    let palette = Palette::of(ui);
    let frame = Frame::new()
        .fill(palette.panel)
        .corner_radius(CornerRadius::same(radius::NORMAL))
        .inner_margin(Margin::symmetric(8, 3));
    frame.show(ui, |ui| {
        // As high as its line, not as the picture.
        ui.horizontal(|ui| {
            ui.set_min_height(size::BUTTON_INLINE);
            ui.spacing_mut().item_spacing = vec2(6.0, 0.0);
            add(ui);
        });
    });
}
