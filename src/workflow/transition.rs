//! From one stage to the next: the one place where a stage is replaced, and where it is decided what may be dropped with it.

use std::mem;

use crate::model::Problem;

use super::choosing;
use super::clip_now::{self, ClipNow};
use super::faces::{Faces, Preview};
use super::flow::Flow;
use super::stage::{Choosing, Done, Idle, Outcome, SendState, Stage};
use super::step::Context;

/// Replaces the stage by `next`. Returns `false`, and changes nothing, where that would drop what must not be dropped:
///
/// - a create in progress: never dropped;
/// - an unclear create, and an accepted task that is not at its end: dropped only with a person's consent, unless its service knows no
///   such task;
/// - a result: kept as the previous one until its successor is there, and beyond that for as long as it is being saved;
/// - faces: kept where the caller puts them into `next`;
/// - jobs that `next` does not wait for: [`super::step()`] aborts them.
#[must_use]
pub(super) fn go(flow: &mut Flow, next: Stage, context: &Context) -> bool {
    if !may_leave(&flow.stage, &next, context.has_consent) {
        return false;
    }
    if matches!(&next, Stage::Done(done) if done.outcome == Outcome::Succeeded) {
        retire_previous(flow);
    }
    if let Stage::Done(done) = mem::replace(&mut flow.stage, next)
        && done.outcome == Outcome::Succeeded
    {
        // A failed task has nothing to show: what was there before it stays.
        retire_previous(flow);
        flow.previous = Some(Box::new(without_loading(done)));
    }
    choosing::place(flow);
    true
}

fn may_leave(stage: &Stage, next: &Stage, has_consent: bool) -> bool {
    let Stage::Submitted(submitted) = stage else { return true };
    match &submitted.state {
        SendState::Sent { .. } => false,
        SendState::Refused(_) | SendState::NameTaken { .. } => true,
        SendState::Unknown { .. } => has_consent,
        SendState::Accepted { task_id, .. } => {
            has_consent
                || submitted.is_denied()
                || matches!(next, Stage::Done(done) if done.task.task_id == *task_id && done.task.status.is_terminal())
        }
    }
}

/// Goes to `Idle` with this problem.
#[must_use]
pub(super) fn to_idle(flow: &mut Flow, problem: Option<Problem>, context: &Context) -> bool {
    go(flow, Stage::Idle(Idle { problem, ..Idle::default() }), context)
}

/// Goes to `Choosing` with these faces, or to `Idle` where there are none.
#[must_use]
pub(super) fn to_choosing(flow: &mut Flow, faces: Option<Faces>, problem: Option<Problem>, context: &Context) -> bool {
    match faces {
        // A task was made with them before that was known.
        Some(Faces { clip_now: ClipNow::Another(why), .. }) => clip_now::give_up(flow, why, context),
        Some(faces) => {
            let next = Choosing { faces, placement: None, rules: Vec::new(), problem };
            go(flow, Stage::Choosing(next), context)
        }
        None => to_idle(flow, problem, context),
    }
}

/// A result without previews being fetched: the stage that follows has its own.
fn without_loading(mut done: Done) -> Done {
    for preview in done.faces.iter_mut().flat_map(|faces| &mut faces.previews) {
        if preview.job().is_some() {
            *preview = Preview::None;
        }
    }
    done
}

/// Drops the previous result, unless it is still being saved.
fn retire_previous(flow: &mut Flow) {
    let previous = flow.previous.take().map(|previous| *previous);
    flow.earlier.extend(previous.filter(is_being_saved));
}

/// Whether a download of it is in progress.
pub(super) fn is_being_saved(done: &Done) -> bool {
    done.downloads.iter().any(|download| download.job().is_some())
}
