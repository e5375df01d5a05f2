//! The read-only state that panels draw.

use crate::engine::MadeOf;
use crate::model::Profile;
use crate::workflow::{Choosing, Done, Flow, Stage};

use crate::app::state::draft::Status;
use crate::app::state::leave::{LeftAt, lost_words, queue_words};
use crate::app::state::shell::{AtClosing, SANDBOX_WAITS, SandboxState, Shell};
use crate::playback::player::Shown;

/// A read-only view of the workflow and of the window's own state.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The workflow.
    pub flow: &'a Flow,
    /// The window's own state.
    pub shell: &'a Shell,
    /// The current time, in milliseconds since the epoch.
    pub now_ms: i64,
}

/// The length of a timeline whose clip has no known length, in milliseconds.
const EMPTY_TIMELINE_MS: i64 = 10_000;

impl<'a> View<'a> {
    /// The length of the timeline, in milliseconds: the clip's length, which no edit changes, so that nothing moves under the pointer. A
    /// copy that is another file is seen whole on it.
    #[must_use]
    pub fn timeline_ms(&self) -> i64 {
        let desk = &self.flow.desk;
        let clip_ms = desk.known_clip().map(|clip| clip.duration_ms);
        let seen_ms = desk.clip_probe.known().map_or(0, |clip| clip.duration_ms);
        let faces = self.flow.faces().map(|faces| faces.session.faces.as_slice()).unwrap_or_default();
        let faces_ms = || faces.iter().filter_map(|face| face.interval).map(|interval| interval.end_ms).max();
        clip_ms
            .or_else(faces_ms)
            .or((seen_ms > 0).then_some(seen_ms))
            .unwrap_or(EMPTY_TIMELINE_MS)
            .max(seen_ms)
            .clamp(1, 3_600_000)
    }

    /// The profile in use.
    #[must_use]
    pub fn profile(&self) -> &'a Profile {
        self.shell.profile()
    }

    /// The stage of choosing face and placement, while that is current.
    #[must_use]
    pub fn choosing(&self) -> Option<&'a Choosing> {
        match &self.flow.stage {
            Stage::Choosing(choosing) => Some(choosing),
            _ => None,
        }
    }

    /// The chosen face's name, as on its tile: "Face 2".
    #[must_use]
    pub fn chosen_name(&self) -> String {
        let faces = self.flow.faces();
        let index = faces.and_then(|faces| {
            let chosen = faces.chosen.as_deref()?;
            faces.session.faces.iter().position(|face| face.face_id == chosen)
        });
        index.map_or_else(|| "the face".to_owned(), |index| format!("Face {}", index + 1))
    }

    /// How the same job as on the desk stands, where it waits, runs or was made already.
    #[must_use]
    pub fn same_job(&self) -> Option<String> {
        let made_of = MadeOf::on_desk(self.flow)?;
        self.shell.queue.same(&made_of, self.flow.is_recording(), self.now_ms)
    }

    /// The last stage, once it is reached.
    #[must_use]
    pub fn done(&self) -> Option<&'a Done> {
        match &self.flow.stage {
            Stage::Done(done) => Some(done),
            _ => None,
        }
    }

    /// The state of the draft.
    #[must_use]
    pub fn draft_status(&self) -> Status {
        self.shell.draft_view.status(&self.shell.draft, self.now_ms)
    }

    /// Why no draft can be shown; `None` where one can.
    #[must_use]
    pub fn draft_obstacle(&self) -> Option<String> {
        self.shell.draft_view.obstacle(&self.shell.draft, self.now_ms)
    }

    /// Whether nothing has been entered yet: the empty state.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.flow.stage, Stage::Idle(_))
            && self.flow.desk.clip.is_none()
            && self.flow.result().is_none()
            && !self.shell.player.has_source(Shown::Result)
    }

    /// What is lost when the window is closed now, a line each; `None` where nothing is.
    #[must_use]
    pub fn lost_by_leaving(&self) -> Option<Vec<String>> {
        // While a create waits to be sent again, nothing is on its way.
        let waits = matches!(&self.shell.wait, Some(wait) if wait.operation == "create");
        let in_sandbox = self.shell.is_embedded();
        let keeps_state = matches!(self.shell.sandbox, SandboxState::Ready { keeps_state: true, .. });
        let comes_back = self.shell.at_closing == AtClosing::ComesBack && (keeps_state || !in_sandbox);
        let lost = lost_words(self.flow, self.profile(), LeftAt { in_sandbox, comes_back }, waits);
        let of_queue = queue_words(self.shell.queue.running(), self.shell.queue.waiting(), in_sandbox);
        let all: Vec<String> = lost.into_iter().flatten().chain(of_queue).collect();
        (!all.is_empty()).then_some(all)
    }

    /// Whether the service is a real one without a key.
    #[must_use]
    pub fn lacks_key(&self) -> bool {
        !self.shell.is_embedded() && !self.shell.has_key()
    }

    /// Why the service cannot be used now; `None` where it can.
    #[must_use]
    pub fn service_obstacle(&self) -> Option<String> {
        if self.shell.is_embedded() {
            return match &self.shell.sandbox {
                SandboxState::Starting { waits: true } => Some(SANDBOX_WAITS.into()),
                SandboxState::Starting { waits: false } => Some("The sandbox is starting".into()),
                SandboxState::Failed(problem) => Some(format!("The sandbox did not start: {problem}")),
                SandboxState::Ready { .. } => None,
            };
        }
        (!self.shell.has_key()).then(|| {
            format!(
                "Enter a key for {} first: under its name, top left",
                crate::app::state::shell::shown_name(self.profile())
            )
        })
    }
}
