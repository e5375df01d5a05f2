//! The window's part of the draft: the request that fits the current state of the workflow, and the status as text.

mod request;
mod status;

pub use self::request::{Absence, service_faces};
pub use self::status::Status;
use crate::playback::draft::{DraftMaker, Mouths};
use crate::workflow::Flow;

/// A command for the draft.
#[derive(Clone, Debug)]
pub enum DraftCommand {
    /// Which of the faces found on this machine is the chosen one.
    Pick(usize),
    /// Set the mouth positions.
    SetMouths(Mouths),
    /// Outline the faces on the picture, or not.
    ToggleFaces,
    /// Show the mouth's box for adjustment, or not.
    ToggleMouth,
    /// Detect the chosen face's mouth again.
    ResetMouth,
    /// Stop the preparation.
    Cancel,
    /// Resume the preparation.
    Prepare,
}

/// The window's part of a draft: why there is none, and the overlays on the picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct DraftView {
    absence: Option<Absence>,
    hides_faces: bool,
    adjusts_mouth: bool,
}

impl DraftView {
    /// Receives the draft's results, and requests the draft that fits the current state.
    pub fn follow(&mut self, draft: &mut DraftMaker, flow: &Flow, now_ms: i64) {
        draft.receive();
        match request::request(flow, draft.picks(), draft.mouths()) {
            Err(absence) => {
                if draft.has_request() && !absence.passes() {
                    draft.clear();
                }
                self.absence = Some(absence);
            }
            Ok((request, absence)) => {
                self.absence = absence;
                if absence.is_some_and(|absence| !absence.passes()) {
                    draft.drop_ready();
                }
                draft.request(request, now_ms);
            }
        }
    }

    /// Applies a command.
    pub fn handle(&mut self, draft: &mut DraftMaker, flow: &Flow, command: DraftCommand) {
        match command {
            DraftCommand::Pick(track) => {
                if let Some(face_id) = flow.faces().and_then(|faces| faces.chosen.clone()) {
                    draft.pick(face_id, track);
                }
            }
            DraftCommand::SetMouths(mouths) => draft.set_mouths(mouths),
            DraftCommand::ToggleFaces => self.hides_faces = !self.hides_faces,
            DraftCommand::ToggleMouth => self.adjusts_mouth = !self.adjusts_mouth,
            DraftCommand::ResetMouth => {
                if let Some(face_id) = draft.speaker() {
                    let mouths = draft.mouths().with(face_id, None);
                    draft.set_mouths(mouths);
                }
            }
            DraftCommand::Cancel => draft.cancel(),
            DraftCommand::Prepare => draft.retry(),
        }
    }

    /// Whether the mouth's box is shown.
    #[must_use]
    pub const fn adjusts_mouth(&self) -> bool {
        self.adjusts_mouth
    }

    /// Whether the faces are outlined on the picture.
    #[must_use]
    pub const fn shows_faces(&self) -> bool {
        !self.hides_faces
    }
}
