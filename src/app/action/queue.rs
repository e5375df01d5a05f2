//! The obstacles of the queue's actions.

use super::{Action, obstacle};
use crate::app::state::view::View;
use crate::workflow::{SendState, Stage};

/// Why it cannot be done now; `None` where it can.
pub(super) fn queue_obstacle(action: Action, view: &View<'_>) -> Option<String> {
    let state = &view.shell.queue;
    let unless = |possible: bool, why: &str| (!possible).then(|| why.to_owned());
    let no_queue = || {
        unless(state.queue.is_some(), "Nothing can wait here: there is no journal in which it would be kept")
            .or_else(|| view.service_obstacle())
    };
    match action {
        Action::Enqueue => obstacle::submit_obstacle(view).or_else(no_queue),
        Action::NextTask => unless(is_accepted(view), "No task is running here").or_else(no_queue),
        Action::PauseQueue => unless(state.queue.is_some() && !state.is_halted(), "The queue does not run"),
        Action::ResumeQueue => unless(state.is_halted(), "The queue is not paused").or_else(|| view.service_obstacle()),
        Action::ClearQueue => unless(state.has_ended(), "Nothing in the queue is at its end"),
        _ => None,
    }
}

/// Whether the task of the workflow is at the service.
fn is_accepted(view: &View<'_>) -> bool {
    matches!(&view.flow.stage, Stage::Submitted(s) if matches!(s.state, SendState::Accepted { .. }) && !s.is_denied())
}

/// Whether what is submitted waits in the queue: others run or wait beside the workflow.
#[must_use]
pub fn is_queued(view: &View<'_>) -> bool {
    view.shell.queue.unfinished() > 0
}
