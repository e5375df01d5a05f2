//! Clip, voice and face as they are chosen: typed, dropped, browsed for, or the demo's.

use std::path::{Path, PathBuf};

use egui::{Context, Ui};

use super::follow::NO_DIALOG;
use super::{DemoRequest, Window};
use crate::app::action::command::Command;
use crate::app::panels::drop::{self, DropOutcome};
use crate::app::platform::background::{DialogRequest, Purpose};
use crate::app::state::entry::{EntryKind, SourceSlot};
use crate::app::state::shell::{Leaving, Note};
use crate::engine::Demo;
use crate::files;
use crate::playback::player::Shown;
use crate::workflow::{PersonEvent, Preview};

impl Window {
    pub(super) fn take_file(&mut self, slot: SourceSlot, path: &Path) {
        match slot {
            SourceSlot::Clip => self.shell.clip_entry.set_file(path),
            SourceSlot::Voice => self.shell.voice_entry.set_file(path),
        }
        self.commit(slot);
    }

    /// Uses a source as it was entered, if it differs from the one in use.
    pub(super) fn commit(&mut self, slot: SourceSlot) {
        // The path is there by now.
        self.shell.note.take_if(|note| *note == Note::Bad(NO_DIALOG.into()));
        match slot {
            SourceSlot::Clip => {
                let clip = self.shell.clip_entry.clip();
                let known = self.engine.flow().desk.clip.as_ref();
                if self.shell.clip_entry.is_only_switched_to(known.map(EntryKind::of_clip)) {
                    return;
                }
                if clip.as_ref() != known {
                    if self.asks_before(Leaving::Clip) {
                        return;
                    }
                    self.engine.dispatch(PersonEvent::SetClip(clip));
                    self.shell.player.show(Shown::Clip);
                    self.shell.player.seek(0);
                }
            }
            SourceSlot::Voice => {
                let voice = self.shell.voice_entry.voice();
                let known = self.engine.flow().desk.voice.as_ref();
                if self.shell.voice_entry.is_only_switched_to(known.map(EntryKind::of_voice)) {
                    return;
                }
                if voice.as_ref() != known {
                    self.engine.dispatch(PersonEvent::SetVoice(voice));
                }
            }
        }
    }

    /// Chooses a face, and seeks to a position at which it is in view.
    pub(super) fn choose_face(&mut self, face_id: String) {
        let interval = self.engine.flow().faces().and_then(|faces| faces.session.face(&face_id)?.interval);
        if let Some(interval) = interval
            && !interval.contains(self.shell.player.playhead_ms())
            && !self.shell.player.is_playing()
        {
            self.shell.player.seek(interval.start_ms.max(0) * 1000);
        }
        self.engine.dispatch(PersonEvent::ChooseFace(face_id));
    }

    /// Loads every preview again that could not be loaded.
    pub(super) fn fetch_previews_again(&mut self) {
        let Some(faces) = self.engine.flow().faces() else { return };
        let failed: Vec<String> = faces
            .session
            .faces
            .iter()
            .zip(&faces.previews)
            .filter(|(_, preview)| matches!(preview, Preview::Failed(_)))
            .map(|(face, _)| face.face_id.clone())
            .collect();
        for face_id in failed {
            self.engine.dispatch(PersonEvent::ReloadPreview(face_id));
        }
    }

    /// Uses the clip and the voice among these files, and says why the others are refused.
    pub(super) fn drop_files(&mut self, paths: &[PathBuf]) {
        let mut refused = Vec::new();
        for (path, outcome) in drop::drop_outcomes(&self.view(), paths.iter().map(PathBuf::as_path)) {
            match outcome {
                DropOutcome::Taken(slot) => self.take_file(slot, &path),
                DropOutcome::Refused(_) => refused.push(drop::words(&path, &outcome)),
            }
        }
        if !refused.is_empty() {
            self.shell.note = Some(Note::Bad(refused.join("; ")));
        }
    }

    pub(super) fn browse(&mut self, slot: SourceSlot) {
        let current = match slot {
            SourceSlot::Clip => self.shell.clip_entry.text(),
            SourceSlot::Voice => self.shell.voice_entry.text(),
        };
        let current = PathBuf::from(current);
        self.ask_system(Purpose::Open(slot), &current);
    }

    /// Shows the system's dialog; reports if one is already open or does not respond.
    pub(super) fn ask_system(&mut self, purpose: Purpose, start_at: &Path) {
        let instead = match purpose {
            Purpose::Open(_) => "type the path, or drop the file onto the window",
            Purpose::Save | Purpose::Downloads | Purpose::Copy(_) => "type the path into the field",
        };
        match self.background.browse(purpose, Some(start_at)) {
            DialogRequest::New => {}
            DialogRequest::StillOpen => {
                let words = format!("The system's dialog is open. If it does not show, {instead}");
                self.shell.note = Some(Note::Good(words));
            }
            DialogRequest::Anew => {
                let words = format!("The system's dialog did not respond: {instead}. It is being opened once more");
                self.shell.note = Some(Note::Bad(words));
            }
        }
    }

    pub(super) fn try_demo(&mut self) {
        self.demo_request = Some(DemoRequest { instead_of: self.engine.flow().desk.clip.clone() });
        self.background.unpack_demo(self.demo_folder.clone());
    }

    /// Uses the demo, unless another clip was chosen since it was requested.
    pub(super) fn take_demo(&mut self, ctx: &Context, demo: Result<Demo, String>) {
        let asked = self.demo_request.take();
        if asked.is_none_or(|asked| asked.instead_of != self.engine.flow().desk.clip) {
            return;
        }
        match demo {
            Ok(demo) => {
                self.handle_as_edit(ctx, Command::TakeDemo { clip: demo.clip, voice: demo.voice });
            }
            Err(why) => self.shell.note = Some(Note::Bad(why)),
        }
    }

    /// Starts a check of the files dragged over the window: which of them are folders?
    pub(super) fn note_held(&mut self, ui: &Ui) {
        let dragged: Vec<PathBuf> =
            ui.input(|input| input.raw.hovered_files.iter().filter_map(|file| file.path.clone()).collect());
        if dragged == self.dragged_files {
            return;
        }
        if !dragged.is_empty() {
            self.background.look_for_folders(dragged.clone());
        }
        self.dragged_files = dragged;
    }

    /// Sets the path to save to, and starts a check whether a file exists there.
    pub(super) fn set_save_entry(&mut self, text: String) {
        self.background.look_whether(PathBuf::from(text.trim()));
        self.shell.save_entry = text;
    }

    /// Suggests a path to save to; where that is taken, a similar one.
    pub(super) fn offer_save_path(&mut self, folder: &Path, stem: &str, ending: &str) {
        let path = folder.join(format!("{}.{ending}", files::safe_stem(stem)));
        self.shell.save_entry = path.display().to_string();
        self.background.find_free(path);
    }
}
