//! The rows of a batch: one JSON object a line, each a whole job.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::cli::faces::FaceChoice;
use crate::cli::files::check_writable;
use crate::cli::run;
use crate::cli::words;
use crate::files::{IfExists, hex, safe_stem};
use crate::media::{Job, content_hash};
use crate::model::placement::Wanted;
use crate::model::{ClipSource, Problem, ProblemKind, VoiceSource};
use crate::workflow::Details;

/// Most rows of a batch.
const MOST_ROWS: usize = 10_000;
/// As many wrong rows are named at once.
const MOST_PROBLEMS: usize = 10;
/// Largest file of a batch, in bytes.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// A row that can be run.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its line in the file, from 1.
    pub line: usize,
    /// What is to be done.
    pub job: run::Job,
    /// Whether it names the file of its result itself.
    names_file: bool,
    /// The name of its task: the one that is given, else one that follows from what is to be done, so that the same row has the same name
    /// the next time.
    pub name: String,
}

/// A row as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    video: Option<PathBuf>,
    video_url: Option<String>,
    video_id: Option<String>,
    audio: Option<PathBuf>,
    audio_url: Option<String>,
    audio_id: Option<String>,
    face: Option<WrittenFace>,
    sound_start_time: Option<i64>,
    sound_end_time: Option<i64>,
    sound_insert_time: Option<i64>,
    sound_volume: Option<f64>,
    original_audio_volume: Option<f64>,
    external_task_id: Option<String>,
    callback_url: Option<String>,
    out: Option<PathBuf>,
}

/// A face by its number from 1; `"only"`; or by its id.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum WrittenFace {
    Number(usize),
    Text(String),
}

/// Reads the rows of `file` (`-`: standard input) and checks everything that needs no service. Paths in it are relative to its folder;
/// results go to `out`. Blocks.
///
/// # Errors
/// [`ProblemKind::File`]: it cannot be read. [`ProblemKind::Usage`]: a row is not a job; the words name its line.
pub fn read(file: &Path, out: Option<&Path>) -> Result<Vec<Row>, Problem> {
    let from_stdin = file == Path::new("-");
    let text = text_of(file, from_stdin)?;
    let folder = if from_stdin { Path::new("") } else { file.parent().unwrap_or(Path::new("")) };
    let mut rows: Vec<Row> = Vec::new();
    let mut problems: Vec<Problem> = Vec::new();
    let mut seen = BTreeMap::<String, usize>::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = number + 1;
        let at = |problem: Problem| {
            let message = words::batch_row(number, &problem.message);
            Problem { message, ..problem }
        };
        if rows.len() == MOST_ROWS {
            return Err(Problem::new(ProblemKind::Usage, words::batch_too_long(MOST_ROWS)));
        }
        let row = match row(number, line, folder, out, &mut seen).map_err(at) {
            Ok(row) => row,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        if let Some(same) = rows.iter().find(|other| other.name == row.name) {
            let why = words::batch_same_name(&row.name, same.line);
            problems.push(at(Problem::new(ProblemKind::Usage, why).with_hint(words::batch_same_name_hint())));
            continue;
        }
        if let Some(same) = rows.iter().find(|other| row.names_file && other.names_file && other.job.out == row.job.out)
        {
            problems.push(at(Problem::new(ProblemKind::Usage, words::batch_same_out(same.line))));
            continue;
        }
        rows.push(row);
    }
    if let Some(first) = problems.first() {
        let all: Vec<&str> = problems.iter().take(MOST_PROBLEMS).map(|problem| problem.message.as_str()).collect();
        let mut message = all.join("; ");
        if problems.len() > all.len() {
            message.push_str(&words::part_batch_more(problems.len() - all.len()));
        }
        return Err(Problem { message, ..first.clone() });
    }
    if rows.is_empty() {
        return Err(Problem::new(ProblemKind::Usage, words::batch_empty()).with_hint(words::batch_empty_hint()));
    }
    Ok(rows)
}

fn text_of(file: &Path, from_stdin: bool) -> Result<String, Problem> {
    let problem =
        |err: &dyn std::fmt::Display| Problem::new(ProblemKind::File, words::batch_unreadable(file.display(), err));
    let mut text = String::new();
    let read = if from_stdin {
        std::io::stdin().take(MOST_BYTES + 1).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(MOST_BYTES + 1).read_to_string(&mut text))
    };
    let size = read.map_err(|err| problem(&err))?;
    if size as u64 > MOST_BYTES {
        return Err(problem(&words::part_batch_too_large(MOST_BYTES / (1024 * 1024))));
    }
    Ok(text)
}

fn row(
    number: usize,
    line: &str,
    folder: &Path,
    out: Option<&Path>,
    seen: &mut BTreeMap<String, usize>,
) -> Result<Row, Problem> {
    let usage = |words: String| Problem::new(ProblemKind::Usage, words).with_hint(words::batch_row_hint());
    let written: Written = serde_json::from_str(line).map_err(|err| usage(words::batch_not_a_row(err)))?;
    let in_folder = |path: PathBuf| folder.join(path);
    let source = one_of([
        written.video.map(|path| ClipSource::File(in_folder(path))),
        written.video_url.map(ClipSource::Url),
        written.video_id.map(ClipSource::VideoId),
    ])
    .ok_or_else(|| usage(words::batch_one_clip()))?;
    let voice = one_of([
        written.audio.map(|path| VoiceSource::File(in_folder(path))),
        written.audio_url.map(VoiceSource::Url),
        written.audio_id.map(VoiceSource::AudioId),
    ])
    .ok_or_else(|| usage(words::batch_one_voice()))?;
    let face = match written.face {
        None => FaceChoice::OnlyOfRow,
        Some(WrittenFace::Number(number)) => FaceChoice::Number(number),
        Some(WrittenFace::Text(text)) if text == "only" => FaceChoice::OnlyOfRow,
        Some(WrittenFace::Text(id)) => FaceChoice::Named(id),
    };
    let wanted = Wanted {
        start_ms: written.sound_start_time,
        end_ms: written.sound_end_time,
        insert_ms: written.sound_insert_time,
    };
    // With its row, so that files of one clip are told apart: `(2)` would say nothing of which row it is.
    let stem = format!("row {number} {} lip-sync", stem_of(&source));
    let names_file = written.out.is_some();
    let out = match written.out {
        Some(path) => in_folder(path),
        None => out.unwrap_or(Path::new("")).join(format!("{}.mp4", safe_stem(&stem))),
    };
    let mut job = run::Job {
        source: Some(source),
        voice: Some(voice),
        face,
        wanted,
        sound_volume: written.sound_volume,
        original_audio_volume: written.original_audio_volume,
        mouth_box: None,
        details: Details { external_task_id: None, callback_url: written.callback_url, watermark: None },
        out: Some(out.clone()),
        if_exists: IfExists::TakeFreeName,
        as_wav: false,
        no_wait: false,
        send_anyway: false,
    };
    job.details.external_task_id = written.external_task_id;
    run::check(&job)?;
    check_writable(&out)?;
    let name = match &job.details.external_task_id {
        Some(name) => name.clone(),
        None => name_of(&job, seen)?,
    };
    Ok(Row { line: number, job, names_file, name })
}

fn one_of<T>(sources: [Option<T>; 3]) -> Option<T> {
    let mut given = sources.into_iter().flatten();
    let one = given.next();
    if given.next().is_some() { None } else { one }
}

fn stem_of(source: &ClipSource) -> String {
    let name = source.name();
    Path::new(&name).file_stem().map_or(name.clone(), |stem| stem.to_string_lossy().into_owned())
}

/// The name that follows from a job: from the contents of its files, not from where they are. The same job twice in a file is two jobs.
fn name_of(job: &run::Job, seen: &mut BTreeMap<String, usize>) -> Result<String, Problem> {
    let clip = match &job.source {
        Some(ClipSource::File(path)) => content_of(path)?,
        other => format!("{other:?}"),
    };
    let voice = match &job.voice {
        Some(VoiceSource::File(path)) => content_of(path)?,
        other => format!("{other:?}"),
    };
    let rest = format!("{:?} {:?} {:?} {:?}", job.face, job.wanted, job.sound_volume, job.original_audio_volume);
    let key = [clip, voice, rest].join("\n");
    let times = seen.entry(key.clone()).or_default();
    *times += 1;
    let digest = Sha256::digest(format!("{key}\n{times}"));
    Ok(format!("batch-{}", hex(digest.get(..8).unwrap_or_default())))
}

fn content_of(path: &Path) -> Result<String, Problem> {
    let hash = content_hash(path, &Job::new());
    hash.map(|hash| hex(&hash))
        .map_err(|err| Problem::new(ProblemKind::File, words::batch_unreadable(path.display(), &err)))
}
