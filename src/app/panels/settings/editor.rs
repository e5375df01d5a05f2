//! The form of a service.

use egui::{Align, Color32, DragValue, Layout, Ui, Vec2};

use crate::app::action::command::{Command, Commands};
use crate::app::state::settings::{FormField, ProfileForm, SettingsCommand, names_but};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text, type_size};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::checkbox::checkbox_ui;
use crate::app::widgets::field::{Field, field_ui};
use crate::app::widgets::segments::segments_ui;
use crate::model::profile::POLL_FLOOR_MS;
use crate::model::{Dialect, is_read_on_the_way};
use crate::preferences::{LIMIT_MAX_MIN, POLL_MAX_MS};

/// Width of a number field, in points.
const NUMBER_PX: f32 = 120.0;

/// Draws the form.
pub fn editor_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, draft: &ProfileForm) {
    let palette = Palette::of(ui);
    let checked = draft.check(&names_but(view.shell.profiles(), draft.was.as_deref()));
    let mut next = draft.clone();
    let heading = draft.was.as_ref().map_or_else(|| "A service of your own".to_owned(), |name| format!("Edit {name}"));
    ui.label(text::heading(heading));
    let fault = |part: FormField| match &checked {
        Err((at, words)) if *at == part => Some((words.as_str(), palette.bad)),
        _ => None,
    };
    let begins = text_ui(ui, "Service name", &mut next.name, "What it is called here", fault(FormField::Name), false);
    if begins.is_new {
        begins.response.request_focus();
    }
    let readable = is_read_on_the_way(&next.base_url)
        .then_some(("Without https, anybody on the network path can read the key", palette.warn))
        .filter(|_| checked.is_ok());
    let about_address = fault(FormField::Address).or(readable);
    text_ui(ui, "Service address", &mut next.base_url, "https://api.example.com", about_address, true);
    ui.horizontal(|ui| {
        ui.label(text::caption(palette, "API as documented by"));
        let dialects = [(Dialect::Kling, "Kling", None), (Dialect::Kirin, "Kirin", None)];
        if let Some(dialect) = segments_ui(ui, "Dialect", next.dialect, &dialects) {
            next.dialect = dialect;
        }
        let words = match next.dialect {
            Dialect::Kling => "faces are returned at once",
            Dialect::Kirin => "faces are a task that is polled",
        };
        ui.label(text::caption(palette, words));
    });
    if next.dialect == Dialect::Kling {
        text_ui(ui, "Path prefix", &mut next.path_prefix, "/kling, or nothing", fault(FormField::Prefix), true);
    }
    text_ui(
        ui,
        "Added to every body",
        &mut next.extra_body,
        "{\"model\": \"kling-v1\"}, or nothing",
        fault(FormField::Extra),
        true,
    );
    ui.horizontal_wrapped(|ui| {
        if let Some(on) = checkbox_ui(ui, "Results by https only", next.https_only) {
            next.https_only = on;
        }
        if let Some(on) = checkbox_ui(ui, "Results from private addresses", next.allow_private) {
            next.allow_private = on;
        }
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size = Vec2::new(NUMBER_PX, size::BUTTON);
        ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.field;
        ui.label(text::caption(palette, "Poll every"));
        ui.add(DragValue::new(&mut next.poll_interval_ms).range(POLL_FLOOR_MS..=POLL_MAX_MS).speed(20.0).suffix(" ms"))
            .accessible_name("Wait between polls in milliseconds");
        ui.label(text::caption(palette, "pause after"));
        ui.add(DragValue::new(&mut next.poll_limit_min).range(1..=LIMIT_MAX_MIN).speed(0.1).suffix(" min"))
            .accessible_name("How long a task is followed in minutes");
        // In the same row: the form fits into the usual window without scrolling.
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let obstacle = checked.as_ref().err().map(|(_, words)| words.as_str());
            let face = Face::new("Save service", Some(Icon::Check));
            if button_ui(ui, Look::Primary, &face, "Adds it to the services", obstacle).clicked() {
                commands.push(Command::Settings(SettingsCommand::SaveDraft));
            }
            if button_ui(ui, Look::Soft, &Face::new("Cancel", None), "Back to the list; nothing changes", None)
                .clicked()
            {
                commands.push(Command::Settings(SettingsCommand::DropDraft));
            }
        });
    });
    if next != *draft {
        commands.push(Command::Settings(SettingsCommand::EditDraft(next)));
    }
}

/// The result of drawing a field.
struct Drawn {
    /// Whether it is drawn for the first time.
    is_new: bool,
    response: egui::Response,
}

/// Draws a field with its name above it and space for a message below it, so that a message moves nothing.
fn text_ui(
    ui: &mut Ui,
    name: &str,
    value: &mut String,
    hint: &str,
    about: Option<(&str, Color32)>,
    mono: bool,
) -> Drawn {
    let palette = Palette::of(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::TIGHT;
        ui.label(text::caption(palette, name));
        let width = ui.available_width();
        let answer = field_ui(ui, &Field { name, text: value, hint, width, mono, password: false });
        let is_new = ui.ctx().viewport(|viewport| !viewport.prev_pass.widgets.contains(answer.response.id));
        if let Some(text) = answer.changed {
            *value = text;
        }
        // An empty field that was not edited is not reported as an error.
        if let Some((words, colour)) = about.filter(|_| !value.trim().is_empty()) {
            ui.add(egui::Label::new(text::caption(palette, words).color(colour)).wrap());
        } else {
            ui.allocate_space(Vec2::new(0.0, type_size::CAPTION_LINE));
        }
        Drawn { is_new, response: answer.response }
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_this_machine_nobody_is_on_the_way() {
        for (address, read) in [
            ("http://api.example.com", true),
            ("http://192.168.0.7:8080", true),
            ("https://api.example.com", false),
            ("http://127.0.0.1:9", false),
            ("http://[::1]:9", false),
            ("http://localhost:8080", false),
            ("http:", false),
        ] {
            assert_eq!(is_read_on_the_way(address), read, "{address}");
        }
    }
}
