//! The list of tasks. Only the rows in view are drawn. It is one stop for the keyboard; arrow keys move the selection.

use egui::accesskit::Role;
use egui::{Align2, CornerRadius, Id, Rect, Response, Sense, TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::ink_and_mark;
use crate::app::action::command::{Command, Commands};
use crate::app::state::tasks::{Row, State, TasksCommand};
use crate::app::theme::{Palette, radius, size, space, strong};
use crate::app::widgets::list::{BAR_PX, List, list_ui, text_ui};

/// Height of a row of two lines, in points.
const ROW_PX: f32 = 48.0;
/// The next page is read when so many rows are left below those in view.
const AHEAD: usize = 30;

/// Draws the list over the whole of `ui`.
pub fn tasks_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let at = state.rows.iter().position(|row| Some(row.id) == state.selected);
    let list = List {
        name: "Tasks",
        count: state.rows.len(),
        chosen: at.or_else(|| (!state.rows.is_empty()).then_some(0)),
        row_px: ROW_PX,
        takes_keys: state.takes_keys,
    };
    if state.takes_keys {
        commands.push(Command::Tasks(TasksCommand::Arrived));
    }
    let answer = list_ui(ui, &list, |ui, place, id, _| {
        let row = &state.rows[place];
        row_ui(ui, row, id.with(row.id), Some(row.id) == state.selected)
    });
    if answer.in_view.end + AHEAD >= state.rows.len() {
        commands.push(Command::Tasks(TasksCommand::NeedMore));
    }
    if let Some(row) = answer.chosen.and_then(|place| state.rows.get(place)) {
        commands.push(Command::Tasks(TasksCommand::Select(row.id)));
    }
}

/// Draws one row.
fn row_ui(ui: &mut Ui, row: &Row, id: Id, chosen: bool) -> Response {
    let palette = Palette::of(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width() - BAR_PX, ROW_PX));
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, row.name.as_str()));
    let plate = rect.shrink2(vec2(2.0, 1.0));
    let corners = CornerRadius::same(radius::NORMAL);
    if chosen {
        ui.painter().rect_filled(plate, corners, palette.accent_wash);
    } else if response.hovered() {
        ui.painter().rect_filled(plate, corners, palette.raised_hover);
    }
    let (ink, mark) = ink_and_mark(palette, row.standing.tone);
    let icon = Rect::from_center_size(pos2(rect.left() + 20.0, rect.center().y), Vec2::splat(size::ICON));
    mark.image().tint(ink).paint_at(ui, icon);
    let [body, small] = [TextStyle::Body, TextStyle::Small].map(|style| style.resolve(ui.style()));
    let strong = strong().resolve(ui.style());
    let [upper, lower] = [rect.top() + 15.0, rect.bottom() - 14.0];
    let (left, right) = (rect.left() + 38.0, rect.right() - space::PANEL);

    // What stands on the right has its whole width; the names get the rest.
    let time_px = text_ui(ui, &row.time, &small, palette.text_dim, pos2(right, upper), 140.0, Align2::RIGHT_CENTER);
    let end = if row.cost.is_empty() { row.service.clone() } else { format!("{} · {}", row.service, row.cost) };
    let end_px = text_ui(ui, &end, &small, palette.text_dim, pos2(right, lower), 220.0, Align2::RIGHT_CENTER);
    let room = right - time_px - space::ITEM - left;
    let clip_px = text_ui(ui, &row.clip, &strong, palette.text, pos2(left, upper), room, Align2::LEFT_CENTER);
    if !row.voice.is_empty() {
        let words = format!("with {}", row.voice);
        let at = pos2(left + clip_px + space::ITEM, upper);
        text_ui(ui, &words, &body, palette.text_dim, at, room - clip_px - space::ITEM, Align2::LEFT_CENTER);
    }
    let room = right - end_px - space::ITEM - left;
    let word_px = text_ui(ui, row.standing.word, &small, ink, pos2(left, lower), room, Align2::LEFT_CENTER);
    if !row.reason.is_empty() {
        let at = pos2(left + word_px + space::ITEM, lower);
        text_ui(ui, &row.reason, &small, palette.text_dim, at, room - word_px - space::ITEM, Align2::LEFT_CENTER);
    }
    response
}
