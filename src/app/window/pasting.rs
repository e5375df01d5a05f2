//! Applies pasted text: fills in the recognised values, and reports what was left out. A pasted key is never used.

use egui::{Event, Ui};

use super::Window;
use crate::app::action::command::{Command, Commands};
use crate::app::state::entry::{EntryKind, SourceSlot};
use crate::app::state::paste::{
    Fields, PasteCommand, Pasted, PastedRequest, PastedVoice, Report, authority, is_request, understand,
};
use crate::app::state::shell::Note;
use crate::app::state::shell::shown_name;
use crate::model::ClipSource;
use crate::model::placement::Wanted;
use crate::workflow::{Details, PersonEvent};

/// The clipboard's text arrives in the next frame. One more frame, for an overlay to close.
pub const PASTE_FRAMES: u8 = 3;

impl Window {
    /// Handles a paste that no field handles.
    pub(super) fn pasted(&mut self, ui: &Ui, commands: &mut Commands) {
        let wanted = self.shell.paste.wanted_for > 0;
        let typing = ui.ctx().text_edit_focused() && !wanted;
        if self.shell.is_covered() && !wanted {
            return;
        }
        let texts = ui.input_mut(|input| {
            let mut texts = Vec::new();
            input.events.retain(|event| match event {
                // No field is for a whole request: it is understood wherever it is pasted.
                Event::Paste(text) if !typing || is_request(text) => {
                    texts.push(text.clone());
                    false
                }
                _ => true,
            });
            texts
        });
        if wanted && texts.is_empty() {
            let is_picture = ui.input(|input| input.events.iter().any(|event| matches!(event, Event::PasteImage(_))));
            self.shell.paste.wanted_for = if is_picture { 0 } else { self.shell.paste.wanted_for - 1 };
            if self.shell.paste.wanted_for == 0 {
                self.shell.note = Some(Note::Bad("There is no text on the clipboard".into()));
            }
            // The limit is counted in frames, so frames must be drawn.
            ui.ctx().request_repaint();
        }
        for text in texts {
            self.shell.paste.wanted_for = 0;
            commands.push(Command::Paste(PasteCommand::Text(text)));
        }
    }

    pub(super) fn paste(&mut self, command: PasteCommand) {
        let asked = self.shell.paste.ask.take();
        self.shell.paste.report = None;
        match command {
            PasteCommand::Dismiss => {}
            PasteCommand::Is(slot) => {
                if let Some(address) = asked {
                    self.take_address(slot, address);
                }
            }
            PasteCommand::Text(text) => {
                self.shell.note = None;
                match understand(&text) {
                    Pasted::Address(address, Some(slot)) => self.take_address(slot, address),
                    Pasted::Address(address, None) => self.shell.paste.ask = Some(address),
                    Pasted::Files(paths) => self.drop_files(&paths),
                    Pasted::Request(request) => self.take_request(&request),
                    Pasted::Nothing(why) => self.shell.note = Some(Note::Bad(why)),
                }
            }
        }
    }

    fn take_address(&mut self, slot: SourceSlot, address: String) {
        if let Some(why) = self.engine.flow().busy_with() {
            self.shell.note = Some(Note::Bad(format!("Nothing can be pasted now. {why}")));
            return;
        }
        self.enter(slot, EntryKind::Address, address);
    }

    fn enter(&mut self, slot: SourceSlot, kind: EntryKind, text: String) {
        let entry = match slot {
            SourceSlot::Clip => &mut self.shell.clip_entry,
            SourceSlot::Voice => &mut self.shell.voice_entry,
        };
        entry.kind = kind;
        entry.set_text(text);
        self.commit(slot);
    }

    fn take_request(&mut self, request: &PastedRequest) {
        if let Some(why) = self.engine.flow().busy_with() {
            self.shell.note = Some(Note::Bad(format!("Nothing can be pasted now. {why}")));
            return;
        }
        let mut report = Report::default();
        self.take_fields(&request.fields, &mut report);
        if request.has_key {
            let name = shown_name(self.shell.profile());
            report.lines.push(format!("The key in the command was left out: enter it under the name {name}, top left"));
        }
        if let Some(host) = &request.host {
            self.tell_host(host, &mut report);
        }
        report.lines.extend(request.fields.left_out.iter().map(|what| format!("Left out: {what}")));
        self.shell.paste.report = Some(report);
    }

    fn take_fields(&mut self, fields: &Fields, report: &mut Report) {
        let mut take = |what: &str| report.taken.push(what.to_owned());
        match &fields.clip {
            Some(ClipSource::VideoId(id)) => {
                self.enter(SourceSlot::Clip, EntryKind::Id, id.clone());
                take("video id");
            }
            Some(ClipSource::Url(url)) => {
                self.enter(SourceSlot::Clip, EntryKind::Address, url.clone());
                take("clip address");
            }
            Some(ClipSource::File(_)) | None => {}
        }
        let mut lines = Vec::new();
        match &fields.voice {
            Some(PastedVoice::Url(url)) => {
                self.enter(SourceSlot::Voice, EntryKind::Address, url.clone());
                take("voice address");
            }
            Some(PastedVoice::AudioId(id)) => {
                self.enter(SourceSlot::Voice, EntryKind::Id, id.clone());
                take("audio id");
            }
            Some(PastedVoice::Base64(_)) => {
                lines.push("Left out: the voice, which is in the command itself: choose it as a file".to_owned());
            }
            None => {}
        }
        let face = fields.face_id.as_deref();
        match (self.engine.flow().faces(), fields.session_id.as_deref(), face) {
            (Some(faces), Some(session), Some(face)) if faces.session.session_id == session => {
                if faces.session.face(face).is_some() {
                    self.choose_face(face.to_owned());
                    take("face");
                } else {
                    lines.push(format!("Left out: the face {face}, which this session does not have"));
                }
            }
            (_, None, None) => {}
            (_, _, face) => {
                let what = face.map_or_else(|| "the session".to_owned(), |face| format!("the face {face}"));
                lines.push(format!("Left out: {what} of another session: find the faces of the clip here"));
            }
        }
        let wanted = Wanted { start_ms: fields.start_ms, end_ms: fields.end_ms, insert_ms: fields.insert_ms };
        if wanted != Wanted::default() {
            self.engine.dispatch(PersonEvent::Want(wanted));
            take("times");
        }
        let desk = &self.engine.flow().desk;
        let volumes = (desk.sound_volume, desk.original_audio_volume);
        let before = desk.details.clone();
        if fields.sound_volume.is_some() || fields.original_audio_volume.is_some() {
            take("volumes");
        }
        let details = Details {
            external_task_id: fields.external_task_id.clone().or_else(|| before.external_task_id.clone()),
            callback_url: fields.callback_url.clone().or_else(|| before.callback_url.clone()),
            watermark: fields.watermark.or(before.watermark),
        };
        for (is_there, what) in [
            (fields.external_task_id.is_some(), "external task id"),
            (fields.callback_url.is_some(), "callback address"),
            (fields.watermark.is_some(), "watermark"),
        ] {
            if is_there {
                take(what);
            }
        }
        let (sound_volume, original_audio_volume) =
            (fields.sound_volume.or(volumes.0), fields.original_audio_volume.or(volumes.1));
        if details != before || volumes != (sound_volume, original_audio_volume) {
            self.engine.dispatch(PersonEvent::TakeRequest { sound_volume, original_audio_volume, details });
        }
        report.lines.extend(lines);
    }

    /// Adds a note where the command was for another service than the one in use, and offers to switch.
    fn tell_host(&self, host: &str, report: &mut Report) {
        let in_use = self.shell.profile();
        let is_of =
            |base_url: &str| url::Url::parse(base_url).is_ok_and(|url| authority(&url).as_deref() == Some(host));
        if is_of(&in_use.base_url) || is_of(&self.engine.profile().base_url) {
            return;
        }
        report.lines.push(format!("The command was for {host}; {} is in use here", shown_name(in_use)));
        let other = self.shell.profiles().iter().find(|profile| is_of(&profile.base_url));
        report.offer = other.map(|profile| (profile.name.clone(), format!("Use {}", shown_name(profile))));
    }
}
