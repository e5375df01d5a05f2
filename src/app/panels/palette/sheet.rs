//! The help sheet: every key, group by group, and what the pointer can do in the timeline.

use egui::accesskit::Role;
use egui::{Align, Layout, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::app::action::command::{Command, Commands};
use crate::app::action::{Action, Group};
use crate::app::state::palette::PaletteCommand;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::keycaps;
use crate::app::widgets::overlay::{Overlay, Place, hold_focus, overlay_ui};

/// Width of a column, in points.
const COLUMN_PX: f32 = 348.0;
/// Maximum number of columns: with three of them nothing has to be scrolled in a window of the default size.
const COLUMNS: usize = 3;
const GAP_PX: f32 = 32.0;
const BAR_PX: f32 = 12.0;
const MARGIN_PX: i8 = 20;

/// A line of the sheet: an action, and its shortcuts.
struct Line {
    title: &'static str,
    /// The shortcuts, each as its keycaps.
    ways: Vec<Vec<String>>,
}

/// What pointer and keys do in the timeline, in addition to the actions.
const GESTURES: [(&str, &str); 9] = [
    ("Move the voice", "Drag it"),
    ("Trim the voice", "Drag an end"),
    ("Move by a frame, by ten", "Tab to it, then ← →, Shift"),
    ("Drag without snapping", "Hold Alt while dragging"),
    ("Cancel a drag", "Esc while dragging"),
    ("Show a moment", "Click or drag the ruler"),
    ("Zoom at the pointer", "Ctrl and the wheel"),
    ("Move along", "Shift and the wheel, or the middle button"),
    ("Make it higher", "Drag its upper edge, or Tab to it and ↑ ↓"),
];

/// Draws the sheet.
pub fn sheet_ui(ui: &Ui, _view: &View<'_>, commands: &mut Commands) {
    let room = ui.ctx().content_rect().width() - 2.0 * (f32::from(MARGIN_PX) + space::SECTION) - BAR_PX;
    let columns = (((room + GAP_PX) / (COLUMN_PX + GAP_PX)) as usize).clamp(1, COLUMNS);
    let width = columns as f32 * (COLUMN_PX + GAP_PX) - GAP_PX + BAR_PX;
    let overlay = Overlay { id: "help", name: "Keyboard shortcuts", place: Place::Middle, width, margin: MARGIN_PX };
    let mut closed = overlay_ui(ui, &overlay, |ui| {
        hold_focus(ui);
        ui.spacing_mut().item_spacing.y = space::ITEM;
        ui.horizontal(|ui| {
            ui.label(text::heading("Keyboard shortcuts"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let close = button_ui(ui, Look::Ghost, &Face::icon("Close", Icon::X), "Closes this sheet", None);
                if ui.memory(|memory| memory.focused().is_none()) {
                    close.request_focus();
                }
                if close.clicked() {
                    commands.push(Command::Palette(PaletteCommand::Close));
                }
            });
        });
        let room = ui.ctx().content_rect().height() - 2.0 * f32::from(MARGIN_PX) - 120.0;
        // The contents fade out at the edge where they can be scrolled.
        ui.spacing_mut().scroll.fade.strength = 1.0;
        ScrollArea::vertical()
            .max_height(room)
            .min_scrolled_height(room)
            .auto_shrink([false, true])
            .show(ui, |ui| columns_ui(ui, columns));
    });
    let again = Action::OpenShortcuts.info().shortcuts;
    closed |= ui.input_mut(|input| again.iter().any(|keys| input.consume_shortcut(keys)));
    if closed {
        commands.push(Command::Palette(PaletteCommand::Close));
    }
}

/// The groups that have shortcuts, distributed over columns of about the same length; no group is split.
fn columns_ui(ui: &mut Ui, count: usize) {
    let groups: Vec<(Group, Vec<Line>)> = Group::ALL
        .iter()
        .map(|&group| (group, lines(group)))
        .filter(|(group, lines)| *group == Group::Timeline || !lines.is_empty())
        .collect();
    let rows_of =
        |group: Group, lines: &[Line]| lines.len() + 2 + if group == Group::Timeline { GESTURES.len() } else { 0 };
    let rows: Vec<usize> = groups.iter().map(|(group, lines)| rows_of(*group, lines)).collect();
    let mut columns: Vec<Vec<(Group, Vec<Line>)>> = (0..count).map(|_| Vec::new()).collect();
    for ((group, lines), column) in groups.into_iter().zip(distributed(&rows, count)) {
        columns[column].push((group, lines));
    }
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = GAP_PX;
        for groups in columns {
            ui.vertical(|ui| {
                ui.set_width(COLUMN_PX);
                ui.spacing_mut().item_spacing.y = 0.0;
                for (group, lines) in groups {
                    group_ui(ui, group, &lines);
                }
            });
        }
    });
}

/// The column of each group, in order, so that the longest of `count` columns is as short as can be.
fn distributed(rows: &[usize], count: usize) -> Vec<usize> {
    let packed = |most: usize| {
        let (mut column, mut filled) = (0, 0);
        let mut places = Vec::with_capacity(rows.len());
        for &more in rows {
            if filled > 0 && filled + more > most {
                (column, filled) = (column + 1, 0);
            }
            filled += more;
            places.push(column);
        }
        places
    };
    let total: usize = rows.iter().sum();
    let fits = |places: &Vec<usize>| places.last().is_none_or(|&last| last < count.max(1));
    (total.div_ceil(count.max(1))..=total).map(packed).find(fits).unwrap_or_else(|| vec![0; rows.len()])
}

fn lines(group: Group) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let cancels = |action: Action| action.cancels();
    if group == Group::Task {
        let ways = Action::ALL.iter().find(|action| cancels(**action)).and_then(|action| action.info().shortcut());
        lines.push(Line {
            title: "Cancel what is running",
            ways: ways.map(|keys| keycaps::caps(*keys)).into_iter().collect(),
        });
    }
    for &action in Action::ALL.iter().filter(|&&action| action.info().group == group && !cancels(action)) {
        let info = action.info();
        if !info.shortcuts.is_empty() {
            let ways = info.shortcuts.iter().map(|keys| keycaps::caps(*keys)).collect();
            lines.push(Line { title: info.title, ways });
        }
    }
    let caps = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<String>>();
    match group {
        Group::Faces => lines.push(Line { title: "Choose face 1 to 9", ways: vec![caps(&["1"]), caps(&["9"])] }),
        Group::View => {
            let ctrl = if cfg!(target_os = "macos") { "Cmd" } else { "Ctrl" };
            lines.push(Line { title: "Larger", ways: vec![caps(&[ctrl, "+"])] });
            lines.push(Line { title: "Smaller", ways: vec![caps(&[ctrl, "−"])] });
            lines.push(Line { title: "Original size", ways: vec![caps(&[ctrl, "0"])] });
            lines.push(Line { title: "Close a popup, cancel a drag, leave a field", ways: vec![caps(&["Esc"])] });
            lines.push(Line { title: "To the next control", ways: vec![caps(&["Tab"])] });
        }
        _ => {}
    }
    lines
}

fn group_ui(ui: &mut Ui, group: Group, lines: &[Line]) {
    let palette = Palette::of(ui);
    ui.add_space(space::ITEM);
    ui.label(text::strong(group.label()));
    ui.add_space(space::TIGHT);
    for line in lines {
        let words: Vec<String> = line.ways.iter().map(|way| way.join("+")).collect();
        let rect = line_ui(ui, line.title, &words.join(" or "));
        let mut right = pos2(rect.right(), rect.center().y);
        for (place, way) in line.ways.iter().enumerate().rev() {
            keycaps::paint_right(ui, right, way);
            right.x -= keycaps::width(ui, way) + space::ITEM;
            if place > 0 {
                let font = egui::TextStyle::Small.resolve(ui.style());
                let between = if line.title.starts_with("Choose face") { "–" } else { "or" };
                let drawn = ui.painter().text(right, egui::Align2::RIGHT_CENTER, between, font, palette.text_dim);
                right.x = drawn.left() - space::ITEM;
            }
        }
    }
    if group == Group::Timeline {
        for (title, how) in GESTURES {
            let rect = line_ui(ui, title, how);
            let room = UiBuilder::new().max_rect(rect).layout(Layout::right_to_left(Align::Center));
            ui.scope_builder(room, |ui| {
                ui.label(text::caption(palette, how));
            });
        }
    }
    ui.add_space(space::ITEM);
}

/// Draws the title of a line; returns its area, at the right of which the shortcut is drawn.
fn line_ui(ui: &mut Ui, title: &str, how: &str) -> Rect {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), size::BUTTON_INLINE), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, format!("{title}: {how}")));
    let font = egui::TextStyle::Body.resolve(ui.style());
    ui.painter().text(rect.left_center(), egui::Align2::LEFT_CENTER, title, font, palette.text_dim);
    rect
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_column_is_as_short_as_can_be() {
        assert_eq!(distributed(&[5, 5, 9, 4, 4], 3), [0, 0, 1, 2, 2]);
        assert_eq!(distributed(&[9, 1, 1], 2), [0, 1, 1]);
        assert_eq!(distributed(&[3, 4], 1), [0, 0]);
        assert_eq!(distributed(&[], 3), Vec::<usize>::new());
    }
}
