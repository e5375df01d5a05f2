//! What is said about settings and services of one's own, in words. `all` lists every text once.

use std::path::{Path, PathBuf};

use crate::model::AddressError;

// The file.

/// The file cannot be read at all.
pub(super) fn unreadable(path: &Path, why: &str) -> String {
    format!(
        "The settings in {} cannot be read: {why}. The defaults are in use, and changes are not kept",
        path.display()
    )
}

/// The file was damaged at the start; where it was set aside, or why it could not be.
pub(super) fn damaged(path: &Path, why: &str, aside: Result<PathBuf, String>) -> String {
    let kept = match aside {
        Ok(aside) => format!("they were set aside as {}", aside.display()),
        Err(err) => format!("they could not be set aside: {err}"),
    };
    format!("The settings in {} are damaged ({why}): {kept}. The defaults are in use", path.display())
}

/// Single values could not be read; where the file was set aside, or why it could not be.
pub(super) fn damaged_in_part(path: &Path, lost: &[String], aside: Result<PathBuf, String>) -> String {
    let kept = match aside {
        Ok(aside) => format!("The file as it was is kept as {}", aside.display()),
        Err(err) => format!("The file as it was could not be set aside: {err}"),
    };
    format!(
        "Some settings in {} cannot be read, and their defaults are in use: {}. Everything else holds. {kept}",
        path.display(),
        lost.join("; ")
    )
}

/// A command found a file that cannot be read at all.
pub(super) fn seen_unreadable(path: &Path, why: &str) -> String {
    let path = path.display();
    format!(
        "The settings in {path} cannot be read ({why}): services, storage and certificates of your own are not known. Make the file readable"
    )
}

/// A command found a damaged file.
pub(super) fn seen_damaged(path: &Path, why: &str) -> String {
    let path = path.display();
    format!(
        "The settings in {path} are damaged ({why}): services, storage and certificates of your own are not known. Mend the file, or remove it"
    )
}

/// A command found a file in which single values cannot be read.
pub(super) fn seen_damaged_in_part(path: &Path, lost: &[String]) -> String {
    let path = path.display();
    format!(
        "Some settings in {path} cannot be read, and are left out: {}. Everything else holds. Mend them there",
        lost.join("; ")
    )
}

/// The file was damaged while the window was open, and set aside.
pub(super) fn damaged_meanwhile(path: &Path, why: &str, aside: &Path) -> String {
    format!(
        "The settings in {} were damaged meanwhile ({why}): that file was set aside as {}, and the settings of this window were written",
        path.display(),
        aside.display()
    )
}

/// The settings could not be written.
pub(super) fn not_written(path: &Path, why: &str) -> String {
    format!("The settings could not be written to {}: {why}. They hold until viseme is closed", path.display())
}

// The form of a service.

/// No name yet.
pub(super) const NO_NAME: &str = "Enter a name";
/// Nothing but a JSON object can be added to a body.
pub(super) fn not_an_object(why: &str) -> String {
    format!("This is not a JSON object such as {{\"model\": \"kling-v1\"}}: {why}")
}

/// The name is too long, or has line breaks.
pub(super) fn bad_name(most: usize) -> String {
    format!("A name is one line of at most {most} letters")
}

/// Another service has the name.
pub(super) fn name_taken(name: &str) -> String {
    format!("There is already a service called {name}")
}

/// A prefix that is not a path.
pub(super) const BAD_PREFIX: &str = "A prefix is a path such as /kling";

/// A field that would hold a secret.
pub(super) fn secret_field(name: &str) -> String {
    format!("{name} looks like a secret, and settings hold none: keys are entered under the service's name")
}

/// Every text, by name, with examples in place of what varies.
#[doc(hidden)]
#[must_use]
pub fn all() -> Vec<(&'static str, String)> {
    let path = Path::new("settings.json");
    let aside = Path::new("settings.damaged-1.json");
    let why = "expected value at line 1 column 3";
    let mut all = vec![
        ("unreadable", unreadable(path, "permission denied")),
        ("damaged", damaged(path, why, Ok(aside.into()))),
        ("damaged, not set aside", damaged(path, why, Err("permission denied".into()))),
        ("damaged in part", damaged_in_part(path, &["theme (unknown variant `sepia`)".into()], Ok(aside.into()))),
        ("seen unreadable", seen_unreadable(path, "permission denied")),
        ("seen damaged", seen_damaged(path, why)),
        ("seen damaged in part", seen_damaged_in_part(path, &["theme (unknown variant `sepia`)".into()])),
        ("damaged meanwhile", damaged_meanwhile(path, why, aside)),
        ("not written", not_written(path, "no space left on device")),
        ("no name", NO_NAME.into()),
        ("bad name", bad_name(40)),
        ("name taken", name_taken("kling")),
        ("bad prefix", BAD_PREFIX.into()),
        ("not an object", not_an_object(why)),
        ("secret field", secret_field("api_key")),
    ];
    let address = [
        ("address: empty", AddressError::Empty),
        ("address: invalid", AddressError::Invalid("empty host".into())),
        ("address: scheme", AddressError::Scheme),
        ("address: user info", AddressError::UserInfo),
        ("address: query", AddressError::Query),
    ];
    all.extend(address.map(|(name, err)| (name, err.to_string())));
    all
}
