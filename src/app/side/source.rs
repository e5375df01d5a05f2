//! A source being entered: file, address or id.

use egui::Ui;

use crate::app::action::Action;
use crate::app::command::{Command, Wishes};
use crate::app::entry::{Entry, EntryKind, SourceSlot};
use crate::app::theme::{Icon, size, space};
use crate::app::view::View;
use crate::app::widgets::button::{Face, Look, action_as_ui};
use crate::app::widgets::field::{Field, field_ui};
use crate::app::widgets::segments::segments_ui;

/// The words of a slot.
struct Words {
    name: &'static str,
    fields: [&'static str; 3],
    hints: [&'static str; 3],
    browse: Action,
    browse_name: &'static str,
}

const fn words(slot: SourceSlot) -> Words {
    match slot {
        SourceSlot::Clip => Words {
            name: "Clip as",
            fields: ["Clip file", "Clip address", "Video id"],
            hints: ["Path, or drop the file here", "https://…/clip.mp4", "Id of a video the service made"],
            browse: Action::BrowseClip,
            browse_name: "Browse for a clip…",
        },
        SourceSlot::Voice => Words {
            name: "Voice as",
            fields: ["Voice file", "Voice address", "Audio id"],
            hints: ["Path, or drop the file here", "https://…/voice.mp3", "Id of a voice the service holds"],
            browse: Action::BrowseVoice,
            browse_name: "Browse for a voice…",
        },
    }
}

/// Draws how the source is given: File, Address or Id.
pub fn kind_ui(ui: &mut Ui, wishes: &mut Wishes, slot: SourceSlot, entry: &Entry) {
    let options = EntryKind::ALL.map(|kind| (kind, kind.label(), None));
    if let Some(kind) = segments_ui(ui, words(slot).name, entry.kind, &options) {
        wishes.push(Command::SetEntryKind(slot, kind));
    }
}

/// Draws the field, and *Browse…* for a file.
pub fn entry_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes, slot: SourceSlot, entry: &Entry) {
    let words = words(slot);
    let kind = entry.kind as usize;
    let browse = entry.kind == EntryKind::File;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::TIGHT;
        let width = ui.available_width() - if browse { size::BUTTON + space::TIGHT } else { 0.0 };
        let field = Field {
            name: words.fields[kind],
            text: entry.text(),
            hint: words.hints[kind],
            width,
            mono: entry.kind == EntryKind::Id,
            password: false,
        };
        let answer = field_ui(ui, &field);
        if let Some(text) = answer.changed {
            wishes.push(Command::EditEntry(slot, text));
        }
        if answer.committed {
            wishes.push(Command::CommitEntry(slot));
        }
        if browse {
            action_as_ui(ui, view, wishes, words.browse, Look::Soft, &Face::icon(words.browse_name, Icon::FolderOpen));
        }
    });
}
