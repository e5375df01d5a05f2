//! Everything a panel can ask for. Panels only read; what they want is one of these, and one `handle` applies it.

use std::ops::Range;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::model::placement::Wanted;
use crate::workflow::Details;

use crate::app::action::Action;
use crate::app::state::draft::DraftCommand;
use crate::app::state::entry::{EntryKind, SourceSlot};
use crate::app::state::inspector::InspectorCommand;
use crate::app::state::keys::KeyPart;
use crate::app::state::palette::PaletteCommand;
use crate::app::state::paste::PasteCommand;
use crate::app::state::settings::SettingsCommand;
use crate::app::state::timeline::TimelineCommand;
use crate::playback::player::Shown;

/// What a panel asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Carry out a user action.
    Do(Action),

    /// Give a clip or a voice as a file, an address or an id.
    SetEntryKind(SourceSlot, EntryKind),
    /// The text of a source is being typed.
    EditEntry(SourceSlot, String),
    /// The text of a source is meant as it stands.
    CommitEntry(SourceSlot),
    /// Files were dropped on the window.
    DropFiles(Vec<PathBuf>),

    /// Take the demo's files, and find the faces.
    TakeDemo {
        /// The clip.
        clip: PathBuf,
        /// The voice.
        voice: PathBuf,
    },

    /// Choose a face by its id.
    ChooseFace(String),
    /// The tiles of the faces at these places are in view.
    ShowPreviews(Range<usize>),
    /// Fetch a face's preview again.
    ReloadPreview(String),

    /// What of the placement is fixed.
    Place(Wanted),
    /// The two volumes, 0 to 2; `None` leaves one to the service.
    SetVolumes {
        /// Of the voice.
        sound_volume: Option<f64>,
        /// Of the clip's own sound.
        original_audio_volume: Option<f64>,
    },
    /// The rest of a create.
    SetDetails(Details),

    /// Talk to this profile, by name.
    SwitchProfile(String),
    /// A key is being typed.
    EditKey(KeyPart, SecretString),
    /// A field of the keys was left: they are used where they were edited.
    CommitKey,
    /// Use the keys as they are: Enter, or the button.
    UseKey,
    /// The menu in which the key was entered has closed.
    KeyAccepted,

    /// The id of an unclear create is being typed.
    EditTaskId(String),
    /// The id of a task to follow is being typed.
    EditFollow(String),
    /// Follow the task with this id.
    FollowTask(String),
    /// Follow the unclear create under the id that was typed.
    GiveTaskId,

    /// Show this moment of the picture, in microseconds.
    Seek(i64),
    /// Go so many frames on, or back.
    StepFrames(i64),
    /// Show the clip, the draft or the result.
    Show(Shown),
    /// How loud, 0 to 1.
    SetPlayerVolume(f32),

    /// The draft.
    Draft(DraftCommand),

    /// Where the result is to be saved is being typed.
    EditSavePath(String),
    /// Save the result there.
    SaveToPath,
    /// Choose that place in the system's dialog.
    BrowseSavePath,

    /// What the timeline shows, and how.
    Timeline(TimelineCommand),

    /// The palette, or the help sheet.
    Palette(PaletteCommand),

    /// What was pasted.
    Paste(PasteCommand),
    /// The inspector.
    Inspector(InspectorCommand),

    /// What was asked for cannot be done just now: why.
    Hint(String),
    /// The window's own message has been read.
    DismissNote,
    /// What the open dialog asks for is wanted.
    Confirm,
    /// The open dialog is closed; nothing happens.
    CloseDialog,
    /// The settings, and what was opened before.
    Settings(SettingsCommand),
    /// Follow the system's theme, or not.
    SetTheme(egui::ThemePreference),
}

/// Where panels put what they ask for.
#[derive(Debug, Default)]
pub struct Wishes(Vec<Command>);

impl Wishes {
    /// Asks for something.
    pub fn push(&mut self, command: Command) {
        self.0.push(command);
    }

    /// Asks for a user action.
    pub fn act(&mut self, action: Action) {
        self.0.push(Command::Do(action));
    }

    /// What was asked for, in order.
    #[must_use]
    pub fn into_commands(self) -> Vec<Command> {
        self.0
    }
}
