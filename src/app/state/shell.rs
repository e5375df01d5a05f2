//! The window's own state, beside the workflow's: text fields, the service in use, textures, the open dialog.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use super::dialog::{Dialog, Leaving};
pub use super::downloads::{displayed_download, saved};
pub use super::services::{SANDBOX_WAITS, SandboxState, is_embedded, service_menu_id, shown_name};
use crate::engine::journal::{Intent, IntentId};
use crate::model::{Profile, VoiceSource};
use crate::workflow::Flow;

use crate::app::state::appearance::Appearance;
use crate::app::state::draft::DraftView;
use crate::app::state::entry::Entry;
use crate::app::state::keys::KeyRing;
use crate::app::state::screen::Screen;
use crate::app::state::since::Since;
use crate::app::state::textures::Textures;
use crate::playback::draft::DraftMaker;
use crate::playback::filmstrip::Filmstrip;
use crate::playback::player::Player;
use crate::playback::verdict::ResultJudge;
use crate::playback::waveform::VoiceWaveform;
use crate::worker::Wake;

/// What becomes of what is on the desk when the window is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtClosing {
    /// It is lost.
    Lost,
    /// It is written down, and comes back in the next window.
    ComesBack,
}

/// A message of the window itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// Something was done.
    Good(String),
    /// Why a command cannot be carried out now.
    Hint(String),
    /// Something went wrong.
    Bad(String),
    /// A result goes soon that nobody has saved: the words, and its task.
    Unsaved(String, IntentId),
}

/// A copy that is being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saving {
    /// Its path.
    pub to: PathBuf,
    /// When it was started, in milliseconds since the epoch.
    pub since_ms: i64,
}

/// The window's own state.
#[allow(clippy::struct_excessive_bools, reason = "independent facts, each with a name of its own")]
pub struct Shell {
    pub(super) profiles: Vec<Profile>,
    /// Number of the profiles that do not come from the settings.
    pub(super) given: usize,
    pub(super) profile: usize,
    pub(super) keys: KeyRing,
    /// The embedded sandbox.
    pub sandbox: SandboxState,
    /// What becomes of the desk when the window is closed.
    pub at_closing: AtClosing,
    /// Why the key cannot be used.
    pub key_problem: Option<String>,
    /// The clip as it is entered.
    pub clip_entry: Entry,
    /// The voice as it is entered.
    pub voice_entry: Entry,
    /// The id of an unclear create as it is entered.
    pub task_id_entry: String,
    /// What is done once the task has been left, while the question is open.
    pub leaving: Option<Leaving>,
    /// The id of a task to follow as it is entered.
    pub follow_entry: String,
    /// The accepted tasks that are not known to have ended, newest first; `None` while they are being read.
    pub unfinished: Option<Vec<Intent>>,
    /// Whether a key was just committed: the menu it was entered in closes once the key is accepted.
    pub key_used: bool,
    /// Whether the field for a key takes the focus as soon as it is drawn.
    pub key_takes_keys: bool,
    /// Whether keys can be kept in a keychain.
    pub has_keychain: bool,
    /// Whether the connection to the service is being checked.
    pub checking: bool,
    /// The path to save the result to, as it is entered.
    pub save_entry: String,
    /// The path to save the result to, where a file exists there.
    pub save_there: Option<PathBuf>,
    /// Those of the files dragged over the window, now or last, that are folders.
    pub dragged_folders: Vec<PathBuf>,
    /// The open dialog.
    pub dialog: Option<Dialog>,
    /// The message of the window itself.
    pub note: Option<Note>,
    /// Thumbnails along the clip.
    pub filmstrip: Filmstrip<egui::TextureHandle>,
    /// Zoom, scroll position and height of the timeline.
    pub timeline: crate::app::state::timeline::State,
    /// The undo history.
    pub history: crate::app::state::history::History,
    /// Preferences of the desktop.
    pub appearance: Appearance,
    /// The settings, which are kept between runs.
    pub settings: crate::app::state::settings::State,
    /// State of palette and help sheet.
    pub palette: crate::app::state::palette::State,
    /// The wait that the service asked for, while it lasts.
    pub wait: Option<crate::engine::Wait>,
    /// The results that were made from the same clip.
    pub takes: crate::app::state::takes::State,
    /// The tasks of every run.
    pub tasks: crate::app::state::tasks::State,
    /// What waits and runs beside the workflow.
    pub queue: crate::app::state::queue::State,
    /// What is spent today at each service, by its name and in its own unit, as far as it was read.
    pub spent: BTreeMap<String, f64>,
    /// The account of the service in use.
    pub account: crate::app::state::account::State,
    /// Copies of what is sent as an address or an id.
    pub copies: crate::app::state::copies::State,
    /// How the picture is shown.
    pub picture_view: crate::app::state::picture_view::PictureView,
    /// What is listened to of clip and voice.
    pub listening: crate::app::state::listening::Listening,
    /// Making clip or voice fit.
    pub fit: crate::app::state::fit::State,
    /// What lies in the storage of one's own.
    pub stored: crate::app::state::stored::State,
    /// A text that is to be spoken.
    pub speech: crate::app::state::speech::State,
    /// Until when another viseme's claim on the task lasts, while it is waited for its end; milliseconds since the epoch.
    pub claimed_until_ms: Option<i64>,
    /// State of pasting.
    pub paste: crate::app::state::paste::State,
    /// The recorded exchanges of this run.
    pub inspector: crate::app::state::inspector::State,
    /// Plays clip, draft and result.
    pub player: Player,
    /// The player's textures.
    pub screen: Screen,
    /// The draft: a local preview of the result.
    pub draft: DraftMaker,
    /// The window's part of the draft's state.
    pub draft_view: DraftView,
    /// Measures the result that is shown.
    pub judge: ResultJudge,
    /// The window's part of the verdict on it.
    pub verdict: crate::app::state::verdict::State,
    /// Textures of the faces.
    pub textures: Textures,
    /// The voice's waveform on the timeline.
    pub waveform: VoiceWaveform,
    /// Since when each job has been running.
    pub since: Since,
    /// The copy of the result that is being written.
    pub saving: Option<Saving>,
}

impl Shell {
    /// The state of a new window that uses the profile of this name, or the sandbox.
    #[must_use]
    pub fn new(profiles: Vec<Profile>, profile: &str) -> Self {
        let profiles = if profiles.is_empty() { Profile::built_in() } else { profiles };
        let profile = profiles.iter().position(|known| known.name == profile).unwrap_or(0);
        Self {
            given: profiles.len(),
            profiles,
            profile,
            keys: KeyRing::default(),
            sandbox: SandboxState::Starting { waits: false },
            at_closing: AtClosing::Lost,
            key_problem: None,
            clip_entry: Entry::default(),
            voice_entry: Entry::default(),
            task_id_entry: String::new(),
            leaving: None,
            follow_entry: String::new(),
            unfinished: None,
            key_used: false,
            key_takes_keys: false,
            has_keychain: false,
            checking: false,
            save_entry: String::new(),
            save_there: None,
            dragged_folders: Vec::new(),
            dialog: None,
            note: None,
            filmstrip: Filmstrip::default(),
            timeline: crate::app::state::timeline::State::default(),
            history: crate::app::state::history::History::default(),
            appearance: Appearance::default(),
            settings: crate::app::state::settings::State::default(),
            palette: crate::app::state::palette::State::default(),
            wait: None,
            takes: crate::app::state::takes::State::default(),
            tasks: crate::app::state::tasks::State::default(),
            spent: BTreeMap::new(),
            account: crate::app::state::account::State::default(),
            copies: crate::app::state::copies::State::default(),
            picture_view: crate::app::state::picture_view::PictureView::default(),
            listening: crate::app::state::listening::Listening::default(),
            fit: crate::app::state::fit::State::default(),
            stored: crate::app::state::stored::State::default(),
            speech: crate::app::state::speech::State::default(),
            claimed_until_ms: None,
            queue: crate::app::state::queue::State::default(),
            paste: crate::app::state::paste::State::default(),
            inspector: crate::app::state::inspector::State::default(),
            player: Player::default(),
            screen: Screen::default(),
            draft: DraftMaker::default(),
            draft_view: DraftView::default(),
            judge: ResultJudge::default(),
            verdict: crate::app::state::verdict::State::default(),
            textures: Textures::default(),
            waveform: VoiceWaveform::default(),
            since: Since::default(),
            saving: None,
        }
    }

    /// Whether a modal overlay is open, which has the keyboard to itself.
    #[must_use]
    pub const fn is_covered(&self) -> bool {
        self.dialog.is_some()
            || self.palette.is_open()
            || self.settings.is_open()
            || self.tasks.is_open()
            || self.queue.open
            || self.verdict.open
            || self.speech.open
            || self.paste.ask.is_some()
    }

    /// The path of the result that is on this machine.
    #[must_use]
    pub fn saved_result<'a>(&self, flow: &'a Flow) -> Option<&'a Path> {
        flow.result().and_then(|done| saved(&done.downloads))
    }

    /// The file of the result that is shown: of another take where one is chosen.
    #[must_use]
    pub fn shown_result<'a>(&'a self, flow: &'a Flow) -> Option<&'a Path> {
        self.takes.shown_row().map(crate::app::state::takes::TakeRow::file).or_else(|| self.saved_result(flow))
    }

    /// A path in its shortest readable form.
    #[must_use]
    pub fn short_path(&self, path: &Path) -> String {
        crate::files::folders::short(path)
    }

    /// The callback by which playback and decoding wake the window.
    pub fn set_wake(&mut self, wake: &Wake) {
        self.player = Player::new(Arc::clone(wake));
        self.draft = DraftMaker::new(Arc::clone(wake));
        self.judge = ResultJudge::new(Arc::clone(wake));
        self.filmstrip = Filmstrip::new(Arc::clone(wake));
        self.waveform = VoiceWaveform::new(Arc::clone(wake));
    }

    /// The voice's name on the timeline.
    #[must_use]
    pub fn voice_name(&self, flow: &Flow) -> String {
        match crate::app::state::placed::voice(flow) {
            Some(VoiceSource::File(path)) => file_name(path),
            Some(VoiceSource::Url(url)) => url.rsplit('/').next().unwrap_or(url).to_owned(),
            Some(VoiceSource::AudioId(id)) => id.clone(),
            None => "Voice".into(),
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
