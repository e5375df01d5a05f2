//! The pages for appearance, editing and files.

use egui::{Align, DragValue, Layout, ThemePreference, Ui, Vec2};

use super::dialog::setting_ui;
use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::entry::SourceSlot;
use crate::app::state::settings::{SettingsCommand, downloads_fault, scale};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, action_ui, button_ui};
use crate::app::widgets::checkbox::checkbox_ui;
use crate::app::widgets::field::{Field, path_field_ui};
use crate::app::widgets::keycaps;
use crate::app::widgets::segments::segments_ui;
use crate::files::folders;
use crate::preferences::{KEPT_DAYS_MAX, KEPT_GIB_MAX, MARGIN_MAX_MS};

/// The scales on offer, in percent.
const SCALES: [(u16, &str); 7] =
    [(80, "80 %"), (90, "90 %"), (100, "100 %"), (110, "110 %"), (125, "125 %"), (150, "150 %"), (200, "200 %")];

/// Maximum width of a recent file's name, as a fraction of its row.
const NAME_PART: f32 = 0.7;

/// Draws theme, size, motion and layout.
pub fn appearance_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let values = &view.shell.settings.values;
    let words = if view.shell.appearance.says_no_theme {
        "This desktop does not report whether it is dark or light, so As the system is dark"
    } else {
        ""
    };
    setting_ui(ui, "Theme", words, |ui| {
        let themes = [
            (ThemePreference::System, "As the system", None),
            (ThemePreference::Dark, "Dark", None),
            (ThemePreference::Light, "Light", None),
        ];
        let chosen = values.theme.into();
        if let Some(theme) = segments_ui(ui, "Theme", chosen, &themes) {
            commands.push(Command::SetTheme(theme));
        }
    });
    let key = |key| keycaps::caps(egui::KeyboardShortcut::new(egui::Modifiers::COMMAND, key)).join(" and ");
    let words = format!("Also {}, {}", key(egui::Key::Plus), key(egui::Key::Minus));
    setting_ui(ui, "Size", &words, |ui| {
        let scales = SCALES.map(|(percent, words)| (percent, words, None));
        if let Some(percent) = segments_ui(ui, "Size", values.scale_percent, &scales) {
            commands.push(Command::Settings(SettingsCommand::Scale(percent)));
        }
        let applied = scale::fitting(values.scale_percent, scale::inner(ui.ctx()), scale::native(ui.ctx()));
        if applied < values.scale_percent {
            let words = format!("As large as this window allows: {applied} %");
            ui.label(text::caption(Palette::of(ui), words));
        } else if !SCALES.iter().any(|(percent, _)| *percent == values.scale_percent) {
            ui.label(text::caption(Palette::of(ui), format!("It is {} % now", values.scale_percent)));
        }
    });
    setting_ui(ui, "Motion", "Reduced motion: only playback is animated", |ui| {
        let palette = Palette::of(ui);
        if let Some(reduced) = checkbox_ui(ui, "Reduce motion", values.reduced_motion) {
            commands.push(Command::Settings(SettingsCommand::ReducedMotion(reduced)));
        }
        if view.shell.appearance.reduced_motion() {
            ui.label(text::caption(palette, "The desktop asks for reduced motion, which applies here, too"));
        }
    });
    setting_ui(ui, "Layout", "Panels and window in their default sizes", |ui| {
        action_ui(ui, view, commands, Action::ResetLayout, Look::Soft);
    });
}

/// Draws the safety margin.
pub fn editing_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let words = "How far a proposed placement stays within what the service allows: its own count of the clip's length \
                 and of the face's time in view differs by some milliseconds from ours. What is placed by hand is not moved";
    setting_ui(ui, "Safety margin", words, |ui| {
        ui.spacing_mut().interact_size = Vec2::new(120.0, size::BUTTON);
        ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.field;
        let mut margin_ms = view.shell.settings.values.margin_ms;
        let suffix = egui::RichText::new(" ms").text_style(egui::TextStyle::Monospace).color(palette.text_faint);
        let response = ui
            .add(DragValue::new(&mut margin_ms).range(0..=MARGIN_MAX_MS).speed(2.0).suffix(suffix))
            .accessible_name("Safety margin in milliseconds");
        if response.changed() {
            commands.push(Command::Settings(SettingsCommand::Margin(margin_ms)));
        }
    });
}

/// Draws how long bodies of exchanges are kept.
fn kept_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let words = "What was sent and received is kept with each task, within both limits; the oldest goes first, when a window is opened. Tasks \
                 and their ids are kept for ever";
    setting_ui(ui, "Journal", words, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size = Vec2::new(96.0, size::BUTTON);
            ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.field;
            let mut kept = view.shell.settings.values.kept;
            ui.add(DragValue::new(&mut kept.days).range(1..=KEPT_DAYS_MAX).speed(0.5).suffix(" days"))
                .accessible_name("How long exchanges are kept in days");
            ui.label(text::caption(palette, "and at most"));
            ui.add(DragValue::new(&mut kept.gib).range(0.0..=KEPT_GIB_MAX).speed(0.05).max_decimals(1).suffix(" GiB"))
                .accessible_name("How much is kept of exchanges in GiB");
            if kept != view.shell.settings.values.kept {
                commands.push(Command::Settings(SettingsCommand::Kept(kept)));
            }
        });
    });
}

/// Draws the folder for results, and the recent files.
pub fn files_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let settings = &view.shell.settings;
    setting_ui(ui, "Results", "Each result is saved here automatically as soon as it is ready", |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::TIGHT;
            let field = Field {
                name: "Folder for results",
                text: &settings.downloads_entry,
                hint: "Path of a folder",
                width: ui.available_width() - size::BUTTON - space::TIGHT,
                mono: false,
                password: false,
            };
            if let Some(text) = path_field_ui(ui, &field).changed {
                commands.push(Command::Settings(SettingsCommand::EditDownloads(text)));
            }
            let face = Face::icon("Browse for a folder…", Icon::FolderOpen);
            if button_ui(ui, Look::Soft, &face, "Choose the folder in the system's dialog", None).clicked() {
                commands.push(Command::Settings(SettingsCommand::BrowseDownloads));
            }
        });
        if let Some(why) = downloads_fault(&settings.downloads_entry) {
            let words = format!("{why}; until then results go to {}", folders::short(settings.downloads()));
            ui.label(text::caption(palette, words).color(palette.bad));
        } else if settings.values.downloads.is_some() {
            let usual = format!("Use {} again", folders::short(&settings.usual_downloads));
            if button_ui(ui, Look::Inline, &Face::new(&usual, Some(Icon::Rotate)), "The default folder", None).clicked()
            {
                commands.push(Command::Settings(SettingsCommand::UsualDownloads));
            }
        } else {
            ui.label(text::caption(palette, "The default folder"));
        }
    });
    kept_ui(ui, view, commands);
    for (slot, name, none) in [
        (SourceSlot::Clip, "Recent clips", "No clip was opened yet"),
        (SourceSlot::Voice, "Recent voices", "No voice was opened yet"),
    ] {
        setting_ui(ui, name, "", |ui| {
            if settings.recent(slot).is_empty() {
                ui.label(text::caption(palette, none));
                return;
            }
            for recent in settings.recent(slot) {
                ui.horizontal(|ui| {
                    ui.spacing_mut().interact_size.y = size::BUTTON_INLINE;
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let forget = format!("Remove {} from the list", recent.name());
                        if button_ui(ui, Look::Inline, &Face::icon(&forget, Icon::X), &forget, None).clicked() {
                            commands.push(Command::Settings(SettingsCommand::Forget(slot, recent.clone())));
                        }
                        let place = if settings.is_missing(recent) {
                            format!("{} · no longer exists", recent.place())
                        } else {
                            recent.place()
                        };
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            // A long name leaves some room for its folder.
                            let widest_px = ui.available_width() * NAME_PART;
                            ui.scope(|ui| {
                                ui.set_max_width(widest_px);
                                ui.add(egui::Label::new(recent.name()).truncate());
                            });
                            ui.add(egui::Label::new(text::caption(palette, place)).truncate());
                        });
                    });
                });
            }
            let clear = format!("Clear the {}", name.to_lowercase());
            let face = Face::new(&clear, Some(Icon::Trash));
            if button_ui(ui, Look::Inline, &face, "Clears the list; the files stay", None).clicked() {
                commands.push(Command::Settings(SettingsCommand::ForgetAll(slot)));
            }
        });
    }
    let words = "Kept in the settings: paths, and addresses that have neither a query nor a password. Never a key";
    ui.add(egui::Label::new(text::caption(palette, words)).wrap());
}
