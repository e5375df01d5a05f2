//! How long the window's own message is displayed.

use std::time::Duration;

use egui::Context;

use super::Window;
use crate::app::action::Action;
use crate::app::state::shell::Note;
use crate::model::ClipSource;

/// How long a message is displayed that something was done, or cannot be done, in milliseconds. An error is displayed until it is
/// dismissed, the clip changes, or another stage is reached.
const NOTE_MS: i64 = 8_000;

/// The displayed message, and since when it has been displayed.
#[derive(Debug, Default)]
pub(super) struct ShownNote {
    note: Option<Note>,
    since_ms: i64,
    /// Whether it says why the next step cannot be done: then it goes when that changes.
    is_obstacle: bool,
    clip: Option<ClipSource>,
    stage: &'static str,
}

impl Window {
    /// Whether the message is the reason why the next step cannot be done now.
    fn is_obstacle(&self) -> bool {
        matches!(&self.shell.note, Some(Note::Hint(why)) if Action::NextStep.obstacle(&self.view()).as_ref() == Some(why))
    }

    /// Removes the message when its time is over.
    pub(super) fn age_note(&mut self, ctx: &Context) {
        let now_ms = self.engine.now_ms();
        let clip = &self.engine.flow().desk.clip;
        let stage = self.engine.flow().stage.word();
        let goes_on = self.shown_note.clip.is_some() && self.shown_note.clip != *clip || self.shown_note.stage != stage;
        self.shown_note.stage = stage;
        if self.shown_note.clip != *clip {
            self.shown_note.clip.clone_from(clip);
        }
        if self.shell.note != self.shown_note.note {
            self.shown_note.note.clone_from(&self.shell.note);
            self.shown_note.since_ms = now_ms;
            self.shown_note.is_obstacle = self.is_obstacle();
        } else if goes_on {
            self.shell.note = None;
        }
        if self.shown_note.is_obstacle && !self.is_obstacle() {
            self.shell.note = None;
        }
        if matches!(self.shell.note, Some(Note::Good(_) | Note::Hint(_))) {
            let left_ms = self.shown_note.since_ms + NOTE_MS - now_ms;
            match u64::try_from(left_ms) {
                Ok(left_ms) if left_ms > 0 => ctx.request_repaint_after(Duration::from_millis(left_ms)),
                _ => self.shell.note = None,
            }
        }
    }
}
