//! A list of rows of one height, of which only those in view are drawn. It is one stop for the keyboard; arrow keys move the choice.

use std::ops::Range;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, CornerRadius, FocusDirection, FontId, Id, Key, Response, ScrollArea, Sense, Stroke, StrokeKind,
    Ui, UiBuilder,
};

use crate::app::theme::{Palette, radius};

/// Width of the scroll bar, in points: rows leave it free.
pub const BAR_PX: f32 = 8.0;

/// Width of the line around a list that has the focus, and its distance from the rows, in points.
const RING_PX: f32 = 1.5;
const RING_GAP_PX: f32 = 2.0;

/// A list as it is drawn.
pub struct List<'a> {
    /// Its name, for assistive technology.
    pub name: &'a str,
    /// How many rows it has.
    pub count: usize,
    /// The chosen row.
    pub chosen: Option<usize>,
    /// Height of a row, in points.
    pub row_px: f32,
    /// Whether it takes the focus now.
    pub takes_keys: bool,
}

/// What was done with a list in this frame, and what of it is in view.
pub struct ListAnswer {
    /// The row that was chosen, by a click or by keys.
    pub chosen: Option<usize>,
    /// The rows in view.
    pub in_view: Range<usize>,
    /// The list itself, as it has the focus.
    pub id: Id,
}

/// Draws a list over the whole of `ui`. `row_ui` draws the row at a place, below this id, and whether it is chosen; it returns the row's own response.
pub fn list_ui(
    ui: &mut Ui,
    list: &List<'_>,
    mut row_ui: impl FnMut(&mut Ui, usize, Id, bool) -> Response,
) -> ListAnswer {
    let rect = ui.max_rect();
    let builder = UiBuilder::new().max_rect(rect).id_salt(list.name).sense(Sense::focusable_noninteractive());
    ui.scope_builder(builder, |ui| rows_ui(ui, list, &mut row_ui)).inner
}

fn rows_ui(ui: &mut Ui, list: &List<'_>, row_ui: &mut impl FnMut(&mut Ui, usize, Id, bool) -> Response) -> ListAnswer {
    let palette = Palette::of(ui);
    let id = ui.unique_id();
    let rect = ui.max_rect();
    if list.takes_keys {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let focused = ui.memory(|memory| memory.has_focus(id));
    let page = (rect.height() / list.row_px).floor().max(1.0) as i64;
    let moved = if focused { moved(ui, list.chosen, list.count, page) } else { None };
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(Role::ListBox);
        node.set_label(list.name);
        node.set_size_of_set(list.count);
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = ScrollArea::vertical().id_salt("rows").auto_shrink([false, false]);
    if let Some(to) = moved {
        let offset = ui.data(|data| data.get_temp::<f32>(id.with("offset"))).unwrap_or(0.0);
        let top = to as f32 * list.row_px;
        area = area.vertical_scroll_offset(offset.clamp((top + list.row_px - rect.height()).max(0.0), top));
    }
    let mut answer = ListAnswer { chosen: moved, in_view: 0..0, id };
    let output = area.show_rows(ui, list.row_px, list.count, |ui, range| {
        answer.in_view = range.clone();
        for place in range {
            let chosen = list.chosen == Some(place);
            let response = row_ui(ui, place, id, chosen);
            ui.ctx().accesskit_node_builder(response.id, |node| {
                node.set_selected(chosen);
                node.set_position_in_set(place);
                node.set_size_of_set(list.count);
            });
            if response.clicked() {
                answer.chosen = Some(place);
                ui.memory_mut(|memory| memory.request_focus(id));
            }
            if chosen {
                ui.ctx().accesskit_node_builder(id, |node| node.set_active_descendant(response.id.accesskit_id()));
            }
        }
    });
    ui.data_mut(|data| data.insert_temp(id.with("offset"), output.state.clamped_offset().y));
    if focused {
        // Around the rows and their scroll bar, not over them.
        let ring = Stroke::new(RING_PX, palette.accent);
        let around = rect.expand(RING_GAP_PX);
        let mut painter = ui.painter().clone();
        painter.set_clip_rect(around.expand(RING_PX));
        painter.rect_stroke(around, CornerRadius::same(radius::NORMAL), ring, StrokeKind::Outside);
    }
    answer
}

/// The choice after the keys of this frame, where that is another.
fn moved(ui: &Ui, chosen: Option<usize>, count: usize, page: i64) -> Option<usize> {
    let last = i64::try_from(count).ok()?.checked_sub(1)?;
    let at = i64::try_from(chosen.unwrap_or(0)).ok()?;
    let (to, is_pressed) = ui.input(|input| {
        let presses = |key| input.num_presses(key) as i64;
        if presses(Key::Home) > 0 {
            return (0, true);
        }
        if presses(Key::End) > 0 {
            return (last, true);
        }
        let by =
            presses(Key::ArrowDown) - presses(Key::ArrowUp) + (presses(Key::PageDown) - presses(Key::PageUp)) * page;
        (if chosen.is_some() { at + by } else { 0 }, by != 0)
    });
    if !is_pressed {
        return None;
    }
    ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    let to = usize::try_from(to.clamp(0, last)).ok()?;
    (chosen != Some(to)).then_some(to)
}

/// Paints a text in at most `width` points, truncated where necessary; returns its width.
pub fn text_ui(ui: &Ui, words: &str, font: &FontId, ink: Color32, at: egui::Pos2, width: f32, align: Align2) -> f32 {
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
