//! The page of storage of one's own: a bucket from which services fetch local files, its keys, and a check.

use egui::{Label, Ui};

use super::dialog::setting_ui;
use crate::app::action::command::{Command, Commands};
use crate::app::state::settings::{SettingsCommand, StorageCheck, StorageForm, StorageState};
use crate::app::state::stored::StoredCommand;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, space, text};
use crate::app::widgets::button::{Face, Look, button_ui};
use crate::app::widgets::checkbox::checkbox_ui;
use crate::app::widgets::field::{Field, field_ui};
use crate::app::widgets::notice::{Tone, notice_ui, problem_lines};
use crate::app::words::sentence;
use crate::model::{Problem, StoragePlace};

/// Draws the page.
pub fn storage_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let settings = &view.shell.settings;
    let words = "Real services take no video files: they fetch a clip from an address. With a bucket of your own (AWS, R2, MinIO, OSS, B2), \
                 a local clip is uploaded there first, and the service gets its address";
    ui.add(Label::new(text::caption(palette, words)).wrap());
    ui.add_space(space::ITEM);
    if let Some(StoragePlace::Command(command)) = &settings.values.storage {
        let line = std::iter::once(&command.program).chain(&command.arguments).cloned().collect::<Vec<_>>().join(" ");
        setting_ui(ui, "A command uploads local files", "It was set up with viseme storage command", |ui| {
            ui.add(Label::new(egui::RichText::new(line).monospace()).wrap());
        });
        buttons_ui(ui, view, commands, None);
        return;
    }
    let form = &settings.storage_form;
    let mut changed = form.clone();
    let (place, into) = (&form.place, &mut changed.place);
    let rows = [
        vec![("Endpoint", "https://s3.eu-west-1.amazonaws.com", &place.endpoint, &mut into.endpoint, false)],
        vec![
            ("Region", "us-east-1; auto for R2", &place.region, &mut into.region, false),
            ("Bucket", "Name of the bucket", &place.bucket, &mut into.bucket, false),
            ("Folder in the bucket", "viseme/", &place.prefix, &mut into.prefix, false),
        ],
        vec![
            ("Access key of the storage", "Access key", &form.access_key, &mut changed.access_key, true),
            ("Secret key of the storage", "Secret key", &form.secret_key, &mut changed.secret_key, true),
        ],
    ];
    for row in rows {
        let width = (ui.available_width() - space::ITEM * (row.len() - 1) as f32) / row.len() as f32;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::ITEM;
            for (name, hint, value, target, password) in row {
                ui.vertical(|ui| {
                    ui.set_width(width);
                    ui.spacing_mut().item_spacing.y = space::TIGHT;
                    ui.label(text::caption(palette, name));
                    let field = Field { name, text: value, hint, width, mono: true, password };
                    if let Some(text) = field_ui(ui, &field).changed {
                        *target = text;
                    }
                });
            }
        });
    }
    let words = "Delete a clip from it once a task of it has succeeded";
    if let Some(delete_after) = checkbox_ui(ui, words, form.place.delete_after) {
        changed.place.delete_after = delete_after;
    }
    if changed != *form {
        commands.push(Command::Settings(SettingsCommand::EditStorage(changed)));
    }
    let keys = if view.shell.has_keychain {
        "The keys are kept in the keychain, never in the settings. Empty fields leave the kept ones"
    } else {
        "The keys are in use until viseme is closed; viseme storage set --file --yes keeps them in a file that you alone may read"
    };
    ui.add(Label::new(text::caption(palette, keys)).wrap());
    buttons_ui(ui, view, commands, Some(form));
}

fn buttons_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, form: Option<&StorageForm>) {
    let settings = &view.shell.settings;
    let wrong = form.and_then(|form| form.checked().err());
    ui.add_space(space::TIGHT);
    ui.horizontal_wrapped(|ui| {
        if form.is_some() {
            let why = wrong.as_ref().map(|problem| problem.message.clone());
            let face = Face::new("Use this storage", Some(Icon::Check));
            if button_ui(ui, Look::Soft, &face, "Local clips go there from now on", why.as_deref()).clicked() {
                commands.push(Command::Settings(SettingsCommand::SaveStorage));
            }
        }
        let why = match &settings.storage_known {
            _ if matches!(settings.storage_check, StorageCheck::Running) => Some("It is being checked".to_owned()),
            StorageState::Ready(_) => None,
            StorageState::None => Some("No storage is set up".to_owned()),
            StorageState::Unusable(problem) => Some(problem.message.clone()),
        };
        let tooltip = "Puts a small file there, fetches it from its address, lists and deletes it";
        if button_ui(ui, Look::Soft, &Face::new("Check", Some(Icon::Refresh)), tooltip, why.as_deref()).clicked() {
            commands.push(Command::Settings(SettingsCommand::CheckStorage));
        }
        if !matches!(settings.values.storage, Some(StoragePlace::Command(_))) {
            let why = match &settings.storage_known {
                StorageState::Ready(_) => None,
                StorageState::None => Some("No storage is set up"),
                StorageState::Unusable(problem) => Some(problem.message.as_str()),
            };
            let face = Face::new("What lies there", Some(Icon::List));
            let tooltip = "Lists what was put there and is there still, to delete what is not needed any more";
            if button_ui(ui, Look::Soft, &face, tooltip, why).clicked() {
                commands.push(Command::Stored(StoredCommand::Open));
            }
        }
        if settings.values.storage.is_some() {
            let face = Face::new("Forget this storage", Some(Icon::Trash));
            if button_ui(ui, Look::Inline, &face, "Forgets it with its keys; what lies there stays", None).clicked() {
                commands.push(Command::Settings(SettingsCommand::ForgetStorage));
            }
        }
    });
    state_ui(ui, view);
}

fn state_ui(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let settings = &view.shell.settings;
    match (&settings.storage_check, &settings.storage_known) {
        (StorageCheck::Running, _) => {
            ui.label(text::dim(palette, "Checking…"));
        }
        (StorageCheck::Good, StorageState::Ready(name)) => {
            let words = match &settings.values.storage {
                Some(StoragePlace::Command(_)) => {
                    format!("{name} works: a file was put there, and fetched from the address that it printed")
                }
                Some(StoragePlace::Bucket(_)) | None => {
                    format!("{name} works: a file was put there, fetched from its signed address, listed and deleted")
                }
            };
            ui.add(Label::new(text::dim(palette, words)).wrap());
        }
        (StorageCheck::Bad(problem), _) | (_, StorageState::Unusable(problem)) => problem_ui(ui, problem),
        (_, StorageState::Ready(name)) => {
            let words = format!("Local clips go to {name}");
            ui.add(Label::new(text::dim(palette, words)).wrap());
        }
        (_, StorageState::None) => {}
    }
}

fn problem_ui(ui: &mut Ui, problem: &Problem) {
    notice_ui(ui, Tone::Bad, &sentence(&problem.message), &problem_lines(problem), |_| {});
}
