//! Reads the answer to a create: a task, a definite refusal, or an unknown outcome.

use super::layers::Layers;
use super::{Reply, problem, task};
use crate::model::{CallOutcome, Task, TaskStatus};
use crate::wire::codes::{self, Advice};

/// Reads an answer to create, in either dialect, OpenAI-style or wrapped.
#[must_use]
pub fn read_create(reply: &Reply<'_>) -> CallOutcome<Task> {
    if !reply.is_success() {
        let problem = problem::of_status(reply);
        if codes::is_name_taken(&problem) {
            return CallOutcome::NameTaken(problem);
        }
        // A task that is named beside "too fast" or "too many" was accepted all the same.
        if problem.code.as_ref().and_then(codes::lookup).is_some_and(|row| matches!(row.advice, Advice::Backoff { .. }))
            && let Some(layers) = problem::layers(reply)
            && layers.outermost(&["task_id"]).is_some()
            && let Some(task) = created(&layers, true)
        {
            return CallOutcome::Done(task);
        }
        return if problem::surely_refused(reply.http_status, problem.code.as_ref()) {
            CallOutcome::Refused(problem)
        } else {
            CallOutcome::Unknown(problem)
        };
    }
    let Some(layers) = problem::layers(reply) else { return CallOutcome::Unknown(problem::of_page(reply)) };
    let stated = layers.answer_status();
    if let Some(task) = created(&layers, stated.is_error) {
        return CallOutcome::Done(task);
    }
    if !stated.is_error {
        return CallOutcome::Unknown(problem::without(reply, &stated, "task_id"));
    }
    let problem = problem::refusal(reply, stated);
    if codes::is_name_taken(&problem) {
        return CallOutcome::NameTaken(problem);
    }
    if problem::surely_refused(reply.http_status, problem.code.as_ref()) {
        CallOutcome::Refused(problem)
    } else {
        CallOutcome::Unknown(problem)
    }
}

/// The task, where the answer names one. Beside an error a bare `id` may name anything, so it counts only with a status word.
fn created(layers: &Layers, is_error: bool) -> Option<Task> {
    let named = layers.outermost(&["task_id"]).is_some();
    if is_error && !named && layers.innermost(&["status", "task_status"]).is_none() {
        return None;
    }
    let mut task = task::task_of(layers, None)?;
    if task.status == TaskStatus::Succeed && task.videos.is_empty() {
        // A `status` of "success" in this answer is about the create, not about the task.
        task.status = TaskStatus::Submitted;
    }
    Some(task)
}
