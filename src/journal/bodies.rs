//! Bodies of exchanges that are too long for a row: in files beside the database, each under the SHA-256 of its bytes.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::db::Result;
use super::error::JournalError;
use crate::files::{self, Access, IfExists, folders};

/// As much of a body as its row takes, in bytes.
pub const ROW_BODY_BYTES: usize = 64 * 1024;

/// A body as it is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Its beginning, for the row.
    pub head: Vec<u8>,
    /// The name of its file, where it is longer than the row takes.
    pub sha256: Option<String>,
    /// How many bytes that is, in row and file.
    pub bytes: u64,
}

/// The folder of a journal's bodies: `bodies` beside the database.
pub(super) fn folder(journal: &Path) -> PathBuf {
    journal.with_file_name("bodies")
}

/// Keeps a body. In memory, without a folder, only its beginning.
///
/// Call it within the transaction that writes the row: what no row names is swept only within another.
pub(super) fn keep(folder: Option<&Path>, body: &[u8]) -> Result<Kept> {
    let head = body[..body.len().min(ROW_BODY_BYTES)].to_vec();
    let mut kept = Kept { bytes: head.len() as u64, head, sha256: None };
    if let Some(folder) = folder.filter(|_| body.len() > ROW_BODY_BYTES) {
        let name = files::hex(&Sha256::digest(body));
        let path = folder.join(&name);
        let written = folders::create_private(folder)
            .and_then(|()| files::write_whole(&path, body, IfExists::Replace, Access::OwnerOnly));
        written.map_err(|err| JournalError::of_io(&path, &err))?;
        kept.bytes += body.len() as u64;
        kept.sha256 = Some(name);
    }
    Ok(kept)
}

/// The whole of a body; its beginning where the file is gone or is not what its name says.
pub(super) fn read(folder: Option<&Path>, head: Vec<u8>, sha256: Option<&str>) -> Vec<u8> {
    let whole = folder.zip(sha256).and_then(|(folder, name)| fs::read(folder.join(name)).ok().zip(Some(name)));
    match whole {
        Some((whole, name)) if files::hex(&Sha256::digest(&whole)) == name => whole,
        _ => head,
    }
}

/// Removes the file of a body.
pub(super) fn remove(folder: &Path, sha256: &str) -> Result<()> {
    let path = folder.join(sha256);
    match fs::remove_file(&path) {
        Err(err) if err.kind() != ErrorKind::NotFound => Err(JournalError::of_io(&path, &err)),
        _ => Ok(()),
    }
}

/// The names of all files of bodies. What has another kind of name is not ours.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let is_ours = |name: &String| name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(is_ours).collect()
}
