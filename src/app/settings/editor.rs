//! A service being entered.

use egui::{Align, DragValue, Layout, Ui, Vec2};

use super::draft::{LIMIT_MAX_MIN, POLL_MAX_MS};
use super::{Part, ProfileDraft, SettingsCommand, names_but};
use crate::app::command::{Command, Wishes};
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::view::View;
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::field::{Field, field_ui};
use crate::app::widgets::segments::segments_ui;
use crate::model::Dialect;
use crate::model::profile::POLL_FLOOR_MS;

/// How wide a number is.
const NUMBER_PX: f32 = 120.0;

/// Draws the form.
pub fn editor_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes, draft: &ProfileDraft) {
    let palette = Palette::of(ui);
    let checked = draft.check(&names_but(view.shell.profiles(), draft.was.as_deref()));
    let mut next = draft.clone();
    let heading = draft.was.as_ref().map_or_else(|| "A service of your own".to_owned(), |name| format!("Edit {name}"));
    ui.label(text::heading(heading));
    let fault = |part: Part| match &checked {
        Err((at, words)) if *at == part => Some(words.as_str()),
        _ => None,
    };
    text_ui(ui, "Service name", &mut next.name, "What it is called here", fault(Part::Name), false);
    text_ui(ui, "Service address", &mut next.base_url, "https://api.example.com", fault(Part::Address), true);
    ui.horizontal(|ui| {
        ui.label(text::caption(palette, "Follows the document of"));
        let dialects = [(Dialect::Kling, "Kling", None), (Dialect::Kirin, "Kirin", None)];
        if let Some(dialect) = segments_ui(ui, "Dialect", next.dialect, &dialects) {
            next.dialect = dialect;
        }
        let words = match next.dialect {
            Dialect::Kling => "faces come at once",
            Dialect::Kirin => "faces are a task that is polled",
        };
        ui.label(text::caption(palette, words));
    });
    if next.dialect == Dialect::Kling {
        text_ui(ui, "Path prefix", &mut next.path_prefix, "/kling, or nothing", fault(Part::Prefix), true);
    }
    text_ui(
        ui,
        "Added to every body",
        &mut next.extra_body,
        "{\"model\": \"kling-v1\"}, or nothing",
        fault(Part::Extra),
        true,
    );
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size = Vec2::new(NUMBER_PX, size::BUTTON);
        ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.field;
        ui.label(text::caption(palette, "Ask every"));
        ui.add(DragValue::new(&mut next.poll_interval_ms).range(POLL_FLOOR_MS..=POLL_MAX_MS).speed(20.0).suffix(" ms"))
            .accessible_name("Wait between polls in milliseconds");
        ui.label(text::caption(palette, "pause after"));
        ui.add(DragValue::new(&mut next.poll_limit_min).range(1..=LIMIT_MAX_MIN).speed(0.1).suffix(" min"))
            .accessible_name("How long a task is followed in minutes");
    });
    if checked.is_ok() && next.base_url.trim().starts_with("http://") {
        let words = "Without https everybody on the way can read the key";
        ui.label(text::caption(palette, words).color(palette.warn));
    }
    ui.add_space(space::ITEM);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let obstacle = checked.as_ref().err().map(|(_, words)| words.as_str());
        let face = Face::new("Save service", Some(Icon::Check));
        if button_ui(ui, Look::Primary, &face, "Keeps it among the services", obstacle).clicked() {
            wishes.push(Command::Settings(SettingsCommand::SaveDraft));
        }
        if button_ui(ui, Look::Soft, &Face::new("Cancel", None), "Back to the list; nothing changes", None).clicked() {
            wishes.push(Command::Settings(SettingsCommand::Close));
        }
    });
    if next != *draft {
        wishes.push(Command::Settings(SettingsCommand::EditDraft(next)));
    }
}

fn text_ui(ui: &mut Ui, name: &str, value: &mut String, hint: &str, fault: Option<&str>, mono: bool) {
    let palette = Palette::of(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = space::TIGHT;
        ui.label(text::caption(palette, name));
        let width = ui.available_width();
        if let Some(text) = field_ui(ui, &Field { name, text: value, hint, width, mono, password: false }).changed {
            *value = text;
        }
        // An empty field that was not touched is no fault yet.
        if let Some(why) = fault.filter(|_| !value.trim().is_empty()) {
            ui.add(egui::Label::new(text::caption(palette, why).color(palette.bad)).wrap());
        }
    });
}
