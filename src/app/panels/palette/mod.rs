//! The command palette and the help sheet: every action by name, every key in one place. Both come from the table of actions.

mod entries;
mod list;
mod rank;
mod sheet;

use egui::Ui;

use crate::app::action::command::Wishes;
use crate::app::state::palette::Open;
use crate::app::state::view::View;

/// Draws what is open.
pub fn palette_ui(ui: &Ui, view: &View<'_>, wishes: &mut Wishes) {
    match &view.shell.palette.open {
        None => {}
        Some(Open::Search { query, selected }) => list::list_ui(ui, view, wishes, query, *selected),
        Some(Open::Sheet) => sheet::sheet_ui(ui, view, wishes),
    }
}
