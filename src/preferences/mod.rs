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

use crate::model::Profile;

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

/// The services a person added, from the settings at `path`, which stay as they are.
///
/// # Errors
/// The file cannot be read, or is damaged.
pub fn own_services(path: &Path) -> io::Result<Vec<Profile>> {
    Ok(file::peek(path)?.map(|settings| settings.profiles).unwrap_or_default())
}

/// The file of further certificate authorities that the settings at `path` name.
#[must_use]
pub fn ca_file(path: &Path) -> Option<PathBuf> {
    // What is wrong with the file is said where its services are asked for.
    file::peek(path).ok().flatten()?.ca_file
}
