//! A download that is listed somewhere, so that a later process continues it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::spawn_blocking;

/// How far a listed download is: as much as is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartState {
    /// The strong `ETag` of the content; of one that is whole and about to get its name, [`whole_tag`].
    pub etag: String,
    /// How many bytes are on the disk.
    pub received_bytes: u64,
    /// How many there will be, where the server says so.
    pub total_bytes: Option<u64>,
}

/// What stands in place of the `ETag` of a part that is whole, so that the next process knows it under whatever name. No `ETag` looks like it.
#[must_use]
pub fn whole_tag(sha256: &str) -> String {
    format!("sha256:{sha256}")
}

/// Writes down how far a download is. Blocks. `false`: it is another process's by now.
pub type NotePart = Arc<dyn Fn(&PartState) -> bool + Send + Sync>;

/// A part that is listed before it is made.
#[derive(Clone)]
pub struct ListedPart {
    /// Where the bytes are until the file is whole: in the folder of the target.
    pub path: PathBuf,
    /// What an earlier process has received.
    pub known: Option<PartState>,
    /// Called whenever more is on the disk.
    pub note: NotePart,
}

impl fmt::Debug for ListedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListedPart").field("path", &self.path).field("known", &self.known).finish_non_exhaustive()
    }
}

/// Fewest bytes between two notes: each waits for the disk.
const STEP_BYTES: u64 = 128 * 1024;
/// The same where it is not known how many there will be.
const BLIND_STEP_BYTES: u64 = 4 * 1024 * 1024;

impl ListedPart {
    /// After how many further bytes it is noted again: of a result of known length at most a sixty-fourth and
    /// a piece is received twice.
    #[must_use]
    pub fn step_bytes(total_bytes: Option<u64>) -> u64 {
        total_bytes.map_or(BLIND_STEP_BYTES, |total| (total / 64).max(STEP_BYTES))
    }

    /// Writes down how far it is. Returns whether it is still ours.
    pub async fn noted(&self, state: PartState) -> bool {
        let note = Arc::clone(&self.note);
        // One that failed is noted again after the next piece.
        spawn_blocking(move || note(&state)).await.unwrap_or(true)
    }
}
