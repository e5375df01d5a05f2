//! Work of the window's own that must not hold it up: system dialogs, copies. Each ends in a message that wakes it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use egui::Context;

use crate::app::state::entry::SourceSlot;
use crate::engine::Demo;
use crate::engine::accepted::{Accepted, unfinished};
use crate::files;
use crate::media::Job;

/// What came of a piece of work.
#[derive(Debug)]
pub enum News {
    /// A file was chosen in the system's dialog.
    Chosen(Purpose, PathBuf),
    /// The system's dialog could not be shown.
    NoDialog(Purpose),
    /// The person closed the system's dialog.
    Closed,
    /// The system shows a file or folder.
    Shown,
    /// A file was saved to this place, or why not.
    Copied(PathBuf, Result<(), String>),
    /// The person stopped saving.
    NotCopied,
    /// These files, which were opened once, are not there any more.
    Missing(Vec<PathBuf>),
    /// The demo's files are there, or why not.
    Unpacked(Result<Demo, String>),
    /// A place for a result, or why its folder cannot be made.
    Place(ResultPlace),
    /// At the first of these paths is something already; the other is free.
    Free(PathBuf, PathBuf),
    /// Something is at this path, or nothing.
    There(PathBuf, bool),
    /// The accepted tasks of which no end is known, newest first; or why they cannot be read.
    Unfinished(Result<Vec<Accepted>, String>),
    /// Which of the files dragged over the window are folders.
    Folders(Vec<PathBuf>),
    /// A file or folder could not be shown by the system.
    NotOpened(String),
}

/// Where a result of a task goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultPlace {
    /// The task's id.
    pub task_id: String,
    /// Which of its videos, from 0.
    pub index: usize,
    /// A path at which nothing is yet.
    pub to: PathBuf,
    /// Why its folder cannot be made.
    pub trouble: Option<String>,
}

/// What a file is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A source to open.
    Open(SourceSlot),
    /// A place to save to.
    Save,
    /// The folder for results.
    Downloads,
}

/// What asking for the system's dialog led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is asked for.
    New,
    /// The one asked for before is still open, or on its way.
    StillOpen,
    /// The one asked for before has not answered for long and is given up; another is asked for.
    Anew,
}

/// A dialog that ends sooner than this was never seen by anybody.
const SEEN_AFTER: Duration = Duration::from_millis(350);
/// A dialog that is open for longer may hang: whoever asks again is not held up by it.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(3);

/// A dialog that is open.
#[derive(Clone, Copy, Debug)]
struct OpenDialog {
    serial: u64,
    since: Instant,
}

/// The workers' way back.
pub struct Background {
    ctx: Context,
    /// News, and of which dialog where it is of one.
    give: Sender<(Option<u64>, News)>,
    news: Receiver<(Option<u64>, News)>,
    /// The dialog whose answer is waited for.
    open: Option<OpenDialog>,
    /// How many dialogs were asked for.
    dialogs: u64,
    /// The copy that is being written.
    copying: Job,
}

impl Background {
    /// A way back to this window.
    #[must_use]
    pub fn new(ctx: Context) -> Self {
        let (give, news) = channel();
        Self { ctx, give, news, open: None, dialogs: 0, copying: Job::new() }
    }

    /// What is new. The late answer of a dialog that was given up is dropped.
    pub fn take(&mut self) -> Option<News> {
        loop {
            let (dialog, news) = self.news.try_recv().ok()?;
            if dialog.is_none() {
                return Some(news);
            }
            if dialog == self.open.map(|open| open.serial) {
                self.open = None;
                return Some(news);
            }
        }
    }

    /// Shows the system's dialog. One at a time; a portal that hangs holds up nothing else, and not the next dialog for long.
    pub fn browse(&mut self, purpose: Purpose, start_at: Option<&Path>) -> Asked {
        let (serial, asked) = self.admit(Instant::now());
        if let Some(serial) = serial {
            let start_at = start_at.map(Path::to_owned);
            self.spawn_for(Some(serial), "file dialog", move || ask_system(purpose, start_at.as_deref()));
        }
        asked
    }

    /// Whether another dialog may be shown now: the number it is shown under, unless one is open.
    fn admit(&mut self, now: Instant) -> (Option<u64>, Asked) {
        let asked = match self.open {
            None => Asked::New,
            Some(open) if now.duration_since(open.since) < GIVEN_UP_AFTER => return (None, Asked::StillOpen),
            Some(_) => Asked::Anew,
        };
        self.dialogs += 1;
        self.open = Some(OpenDialog { serial: self.dialogs, since: now });
        (Some(self.dialogs), asked)
    }

    /// Looks which of these files are not there any more. A folder of a network may take its time.
    pub fn look_for(&self, files: Vec<PathBuf>) {
        self.spawn("recent files", move || News::Missing(files.into_iter().filter(|path| !path.is_file()).collect()));
    }

    /// Writes the demo's files into a folder.
    pub fn unpack_demo(&self, folder: PathBuf) {
        self.spawn("demo", move || {
            let words = |err: std::io::Error| format!("The demo cannot be written to {}: {err}", folder.display());
            News::Unpacked(Demo::unpack(&folder).map_err(words))
        });
    }

    /// Finds a place in `folder` for a result of a task, and makes the folder.
    pub fn find_place(&self, folder: PathBuf, stem: String, task_id: String, index: usize) {
        self.spawn("place of the result", move || {
            let made = std::fs::create_dir_all(&folder);
            let trouble = made
                .err()
                .map(|err| format!("The folder {} cannot be made: {err}. Save the result elsewhere", folder.display()));
            News::Place(ResultPlace {
                task_id,
                index,
                to: files::free_path(&folder.join(format!("{}.mp4", files::safe_stem(&stem)))),
                trouble,
            })
        });
    }

    /// Finds a free path beside `path`, where there is something at it.
    pub fn find_free(&self, path: PathBuf) {
        self.spawn("free path", move || {
            let free = files::free_path(&path);
            News::Free(path, free)
        });
    }

    /// Looks whether something is at `path`.
    pub fn look_whether(&self, path: PathBuf) {
        self.spawn("file to be", move || {
            let there = path.exists();
            News::There(path, there)
        });
    }

    /// Reads which accepted tasks are not at their end; of no file there are none.
    pub fn read_unfinished(&self, file: Option<PathBuf>) {
        self.spawn("accepted tasks", move || {
            let Some(file) = file else { return News::Unfinished(Ok(Vec::new())) };
            let tasks = unfinished(&file).map(|tasks| tasks.into_iter().rev().collect());
            News::Unfinished(tasks.map_err(|err| {
                format!("The file of accepted tasks, {}, cannot be read: {err}. Enter the id by hand", file.display())
            }))
        });
    }

    /// Looks which of these are folders.
    pub fn look_for_folders(&self, paths: Vec<PathBuf>) {
        self.spawn("held files", move || News::Folders(paths.into_iter().filter(|path| path.is_dir()).collect()));
    }

    /// Copies a file, and makes the folder it goes to. A copy that breaks off leaves nothing half behind.
    pub fn copy(&mut self, from: PathBuf, to: PathBuf) {
        self.copying = Job::new();
        let job = self.copying.clone();
        self.spawn("copy", move || {
            let copied = copy_whole(&from, &to, &job);
            if copied.is_err() && job.is_cancelled() {
                return News::NotCopied;
            }
            News::Copied(to, copied.map_err(|err| err.to_string()))
        });
    }

    /// Stops the copy that is being written.
    pub fn cancel_copy(&self) {
        self.copying.cancel();
    }

    /// Writes a text into a file, and makes the folder it goes to. What breaks off leaves nothing half behind.
    pub fn write(&self, text: String, to: PathBuf) {
        self.spawn("write", move || {
            let written = write_whole(&text, &to).map_err(|err| err.to_string());
            News::Copied(to, written)
        });
    }

    /// Has the system show a file or folder in the program made for it.
    pub fn show(&self, path: PathBuf) {
        self.spawn("show", move || match open::that_detached(&path) {
            Ok(()) => News::Shown,
            Err(err) => News::NotOpened(format!("{err}. The file is {}", path.display())),
        });
    }

    fn spawn(&self, name: &str, work: impl FnOnce() -> News + Send + 'static) {
        self.spawn_for(None, name, work);
    }

    fn spawn_for(&self, dialog: Option<u64>, name: &str, work: impl FnOnce() -> News + Send + 'static) {
        let (give, ctx) = (self.give.clone(), self.ctx.clone());
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            // The window may be gone by now: then nobody wants to know.
            let _ = give.send((dialog, work()));
            ctx.request_repaint();
        });
        if let Err(err) = started {
            tracing::warn!(%err, name, "no thread could be started");
            let _ = self.give.send((dialog, News::NotOpened(format!("no thread could be started: {err}"))));
        }
    }
}

/// Shows the system's dialog, and waits until it is answered.
fn ask_system(purpose: Purpose, start_at: Option<&Path>) -> News {
    let mut dialog = rfd::AsyncFileDialog::new();
    dialog = match purpose {
        Purpose::Open(SourceSlot::Clip) => {
            dialog.set_title("Choose a clip").add_filter("Clips (MP4, MOV)", &["mp4", "mov", "m4v", "MP4", "MOV"])
        }
        Purpose::Open(SourceSlot::Voice) => dialog
            .set_title("Choose a voice")
            .add_filter("Voices (MP3, WAV, M4A, AAC)", &["mp3", "wav", "m4a", "aac", "MP3", "WAV", "M4A", "AAC"]),
        Purpose::Downloads => dialog.set_title("Choose the folder for results"),
        Purpose::Save => match start_at.and_then(Path::extension).and_then(|ending| ending.to_str()) {
            Some(ending @ ("json" | "txt")) => dialog.set_title("Save the body").add_filter("Text", &[ending]),
            _ => dialog.set_title("Save the result").add_filter("MP4", &["mp4"]),
        },
    };
    if let Some(path) = start_at {
        let folder = if purpose == Purpose::Downloads { Some(path) } else { path.parent() };
        if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
            dialog = dialog.set_directory(folder);
        }
        if let (Purpose::Save, Some(name)) = (purpose, path.file_name()) {
            dialog = dialog.set_file_name(name.to_string_lossy());
        }
    }
    let asked = Instant::now();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return News::NoDialog(purpose);
    };
    let chosen = runtime.block_on(async {
        match purpose {
            Purpose::Open(_) => dialog.pick_file().await,
            Purpose::Save => dialog.save_file().await,
            Purpose::Downloads => dialog.pick_folder().await,
        }
    });
    match chosen {
        Some(file) => News::Chosen(purpose, file.path().to_owned()),
        None if asked.elapsed() < SEEN_AFTER => News::NoDialog(purpose),
        None => News::Closed,
    }
}

fn write_whole(text: &str, to: &Path) -> std::io::Result<()> {
    put_whole(to, |part| std::fs::write(part, text))
}

/// As much is copied at once, in bytes: so soon it can be stopped.
const PIECE_BYTES: usize = 1024 * 1024;

fn copy_whole(from: &Path, to: &Path, job: &Job) -> std::io::Result<()> {
    if std::fs::canonicalize(to).is_ok_and(|to| std::fs::canonicalize(from).is_ok_and(|from| from == to)) {
        return Ok(());
    }
    put_whole(to, |part| {
        let (mut from, mut part) = (File::open(from)?, File::create(part)?);
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            job.check().map_err(|err| std::io::Error::new(std::io::ErrorKind::Interrupted, err))?;
            let count = from.read(&mut piece)?;
            if count == 0 {
                return Ok(());
            }
            part.write_all(&piece[..count])?;
        }
    })
}

/// Has a file made beside its place, and puts it there once it is whole.
fn put_whole(to: &Path, make: impl FnOnce(&Path) -> std::io::Result<()>) -> std::io::Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let made = make(&part).and_then(|()| std::fs::rename(&part, to));
    if made.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dialog_that_hangs_is_given_up_for_the_next_and_its_late_answer_dropped() {
        let mut background = Background::new(Context::default());
        let began = Instant::now();
        assert_eq!(background.admit(began), (Some(1), Asked::New));
        assert_eq!(background.admit(began + Duration::from_secs(1)), (None, Asked::StillOpen));
        assert_eq!(background.admit(began + Duration::from_secs(4)), (Some(2), Asked::Anew));
        let chosen = |name: &str| News::Chosen(Purpose::Save, name.into());
        background.give.send((Some(1), chosen("late.mp4"))).unwrap();
        background.give.send((None, News::Shown)).unwrap();
        background.give.send((Some(2), chosen("new.mp4"))).unwrap();
        assert!(matches!(background.take(), Some(News::Shown)), "the late answer is nobody's");
        assert!(matches!(background.take(), Some(News::Chosen(_, path)) if path == Path::new("new.mp4")));
        assert!(background.take().is_none());
        assert_eq!(background.admit(began + Duration::from_secs(5)), (Some(3), Asked::New));
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
        write_whole("text", &to).unwrap();
        assert_eq!(std::fs::read(&to).unwrap(), b"text");
    }
}
