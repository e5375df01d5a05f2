//! Where the sandbox's state is: in a folder that stays and that no other process has, or in one of the run.

use std::io;
use std::path::PathBuf;

use super::file_store::FileStore;
use super::ids::Ids;
use super::records::{OpenError, Records};
use super::{SandboxError, StatePlace};

/// The records and the files at this place. Blocks.
///
/// # Errors
/// Another process has the place, a newer version wrote it, or it cannot be written.
pub fn open(place: StatePlace, ids: Ids) -> Result<(Records, FileStore), SandboxError> {
    match place {
        StatePlace::Run(parent) => of_run(parent, ids),
        StatePlace::Kept(folder) => open_kept(folder, ids),
        StatePlace::KeptIfFree(folder) => match open_kept(folder, ids.clone()) {
            Ok(opened) => Ok(opened),
            // That is how things are where several windows and commands run at once.
            Err(err @ SandboxError::StateTaken(_)) => {
                tracing::info!(%err, "this sandbox has a state of its own, which ends with it");
                of_run(None, ids)
            }
            Err(err) => {
                tracing::warn!(%err, "this sandbox has a state of its own, which ends with it");
                of_run(None, ids)
            }
        },
    }
}

fn of_run(parent: Option<PathBuf>, ids: Ids) -> Result<(Records, FileStore), SandboxError> {
    let files = FileStore::open(parent.as_deref(), ids).map_err(|err| {
        let folder = parent.unwrap_or_else(std::env::temp_dir);
        not_made(&folder, err)
    })?;
    Ok((Records::default(), files))
}

fn open_kept(folder: PathBuf, ids: Ids) -> Result<(Records, FileStore), SandboxError> {
    let records = Records::open(&folder).map_err(|err| match err {
        OpenError::Taken => SandboxError::StateTaken(folder.clone()),
        OpenError::Newer => SandboxError::StateNewer(folder.clone()),
        OpenError::Io(err) => not_made(&folder, err),
    })?;
    let files = FileStore::open_kept(folder.join("files"), ids).map_err(|err| not_made(&folder, err))?;
    Ok((records, files))
}

fn not_made(folder: &std::path::Path, err: io::Error) -> SandboxError {
    SandboxError::Folder { path: folder.display().to_string(), err }
}
