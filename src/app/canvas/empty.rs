//! The empty state: what to do, in one sentence, and the demo clip.

use egui::{Align, Layout, Rect, Ui, UiBuilder, Vec2, vec2};

use crate::app::action::Action;
use crate::app::command::Wishes;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::view::View;
use crate::app::widgets::button::{Look, action_ui};

/// Draws the empty state.
pub fn empty_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let palette = Palette::of(ui);
    let whole = ui.max_rect();
    let card = Rect::from_center_size(whole.center(), vec2(460.0, 232.0).min(whole.size()));
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
        action_ui(ui, view, wishes, Action::TryDemo, Look::Primary);
        let words = if view.shell.is_embedded() {
            "The sandbox runs on this machine: no key, no cost"
        } else {
            "The demo runs in the sandbox, on this machine"
        };
        ui.label(text::caption(palette, words));
    });
}
