//! Clip, voice and face as they are given: typed, dropped, browsed for, or the demo's.

use std::path::{Path, PathBuf};

use super::Window;
use crate::app::background::Purpose;
use crate::app::entry::{SourceSlot, slot_of};
use crate::app::folders::Demo;
use crate::app::player::Shown;
use crate::app::shell::Note;
use crate::workflow::PersonEvent;

impl Window {
    pub(super) fn take_file(&mut self, slot: SourceSlot, path: &Path) {
        match slot {
            SourceSlot::Clip => self.shell.clip_entry.set_file(path),
            SourceSlot::Voice => self.shell.voice_entry.set_file(path),
        }
        self.commit(slot);
    }

    /// Takes a source as it was typed, where it is another than before.
    pub(super) fn commit(&mut self, slot: SourceSlot) {
        match slot {
            SourceSlot::Clip => {
                let clip = self.shell.clip_entry.clip();
                if clip != self.engine.flow().desk.clip {
                    self.engine.dispatch(PersonEvent::SetClip(clip));
                    self.shell.player.show(Shown::Clip);
                    self.shell.player.seek(0);
                }
            }
            SourceSlot::Voice => {
                let voice = self.shell.voice_entry.voice();
                if voice != self.engine.flow().desk.voice {
                    self.engine.dispatch(PersonEvent::SetVoice(voice));
                }
            }
        }
    }

    /// Chooses a face, and shows a moment at which it is in view.
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

    pub(super) fn drop_files(&mut self, paths: &[PathBuf]) {
        for path in paths {
            match slot_of(path) {
                Some(SourceSlot::Clip) if self.engine.flow().busy_with().is_some() => {
                    let why = self.engine.flow().busy_with().unwrap_or_default();
                    self.shell.note = Some(Note::Bad(format!("The clip cannot be changed just now. {why}")));
                }
                Some(slot) => self.take_file(slot, path),
                None => {
                    let words =
                        format!("{} is neither a clip (MP4, MOV) nor a voice (MP3, WAV, M4A, AAC)", path.display());
                    self.shell.note = Some(Note::Bad(words));
                }
            }
        }
    }

    pub(super) fn browse(&mut self, slot: SourceSlot) {
        let current = match slot {
            SourceSlot::Clip => self.shell.clip_entry.text(),
            SourceSlot::Voice => self.shell.voice_entry.text(),
        };
        self.background.browse(Purpose::Open(slot), Some(Path::new(current)));
    }

    pub(super) fn try_demo(&mut self) {
        match Demo::unpack(&self.demo_folder) {
            Ok(demo) => {
                self.take_file(SourceSlot::Voice, &demo.voice);
                self.take_file(SourceSlot::Clip, &demo.clip);
                self.engine.dispatch(PersonEvent::Identify { send_anyway: false });
            }
            Err(err) => {
                let words = format!("The demo cannot be written to {}: {err}", self.demo_folder.display());
                self.shell.note = Some(Note::Bad(words));
            }
        }
    }
}
