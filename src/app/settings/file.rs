//! The file: read leniently, merged with what another window wrote meanwhile, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::values::Settings;

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// The settings; the usual ones where there was no file, or none that could be read.
    pub settings: Settings,
    /// The file as it stood, by key: what a later write compares with.
    pub base: Map<String, Value>,
    /// What went wrong, in words, and where the damaged file is kept.
    pub trouble: Option<String>,
}

/// Reads the file. One that is damaged is set aside under another name, never overwritten.
#[must_use]
pub fn read(path: &Path) -> Found {
    let usual = |trouble| Found { settings: Settings::default(), base: Map::new(), trouble };
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(err) if err.kind() == io::ErrorKind::NotFound => return usual(None),
        Err(err) => {
            let words = format!(
                "The settings in {} cannot be read: {err}. The usual ones are in use, and changes are not kept",
                path.display()
            );
            return usual(Some(words));
        }
    };
    match parse(&bytes) {
        Ok((settings, base)) => Found { settings, base, trouble: None },
        Err(err) => {
            let aside = aside(path);
            let kept = match fs::rename(path, &aside) {
                Ok(()) => format!("they were set aside as {}", aside.display()),
                Err(err) => format!("they could not be set aside: {err}"),
            };
            usual(Some(format!(
                "The settings in {} are damaged ({err}): {kept}. The usual ones are in use",
                path.display()
            )))
        }
    }
}

/// The settings as the file tells them; nothing is set aside. `None` where it cannot be read.
#[must_use]
pub fn peek(path: &Path) -> Option<Settings> {
    parse(&fs::read(path).ok()?).ok().map(|(settings, _)| settings)
}

fn parse(bytes: &[u8]) -> Result<(Settings, Map<String, Value>), serde_json::Error> {
    let base: Map<String, Value> = serde_json::from_slice(bytes)?;
    let settings: Settings = serde_json::from_value(Value::Object(base.clone()))?;
    Ok((settings.sane(), base))
}

/// A free name beside the file: `settings.damaged-1.json` and so on.
fn aside(path: &Path) -> PathBuf {
    let name = |n: u32| path.with_extension(format!("damaged-{n}.json"));
    (1..1_000).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(1_000))
}

/// The settings by key, as they stand in the file.
#[must_use]
pub fn by_key(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Writes the settings, and answers what stands in the file then.
///
/// Another window may have written since `base` was read: what this one did not change since then is left as it stands there,
/// and of the lists of what was opened both keep theirs.
///
/// # Errors
/// The folder cannot be made, or the file not written: a full disk, a folder that is read-only. What was there stays.
pub fn write(path: &Path, base: &Map<String, Value>, settings: &Settings) -> io::Result<Map<String, Value>> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // One window at a time: between reading and writing nobody else writes.
    let lock = OpenOptions::new().create(true).append(true).open(path.with_extension("lock"))?;
    lock.lock()?;
    let theirs = match fs::read(path) {
        Ok(bytes) => parse(&bytes).map(|(_, map)| map).unwrap_or_default(),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Map::new(),
        Err(err) => return Err(err),
    };
    let merged = merge(base, &by_key(settings), &theirs);
    if let Err(err) = replace(path, &merged) {
        let _ = lock.unlock();
        return Err(err);
    }
    lock.unlock()?;
    Ok(merged)
}

fn replace(path: &Path, content: &Map<String, Value>) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut bytes = serde_json::to_vec_pretty(content)?;
    bytes.push(b'\n');
    let written = create_private(&part).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&part, path));
    if done.is_err() {
        let _ = fs::remove_file(&part);
    }
    done
}

/// Nobody else needs to know what a person opened.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Ours where we changed it since `base`, else theirs.
fn merge(base: &Map<String, Value>, ours: &Map<String, Value>, theirs: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = Map::new();
    let keys: Vec<String> = ours.keys().chain(theirs.keys()).cloned().collect();
    for key in keys {
        if merged.contains_key(&key) {
            continue;
        }
        let (before, our, their) = (base.get(&key), ours.get(&key), theirs.get(&key));
        let value = if key.starts_with("recent_") {
            Some(merge_lists(before, our, their)).filter(|list| !list.is_empty()).map(Value::Array)
        } else if our == before {
            // Not in theirs although it was in the base: they took it back. Without any base there was no file yet.
            if their.is_none() && before.is_none() { our.cloned() } else { their.cloned() }
        } else {
            our.cloned()
        };
        if let Some(value) = value {
            merged.insert(key, value);
        }
    }
    merged
}

/// Ours first, then what they opened since; what we removed since stays away.
fn merge_lists(before: Option<&Value>, ours: Option<&Value>, theirs: Option<&Value>) -> Vec<Value> {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (before, ours, theirs) = (list(before), list(ours), list(theirs));
    if ours == before {
        return theirs;
    }
    let mut merged = ours.clone();
    for entry in theirs {
        let removed = before.contains(&entry) && !ours.contains(&entry);
        if !removed && !merged.contains(&entry) {
            merged.push(entry);
        }
    }
    merged.truncate(super::recent::MOST);
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::recent::Recent;
    use super::super::values::ThemeChoice;
    use super::*;

    fn settings(margin_ms: i64, clips: &[&str]) -> Settings {
        let recent_clips = clips.iter().map(|clip| Recent::File((*clip).into())).collect();
        Settings { margin_ms, recent_clips, ..Settings::default() }
    }

    #[test]
    fn what_is_written_is_read_again_and_readable_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/settings.json");
        let written = settings(120, &["/a.mp4"]);
        write(&path, &Map::new(), &written).unwrap();
        let found = read(&path);
        assert_eq!(found.settings, written);
        assert!(found.trouble.is_none());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        for (n, damaged) in ["{\"margin_ms\": 7", "[]", "{\"theme\": \"purple\"}", "\u{0}"].iter().enumerate() {
            fs::write(&path, damaged).unwrap();
            let found = read(&path);
            assert_eq!(found.settings, Settings::default(), "{damaged}");
            let aside = folder.path().join(format!("settings.damaged-{}.json", n + 1));
            assert_eq!(fs::read_to_string(&aside).unwrap(), *damaged, "nothing is lost");
            assert!(found.trouble.unwrap().contains("damaged"));
            assert!(!path.exists());
        }
    }

    #[test]
    fn numbers_out_of_bounds_are_brought_within() {
        let wild = r#"{"scale_percent": 9000, "margin_ms": -5, "downloads": "relative", "sound": {"volume": 7.0},
            "window": {"size_px": [0.0, 0.0], "maximised": false}, "layout": {"side_px": 1e30}}"#;
        let (settings, _) = parse(wild.as_bytes()).unwrap();
        assert_eq!((settings.scale_percent, settings.margin_ms), (200, 0));
        assert_eq!(settings.downloads, None);
        assert!((settings.sound.volume - 1.0).abs() < f32::EPSILON);
        assert_eq!((settings.window, settings.layout.side_px), (None, None));
    }

    #[test]
    fn what_a_later_version_wrote_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        fs::write(&path, r#"{"version": 1, "holograms": {"on": true}, "theme": "dark"}"#).unwrap();
        let found = read(&path);
        assert_eq!(found.settings.theme, ThemeChoice::Dark);
        let changed = Settings { margin_ms: 90, ..found.settings };
        write(&path, &found.base, &changed).unwrap();
        let kept: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(kept["holograms"]["on"], true);
        assert_eq!((&kept["margin_ms"], &kept["theme"]), (&90.into(), &"dark".into()));
    }

    #[test]
    fn two_windows_keep_each_others_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let first = settings(50, &["/old.mp4", "/gone.mp4"]);
        let base = write(&path, &Map::new(), &first).unwrap();
        // The other window changes the theme and opens a clip.
        let mut other = settings(50, &["/theirs.mp4", "/old.mp4", "/gone.mp4"]);
        other.theme = ThemeChoice::Light;
        write(&path, &base, &other).unwrap();
        // This one, which knows nothing of it, changes the margin, opens another and removes one.
        write(&path, &base, &settings(75, &["/ours.mp4", "/old.mp4"])).unwrap();
        let found = read(&path).settings;
        assert_eq!((found.theme, found.margin_ms), (ThemeChoice::Light, 75));
        let names: Vec<String> = found.recent_clips.iter().map(Recent::name).collect();
        assert_eq!(names, ["ours.mp4", "old.mp4", "theirs.mp4"]);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        fs::write(&blocked, b"x").unwrap();
        assert!(write(&blocked.join("settings.json"), &Map::new(), &Settings::default()).is_err());
        assert_eq!(fs::read(&blocked).unwrap(), b"x");
    }

    proptest! {
        /// Whatever bytes are found, reading ends, and what is then written can be read.
        #[test]
        fn any_bytes_end_in_settings(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("settings.json");
            fs::write(&path, &bytes).unwrap();
            let found = read(&path);
            write(&path, &found.base, &found.settings).unwrap();
            prop_assert_eq!(read(&path).settings, found.settings);
        }

        /// Where nobody else wrote, a write is what was asked for.
        #[test]
        fn alone_a_write_is_what_was_asked(margin_ms in 0i64..1_000, scale_percent in 80u16..=200, moved: bool) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("settings.json");
            let base = write(&path, &Map::new(), &Settings::default()).unwrap();
            let wanted = Settings { margin_ms, scale_percent, reduced_motion: moved, ..Settings::default() };
            write(&path, &base, &wanted).unwrap();
            prop_assert_eq!(read(&path).settings, wanted);
        }
    }
}
