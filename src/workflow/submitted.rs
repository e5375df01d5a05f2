//! Stage 4: the create, its outcome, and the task until its end.

use crate::model::problem::ServiceCode;
use crate::model::{CallOutcome, ClipSource, Problem, ProblemKind, Progress, Submission, Task, TaskStatus};

use super::command::{AcceptedTask, Command, PollTurn};
use super::flow::{Flow, JobId, Names, Recording};
use super::settle;
use super::stage::{Done, Download, Follow, Outcome, PauseReason, SendState, Sending, Stage, Submitted};
use super::step::Context;
use super::transition::{go, to_choosing};
use super::words;

pub(super) fn submitted(flow: &mut Flow) -> Option<&mut Submitted> {
    match &mut flow.stage {
        Stage::Submitted(submitted) => Some(submitted),
        _ => None,
    }
}

pub(super) fn set_state(flow: &mut Flow, state: SendState) {
    if let Some(submitted) = submitted(flow) {
        submitted.state = state;
    }
}

/// Notes how much of a create has gone out.
pub(super) fn create_progress(flow: &mut Flow, job: JobId, now: Progress) {
    if let Stage::Submitted(Submitted { state: SendState::Sent { job: waited, progress, .. }, .. }) = &mut flow.stage
        && *waited == job
    {
        *progress = now;
    }
}

pub(super) fn created(flow: &mut Flow, job: JobId, outcome: CallOutcome<Box<Task>>, context: &mut Context) {
    let Some(now_submitted) = submitted(flow) else { return };
    if !matches!(now_submitted.state, SendState::Sent { job: waited, .. } if waited == job) {
        return;
    }
    match outcome {
        CallOutcome::Done(task) => accept(flow, task.task_id.clone(), Some(task), false, context),
        // A refusal of a later sending proves nothing about an earlier one whose outcome is not known.
        CallOutcome::Refused(problem) if now_submitted.sending.count > 1 => {
            settle::begin(flow, problem, false, context);
        }
        CallOutcome::Refused(problem) => set_state(flow, SendState::Refused(problem)),
        CallOutcome::NameTaken(problem) => settle::begin(flow, problem, true, context),
        CallOutcome::Unknown(problem) => settle::begin(flow, problem, false, context),
    }
}

/// The task exists: its id is written down, then it is followed.
pub(super) fn accept(flow: &mut Flow, task_id: String, task: Option<Box<Task>>, at_once: bool, context: &mut Context) {
    let submission = submitted(flow).and_then(|submitted| submitted.submission.as_deref());
    let external_task_id = submission.map(|submission| submission.external_task_id.clone());
    let voice = submission.map(|submission| submission.voice.name());
    let clip = flow.desk.clip.as_ref().map(ClipSource::name);
    // The name is used up: the next task of this desk needs another.
    flow.desk.details.external_task_id = None;
    let job = flow.new_job();
    let follow = Follow::Polling { job, attempts: 0, since_steady_ms: context.steady_ms, once: false, problem: None };
    let record = AcceptedTask { task_id: task_id.clone(), external_task_id, clip, voice };
    context.push(Command::RecordAccepted { job, task: Box::new(record) });
    flow.recording.push(Recording { job, first_poll_at_once: Some(at_once) });
    set_state(flow, SendState::Accepted { task_id, task, follow });
}

/// An id is written down, or could not be: the task is followed in either case.
pub(super) fn recorded(flow: &mut Flow, job: JobId, answer: Result<(), Problem>, context: &mut Context) {
    let Some(at) = flow.recording.iter().position(|recording| recording.job == job) else { return };
    let recording = flow.recording.remove(at);
    flow.warnings.extend(answer.err());
    let turn = first_turn(flow, recording.first_poll_at_once.unwrap_or_default());
    let next = flow.new_job();
    if let Some(Submitted { state: SendState::Accepted { task_id, follow, .. }, .. }) = submitted(flow)
        && let Follow::Polling { job: waited, .. } = follow
        && *waited == job
    {
        *waited = next;
        context.push(Command::Query { job: next, task_id: task_id.clone(), turn });
    }
}

fn first_turn(flow: &Flow, at_once: bool) -> PollTurn {
    PollTurn { attempt: 0, elapsed_ms: 0, left_ms: flow.terms.poll_limit_ms, hint_ms: None, at_once }
}

pub(super) fn give_task_id(flow: &mut Flow, task_id: &str, context: &mut Context) {
    let task_id = task_id.trim();
    if !task_id.is_empty() && submitted(flow).is_some_and(|s| matches!(s.state, SendState::Unknown { .. })) {
        accept(flow, task_id.to_owned(), None, true, context);
    }
}

/// Back to choosing with the outcome unknown: a problem gives the name under which the task may still appear.
pub(super) fn abandon(flow: &mut Flow, context: &mut Context) {
    let Some(Submitted { state: SendState::Unknown { problem, .. }, submission, .. }) = submitted(flow) else { return };
    let name = submission.as_ref().map(|submission| submission.external_task_id.clone()).unwrap_or_default();
    let problem = problem.clone().with_hint(words::abandoned_hint(name));
    // The name may be taken: another task must not use it.
    flow.desk.details.external_task_id = None;
    context.has_consent = true;
    leave_for_choosing(flow, Some(problem), context);
}

/// Leaves an accepted task, with a person's consent.
pub(super) fn leave(flow: &mut Flow, context: &mut Context) {
    if flow.loses().is_some() {
        context.has_consent = true;
        leave_for_choosing(flow, None, context);
    }
}

pub(super) fn pause(flow: &mut Flow) {
    if let Some(Submitted { state: SendState::Accepted { follow, .. }, .. }) = submitted(flow)
        && matches!(follow, Follow::Polling { .. })
    {
        *follow = Follow::Paused(PauseReason::Person);
    }
}

pub(super) fn resume(flow: &mut Flow, context: &mut Context) {
    let turn = first_turn(flow, true);
    if !matches!(submitted(flow), Some(Submitted { state: SendState::Accepted { follow: Follow::Paused(_), .. }, .. }))
    {
        return;
    }
    let recording = flow.recording.iter().rfind(|recording| recording.first_poll_at_once.is_some());
    let recording = recording.map(|recording| recording.job);
    let job = recording.unwrap_or_else(|| flow.new_job());
    if let Some(Submitted { state: SendState::Accepted { task_id, follow, .. }, .. }) = submitted(flow) {
        *follow = Follow::Polling { job, attempts: 0, since_steady_ms: context.steady_ms, once: false, problem: None };
        // Where the id is still being written down, the poll follows that.
        if recording.is_none() {
            context.push(Command::Query { job, task_id: task_id.clone(), turn });
        }
    }
}

/// Follows an existing task; the faces are kept for what comes after it. `submission`: what it was made from, where that is known.
pub(super) fn follow(
    flow: &mut Flow,
    task_id: &str,
    wait: bool,
    submission: Option<Box<Submission>>,
    context: &mut Context,
) {
    let task_id = task_id.trim().to_owned();
    if matches!(flow.stage, Stage::Identifying(_)) || task_id.is_empty() {
        return;
    }
    let job = flow.new_job();
    let follow = Follow::Polling { job, attempts: 0, since_steady_ms: context.steady_ms, once: !wait, problem: None };
    let next = Stage::Submitted(Submitted {
        faces: flow.faces().cloned().map(Box::new),
        submission,
        state: SendState::Accepted { task_id: task_id.clone(), task: None, follow },
        sending: Sending::default(),
        started_ms: context.now_ms,
    });
    if go(flow, next, context) {
        context.push(Command::Query { job, task_id, turn: first_turn(flow, true) });
    }
}

pub(super) fn polled(flow: &mut Flow, job: JobId, answer: Result<Box<Task>, Problem>, context: &mut Context) {
    let limit_ms = flow.terms.poll_limit_ms;
    let Some(Submitted { state: SendState::Accepted { task, follow, .. }, .. }) = submitted(flow) else { return };
    let Follow::Polling { job: waited, attempts, since_steady_ms, once, .. } = follow else { return };
    if *waited != job {
        return;
    }
    let (attempts, since_steady_ms, once) = (*attempts + 1, *since_steady_ms, *once);
    let elapsed_ms = u64::try_from(context.steady_ms.saturating_sub(since_steady_ms)).unwrap_or(0);
    let left_ms = limit_ms.saturating_sub(elapsed_ms);
    let problem = match answer {
        Ok(answered) if answered.status.is_terminal() => return finish(flow, *answered, context),
        Ok(answered) => {
            *task = Some(answered);
            None
        }
        Err(problem) => Some(problem),
    };
    let pause = match problem.clone() {
        Some(problem) if once || !problem.transient => Some(PauseReason::Stopped(problem)),
        None if once => Some(PauseReason::Once),
        problem if left_ms == 0 => Some(PauseReason::Limit(problem)),
        _ => None,
    };
    if let Some(reason) = pause {
        *follow = Follow::Paused(reason);
        return;
    }
    let job = flow.new_job();
    if let Some(Submitted { state: SendState::Accepted { task_id, follow, .. }, .. }) = submitted(flow) {
        let hint_ms = problem.as_ref().and_then(|problem| problem.retry_after_ms);
        *follow = Follow::Polling { job, attempts, since_steady_ms, once, problem };
        let turn = PollTurn { attempt: attempts, elapsed_ms, left_ms, hint_ms, at_once: false };
        context.push(Command::Query { job, task_id: task_id.clone(), turn });
    }
}

pub(super) fn limit_reached(flow: &mut Flow, job: JobId) {
    if let Some(Submitted { state: SendState::Accepted { follow, .. }, .. }) = submitted(flow)
        && let Follow::Polling { job: waited, problem, .. } = follow
        && *waited == job
    {
        *follow = Follow::Paused(PauseReason::Limit(problem.take()));
    }
}

fn finish(flow: &mut Flow, answered: Task, context: &mut Context) {
    let Stage::Submitted(submitted) = &flow.stage else { return };
    let Some(task_id) = submitted.task_id().map(str::to_owned) else { return };
    // Queries use the id that was accepted, whatever id a gateway reports, and need not show our own name.
    let own_name = submitted.submission.as_ref().map(|submission| submission.external_task_id.clone());
    let external_task_id = answered.external_task_id.clone().or(own_name);
    let task = Task { task_id: task_id.clone(), external_task_id, ..answered };
    let status = task.status;
    if let left_out @ 1.. = task.videos_left_out() {
        let words = words::videos_left_out(task.videos.len(), left_out);
        flow.warnings.push(Problem::new(ProblemKind::Unreadable, words).with_hint(words::left_out_hint()));
    }
    let outcome = if task.status == TaskStatus::Succeed { Outcome::Succeeded } else { Outcome::Failed };
    let problem = match outcome {
        Outcome::Failed => Some(failure(&task, flow.terms.names)),
        Outcome::Succeeded if task.videos.is_empty() => {
            Some(Problem::new(ProblemKind::Unreadable, words::no_video()).with_hint(words::no_video_hint()))
        }
        Outcome::Succeeded => None,
    };
    let next = Stage::Done(Done {
        faces: submitted.faces.clone(),
        submission: submitted.submission.clone(),
        downloads: vec![Download::NotAsked; task.videos.len()],
        task,
        outcome,
        problem,
        started_ms: submitted.started_ms,
        finished_ms: context.now_ms,
    });
    if go(flow, next, context) {
        let job = flow.new_job();
        flow.recording.push(Recording { job, first_poll_at_once: None });
        context.push(Command::RecordEnded { job, task_id, status });
    }
}

/// A failed task in the service's words, with what is known of its price.
fn failure(task: &Task, names: Names) -> Problem {
    let words = match task.failure_text() {
        "" => words::task_failed(),
        reason => words::task_failed_because(reason),
    };
    let code = task.error.as_ref().and_then(|err| err.code.as_deref()).map(ServiceCode::from_text);
    let hint = match task.cost.as_ref() {
        Some(cost) if cost.is_nothing() => words::task_failed_free_hint(),
        Some(cost) => words::task_failed_charged_hint(cost.text()),
        // As the official service does (wire contract §4b).
        None if names == Names::Known => words::task_failed_not_booked_hint(),
        None => words::task_failed_unsaid_hint(),
    };
    Problem { code, ..Problem::new(ProblemKind::TaskFailed, words) }.with_hint(hint)
}

/// Leaves a refusal, also that of a name: the next task gets another. Or a task that its service does not know.
pub(super) fn back(flow: &mut Flow, context: &Context) {
    let is_denied = submitted(flow).is_some_and(|submitted| submitted.is_denied());
    let problem = match submitted(flow).map(|submitted| &submitted.state) {
        Some(SendState::Refused(problem)) => Some(problem.clone()),
        Some(SendState::NameTaken { .. }) => None,
        Some(SendState::Accepted { .. }) if is_denied => None,
        _ => return,
    };
    if problem.is_none() {
        flow.desk.details.external_task_id = None;
    }
    leave_for_choosing(flow, problem, context);
}

/// To choosing with the same faces, or to the clip where there are none.
fn leave_for_choosing(flow: &mut Flow, problem: Option<Problem>, context: &Context) {
    let faces = flow.faces().cloned();
    let _ = to_choosing(flow, faces, problem, context);
}
