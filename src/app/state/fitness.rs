//! Whether the chosen face is fit to speak where the voice is placed, as far as that is measured on this machine.

use crate::app::state::placed;
use crate::app::state::view::View;
use crate::model::fitness::{NotMeasured, Verdict};

/// What is said of it before anything is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The verdict; `None`: nothing can be measured.
    pub verdict: Option<Verdict>,
    /// The same in words, with the reason.
    pub words: String,
}

/// What is said of the chosen face; `None` while it is not known.
#[must_use]
pub fn fit(view: &View<'_>) -> Option<Fit> {
    let face_id = view.choosing()?.faces.chosen.as_deref()?;
    let name = view.chosen_name();
    if view.flow.desk.local_clip().is_none() || view.flow.desk.clip_copy_is.is_another() {
        return Some(Fit { verdict: None, words: NotMeasured::ClipIsElsewhere.words(&name) });
    }
    let fitness = view.shell.draft.fitness(face_id, placed::placement(view.flow)?.span())?;
    Some(Fit { verdict: Some(fitness.verdict), words: fitness.words(&name) })
}
