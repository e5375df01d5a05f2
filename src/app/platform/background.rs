//! The window's own background work: system dialogs, copies, checks of files. Each job ends with an event that wakes the window.

use std::collections::BTreeMap;
use std::fs::File;
use std::future::Future;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use egui::Context;
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::file_dialog;
use crate::app::state::copies::Remote;
use crate::app::state::desk::LeftDesk;
use crate::app::state::entry::SourceSlot;
use crate::app::state::takes::{Takes, TakesOf};
use crate::app::state::verdict::{Measured, Origin};
use crate::engine::journal::{Intent, KnownVideo, SpeechRecord};
use crate::engine::{AccountReport, Demo, Expiring, KeySearch, KnownObject, Likeness, StorageKeySearch};
use crate::files::{self, Access, IfExists, WholeFile, write_whole};
use crate::media::fit::Fitted;
use crate::media::judge::Judgement;
use crate::media::{Job, MediaError};
use crate::model::{Problem, SavedFile, ServiceCheck, Spoken, StoragePlace};
use crate::secrets::KeychainError;
use crate::worker::guarded;

/// The outcome of a job.
#[derive(Debug)]
pub enum BackgroundEvent {
    /// A file was chosen in the system's dialog.
    Chosen(Purpose, PathBuf),
    /// The system's dialog could not be opened.
    NoDialog(Purpose),
    /// The person closed the system's dialog.
    Closed,
    /// The system opened a file or folder.
    Shown,
    /// A file was saved at this path, or why not.
    Copied(PathBuf, Result<(), String>),
    /// The person cancelled saving.
    NotCopied,
    /// These recent files no longer exist.
    Missing(Vec<PathBuf>),
    /// The demo's files were unpacked, or why not.
    Unpacked(Result<Demo, String>),
    /// A path for a result, or why its folder cannot be created.
    Place(ResultPlace),
    /// The first of these paths is taken; the other is free.
    Free(PathBuf, PathBuf),
    /// Whether a file exists at this path.
    There(PathBuf, bool),
    /// The tasks of the journal that are not at their end, newest first; or why they cannot be read.
    Unfinished(Result<Vec<Intent>, String>),
    /// An unclear create was closed, or why not.
    TaskClosed(Result<(), Problem>),
    /// A task was deleted from the history, or why not.
    Deleted(Result<(), String>),
    /// How a window was left, or why that cannot be read.
    DeskRead(Result<Box<LeftDesk>, String>),
    /// What the result in this file was made from, and what was measured of it before.
    OriginRead(PathBuf, Box<Origin>, Option<Box<Judgement>>),
    /// The takes of a clip that are on this machine, and what was measured of them before.
    TakesRead(TakesOf, Takes, Vec<Measured>),
    /// What is spent today at each service, by its name.
    Spent(BTreeMap<String, f64>),
    /// Those of the files dragged over the window that are folders.
    Folders(Vec<PathBuf>),
    /// The system could not open a file or folder.
    NotOpened(String),
    /// The key that was kept for a service, by its account.
    KeySought(String, Result<KeySearch, Problem>),
    /// The keys that were kept for a bucket.
    StorageKeysSought(StoragePlace, Result<StorageKeySearch, Problem>),
    /// The keys of the storage were kept in the keychain, or why not.
    StorageKeysKept(Result<(), KeychainError>),
    /// The keys of the storage were forgotten, where there were any; or why not.
    StorageKeysForgotten(Result<bool, KeychainError>),
    /// So many objects were deleted from the storage, or why not.
    StorageTidied(Result<usize, Problem>),
    /// What lies in the storage, or why that is not known.
    StoredRead(Result<Vec<KnownObject>, Problem>),
    /// The object with this key was deleted from the storage, or why not.
    StoredDeleted(String, Result<(), Problem>),
    /// The storage was tried out, or what does not work.
    StorageChecked(Result<(), Problem>),
    /// The key of the service of this name was kept in the keychain, or why not.
    KeyKept(String, Result<(), KeychainError>),
    /// The key of the service of this name was forgotten, where there was one; or why not.
    KeyForgotten(String, Result<bool, KeychainError>),
    /// The connection to the service was checked, or could not be.
    Checked(Result<ServiceCheck, Problem>),
    /// The account of the service of this name, or why it is not known.
    Account(String, Result<AccountReport, Problem>),
    /// A text was spoken by the service of this name, or not.
    Spoken(String, Result<Spoken, Problem>),
    /// The sound of the spoken text with this id was fetched, or not.
    SpeechFetched(String, Result<PathBuf, Problem>),
    /// The results that nobody has saved and that go soon.
    ExpiringRead(Vec<Expiring>),
    /// The texts that were sent to the service in use to be spoken, the newest first.
    SpeechesRead(Vec<SpeechRecord>),
    /// A fitted copy of this file, or why there is none.
    Fitted(SourceSlot, PathBuf, Box<Result<Box<Fitted>, MediaError>>),
    /// What is at this address was fetched for the preview, or not.
    CopyFetched(SourceSlot, String, Result<SavedFile, Problem>),
    /// What is at this address was fetched before: the file, and when; milliseconds since the epoch.
    CopyFound(SourceSlot, Remote, PathBuf, i64),
    /// Whether a file is what is at this address, or why that is not known.
    CopyCompared(SourceSlot, String, PathBuf, Result<Likeness, Problem>),
    /// What the journal knows of the video with this id.
    VideoRead(String, Option<KnownVideo>),
    /// The job panicked.
    Died(String),
}

/// Where a result of a task is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultPlace {
    /// The task's id.
    pub task_id: String,
    /// The index of the video among the task's.
    pub index: usize,
    /// A path at which nothing exists yet.
    pub to: PathBuf,
    /// Why its folder cannot be created.
    pub trouble: Option<String>,
}

/// The purpose of a file dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A source to open.
    Open(SourceSlot),
    /// A copy of a source that is elsewhere.
    Copy(SourceSlot),
    /// A path to save to.
    Save,
    /// The folder for results.
    Downloads,
}

/// The outcome of a request for the system's dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DialogRequest {
    /// It is being opened.
    New,
    /// The dialog requested before is still open, or being opened.
    StillOpen,
    /// The dialog requested before has not responded for a while and is given up; another one is being opened.
    Anew,
}

/// A dialog that is open for longer may hang: it does not block the next request.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(3);

/// A dialog that is open.
#[derive(Clone, Copy, Debug)]
struct OpenDialog {
    serial: u64,
    since: Instant,
}

/// Starts the window's background jobs and receives their events.
pub struct Background {
    ctx: Context,
    /// The runtime of the whole process.
    runtime: Handle,
    /// Events, with the number of the dialog for those of a dialog.
    sender: Sender<(Option<u64>, BackgroundEvent)>,
    receiver: Receiver<(Option<u64>, BackgroundEvent)>,
    /// The dialog that is open.
    open: Option<OpenDialog>,
    /// Number of the dialogs requested so far.
    dialogs: u64,
    /// The copy that is being written.
    copying: Job,
    /// The copies that are being fetched, of clip and voice.
    pub(super) fetching: [Option<AbortHandle>; 2],
}

impl Background {
    /// Background jobs that wake this window.
    #[must_use]
    pub fn new(ctx: Context, runtime: Handle) -> Self {
        let (sender, receiver) = channel();
        Self { ctx, runtime, sender, receiver, open: None, dialogs: 0, copying: Job::new(), fetching: [None, None] }
    }

    /// What the window's jobs wake it with.
    #[must_use]
    pub const fn ctx(&self) -> &Context {
        &self.ctx
    }

    /// The next event. A late event of a dialog that was given up is dropped.
    pub fn take(&mut self) -> Option<BackgroundEvent> {
        loop {
            // Never disconnected: `self` holds a sender, and work that panics sends `Died`.
            let (dialog, event) = self.receiver.try_recv().ok()?;
            if dialog.is_none() {
                return Some(event);
            }
            if dialog == self.open.map(|open| open.serial) {
                self.open = None;
                return Some(event);
            }
        }
    }

    /// Shows the system's dialog, one at a time. A portal that hangs blocks nothing else, and the next dialog only for a short time.
    pub fn browse(&mut self, purpose: Purpose, start_at: Option<&Path>) -> DialogRequest {
        let (serial, asked) = self.admit(Instant::now());
        if let Some(serial) = serial {
            let start_at = start_at.map(Path::to_owned);
            let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
            self.runtime.spawn(async move {
                let answer = file_dialog::ask(purpose, start_at).await;
                let _ = sender.send((Some(serial), answer));
                ctx.request_repaint();
            });
        }
        asked
    }

    /// Whether another dialog may be opened now, and its number; none while another one is open.
    fn admit(&mut self, now: Instant) -> (Option<u64>, DialogRequest) {
        let asked = match self.open {
            None => DialogRequest::New,
            Some(open) if now.duration_since(open.since) < GIVEN_UP_AFTER => return (None, DialogRequest::StillOpen),
            Some(_) => DialogRequest::Anew,
        };
        self.dialogs += 1;
        self.open = Some(OpenDialog { serial: self.dialogs, since: now });
        (Some(self.dialogs), asked)
    }

    /// Checks which of these files no longer exist. A network folder may be slow.
    pub fn look_for(&self, files: Vec<PathBuf>) {
        self.spawn("Checking the recent files", move || {
            BackgroundEvent::Missing(files.into_iter().filter(|path| !path.is_file()).collect())
        });
    }

    /// Unpacks the demo's files into a folder.
    pub fn unpack_demo(&self, folder: PathBuf) {
        self.spawn("Unpacking the demo", move || {
            let words = |err: std::io::Error| format!("The demo cannot be written to {}: {err}", folder.display());
            BackgroundEvent::Unpacked(Demo::unpack(&folder).map_err(words))
        });
    }

    /// Finds a free path beside `path`, where that is taken.
    pub fn find_free(&self, path: PathBuf) {
        self.spawn("Finding a free path", move || {
            let free = files::free_path(&path);
            BackgroundEvent::Free(path, free)
        });
    }

    /// Checks whether a file exists at `path`.
    pub fn look_whether(&self, path: PathBuf) {
        self.spawn("Checking the path", move || {
            let there = path.exists();
            BackgroundEvent::There(path, there)
        });
    }

    /// Checks which of these paths are folders.
    pub fn look_for_folders(&self, paths: Vec<PathBuf>) {
        self.spawn("Checking the dragged files", move || {
            BackgroundEvent::Folders(paths.into_iter().filter(|path| path.is_dir()).collect())
        });
    }

    /// Copies a file, and creates its folder. An interrupted copy leaves no partial file behind.
    pub fn copy(&mut self, from: PathBuf, to: PathBuf) {
        self.copying = Job::new();
        let job = self.copying.clone();
        self.spawn("Copying the file", move || {
            let copied = copy_whole(&from, &to, &job);
            if copied.is_err() && job.is_cancelled() {
                return BackgroundEvent::NotCopied;
            }
            BackgroundEvent::Copied(to, copied.map_err(|err| err.to_string()))
        });
    }

    /// Cancels the copy that is being written.
    pub fn cancel_copy(&self) {
        self.copying.cancel();
    }

    /// Writes a text to a file, and creates its folder. An interrupted write leaves no partial file behind.
    pub fn write(&self, text: String, to: PathBuf) {
        self.spawn("Writing the file", move || {
            let written = write_whole(&to, text.as_bytes(), IfExists::Replace, Access::Usual);
            BackgroundEvent::Copied(to, written.map(|_| ()).map_err(|err| err.to_string()))
        });
    }

    /// Sends the event of something that is awaited. Returns what stops it, after which no event comes.
    pub(super) fn receive(&self, awaited: impl Future<Output = BackgroundEvent> + Send + 'static) -> AbortHandle {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        let task = self.runtime.spawn(async move {
            let _ = sender.send((None, awaited.await));
            ctx.request_repaint();
        });
        task.abort_handle()
    }

    /// Opens a file or folder in the system's default program.
    pub fn show(&self, path: PathBuf) {
        self.spawn("Opening the file", move || match super::opened::open(&path) {
            Ok(()) => BackgroundEvent::Shown,
            Err(err) => BackgroundEvent::NotOpened(format!("{err}. The file is {}", path.display())),
        });
    }

    /// Runs `work` on a blocking thread and sends its event. A panic is an event, too, so that nothing waits forever.
    pub(super) fn spawn(&self, name: &'static str, work: impl FnOnce() -> BackgroundEvent + Send + 'static) {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        self.runtime.spawn_blocking(move || {
            let event = guarded(work).unwrap_or_else(|panic| {
                tracing::error!(name, panic, "work of the window panicked");
                BackgroundEvent::Died(format!("{name} failed because of an error in the program: {panic}. Try again"))
            });
            // The send fails when the window is closed; the event is not needed then.
            let _ = sender.send((None, event));
            ctx.request_repaint();
        });
    }
}

/// Chunk size of a copy, in bytes: it can be cancelled between two chunks.
const PIECE_BYTES: usize = 1024 * 1024;

fn copy_whole(from: &Path, to: &Path, job: &Job) -> std::io::Result<()> {
    if std::fs::canonicalize(to).is_ok_and(|to| std::fs::canonicalize(from).is_ok_and(|from| from == to)) {
        return Ok(());
    }
    let mut from = File::open(from)?;
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // An existing file is replaced: the dialog asked the person about that.
    let mut whole = WholeFile::create(to, IfExists::Replace, Access::Usual)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        job.check().map_err(|err| std::io::Error::new(std::io::ErrorKind::Interrupted, err))?;
        let count = from.read(&mut piece)?;
        if count == 0 {
            return whole.finish().map(|_| ());
        }
        whole.write_all(&piece[..count])?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_that_hangs_is_given_up_for_the_next_and_its_late_answer_dropped() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut background = Background::new(Context::default(), runtime.handle().clone());
        let began = Instant::now();
        assert_eq!(background.admit(began), (Some(1), DialogRequest::New));
        assert_eq!(background.admit(began + Duration::from_secs(1)), (None, DialogRequest::StillOpen));
        assert_eq!(background.admit(began + Duration::from_secs(4)), (Some(2), DialogRequest::Anew));
        let chosen = |name: &str| BackgroundEvent::Chosen(Purpose::Save, name.into());
        background.sender.send((Some(1), chosen("late.mp4"))).unwrap();
        background.sender.send((None, BackgroundEvent::Shown)).unwrap();
        background.sender.send((Some(2), chosen("new.mp4"))).unwrap();
        assert!(matches!(background.take(), Some(BackgroundEvent::Shown)), "the late answer is nobody's");
        assert!(matches!(background.take(), Some(BackgroundEvent::Chosen(_, path)) if path == Path::new("new.mp4")));
        assert!(background.take().is_none());
        assert_eq!(background.admit(began + Duration::from_secs(5)), (Some(3), DialogRequest::New));
    }

    #[test]
    fn work_that_panics_is_news_too() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut background = Background::new(Context::default(), runtime.handle().clone());
        background.spawn("Copying the file", || panic!("no luck"));
        let event = loop {
            match background.take() {
                Some(event) => break event,
                None => std::thread::yield_now(),
            }
        };
        assert!(
            matches!(event, BackgroundEvent::Died(why) if why.contains("no luck") && why.starts_with("Copying the file failed"))
        );
    }

    #[test]
    fn a_copy_is_whole_or_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a.mp4"), folder.path().join("new/b.mp4"));
        std::fs::write(&from, b"film").unwrap();
        let job = Job::new();
        copy_whole(&from, &to, &job).unwrap();
        assert_eq!(std::fs::read(&to).unwrap(), b"film");
        copy_whole(&to, &to, &job).unwrap();
        assert_eq!(std::fs::read(&to).unwrap(), b"film", "onto itself it stays");
        assert!(copy_whole(&folder.path().join("none"), &folder.path().join("c.mp4"), &job).is_err());
        let stopped = Job::new();
        stopped.cancel();
        assert!(copy_whole(&from, &folder.path().join("d.mp4"), &stopped).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing half is left");
    }
}
