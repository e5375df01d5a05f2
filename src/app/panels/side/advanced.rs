//! Optional fields: our own id for the task, the callback address.

use egui::{CollapsingHeader, Ui};

use crate::app::action::command::{Command, Commands};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, text};
use crate::app::widgets::field::{Field, field_ui};
use crate::workflow::Details;

/// Draws the section, which is collapsed by default.
pub fn advanced_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let details = &view.flow.desk.details;
    let header = CollapsingHeader::new(text::strong("Advanced")).id_salt("advanced").icon(|ui, openness, response| {
        let icon = if openness > 0.5 { Icon::ChevronDown } else { Icon::ChevronRight };
        let place = egui::Rect::from_center_size(response.rect.center(), egui::Vec2::splat(14.0));
        icon.image_of(14.0).tint(Palette::of(ui).icon).paint_at(ui, place);
    });
    header.show_unindented(ui, |ui| {
        let external_id =
            text_ui(ui, "External task id", details.external_task_id.as_deref(), "Made for each task", true);
        let callback = text_ui(ui, "Callback address", details.callback_url.as_deref(), "https://…", false);
        if external_id.is_some() || callback.is_some() {
            let or_none = |text: String| (!text.trim().is_empty()).then_some(text);
            commands.push(Command::SetDetails(Details {
                external_task_id: external_id.map_or_else(|| details.external_task_id.clone(), or_none),
                callback_url: callback.map_or_else(|| details.callback_url.clone(), or_none),
                watermark: details.watermark,
            }));
        }
        ui.label(text::caption(palette, "The service posts each change of status to the callback address"));
    });
}

fn text_ui(ui: &mut Ui, name: &str, value: Option<&str>, hint: &str, mono: bool) -> Option<String> {
    let palette = Palette::of(ui);
    ui.label(text::caption(palette, name));
    let width = ui.available_width();
    field_ui(ui, &Field { name, text: value.unwrap_or_default(), hint, width, mono, password: false }).changed
}
