//! Settling a create whose outcome is not known, or whose name was used: by looking for the task of its name, and proving whose it is.

use crate::model::{Ownership, Problem, ProblemKind, Progress, SentCreate, Task};

use super::command::Command;
use super::flow::{Flow, JobId, Names, Recording};
use super::stage::{LookUp, SendState, Sending, Submitted};
use super::step::Context;
use super::submitted::{accept, set_state, submitted};
use super::words;

/// How many times a create is looked up by itself: a task may be shown with a delay.
const LOOK_UPS: u32 = 3;
/// Wait before the second look-up in milliseconds; doubled for each further one.
const LOOK_UP_WAIT_MS: u64 = 1_000;

/// Begins to settle a create that was just answered, or not. `name_taken`: the service refused it for its name.
pub(super) fn begin(flow: &mut Flow, problem: Problem, name_taken: bool, context: &mut Context) {
    if let Some(submitted) = submitted(flow) {
        submitted.sending.name_taken = name_taken;
        let problem = Problem { kind: ProblemKind::OutcomeUnknown, ..problem };
        submitted.state = SendState::Unknown { problem, look_up: LookUp::Impossible };
    }
    look_up(flow, context);
}

/// Looks an unclear create up, where the service allows it.
pub(super) fn look_up(flow: &mut Flow, context: &mut Context) {
    let is_running = |flow: &mut Flow| {
        submitted(flow).is_some_and(|s| matches!(s.state, SendState::Unknown { look_up: LookUp::Running { .. }, .. }))
    };
    if !is_running(flow) {
        start_look_up(flow, 0, context);
    }
}

fn start_look_up(flow: &mut Flow, attempt: u32, context: &mut Context) {
    let can_look_up = flow.terms.names != Names::Unseen;
    let job = flow.new_job();
    let Some(Submitted { state: SendState::Unknown { look_up, .. }, submission: Some(submission), .. }) =
        submitted(flow)
    else {
        return;
    };
    if can_look_up {
        *look_up = LookUp::Running { job, attempt };
        let wait_ms = if attempt == 0 { 0 } else { LOOK_UP_WAIT_MS << (attempt - 1).min(8) };
        let external_task_id = submission.external_task_id.clone();
        context.push(Command::LookUp { job, external_task_id, wait_ms, thorough: attempt + 1 >= LOOK_UPS });
    } else {
        end(flow, LookUp::Impossible, context);
    }
}

pub(super) fn looked_up(flow: &mut Flow, job: JobId, answer: Result<Vec<Task>, Problem>, context: &mut Context) {
    let Some(Submitted { state: SendState::Unknown { look_up: LookUp::Running { job: waited, attempt }, .. }, .. }) =
        submitted(flow)
    else {
        return;
    };
    if *waited != job {
        return;
    }
    let next = *attempt + 1;
    let found = match answer {
        Ok(found) => proven(flow, found),
        Err(_) if next < LOOK_UPS => return start_look_up(flow, next, context),
        Err(problem) => return end(flow, LookUp::Failed(problem), context),
    };
    match found {
        Some((Ownership::Ours, task)) => accept(flow, task.task_id.clone(), Some(Box::new(task)), true, context),
        // A name is used once there, so that no task of ours can have it.
        Some((Ownership::Another, task)) if flow.terms.names == Names::Known => name_taken(flow, Some(task), context),
        _ if next < LOOK_UPS => start_look_up(flow, next, context),
        Some((Ownership::Open, task)) => {
            let problem = Problem::new(ProblemKind::OutcomeUnknown, words::not_proven(&task.task_id));
            end(flow, LookUp::Failed(problem), context);
        }
        _ => end(flow, LookUp::NotFound, context),
    }
}

/// The task among these that is ours; else one that may be; else any.
fn proven(flow: &mut Flow, found: Vec<Task>) -> Option<(Ownership, Task)> {
    let create = sent_create(flow)?;
    let judged = found.into_iter().map(|task| (create.ownership_of(&task), task));
    judged.min_by_key(|(owner, _)| match owner {
        Ownership::Ours => 0,
        Ownership::Open => 1,
        Ownership::Another => 2,
    })
}

/// How far the two ways to the service's time at a sending may differ, in milliseconds.
const CLOCKS_AGREE_MS: i64 = 2_000;

/// The service's time becomes known with an answer after the first create was begun: what it was at the sending is then derived once, from the
/// wall clock and from the clock that is never set. Where these differ the wall clock was set meanwhile, or the machine slept: then it stays unknown.
pub(super) fn learn_sending(flow: &mut Flow, context: &Context) {
    let Some(ahead_ms) = flow.ahead_ms else { return };
    let Some(sending) = submitted(flow).map(|submitted| &mut submitted.sending) else { return };
    if sending.by_service_clock || sending.count == 0 {
        return;
    }
    let since_ms = context.steady_ms.saturating_sub(sending.first_steady_ms);
    let by_steady_ms = context.now_ms.saturating_sub(ahead_ms).saturating_sub(since_ms);
    let by_wall_ms = sending.first_ms.saturating_sub(ahead_ms);
    if by_steady_ms.abs_diff(by_wall_ms) <= CLOCKS_AGREE_MS.unsigned_abs() {
        (sending.first_ms, sending.by_service_clock) = (by_steady_ms.min(by_wall_ms), true);
    }
}

fn sent_create(flow: &mut Flow) -> Option<SentCreate> {
    let (clip, clip_ms) = (flow.desk.clip.clone(), flow.desk.known_clip().map(|clip| clip.duration_ms));
    let submitted = submitted(flow)?;
    let external_task_id = submitted.submission.as_ref()?.external_task_id.clone();
    let Sending { first_ms: sent_ms, by_service_clock, count, name_taken, .. } = submitted.sending;
    // After a sending of unknown outcome the name may be taken by ourselves.
    let was_refused = name_taken && count == 1;
    Some(SentCreate { external_task_id, sent_ms, by_service_clock, was_refused, clip, clip_ms })
}

/// The look-up is at its end, and no task of ours was found.
fn end(flow: &mut Flow, outcome: LookUp, context: &mut Context) {
    let Some(submitted) = submitted(flow) else { return };
    // A refusal of the only sending is definite; after an unclear one the name may be taken by ourselves.
    let is_definite = submitted.sending.name_taken && submitted.sending.count == 1;
    if is_definite && matches!(outcome, LookUp::NotFound | LookUp::Impossible) {
        return name_taken(flow, None, context);
    }
    if let SendState::Unknown { look_up, .. } = &mut submitted.state {
        *look_up = outcome;
    }
}

/// The name belongs to another task: nothing of this intent was created.
fn name_taken(flow: &mut Flow, task: Option<Task>, context: &mut Context) {
    let Some(submission) = submitted(flow).and_then(|submitted| submitted.submission.as_ref()) else { return };
    let external_task_id = submission.external_task_id.clone();
    let message = match &task {
        Some(task) => words::name_taken_by(&external_task_id, &task.task_id),
        None => words::name_taken(&external_task_id),
    };
    let problem = Problem::new(ProblemKind::NameTaken, message).with_hint(words::name_taken_hint());
    let other_task_id = task.as_ref().map(|task| task.task_id.clone());
    let job = flow.new_job();
    flow.recording.push(Recording { job, first_poll_at_once: None });
    context.push(Command::RecordNameTaken { job, external_task_id, other_task_id, problem: problem.clone() });
    set_state(flow, SendState::NameTaken { problem, task: task.map(Box::new) });
}

/// Cancels the look-up; the outcome stays unknown.
pub(super) fn cancel_look_up(flow: &mut Flow) {
    if let Some(Submitted { state: SendState::Unknown { look_up, .. }, .. }) = submitted(flow)
        && matches!(look_up, LookUp::Running { .. })
    {
        *look_up = LookUp::Failed(Problem::new(ProblemKind::Cancelled, words::look_up_stopped()));
    }
}

/// Sends an unclear create again, under the same name: where the first one was accepted, the service can distinguish them.
pub(super) fn resend(flow: &mut Flow, context: &mut Context) {
    let Some(Submitted { state: SendState::Unknown { .. }, submission: Some(submission), .. }) = submitted(flow) else {
        return;
    };
    let submission = submission.clone();
    let job = flow.new_job();
    if let Some(submitted) = submitted(flow) {
        submitted.sending.count += 1;
    }
    let clip = flow.desk.clip.clone();
    context.push(Command::CreateTask { job, submission, clip, again: true });
    set_state(flow, SendState::Sent { job, sent_ms: context.now_ms, progress: Progress::default() });
}
