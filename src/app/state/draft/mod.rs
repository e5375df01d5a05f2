//! The draft as the window knows it: what is requested as the job stands, and how it stands, in words.

mod request;
mod status;

pub use self::request::Absence;
pub use self::status::Status;
use crate::playback::draft::{DraftMaker, Mouths};
use crate::workflow::Flow;

/// What is asked of the draft.
#[derive(Clone, Debug)]
pub enum DraftCommand {
    /// The chosen face is this one of those found on this machine.
    Pick(usize),
    /// Where mouths are.
    SetMouths(Mouths),
    /// Outline the faces on the picture, or not.
    ToggleFaces,
    /// Show the mouth's box to adjust it, or not.
    ToggleMouth,
    /// Find the chosen face's mouth again.
    ResetMouth,
    /// Stop preparing.
    Cancel,
    /// Prepare after all.
    Prepare,
}

/// What the window adds to a draft: why there is none, and what is drawn over the picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct DraftView {
    absence: Option<Absence>,
    hides_faces: bool,
    adjusts_mouth: bool,
}

impl DraftView {
    /// Receives what came of the draft, and requests what belongs to the job as it stands.
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

    /// Carries out what a person asked for.
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
