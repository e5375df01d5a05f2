//! The ruler with the playhead: click, drag and arrow keys seek.

use egui::{Align2, CursorIcon, PointerButton, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo};
use egui::{Shape, accesskit, pos2};

use super::gestures::edge_pan;
use super::{Field, scale};
use crate::app::action::command::{Command, Commands};
use crate::app::state::view::View;
use crate::app::theme::{Palette, type_size};
use crate::app::widgets::pulled::{leave_space, steps_asked};
use crate::model::interval::clock_text;

/// Minimum distance of labelled marks, in points.
const NAMED_PX: f32 = 56.0;
/// Minimum distance of unlabelled marks, in points.
const PART_PX: f32 = 6.0;

/// Draws the ruler. The playhead can be dragged in it and in the filmstrip below.
pub fn ruler_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, rect: Rect, film: Rect, field: &Field) {
    let palette = Palette::of(ui);
    seek_ui(ui, view, commands, rect.union(film), field);
    let painter = ui.painter_at(rect);
    let font = egui::FontId { size: type_size::CAPTION, ..TextStyle::Monospace.resolve(ui.style()) };
    let stretch = view.shell.timeline.stretch(field.length_ms);
    let in_view = (stretch.start_ms.max(0.0) as i64)..=(stretch.end_ms() as i64).min(field.length_ms);
    let step_ms = scale::ruler_step_ms(&field.scale, NAMED_PX);
    let part_ms = scale::ruler_part_ms(&field.scale, step_ms, PART_PX);
    for at_ms in scale::ruler_marks_ms(in_view.clone(), part_ms) {
        let x = field.scale.x_of(at_ms);
        let height = if at_ms % step_ms == 0 { 6.0 } else { 3.0 };
        painter.line_segment([pos2(x, rect.bottom() - height), pos2(x, rect.bottom())], Stroke::new(1.0, palette.span));
    }
    for at_ms in scale::ruler_marks_ms(in_view, step_ms) {
        let x = field.scale.x_of(at_ms);
        let words = scale::ruler_text(at_ms, step_ms);
        // The first label is beside the edge, not across it.
        let anchor = if x - rect.left() < 16.0 { Align2::LEFT_CENTER } else { Align2::CENTER_CENTER };
        if x + 16.0 < rect.right() {
            painter.text(pos2(x, rect.top() + 8.0), anchor, words, font.clone(), palette.text_dim);
        }
    }
}

fn seek_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands, rect: Rect, field: &Field) {
    let player = &view.shell.player;
    let has_picture = player.has_picture();
    let id = playhead_id(ui);
    // Seeks from the press on; a press and its release within one frame are reported as a click.
    let sense = if has_picture { Sense::CLICK | Sense::DRAG | Sense::FOCUSABLE } else { Sense::hover() };
    let response = ui.interact(rect, id, sense);
    let at_ms = player.playhead_ms();
    response.widget_info(|| WidgetInfo {
        enabled: has_picture,
        label: Some("Playhead".to_owned()),
        value: Some(at_ms as f64),
        ..WidgetInfo::new(Role::Slider)
    });
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(field.length_ms as f64);
        node.set_value(clock_text(at_ms));
        if has_picture {
            node.add_action(accesskit::Action::Increment);
            node.add_action(accesskit::Action::Decrement);
            node.add_action(accesskit::Action::SetValue);
        }
    });
    if !has_picture {
        return;
    }
    let mut to_us = None;
    let primary = ui.input(|input| input.pointer.button_down(PointerButton::Primary));
    if let Some(pointer) = response.interact_pointer_pos()
        && (response.clicked() || primary && response.is_pointer_button_down_on())
    {
        let x = pointer.x.clamp(field.rect.left(), field.rect.right());
        to_us = Some(field.scale.ms_at(x).clamp(0, field.length_ms) * 1000);
        edge_pan(ui, view, commands, field);
    }
    leave_space(&response);
    let frames = steps_asked(ui, &response);
    ui.input(|input| {
        for request in input.accesskit_action_requests(id, accesskit::Action::SetValue) {
            if let Some(accesskit::ActionData::NumericValue(wish)) = request.data {
                to_us = Some((wish.round() as i64).clamp(0, field.length_ms) * 1000);
            }
        }
    });
    if let Some(at_us) = to_us {
        commands.push(Command::Seek(at_us));
    } else if frames != 0 {
        commands.push(Command::StepFrames(frames));
    }
    response.on_hover_and_drag_cursor(CursorIcon::Default);
}

fn playhead_id(ui: &Ui) -> egui::Id {
    ui.scope_id().with("playhead")
}

/// Draws the playhead over all lanes.
pub fn playhead_ui(ui: &Ui, view: &View<'_>, field: &Field) {
    if !view.shell.player.has_picture() {
        return;
    }
    let palette = Palette::of(ui);
    let x = field.scale.x_of(view.shell.player.playhead_ms());
    if !field.rect.expand(1.0).x_range().contains(x) {
        return;
    }
    let top = field.rect.top() + super::RULER_PX - 8.0;
    ui.painter().line_segment([pos2(x, top), pos2(x, field.rect.bottom())], Stroke::new(1.5, palette.accent));
    let focused = ui.memory(|memory| memory.has_focus(playhead_id(ui)));
    let head = vec![
        pos2(x - 5.0, top - 4.0),
        pos2(x + 5.0, top - 4.0),
        pos2(x + 5.0, top + 1.0),
        pos2(x, top + 7.0),
        pos2(x - 5.0, top + 1.0),
    ];
    if focused {
        ui.painter().circle_stroke(pos2(x, top), 10.0, Stroke::new(1.5, palette.accent));
    }
    ui.painter().add(Shape::convex_polygon(head, palette.accent, Stroke::NONE));
}
