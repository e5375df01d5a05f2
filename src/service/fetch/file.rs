//! Downloads of results: streamed into a temporary file beside the target, checked, then renamed. A file is overwritten only on request.

use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::Fetcher;
use super::hop::{text_instead, unusable};
use super::incoming::Incoming;
use crate::files::{Access, IfExists, WholeFile, hex};
use crate::model::{Problem, ProblemKind, Progress, SavedFile};
use crate::service::{fault, words};

/// How much of the beginning is inspected to distinguish a page from a video, in bytes.
const INSPECTED_BYTES: usize = 512;

impl Fetcher {
    /// Downloads `address` into `path`. `on_progress` is called after each piece, from the task that downloads.
    ///
    /// The file appears under its name only once it is complete; dropping the future removes the partial file.
    ///
    /// # Errors
    /// No answer, a refusal, a body that breaks off, is empty or is text, or a file that cannot be written.
    pub async fn to_file(
        &self,
        address: &str,
        path: &Path,
        if_exists: IfExists,
        mut on_progress: impl FnMut(Progress) + Send,
    ) -> Result<SavedFile, Problem> {
        refuse_existing(path, if_exists)?;
        let path = &real_target(path, if_exists)?;
        let mut incoming = self.get("download", address, "video/mp4, video/*;q=0.9, */*;q=0.5").await?;
        let saved = self.save(&mut incoming, path, if_exists, &mut on_progress).await;
        incoming.end(saved)
    }

    async fn save(
        &self,
        incoming: &mut Incoming,
        path: &Path,
        if_exists: IfExists,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<SavedFile, Problem> {
        let total_bytes = incoming.length();
        let most = self.limits().file_bytes;
        let too_large = || unusable(words::result_too_large(most / (1024 * 1024)));
        if total_bytes.is_some_and(|total| total > most) {
            return Err(too_large());
        }
        if total_bytes == Some(0) {
            return Err(unusable(words::result_empty()));
        }
        let write_failed = |err: &io::Error| write_problem(path, err);
        let mut file = Writer::create(path, if_exists).await.map_err(|err| write_failed(&err))?;
        let mut head = Vec::new();
        let mut size_bytes = 0_u64;
        while let Some(piece) =
            incoming.piece().await.map_err(|broken| broke_off(size_bytes, total_bytes, &broken.why()))?
        {
            if head.len() < INSPECTED_BYTES {
                head.extend_from_slice(&piece[..piece.len().min(INSPECTED_BYTES - head.len())]);
                if head.len() >= INSPECTED_BYTES {
                    refuse_text(&head)?;
                }
            }
            size_bytes += piece.len() as u64;
            if size_bytes > most {
                return Err(too_large());
            }
            file.write(&piece).await.map_err(|err| write_failed(&err))?;
            on_progress(Progress { received_bytes: size_bytes, total_bytes });
        }
        if size_bytes == 0 {
            return Err(unusable(words::result_empty()));
        }
        if let Some(total) = total_bytes.filter(|&total| total != size_bytes) {
            return Err(broke_off(size_bytes, Some(total), &words::part_closed()));
        }
        refuse_text(&head)?;
        let (path, sha256) = file.finish().await.map_err(|err| write_failed(&err))?;
        Ok(SavedFile { path, sha256, size_bytes })
    }
}

/// Size of the write buffer, in bytes.
const GATHERED_BYTES: usize = 256 * 1024;

/// A file being written, on threads that may block. Dropped before it is finished, it leaves nothing behind.
struct Writer {
    /// `None` only while a write is in progress.
    open: Option<(WholeFile, Sha256)>,
    gathered: Vec<u8>,
}

impl Writer {
    async fn create(path: &Path, if_exists: IfExists) -> io::Result<Self> {
        let path = path.to_owned();
        let file = blocking(move || WholeFile::create(&path, if_exists, Access::Usual)).await?;
        Ok(Self { open: Some((file, Sha256::new())), gathered: Vec::with_capacity(GATHERED_BYTES) })
    }

    async fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.gathered.extend_from_slice(piece);
        if self.gathered.len() >= GATHERED_BYTES { self.write_gathered().await } else { Ok(()) }
    }

    async fn write_gathered(&mut self) -> io::Result<()> {
        let (Some((mut file, mut hash)), mut bytes) = (self.open.take(), std::mem::take(&mut self.gathered)) else {
            return Err(ErrorKind::BrokenPipe.into());
        };
        let (file, hash, bytes) = blocking(move || {
            hash.update(&bytes);
            file.write_all(&bytes)?;
            bytes.clear();
            Ok((file, hash, bytes))
        })
        .await?;
        self.open = Some((file, hash));
        self.gathered = bytes;
        Ok(())
    }

    /// Gives the file its name; returns that and the checksum.
    async fn finish(mut self) -> io::Result<(PathBuf, String)> {
        self.write_gathered().await?;
        let Some((file, hash)) = self.open.take() else { return Err(ErrorKind::BrokenPipe.into()) };
        let path = blocking(move || file.finish()).await?;
        Ok((path, hex(&hash.finalize())))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn refuse_existing(path: &Path, if_exists: IfExists) -> Result<(), Problem> {
    let problem = |words: String| Problem::new(ProblemKind::File, words).with_hint(words::other_path_hint());
    if path.file_name().is_none() || path.is_dir() {
        return Err(problem(words::path_is_folder(path.display())));
    }
    if if_exists == IfExists::Refuse && path.symlink_metadata().is_ok() {
        return Err(problem(words::path_exists(path.display())));
    }
    Ok(())
}

/// The file to write: for a link that is to be replaced, the file it points to. A device or a pipe is never replaced.
fn real_target(path: &Path, if_exists: IfExists) -> Result<PathBuf, Problem> {
    let problem = |words: String| Problem::new(ProblemKind::File, words).with_hint(words::other_path_hint());
    let is_link = path.symlink_metadata().is_ok_and(|meta| meta.file_type().is_symlink());
    if if_exists != IfExists::Replace || !is_link {
        return match path.metadata() {
            Ok(meta) if !meta.is_file() => Err(problem(words::path_is_device(path.display()))),
            _ => Ok(path.to_owned()),
        };
    }
    let target = path.canonicalize().map_err(|_| problem(words::path_is_dead_link(path.display())))?;
    if target.is_file() { Ok(target) } else { Err(problem(words::path_is_other_link(path.display()))) }
}

fn refuse_text(head: &[u8]) -> Result<(), Problem> {
    match text_instead(head) {
        Some(what) => Err(unusable(words::result_is_text(what))),
        None => Ok(()),
    }
}

fn broke_off(size_bytes: u64, total: Option<u64>, why: &str) -> Problem {
    let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
    fault::no_answer(words::result_broke_off(format!("{size_bytes}{of}"), why))
}

fn write_problem(path: &Path, err: &io::Error) -> Problem {
    let (why, hint) = match err.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => (words::part_disk_full(), words::disk_full_hint()),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            (words::part_not_allowed(), words::other_folder_hint())
        }
        ErrorKind::NotFound => (words::part_no_folder(), words::make_folder_hint()),
        ErrorKind::AlreadyExists => (words::part_exists(), words::other_name_hint()),
        _ => (err.to_string(), words::other_folder_hint()),
    };
    Problem::new(ProblemKind::File, words::not_written(path.display(), why)).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hinders_writing_is_said_plainly() {
        let cases = [
            (ErrorKind::StorageFull, "the disk is full"),
            (ErrorKind::QuotaExceeded, "the disk is full"),
            (ErrorKind::PermissionDenied, "not allowed"),
            (ErrorKind::ReadOnlyFilesystem, "not allowed"),
            (ErrorKind::NotFound, "the folder does not exist"),
        ];
        for (kind, words) in cases {
            let problem = write_problem(Path::new("/r/v.mp4"), &kind.into());
            assert_eq!(problem.kind, ProblemKind::File);
            assert!(problem.message.contains(words) && problem.message.contains("/r/v.mp4"), "{problem}");
            assert!(problem.hint.is_some());
        }
    }
}
