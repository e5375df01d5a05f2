//! The overlay of the history: filters above, the list on the left, the selected task on the right.

use egui::{Align, CornerRadius, Layout, Rect, Sense, Ui, UiBuilder, pos2, vec2};

use super::{detail, filters, list};
use crate::app::action::command::{Command, Commands};
use crate::app::state::tasks::TasksCommand;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::overlay::{Overlay, Place, overlay_ui};

/// Margin around its contents, in points.
const MARGIN_PX: i8 = 20;
/// Its width and height at most, without the margin, in points.
const MOST_PX: egui::Vec2 = vec2(1120.0, 680.0);
/// Distance from the edges of the window, in points.
const FROM_EDGE_PX: f32 = 24.0;
/// Width of the list, as a fraction of the whole.
const LIST_PART: f32 = 0.58;

/// Draws the history where it is open.
pub fn history_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands) {
    let state = &view.shell.tasks;
    if !state.is_open() {
        return;
    }
    let around = 2.0 * (f32::from(MARGIN_PX) + FROM_EDGE_PX);
    let room = (ui.ctx().content_rect().size() - vec2(around, around)).min(MOST_PX);
    let overlay = Overlay { id: "history", name: "History", place: Place::Middle, width: room.x, margin: MARGIN_PX };
    let closed = overlay_ui(ui, &overlay, |ui| {
        let palette = Palette::of(ui);
        let (whole, _) = ui.allocate_exact_size(room, Sense::hover());
        let head = Rect::from_min_size(whole.min, vec2(whole.width(), size::BUTTON));
        let tools = Rect::from_min_size(head.left_bottom() + vec2(0.0, space::ITEM), head.size());
        let below = whole.with_min_y(tools.bottom() + space::PANEL);
        let row = Layout::left_to_right(Align::Center);
        ui.scope_builder(UiBuilder::new().max_rect(head).layout(row), |ui| head_ui(ui, view, commands));
        ui.scope_builder(UiBuilder::new().max_rect(tools).layout(row), |ui| filters::filters_ui(ui, state, commands));
        if state.rows.is_empty() {
            ui.scope_builder(UiBuilder::new().max_rect(below), |ui| empty_ui(ui, view, commands));
            return;
        }
        let border = (below.left() + below.width() * LIST_PART).round();
        let rows = below.with_max_x(border - space::PANEL);
        let line = Rect::from_min_max(pos2(border, below.top()), pos2(border + 1.0, below.bottom()));
        ui.painter().rect_filled(line, CornerRadius::ZERO, palette.line);
        ui.scope_builder(UiBuilder::new().max_rect(rows), |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(rows));
            list::tasks_ui(ui, state, commands);
        });
        let side = below.with_min_x(border + space::GROUP);
        ui.scope_builder(UiBuilder::new().max_rect(side), |ui| {
            ui.set_clip_rect(ui.clip_rect().intersect(side.expand(2.0)));
            detail::detail_ui(ui, view, commands);
        });
    });
    if closed && view.shell.dialog.is_none() {
        commands.push(Command::Tasks(TasksCommand::Close));
    }
}

fn head_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    ui.label(text::heading("History"));
    ui.label(text::caption(Palette::of(ui), "Every task of this machine, from windows and the command line"));
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let face = Face::icon("Close the history", Icon::X);
        let close = button_ui(ui, Look::Ghost, &face, "Closes the history", None);
        if close.clicked() {
            commands.push(Command::Tasks(TasksCommand::Close));
        }
        // The list takes the focus; where it is empty, this does.
        if view.shell.tasks.rows.is_empty() && view.shell.tasks.is_read && ui.memory(|m| m.focused().is_none()) {
            close.request_focus();
        }
    });
}

/// Why nothing is listed, and what to do about it.
fn empty_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let state = &view.shell.tasks;
    let (title, words) = match &state.problem {
        Some(why) => ("The history cannot be shown", why.as_str()),
        None if !state.is_read => ("", "Reading the journal…"),
        None if state.filter.is_set() => {
            ("Nothing matches", "No task has these words, service, state and day all together")
        }
        None => (
            "No task yet",
            "Each task that is submitted here or on the command line is listed from then on, with its result",
        ),
    };
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.32).max(space::GROUP));
        if !title.is_empty() {
            ui.label(text::title(title));
            ui.add_space(space::TIGHT);
        }
        ui.add(egui::Label::new(text::dim(palette, words)).wrap());
        if state.problem.is_none() && state.is_read && state.filter.is_set() {
            ui.add_space(space::ITEM);
            let face = Face::new("Show all tasks", Some(Icon::History));
            if button_ui(ui, Look::Soft, &face, "Takes the search and the filters away", None).clicked() {
                commands.push(Command::Tasks(TasksCommand::ShowAll));
            }
        }
    });
}
