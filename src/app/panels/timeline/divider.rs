//! The divider between picture and timeline: dragging or arrow keys change the timeline's height.

use egui::{
    CornerRadius, CursorIcon, EventFilter, Key, PointerButton, Rect, Role, Sense, Ui, WidgetInfo, accesskit, pos2, vec2,
};

use crate::app::action::command::{Command, Commands};
use crate::app::state::timeline::TimelineCommand;
use crate::app::state::view::View;
use crate::app::theme::Palette;
use crate::app::widgets::pulled::leave_space;

/// Height of the area that can be dragged, in points.
const EDGE_PX: f32 = 8.0;
/// Distance of an arrow key, in points.
const STEP_PX: f32 = 16.0;

/// Draws the divider at the top of `whole`.
pub fn divider_ui(ui: &Ui, _view: &View<'_>, commands: &mut Commands, whole: Rect) {
    let palette = Palette::of(ui);
    let edge = Rect::from_min_max(pos2(whole.left(), whole.top() - EDGE_PX), pos2(whole.right(), whole.top()));
    let id = ui.scope_id().with("divider");
    let response = ui.interact(edge, id, Sense::click_and_drag() | Sense::FOCUSABLE);
    response.widget_info(|| WidgetInfo {
        label: Some("Height of the timeline".to_owned()),
        value: Some(f64::from(whole.height().round())),
        ..WidgetInfo::new(Role::Splitter)
    });
    ui.ctx().accesskit_node_builder(id, |node| node.add_action(accesskit::Action::SetValue));
    let lit = response.hovered() || response.dragged() || response.has_focus();
    let (size, ink) = if lit { (vec2(48.0, 3.0), palette.accent) } else { (vec2(32.0, 3.0), palette.line) };
    let grip = Rect::from_center_size(pos2(edge.center().x, edge.top() + 3.0), size);
    ui.painter().rect_filled(grip, CornerRadius::same(2), ink);

    leave_space(&response);
    let mut wish = None;
    if response.double_clicked() {
        wish = Some(None);
    } else if response.dragged_by(PointerButton::Primary) {
        // By the position of the pointer, not by its movement: beyond a limit the divider waits until the pointer is back at it.
        let top = ui.input(|input| input.pointer.latest_pos()).map(|pos| pos.y + EDGE_PX / 2.0);
        wish = top.map(|top| Some(whole.bottom() - top)).filter(|px| *px != Some(whole.height()));
    }
    if response.has_focus() {
        let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        let steps = ui.input(|input| input.num_presses(Key::ArrowUp) as f32 - input.num_presses(Key::ArrowDown) as f32);
        if steps != 0.0 {
            wish = Some(Some(whole.height() + steps * STEP_PX));
        }
    }
    ui.input(|input| {
        for request in input.accesskit_action_requests(id, accesskit::Action::SetValue) {
            if let Some(accesskit::ActionData::NumericValue(px)) = request.data {
                wish = Some(Some(px as f32));
            }
        }
    });
    if let Some(height_px) = wish {
        commands.push(Command::Timeline(TimelineCommand::Resize(height_px)));
    }
    response.on_hover_and_drag_cursor(CursorIcon::ResizeVertical);
}
