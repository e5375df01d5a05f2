//! The canvas in the middle: the picture, running jobs, problems, or the empty state.

mod activity;
mod badge;
mod empty;
mod mouth;
mod overlay;
mod picture;
mod problem;
mod takes;
mod transport;
mod zoom;

use egui::{Rect, Ui, UiBuilder, pos2};

use crate::app::action::command::Commands;
use crate::app::state::view::View;
use crate::app::theme::{size, space};

/// Height of the row for running jobs; it is reserved, so that nothing jumps.
const ACTIVITY_PX: f32 = 44.0;
/// Minimum height of the canvas, in points.
pub const LEAST_PX: f32 = 250.0;
/// Height of the two rows under the picture: the position, and the player's buttons.
const TRANSPORT_PX: f32 = 58.0;

/// Draws the canvas.
pub fn canvas_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let whole = ui.max_rect();
    if view.is_empty() {
        empty::empty_ui(ui, view, commands);
        problem::problem_ui(ui, view, commands, whole.shrink(space::PANEL));
        return;
    }
    let activity = Rect::from_min_max(whole.min, pos2(whole.right(), whole.top() + ACTIVITY_PX));
    let transport = Rect::from_min_max(pos2(whole.left(), whole.bottom() - TRANSPORT_PX), whole.max);
    let mut picture = Rect::from_min_max(
        pos2(whole.left() + space::PANEL, activity.bottom()),
        pos2(whole.right() - space::PANEL, transport.top().max(activity.bottom() + size::ROW)),
    );
    let within = |rect: Rect| UiBuilder::new().max_rect(rect);
    let beside = takes::is_open(view).then(|| {
        let beside = picture.with_min_x(picture.right() - takes::WIDTH_PX);
        picture.max.x = beside.left() - space::ITEM;
        beside
    });
    ui.scope_builder(within(activity.shrink2(egui::vec2(space::PANEL, 0.0))), |ui| {
        activity::activity_ui(ui, view, commands);
    });
    let shown = ui.scope_builder(within(picture), |ui| picture::picture_ui(ui, view, commands)).inner;
    if let Some(shown) = shown {
        // An enlarged picture is larger than what is visible of it.
        let visible = shown.intersect(picture);
        ui.scope(|ui| {
            ui.set_clip_rect(visible.intersect(ui.clip_rect()));
            overlay::overlay_ui(ui, view, commands, shown, visible);
            mouth::mouth_ui(ui, view, commands, shown);
        });
        badge::badge_ui(ui, view, commands, visible);
        zoom::buttons_ui(ui, view, commands, visible);
    }
    if view.shell.player.is_beside() {
        zoom::buttons_ui(ui, view, commands, picture);
    }
    if let Some(beside) = beside {
        ui.scope_builder(within(beside), |ui| takes::takes_ui(ui, view, commands));
    }
    ui.scope_builder(within(transport.shrink2(egui::vec2(space::PANEL, 0.0))), |ui| {
        transport::transport_ui(ui, view, commands);
    });
    problem::problem_ui(ui, view, commands, picture.shrink(space::PANEL));
}
