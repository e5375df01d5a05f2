//! The list of tasks. Only the rows in view are drawn. It is one stop for the keyboard; arrow keys move the selection.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, CornerRadius, FocusDirection, FontId, Id, Key, Rect, ScrollArea, Sense, Stroke, StrokeKind,
    TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::ink_and_mark;
use crate::app::action::command::{Command, Commands};
use crate::app::state::tasks::{Row, State, TasksCommand};
use crate::app::theme::{Palette, radius, size, space, strong};

/// Height of a row of two lines, in points.
const ROW_PX: f32 = 48.0;
/// The next page is read when so many rows are left below those in view.
const AHEAD: usize = 30;
/// Width of the scroll bar, in points.
const BAR_PX: f32 = 8.0;

/// Draws the list over the whole of `ui`.
pub fn list_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let rect = ui.max_rect();
    let builder = UiBuilder::new().max_rect(rect).id_salt("tasks").sense(Sense::focusable_noninteractive());
    ui.scope_builder(builder, |ui| rows_ui(ui, state, commands));
}

fn rows_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let id = ui.unique_id();
    let rect = ui.max_rect();
    if state.takes_keys {
        ui.memory_mut(|memory| memory.request_focus(id));
        commands.push(Command::Tasks(TasksCommand::Arrived));
    }
    let focused = ui.memory(|memory| memory.has_focus(id));
    let at = state.rows.iter().position(|row| Some(row.id) == state.selected).unwrap_or(0);
    let page = (rect.height() / ROW_PX).floor().max(1.0) as i64;
    let moved = if focused { moved(ui, at, state.rows.len(), page) } else { None };
    if let Some(to) = moved {
        commands.push(Command::Tasks(TasksCommand::Select(state.rows[to].id)));
    }
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(Role::ListBox);
        node.set_label("Tasks");
        node.set_size_of_set(state.rows.len());
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = ScrollArea::vertical().id_salt("rows").auto_shrink([false, false]);
    if let Some(to) = moved {
        let offset = ui.data(|data| data.get_temp::<f32>(id.with("offset"))).unwrap_or(0.0);
        let top = to as f32 * ROW_PX;
        area = area.vertical_scroll_offset(offset.clamp((top + ROW_PX - rect.height()).max(0.0), top));
    }
    let output = area.show_rows(ui, ROW_PX, state.rows.len(), |ui, range| {
        if range.end + AHEAD >= state.rows.len() {
            commands.push(Command::Tasks(TasksCommand::NeedMore));
        }
        for place in range {
            let row = &state.rows[place];
            let row_id = id.with(row.id);
            let chosen = Some(row.id) == state.selected;
            if row_ui(ui, row, row_id, chosen, place, state.rows.len()) {
                commands.push(Command::Tasks(TasksCommand::Select(row.id)));
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            if chosen {
                ui.ctx().accesskit_node_builder(id, |node| node.set_active_descendant(row_id.accesskit_id()));
            }
        }
    });
    ui.data_mut(|data| data.insert_temp(id.with("offset"), output.state.clamped_offset().y));
    if focused {
        let ring = Stroke::new(1.5, palette.accent);
        ui.painter().rect_stroke(rect, CornerRadius::same(radius::SMALL), ring, StrokeKind::Inside);
    }
}

/// The selection after the keys of this frame.
fn moved(ui: &Ui, at: usize, count: usize, page: i64) -> Option<usize> {
    let last = i64::try_from(count).ok()?.checked_sub(1)?;
    let at = i64::try_from(at).ok()?;
    let to = ui.input(|input| {
        let presses = |key| input.num_presses(key) as i64;
        if presses(Key::Home) > 0 {
            return 0;
        }
        if presses(Key::End) > 0 {
            return last;
        }
        at + presses(Key::ArrowDown) - presses(Key::ArrowUp) + (presses(Key::PageDown) - presses(Key::PageUp)) * page
    });
    if to == at {
        return None;
    }
    ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    let to = to.clamp(0, last);
    (to != at).then(|| usize::try_from(to).unwrap_or_default())
}

/// Draws one row; returns whether it was clicked.
fn row_ui(ui: &mut Ui, row: &Row, id: Id, chosen: bool, place: usize, count: usize) -> bool {
    let palette = Palette::of(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width() - BAR_PX, ROW_PX));
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, row.name.as_str()));
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_selected(chosen);
        node.set_position_in_set(place);
        node.set_size_of_set(count);
    });
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
    response.clicked()
}

/// Paints a text in at most `width` points, truncated where necessary; returns its width.
fn text_ui(ui: &Ui, words: &str, font: &FontId, ink: Color32, at: egui::Pos2, width: f32, align: Align2) -> f32 {
    if width < 12.0 {
        return 0.0;
    }
    let mut job = LayoutJob::simple_singleline(words.to_owned(), font.clone(), ink);
    job.wrap = TextWrapping::truncate_at_width(width);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let size = galley.size();
    ui.painter().galley(align.anchor_size(at, size).min, galley, ink);
    size.x
}
