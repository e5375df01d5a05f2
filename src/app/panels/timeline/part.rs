//! The part of the clip that a fitted copy keeps: its two ends on the filmstrip, while that is shown.

use egui::accesskit::{Action as Request, ActionData};
use egui::{
    CornerRadius, CursorIcon, PointerButton, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

use super::grip::GRIP_PX;
use super::{Field, frame_us};
use crate::app::action::command::{Command, Commands};
use crate::app::state::entry::SourceSlot;
use crate::app::state::fit::{FitCommand, length_ms, part, probed};
use crate::app::state::view::View;
use crate::app::theme::{Palette, radius};
use crate::app::widgets::pulled::{leave_space, steps_asked};
use crate::model::interval::clock_text;

/// Draws the part over the filmstrip, which is in `film`, and makes its ends draggable.
pub fn part_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands, film: Rect, field: &Field) {
    let state = &view.shell.fit;
    let Some(open) = state.open.as_ref().filter(|open| open.slot == SourceSlot::Clip && state.running.is_none()) else {
        return;
    };
    let Some((_, probed)) = probed(view, SourceSlot::Clip).filter(|(file, _)| *file == open.file) else { return };
    let palette = Palette::of(ui);
    let (start_ms, end_ms) = part(&probed, open.wish);
    let (left, right) = (field.scale.x_of(start_ms), field.scale.x_of(end_ms));
    let painter = ui.painter_at(film);
    let whole = [0, length_ms(&probed)].map(|at_ms| field.scale.x_of(at_ms).clamp(film.left(), film.right()));
    for outside in [whole[0]..=left.max(whole[0]), right.min(whole[1])..=whole[1]] {
        let outside = Rect::from_x_y_ranges(outside, film.y_range());
        painter.rect_filled(outside, CornerRadius::ZERO, palette.scrim);
    }
    let kept = Rect::from_x_y_ranges(left..=right, film.y_range());
    let corners = CornerRadius::same(radius::SMALL);
    painter.rect_stroke(kept, corners, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
    let mut wish = open.wish;
    for (name, x, value_ms, of_wish) in [
        ("Start of the part on the film", left, start_ms, &mut wish.start_ms),
        ("End of the part on the film", right, end_ms, &mut wish.end_ms),
    ] {
        // The whole of a grip stays within the lane.
        let half = GRIP_PX / 2.0;
        let x = x.clamp(film.left() + half, (film.right() - half).max(film.left() + half));
        let area = Rect::from_x_y_ranges(x - half..=x + half, film.y_range());
        let response = ui.interact(area, ui.scope_id().with(name), Sense::click_and_drag() | Sense::FOCUSABLE);
        describe(ui, &response, name, value_ms, length_ms(&probed));
        leave_space(&response);
        if response.drag_started_by(PointerButton::Primary) || response.clicked() {
            response.request_focus();
        }
        mark_ui(ui, area, &response);
        if let Some(at_ms) = pulled_to(ui, view, field, &response, value_ms) {
            *of_wish = Some(at_ms.clamp(0, length_ms(&probed)));
        }
        response.on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
    }
    if wish != open.wish {
        commands.push(Command::Fit(FitCommand::Wish(wish)));
    }
}

/// Where the pointer, arrow keys (a frame, with Shift ten) or assistive technology bring an end, in milliseconds.
fn pulled_to(ui: &Ui, view: &View<'_>, field: &Field, response: &Response, value_ms: i64) -> Option<i64> {
    if response.dragged_by(PointerButton::Primary) {
        let pointer = ui.input(|input| input.pointer.latest_pos())?;
        return Some(field.scale.ms_at(pointer.x.clamp(field.rect.left(), field.rect.right())));
    }
    let asked = ui.input(|input| {
        let mut asked = input.accesskit_action_requests(response.id, Request::SetValue);
        asked.find_map(|request| match request.data {
            Some(ActionData::NumericValue(wish)) => Some(wish.round() as i64),
            _ => None,
        })
    });
    let frame_ms = ((frame_us(view) + 500) / 1000).max(1);
    let steps = steps_asked(ui, response);
    asked.or_else(|| (steps != 0).then_some(value_ms + steps * frame_ms))
}

fn describe(ui: &Ui, response: &Response, name: &str, value_ms: i64, most_ms: i64) {
    response.widget_info(|| WidgetInfo {
        label: Some(name.to_owned()),
        value: Some(value_ms as f64),
        ..WidgetInfo::new(Role::Slider)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(most_ms as f64);
        node.set_value(clock_text(value_ms));
        for action in [Request::Increment, Request::Decrement, Request::SetValue] {
            node.add_action(action);
        }
    });
}

fn mark_ui(ui: &Ui, area: Rect, response: &Response) {
    let palette = Palette::of(ui);
    let lit = response.hovered() || response.dragged() || response.has_focus();
    let corners = CornerRadius::same(radius::SMALL);
    ui.painter().rect_filled(area, corners, if lit { palette.accent_hover } else { palette.accent });
    let (centre, reach) = (area.center(), vec2(0.0, 6.0));
    ui.painter().line_segment([centre - reach, centre + reach], Stroke::new(1.5, palette.on_accent));
    if response.has_focus() {
        ui.painter().rect_stroke(area.expand(1.0), corners, Stroke::new(1.5, palette.text), StrokeKind::Outside);
    }
}
