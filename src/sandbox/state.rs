//! Where the sandbox's state is: in a folder that stays and that no other process has, or in one of the run.

use std::io;
use std::path::{Path, PathBuf};

use super::SandboxError;
use super::file_store::FileStore;
use super::ids::Ids;
use super::records::{OpenError, Records};

/// Where a sandbox has its state: sessions, tasks, the names of tasks, deductions, and the files of all that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatePlace {
    /// In memory, with its files in a folder of this run; that folder is made in this one, or in the system's temporary folder. It ends with
    /// the run.
    Run(Option<PathBuf>),
    /// In this folder, which one process can have at a time. The next run goes on with it.
    Kept(PathBuf),
    /// The same where that can be; else it ends with the run, which the log says, and [`super::Sandbox::keeps_state`].
    KeptIfFree(PathBuf),
}

impl StatePlace {
    /// The state that windows and commands go on with: in their data folder, unless another of them has it; of the run where there is no
    /// such folder.
    #[must_use]
    pub fn in_data_folder(data: Option<&Path>) -> Self {
        data.map_or(Self::Run(None), |data| Self::KeptIfFree(Self::folder(data)))
    }

    /// The folder of the state in a data folder.
    #[must_use]
    pub fn folder(data: &Path) -> PathBuf {
        data.join("sandbox")
    }
}

/// The records and the files at this place. Blocks.
///
/// # Errors
/// Another process has the place, a newer version wrote it, or it cannot be written.
pub fn open(place: StatePlace, ids: Ids) -> Result<(Records, FileStore), SandboxError> {
    match place {
        StatePlace::Run(parent) => of_run(parent, ids),
        StatePlace::Kept(folder) => open_kept(&folder, ids),
        StatePlace::KeptIfFree(folder) => match open_kept(&folder, ids.clone()) {
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

fn open_kept(folder: &Path, ids: Ids) -> Result<(Records, FileStore), SandboxError> {
    let records = Records::open(folder).map_err(|err| match err {
        OpenError::Taken => SandboxError::StateTaken(folder.to_owned()),
        OpenError::Newer => SandboxError::StateNewer(folder.to_owned()),
        OpenError::Io(err) => not_made(folder, err),
    })?;
    let files = FileStore::open_kept(folder.join("files"), ids).map_err(|err| not_made(folder, err))?;
    Ok((records, files))
}

fn not_made(folder: &Path, err: io::Error) -> SandboxError {
    SandboxError::Folder { path: folder.display().to_string(), err }
}
