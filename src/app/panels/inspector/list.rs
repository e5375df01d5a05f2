//! The list of exchanges. Only the lines in view are drawn. It is one stop for the keyboard; arrow keys move the selection.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, CornerRadius, FocusDirection, FontId, Id, Key, Rect, ScrollArea, Sense, Stroke, StrokeKind,
    TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use crate::app::action::command::{Command, Commands};
use crate::app::state::inspector::{InspectorCommand, Row, State};
use crate::app::theme::{Icon, Palette, radius, size, space, text};
use crate::app::words;

/// Widths of the columns to the right of the path, from the right.
const SIZE_PX: f32 = 64.0;
const TIME_PX: f32 = 54.0;
const CODE_PX: f32 = 40.0;
const STATUS_PX: f32 = 28.0;
const METHOD_PX: f32 = 36.0;

/// Draws the list over the whole of `ui`.
pub fn list_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let rect = ui.max_rect();
    if state.listed.is_empty() {
        let words = if state.rows.is_empty() {
            "Nothing has been sent yet: each request to the service, and its answer, is listed here"
        } else {
            "No exchange matches the filter"
        };
        let palette = Palette::of(ui);
        let room = Rect::from_center_size(rect.center(), vec2(rect.width().min(280.0), 40.0));
        ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
            ui.vertical_centered(|ui| ui.add(egui::Label::new(text::dim(palette, words)).wrap()));
        });
        return;
    }
    let builder = UiBuilder::new().max_rect(rect).id_salt("exchanges").sense(Sense::focusable_noninteractive());
    ui.scope_builder(builder, |ui| rows_ui(ui, state, commands));
}

fn rows_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let id = ui.unique_id();
    let rect = ui.max_rect();
    if state.takes_keys {
        ui.memory_mut(|memory| memory.request_focus(id));
        commands.push(Command::Inspector(InspectorCommand::Arrived));
    }
    let focused = ui.memory(|memory| memory.has_focus(id));
    let shown = state.shown().map_or(0, Row::number);
    let at = state.listed.iter().position(|number| *number == shown).unwrap_or(0);
    let page = (rect.height() / size::ROW).floor().max(1.0) as i64;
    let moved = if focused { moved(ui, at, state.listed.len(), page) } else { None };
    if let Some(to) = moved {
        commands.push(Command::Inspector(InspectorCommand::Select(state.listed[to])));
    }
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(Role::ListBox);
        node.set_label("Exchanges");
        node.set_size_of_set(state.listed.len());
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = ScrollArea::vertical().id_salt("rows").auto_shrink([false, false]);
    if let Some(to) = moved {
        let offset = ui.data(|data| data.get_temp::<f32>(id.with("offset"))).unwrap_or(0.0);
        area = area.vertical_scroll_offset(in_view(offset, to, rect.height()));
    }
    let output = area.show_rows(ui, size::ROW, state.listed.len(), |ui, range| {
        for place in range {
            let number = state.listed[place];
            let Some(row) = state.row(number) else { continue };
            let row_id = id.with(number);
            if row_ui(ui, row, row_id, number == shown, place, state.listed.len()) {
                commands.push(Command::Inspector(InspectorCommand::Select(number)));
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            if number == shown {
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
    let steps = ui.input(|input| {
        let presses = |key| input.num_presses(key) as i64;
        presses(Key::ArrowDown) - presses(Key::ArrowUp) + (presses(Key::PageDown) - presses(Key::PageUp)) * page
    });
    if steps == 0 {
        return None;
    }
    ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    let to = (at as i64 + steps).clamp(0, count as i64 - 1) as usize;
    (to != at).then_some(to)
}

/// The offset nearest to `offset` at which line `place` is in view.
fn in_view(offset: f32, place: usize, height: f32) -> f32 {
    let top = place as f32 * size::ROW;
    offset.clamp((top + size::ROW - height).max(0.0), top.max(0.0))
}

/// Draws one line; returns whether it was clicked.
fn row_ui(ui: &mut Ui, row: &Row, id: Id, chosen: bool, place: usize, count: usize) -> bool {
    let palette = Palette::of(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), size::ROW));
    let response = ui.interact(rect, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, row.name()));
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_selected(chosen);
        node.set_position_in_set(place);
        node.set_size_of_set(count);
    });
    let plate = rect.shrink2(vec2(space::TIGHT, 1.0));
    let corners = CornerRadius::same(radius::SMALL);
    if chosen {
        ui.painter().rect_filled(plate, corners, palette.accent_wash);
    } else if response.hovered() {
        ui.painter().rect_filled(plate, corners, palette.raised);
    }
    let small = TextStyle::Small.resolve(ui.style());
    let mono = FontId { size: 11.0, ..TextStyle::Monospace.resolve(ui.style()) };
    let ink = if row.failed { palette.bad } else { palette.good };
    let mut right = rect.right() - space::ITEM - space::TIGHT;
    for (words, width, ink, font) in [
        (row.size.as_str(), SIZE_PX, palette.text_dim, &small),
        (row.time.as_str(), TIME_PX, palette.text_dim, &small),
        (row.code.as_deref().unwrap_or_default(), CODE_PX, if row.failed { ink } else { palette.text_dim }, &mono),
        (row.status.as_str(), STATUS_PX, ink, &mono),
    ] {
        cell_ui(ui, words, font, ink, pos2(right, rect.center().y), width - space::TIGHT, Align2::RIGHT_CENTER);
        right -= width;
    }
    let mut left = rect.left() + space::ITEM;
    if row.failed {
        let mark = Rect::from_center_size(pos2(left + 6.0, rect.center().y), Vec2::splat(12.0));
        Icon::CircleX.image_of(12.0).tint(palette.bad).paint_at(ui, mark);
    }
    left += 12.0 + space::TIGHT;
    let middle = |x: f32| pos2(x, rect.center().y);
    cell_ui(ui, row.exchange.method, &small, palette.text_dim, middle(left), METHOD_PX, Align2::LEFT_CENTER);
    left += METHOD_PX;
    let body = TextStyle::Body.resolve(ui.style());
    let room = right - left - space::TIGHT;
    cell_ui(ui, &row.path, &body, palette.text, middle(left), room, Align2::LEFT_CENTER);
    let clicked = response.clicked();
    response.on_hover_ui(|ui| {
        // Many polls look alike: the time of day distinguishes them.
        ui.label(format!("Sent at {}", words::time_of_day(row.exchange.started_at_ms)));
        ui.label(&row.exchange.url);
    });
    clicked
}

/// Paints a text in at most `width` points, truncated where necessary.
fn cell_ui(ui: &Ui, words: &str, font: &FontId, ink: Color32, at: egui::Pos2, width: f32, align: Align2) {
    let mut job = LayoutJob::simple_singleline(words.to_owned(), font.clone(), ink);
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    ui.painter().galley(align.anchor_size(at, galley.size()).min, galley, ink);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_brought_into_view_by_the_least_move() {
        let height = 10.0 * size::ROW;
        for (offset, place, expected) in [(0.0, 3, 0.0), (0.0, 10, size::ROW), (500.0, 0, 0.0), (140.0, 9, 140.0)] {
            assert!((in_view(offset, place, height) - expected).abs() < 0.01, "{place} from {offset}");
        }
    }
}
