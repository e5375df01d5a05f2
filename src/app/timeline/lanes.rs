//! A lane for each face, with the time during which it is in view.

use egui::{CornerRadius, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::scale::Scale;
use super::{lane_name_ui, lane_words_ui, may_edit};
use crate::app::command::{Command, Wishes};
use crate::app::theme::{Palette, radius, space};
use crate::app::view::View;
use crate::app::words;
use crate::model::Interval;

const LANE_MIN_PX: f32 = 20.0;
const LANE_MAX_PX: f32 = 36.0;
const GAP_PX: f32 = 3.0;

/// Draws the lanes; more than fit are scrolled.
pub fn lanes_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes, scale: &Scale, names_px: f32) {
    let palette = Palette::of(ui);
    let room = ui.max_rect();
    let corners = CornerRadius::same(radius::SMALL);
    let Some(faces) = view.flow.faces().filter(|faces| !faces.session.faces.is_empty()) else {
        let lane = Rect::from_min_size(
            pos2(room.left() + names_px, room.top()),
            vec2(room.width() - names_px, room.height() - GAP_PX),
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
    ScrollArea::vertical().id_salt("lanes").auto_shrink([false, false]).show_rows(ui, row_px, count, |ui, rows| {
        for index in rows {
            let face = &faces.session.faces[index];
            let chosen = faces.chosen.as_deref() == Some(face.face_id.as_str());
            let (row, _) = ui.allocate_exact_size(vec2(room.width(), row_px), Sense::hover());
            let lane =
                Rect::from_min_size(pos2(row.left() + names_px, row.top()), vec2(row.width() - names_px, lane_px));
            ui.painter().rect_filled(lane, corners, palette.lane);
            let name = format!("Face {}", index + 1);
            lane_name_ui(ui, lane, row.left(), &name, chosen);
            let clip_ms = view.flow.desk.clip_probe.known().map_or(0, |clip| clip.duration_ms);
            let interval = face.interval.unwrap_or(Interval::new(0, clip_ms));
            let span = Rect::from_x_y_ranges(
                scale.x_of(interval.start_ms)..=scale.x_of(interval.end_ms).max(scale.x_of(interval.start_ms) + 3.0),
                lane.top() + space::TIGHT..=lane.bottom() - space::TIGHT,
            );
            let sense = if may_edit(view) { Sense::click() } else { Sense::hover() };
            let response = ui.interact(span, ui.scope_id().with(("face", index)), sense);
            let fill = if chosen { palette.accent_wash } else { palette.span };
            ui.painter().rect_filled(span, corners, fill);
            if chosen || response.hovered() && may_edit(view) || response.has_focus() {
                ui.painter().rect_stroke(span, corners, Stroke::new(1.5, palette.accent), StrokeKind::Inside);
            }
            let words = words::interval_long(interval);
            response.widget_info(|| {
                WidgetInfo::selected(Role::RadioButton, may_edit(view), chosen, format!("Lane of {name}: {words}"))
            });
            if response.clicked() {
                wishes.push(Command::ChooseFace(face.face_id.clone()));
            }
            response.on_hover_text(format!("{name}. {words}"));
        }
    });
}
