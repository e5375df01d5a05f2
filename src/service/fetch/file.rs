//! Downloads of results: streamed into a temporary file beside the target, resumed where the connection breaks, checked, then renamed. A
//! file is overwritten only on request.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use reqwest::header::HeaderValue;
use tokio::time::sleep;

use super::hop::{Asked, Part, Rest, text_instead, unusable};
use super::incoming::{Begins, Incoming};
use super::part::{ListedPart, PartState, whole_tag};
use super::writer::Writer;
use super::{Fetcher, duration};
use crate::files::IfExists;
use crate::model::{Problem, ProblemKind, Progress, SavedFile, Wholeness};
use crate::service::{fault, schedule, words};

/// How much of the beginning is inspected to distinguish a page from a video, in bytes.
const INSPECTED_BYTES: usize = 512;
/// How many times a download is tried in all.
const TRIES: u32 = 3;

impl Fetcher {
    /// Downloads `address` into `path`. `on_progress` is called after each piece, from the task that downloads.
    ///
    /// A download that breaks off is continued where it stopped, if the server names its content by a strong `ETag` (RFC 9110, 13.1.5),
    /// and begun again otherwise; three times in all. The file appears under its name only once it is whole, by what the server and the
    /// container say; dropping the future removes the partial file.
    ///
    /// # Errors
    /// No answer, a refusal, a body that breaks off, is empty, is text or no whole video, or a file that cannot be written.
    pub async fn to_file(
        &self,
        address: &str,
        path: &Path,
        if_exists: IfExists,
        on_progress: impl FnMut(Progress) + Send,
    ) -> Result<SavedFile, Problem> {
        self.to_listed_file(address, path, if_exists, None, on_progress).await
    }

    /// The same with a part that is listed: what an earlier process has received is continued, and where the server names its content by a
    /// strong `ETag`, what breaks off or is dropped stays in the part. Any other failure removes it.
    ///
    /// # Errors
    /// As [`Fetcher::to_file`]; and another process has taken the part over.
    pub async fn to_listed_file(
        &self,
        address: &str,
        path: &Path,
        if_exists: IfExists,
        listed: Option<ListedPart>,
        mut on_progress: impl FnMut(Progress) + Send,
    ) -> Result<SavedFile, Problem> {
        let path = &download_target(path, if_exists)?;
        let (received, noted_bytes) = (Received::default(), 0);
        let mut download =
            Download { fetcher: self, address, path, if_exists, file: None, received, listed, noted_bytes };
        if download.go_on().await? {
            return download.finish().await;
        }
        let seed = getrandom::u64().unwrap_or_default();
        for attempt in 1.. {
            let Err(problem) = download.attempt(&mut on_progress).await else { break };
            if attempt >= TRIES || !problem.transient {
                download.give_up(&problem).await;
                return Err(problem);
            }
            tracing::debug!("the download is tried again: {}", problem.message);
            let limits = self.limits();
            let wait_ms = schedule::resend_ms(limits.backoff_first_ms, limits.backoff_most_ms, attempt - 1, seed);
            sleep(duration(wait_ms)).await;
        }
        download.finish().await
    }
}

/// What is there of a result.
#[derive(Default)]
struct Received {
    head: Vec<u8>,
    size_bytes: u64,
    /// How long the result is in all, where the server says so.
    total_bytes: Option<u64>,
    /// What the server calls this content: the rest can be asked for only with it.
    etag: Option<HeaderValue>,
}

/// A download in progress.
struct Download<'a> {
    fetcher: &'a Fetcher,
    address: &'a str,
    path: &'a Path,
    if_exists: IfExists,
    /// `None` before the first answer.
    file: Option<Writer>,
    received: Received,
    listed: Option<ListedPart>,
    /// How much was noted of the listed part.
    noted_bytes: u64,
}

impl Download<'_> {
    /// Goes on with what an earlier process has received. Returns whether nothing is missing.
    async fn go_on(&mut self) -> Result<bool, Problem> {
        let Some(ListedPart { path, known: Some(known), .. }) = &self.listed else { return Ok(false) };
        let (part, known) = (path.clone(), known.clone());
        let opened = Writer::at_part(part, known.received_bytes, self.path, self.if_exists, INSPECTED_BYTES).await;
        let (mut file, head, size_bytes) = opened.map_err(|err| write_problem(self.path, &err))?;
        let sha256 = file.sha256().await.map_err(|err| write_problem(self.path, &err))?;
        let is_whole = size_bytes > 0 && known.etag == whole_tag(&sha256);
        let etag = HeaderValue::try_from(known.etag).ok().filter(|etag| etag.as_bytes().starts_with(b"\""));
        file.keep_part(size_bytes > 0);
        self.received = Received { head, size_bytes, total_bytes: known.total_bytes, etag };
        (self.file, self.noted_bytes) = (Some(file), size_bytes);
        // It may have ended between the last byte and the name: there is no rest to be asked for.
        if !is_whole && (size_bytes == 0 || known.total_bytes != Some(size_bytes)) {
            return Ok(false);
        }
        if self.check_whole(true).await.is_ok() {
            return Ok(true);
        }
        self.received = Received::default();
        Ok(false)
    }

    /// Leaves a part that can be continued where it is; any other goes with its file.
    async fn give_up(&mut self, problem: &Problem) {
        let is_resumable = problem.transient && self.received.size_bytes > 0 && self.received.etag.is_some();
        let is_kept = is_resumable && self.note().await.is_ok();
        if let Some(file) = &mut self.file
            && !is_kept
            && problem.kind != ProblemKind::Usage
        {
            file.keep_part(false);
        }
    }

    /// Writes down how far a listed part is, once that is on the disk.
    async fn note(&mut self) -> Result<(), Problem> {
        let Received { size_bytes, total_bytes, etag, .. } = &self.received;
        let etag = etag.as_ref().and_then(|etag| etag.to_str().ok().map(str::to_owned));
        let (size_bytes, total_bytes) = (*size_bytes, *total_bytes);
        match etag {
            Some(etag) => self.note_as(etag, size_bytes, total_bytes).await,
            None => Ok(()),
        }
    }

    async fn note_as(&mut self, etag: String, size_bytes: u64, total_bytes: Option<u64>) -> Result<(), Problem> {
        let (Some(listed), Some(file)) = (&self.listed, &mut self.file) else { return Ok(()) };
        file.sync_part().await.map_err(|err| write_problem(self.path, &err))?;
        self.noted_bytes = size_bytes;
        if listed.noted(PartState { etag, received_bytes: size_bytes, total_bytes }).await {
            return Ok(());
        }
        Err(Problem::new(ProblemKind::Usage, words::download_taken_over()).with_hint(words::download_taken_over_hint()))
    }

    /// Fetches everything, or what is missing of it.
    async fn attempt(&mut self, on_progress: &mut (dyn FnMut(Progress) + Send)) -> Result<(), Problem> {
        let Received { size_bytes, etag, .. } = &self.received;
        let rest =
            etag.clone().filter(|_| *size_bytes > 0).map(|etag| Part::Rest(Rest { from_byte: *size_bytes, etag }));
        let accept = "video/mp4, video/*;q=0.9, */*;q=0.5";
        let asked = Asked { operation: "download", address: self.address, accept, part: rest };
        let answered = self.fetcher.get(&asked).await;
        let mut incoming = answered.inspect_err(|problem| {
            if problem.http_status == Some(416) {
                // There is no such rest: the next try begins anew.
                self.received.etag = None;
            }
        })?;
        let outcome = self.receive(&mut incoming, on_progress).await;
        incoming.end(outcome)
    }

    async fn receive(
        &mut self,
        incoming: &mut Incoming,
        on_progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Problem> {
        match incoming.begins() {
            Begins::AtStart => self.begin(incoming).await?,
            Begins::At { from_byte, total_bytes } if from_byte == self.received.size_bytes => {
                self.received.total_bytes = self.received.total_bytes.or(total_bytes);
            }
            Begins::At { .. } | Begins::Nowhere => {
                self.received.etag = None;
                return Err(fault::no_answer(words::result_other_part()));
            }
        }
        let most = self.fetcher.limits().file_bytes;
        let too_large = || unusable(words::result_too_large(most / (1024 * 1024)));
        if self.received.total_bytes.is_some_and(|total| total > most) {
            return Err(too_large());
        }
        if self.received.total_bytes == Some(0) {
            return Err(unusable(words::result_empty()));
        }
        while let Some(piece) = incoming.piece().await.map_err(|broken| self.broke_off(&broken.why()))? {
            let received = &mut self.received;
            if received.head.len() < INSPECTED_BYTES {
                let missing = INSPECTED_BYTES - received.head.len();
                received.head.extend_from_slice(&piece[..piece.len().min(missing)]);
                if received.head.len() >= INSPECTED_BYTES {
                    refuse_text(&received.head)?;
                }
            }
            received.size_bytes += piece.len() as u64;
            if received.size_bytes > most {
                return Err(too_large());
            }
            on_progress(Progress { received_bytes: received.size_bytes, total_bytes: received.total_bytes });
            let written = self.file()?.write(&piece).await;
            written.map_err(|err| write_problem(self.path, &err))?;
            let step_bytes = ListedPart::step_bytes(self.received.total_bytes);
            if self.received.size_bytes.saturating_sub(self.noted_bytes) >= step_bytes {
                self.note().await?;
            }
        }
        self.check_whole(incoming.says_its_end()).await
    }

    /// Begins from the first byte.
    async fn begin(&mut self, incoming: &Incoming) -> Result<(), Problem> {
        let made = match &mut self.file {
            Some(file) => file.restart().await,
            None => self.create().await.map(|file| self.file = Some(file)),
        };
        made.map_err(|err| write_problem(self.path, &err))?;
        self.noted_bytes = 0;
        self.received =
            Received { total_bytes: incoming.length(), etag: incoming.strong_etag(), ..Received::default() };
        Ok(())
    }

    async fn create(&self) -> io::Result<Writer> {
        match &self.listed {
            Some(listed) => {
                let made = Writer::at_part(listed.path.clone(), 0, self.path, self.if_exists, 0).await;
                made.map(|(file, ..)| file)
            }
            None => Writer::create(self.path, self.if_exists).await,
        }
    }

    /// Checks that nothing is missing. `is_ended`: the end of the answer was its end by its own account, and not just that of the
    /// connection.
    async fn check_whole(&mut self, is_ended: bool) -> Result<(), Problem> {
        let Received { head, size_bytes, total_bytes, .. } = &self.received;
        if *size_bytes == 0 && is_ended {
            return Err(unusable(words::result_empty()));
        }
        if *size_bytes == 0 || total_bytes.is_some_and(|total| total != *size_bytes) {
            return Err(self.broke_off(&words::part_closed()));
        }
        refuse_text(head)?;
        let check = self.fetcher.inner.wholeness;
        let found = self.file()?.wholeness(check).await.map_err(|err| write_problem(self.path, &err))?;
        let has_all = self.received.total_bytes.is_some();
        match found {
            Wholeness::Whole => Ok(()),
            Wholeness::Unsaid if is_ended => Ok(()),
            Wholeness::Unsaid => Err(self.broke_off(&words::part_end_unknown())),
            // The server's own file: another try brings the same.
            Wholeness::Cut(why) if has_all => Err(unusable(words::result_damaged(why))),
            Wholeness::Cut(why) => Err(self.broke_off(&why)),
            Wholeness::NotVideo(what) if is_ended => Err(unusable(words::result_is_text(what))),
            Wholeness::NotVideo(_) => Err(self.broke_off(&words::part_closed())),
        }
    }

    async fn finish(mut self) -> Result<SavedFile, Problem> {
        if self.listed.is_some() {
            let size_bytes = self.received.size_bytes;
            let path = self.path;
            let sha256 = self.file()?.sha256().await.map_err(|err| write_problem(path, &err))?;
            // Between its name and the journal a process may end: the next one finds it by its checksum.
            self.note_as(whole_tag(&sha256), size_bytes, Some(size_bytes)).await?;
        }
        let write_failed = |err: &io::Error| write_problem(self.path, err);
        let file = self.file.ok_or_else(|| write_failed(&ErrorKind::BrokenPipe.into()))?;
        let (path, sha256) = file.finish().await.map_err(|err| write_failed(&err))?;
        Ok(SavedFile { path, sha256, size_bytes: self.received.size_bytes })
    }

    fn file(&mut self) -> Result<&mut Writer, Problem> {
        let path = self.path;
        self.file.as_mut().ok_or_else(|| write_problem(path, &ErrorKind::BrokenPipe.into()))
    }

    fn broke_off(&self, why: &str) -> Problem {
        let Received { size_bytes, total_bytes, .. } = &self.received;
        let of = total_bytes.map(|total| format!(" of {total}")).unwrap_or_default();
        fault::no_answer(words::result_broke_off(format!("{size_bytes}{of}"), why))
    }
}

/// The file that a download to `path` makes.
///
/// # Errors
/// Something is in the way there.
pub fn download_target(path: &Path, if_exists: IfExists) -> Result<PathBuf, Problem> {
    refuse_existing(path, if_exists)?;
    real_target(path, if_exists)
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
