//! Records edits, undoes and redoes them.

use egui::Context;

use super::Window;
use crate::app::action::Action;
use crate::app::action::command::Command;
use crate::app::state::history::{Edit, EditKind, Gesture, Part};
use crate::model::{ClipSource, Placement};
use crate::workflow::PersonEvent;

impl Window {
    /// Applies a command, and records it where it is an edit.
    pub(super) fn handle_as_edit(&mut self, ctx: &Context, command: Command) {
        if matches!(command, Command::Do(Action::Undo | Action::Redo)) {
            self.handle(ctx, command);
            return;
        }
        let (before, was) = (self.edit(), self.placement());
        let (clip, session) = (self.engine.flow().desk.clip.clone(), self.session_id());
        self.handle(ctx, command);
        self.forget_what_is_gone(clip.as_ref(), session.as_deref());
        let (after, is) = (self.edit(), self.placement());
        // Changing the clip drops its faces: that is no edit of its own.
        let mut before = before;
        if clip != self.engine.flow().desk.clip {
            before.take_over(&after, Part::Face);
            before.take_over(&after, Part::Mouths);
            before.take_over(&after, Part::Placement);
        } else if session != self.session_id() {
            before.take_over(&after, Part::Face);
            before.take_over(&after, Part::Mouths);
        }
        if before != after {
            let what = EditKind::between((&before, was), (&after, is));
            self.shell.history.record(before, after, what, self.gesture(ctx));
        }
    }

    /// Applies the results of jobs. A voice converted to WAV is an edit; a new session removes edits of the faces of the last one.
    pub(super) fn pump(&mut self) {
        let before = self.engine.flow().desk.voice.clone();
        let session = self.session_id();
        let clip = self.engine.flow().desk.clip.clone();
        self.engine.pump();
        self.forget_what_is_gone(clip.as_ref(), session.as_deref());
        let after = self.edit();
        if before != after.voice {
            // The text is updated, or the next commit of the field would restore the old voice.
            self.shell.voice_entry.set_voice(after.voice.as_ref());
            let gesture = Gesture::Keys { focus: 0, at_ms: self.engine.now_ms() };
            self.shell.history.record(Edit { voice: before, ..after.clone() }, after, EditKind::Voice, gesture);
        }
    }

    pub(super) fn undo(&mut self) {
        if let Some(step) = self.shell.history.undo().cloned() {
            self.become_so(&step.before, &step.after);
        }
    }

    pub(super) fn redo(&mut self) {
        if let Some(step) = self.shell.history.redo().cloned() {
            self.become_so(&step.after, &step.before);
        }
    }

    /// Changes every part that differs between the two to its value in `wanted`.
    fn become_so(&mut self, wanted: &Edit, instead_of: &Edit) {
        if !wanted.same(instead_of, Part::Voice) {
            self.shell.voice_entry.set_voice(wanted.voice.as_ref());
        }
        if !wanted.same(instead_of, Part::Mouths) {
            self.shell.draft.set_mouths(wanted.mouths.clone());
        }
        for event in wanted.events(instead_of) {
            match event {
                PersonEvent::ChooseFace(face_id) => self.choose_face(face_id),
                event => self.engine.dispatch(event),
            }
        }
    }

    /// Submits, with the mouth where it was dragged in the draft.
    pub(super) fn submit(&mut self, send_anyway: bool) {
        let chosen = self.engine.flow().faces().and_then(|faces| faces.chosen.as_deref());
        let mouth_box = chosen.and_then(|face_id| self.shell.draft.mouths().of(face_id));
        self.engine.dispatch(PersonEvent::SetMouthBox(mouth_box));
        self.engine.submit(send_anyway);
    }

    fn forget_what_is_gone(&mut self, clip: Option<&ClipSource>, session: Option<&str>) {
        if clip != self.engine.flow().desk.clip.as_ref() && clip.is_some() {
            // Edits of another job are not undone in this one.
            self.shell.history.forget(&Part::ALL);
        } else if clip != self.engine.flow().desk.clip.as_ref() {
            self.shell.history.forget(&[Part::Face, Part::Mouths, Part::Placement]);
        } else if session != self.session_id().as_deref() {
            self.shell.history.forget(&[Part::Face, Part::Mouths]);
        }
    }

    /// The gesture of the current edit.
    fn gesture(&self, ctx: &Context) -> Gesture {
        let by_pointer = ctx.input(|input| input.pointer.any_down() || input.pointer.any_released());
        if by_pointer {
            return Gesture::Press(self.presses);
        }
        let focus = ctx.memory(egui::Memory::focused).map_or(0, |id| id.value());
        Gesture::Keys { focus, at_ms: self.engine.now_ms() }
    }

    /// The current values of everything that can be edited.
    fn edit(&self) -> Edit {
        Edit::of(self.engine.flow(), self.shell.draft.mouths())
    }

    fn placement(&self) -> Option<Placement> {
        self.view().choosing().and_then(|choosing| choosing.placement)
    }

    fn session_id(&self) -> Option<String> {
        self.engine.flow().faces().map(|faces| faces.session.session_id.clone())
    }
}
