//! The verdict follows the result that is shown: that of the workflow, or one that was opened from the history.

use std::path::Path;

use super::Window;
use crate::app::state::shell::saved;
use crate::app::state::verdict::Origin;
use crate::engine::Journaling;
use crate::engine::journal::KeptVerdict;
use crate::media::judge::Judgement;
use crate::playback::player::Shown;

impl Window {
    /// Requests the verdict on the result that is shown, and takes what was measured.
    pub(super) fn follow_verdict(&mut self) {
        let origin = self.origin();
        let now_ms = self.engine.now_ms();
        self.shell.verdict.follow(&mut self.shell.judge, origin, now_ms);
        self.keep_verdict();
    }

    /// Writes down what was just measured, with the task whose result it is on: no later window measures it again.
    fn keep_verdict(&mut self) {
        let Some(fresh) = self.shell.judge.fresh() else { return };
        let result = &fresh.request.result;
        let opened = self.opened_result.as_ref().filter(|opened| opened.path == *result).map(|opened| opened.id);
        let row = || self.shell.takes.takes.rows.iter().find(|row| row.files.contains(result)).map(|row| row.id);
        // A result that was only just saved is among the takes as soon as those are read.
        let (Some(id), Journaling::On(journal)) = (opened.or_else(row), &self.journal) else { return };
        match serde_json::to_value(&*fresh.judgement) {
            Ok(document) => journal.keep_verdict(id, KeptVerdict { made_of: fresh.made_of.clone(), document }),
            Err(err) => tracing::debug!(%err, "a verdict cannot be written down"),
        }
        self.shell.judge.written();
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

    /// Takes what was read about a result that was opened, and what an earlier window has measured of it.
    pub(super) fn take_origin(&mut self, result: &Path, origin: Origin, measured: Option<Box<Judgement>>) {
        if let (Origin::Here(request), Some(judgement)) = (&origin, measured) {
            self.shell.judge.remember((**request).clone(), *judgement);
        }
        self.shell.takes.take_origin(result, &origin);
        if let Some(opened) = self.opened_result.as_mut().filter(|opened| opened.path == result) {
            opened.origin = Some(origin);
        }
    }
}
