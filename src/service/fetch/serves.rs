//! Whether an address serves a file of this machine: before something is paid for that begins with the service fetching it.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::Fetcher;
use super::hop::unusable;
use crate::model::{Problem, ProblemKind};
use crate::service::words;

/// How much of what an address serves is compared, in bytes.
const COMPARED_BYTES: u64 = 64 * 1024;
/// How much of a file is read at a time, in bytes.
const PIECE_BYTES: usize = 256 * 1024;

/// A file by its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its length in bytes.
    pub size_bytes: u64,
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// That of its first 64 KiB.
    head_sha256: String,
}

impl Content {
    /// Reads a file through.
    ///
    /// # Errors
    /// [`ProblemKind::File`]: it cannot be read, or has nothing in it.
    pub async fn of_file(path: &Path) -> Result<Self, Problem> {
        let path = path.to_owned();
        let read = spawn_blocking(move || Self::read(&path).map_err(|why| not_sent(&path, &why))).await;
        read.unwrap_or_else(|err| Err(Problem::new(ProblemKind::Internal, err.to_string())))
    }

    fn read(path: &Path) -> Result<Self, String> {
        let mut file = std::fs::File::open(path).map_err(|err| err.to_string())?;
        if !file.metadata().map_err(|err| err.to_string())?.is_file() {
            return Err(words::part_not_a_file());
        }
        let (mut whole, mut head) = (Sha256::new(), Sha256::new());
        let (mut size_bytes, mut piece) = (0_u64, vec![0; PIECE_BYTES]);
        loop {
            let count = file.read(&mut piece).map_err(|err| err.to_string())?;
            if count == 0 {
                break;
            }
            let of_head = usize::try_from(COMPARED_BYTES.saturating_sub(size_bytes)).unwrap_or(0).min(count);
            head.update(&piece[..of_head]);
            whole.update(&piece[..count]);
            size_bytes += count as u64;
        }
        if size_bytes == 0 {
            return Err(words::part_empty_file());
        }
        Ok(Self { size_bytes, sha256: hex(&whole.finalize()), head_sha256: hex(&head.finalize()) })
    }
}

/// Why a file is not sent.
fn not_sent(path: &Path, why: &str) -> Problem {
    Problem::new(ProblemKind::File, words::file_not_sent(path.display(), why)).with_hint(words::file_not_sent_hint())
}

/// Hexadecimal digits, in lower case.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Fetcher {
    /// Whether an address serves this content, as far as its first 64 KiB and its length show: fetched as a service would, without a key.
    ///
    /// # Errors
    /// It serves something else or nothing, or no service elsewhere could reach it.
    pub async fn check_serves(&self, address: &str, content: &Content) -> Result<(), Problem> {
        let there = self.beginning_for("check", address, COMPARED_BYTES).await?;
        if let Some(size_bytes) = there.total_bytes.filter(|&size_bytes| size_bytes != content.size_bytes) {
            return Err(
                unusable(words::serves_other_size(size_bytes, content.size_bytes)).with_hint(words::serves_hint())
            );
        }
        if hex(&Sha256::digest(&there.bytes)) != content.head_sha256 {
            return Err(unusable(words::serves_other_content()).with_hint(words::serves_hint()));
        }
        Ok(())
    }
}
