//! A folder of what can be made or fetched again: it takes no more than so much room.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Removes the files that were used longest ago from a folder until the rest takes at most `most_bytes`. `keep` stays whatever it takes,
/// and what cannot be removed, because something on this machine has it open, stays as well. Folders in it are left alone.
///
/// # Errors
/// The folder cannot be read.
pub fn keep_within(folder: &Path, most_bytes: u64, keep: &Path) -> io::Result<()> {
    let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder)?.flatten() {
        let Ok(data) = entry.metadata() else { continue };
        if data.is_file() {
            files.push((data.modified().unwrap_or(SystemTime::UNIX_EPOCH), data.len(), entry.path()));
        }
    }
    files.sort();
    let mut total_bytes: u64 = files.iter().map(|(_, size_bytes, _)| size_bytes).sum();
    for (_, size_bytes, path) in files {
        if total_bytes <= most_bytes {
            break;
        }
        if path != keep && fs::remove_file(&path).is_ok() {
            total_bytes -= size_bytes;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_oldest_files_go_first_and_the_one_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let begin = SystemTime::now() - Duration::from_hours(1);
        for (age, name) in ["oldest", "old", "new", "newest"].into_iter().enumerate() {
            fs::write(folder.path().join(name), [0; 10]).unwrap();
            let file = fs::File::options().write(true).open(folder.path().join(name)).unwrap();
            file.set_modified(begin + Duration::from_secs(age as u64)).unwrap();
        }
        fs::create_dir(folder.path().join("folder")).unwrap();
        let left = |most_bytes, keep: &str| {
            keep_within(folder.path(), most_bytes, &folder.path().join(keep)).unwrap();
            let mut names: Vec<String> = fs::read_dir(folder.path())
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        };
        assert_eq!(left(40, "newest").len(), 5, "there is room for all");
        assert_eq!(left(25, "oldest"), ["folder", "newest", "oldest"]);
        assert_eq!(left(0, "oldest"), ["folder", "oldest"]);
        assert!(keep_within(&folder.path().join("none"), 1, folder.path()).is_err());
    }
}
