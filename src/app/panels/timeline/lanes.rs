//! A lane for each face, with the interval during which it is in view. Only the lanes in view are drawn, however many there are.

use egui::{
    CornerRadius, EventFilter, Id, Key, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use super::{Field, NAMES_PX, lane_name_ui, lane_words_ui, may_edit};
use crate::app::action::command::{Command, Commands};
use crate::app::state::view::View;
use crate::app::theme::{Palette, radius};
use crate::app::words;
use crate::model::Interval;

const LANE_MIN_PX: f32 = 22.0;
const LANE_MAX_PX: f32 = 36.0;
const GAP_PX: f32 = 3.0;

/// Draws the lanes, with a scroll bar where not all fit.
pub fn lanes_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, field: &Field) {
    let palette = Palette::of(ui);
    let room = ui.max_rect();
    let corners = CornerRadius::same(radius::SMALL);
    let Some(faces) = view.flow.faces().filter(|faces| !faces.session.faces.is_empty()) else {
        let lane = Rect::from_min_size(
            pos2(room.left() + NAMES_PX, room.top()),
            vec2(room.width() - NAMES_PX, room.height() - GAP_PX),
        );
        ui.painter().rect_filled(lane, corners, palette.lane);
        lane_name_ui(ui, lane, room.left(), "Faces", false);
        lane_words_ui(ui, lane, "When each face is in view");
        return;
    };
    let count = faces.session.faces.len();
    let lane_px = (room.height() / count as f32 - GAP_PX).clamp(LANE_MIN_PX, LANE_MAX_PX);
    let row_px = lane_px + GAP_PX;
    ui.spacing_mut().item_spacing.y = 0.0;
    let chosen_index =
        faces.chosen.as_deref().and_then(|id| faces.session.faces.iter().position(|face| face.face_id == id));
    let focus_id = Id::unique("face lane to have the focus");
    let goes_to: Option<usize> = ui.data_mut(|data| data.remove_temp(focus_id));
    let mut area = ScrollArea::vertical().id_salt("lanes").auto_shrink([false, false]);
    if let Some(offset) = reveal(ui, goes_to.or_else(|| newly_chosen(ui, chosen_index)), row_px, room.height()) {
        area = area.vertical_scroll_offset(offset);
    }
    let output = area.show_rows(ui, row_px, count, |ui, rows| {
        // A lane that is scrolled partly out of view is clipped.
        ui.shrink_clip_rect(room);
        for index in rows {
            let face = &faces.session.faces[index];
            let chosen = chosen_index == Some(index);
            let (row, _) = ui.allocate_exact_size(vec2(room.width(), row_px), Sense::hover());
            let whole = Rect::from_min_size(row.min, vec2(row.width(), lane_px));
            let name = format!("Face {}", index + 1);
            let response = lane_ui(ui, view, field, whole, &name, face.interval, (index, chosen));
            if goes_to == Some(index) {
                response.request_focus();
            }
            if let Some(next) = arrow(ui, &response, index, count) {
                ui.data_mut(|data| data.insert_temp(focus_id, next));
                ui.ctx().request_repaint();
            }
            if response.clicked() {
                commands.push(Command::ChooseFace(face.face_id.clone()));
            }
        }
    });
    let offset_id = offset_id();
    ui.data_mut(|data| data.insert_temp(offset_id, output.state.clamped_offset().y));
}

/// Draws a lane: the whole lane is one radio button, so that it can be clicked beside its interval, too.
fn lane_ui(
    ui: &Ui,
    view: &View<'_>,
    field: &Field,
    whole: Rect,
    name: &str,
    interval: Option<Interval>,
    (index, chosen): (usize, bool),
) -> Response {
    let palette = Palette::of(ui);
    let corners = CornerRadius::same(radius::SMALL);
    let lane = whole.with_min_x(whole.left() + NAMES_PX);
    let enabled = may_edit(view);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(whole, Id::unique(("face lane", index)), sense);
    ui.painter().rect_filled(lane, corners, palette.lane);
    lane_name_ui(ui, lane, whole.left(), name, chosen);
    let of_clip = interval.unwrap_or(Interval::new(0, field.length_ms));
    let (left, right) = (field.scale.x_of(of_clip.start_ms), field.scale.x_of(of_clip.end_ms));
    let span = Rect::from_x_y_ranges(left..=right.max(left + 3.0), lane.top() + 3.0..=lane.bottom() - 3.0);
    let painter = ui.painter_at(lane);
    painter.rect_filled(span, corners, if chosen { palette.accent_wash } else { palette.span });
    if chosen || enabled && (response.hovered() || response.has_focus()) {
        let width = if response.has_focus() { 2.0 } else { 1.5 };
        painter.rect_stroke(span, corners, Stroke::new(width, palette.accent), StrokeKind::Inside);
    }
    if response.has_focus() && !span.intersects(lane) {
        painter.rect_stroke(lane, corners, Stroke::new(1.5, palette.accent), StrokeKind::Inside);
    }
    let words = interval.map_or_else(|| "the service did not report when it is in view".into(), words::interval_long);
    response
        .widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, format!("Lane of {name}: {words}")));
    response.on_hover_text(format!("{name}. {words}"))
}

/// The lane that an arrow key selects from this one, including lanes that are not drawn.
fn arrow(ui: &Ui, response: &Response, index: usize, count: usize) -> Option<usize> {
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let (up, down) = ui.input(|input| (input.num_presses(Key::ArrowUp), input.num_presses(Key::ArrowDown)));
    let next = (index + down).saturating_sub(up).min(count - 1);
    (next != index).then_some(next)
}

fn offset_id() -> Id {
    Id::unique("scroll of the face lanes")
}

/// The lane of a face that was chosen since the last frame, in any panel.
fn newly_chosen(ui: &Ui, chosen: Option<usize>) -> Option<usize> {
    let id = Id::unique("lane of the face chosen last");
    let before: Option<Option<usize>> = ui.data_mut(|data| {
        let before = data.get_temp(id);
        data.insert_temp(id, chosen);
        before
    });
    chosen.filter(|_| before != Some(chosen))
}

/// The scroll offset at which a lane is in view; `None` where it is already.
fn reveal(ui: &Ui, index: Option<usize>, row_px: f32, height_px: f32) -> Option<f32> {
    let index = index?;
    let offset: f32 = ui.data(|data| data.get_temp(offset_id())).unwrap_or(0.0);
    let (top, bottom) = (index as f32 * row_px, (index + 1) as f32 * row_px);
    if top < offset {
        Some(top)
    } else if bottom > offset + height_px {
        Some(bottom - height_px)
    } else {
        None
    }
}
