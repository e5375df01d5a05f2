//! Stage 5: the result, its downloads, and what comes next.

use std::path::PathBuf;

use crate::model::{Problem, ProblemKind, Progress, SavedFile};

use super::command::Command;
use super::flow::{Flow, JobId};
use super::stage::{Done, Download, SendState, Stage, Submitted};
use super::step::Context;
use super::submitted;
use super::transition::{is_being_saved, to_choosing};
use super::words;

/// Chooses again with the same faces; the result stays visible until the next one exists.
pub(super) fn again(flow: &mut Flow, context: &mut Context) {
    match &flow.stage {
        Stage::Submitted(Submitted { state: SendState::Refused(_) | SendState::NameTaken { .. }, .. }) => {
            submitted::back(flow, context);
        }
        Stage::Done(done) => {
            let faces = done.faces.as_deref().cloned();
            let _ = to_choosing(flow, faces, None, context);
        }
        _ => {}
    }
}

/// The result whose videos can be saved: the current one, else the previous one.
fn shown(flow: &mut Flow) -> Option<&mut Done> {
    match &mut flow.stage {
        Stage::Done(done) if !done.downloads.is_empty() => Some(done),
        _ => flow.previous.as_deref_mut(),
    }
}

pub(super) fn download(flow: &mut Flow, index: usize, to: PathBuf, replaces: bool, context: &mut Context) {
    let job = flow.new_job();
    let Some(done) = shown(flow) else { return };
    let (Some(video), Some(slot)) = (done.task.videos.get(index), done.downloads.get_mut(index)) else { return };
    if matches!(slot, Download::Running { .. }) {
        return;
    }
    context.push(Command::Download { job, url: video.url.clone(), to: to.clone(), replaces });
    *slot = Download::Running { job, to, progress: Progress::default() };
}

/// Cancels a download: its partial file is removed, and it can be requested again.
pub(super) fn cancel_download(flow: &mut Flow, index: usize) {
    let Some(slot) = shown(flow).and_then(|done| done.downloads.get_mut(index)) else { return };
    if slot.job().is_some() {
        *slot = Download::Failed(
            Problem::new(ProblemKind::Cancelled, words::download_stopped()).with_hint(words::download_stopped_hint()),
        );
    }
}

/// The download with this job, in the current result or one before it.
fn running(flow: &mut Flow, job: JobId) -> Option<&mut Download> {
    let Flow { stage, previous, earlier, .. } = flow;
    let now = match stage {
        Stage::Done(done) => Some(done),
        _ => None,
    };
    now.into_iter()
        .chain(previous.as_deref_mut())
        .chain(earlier)
        .flat_map(|done| done.downloads.iter_mut())
        .find(|download| download.job() == Some(job))
}

pub(super) fn download_progress(flow: &mut Flow, job: JobId, now: Progress) {
    if let Some(Download::Running { progress, .. }) = running(flow, job) {
        *progress = now;
    }
}

pub(super) fn downloaded(flow: &mut Flow, job: JobId, answer: Result<SavedFile, Problem>) {
    if let Some(slot) = running(flow, job) {
        *slot = match answer {
            Ok(saved) => Download::Saved(saved),
            Err(problem) => Download::Failed(problem),
        };
    }
    // An earlier result is kept only while it is being saved; a failure to save it becomes a warning.
    let (kept, over): (Vec<Done>, Vec<Done>) = flow.earlier.drain(..).partition(is_being_saved);
    flow.earlier = kept;
    for done in &over {
        flow.warnings.extend(done.downloads.iter().filter_map(|download| match download {
            Download::Failed(problem) => Some(Problem {
                message: words::earlier_not_saved(&done.task.task_id, &problem.message),
                ..problem.clone()
            }),
            _ => None,
        }));
    }
}
