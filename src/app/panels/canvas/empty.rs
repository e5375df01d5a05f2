//! The empty state: one sentence about what to do, and the demo clip.

use egui::{Align, Layout, Rect, Ui, UiBuilder, Vec2, vec2};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::panels::side::recent_row_ui;
use crate::app::state::entry::SourceSlot;
use crate::app::state::settings::{Recent, SettingsCommand};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::widgets::button::{Look, action_ui};

/// Maximum number of recent clips on offer.
const RECENT: usize = 3;
/// Height without the recent clips and the mark, in points.
const CARD_PX: f32 = 232.0;
/// Height of the mark and the gap below it.
const MARK_PX: f32 = 72.0;
/// Height of the line above the recent clips with its gaps, and of one recent clip.
const RECENT_ABOVE_PX: f32 = 48.0;
const RECENT_ROW_PX: f32 = 30.0;
/// Margin above and below.
const EDGE_PX: f32 = space::ITEM;
/// Width of a recent clip, in points.
const RECENT_PX: f32 = 360.0;

/// Draws the empty state.
pub fn empty_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let whole = ui.max_rect();
    let (with_mark, count) = fitting(whole.height(), view.shell.settings.recent(SourceSlot::Clip).len());
    let recent: Vec<_> = view.shell.settings.recent(SourceSlot::Clip).iter().take(count).cloned().collect();
    let card = Rect::from_center_size(whole.center(), vec2(460.0, height_px(with_mark, count)).min(whole.size()));
    ui.scope_builder(UiBuilder::new().max_rect(card).layout(Layout::top_down(Align::Center)), |ui| {
        ui.spacing_mut().item_spacing.y = space::ITEM;
        if with_mark {
            let (mark, _) = ui.allocate_exact_size(Vec2::splat(56.0), egui::Sense::hover());
            ui.painter().circle_filled(mark.center(), 28.0, palette.accent_wash);
            let icon = Rect::from_center_size(mark.center(), Vec2::splat(26.0));
            Icon::ScanFace.image_of(26.0).tint(palette.accent_text).paint_at(ui, icon);
            ui.add_space(space::ITEM);
        }
        ui.label(text::title("Make someone in a clip speak"));
        ui.label(text::dim(palette, "Drop a clip here, or choose one on the left"));
        ui.add_space(space::ITEM);
        // A service that fetches clips from addresses cannot use the demo's file: there the button switches to the sandbox first.
        if view.profile().is_sandbox() || view.shell.embedded().is_none() {
            action_ui(ui, view, commands, Action::TryDemo, Look::Primary);
        } else {
            action_ui(ui, view, commands, Action::SwitchToSandbox, Look::Primary);
        }
        let words = if view.shell.is_embedded() {
            "The sandbox runs on this machine: no key, no cost"
        } else {
            "The demo runs in the sandbox, on this machine"
        };
        ui.label(text::caption(palette, words));
        if !recent.is_empty() {
            ui.add_space(space::GROUP);
            ui.label(text::caption(palette, "Opened before"));
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.set_max_width(RECENT_PX);
            for recent in &recent {
                recent_ui(ui, view, commands, recent);
            }
        }
    });
}

/// The total height.
fn height_px(with_mark: bool, recent: usize) -> f32 {
    let card_px = if with_mark { CARD_PX } else { CARD_PX - MARK_PX };
    card_px + if recent == 0 { 0.0 } else { RECENT_ABOVE_PX + RECENT_ROW_PX * recent as f32 }
}

/// Whether there is room for the mark, and for how many recent clips. These have precedence over the mark.
fn fitting(room_px: f32, recent: usize) -> (bool, usize) {
    let fits = |mark, count| height_px(mark, count) + 2.0 * EDGE_PX <= room_px;
    let count = (0..=recent.min(RECENT)).rev().find(|&count| fits(false, count)).unwrap_or(0);
    (fits(true, count), count)
}

fn recent_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, recent: &Recent) {
    if recent_row_ui(ui, view, recent).clicked() {
        let recent = recent.clone();
        commands.push(Command::Settings(if view.shell.settings.is_missing(&recent) {
            SettingsCommand::Forget(SourceSlot::Clip, recent)
        } else {
            SettingsCommand::OpenRecent(SourceSlot::Clip, recent)
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_has_room() {
        for (room_px, recent, shown) in [
            (600.0, 9, (true, 3)),
            (340.0, 9, (false, 3)),
            (270.0, 2, (false, 1)),
            (250.0, 0, (true, 0)),
            (160.0, 5, (false, 0)),
        ] {
            assert_eq!(fitting(room_px, recent), shown, "{room_px} points for {recent}");
        }
    }
}
