//! Mute and solo beside the names of the lanes that sound, where there are two of them.

use egui::{
    Align2, CornerRadius, FontId, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::action::command::{Command, Commands};
use crate::app::state::listening::{Lane, ListenCommand, has_two};
use crate::app::state::view::View;
use crate::app::theme::{Palette, radius};

/// Side of a toggle, in points.
const SIDE_PX: f32 = 15.0;
/// Gap between the toggles, and between them and the lane.
const GAP_PX: f32 = 2.0;

/// Draws both toggles of a lane, left of it.
pub fn listen_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands, lane_rect: Rect, lane: Lane) {
    if !has_two(view) {
        return;
    }
    let listening = &view.shell.listening;
    let (mute, alone) = match lane {
        Lane::Clip => ("Mute the clip's own sound here", "Hear the clip's own sound alone"),
        Lane::Voice => ("Mute the voice here", "Hear the voice alone"),
    };
    let right = lane_rect.left() - GAP_PX - 2.0;
    for (at, letter, name, is_on, command) in [
        (1.0, "M", mute, listening.is_muted(lane), ListenCommand::Mute(lane)),
        (0.0, "S", alone, listening.is_alone(lane), ListenCommand::Solo(lane)),
    ] {
        // One above the other where the lane is high enough: beside each other they come close to its name.
        let step = SIDE_PX + GAP_PX;
        let min = if lane_rect.height() >= SIDE_PX + step {
            pos2(right - SIDE_PX, lane_rect.center().y - f32::midpoint(SIDE_PX, step) + (1.0 - at) * step)
        } else {
            pos2(right - SIDE_PX - at * step, lane_rect.center().y - SIDE_PX / 2.0)
        };
        let rect = Rect::from_min_size(min, vec2(SIDE_PX, SIDE_PX));
        if toggle_ui(ui, rect, letter, name, is_on) {
            commands.push(Command::Listen(command));
        }
    }
}

fn toggle_ui(ui: &Ui, rect: Rect, letter: &str, name: &str, is_on: bool) -> bool {
    let palette = Palette::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(name), Sense::click());
    let fill = if is_on { palette.accent_wash } else { palette.lane };
    let ink = if is_on || response.hovered() { palette.accent_text } else { palette.text_dim };
    let corners = CornerRadius::same(radius::SMALL);
    ui.painter().rect_filled(rect, corners, fill);
    if is_on || response.has_focus() {
        let width = if response.has_focus() { 2.0 } else { 1.0 };
        ui.painter().rect_stroke(rect, corners, Stroke::new(width, palette.accent), StrokeKind::Inside);
    }
    let font = FontId { size: 10.0, ..TextStyle::Button.resolve(ui.style()) };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, letter, font, ink);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, name));
    let clicked = response.clicked();
    response.on_hover_text(format!("{name}. What is sent stays as the volumes say"));
    clicked
}
