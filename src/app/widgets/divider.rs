//! The divider between two panes: dragged by the pointer, or moved by the arrow keys.

use egui::accesskit::{self, Role};
use egui::{CornerRadius, CursorIcon, FocusDirection, Id, Key, Rect, Sense, Ui, WidgetInfo};

use super::pulled::leave_space;
use crate::app::theme::Palette;

/// Distance that an arrow key moves it, in points.
const STEP_PX: f32 = 16.0;
/// Width of the area that can be dragged, in points.
pub const GRIP_PX: f32 = 8.0;

/// A divider.
#[derive(Clone, Copy, Debug)]
pub struct Divider<'a> {
    /// Its name.
    pub name: &'a str,
    /// The area that can be dragged.
    pub grip: Rect,
    /// Whether it is vertical, and so moves left and right.
    pub upright: bool,
    /// The value for assistive technology: a width, or a percentage of a height.
    pub value: f64,
}

/// Makes a divider draggable; returns the distance it moved, in points, to the right or downwards.
pub fn divider_ui(ui: &Ui, id: Id, divider: &Divider<'_>) -> Option<f32> {
    let palette = Palette::of(ui);
    let response = ui.interact(divider.grip, id, Sense::drag() | Sense::FOCUSABLE);
    response.widget_info(|| WidgetInfo {
        label: Some(divider.name.to_owned()),
        value: Some(divider.value),
        ..WidgetInfo::new(Role::Splitter)
    });
    ui.ctx().accesskit_node_builder(id, |node| {
        node.add_action(accesskit::Action::Increment);
        node.add_action(accesskit::Action::Decrement);
    });
    let (back, forth, cursor) = if divider.upright {
        (Key::ArrowLeft, Key::ArrowRight, CursorIcon::ResizeHorizontal)
    } else {
        (Key::ArrowUp, Key::ArrowDown, CursorIcon::ResizeVertical)
    };
    leave_space(&response);
    let mut by_px = 0.0;
    if response.has_focus() {
        let steps = ui.input(|input| input.num_presses(forth) as f32 - input.num_presses(back) as f32);
        if steps != 0.0 {
            ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
            by_px = steps * STEP_PX;
        }
    }
    by_px += ui.input(|input| {
        let asked = |action| input.num_accesskit_action_requests(id, action) as f32 * STEP_PX;
        asked(accesskit::Action::Increment) - asked(accesskit::Action::Decrement)
    });
    if response.dragged()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        // By the position of the pointer, not by its movement: a divider at its limit moves again only once the pointer is back at it.
        let from = pointer - divider.grip.center();
        by_px += if divider.upright { from.x } else { from.y };
    }
    if response.hovered() || response.dragged() || response.has_focus() {
        let centre = divider.grip.center();
        let line = if divider.upright {
            Rect::from_x_y_ranges(centre.x - 1.0..=centre.x + 1.0, divider.grip.y_range())
        } else {
            Rect::from_x_y_ranges(divider.grip.x_range(), centre.y - 1.0..=centre.y + 1.0)
        };
        ui.painter().rect_filled(line, CornerRadius::same(1), palette.accent);
    }
    response.on_hover_and_drag_cursor(cursor);
    (by_px != 0.0).then_some(by_px)
}
