//! The settings in memory, their file, and the state of their dialog.

pub mod scale;
mod storage;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use self::storage::{StorageCheck, StorageForm, StorageState};
use crate::app::state::entry::SourceSlot;
use crate::engine::use_proxy;
use crate::model::{Problem, Profile};
use crate::preferences::{BUDGET_MAX, KEPT_DAYS_MAX, KEPT_GIB_MAX, MARGIN_MAX_MS, SCALE_MAX, SCALE_MIN, Store};
pub use crate::preferences::{FormField, Kept, Layout, ProfileForm, Recent, Settings, Sound, ThemeChoice, WindowPlace};

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
    /// Editing: the safety margin.
    Editing,
    /// Files: the folder for results, recent files.
    Files,
    /// The services.
    Services,
    /// Storage of one's own.
    Storage,
    /// Budgets, and what is spent.
    Spending,
    /// The account of the service in use.
    Account,
    /// About the program.
    About,
}

impl Page {
    /// Every page, in display order.
    pub const ALL: [Self; 8] = [
        Self::Appearance,
        Self::Editing,
        Self::Files,
        Self::Services,
        Self::Storage,
        Self::Spending,
        Self::Account,
        Self::About,
    ];

    /// Its title.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Appearance => "Appearance",
            Self::Editing => "Editing",
            Self::Files => "Files",
            Self::Services => "Services",
            Self::Storage => "Storage",
            Self::Spending => "Spending",
            Self::Account => "Account",
            Self::About => "About",
        }
    }
}

/// A command for the settings, from their dialog or elsewhere.
#[derive(Clone, Debug)]
pub enum SettingsCommand {
    /// Open the dialog on this page.
    Open(Page),
    /// Close the dialog; in the form of a service, go back to the list first and keep the form's contents aside.
    Close,
    /// Set the user interface scale, in percent.
    Scale(u16),
    /// Set whether motion is reduced.
    ReducedMotion(bool),
    /// Set the safety margin of a proposed placement, in milliseconds.
    Margin(i64),
    /// The text of the folder for results changed.
    EditDownloads(String),
    /// Choose the folder in the system's dialog.
    BrowseDownloads,
    /// Reset the folder to the person's videos.
    UsualDownloads,
    /// Open the form for a service: a new one, or an existing one.
    Enter(ProfileForm),
    /// The form changed.
    EditDraft(ProfileForm),
    /// Save the service in the form.
    SaveDraft,
    /// Discard the form, whether it is open or kept aside.
    DropDraft,
    /// Open the form that was kept aside.
    ResumeDraft,
    /// Remove a service, by name.
    Delete(String),
    /// Restore the service that was removed last.
    Undelete,
    /// Open a recent file again.
    OpenRecent(SourceSlot, Recent),
    /// Remove a recent file from the list.
    Forget(SourceSlot, Recent),
    /// Remove all recent files of this source.
    ForgetAll(SourceSlot),
    /// Set how much may be spent at the service of this name on a day, in its own unit; `None`: any amount.
    Budget(String, Option<f64>),
    /// Ask for the account of the service in use.
    AskAccount,
    /// The form of the storage changed.
    EditStorage(StorageForm),
    /// Use the bucket of the form.
    SaveStorage,
    /// Try the storage out.
    CheckStorage,
    /// Forget the storage and its keys.
    ForgetStorage,
    /// The text of the proxy's address changed; it is used once it is entered whole.
    EditProxy(String),
    /// Use the proxy that was entered.
    UseProxy,
    /// Set what is kept of exchanges.
    Kept(Kept),
    /// Set the size of a panel.
    Layout(Layout),
}

/// The settings, their file, and the state of their dialog.
#[derive(Default)]
pub struct State {
    /// The current settings.
    pub values: Settings,
    /// Their file; `None`: they are not stored, as in most tests.
    pub(in crate::app) store: Option<Store>,
    pub(in crate::app) page: Option<Page>,
    /// The default folder for results.
    pub(in crate::app) usual_downloads: PathBuf,
    pub(in crate::app) downloads_entry: String,
    /// The proxy as it is entered, and why it cannot be used.
    pub(in crate::app) proxy_entry: String,
    pub(in crate::app) proxy_problem: Option<Problem>,
    /// The form of the storage, what is known of the one that is set up, and what its check found.
    pub(in crate::app) storage_form: StorageForm,
    pub(in crate::app) storage_known: StorageState,
    pub(in crate::app) storage_check: StorageCheck,
    pub(in crate::app) draft: Option<ProfileForm>,
    /// The form as it was opened: only a changed one is kept aside. `None` for one that was kept aside before.
    pub(in crate::app) begun: Option<ProfileForm>,
    /// The form that was kept aside, because the dialog was closed by other means than its buttons.
    pub(in crate::app) laid_aside: Option<ProfileForm>,
    pub(in crate::app) deleted: Option<(usize, Profile)>,
    /// The recent files that no longer exist.
    pub(in crate::app) missing: Vec<PathBuf>,
}

impl State {
    /// Reads the settings from `path`, where one is given. Also returns what is wrong with them, as text.
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
                Err(err) => trouble = Some(format!("The settings cannot be saved: no thread could be started: {err}")),
            }
        }
        (state, trouble)
    }

    /// Whether the dialog is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.page.is_some()
    }

    /// The folder for results.
    #[must_use]
    pub fn downloads(&self) -> &Path {
        self.values.downloads_or(&self.usual_downloads)
    }

    /// The recent files, last used first.
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

    /// Whether this recent file no longer exists.
    #[must_use]
    pub fn is_missing(&self, recent: &Recent) -> bool {
        matches!(recent, Recent::File(path) if self.missing.contains(path))
    }

    /// Sets which recent files no longer exist.
    pub fn set_missing(&mut self, missing: Vec<PathBuf>) {
        self.missing = missing;
    }

    /// The recent files on this machine.
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

    /// Resets every panel to its default size.
    pub fn reset_layout(&mut self) {
        self.values.layout = Layout::default();
    }

    /// Stores what changed. Returns when it is to be called again, and what went wrong, as text.
    pub fn keep(&mut self) -> (Option<Duration>, Option<String>) {
        match &mut self.store {
            Some(store) => store.keep(&self.values, Instant::now()),
            None => (None, None),
        }
    }

    /// Applies the commands that concern only the settings and their dialog; returns whether the services changed.
    pub fn handle(&mut self, command: SettingsCommand, profiles: &[Profile]) -> bool {
        match command {
            SettingsCommand::Open(page) => {
                if self.page.is_none() {
                    self.downloads_entry = self.downloads().display().to_string();
                    self.proxy_entry.clone_from(&self.values.proxy);
                    self.storage_form = StorageForm::of(self.values.storage.as_ref());
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
            SettingsCommand::Budget(name, Some(budget)) => {
                self.values.budgets.insert(name, budget.clamp(0.0, BUDGET_MAX));
            }
            SettingsCommand::Budget(name, None) => {
                self.values.budgets.remove(&name);
            }
            SettingsCommand::EditProxy(text) => (self.proxy_entry, self.proxy_problem) = (text, None),
            SettingsCommand::UseProxy => {
                self.proxy_problem = use_proxy(&self.proxy_entry).err();
                if self.proxy_problem.is_none() {
                    self.proxy_entry.trim().clone_into(&mut self.values.proxy);
                }
            }
            SettingsCommand::Kept(kept) => {
                let (days, gib) = (kept.days.clamp(1, KEPT_DAYS_MAX), kept.gib.clamp(0.0, KEPT_GIB_MAX));
                self.values.kept = Kept { days, gib };
            }
            SettingsCommand::Layout(layout) => self.values.layout = layout,
            SettingsCommand::EditStorage(form) => self.storage_form = form,
            // These concern the whole window, which applies them.
            SettingsCommand::BrowseDownloads
            | SettingsCommand::OpenRecent(..)
            | SettingsCommand::AskAccount
            | SettingsCommand::SaveStorage
            | SettingsCommand::CheckStorage
            | SettingsCommand::ForgetStorage => {}
        }
        false
    }

    /// The old and the new name of a service, where the command renames it.
    #[must_use]
    pub fn renaming(&self, command: &SettingsCommand, profiles: &[Profile]) -> Option<(String, String)> {
        let (SettingsCommand::SaveDraft, Some(draft)) = (command, &self.draft) else { return None };
        let was = draft.was.clone()?;
        let profile = draft.check(&names_but(profiles, Some(&was))).ok()?;
        (profile.name != was).then_some((was, profile.name))
    }

    /// Applies the folder that was typed, or chosen in the system's dialog.
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

/// Why this folder cannot be used; `None` where it can. The folder itself is created with the first result.
pub(in crate::app) fn downloads_fault(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Some("Enter a folder");
    }
    (!Path::new(text).is_absolute()).then_some("Enter the whole path of the folder")
}

/// The names of the other profiles.
pub(in crate::app) fn names_but(profiles: &[Profile], but: Option<&str>) -> Vec<String> {
    profiles.iter().map(|profile| profile.name.clone()).filter(|name| Some(name.as_str()) != but).collect()
}
