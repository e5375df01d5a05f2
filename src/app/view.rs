//! What a panel may see: everything, and nothing to change.

use crate::model::Profile;
use crate::workflow::{Choosing, Done, Flow, Stage};

use super::shell::{SandboxState, Shell};

/// A read-only look at the job and at the window's own state.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The job.
    pub flow: &'a Flow,
    /// What the window itself knows.
    pub shell: &'a Shell,
    /// Milliseconds since the epoch.
    pub now_ms: i64,
}

impl<'a> View<'a> {
    /// The profile in use.
    #[must_use]
    pub fn profile(&self) -> &'a Profile {
        self.shell.profile()
    }

    /// The choice, while it is being made.
    #[must_use]
    pub fn choosing(&self) -> Option<&'a Choosing> {
        match &self.flow.stage {
            Stage::Choosing(choosing) => Some(choosing),
            _ => None,
        }
    }

    /// The end of the job.
    #[must_use]
    pub fn done(&self) -> Option<&'a Done> {
        match &self.flow.stage {
            Stage::Done(done) => Some(done),
            _ => None,
        }
    }

    /// Whether nothing has been entered yet: the empty state.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.flow.stage, Stage::Idle(_)) && self.flow.desk.clip.is_none() && self.flow.result().is_none()
    }

    /// What is lost when the window is closed now, in lines; `None` where nothing is.
    #[must_use]
    pub fn lost_by_leaving(&self) -> Option<Vec<String>> {
        super::leave::lost_words(self.flow, self.profile(), self.shell.is_embedded())
    }

    /// Why the service cannot be asked just now; `None` where it can.
    #[must_use]
    pub fn service_obstacle(&self) -> Option<String> {
        if self.shell.is_embedded() {
            return match &self.shell.sandbox {
                SandboxState::Starting => Some("The sandbox is starting".into()),
                SandboxState::Failed(problem) => Some(format!("The sandbox did not start: {problem}")),
                SandboxState::Ready { .. } => None,
            };
        }
        (!self.shell.has_key()).then(|| {
            format!("Enter a key for {} first: under its name, top left", super::bars::shown_name(self.profile()))
        })
    }
}
