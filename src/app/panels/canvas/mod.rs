//! The canvas in the middle: the picture, running jobs, problems, or the empty state.

mod activity;
mod badge;
mod empty;
mod mouth;
mod overlay;
mod picture;
mod problem;
mod transport;

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
    let picture = Rect::from_min_max(
        pos2(whole.left() + space::PANEL, activity.bottom()),
        pos2(whole.right() - space::PANEL, transport.top().max(activity.bottom() + size::ROW)),
    );
    let within = |rect: Rect| UiBuilder::new().max_rect(rect);
    ui.scope_builder(within(activity.shrink2(egui::vec2(space::PANEL, 0.0))), |ui| {
        activity::activity_ui(ui, view, commands);
    });
    let shown = ui.scope_builder(within(picture), |ui| picture::picture_ui(ui, view)).inner;
    if let Some(shown) = shown {
        overlay::overlay_ui(ui, view, commands, shown);
        mouth::mouth_ui(ui, view, commands, shown);
        badge::badge_ui(ui, view, commands, shown);
    }
    ui.scope_builder(within(transport.shrink2(egui::vec2(space::PANEL, 0.0))), |ui| {
        transport::transport_ui(ui, view, commands);
    });
    problem::problem_ui(ui, view, commands, picture.shrink(space::PANEL));
}
