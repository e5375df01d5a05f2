//! The voice and placement that are shown: while they are being chosen the current ones, and after that the ones that were sent,
//! whatever is entered for the next task meanwhile.

use std::path::Path;

use crate::model::{Placement, Submission, VoiceSource};
use crate::workflow::{Flow, SendState, Stage};

/// The submission that was sent, or is about to be.
fn sent(flow: &Flow) -> Option<&Submission> {
    match &flow.stage {
        Stage::Submitted(submitted) => submitted.submission.as_deref(),
        Stage::Done(done) => done.submission.as_deref(),
        Stage::Idle(_) | Stage::Identifying(_) | Stage::Choosing(_) => None,
    }
}

/// The placement that is shown and heard: the one being chosen, or the one that was sent.
#[must_use]
pub fn placement(flow: &Flow) -> Option<Placement> {
    match &flow.stage {
        Stage::Choosing(choosing) => choosing.placement,
        _ => sent(flow).map(|sent| sent.placement),
    }
}

/// The voice that is shown and heard there.
#[must_use]
pub fn voice(flow: &Flow) -> Option<&VoiceSource> {
    sent(flow).map_or(flow.desk.voice.as_ref(), |sent| Some(&sent.voice))
}

/// The file on this machine in which a voice is heard: its own, or the copy of the one on the desk.
#[must_use]
pub fn voice_file<'a>(flow: &'a Flow, voice: &'a VoiceSource) -> Option<&'a Path> {
    match voice {
        VoiceSource::File(path) => Some(path),
        elsewhere if flow.desk.voice.as_ref() == Some(elsewhere) => flow.desk.voice_copy.as_deref(),
        VoiceSource::Url(_) | VoiceSource::AudioId(_) => None,
    }
}

/// Why placement and volumes cannot be changed, once they were sent; `None` before.
#[must_use]
pub fn sent_obstacle(flow: &Flow) -> Option<&'static str> {
    if let Some(why) = flow.busy_with() {
        return Some(why);
    }
    match &flow.stage {
        Stage::Idle(_) | Stage::Identifying(_) | Stage::Choosing(_) => None,
        Stage::Submitted(submitted) if matches!(submitted.state, SendState::Accepted { .. }) => {
            Some("This is how it was sent: go back to the placement to change it")
        }
        Stage::Submitted(_) | Stage::Done(_) => Some("This is how it was sent: use Same faces again to change it"),
    }
}
