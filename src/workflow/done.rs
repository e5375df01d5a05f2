//! Stage 5: the result, its downloads, and what comes next.

use std::path::PathBuf;

use crate::model::{Problem, ProblemKind};

use super::choosing;
use super::command::Command;
use super::event::Saved;
use super::flow::{Flow, JobId};
use super::stage::{Done, Download, SendState, Stage, Submitted};
use super::step::{Context, keep_as_previous, to_idle};
use super::submitted;

/// Chooses again with the same faces; what is left stays to be seen until its successor is there.
pub(super) fn again(flow: &mut Flow, context: &mut Context) {
    match &flow.stage {
        Stage::Submitted(Submitted { state: SendState::Refused(_), .. }) => submitted::back(flow, context),
        Stage::Done(done) => {
            let done = done.clone();
            match done.faces.clone() {
                Some(faces) => {
                    choosing::enter(flow, *faces, None);
                    keep_as_previous(flow, done, context);
                }
                None => to_idle(flow, None, context),
            }
        }
        _ => {}
    }
}

/// The result that is asked for a video: the one at hand, else the previous one.
fn shown(flow: &mut Flow) -> Option<&mut Done> {
    match &mut flow.stage {
        Stage::Done(done) if !done.downloads.is_empty() => Some(done),
        _ => flow.previous.as_deref_mut(),
    }
}

pub(super) fn download(flow: &mut Flow, index: usize, to: PathBuf, context: &mut Context) {
    let job = flow.new_job();
    let Some(done) = shown(flow) else { return };
    let (Some(video), Some(slot)) = (done.task.videos.get(index), done.downloads.get_mut(index)) else { return };
    if matches!(slot, Download::Running { .. }) {
        return;
    }
    context.push(Command::Download { job, url: video.url.clone(), to: to.clone() });
    *slot = Download::Running { job, to, received_bytes: 0, total_bytes: None };
}

/// Stops a download; what came of it is gone, and it can be asked for again.
pub(super) fn cancel_download(flow: &mut Flow, index: usize, context: &mut Context) {
    let Some(slot) = shown(flow).and_then(|done| done.downloads.get_mut(index)) else { return };
    if let Download::Running { job, .. } = slot {
        context.push(Command::Abort { job: *job });
        *slot = Download::Failed(
            Problem::new(ProblemKind::Cancelled, "The download was stopped").with_hint("Download it again"),
        );
    }
}

/// The download with this job, in the result at hand or the previous one.
fn running(flow: &mut Flow, job: JobId) -> Option<&mut Download> {
    let Flow { stage, previous, .. } = flow;
    let now = match stage {
        Stage::Done(done) => Some(done),
        _ => None,
    };
    now.into_iter()
        .chain(previous.as_deref_mut())
        .flat_map(|done| done.downloads.iter_mut())
        .find(|download| matches!(download, Download::Running { job: waited, .. } if *waited == job))
}

pub(super) fn download_progress(flow: &mut Flow, job: JobId, received: u64, total: Option<u64>) {
    if let Some(Download::Running { received_bytes, total_bytes, .. }) = running(flow, job) {
        *received_bytes = received;
        *total_bytes = total;
    }
}

pub(super) fn downloaded(flow: &mut Flow, job: JobId, answer: Result<Saved, Problem>) {
    if let Some(slot) = running(flow, job) {
        *slot = match answer {
            Ok(Saved { path, sha256, size_bytes }) => Download::Saved { path, sha256, size_bytes },
            Err(problem) => Download::Failed(problem),
        };
    }
}
