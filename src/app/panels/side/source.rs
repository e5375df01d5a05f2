//! The controls for entering a source: file, address or id.

use egui::{Button, Popup, Ui, vec2};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::entry::{Entry, EntryKind, SourceSlot};
use crate::app::state::settings::{Recent, SettingsCommand};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, action_as_ui, button_ui};
use crate::app::widgets::field::{Field, field_ui, path_field_ui};
use crate::app::widgets::segments::segments_ui;

/// The labels of a source.
struct Words {
    name: &'static str,
    recent: &'static str,
    fields: [&'static str; 3],
    hints: [&'static str; 3],
    browse: Action,
    browse_name: &'static str,
}

const fn words(slot: SourceSlot) -> Words {
    match slot {
        SourceSlot::Clip => Words {
            name: "Clip as",
            recent: "Recent clips",
            fields: ["Clip file", "Clip address", "Video id"],
            hints: ["Path, or drop the file here", "https://…/clip.mp4", "Id of a video the service made"],
            browse: Action::BrowseClip,
            browse_name: "Browse for a clip…",
        },
        SourceSlot::Voice => Words {
            name: "Voice as",
            recent: "Recent voices",
            fields: ["Voice file", "Voice address", "Audio id"],
            hints: ["Path, or drop the file here", "https://…/voice.mp3", "Id of a voice the service holds"],
            browse: Action::BrowseVoice,
            browse_name: "Browse for a voice…",
        },
    }
}

/// Draws the switch of the kind: File, Address or Id.
pub fn kind_ui(ui: &mut Ui, commands: &mut Commands, slot: SourceSlot, entry: &Entry) {
    let options = EntryKind::ALL.map(|kind| (kind, kind.label(), None));
    if let Some(kind) = segments_ui(ui, words(slot).name, entry.kind, &options) {
        commands.push(Command::SetEntryKind(slot, kind));
    }
}

/// Draws the field, and *Browse…* for a file.
pub fn entry_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, slot: SourceSlot, entry: &Entry) {
    let words = words(slot);
    let kind = entry.kind as usize;
    let browse = entry.kind == EntryKind::File;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let recent = recent_of(view, slot, entry.kind);
        let buttons = usize::from(browse) + usize::from(!recent.is_empty());
        let width = ui.available_width() - buttons as f32 * (size::BUTTON + space::TIGHT);
        let field = Field {
            name: words.fields[kind],
            text: entry.text(),
            hint: words.hints[kind],
            width,
            mono: entry.kind == EntryKind::Id,
            password: false,
        };
        let answer = if entry.kind == EntryKind::Id { field_ui(ui, &field) } else { path_field_ui(ui, &field) };
        if !entry.text().is_empty() && !answer.response.has_focus() {
            answer.response.clone().on_hover_text(entry.text());
        }
        if let Some(text) = answer.changed {
            commands.push(Command::EditEntry(slot, text));
        }
        if answer.committed {
            commands.push(Command::CommitEntry(slot));
        }
        if !recent.is_empty() {
            recent_ui(ui, view, commands, slot, &recent);
        }
        if browse {
            action_as_ui(
                ui,
                view,
                commands,
                words.browse,
                Look::Soft,
                &Face::icon(words.browse_name, Icon::FolderOpen),
            );
        }
    });
}

/// The recent sources of this kind.
fn recent_of(view: &View<'_>, slot: SourceSlot, kind: EntryKind) -> Vec<Recent> {
    let fits = |recent: &&Recent| match recent {
        Recent::File(_) => kind == EntryKind::File,
        Recent::Address(_) => kind == EntryKind::Address,
    };
    view.shell.settings.recent(slot).iter().filter(fits).cloned().collect()
}

/// Width of the menu of recent sources, in points.
const RECENT_PX: f32 = 340.0;

/// Draws the button and menu of recent sources.
fn recent_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, slot: SourceSlot, recent: &[Recent]) {
    let name = words(slot).recent;
    let tooltip = format!("{name}: what was opened before");
    let response = button_ui(ui, Look::Soft, &Face::icon(name, Icon::History), &tooltip, None);
    Popup::menu(&response).show(|ui| {
        ui.set_width(RECENT_PX);
        ui.spacing_mut().item_spacing.y = 2.0;
        for recent in recent {
            if recent_row_ui(ui, view, recent).clicked() {
                let command = if view.shell.settings.is_missing(recent) {
                    SettingsCommand::Forget(slot, recent.clone())
                } else {
                    SettingsCommand::OpenRecent(slot, recent.clone())
                };
                commands.push(Command::Settings(command));
                ui.close();
            }
        }
    });
}

/// Draws a recent source: its name and its folder. One that no longer exists can only be removed.
pub fn recent_row_ui(ui: &mut Ui, view: &View<'_>, recent: &Recent) -> egui::Response {
    let palette = Palette::of(ui);
    let missing = view.shell.settings.is_missing(recent);
    let name = recent.name();
    let (label, place, tooltip) = if missing {
        let place = "no longer exists: remove".to_owned();
        (format!("Remove {name} from the list"), place, format!("{} no longer exists", recent.place()))
    } else {
        (format!("Open {name}"), recent.place(), String::new())
    };
    let colour = if missing { palette.text_faint } else { palette.text };
    let icon = if missing { Icon::Trash } else { Icon::History };
    let button = Button::new((
        icon.image_of(14.0).tint(palette.icon),
        egui::RichText::new(name).color(colour),
        egui::Atom::grow(),
        text::caption(palette, place),
    ))
    .truncate()
    .image_tint_follows_text_color(false)
    .frame_when_inactive(false)
    .min_size(vec2(ui.available_width(), size::BUTTON));
    let response = ui.add(button).accessible_name(label);
    // Its folder is in its row already.
    if tooltip.is_empty() { response } else { response.on_hover_text(tooltip) }
}
