//! Applies the panels' commands.

use std::path::PathBuf;

use egui::{Context, ViewportCommand};

use super::Window;
use super::follow::NO_DIALOG_TO_SAVE;
use crate::app::action::command::Command;
use crate::app::platform::background::Purpose;
use crate::app::state::entry::SourceSlot;
use crate::app::state::picture_view::PictureCommand;
use crate::app::state::shell::{Dialog, Note, Saving};
use crate::workflow::{Consent, PersonEvent};

impl Window {
    /// Applies a command.
    pub(super) fn handle(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::Do(action) => self.act(ctx, action),
            Command::Speech(command) => self.handle_speech(command),
            Command::SetEntryKind(slot, kind) => match slot {
                SourceSlot::Clip => self.shell.clip_entry.kind = kind,
                SourceSlot::Voice => self.shell.voice_entry.kind = kind,
            },
            Command::EditEntry(SourceSlot::Clip, text) => self.shell.clip_entry.set_text(text),
            Command::EditEntry(SourceSlot::Voice, text) => self.shell.voice_entry.set_text(text),
            Command::CommitEntry(slot) => self.commit(slot),
            Command::DropFiles(paths) => self.drop_files(&paths),
            Command::TakeDemo { clip, voice } => {
                self.take_file(SourceSlot::Voice, &voice);
                self.take_file(SourceSlot::Clip, &clip);
                self.engine.dispatch(PersonEvent::Identify { send_anyway: false });
            }
            Command::Copy(command) => self.handle_copy(command),
            Command::Picture(command) => self.handle_picture(ctx, command),
            Command::Listen(command) => self.shell.listening.handle(command),
            Command::Fit(command) => self.handle_fit(command),
            Command::ChooseFace(face_id) => self.choose_face(face_id),
            Command::ShowPreviews(places) => self.shell.textures.show(places),
            Command::ReloadPreview(face_id) => self.engine.dispatch(PersonEvent::ReloadPreview(face_id)),
            Command::Place(wanted) => self.engine.dispatch(PersonEvent::Want(wanted)),
            Command::SetVolumes { sound_volume, original_audio_volume } => {
                self.engine.dispatch(PersonEvent::SetVolumes { sound_volume, original_audio_volume });
            }
            Command::SetDetails(details) => self.engine.dispatch(PersonEvent::SetDetails(details)),
            Command::SwitchProfile(name) => self.switch_profile(&name),
            Command::EditKey(part, text) => self.shell.keys_mut().set(part, text),
            Command::CommitKey if !self.shell.keys().edited => {}
            Command::CommitKey => {
                self.shell.keys_mut().edited = false;
                self.use_profile();
            }
            Command::UseKey => {
                self.shell.keys_mut().edited = false;
                self.shell.key_used = true;
                self.use_profile();
            }
            Command::RememberKey(remember) => self.shell.keys_mut().remember = remember,
            Command::ForgetKey => self.forget_key(),
            Command::KeyAccepted => self.shell.key_used = false,
            Command::KeyArrived => self.shell.key_takes_keys = false,
            Command::EditFollow(text) => self.shell.follow_entry = text,
            Command::FollowTask(task_id) => self.follow_task(task_id),
            Command::EditTaskId(text) => self.shell.task_id_entry = text,
            Command::GiveTaskId => {
                let task_id = std::mem::take(&mut self.shell.task_id_entry);
                self.engine.dispatch(PersonEvent::GiveTaskId(task_id));
            }
            Command::Seek(at_us) => self.shell.player.seek(at_us),
            Command::StepFrames(frames) => self.shell.player.step_frames(frames),
            Command::Show(shown) => self.shell.player.show(shown),
            // Changing the volume unmutes the sound.
            Command::SetPlayerVolume(volume) => self.shell.player.set_loudness(volume, false),
            Command::Draft(command) => {
                self.shell.draft_view.handle(&mut self.shell.draft, self.engine.flow(), command);
            }
            Command::EditSavePath(text) => self.set_save_entry(text),
            Command::SaveToPath => self.save(),
            Command::BrowseSavePath => {
                let at = PathBuf::from(self.shell.save_entry.trim());
                self.ask_system(Purpose::Save, &at);
            }
            Command::Timeline(command) => self.handle_timeline(command),
            Command::Palette(command) => self.shell.palette.handle(command),
            Command::Paste(command) => self.paste(command),
            Command::Inspector(command) => self.inspect(ctx, command),
            Command::DismissWarning => self.engine.dispatch(PersonEvent::DismissWarning),
            Command::SaveExpiring(id) => self.save_expiring(id),
            Command::ShowExpiring(id) => self.open_history_at(id),
            Command::DismissNote => self.shell.note = None,
            Command::Hint(why) => self.shell.note = Some(Note::Hint(why)),
            Command::Confirm => self.confirm(ctx),
            Command::CloseDialog => self.close_dialog(),
            Command::Settings(command) => self.handle_settings(ctx, command),
            Command::CloseMeasures => self.shell.verdict.open = false,
            Command::Queue(command) => self.handle_queue(command),
            Command::Stored(command) => self.handle_stored(command),
            Command::Takes(command) => self.handle_takes(command),
            Command::Tasks(command) => self.handle_tasks(ctx, command),
            Command::SetTheme(theme) => {
                self.shell.settings.values.theme = theme.into();
                ctx.set_theme(theme);
            }
        }
    }

    /// Zooms the picture, or gives it the whole window.
    pub(super) fn handle_picture(&mut self, ctx: &Context, command: PictureCommand) {
        match command {
            PictureCommand::Zoom(zoom) => self.shell.picture_view.zoom = zoom,
            PictureCommand::Full(is_full) => {
                self.shell.picture_view.is_full = is_full;
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(is_full));
            }
        }
    }

    pub(super) fn confirm(&mut self, ctx: &Context) {
        match self.shell.dialog.take() {
            Some(Dialog::FindFacesAnyway) => self.engine.dispatch(PersonEvent::Identify { send_anyway: true }),
            Some(Dialog::SubmitAnyway) => self.submit(true),
            Some(Dialog::Resend) => self.engine.dispatch(PersonEvent::Resend(Consent::given_by_a_person())),
            Some(Dialog::LeaveTask) => self.leave_task(),
            Some(Dialog::Follow) => {
                let task_id = std::mem::take(&mut self.shell.follow_entry);
                self.follow_task(task_id.trim().to_owned());
            }
            Some(Dialog::Save) => self.save(),
            Some(Dialog::SaveBody) => self.save_body(),
            Some(Dialog::SaveTask) => self.save_task(),
            Some(Dialog::DeleteTask) => self.delete_task(),
            Some(Dialog::CloseTask) => self.close_unclear(),
            Some(Dialog::SendTwice { queues: true }) => self.enqueue(),
            Some(Dialog::SendTwice { queues: false }) => self.submit(false),
            Some(Dialog::DeleteStored) => self.delete_stored(),
            Some(Dialog::Leave) => {
                self.close_confirmed = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            None => {}
        }
    }

    pub(super) fn save(&mut self) {
        self.shell.dialog = None;
        self.shell.note.take_if(|note| *note == Note::Bad(NO_DIALOG_TO_SAVE.into()));
        let to = PathBuf::from(self.shell.save_entry.trim());
        if to.as_os_str().is_empty() {
            return;
        }
        match self.shell.shown_result(self.engine.flow()) {
            Some(from) => {
                let from = from.to_owned();
                self.shell.saving = Some(Saving { to: to.clone(), since_ms: self.engine.now_ms() });
                self.background.copy(from, to);
            }
            None => self.engine.dispatch(PersonEvent::Download { index: 0, to, replaces: true }),
        }
    }
}
