//! A result saved: streamed into a file beside its final name, checked, then renamed. Nothing is overwritten that was not meant to be.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;

use super::hop::{content_type, text_instead, unusable};
use super::{Fetcher, duration};
use crate::model::{Problem, ProblemKind};
use crate::service::fault;

/// What to do where the file is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfExists {
    /// Leave it, and say so.
    Refuse,
    /// Put the new one in its place, once it is whole.
    Replace,
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes so far.
    pub bytes: u64,
    /// Bytes in all, where the server told.
    pub total: Option<u64>,
}

/// A file that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Where.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// What the server called it.
    pub content_type: Option<String>,
}

/// How much of the beginning is looked at to tell a page from a video, in bytes.
const LOOKED_AT_BYTES: usize = 512;

impl Fetcher {
    /// Downloads `address` into `path`. `on_progress` is called after each piece, from the task that downloads.
    ///
    /// The file appears under its name only once it is whole; dropping the future removes what is there of it.
    ///
    /// # Errors
    /// No answer, a refusal, a body that breaks off, is empty or is text, or a file that cannot be written.
    pub async fn to_file(
        &self,
        address: &str,
        path: &Path,
        if_exists: IfExists,
        mut on_progress: impl FnMut(Progress) + Send,
    ) -> Result<Saved, Problem> {
        refuse_existing(path, if_exists)?;
        let path = &real_target(path, if_exists)?;
        let mut response = self.head(address, "video/mp4, video/*;q=0.9, */*;q=0.5").await?;
        let total = response.content_length();
        let most = self.limits().file_bytes;
        let too_large = || unusable(format!("the result is larger than {} MiB", most / (1024 * 1024)));
        if total.is_some_and(|total| total > most) {
            return Err(too_large());
        }
        if total == Some(0) {
            return Err(unusable("the result is empty (0 bytes)"));
        }
        let kind = content_type(&response);
        let part = Part::beside(path)?;
        let write_failed = |err: &io::Error| write_problem(path, err);
        let mut file = tokio::fs::File::create(&part.path).await.map_err(|err| write_failed(&err))?;
        let mut hash = Sha256::new();
        let mut head = Vec::new();
        let mut size_bytes = 0_u64;
        loop {
            let piece = match timeout(duration(self.limits().gap_ms), response.chunk()).await {
                Ok(Ok(Some(piece))) => piece,
                Ok(Ok(None)) => break,
                Ok(Err(err)) => {
                    return Err(broke_off(size_bytes, total, &fault::chain(&err)));
                }
                Err(_) => return Err(broke_off(size_bytes, total, "nothing more came in time")),
            };
            if head.len() < LOOKED_AT_BYTES {
                head.extend_from_slice(&piece[..piece.len().min(LOOKED_AT_BYTES - head.len())]);
                if head.len() >= LOOKED_AT_BYTES {
                    refuse_text(&head)?;
                }
            }
            size_bytes += piece.len() as u64;
            if size_bytes > most {
                return Err(too_large());
            }
            hash.update(&piece);
            file.write_all(&piece).await.map_err(|err| write_failed(&err))?;
            on_progress(Progress { bytes: size_bytes, total });
        }
        if size_bytes == 0 {
            return Err(unusable("the result is empty (0 bytes)"));
        }
        if let Some(total) = total.filter(|&total| total != size_bytes) {
            return Err(broke_off(size_bytes, Some(total), "the server closed the connection"));
        }
        refuse_text(&head)?;
        file.flush().await.map_err(|err| write_failed(&err))?;
        file.sync_all().await.map_err(|err| write_failed(&err))?;
        drop(file);
        part.put_in_place(path, if_exists).map_err(|err| write_failed(&err))?;
        let mut sha256 = String::with_capacity(64);
        for byte in hash.finalize() {
            // Writing to a String cannot fail.
            let _ = write!(sha256, "{byte:02x}");
        }
        Ok(Saved { path: path.to_owned(), size_bytes, sha256, content_type: kind })
    }
}

fn refuse_existing(path: &Path, if_exists: IfExists) -> Result<(), Problem> {
    let problem = |why: &str| {
        Problem::new(ProblemKind::File, format!("{} {why}", path.display())).with_hint("choose another name or folder")
    };
    if path.file_name().is_none() || path.is_dir() {
        return Err(problem("is a folder: the result needs a file's name"));
    }
    if if_exists == IfExists::Refuse && path.symlink_metadata().is_ok() {
        return Err(problem("is there already, and is not overwritten"));
    }
    Ok(())
}

/// What is really to be replaced: a link stays, and the file it leads to is replaced. A device or a pipe never is.
fn real_target(path: &Path, if_exists: IfExists) -> Result<PathBuf, Problem> {
    let problem = |why: &str| {
        Problem::new(ProblemKind::File, format!("{} {why}", path.display())).with_hint("choose another name or folder")
    };
    let is_link = path.symlink_metadata().is_ok_and(|meta| meta.file_type().is_symlink());
    if if_exists == IfExists::Refuse || !is_link {
        return match path.metadata() {
            Ok(meta) if !meta.is_file() => Err(problem("is a device or a pipe, not a file")),
            _ => Ok(path.to_owned()),
        };
    }
    let target = path.canonicalize().map_err(|_| problem("is a link that leads nowhere"))?;
    if target.is_file() { Ok(target) } else { Err(problem("is a link to something that is not a file")) }
}

fn refuse_text(head: &[u8]) -> Result<(), Problem> {
    match text_instead(head) {
        Some(what) => Err(unusable(format!("the address serves {what}, and no video"))),
        None => Ok(()),
    }
}

fn broke_off(size_bytes: u64, total: Option<u64>, why: &str) -> Problem {
    let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
    fault::no_answer(format!("the download broke off after {size_bytes}{of} bytes: {why}"))
}

fn write_problem(path: &Path, err: &io::Error) -> Problem {
    let (words, hint) = match err.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            ("the disk is full".to_owned(), "make room, or save it elsewhere")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            ("writing there is not allowed".to_owned(), "choose another folder")
        }
        ErrorKind::NotFound => ("the folder is not there".to_owned(), "make it, or choose another"),
        ErrorKind::AlreadyExists => ("it is there already, and is not overwritten".to_owned(), "choose another name"),
        _ => (err.to_string(), "choose another folder"),
    };
    Problem::new(ProblemKind::File, format!("{} cannot be written: {words}", path.display())).with_hint(hint)
}

/// A file under way, with a name of its own beside the final one. Removed when dropped, unless it was put in place.
struct Part {
    path: PathBuf,
    done: bool,
}

impl Part {
    fn beside(path: &Path) -> Result<Self, Problem> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // A number of its own: two downloads into the same name must not write into each other.
        let number = getrandom::u32().map_err(|err| Problem::new(ProblemKind::Internal, err.to_string()))?;
        let short: String = name.chars().take(60).collect();
        Ok(Self { path: path.with_file_name(format!("{short}.{number:08x}.part")), done: false })
    }

    fn put_in_place(mut self, path: &Path, if_exists: IfExists) -> io::Result<()> {
        match if_exists {
            IfExists::Replace => fs::rename(&self.path, path)?,
            IfExists::Refuse => match fs::hard_link(&self.path, path) {
                // The link never replaces a file that came in the meantime; the name of the part goes when it is dropped.
                Ok(()) => return Ok(()),
                Err(err) if err.kind() == ErrorKind::AlreadyExists => return Err(err),
                // A file system without links.
                Err(_) if path.symlink_metadata().is_ok() => return Err(ErrorKind::AlreadyExists.into()),
                Err(_) => fs::rename(&self.path, path)?,
            },
        }
        self.done = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            let _ = fs::remove_file(&self.path);
        }
    }
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
            (ErrorKind::NotFound, "the folder is not there"),
        ];
        for (kind, words) in cases {
            let problem = write_problem(Path::new("/r/v.mp4"), &kind.into());
            assert_eq!(problem.kind, ProblemKind::File);
            assert!(problem.message.contains(words) && problem.message.contains("/r/v.mp4"), "{problem}");
            assert!(problem.hint.is_some());
        }
    }

    #[test]
    fn a_part_goes_unless_it_is_put_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{}.mp4", "long".repeat(50)));
        let part = Part::beside(&path).unwrap();
        fs::write(&part.path, b"x").unwrap();
        assert_ne!(part.path, Part::beside(&path).unwrap().path);
        drop(part);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        for if_exists in [IfExists::Refuse, IfExists::Replace] {
            let part = Part::beside(&path).unwrap();
            fs::write(&part.path, b"x").unwrap();
            part.put_in_place(&path, if_exists).unwrap();
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
        let part = Part::beside(&path).unwrap();
        fs::write(&part.path, b"y").unwrap();
        assert_eq!(part.put_in_place(&path, IfExists::Refuse).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"x");
    }
}
