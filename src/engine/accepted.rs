//! The file of accepted tasks: each id that a service accepted is written there before its first query, so that a paid task is
//! not lost with this process.
//!
//! JSON lines, appended and synced one by one; several processes may append at the same time. A line that cannot be read (one that a
//! full disk cut short) is skipped.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::words;
use crate::files::folders;
use crate::model::{Dialect, Problem, ProblemKind, Profile, TaskStatus};

/// The usual place of the file: `tasks.jsonl` in [`folders::data`].
#[must_use]
pub fn default_file() -> PathBuf {
    folders::data().join("tasks.jsonl")
}

/// The service of a task, as far as it must be known to query the task again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The profile's name.
    pub profile: String,
    /// The profile's base URL.
    pub base_url: String,
    /// The profile's path prefix.
    pub path_prefix: String,
    /// How the service speaks.
    pub dialect: Dialect,
}

impl Service {
    /// The service of a profile.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        Self {
            profile: profile.name.clone(),
            base_url: profile.base_url.trim().trim_end_matches('/').to_owned(),
            path_prefix: profile.path_prefix.clone(),
            dialect: profile.dialect,
        }
    }
}

/// An accepted task in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Where it runs.
    #[serde(flatten)]
    pub service: Service,
    /// The service's id for it.
    pub task_id: String,
    /// Our own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_task_id: Option<String>,
    /// When it was accepted; milliseconds since the epoch.
    pub time_ms: i64,
    /// The name of its clip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<String>,
    /// The name of its voice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<String>,
}

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    /// A service accepted a task.
    Accepted(Accepted),
    /// A task is at its end.
    Ended {
        /// Where it ran.
        #[serde(flatten)]
        service: Service,
        /// The service's id for it.
        task_id: String,
        /// How it ended.
        status: TaskStatus,
        /// When that became known; milliseconds since the epoch.
        time_ms: i64,
    },
}

/// The tasks that were accepted and of which no end is known, the newest last. A file that does not exist has none.
///
/// Reads the disk: not for the thread that draws.
///
/// # Errors
/// The file exists and cannot be read.
pub fn unfinished(file: &Path) -> io::Result<Vec<Accepted>> {
    let file = match File::open(file) {
        Err(err) if err.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened?,
    };
    let mut tasks: Vec<Accepted> = Vec::new();
    for line in BufReader::new(file).split(b'\n') {
        match serde_json::from_slice(&line?) {
            Ok(Line::Accepted(task)) => {
                tasks.retain(|known| known.service != task.service || known.task_id != task.task_id);
                tasks.push(task);
            }
            Ok(Line::Ended { service, task_id, .. }) => {
                tasks.retain(|known| known.service != service || known.task_id != task_id);
            }
            Err(_) => {}
        }
    }
    Ok(tasks)
}

/// Appends a line, and returns once it is on the disk. Makes the file where it is missing, readable by its owner alone.
///
/// Blocks until the disk has it: not for the thread that draws.
///
/// # Errors
/// [`ProblemKind::File`]: the file cannot be written.
pub fn append(file: &Path, line: &Line) -> Result<(), Problem> {
    write_line(file, line).map_err(|err| {
        let (Line::Accepted(Accepted { task_id, .. }) | Line::Ended { task_id, .. }) = line;
        let (words, hint) = match line {
            Line::Accepted(_) => {
                (words::accepted_not_written(task_id, file.display(), err), words::accepted_not_written_hint())
            }
            Line::Ended { .. } => (words::end_not_written(task_id, file.display(), err), words::end_not_written_hint()),
        };
        Problem::new(ProblemKind::File, words).with_hint(hint)
    })
}

fn write_line(path: &Path, line: &Line) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        folders::create_private(folder)?;
    }
    let is_new = path.symlink_metadata().is_err();
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut text = Vec::new();
    // A line that was cut short must not spoil this one.
    if !ends_with_line_break(&mut file)? {
        text.push(b'\n');
    }
    serde_json::to_writer(&mut text, line)?;
    text.push(b'\n');
    // One write: lines of processes that append at the same time do not mix.
    let written = file.write(&text)?;
    if written < text.len() {
        return Err(ErrorKind::WriteZero.into());
    }
    file.sync_all()?;
    if is_new && cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn ends_with_line_break(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> Service {
        Service::of(&Profile::built_in()[2])
    }

    fn accepted(task_id: &str) -> Accepted {
        Accepted {
            service: service(),
            task_id: task_id.into(),
            external_task_id: Some("viseme-1".into()),
            time_ms: 1,
            clip: Some("duo.mp4".into()),
            voice: None,
        }
    }

    fn ended(task_id: &str) -> Line {
        Line::Ended { service: service(), task_id: task_id.into(), status: TaskStatus::Succeed, time_ms: 2 }
    }

    #[test]
    fn a_task_is_unfinished_until_its_end_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("viseme").join("tasks.jsonl");
        assert_eq!(unfinished(&file).unwrap(), []);
        for id in ["t-1", "t-2", "t-3"] {
            append(&file, &Line::Accepted(accepted(id))).unwrap();
        }
        append(&file, &ended("t-2")).unwrap();
        append(&file, &Line::Accepted(accepted("t-1"))).unwrap();
        let elsewhere = Service { base_url: "https://elsewhere".into(), ..service() };
        let line = Line::Ended { service: elsewhere, task_id: "t-3".into(), status: TaskStatus::Failed, time_ms: 3 };
        append(&file, &line).unwrap();
        assert_eq!(unfinished(&file).unwrap(), [accepted("t-3"), accepted("t-1")]);
    }

    #[test]
    fn a_line_that_was_cut_short_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks.jsonl");
        append(&file, &Line::Accepted(accepted("t-1"))).unwrap();
        let whole = std::fs::read(&file).unwrap();
        for cut in [1, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&file, [&whole[..], &whole[..cut]].concat()).unwrap();
            append(&file, &Line::Accepted(accepted("t-2"))).unwrap();
            let ids: Vec<_> = unfinished(&file).unwrap().into_iter().map(|task| task.task_id).collect();
            assert_eq!(ids, ["t-1", "t-2"], "cut after {cut} bytes");
        }
    }

    #[test]
    fn several_writers_lose_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tasks.jsonl");
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let file = &file;
                scope.spawn(move || {
                    for number in 0..10 {
                        append(file, &Line::Accepted(accepted(&format!("t-{writer}-{number}")))).unwrap();
                    }
                });
            }
        });
        assert_eq!(unfinished(&file).unwrap().len(), 40);
    }

    #[test]
    fn a_file_that_cannot_be_written_is_a_problem_that_names_the_task() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("tasks.jsonl")).unwrap();
        let problem = append(&folder.path().join("tasks.jsonl"), &Line::Accepted(accepted("t-9"))).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::File);
        assert!(problem.message.contains("t-9") && problem.hint.is_some(), "{problem}");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("viseme").join("tasks.jsonl");
        append(&file, &ended("t")).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(file.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}
