//! The file: read leniently, merged with what another window wrote meanwhile, written whole or not at all.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::values::Settings;
use super::words;
use crate::files::{self, Access, IfExists};

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// The settings; the defaults where there was no file, or none that could be read.
    pub settings: Settings,
    /// What went wrong, in words, and where the damaged file is kept.
    pub problem: Option<String>,
}

/// Reads the file. A damaged one is set aside under another name, never overwritten.
#[must_use]
pub fn read(path: &Path) -> Found {
    let defaults = |problem| Found { settings: Settings::default(), problem };
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(err) if err.kind() == ErrorKind::NotFound => return defaults(None),
        Err(err) => return defaults(Some(words::unreadable(path, &err.to_string()))),
    };
    match parse(&bytes) {
        Ok((settings, _)) => Found { settings, problem: None },
        Err(err) => {
            let aside = set_aside(path).map_err(|err| err.to_string());
            match rescue(&bytes) {
                Some((settings, _, lost)) => {
                    let problem = Some(words::damaged_in_part(path, &lost, aside));
                    Found { settings, problem }
                }
                None => defaults(Some(words::damaged(path, &err.to_string(), aside))),
            }
        }
    }
}

/// What is in the file as far as it can be read, for one who only looks: the file stays as it is.
#[must_use]
pub fn look(path: &Path) -> Found {
    let defaults = |problem| Found { settings: Settings::default(), problem };
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(err) if err.kind() == ErrorKind::NotFound => return defaults(None),
        Err(err) => return defaults(Some(words::seen_unreadable(path, &err.to_string()))),
    };
    match (parse(&bytes), rescue(&bytes)) {
        (Ok((settings, _)), _) => Found { settings, problem: None },
        (Err(_), Some((settings, _, lost))) => {
            Found { settings, problem: Some(words::seen_damaged_in_part(path, &lost)) }
        }
        (Err(err), None) => defaults(Some(words::seen_damaged(path, &err.to_string()))),
    }
}

/// The settings in the file, which stays as it is. `None` where there is no file.
///
/// # Errors
/// It cannot be read, or is damaged.
pub fn peek(path: &Path) -> io::Result<Option<Settings>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(parse(&bytes)?.0)),
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err),
    }
}

fn parse(bytes: &[u8]) -> Result<(Settings, Map<String, Value>), serde_json::Error> {
    let keys: Map<String, Value> = serde_json::from_slice(bytes)?;
    let settings: Settings = serde_json::from_value(Value::Object(keys.clone()))?;
    Ok((settings.sane(), keys))
}

/// What can be read of a file in which single values cannot: one wrong value costs that value, never the services and budgets beside
/// it. Returns the settings, what they stand for in the file, and the names of what is lost, each with the reason. `None` where the
/// bytes are no JSON object.
fn rescue(bytes: &[u8]) -> Option<(Settings, Map<String, Value>, Vec<String>)> {
    let mut keys: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let mut lost = Vec::new();
    let names: Vec<String> = keys.keys().cloned().collect();
    for name in names {
        let Some(value) = keys.remove(&name) else { continue };
        if let Some(kept) = readable(&name, value, &mut lost) {
            keys.insert(name, kept);
        }
    }
    let settings: Settings = serde_json::from_value(Value::Object(keys.clone())).ok()?;
    Some((settings.sane(), keys, lost))
}

/// The value of a key, or those of its entries, that can be read.
fn readable(name: &str, value: Value, lost: &mut Vec<String>) -> Option<Value> {
    let why_not = |value: &Value| {
        let alone = Map::from_iter([(name.to_owned(), value.clone())]);
        serde_json::from_value::<Settings>(Value::Object(alone)).err().map(|err| err.to_string())
    };
    let Some(why) = why_not(&value) else { return Some(value) };
    match value {
        Value::Array(entries) => {
            let (mut kept, mut number) = (Vec::new(), 0);
            for entry in entries {
                number += 1;
                match why_not(&Value::Array(vec![entry.clone()])) {
                    None => kept.push(entry),
                    Some(why) => lost.push(format!("{name}, entry {number} ({why})")),
                }
            }
            Some(Value::Array(kept))
        }
        Value::Object(entries) => {
            let mut kept = Map::new();
            for (key, entry) in entries {
                match why_not(&Value::Object(Map::from_iter([(key.clone(), entry.clone())]))) {
                    None => drop(kept.insert(key, entry)),
                    Some(why) => lost.push(format!("{name}, {key} ({why})")),
                }
            }
            let kept = Value::Object(kept);
            why_not(&kept).is_none().then_some(kept)
        }
        _ => {
            lost.push(format!("{name} ({why})"));
            None
        }
    }
}

/// Renames the file to the first free name of `settings.damaged-1.json`, `settings.damaged-2.json` and so on.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut names = (1..1_000).map(|n| path.with_extension(format!("damaged-{n}.json")));
    let aside = names.find(|name| name.symlink_metadata().is_err()).ok_or(ErrorKind::AlreadyExists)?;
    fs::rename(path, &aside)?;
    Ok(aside)
}

/// The settings by key, as they stand in the file.
fn by_key(settings: &Settings) -> Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Writes what changed from `base` to `settings`; where another window wrote the file meanwhile, what this one did not change stays
/// as it is there. Of a key that both changed, the last writer's value holds. A file that became damaged meanwhile is set aside:
/// that is returned in words.
///
/// # Errors
/// The file cannot be read, set aside or written: a full disk, a folder that is read-only. What was there stays.
pub fn write(path: &Path, base: &Settings, settings: &Settings) -> io::Result<Option<String>> {
    let (base, ours) = (by_key(base), by_key(settings));
    let mut problem = None;
    let theirs = match fs::read(path) {
        Ok(bytes) => match parse(&bytes) {
            Ok((_, keys)) => keys,
            Err(err) => {
                let aside = set_aside(path)?;
                problem = Some(words::damaged_meanwhile(path, &err.to_string(), &aside));
                // What another window wrote beside the damage stays; what cannot be read is as this window knows it.
                let mut theirs = base.clone();
                theirs.extend(rescue(&bytes).map(|(_, keys, _)| keys).unwrap_or_default());
                theirs
            }
        },
        Err(err) if err.kind() == ErrorKind::NotFound => base.clone(),
        Err(err) => return Err(err),
    };
    let mut bytes = serde_json::to_vec_pretty(&merge(&base, ours, theirs))?;
    bytes.push(b'\n');
    // Nobody else needs to know what a person opened.
    files::write_whole(path, &bytes, IfExists::Replace, Access::OwnerOnly)?;
    Ok(problem)
}

/// Theirs, but ours of each key that changed since `base`.
fn merge(base: &Map<String, Value>, ours: Map<String, Value>, theirs: Map<String, Value>) -> Map<String, Value> {
    let mut merged = theirs;
    for key in base.keys().filter(|key| !ours.contains_key(*key)) {
        merged.shift_remove(key);
    }
    for (key, value) in ours {
        if base.get(&key) != Some(&value) {
            merged.insert(key, value);
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::recent::Recent;
    use super::super::values::ThemeChoice;
    use super::*;
    use crate::model::Profile;

    fn settings(margin_ms: i64, clips: &[&str]) -> Settings {
        let recent_clips = clips.iter().map(|clip| Recent::File((*clip).into())).collect();
        Settings { margin_ms, recent_clips, ..Settings::default() }
    }

    /// Writes all of `settings` where no file is yet.
    fn write_new(path: &Path, settings: &Settings) {
        assert_eq!(write(path, &Settings::default(), settings).unwrap(), None);
    }

    fn with_own_service(settings: Settings) -> Settings {
        let own = Profile { name: "acme".into(), ..Profile::built_in().swap_remove(1) };
        Settings { profiles: vec![own], ..settings }
    }

    #[test]
    fn what_is_written_is_read_again_and_readable_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("settings.json");
        let written = settings(120, &["/a.mp4"]);
        write_new(&path, &written);
        let found = read(&path);
        assert_eq!((found.settings, found.problem), (written.clone(), None));
        assert_eq!(peek(&path).unwrap(), Some(written));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "one file, and no lock");
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
        for n in 1..3 {
            fs::write(&path, b"{ not json").unwrap();
            let seen = look(&path).problem.unwrap();
            assert!(seen.contains("settings.json are damaged") && seen.contains("Mend the file"), "{seen}");
            assert!(peek(&path).is_err() && path.exists(), "looking leaves it as it is");
            let found = read(&path);
            assert_eq!(found.settings, Settings::default());
            let problem = found.problem.unwrap();
            let aside = folder.path().join(format!("settings.damaged-{n}.json"));
            assert!(problem.contains("damaged") && problem.contains(&aside.display().to_string()), "{problem}");
            assert_eq!(fs::read(&aside).unwrap(), b"{ not json");
            assert!(!path.exists());
        }
        assert_eq!(peek(&path).unwrap(), None);
    }

    #[test]
    fn one_wrong_value_costs_that_value_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let base = with_own_service(settings(50, &["/a.mp4", "/b.mp4"]));
        let base = Settings { budgets: [("kling".into(), 5.0), ("acme".into(), 2.0)].into(), ..base };
        let mut keys = by_key(&base);
        keys.insert("theme".into(), "sepia".into());
        keys["budgets"]["kling"] = "five".into();
        keys["recent_clips"][0] = 7.into();
        keys.insert("sound".into(), serde_json::json!({"volume": "loud", "muted": true}));
        fs::write(&path, serde_json::to_vec(&keys).unwrap()).unwrap();

        // One who only looks reads the same, and leaves the file.
        let seen = look(&path);
        assert!(seen.problem.unwrap().contains("sound, volume ("));
        assert_eq!((seen.settings.profiles.len(), path.exists()), (1, true));
        let found = read(&path);
        assert_eq!(seen.settings, found.settings);
        let problem = found.problem.unwrap();
        for lost in
            ["theme (", "budgets, kling (", "recent_clips, entry 1 (", "sound, volume (", "settings.damaged-1.json"]
        {
            assert!(problem.contains(lost), "{lost}: {problem}");
        }
        assert_eq!(found.settings.budgets, [("acme".to_owned(), 2.0)].into());
        assert_eq!((found.settings.profiles.len(), found.settings.recent_clips.len()), (1, 1));
        assert_eq!((found.settings.theme, found.settings.sound.muted), (ThemeChoice::System, true));
        write(&path, &Settings::default(), &found.settings).unwrap();
        assert_eq!(read(&path).settings, found.settings);
    }

    #[test]
    fn a_file_damaged_while_the_window_is_open_is_set_aside_and_nothing_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let base = with_own_service(settings(50, &["/a.mp4"]));
        write_new(&path, &base);
        for (n, damage) in [(1, &b"{"[..]), (2, br#"{"theme": "sepia"}"#)] {
            fs::write(&path, damage).unwrap();
            let changed = Settings { margin_ms: 60 + n, ..base.clone() };
            let problem = write(&path, &base, &changed).unwrap().unwrap();
            let aside = folder.path().join(format!("settings.damaged-{n}.json"));
            assert!(problem.contains(&aside.display().to_string()), "{problem}");
            assert_eq!(fs::read(&aside).unwrap(), damage);
            assert_eq!(read(&path).settings, changed, "the service and the list are still there");
        }
    }

    #[test]
    fn a_file_that_was_removed_is_written_again_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let base = with_own_service(settings(50, &[]));
        let changed = Settings { margin_ms: 60, ..base.clone() };
        write_new(&path, &base);
        fs::remove_file(&path).unwrap();
        write(&path, &base, &changed).unwrap();
        assert_eq!(read(&path).settings, changed);
    }

    #[test]
    fn numbers_out_of_bounds_are_brought_within() {
        let text = r#"{"scale_percent": 5000, "margin_ms": -3, "downloads": "relative", "sound": {"volume": 7.0},
            "layout": {"side_px": -1.0}, "window": {"size_px": [1.0, 1.0], "maximised": false}}"#;
        let (settings, _) = parse(text.as_bytes()).unwrap();
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
        let base = read(&path).settings;
        assert_eq!(base.theme, ThemeChoice::Dark);
        write(&path, &base, &Settings { margin_ms: 90, ..base.clone() }).unwrap();
        let kept: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(kept["holograms"]["on"], true);
        assert_eq!((&kept["margin_ms"], &kept["theme"]), (&90.into(), &"dark".into()));
    }

    #[test]
    fn two_windows_keep_each_others_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let base = settings(50, &["/old.mp4"]);
        write_new(&path, &base);
        // The other window changes the theme and adds a service.
        let other = with_own_service(Settings { theme: ThemeChoice::Light, ..base.clone() });
        write(&path, &base, &other).unwrap();
        // This one, which knows nothing of that, changes the margin, and then what was opened.
        let first = Settings { margin_ms: 75, ..base.clone() };
        write(&path, &base, &first).unwrap();
        let second = Settings { recent_clips: Vec::new(), ..first.clone() };
        write(&path, &first, &second).unwrap();
        let found = read(&path).settings;
        assert_eq!((found.theme, found.margin_ms, found.profiles.len()), (ThemeChoice::Light, 75, 1));
        assert!(found.recent_clips.is_empty());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        fs::write(&blocked, b"x").unwrap();
        let path = blocked.join("settings.json");
        assert!(write(&path, &Settings::default(), &settings(60, &[])).is_err());
        assert_eq!(fs::read(&blocked).unwrap(), b"x");
    }

    proptest! {
        /// Whatever bytes are found, reading ends, and what is then written can be read.
        #[test]
        fn any_bytes_end_in_settings(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("settings.json");
            fs::write(&path, &bytes).unwrap();
            let found = read(&path).settings;
            let changed = Settings { reduced_motion: true, ..found.clone() };
            write(&path, &found, &changed).unwrap();
            prop_assert_eq!(read(&path).settings, changed);
        }

        /// Where nobody else wrote, a write is what was asked for.
        #[test]
        fn alone_a_write_is_what_was_asked(margin_ms in 0i64..1_000, scale_percent in 80u16..=200, moved: bool) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("settings.json");
            let base = settings(50, &["/a.mp4"]);
            write_new(&path, &base);
            let wanted = Settings { margin_ms, scale_percent, reduced_motion: moved, ..Settings::default() };
            write(&path, &base, &wanted).unwrap();
            prop_assert_eq!(read(&path).settings, wanted);
        }
    }
}
