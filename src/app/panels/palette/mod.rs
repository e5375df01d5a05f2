//! The command palette and the help sheet: every action by name, and every shortcut. Both are derived from the table of actions.

mod entries;
mod list;
mod rank;
mod sheet;

use egui::Ui;

use crate::app::action::command::Commands;
use crate::app::state::palette::Open;
use crate::app::state::view::View;

/// Draws the one that is open.
pub fn palette_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands) {
    match &view.shell.palette.open {
        None => {}
        Some(Open::Search { query, selected }) => list::list_ui(ui, view, commands, query, *selected),
        Some(Open::Sheet) => sheet::sheet_ui(ui, view, commands),
    }
}
