//! Where viseme keeps its own files, as each system means it (`dirs`), and where results go.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// The environment variable that names another folder for [`data`].
pub const DATA_VARIABLE: &str = "VISEME_DATA_DIR";

/// viseme's own folder in one of the system's; in the temporary folder where the system names none (no home).
fn own(folder: Option<PathBuf>) -> PathBuf {
    folder.unwrap_or_else(std::env::temp_dir).join("viseme")
}

/// Settings: `~/.config/viseme`, `~/Library/Application Support/viseme`, `%APPDATA%\viseme`.
#[must_use]
pub fn config() -> PathBuf {
    own(dirs::config_dir())
}

/// What can be made again: `~/.cache/viseme`, `~/Library/Caches/viseme`, `%LOCALAPPDATA%\viseme`.
#[must_use]
pub fn cache() -> PathBuf {
    own(dirs::cache_dir())
}

/// What must not be lost, such as the ids of paid tasks: `~/.local/share/viseme`, `~/Library/Application Support/viseme`,
/// `%APPDATA%\viseme`; the folder in [`DATA_VARIABLE`] where that is set and not empty.
#[must_use]
pub fn data() -> PathBuf {
    data_folder(std::env::var_os(DATA_VARIABLE))
}

fn data_folder(variable: Option<OsString>) -> PathBuf {
    variable.filter(|value| !value.is_empty()).map_or_else(|| own(dirs::data_dir()), PathBuf::from)
}

/// Where results go: `viseme` in the user's videos, else in the downloads, else in the home.
#[must_use]
pub fn results() -> PathBuf {
    own(dirs::video_dir().or_else(dirs::download_dir).or_else(|| dirs::home_dir().map(|home| usual_folder(&home))))
}

/// The folder for results in a home of which the system says nothing: Linux without `user-dirs.dirs`.
fn usual_folder(home: &Path) -> PathBuf {
    let usual = ["Videos", "Downloads"].map(|name| home.join(name));
    usual.into_iter().find(|folder| folder.is_dir()).unwrap_or_else(|| home.to_owned())
}

/// A path with the home written as `~`.
#[must_use]
pub fn short(path: &Path) -> String {
    match dirs::home_dir().and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned)) {
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => path.display().to_string(),
    }
}

/// The path that [`short`] wrote, or that a person typed: `~` at its beginning is the home.
#[must_use]
pub fn in_full(text: &str) -> PathBuf {
    let in_home = text.strip_prefix('~').and_then(|rest| rest.strip_prefix(std::path::is_separator));
    match (in_home, dirs::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

/// Makes a folder that only its owner can read and write, with those above it.
///
/// # Errors
/// The system refuses.
pub fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_names_the_data_folder_itself() {
        assert_eq!(data_folder(Some("elsewhere".into())), Path::new("elsewhere"));
        assert_eq!(data_folder(Some("".into())), data_folder(None));
        assert!(data_folder(None).ends_with("viseme"));
    }

    #[test]
    fn a_home_that_nothing_is_said_of_is_searched_for_its_videos() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(usual_folder(home.path()), home.path());
        std::fs::create_dir(home.path().join("Downloads")).unwrap();
        assert_eq!(usual_folder(home.path()), home.path().join("Downloads"));
        std::fs::create_dir(home.path().join("Videos")).unwrap();
        assert_eq!(usual_folder(home.path()), home.path().join("Videos"));
    }

    #[test]
    fn a_path_in_the_home_is_written_with_a_tilde() {
        let home = dirs::home_dir().unwrap();
        let separator = std::path::MAIN_SEPARATOR;
        assert_eq!(short(&home.join("a").join("b.mp4")), format!("~{separator}a{separator}b.mp4"));
        assert_eq!(short(Path::new("b.mp4")), "b.mp4");
    }

    #[test]
    fn a_tilde_is_read_as_the_home_however_the_system_writes_paths() {
        let path = dirs::home_dir().unwrap().join("a").join("b.mp4");
        assert_eq!(in_full(&short(&path)), path);
        assert_eq!(in_full("~/a"), dirs::home_dir().unwrap().join("a"));
        for text in ["~", "~a/b", "a/~/b", "b.mp4"] {
            assert_eq!(in_full(text), Path::new(text));
        }
    }
}
