//! Every command of the panels. Panels only read the state; they push commands, and one `handle` applies them.

use std::ops::Range;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::engine::journal::IntentId;
use crate::model::placement::Wanted;
use crate::workflow::Details;

use crate::app::action::Action;
use crate::app::state::copies::CopyCommand;
use crate::app::state::draft::DraftCommand;
use crate::app::state::entry::{EntryKind, SourceSlot};
use crate::app::state::fit::FitCommand;
use crate::app::state::inspector::InspectorCommand;
use crate::app::state::keys::KeyPart;
use crate::app::state::listening::ListenCommand;
use crate::app::state::palette::PaletteCommand;
use crate::app::state::paste::PasteCommand;
use crate::app::state::picture_view::PictureCommand;
use crate::app::state::queue::QueueCommand;
use crate::app::state::settings::SettingsCommand;
use crate::app::state::speech::SpeechCommand;
use crate::app::state::stored::StoredCommand;
use crate::app::state::takes::TakesCommand;
use crate::app::state::tasks::TasksCommand;
use crate::app::state::timeline::TimelineCommand;
use crate::playback::player::Shown;

/// A command of a panel.
#[derive(Clone, Debug)]
pub enum Command {
    /// Run a user action.
    Do(Action),
    /// A command of the dialog in which a text is spoken.
    Speech(SpeechCommand),

    /// Set the kind in which a clip or voice is entered: a file, an address or an id.
    SetEntryKind(SourceSlot, EntryKind),
    /// The text of a source changed.
    EditEntry(SourceSlot, String),
    /// The text of a source is committed.
    CommitEntry(SourceSlot),
    /// Files were dropped on the window.
    DropFiles(Vec<PathBuf>),

    /// Use the demo's files, and find the faces.
    TakeDemo {
        /// The clip.
        clip: PathBuf,
        /// The voice.
        voice: PathBuf,
    },

    /// Choose a face by its id.
    ChooseFace(String),
    /// The tiles of the faces with these indices are in view.
    ShowPreviews(Range<usize>),
    /// Fetch a face's preview again.
    ReloadPreview(String),

    /// Set the values of the placement that a person fixed.
    Place(Wanted),
    /// The two volumes, 0 to 2; `None` leaves one to the service.
    SetVolumes {
        /// Of the voice.
        sound_volume: Option<f64>,
        /// Of the clip's own sound.
        original_audio_volume: Option<f64>,
    },
    /// Set the optional fields of a create request.
    SetDetails(Details),

    /// Use the profile of this name.
    SwitchProfile(String),
    /// The text of a key changed.
    EditKey(KeyPart, SecretString),
    /// A field of the keys lost the focus: the keys are used if they were edited.
    CommitKey,
    /// Use the entered keys: Enter was pressed, or the button.
    UseKey,
    /// Keep what is entered in the keychain, or not.
    RememberKey(bool),
    /// Forget the key that the keychain has.
    ForgetKey,
    /// The menu in which the key is entered has closed.
    KeyAccepted,
    /// The field for a key has taken the focus.
    KeyArrived,

    /// The text of the id of an unclear create changed.
    EditTaskId(String),
    /// The text of the id of a task to follow changed.
    EditFollow(String),
    /// Follow the task with this id.
    FollowTask(String),
    /// Follow the unclear create under the id that was entered.
    GiveTaskId,

    /// Seek to this position, in microseconds.
    Seek(i64),
    /// Step by a number of frames; negative steps back.
    StepFrames(i64),
    /// Show the clip, the draft or the result.
    Show(Shown),
    /// Set the playback volume, 0 to 1.
    SetPlayerVolume(f32),

    /// A command about a copy of what is sent as an address or an id.
    Copy(CopyCommand),
    /// A command for the picture.
    Picture(PictureCommand),
    /// A command about what is listened to.
    Listen(ListenCommand),
    /// A command about making clip or voice fit.
    Fit(FitCommand),
    /// A command for the draft.
    Draft(DraftCommand),

    /// The text of the path to save the result to changed.
    EditSavePath(String),
    /// Save the result to that path.
    SaveToPath,
    /// Choose that path in the system's dialog.
    BrowseSavePath,

    /// A command for the timeline's view.
    Timeline(TimelineCommand),

    /// A command for the palette or the help sheet.
    Palette(PaletteCommand),

    /// A command about pasted text.
    Paste(PasteCommand),
    /// A command for the inspector.
    Inspector(InspectorCommand),

    /// Show why something cannot be done now.
    Hint(String),
    /// Dismiss the first warning of the job.
    DismissWarning,
    /// Save a result that goes soon and that nobody has saved.
    SaveExpiring(IntentId),
    /// Show its task in the history.
    ShowExpiring(IntentId),
    /// Dismiss the window's message.
    DismissNote,
    /// Confirm the open dialog.
    Confirm,
    /// Close the open dialog without any effect.
    CloseDialog,
    /// Close the measures of the result.
    CloseMeasures,
    /// A command for the queue.
    Queue(QueueCommand),
    /// A command about the takes of a clip.
    Takes(TakesCommand),
    /// A command for the history.
    Tasks(TasksCommand),
    /// A command about what lies in the storage.
    Stored(StoredCommand),
    /// A command for the settings and the recent files.
    Settings(SettingsCommand),
    /// Set the theme.
    SetTheme(egui::ThemePreference),
}

/// The queue to which panels push commands.
#[derive(Debug, Default)]
pub struct Commands(Vec<Command>);

impl Commands {
    /// Pushes a command.
    pub fn push(&mut self, command: Command) {
        self.0.push(command);
    }

    /// Pushes a user action.
    pub fn act(&mut self, action: Action) {
        self.0.push(Command::Do(action));
    }

    /// The commands, in the order in which they were pushed.
    #[must_use]
    pub fn into_commands(self) -> Vec<Command> {
        self.0
    }
}
