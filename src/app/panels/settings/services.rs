//! The page of services: the built-in ones, and the person's own.

use egui::{Align, Layout, Ui};

use super::dialog::setting_ui;
use super::editor::editor_ui;
use crate::app::action::command::{Command, Commands};
use crate::app::state::settings::{ProfileForm, SettingsCommand};
use crate::app::state::shell::is_embedded;
use crate::app::state::shell::shown_name;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::field::{Field, field_ui};
use crate::model::{Profile, is_read_on_the_way};

/// Draws the page: the list, or the form of a service.
pub fn services_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let settings = &view.shell.settings;
    if let Some(draft) = &settings.draft {
        editor_ui(ui, view, commands, draft);
        return;
    }
    let words = "Keys are typed under a service's name in the top bar, and kept in memory, or in the keychain with Remember this key";
    ui.add(egui::Label::new(text::caption(palette, words)).wrap());
    ui.add_space(space::TIGHT);
    for profile in view.shell.profiles() {
        row_ui(ui, view, commands, profile);
    }
    if let Some((_, profile)) = &settings.deleted {
        ui.horizontal(|ui| {
            ui.label(text::dim(palette, format!("{} was deleted", profile.name)));
            if button_ui(
                ui,
                Look::Inline,
                &Face::new("Restore", Some(Icon::Rotate)),
                "Restores the service as it was",
                None,
            )
            .clicked()
            {
                commands.push(Command::Settings(SettingsCommand::Undelete));
            }
        });
    }
    if let Some(draft) = &settings.laid_aside {
        ui.horizontal(|ui| {
            let name = Some(draft.name.trim()).filter(|name| !name.is_empty()).unwrap_or("A service of your own");
            ui.label(text::dim(palette, format!("{name} is not saved yet")));
            let mut part_ui = |face: &Face<'_>, tooltip, command| {
                if button_ui(ui, Look::Inline, face, tooltip, None).clicked() {
                    commands.push(Command::Settings(command));
                }
            };
            let resume = Face::new("Continue editing…", Some(Icon::Pencil));
            part_ui(&resume, "Opens the form again, with what was entered", SettingsCommand::ResumeDraft);
            part_ui(&Face::new("Discard", Some(Icon::Trash)), "Discards what was entered", SettingsCommand::DropDraft);
        });
    }
    ui.add_space(space::ITEM);
    let face = Face::new("Add a service…", Some(Icon::Plus));
    if button_ui(ui, Look::Soft, &face, "Enter a service of your own", None).clicked() {
        commands.push(Command::Settings(SettingsCommand::Enter(ProfileForm::empty())));
    }
    ui.add_space(space::GROUP);
    let words = "Through which services are reached, in place of the system's; this machine is reached without it";
    setting_ui(ui, "Proxy", words, |ui| {
        let field = Field {
            name: "Address of the proxy",
            text: &settings.proxy_entry,
            hint: "http://proxy:8080, or nothing for the system's",
            width: ui.available_width(),
            mono: true,
            password: false,
        };
        let answer = field_ui(ui, &field);
        if let Some(text) = answer.changed {
            commands.push(Command::Settings(SettingsCommand::EditProxy(text)));
        }
        if answer.committed {
            commands.push(Command::Settings(SettingsCommand::UseProxy));
        }
        if let Some(problem) = &settings.proxy_problem {
            let hint = problem.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default();
            let words = format!("{}{hint}", problem.message);
            ui.add(egui::Label::new(text::caption(palette, words).color(palette.bad)).wrap());
        }
    });
}

fn row_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, profile: &Profile) {
    let palette = Palette::of(ui);
    let own = view.shell.settings.values.profiles.iter().any(|known| known.name == profile.name);
    let in_use = profile.name == view.profile().name;
    let busy = if in_use { view.flow.busy_with() } else { None };
    let name = shown_name(profile);
    ui.horizontal(|ui| {
        ui.set_min_height(size::ROW_WIDE);
        ui.label(text::body(&name).color(if in_use { palette.accent_text } else { palette.text }));
        let mut words = if is_embedded(profile) {
            "on this machine".to_owned()
        } else {
            let host = profile.base_url.trim_start_matches("https://");
            format!("{host}{} · {}", profile.path_prefix, profile.dialect)
        };
        let in_the_clear = is_read_on_the_way(&profile.base_url);
        if in_the_clear {
            words = format!("unencrypted: the key can be read on the way · {words}");
        }
        if in_use {
            words.push_str(" · in use");
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let mut icon_ui = |ui: &mut Ui, label: String, icon, obstacle: Option<&str>, command| {
                if button_ui(ui, Look::Inline, &Face::icon(&label, icon), &label, obstacle).clicked() {
                    commands.push(Command::Settings(command));
                }
            };
            if own {
                let delete = if in_use { Some("It is in use: switch to another service first") } else { None };
                icon_ui(
                    ui,
                    format!("Delete {name}"),
                    Icon::Trash,
                    delete,
                    SettingsCommand::Delete(profile.name.clone()),
                );
                let edit = SettingsCommand::Enter(ProfileForm::of(profile));
                icon_ui(ui, format!("Edit {name}…"), Icon::Pencil, busy, edit);
            }
            if !is_embedded(profile) {
                let taken: Vec<String> = view.shell.profiles().iter().map(|known| known.name.clone()).collect();
                let like = SettingsCommand::Enter(ProfileForm::like(profile, &taken));
                icon_ui(ui, format!("Duplicate {name}…"), Icon::Copy, None, like);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let words = text::caption(palette, words);
                let words = if in_the_clear { words.color(palette.warn) } else { words };
                ui.add(egui::Label::new(words).truncate());
            });
        });
    });
}
