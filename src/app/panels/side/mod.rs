//! The side panel: clip, faces, voice, placement, advanced, task, in the order of the work.

mod advanced;
mod clip;
mod copy;
mod faces;
mod fit;
mod placement;
mod source;
mod task;
mod tile;
mod voice;

use egui::{ScrollArea, Ui};

pub use source::recent_row_ui;

use crate::app::action::command::Commands;
use crate::app::state::view::View;
use crate::app::theme::space;

/// Extra space between two sections, in addition to that below the last control of a section.
const BETWEEN_PX: f32 = space::SECTION - space::ITEM;
/// Width of the scroll bar, in points.
const BAR_PX: f32 = 10.0;

/// Draws the side panel.
pub fn side_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    ScrollArea::vertical().id_salt("side").auto_shrink([false, false]).show(ui, |ui| {
        // The scroll bar has its own space: it never covers a control.
        ui.set_max_width(ui.available_width() - BAR_PX);
        ui.spacing_mut().item_spacing.y = space::ITEM;
        clip::clip_ui(ui, view, commands);
        ui.add_space(BETWEEN_PX);
        faces::faces_ui(ui, view, commands);
        ui.add_space(BETWEEN_PX);
        voice::voice_ui(ui, view, commands);
        ui.add_space(BETWEEN_PX);
        placement::placement_ui(ui, view, commands);
        ui.add_space(BETWEEN_PX);
        task::task_ui(ui, view, commands);
        advanced::advanced_ui(ui, view, commands);
        ui.add_space(space::ITEM);
    });
}
