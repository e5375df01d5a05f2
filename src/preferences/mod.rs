//! What a person set, and what is remembered between two runs: the values, their file, and the form of a service of one's own.
//! No egui.

mod file;
mod place;
mod profile_form;
mod recent;
mod store;
mod values;
pub mod words;

use std::io;
use std::path::{Path, PathBuf};

use crate::model::{Profile, StoragePlace};

pub use self::file::Found;
pub use self::place::{ScreenRect, first_place, on_a_screen};
pub use self::profile_form::{FormField, LIMIT_MAX_MIN, POLL_MAX_MS, ProfileForm};
pub use self::recent::Recent;
pub use self::store::Store;
pub use self::values::{
    BUDGET_MAX, KEPT_DAYS_MAX, KEPT_GIB_MAX, Kept, Layout, MARGIN_MAX_MS, SCALE_MAX, SCALE_MIN, Settings, Sound,
    ThemeChoice, WindowPlace,
};

/// The file in which settings are kept.
#[must_use]
pub fn settings_file() -> PathBuf {
    crate::files::folders::config().join("settings.json")
}

/// The settings at `path` as far as they can be read, and what is wrong with the file. It stays as it is.
#[must_use]
pub fn look(path: &Path) -> Found {
    file::look(path)
}

/// Sets up storage of one's own in the settings at `path`, or forgets it. All else in the file stays.
///
/// # Errors
/// The file cannot be read or written, or is damaged.
pub fn set_storage(path: &Path, storage: Option<StoragePlace>) -> io::Result<()> {
    change(path, |settings| settings.storage = storage)
}

/// Sets which services a person has added, in the settings at `path`. All else in the file stays.
///
/// # Errors
/// The file cannot be read or written, or is damaged.
pub fn set_services(path: &Path, profiles: Vec<Profile>) -> io::Result<()> {
    change(path, |settings| settings.profiles = profiles)
}

fn change(path: &Path, change: impl FnOnce(&mut Settings)) -> io::Result<()> {
    let base = file::peek(path)?.unwrap_or_default();
    let mut changed = base.clone();
    change(&mut changed);
    file::write(path, &base, &changed).map(drop)
}
