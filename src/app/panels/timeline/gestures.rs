//! Wheel, pinch and middle button everywhere in the timeline: zoom at the pointer, and pan.

use egui::{CursorIcon, Sense, Ui};

use super::Field;
use crate::app::action::command::{Command, Commands};
use crate::app::state::timeline::TimelineCommand;
use crate::app::state::view::View;

/// Distance beyond the edge at which a drag pans fastest, in points.
const RUSH_PX: f32 = 80.0;
/// The fastest pan, in widths of the view per second.
const RUSH_PER_S: f64 = 1.2;

/// Zooms and pans.
pub fn gestures_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands, field: &Field) {
    let response = ui.interact(field.rect, ui.scope_id().with("field"), Sense::hover());
    let stretch = view.shell.timeline.stretch(field.length_ms);
    let middle = ui.input(|input| {
        let began_here = input.pointer.press_origin().is_some_and(|pos| field.rect.contains(pos));
        (input.pointer.middle_down() && began_here).then(|| input.pointer.delta().x)
    });
    let mut wish = stretch;
    if let Some(delta_px) = middle {
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        wish = wish.panned(-f64::from(delta_px) / field.scale.px_per_ms, field.length_ms);
    } else if response.contains_pointer() {
        let (zoom, pan_px, pointer) =
            ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta().x, input.pointer.hover_pos()));
        if let Some(pointer) = pointer
            && (zoom - 1.0).abs() > f32::EPSILON
        {
            wish = wish.zoomed(f64::from(zoom), field.scale.exact_ms_at(pointer.x), field.length_ms);
        }
        if pan_px != 0.0 {
            wish = wish.panned(-f64::from(pan_px) / field.scale.px_per_ms, field.length_ms);
        }
    }
    if wish != stretch {
        commands.push(Command::Timeline(TimelineCommand::Show(Some(wish))));
    }
}

/// Pans while a drag is beyond the edge of the view.
pub fn edge_pan(ui: &Ui, view: &View<'_>, commands: &mut Commands, field: &Field) {
    let Some(pointer) = ui.input(|input| input.pointer.latest_pos()) else { return };
    let beyond_px = if pointer.x < field.rect.left() {
        pointer.x - field.rect.left()
    } else {
        (pointer.x - field.rect.right()).max(0.0)
    };
    if beyond_px == 0.0 || view.shell.timeline.shows_all() {
        return;
    }
    let stretch = view.shell.timeline.stretch(field.length_ms);
    let part = f64::from((beyond_px / RUSH_PX).clamp(-1.0, 1.0));
    let dt_s = f64::from(ui.input(|input| input.stable_dt).min(0.1));
    let moved = stretch.panned(stretch.len_ms * RUSH_PER_S * part * dt_s, field.length_ms);
    if moved != stretch {
        commands.push(Command::Timeline(TimelineCommand::Show(Some(moved))));
        ui.ctx().request_repaint();
    }
}
