//! The verdict follows the result that is shown: that of the workflow, or one that was opened from the history.

use std::path::Path;

use super::Window;
use crate::app::state::shell::saved;
use crate::app::state::verdict::Origin;
use crate::playback::player::Shown;

impl Window {
    /// Requests the verdict on the result that is shown, and takes what was measured.
    pub(super) fn follow_verdict(&mut self) {
        let origin = self.origin();
        let now_ms = self.engine.now_ms();
        self.shell.verdict.follow(&mut self.shell.judge, origin, now_ms);
    }

    /// What the result that is shown was made from; `None` while that is being read, and where no result is shown.
    fn origin(&self) -> Option<Origin> {
        let shown = self.shown_result.as_deref()?;
        if self.shell.player.shown() == Shown::Other {
            return self.shell.takes.other_origin().cloned();
        }
        if let Some(opened) = self.opened_result.as_ref().filter(|opened| opened.path == shown) {
            return opened.origin.clone();
        }
        let done = self.engine.flow().result()?;
        // What is measured is the first video: the one that is shown.
        if saved(&done.downloads) != Some(shown) {
            return None;
        }
        let Some(sent) = &done.submission else { return Some(Origin::Unknown) };
        let picks = self.shell.draft.picks();
        Some(Origin::of(shown, self.result_of.as_ref(), sent, done.faces.as_deref(), picks, &self.shell.copies))
    }

    /// Takes what was read about a result that was opened.
    pub(super) fn take_origin(&mut self, result: &Path, origin: Origin) {
        self.shell.takes.take_origin(result, &origin);
        if let Some(opened) = self.opened_result.as_mut().filter(|opened| opened.path == result) {
            opened.origin = Some(origin);
        }
    }
}
