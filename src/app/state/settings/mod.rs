//! The settings as the window has them, where they are kept, and what of their dialog is open.

pub mod scale;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::app::state::entry::SourceSlot;
use crate::model::Profile;
pub use crate::preferences::{FormField, Layout, ProfileForm, Recent, Settings, Sound, ThemeChoice, WindowPlace};
use crate::preferences::{MARGIN_MAX_MS, SCALE_MAX, SCALE_MIN, Store};

impl From<ThemeChoice> for egui::ThemePreference {
    fn from(choice: ThemeChoice) -> Self {
        match choice {
            ThemeChoice::System => Self::System,
            ThemeChoice::Dark => Self::Dark,
            ThemeChoice::Light => Self::Light,
        }
    }
}

impl From<egui::ThemePreference> for ThemeChoice {
    fn from(preference: egui::ThemePreference) -> Self {
        match preference {
            egui::ThemePreference::System => Self::System,
            egui::ThemePreference::Dark => Self::Dark,
            egui::ThemePreference::Light => Self::Light,
        }
    }
}

/// A page of the dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Page {
    /// Theme, size, motion, layout.
    Appearance,
    /// The safety margin.
    Editing,
    /// Where results go, what was opened.
    Files,
    /// The services to talk to.
    Services,
    /// What this is.
    About,
}

impl Page {
    /// Every page, in the order in which they are listed.
    pub const ALL: [Self; 5] = [Self::Appearance, Self::Editing, Self::Files, Self::Services, Self::About];

    /// Its name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Appearance => "Appearance",
            Self::Editing => "Editing",
            Self::Files => "Files",
            Self::Services => "Services",
            Self::About => "About",
        }
    }
}

/// What the dialog, and what stands for it elsewhere, ask for.
#[derive(Clone, Debug)]
pub enum SettingsCommand {
    /// Open the dialog on this page.
    Open(Page),
    /// Close it; of a service that is being entered, go back to the list first. What was typed is laid aside.
    Close,
    /// Size of everything, in percent.
    Scale(u16),
    /// Whether nothing moves by itself.
    ReducedMotion(bool),
    /// Safety margin of a proposed placement, in milliseconds.
    Margin(i64),
    /// Where results go is being typed.
    EditDownloads(String),
    /// Choose it in the system's dialog.
    BrowseDownloads,
    /// The person's videos again.
    UsualDownloads,
    /// Enter a service: a new one, or one to change.
    Enter(ProfileForm),
    /// It is being typed.
    EditDraft(ProfileForm),
    /// It is meant as it stands.
    SaveDraft,
    /// It is not meant after all, be it open or laid aside.
    DropDraft,
    /// Go on with what was laid aside.
    ResumeDraft,
    /// Take a service away, by name.
    Delete(String),
    /// Bring back the one that was taken away last.
    Undelete,
    /// Open something again.
    OpenRecent(SourceSlot, Recent),
    /// Forget that it was opened.
    Forget(SourceSlot, Recent),
    /// Forget all of these.
    ForgetAll(SourceSlot),
    /// A panel has another size.
    Layout(Layout),
}

/// The settings, where they are kept, and what of the dialog is open.
#[derive(Default)]
pub struct State {
    /// As they are now.
    pub values: Settings,
    /// Where they are kept; `None`: nowhere, as in most tests.
    pub(in crate::app) store: Option<Store>,
    pub(in crate::app) page: Option<Page>,
    /// Where results go by themselves where nothing else was said.
    pub(in crate::app) usual_downloads: PathBuf,
    pub(in crate::app) downloads_entry: String,
    pub(in crate::app) draft: Option<ProfileForm>,
    /// The draft as it began: only one that was changed is worth keeping. `None` where that is long ago.
    pub(in crate::app) begun: Option<ProfileForm>,
    /// A service that was being entered when the form was left by another way than its buttons.
    pub(in crate::app) laid_aside: Option<ProfileForm>,
    pub(in crate::app) deleted: Option<(usize, Profile)>,
    /// What was opened and is not there any more.
    pub(in crate::app) missing: Vec<PathBuf>,
}

impl State {
    /// Reads the settings from `path`, where there is one. Answers what is wrong with them, in words.
    #[must_use]
    pub fn open(path: Option<&Path>, usual_downloads: PathBuf, ctx: &egui::Context) -> (Self, Option<String>) {
        let mut state = Self { usual_downloads, ..Self::default() };
        let mut trouble = None;
        if let Some(path) = path {
            let waker = ctx.clone();
            match Store::open(path, Arc::new(move || waker.request_repaint())) {
                Ok((store, values, why)) => {
                    state.store = Some(store);
                    state.values = values;
                    trouble = why;
                }
                Err(err) => trouble = Some(format!("The settings cannot be kept: no thread could be started: {err}")),
            }
        }
        (state, trouble)
    }

    /// Whether the dialog is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.page.is_some()
    }

    /// Where results go by themselves.
    #[must_use]
    pub fn downloads(&self) -> &Path {
        self.values.downloads_or(&self.usual_downloads)
    }

    /// What was opened, the last one first.
    #[must_use]
    pub fn recent(&self, slot: SourceSlot) -> &[Recent] {
        match slot {
            SourceSlot::Clip => &self.values.recent_clips,
            SourceSlot::Voice => &self.values.recent_voices,
        }
    }

    pub(in crate::app) fn recent_mut(&mut self, slot: SourceSlot) -> &mut Vec<Recent> {
        match slot {
            SourceSlot::Clip => &mut self.values.recent_clips,
            SourceSlot::Voice => &mut self.values.recent_voices,
        }
    }

    /// Whether this was opened and is not there any more.
    #[must_use]
    pub fn is_missing(&self, recent: &Recent) -> bool {
        matches!(recent, Recent::File(path) if self.missing.contains(path))
    }

    /// Notes which files are not there any more.
    pub fn set_missing(&mut self, missing: Vec<PathBuf>) {
        self.missing = missing;
    }

    /// The files that were opened.
    #[must_use]
    pub fn recent_files(&self) -> Vec<PathBuf> {
        let files = |list: &[Recent]| {
            list.iter()
                .filter_map(|recent| match recent {
                    Recent::File(path) => Some(path.clone()),
                    Recent::Address(_) => None,
                })
                .collect::<Vec<_>>()
        };
        [files(&self.values.recent_clips), files(&self.values.recent_voices)].concat()
    }

    /// Every panel as it comes.
    pub fn reset_layout(&mut self) {
        self.values.layout = Layout::default();
    }

    /// Keeps what changed. Answers when it wants to be called again, and what went wrong, in words.
    pub fn keep(&mut self) -> (Option<Duration>, Option<String>) {
        match &mut self.store {
            Some(store) => store.keep(&self.values, Instant::now()),
            None => (None, None),
        }
    }

    /// Applies what concerns nothing but the settings and their dialog; answers whether the services changed.
    pub fn handle(&mut self, command: SettingsCommand, profiles: &[Profile]) -> bool {
        match command {
            SettingsCommand::Open(page) => {
                if self.page.is_none() {
                    self.downloads_entry = self.downloads().display().to_string();
                    self.deleted = None;
                }
                self.page = Some(page);
            }
            SettingsCommand::Close => {
                let form_is_seen = self.page == Some(Page::Services) && self.draft.is_some();
                self.lay_aside();
                if !form_is_seen {
                    self.page = None;
                }
            }
            SettingsCommand::Scale(percent) => self.values.scale_percent = percent.clamp(SCALE_MIN, SCALE_MAX),
            SettingsCommand::ReducedMotion(reduced) => self.values.reduced_motion = reduced,
            SettingsCommand::Margin(margin_ms) => self.values.margin_ms = margin_ms.clamp(0, MARGIN_MAX_MS),
            SettingsCommand::EditDownloads(text) => self.take_downloads(text),
            SettingsCommand::UsualDownloads => {
                self.values.downloads = None;
                self.downloads_entry = self.usual_downloads.display().to_string();
            }
            SettingsCommand::Enter(draft) => {
                self.begun = Some(draft.clone());
                self.draft = Some(draft);
            }
            SettingsCommand::EditDraft(draft) => self.draft = Some(draft),
            SettingsCommand::DropDraft => {
                if self.draft.take().is_none() {
                    self.laid_aside = None;
                }
            }
            SettingsCommand::ResumeDraft => {
                self.begun = None;
                self.draft = self.laid_aside.take();
            }
            SettingsCommand::SaveDraft => return self.save_draft(profiles),
            SettingsCommand::Delete(name) => {
                if let Some(index) = self.values.profiles.iter().position(|profile| profile.name == name) {
                    self.deleted = Some((index, self.values.profiles.remove(index)));
                    return true;
                }
            }
            SettingsCommand::Undelete => {
                if let Some((index, profile)) = self.deleted.take() {
                    self.values.profiles.insert(index.min(self.values.profiles.len()), profile);
                    return true;
                }
            }
            SettingsCommand::Forget(slot, recent) => self.recent_mut(slot).retain(|known| *known != recent),
            SettingsCommand::ForgetAll(slot) => self.recent_mut(slot).clear(),
            SettingsCommand::Layout(layout) => self.values.layout = layout,
            // These concern the window as a whole.
            SettingsCommand::BrowseDownloads | SettingsCommand::OpenRecent(..) => {}
        }
        false
    }

    /// The name a service has and the one it is about to have, where the command gives it another.
    #[must_use]
    pub fn renaming(&self, command: &SettingsCommand, profiles: &[Profile]) -> Option<(String, String)> {
        let (SettingsCommand::SaveDraft, Some(draft)) = (command, &self.draft) else { return None };
        let was = draft.was.clone()?;
        let profile = draft.check(&names_but(profiles, Some(&was))).ok()?;
        (profile.name != was).then_some((was, profile.name))
    }

    /// Takes the folder that was typed, or chosen in the system's dialog.
    pub fn take_downloads(&mut self, folder: String) {
        self.downloads_entry = folder;
        if downloads_fault(&self.downloads_entry).is_none() {
            let folder = PathBuf::from(self.downloads_entry.trim());
            self.values.downloads = (folder != self.usual_downloads).then_some(folder);
        }
    }

    fn lay_aside(&mut self) {
        if self.draft != self.begun
            && let Some(draft) = self.draft.take()
        {
            self.laid_aside = Some(draft);
        }
        self.draft = None;
    }

    fn save_draft(&mut self, profiles: &[Profile]) -> bool {
        let Some(draft) = &self.draft else { return false };
        let Ok(profile) = draft.check(&names_but(profiles, draft.was.as_deref())) else { return false };
        match self.values.profiles.iter_mut().find(|known| Some(&known.name) == draft.was.as_ref()) {
            Some(known) => *known = profile,
            None => self.values.profiles.push(profile),
        }
        self.draft = None;
        self.deleted = None;
        true
    }
}

/// Why results cannot go there; `None` where they can. The folder itself is made when the first result comes.
pub(in crate::app) fn downloads_fault(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Some("Give a folder");
    }
    (!Path::new(text).is_absolute()).then_some("Give the whole path of the folder")
}

/// The names of the other profiles.
pub(in crate::app) fn names_but(profiles: &[Profile], but: Option<&str>) -> Vec<String> {
    profiles.iter().map(|profile| profile.name.clone()).filter(|name| Some(name.as_str()) != but).collect()
}
