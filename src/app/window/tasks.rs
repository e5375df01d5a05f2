//! The history: what is read for it, and what is done with its tasks.

use std::path::{Path, PathBuf};

use egui::Context;

use super::Window;
use crate::app::action::{Action, profile_of, task_obstacle};
use crate::app::state::copies::Remote;
use crate::app::state::desk::SavedDesk;
use crate::app::state::entry::SourceSlot;
use crate::app::state::shell::{Dialog, Leaving, Note};
use crate::app::state::tasks::{Answer, Detail, TaskAction, TasksCommand};
use crate::app::state::verdict::Origin;
use crate::engine::journal::{IntentId, Service};
use crate::model::{ClipSource, Problem, Submission};
use crate::playback::player::Shown;
use crate::secrets::shown;
use crate::workflow::{Download, Flow, PersonEvent, Stage};

/// What is said where a task is made again that may have been made.
const MAYBE_TWICE: &str = "Whether the service took this task is not known: if it did, submitting it again pays twice. Look it up, in the history, asks the service";

/// What of the workflow shows in the history: when it changes, the history is read again.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ShownOfFlow {
    stage: &'static str,
    task: Option<(String, String)>,
    saved: usize,
    is_recording: bool,
    /// What earlier runs left and is settled by now.
    settled: u64,
}

impl ShownOfFlow {
    pub(super) fn of(flow: &Flow, settled: u64) -> Self {
        let task = match &flow.stage {
            Stage::Submitted(submitted) => submitted.task(),
            Stage::Done(done) => Some(&done.task),
            _ => None,
        };
        let downloads = flow.result().map(|done| done.downloads.as_slice()).unwrap_or_default();
        Self {
            stage: flow.stage.word(),
            task: task.map(|task| (task.task_id.clone(), task.status_raw.clone())),
            saved: downloads.iter().filter(|download| matches!(download, Download::Saved(_))).count(),
            is_recording: flow.is_recording(),
            settled,
        }
    }
}

/// A result of the history that is in the player, in place of the one of the workflow.
#[derive(Debug)]
pub(super) struct OpenedResult {
    /// The file.
    pub(super) path: PathBuf,
    /// Its task.
    pub(super) id: IntentId,
    /// What it was made from, once that is read.
    pub(super) origin: Option<Origin>,
    /// The clip and the workflow's own result, while which it is shown.
    clip: Option<ClipSource>,
    instead_of: Option<PathBuf>,
}

impl OpenedResult {
    /// A file that is shown while the clip and the workflow's own result are these.
    pub(super) const fn of(id: IntentId, path: PathBuf, clip: Option<ClipSource>, instead_of: Option<PathBuf>) -> Self {
        Self { path, id, origin: None, clip, instead_of }
    }

    /// Whether it is still to be shown.
    pub(super) fn stays(&self, clip: Option<&ClipSource>, result: Option<&Path>) -> bool {
        (self.clip.as_ref(), self.instead_of.as_deref()) == (clip, result)
    }
}

impl Window {
    /// Reads what the open history lacks, and takes what was read.
    pub(super) fn follow_tasks(&mut self) {
        while let Some(answer) = self.reader.receive() {
            self.shell.tasks.take(answer);
        }
        if !self.shell.tasks.is_open() {
            self.reader.stop();
            return;
        }
        let now = ShownOfFlow::of(self.engine.flow(), self.engine.settled());
        if self.shown_of_flow != now {
            self.shown_of_flow = now;
            self.shell.tasks.refresh(self.engine.now_ms());
        }
        if let Some(order) = self.shell.tasks.order()
            && let Err(why) = self.reader.order(order)
        {
            self.shell.tasks.take(Answer::Failed(why));
        }
    }

    /// Applies a command for the history.
    pub(super) fn handle_tasks(&mut self, ctx: &Context, command: TasksCommand) {
        match &command {
            TasksCommand::Do(action) => self.act_on_task(ctx, *action),
            TasksCommand::Copy(id) => ctx.copy_text(id.clone()),
            _ => {}
        }
        self.shell.tasks.handle(command, self.engine.now_ms());
    }

    fn act_on_task(&mut self, ctx: &Context, action: TaskAction) {
        let Some(detail) = self.shell.tasks.shown().cloned() else { return };
        if task_obstacle(action, &detail, &self.view()).is_some() {
            return;
        }
        match action {
            TaskAction::OpenResult => self.open_result(&detail),
            TaskAction::Compare => {
                self.open_result(&detail);
                self.open_takes();
            }
            TaskAction::ShowInFolder => {
                if let Some(folder) = detail.result().and_then(|result| result.path.parent()) {
                    self.background.show(folder.to_owned());
                }
            }
            TaskAction::Follow => {
                if let Some(task) = &detail.intent.task {
                    self.shell.tasks.close();
                    self.follow_task_at(&detail.intent.service.clone(), task.task_id.clone(), None);
                }
            }
            TaskAction::LookUp if Service::of(self.shell.profile()).is_same(&detail.intent.service) => {
                self.engine.look_again(detail.intent.id);
            }
            // It is looked for by itself where its service is connected.
            TaskAction::LookUp => self.use_service(&detail.intent.service.clone()),
            TaskAction::Close => {
                if let Some(unclear) = detail.unclear {
                    self.ask_to_close(unclear);
                }
            }
            TaskAction::RunAgain | TaskAction::AnotherVoice => {
                let voice = detail.voice.clone().filter(|_| action == TaskAction::RunAgain);
                if let Some(clip) = detail.clip.clone() {
                    self.shell.tasks.close();
                    self.run_again(&SavedDesk::of_task(&detail.intent, clip, voice));
                    if detail.unclear.is_some() && self.shell.dialog.is_none() {
                        self.shell.note = Some(Note::Hint(MAYBE_TWICE.into()));
                    }
                    if action == TaskAction::AnotherVoice && self.shell.dialog.is_none() {
                        self.act(ctx, Action::BrowseVoice);
                    }
                }
            }
            TaskAction::Export => {
                let id = detail.intent.task.as_ref().map(|task| task.task_id.clone());
                let id = id.or_else(|| detail.intent.external_task_id.clone()).unwrap_or_default();
                let folder = self.shell.settings.downloads().to_owned();
                self.offer_save_path(&folder, &shown(&format!("task {id}")), "json");
                self.shell.tasks.saving = Some(detail.document);
                self.shell.dialog = Some(Dialog::SaveTask);
            }
            TaskAction::Delete => self.shell.dialog = Some(Dialog::DeleteTask),
        }
    }

    /// Shows a saved result in the player.
    fn open_result(&mut self, detail: &Detail) {
        let Some(result) = detail.result() else { return };
        self.open_file(detail.intent.id, result.path.clone());
        self.shell.tasks.close();
    }

    /// Saves what the journal has of the task.
    pub(super) fn save_task(&mut self) {
        let to = PathBuf::from(self.shell.save_entry.trim());
        self.shell.tasks.takes_keys = true;
        if let Some(text) = self.shell.tasks.saving.take()
            && !to.as_os_str().is_empty()
        {
            self.background.write(text, to);
        }
    }

    /// Deletes the selected task from the history.
    pub(super) fn delete_task(&mut self) {
        self.shell.tasks.takes_keys = true;
        if let Some(id) = self.shell.tasks.shown().map(|detail| detail.intent.id) {
            self.background.delete_task(self.journal.clone(), id);
        }
    }

    /// Takes the outcome of a deletion.
    pub(super) fn take_deleted(&mut self, deleted: Result<(), String>) {
        if let Err(why) = deleted {
            self.shell.note = Some(Note::Bad(why));
        }
        self.shell.tasks.refresh(self.engine.now_ms());
        self.read_takes();
        self.read_expiring();
    }

    /// Takes the outcome of closing an unclear create.
    pub(super) fn take_closed(&mut self, closed: Result<(), Problem>) {
        self.shell.note = Some(match closed {
            Ok(()) => Note::Good("The unclear task is closed: it counts as not created".into()),
            Err(problem) => Note::Bad(format!("{problem}. Nothing was closed")),
        });
        self.shell.tasks.refresh(self.engine.now_ms());
    }

    /// Follows a task at its service. Where that has no key, it waits for one. `sent`: what is on the desk is what it was made from, and was
    /// sent like this.
    pub(super) fn follow_task_at(&mut self, service: &Service, task_id: String, sent: Option<Box<Submission>>) {
        if self.asks_before(Leaving::FollowAt(service.clone(), task_id.clone())) {
            return;
        }
        self.use_service(service);
        self.resume_when_connected = self.view().service_obstacle().is_some();
        self.engine.dispatch(match sent {
            Some(submission) => PersonEvent::FollowSent { task_id, submission },
            None => PersonEvent::Follow { task_id, wait: true },
        });
    }

    /// Puts clip, voice and placement of a task on the desk. Nothing is sent.
    pub(super) fn run_again(&mut self, desk: &SavedDesk) {
        if self.asks_before(Leaving::RunAgain(Box::new(desk.clone()))) {
            return;
        }
        if let Some(service) = &desk.service {
            self.use_service(service);
        }
        self.lay_out(desk);
        // Their session may live still: then nothing is paid for them.
        self.engine.dispatch(PersonEvent::Recall { face_id: desk.face_id.clone() });
    }

    /// Switches to the service of a task, where there is one and it is not in use.
    pub(super) fn use_service(&mut self, service: &Service) {
        let Some(profile) = profile_of(&self.view(), service).cloned() else { return };
        let is_other = profile.name != self.shell.profile().name;
        // What follows belongs to that service, also while it has no key.
        if is_other && self.engine.expect(profile.clone()).is_ok() && self.shell.set_profile(&profile.name) {
            self.use_profile();
        }
    }

    /// Puts clip, voice and placement on the desk.
    pub(super) fn lay_out(&mut self, desk: &SavedDesk) {
        if desk.clip == self.engine.flow().desk.clip {
            self.engine.dispatch(PersonEvent::Again);
        } else {
            self.engine.dispatch(PersonEvent::SetClip(desk.clip.clone()));
        }
        self.engine.dispatch(PersonEvent::SetVoice(desk.voice.clone()));
        self.engine.dispatch(PersonEvent::Want(desk.wanted()));
        let (sound_volume, original_audio_volume) = (desk.sound_volume, desk.original_audio_volume);
        self.engine.dispatch(PersonEvent::SetVolumes { sound_volume, original_audio_volume });
        if let Some(face_id) = &desk.face_id {
            self.engine.dispatch(PersonEvent::ChooseFace(face_id.clone()));
        }
        let clip = desk.clip.as_ref().and_then(Remote::of_clip).zip(desk.clip_copy.clone());
        let voice = desk.voice.as_ref().and_then(Remote::of_voice).zip(desk.voice_copy.clone());
        let others = (desk.clip_copy_other.clone(), desk.voice_copy_other.clone());
        for (slot, copy, other) in [(SourceSlot::Clip, clip, others.0), (SourceSlot::Voice, voice, others.1)] {
            // What was fetched is found by its address, with its time.
            if let Some((remote, path)) = copy.filter(|(_, path)| !self.is_found_again(path)) {
                self.take_copy_again(slot, &remote, &path, other);
            }
        }
        self.shell.clip_entry.set_clip(desk.clip.as_ref());
        self.shell.voice_entry.set_voice(desk.voice.as_ref());
        self.shell.player.show(Shown::Clip);
        self.shell.player.seek(0);
    }

    /// Opens the history at this task.
    pub(super) fn open_history_at(&mut self, id: IntentId) {
        self.shell.tasks.show_only(id);
        self.open_history();
    }

    /// Opens the history.
    pub(super) fn open_history(&mut self) {
        self.shown_of_flow = ShownOfFlow::of(self.engine.flow(), self.engine.settled());
        self.shell.tasks.open(self.engine.now_ms());
    }
}
