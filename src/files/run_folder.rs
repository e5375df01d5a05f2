//! A private folder of one run in a folder that is shared, such as the system's temporary one.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const LOCK_FILE: &str = "lock";
/// A folder younger than this may belong to a run that has not locked it yet.
const SWEEP_AFTER: Duration = Duration::from_mins(1);

/// A folder that only its owner may enter. It is removed with this value; one of a run that crashed is removed by a later run.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Held open and locked as long as the run lives: that is how a later run knows.
    alive: Option<File>,
}

impl RunFolder {
    /// Makes a folder in `parent` whose name begins with `prefix`, and removes those of this prefix that runs which crashed left there.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn create(parent: &Path, prefix: &str) -> io::Result<Self> {
        fs::create_dir_all(parent)?;
        sweep(parent, prefix);
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix).rand_bytes(12);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir_in(parent)?;
        let lock = File::create(folder.path().join(LOCK_FILE))?;
        // Where the file system has no locks the run works all the same; only the sweep of a crashed one is lost.
        let _ = lock.try_lock();
        Ok(Self { path: folder.keep(), alive: Some(lock) })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        // A folder with an open file in it cannot be removed on every Windows.
        drop(self.alive.take());
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes the folders of runs that crashed.
fn sweep(parent: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(prefix);
        let data = entry.metadata().ok().filter(fs::Metadata::is_dir);
        let is_old = data
            .and_then(|data| data.modified().ok())
            .is_some_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > SWEEP_AFTER));
        if is_ours && is_old && is_abandoned(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether a folder has the lock file of a run, and no process holds that lock.
fn is_abandoned(folder: &Path) -> bool {
    File::open(folder.join(LOCK_FILE)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_a_crashed_run_left_is_removed_and_nothing_else() {
        use std::os::unix::fs::PermissionsExt as _;
        let parent = tempfile::tempdir().unwrap();
        let an_hour_ago = SystemTime::now() - Duration::from_hours(1);
        let make = |name: &str, has_lock: bool, is_old: bool| {
            let folder = parent.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("voice.wav"), b"x").unwrap();
            if has_lock {
                File::create(folder.join(LOCK_FILE)).unwrap();
            }
            if is_old {
                File::open(&folder).unwrap().set_modified(an_hour_ago).unwrap();
            }
            folder
        };
        let crashed = make("viseme-voice-crashed", true, true);
        let kept = [
            make("viseme-voice-just-made", true, false),
            make("viseme-voice-of-a-stranger", false, true),
            make("other-voice-1", true, true),
        ];
        let alive = RunFolder::create(parent.path(), "viseme-voice-").unwrap();
        File::open(alive.path()).unwrap().set_modified(an_hour_ago).unwrap();
        assert!(!crashed.exists());
        let next = RunFolder::create(parent.path(), "viseme-voice-").unwrap();
        assert!(alive.path().exists() && kept.iter().all(|folder| folder.exists()));
        assert_eq!(next.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let path = next.path().to_owned();
        drop(next);
        assert!(!path.exists());
    }
}
