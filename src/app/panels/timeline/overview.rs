//! The bar under the lanes that shows which part of the clip is in view, while not all of it is.

use egui::{CornerRadius, EventFilter, Key, PointerButton, Rect, Role, Sense, Ui, WidgetInfo, accesskit, pos2};

use super::Field;
use super::scale::Scale;
use crate::app::action::command::{Command, Commands};
use crate::app::state::placed;
use crate::app::state::timeline::TimelineCommand;
use crate::app::state::timeline::stretch::Stretch;
use crate::app::state::view::View;
use crate::app::theme::Palette;
use crate::app::widgets::pulled::leave_space;

/// Minimum width of the draggable part, in points.
const LEAST_PX: f32 = 24.0;
/// Distance of an arrow key, as a fraction of the range in view.
const STEP: f64 = 0.1;

/// Draws the bar; its area stays empty while the whole clip is in view.
pub fn overview_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands, row: Rect, field: &Field) {
    let state = &view.shell.timeline;
    if state.shows_all() {
        return;
    }
    let palette = Palette::of(ui);
    let stretch = state.stretch(field.length_ms);
    let all = Scale::of(Stretch::whole(field.length_ms), row.left(), row.width());
    let bar = row.shrink2(egui::vec2(0.0, 2.0));
    let corners = CornerRadius::same(3);

    let id = ui.scope_id().with("overview");
    let response = ui.interact(row, id, Sense::click_and_drag() | Sense::FOCUSABLE);
    response.widget_info(|| WidgetInfo {
        label: Some("Part of the clip in view".to_owned()),
        value: Some(stretch.start_ms.round()),
        ..WidgetInfo::new(Role::ScrollBar)
    });
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_min_numeric_value(Stretch::whole(field.length_ms).start_ms);
        node.set_max_numeric_value((Stretch::whole(field.length_ms).end_ms() - stretch.len_ms).max(0.0));
        node.add_action(accesskit::Action::SetValue);
    });

    let x_of = |ms: f64| row.left() + ((ms - all.start_ms) * all.px_per_ms) as f32;
    let (left, right) = (x_of(stretch.start_ms), x_of(stretch.end_ms()));
    let short_px = (LEAST_PX - (right - left)).max(0.0);
    let thumb = Rect::from_x_y_ranges(left - short_px / 2.0..=right + short_px / 2.0, bar.y_range()).intersect(bar);
    let painter = ui.painter_at(row);
    let lit = response.hovered() || response.dragged() || response.has_focus();
    painter.rect_filled(bar, corners, palette.lane);
    painter.rect_filled(thumb, corners, if lit { palette.text_faint } else { palette.span });
    if let Some(placement) = placed::placement(view.flow) {
        let span = placement.span();
        let mark =
            Rect::from_x_y_ranges(all.x_of(span.start_ms)..=all.x_of(span.end_ms), bar.bottom() - 2.0..=bar.bottom());
        painter.rect_filled(mark, CornerRadius::ZERO, palette.accent);
    }
    if view.shell.player.has_picture() {
        let x = all.x_of(view.shell.player.playhead_ms());
        painter.line_segment([pos2(x, bar.top()), pos2(x, bar.bottom())], egui::Stroke::new(1.5, palette.accent));
    }
    if response.has_focus() {
        painter.rect_stroke(bar, corners, egui::Stroke::new(1.5, palette.accent), egui::StrokeKind::Inside);
    }

    leave_space(&response);
    let mut wish = stretch;
    if response.drag_started_by(PointerButton::Primary) || response.clicked() {
        // A click beside the part in view scrolls there at once.
        if let Some(pointer) = response.interact_pointer_pos().filter(|pos| !thumb.x_range().contains(pos.x)) {
            let at_ms = all.exact_ms_at(pointer.x);
            wish = Stretch { start_ms: at_ms - stretch.len_ms / 2.0, ..stretch }.within(field.length_ms);
        }
    } else if response.dragged_by(PointerButton::Primary) {
        wish = stretch.panned(f64::from(response.drag_delta().x) / all.px_per_ms, field.length_ms);
    }
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        let steps =
            ui.input(|input| input.num_presses(Key::ArrowRight) as f64 - input.num_presses(Key::ArrowLeft) as f64);
        if steps != 0.0 {
            wish = stretch.panned(steps * STEP * stretch.len_ms, field.length_ms);
        }
    }
    ui.input(|input| {
        for request in input.accesskit_action_requests(id, accesskit::Action::SetValue) {
            if let Some(accesskit::ActionData::NumericValue(start_ms)) = request.data {
                wish = Stretch { start_ms, ..stretch }.within(field.length_ms);
            }
        }
    });
    if wish != stretch {
        commands.push(Command::Timeline(TimelineCommand::Show(Some(wish))));
    }
}
