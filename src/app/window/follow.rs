//! Effects of the workflow's state that need no command: results are downloaded and shown, waveforms computed, events received.

use std::path::Path;

use egui::Context;

use super::Window;
use crate::app::platform::background::{BackgroundEvent, Purpose, ResultPlace};
use crate::app::state::placed;
use crate::app::state::shell::{Note, displayed_download, saved};
use crate::files::folders;
use crate::playback::player::Shown;
use crate::workflow::{Done, Download, Outcome, PersonEvent, Stage};

/// What is said where the system's dialog did not open.
pub(super) const NO_DIALOG: &str =
    "The system's file dialog did not open. Type the path, or drop the file onto the window";
/// The same where a place is looked for.
pub(super) const NO_DIALOG_TO_SAVE: &str = "The system's file dialog did not open. Type the path into the field";

impl Window {
    /// Updates playback, draft, filmstrip and waveform to the workflow's state.
    pub(super) fn follow(&mut self, ctx: &Context) {
        self.fetch_result();
        self.shell.inspector.refresh(self.engine.recorder());
        self.note_accepted_key();
        let flow = self.engine.flow();
        let now_ms = self.engine.now_ms();
        self.shell.since.note(flow, now_ms);
        self.shell.wait = self.engine.wait();
        self.shell.queue.queue = self.engine.queue();
        if self.shell.inspector.is_searching() {
            ctx.request_repaint();
        }
        self.shell.textures.refresh(ctx, flow);
        let is_read = flow.desk.clip_probe.known().is_some();
        let clip = flow.desk.local_clip().filter(|_| is_read).map(Path::to_owned);
        self.shell.player.set_max_side_px(ctx.input(|input| input.max_texture_side));
        self.shell.player.set_source(Shown::Clip, clip.as_deref());
        if clip.is_none() && flow.desk.clip_probe.job().is_none() {
            self.shell.player.forget(Shown::Clip);
        }
        self.shell.draft_view.follow(&mut self.shell.draft, flow, now_ms);
        self.shell.player.set_paint(self.shell.draft.paint());
        if self.shell.filmstrip.set_clip(clip.as_deref()) {
            self.shell.timeline.show(None, 1);
        }
        let sound = placed::voice(flow).and_then(|voice| self.shell.copies.voice_file(voice));
        self.shell.listening.follow(&flow.desk);
        let placement = placed::placement(flow).map(|placement| self.shell.listening.heard(placement));
        let voice = sound.map(Path::to_owned);
        let voice = voice.as_deref();
        self.shell.player.set_voice(voice.filter(|_| placement.is_some()), placement);
        self.follow_result();
        let flow = self.engine.flow();
        // The current voice counts once it has been probed; one that was sent has been.
        let is_voice = placed::voice(flow) != flow.desk.voice.as_ref() || flow.desk.voice_probe.known().is_some();
        let sound = placed::voice(flow).and_then(|voice| self.shell.copies.voice_file(voice));
        self.shell.waveform.set_voice(sound.filter(|_| is_voice));
        self.shell.waveform.receive();
    }

    /// Shows the current result as soon as it is saved. The result before it stays available while its clip is in use, and is dropped with
    /// that clip.
    fn follow_result(&mut self) {
        let flow = self.engine.flow();
        let player = &mut self.shell.player;
        let is_at_hand = matches!(&flow.stage, Stage::Done(done) if done.outcome == Outcome::Succeeded);
        if is_at_hand {
            self.result_of.clone_from(&flow.desk.clip);
        }
        let is_read = flow.desk.local_clip().is_none() || player.has_source(Shown::Clip);
        let is_of_another = flow.desk.clip.is_some() && flow.desk.clip != self.result_of && is_read;
        let result = flow.result().and_then(|done| saved(&done.downloads));
        if self.opened_result.as_ref().is_some_and(|opened| !opened.stays(flow.desk.clip.as_ref(), result)) {
            self.opened_result = None;
        }
        let opened = self.opened_result.as_ref().map(|opened| opened.path.as_path());
        let is_of_another = is_of_another && opened.is_none();
        let result = opened.or(result).filter(|_| !is_of_another);
        // The previous result stays until this one is saved.
        let is_awaited = result.is_none() && !is_of_another && flow.result().is_some_and(is_on_its_way);
        if result != self.shown_result.as_deref() && !is_awaited {
            let is_take = std::mem::take(&mut self.shows_take);
            let plays_on = player.is_playing();
            if is_of_another {
                player.leave_result();
            } else {
                player.set_source(Shown::Result, result);
            }
            if result.is_none() {
                player.forget(Shown::Result);
                player.show(Shown::Clip);
            } else if is_take {
                // Another take is seen at the same moment, or played on from there.
                player.show(Shown::Result);
                if plays_on {
                    player.play_from(player.playhead_ms() * 1000);
                }
            } else if is_at_hand || opened.is_some() {
                // From where the chosen face begins to speak.
                let from_ms = flow.result().filter(|_| opened.is_none()).map_or(0, speaks_from_ms);
                player.show(Shown::Result);
                player.play_from(from_ms * 1000);
            }
            self.shown_result = result.map(Path::to_owned);
        }
        player.set_result_is_last(opened.is_none() && (!is_at_hand || is_awaited));
    }

    /// Downloads a result as soon as it exists.
    pub(super) fn fetch_result(&mut self) {
        let Stage::Done(done) = &self.engine.flow().stage else { return };
        if done.outcome != Outcome::Succeeded {
            return;
        }
        let missing: Vec<usize> =
            (0..done.downloads.len()).filter(|&index| done.downloads[index] == Download::NotAsked).collect();
        for index in missing {
            self.download(index);
        }
    }

    pub(super) fn displayed_download(&self) -> Option<usize> {
        self.engine.flow().result().and_then(|done| displayed_download(&done.downloads))
    }

    pub(super) fn download(&mut self, index: usize) {
        let stem = self.engine.flow().result_stem();
        let Some(task_id) = self.engine.flow().result().map(|done| done.task.task_id.clone()) else { return };
        let placed = (task_id, index);
        // A network folder may be slow; its path is requested once.
        if !self.placing.contains(&placed) {
            let (task_id, folder) = (placed.0.clone(), self.shell.settings.downloads().to_owned());
            self.background.find_place(self.journal.clone(), folder, stem, task_id, index);
            self.placing.push(placed);
        }
    }

    /// Downloads a result to the path that was found for it, unless the task is no longer the current one.
    fn take_place(&mut self, place: ResultPlace) {
        let ResultPlace { task_id, index, to, trouble } = place;
        let is_at_hand = self.engine.flow().result().is_some_and(|done| done.task.task_id == task_id);
        self.placing.retain(|placed| *placed != (task_id.clone(), index));
        if is_at_hand {
            self.shell.note = trouble.map(Note::Bad).or(self.shell.note.take());
            self.engine.dispatch(PersonEvent::Download { index, to, replaces: false });
        }
    }

    pub(super) fn handle_background_events(&mut self, ctx: &Context) {
        while let Some(event) = self.background.take() {
            match event {
                BackgroundEvent::Chosen(Purpose::Open(slot), path) => self.take_file(slot, &path),
                BackgroundEvent::Chosen(Purpose::Save, path) => self.set_save_entry(path.display().to_string()),
                BackgroundEvent::Unpacked(demo) => self.take_demo(ctx, demo),
                BackgroundEvent::Place(place) => self.take_place(place),
                BackgroundEvent::Free(path, free) => {
                    if path.display().to_string() == self.shell.save_entry {
                        self.set_save_entry(free.display().to_string());
                    }
                }
                BackgroundEvent::There(path, there) => {
                    if path == Path::new(self.shell.save_entry.trim()) {
                        self.shell.save_there = there.then_some(path);
                    }
                }
                BackgroundEvent::Unfinished(Ok(tasks)) => self.shell.unfinished = Some(tasks),
                BackgroundEvent::Unfinished(Err(why)) => {
                    self.shell.unfinished = Some(Vec::new());
                    self.shell.note = Some(Note::Bad(why));
                }
                BackgroundEvent::DeskRead(left) => self.take_desk(left),
                BackgroundEvent::OriginRead(result, origin, measured) => self.take_origin(&result, *origin, measured),
                BackgroundEvent::TakesRead(of, takes, measured) => self.take_takes(&of, takes, measured),
                BackgroundEvent::Spent(spent) => self.shell.spent = spent,
                BackgroundEvent::Deleted(deleted) => self.take_deleted(deleted),
                BackgroundEvent::TaskClosed(closed) => self.take_closed(closed),
                BackgroundEvent::Folders(folders) => self.shell.dragged_folders = folders,
                BackgroundEvent::NoDialog(Purpose::Open(_)) => {
                    self.shell.note = Some(Note::Bad(NO_DIALOG.into()));
                }
                BackgroundEvent::NoDialog(Purpose::Save | Purpose::Downloads | Purpose::Copy(_)) => {
                    self.shell.note = Some(Note::Bad(NO_DIALOG_TO_SAVE.into()));
                }
                BackgroundEvent::Chosen(Purpose::Downloads, path) => self.take_downloads(&path),
                BackgroundEvent::Missing(missing) => self.shell.settings.set_missing(missing),
                BackgroundEvent::Closed
                | BackgroundEvent::Shown
                | BackgroundEvent::StorageKeysForgotten(Ok(_))
                | BackgroundEvent::StorageTidied(Ok(_)) => {}
                BackgroundEvent::NotCopied => self.shell.saving = None,
                BackgroundEvent::Copied(path, Ok(())) => {
                    self.shell.saving = None;
                    self.shell.note = Some(Note::Good(format!("Saved to {}", folders::short(&path))));
                }
                BackgroundEvent::Copied(path, Err(why)) => {
                    self.shell.saving = None;
                    let words = format!("It could not be saved to {}: {why}. Choose another place", path.display());
                    self.shell.note = Some(Note::Bad(words));
                }
                BackgroundEvent::KeySought(account, found) => self.take_found_key(account, found),
                BackgroundEvent::StorageKeysSought(of, found) => self.take_storage_keys(of, found),
                BackgroundEvent::StorageKeysKept(kept) => self.take_kept_storage_keys(kept),
                BackgroundEvent::StorageKeysForgotten(Err(why)) => {
                    self.shell.note = Some(Note::Bad(format!("The keys of the storage are not forgotten: {why}")));
                }
                BackgroundEvent::StorageTidied(Err(problem)) => {
                    let words =
                        format!("The clip still lies in the storage, and viseme storage clean deletes it. {problem}");
                    self.shell.note = Some(Note::Bad(words));
                }
                BackgroundEvent::StoredRead(read) => self.shell.stored.take(read),
                BackgroundEvent::StoredDeleted(key, deleted) => self.take_stored_deleted(&key, deleted),
                BackgroundEvent::StorageChecked(checked) => self.take_storage_check(checked),
                BackgroundEvent::KeyKept(name, kept) => self.take_kept_key(&name, kept),
                BackgroundEvent::KeyForgotten(name, forgotten) => self.take_forgotten_key(&name, forgotten),
                BackgroundEvent::Spoken(name, answer) => self.take_spoken(&name, answer),
                BackgroundEvent::SpeechFetched(audio_id, fetched) => self.take_sound(audio_id, fetched),
                BackgroundEvent::ExpiringRead(expiring) => self.take_expiring(&expiring),
                BackgroundEvent::SpeechesRead(records) => {
                    let now_ms = self.engine.now_ms();
                    self.shell.speech.take_earlier(&records, now_ms);
                }
                BackgroundEvent::Chosen(Purpose::Copy(slot), path) => self.choose_copy(slot, path),
                BackgroundEvent::Fitted(slot, source, fitted) => self.take_fitted(slot, &source, *fitted),
                BackgroundEvent::CopyFetched(slot, address, fetched) => self.take_fetched(slot, address, fetched),
                BackgroundEvent::CopyFound(slot, of, path, at_ms) => self.take_found(slot, of, path, at_ms),
                BackgroundEvent::CopyCompared(slot, address, path, compared) => {
                    self.take_compared(slot, address, &path, compared);
                }
                BackgroundEvent::VideoRead(id, video) => self.take_video(id, video),
                BackgroundEvent::Account(name, answer) => self.take_account(name, answer),
                BackgroundEvent::Checked(checked) => self.take_check(checked),
                BackgroundEvent::Died(why) => self.shell.note = Some(Note::Bad(why)),
                BackgroundEvent::NotOpened(why) => {
                    self.shell.note = Some(Note::Bad(format!("It could not be opened: {why}")));
                }
            }
        }
    }
}

/// Whether the result is being downloaded, or is about to be.
fn is_on_its_way(done: &Done) -> bool {
    done.downloads.iter().any(|download| matches!(download, Download::NotAsked | Download::Running { .. }))
}

/// From when on the chosen face is in view and the voice sounds, in milliseconds.
fn speaks_from_ms(done: &Done) -> i64 {
    let insert_ms = done.submission.as_ref().map_or(0, |submission| submission.placement.sound_insert_time);
    let face_ms = done.faces.as_ref().and_then(|faces| faces.chosen_interval()).map_or(0, |interval| interval.start_ms);
    insert_ms.max(face_ms).max(0)
}
