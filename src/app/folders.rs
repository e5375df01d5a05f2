//! Where things go on this machine: results into the person's videos, the demo into the person's cache, the settings where the system keeps them.

use std::io;
use std::path::{Path, PathBuf};

/// The bundled clip: two faces.
const DEMO_CLIP: &[u8] = include_bytes!("../../assets/demo/duo.mp4");
/// The bundled voice.
const DEMO_VOICE: &[u8] = include_bytes!("../../assets/demo/voice.mp3");

/// The demo's files on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// The clip.
    pub clip: PathBuf,
    /// The voice.
    pub voice: PathBuf,
}

impl Demo {
    /// Writes the bundled files into `folder`, and makes it where it is missing.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn unpack(folder: &Path) -> io::Result<Self> {
        create_private(folder)?;
        let demo = Self { clip: folder.join("duo.mp4"), voice: folder.join("voice.mp3") };
        for (path, bytes) in [(&demo.clip, DEMO_CLIP), (&demo.voice, DEMO_VOICE)] {
            if std::fs::read(path).is_ok_and(|found| found == bytes) {
                continue;
            }
            // Another window may read it just now: it is there whole, or not at all.
            let part = folder.join(format!("{:016x}.part", getrandom::u64().unwrap_or_default()));
            let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
            if written.is_err() {
                let _ = std::fs::remove_file(&part);
            }
            written?;
        }
        Ok(demo)
    }
}

/// Makes a folder that nobody else can look or write into.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The person's own folder of this kind: the variable where it names a whole path, else a folder in the home.
fn own(variable: &str, usual: &str) -> PathBuf {
    let named = std::env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    named.unwrap_or_else(|| in_home(usual))
}

fn in_home(folder: &str) -> PathBuf {
    std::env::home_dir().unwrap_or_else(std::env::temp_dir).join(folder)
}

/// The file in which settings are kept (freedesktop's base directories, or what the system has in their place).
#[must_use]
pub fn settings() -> PathBuf {
    let folder = if cfg!(windows) {
        own("APPDATA", "AppData/Roaming")
    } else if cfg!(target_os = "macos") {
        in_home("Library/Application Support")
    } else {
        own("XDG_CONFIG_HOME", ".config")
    };
    folder.join("viseme/settings.json")
}

/// Where the demo is unpacked to: the person's cache, where nobody else can have put anything.
#[must_use]
pub fn demo() -> PathBuf {
    let folder = if cfg!(windows) {
        own("LOCALAPPDATA", "AppData/Local")
    } else if cfg!(target_os = "macos") {
        in_home("Library/Caches")
    } else {
        own("XDG_CACHE_HOME", ".cache")
    };
    folder.join("viseme/demo")
}

/// Where results go by themselves: `viseme` in the person's videos, else in the downloads, else in the home.
#[must_use]
pub fn downloads() -> PathBuf {
    let home = in_home("");
    let config = own("XDG_CONFIG_HOME", ".config");
    let dirs = std::fs::read_to_string(config.join("user-dirs.dirs")).unwrap_or_default();
    let fallback = [home.join("Videos"), home.join("Movies"), home.join("Downloads")];
    let base = user_dir(&dirs, "VIDEOS", &home)
        .or_else(|| user_dir(&dirs, "DOWNLOAD", &home))
        .or_else(|| fallback.into_iter().find(|path| path.is_dir()))
        .unwrap_or(home);
    base.join("viseme")
}

/// A line of `user-dirs.dirs` (freedesktop's xdg-user-dirs): `XDG_VIDEOS_DIR="$HOME/Videos"`.
fn user_dir(dirs: &str, name: &str, home: &Path) -> Option<PathBuf> {
    let key = format!("XDG_{name}_DIR=");
    let value = dirs.lines().find_map(|line| line.trim().strip_prefix(&key))?.trim().trim_matches('"');
    let path = match value.strip_prefix("$HOME") {
        Some(rest) => home.join(rest.trim_start_matches('/')),
        None => PathBuf::from(value),
    };
    // An unset folder is written as the home itself.
    (path.is_absolute() && path != home).then_some(path)
}

/// The path of a file with this name in `folder`, without what no name may have.
#[must_use]
pub fn named_path(folder: &Path, stem: &str, extension: &str) -> PathBuf {
    folder.join(format!("{}.{extension}", file_stem(stem)))
}

fn file_stem(stem: &str) -> String {
    let stem: String =
        stem.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '-' } else { c }).collect();
    if stem.trim().is_empty() { "result".into() } else { stem.trim().into() }
}

/// A path in `folder` at which nothing is yet: `duo.mp4`, else `duo (2).mp4` and so on. Asks the disk: not for a thread that draws.
#[must_use]
pub fn free_path(folder: &Path, stem: &str, extension: &str) -> PathBuf {
    let stem = file_stem(stem);
    std::iter::once(named_path(folder, &stem, extension))
        .chain((2..10_000).map(|n| folder.join(format!("{stem} ({n}).{extension}"))))
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join(format!("{stem} (new).{extension}")))
}

/// A path with the home written as `~`.
#[must_use]
pub fn short(path: &Path) -> String {
    if let Some(home) = std::env::home_dir()
        && let Ok(rest) = path.strip_prefix(&home)
    {
        return format!("~/{}", rest.display());
    }
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_folders_are_read_as_the_desktop_writes_them() {
        let home = Path::new("/home/a");
        let dirs = "# comment\nXDG_DOWNLOAD_DIR=\"$HOME/Downloads\"\nXDG_VIDEOS_DIR=\"/media/Filme\"\nXDG_MUSIC_DIR=\"$HOME/\"\n";
        assert_eq!(user_dir(dirs, "VIDEOS", home), Some("/media/Filme".into()));
        assert_eq!(user_dir(dirs, "DOWNLOAD", home), Some("/home/a/Downloads".into()));
        assert_eq!(user_dir(dirs, "MUSIC", home), None, "the home itself means: none");
        assert_eq!(user_dir(dirs, "PICTURES", home), None);
    }

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let first = free_path(folder.path(), "duo lipsync", "mp4");
        std::fs::write(&first, b"x").unwrap();
        let second = free_path(folder.path(), "duo lipsync", "mp4");
        assert_eq!(second.file_name().unwrap(), "duo lipsync (2).mp4");
        assert_eq!(free_path(folder.path(), "a/b:c", "mp4").file_name().unwrap(), "a-b-c.mp4");
    }

    #[test]
    fn the_demo_is_unpacked_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let demo = Demo::unpack(&folder.path().join("demo")).unwrap();
        assert_eq!(std::fs::read(&demo.clip).unwrap(), DEMO_CLIP);
        std::fs::write(&demo.voice, b"cut").unwrap();
        assert_eq!(Demo::unpack(&folder.path().join("demo")).unwrap(), demo);
        assert_eq!(std::fs::read(&demo.voice).unwrap(), DEMO_VOICE);
    }
}
