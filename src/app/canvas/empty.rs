//! The empty state: what to do, in one sentence, and the demo clip.

use egui::{Align, Layout, Rect, Ui, UiBuilder, Vec2, vec2};

use crate::app::action::Action;
use crate::app::command::{Command, Wishes};
use crate::app::entry::SourceSlot;
use crate::app::settings::{Recent, SettingsCommand};
use crate::app::side::recent_row_ui;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::view::View;
use crate::app::widgets::button::{Look, action_ui};

/// How many of the clips that were opened before are offered.
const RECENT: usize = 3;
/// How wide they are, in points.
const RECENT_PX: f32 = 360.0;

/// Draws the empty state.
pub fn empty_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let palette = Palette::of(ui);
    let whole = ui.max_rect();
    let recent: Vec<_> = view.shell.settings.recent(SourceSlot::Clip).iter().take(RECENT).cloned().collect();
    let recent_px = if recent.is_empty() { 0.0 } else { 48.0 + 30.0 * recent.len() as f32 };
    let card = Rect::from_center_size(whole.center(), vec2(460.0, 232.0 + recent_px).min(whole.size()));
    ui.scope_builder(UiBuilder::new().max_rect(card).layout(Layout::top_down(Align::Center)), |ui| {
        ui.spacing_mut().item_spacing.y = space::ITEM;
        let (mark, _) = ui.allocate_exact_size(Vec2::splat(56.0), egui::Sense::hover());
        ui.painter().circle_filled(mark.center(), 28.0, palette.accent_wash);
        let icon = Rect::from_center_size(mark.center(), Vec2::splat(26.0));
        Icon::ScanFace.image_of(26.0).tint(palette.accent_text).paint_at(ui, icon);
        ui.add_space(space::ITEM);
        ui.label(text::title("Make someone in a clip speak"));
        ui.label(text::dim(palette, "Drop a clip here, or choose one on the left"));
        ui.add_space(space::ITEM);
        // A clip on this machine is nothing for a service that fetches it from an address: there the way to the demo leads here first.
        if view.profile().is_sandbox() || view.shell.embedded().is_none() {
            action_ui(ui, view, wishes, Action::TryDemo, Look::Primary);
        } else {
            action_ui(ui, view, wishes, Action::SwitchToSandbox, Look::Primary);
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
                recent_ui(ui, view, wishes, recent);
            }
        }
    });
}

fn recent_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes, recent: &Recent) {
    if recent_row_ui(ui, view, recent).clicked() {
        let recent = recent.clone();
        wishes.push(Command::Settings(if view.shell.settings.is_missing(&recent) {
            SettingsCommand::Forget(SourceSlot::Clip, recent)
        } else {
            SettingsCommand::OpenRecent(SourceSlot::Clip, recent)
        }));
    }
}
