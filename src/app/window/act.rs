//! Runs user actions.

use egui::Context;

use super::Window;
use super::pasting::PASTE_FRAMES;
use crate::app::action::command::Command;
use crate::app::action::{self, Action};
use crate::app::state::copies::CopyCommand;
use crate::app::state::draft::DraftCommand;
use crate::app::state::entry::SourceSlot;
use crate::app::state::fit::conversion_of;
use crate::app::state::palette::PaletteCommand;
use crate::app::state::picture_view::{PictureCommand, PictureZoom};
use crate::app::state::settings::Page;
use crate::app::state::shell::{Dialog, Leaving, Note, SandboxState, service_menu_id};
use crate::app::state::speech;
use crate::app::state::timeline::ZOOM_STEP;
use crate::app::state::timeline::edit::{Grip, pull, wanted};
use crate::model::placement::{Wanted, nearest};
use crate::secrets::{redacted, shown};
use crate::workflow::{PersonEvent, Stage};

/// A press within this time after the one before is a second press, in seconds.
const SECOND_PRESS_S: f64 = 0.7;

impl Window {
    /// Runs a user action, unless an obstacle disables it.
    pub(super) fn act(&mut self, ctx: &Context, action: Action) {
        if action.obstacle(&self.view()).is_some() {
            return;
        }
        if action == Action::NextStep {
            return self.act(ctx, action::primary(&self.view()));
        }
        if self.is_second_press(ctx, action) {
            return;
        }
        match action {
            Action::NextStep => {}
            Action::TryDemo => self.try_demo(),
            // The clipboard's text arrives as a paste event in one of the next frames; without a text, nothing arrives.
            Action::Paste => {
                self.shell.paste.wanted_for = PASTE_FRAMES;
                ctx.send_viewport_cmd(egui::ViewportCommand::RequestPaste);
            }
            Action::BrowseClip => self.browse(SourceSlot::Clip),
            Action::OpenSpeech => self.open_speech(speech::Page::New),
            Action::OpenSpeeches => self.open_speech(speech::Page::Earlier),
            Action::BrowseVoice => self.browse(SourceSlot::Voice),
            // The entered text stays; committing it again reads the file again. Of an address, the copy alone is left.
            Action::CancelReadingClip if self.engine.flow().desk.clip_copy.is_some() => {
                self.handle_copy(CopyCommand::Forget(SourceSlot::Clip));
            }
            Action::CancelReadingVoice if self.engine.flow().desk.voice_copy.is_some() => {
                self.handle_copy(CopyCommand::Forget(SourceSlot::Voice));
            }
            Action::CancelReadingClip => self.engine.dispatch(PersonEvent::SetClip(None)),
            Action::CancelReadingVoice => self.engine.dispatch(PersonEvent::SetVoice(None)),
            Action::FitPicture => self.handle_picture(ctx, PictureCommand::Zoom(PictureZoom::Fit)),
            Action::ActualPicture => self.handle_picture(ctx, PictureCommand::Zoom(PictureZoom::Actual)),
            Action::PictureToFace => self.handle_picture(ctx, PictureCommand::Zoom(PictureZoom::Face)),
            Action::ToggleFullPicture => {
                let is_full = self.shell.picture_view.is_full;
                self.handle_picture(ctx, PictureCommand::Full(!is_full));
            }
            Action::LeaveFullPicture => self.handle_picture(ctx, PictureCommand::Full(false)),
            Action::FitClip => self.open_fit(SourceSlot::Clip),
            Action::FitVoice => self.open_fit(SourceSlot::Voice),
            Action::StopFitting => self.stop_fitting(),
            Action::FetchClip => self.commit_and_fetch(SourceSlot::Clip),
            Action::FetchVoice => self.commit_and_fetch(SourceSlot::Voice),
            Action::CancelFetchClip => self.cancel_fetch(SourceSlot::Clip),
            Action::CancelFetchVoice => self.cancel_fetch(SourceSlot::Voice),
            Action::SendVoiceAsWav => self.engine.dispatch(PersonEvent::SendVoiceAsWav),
            Action::CancelVoiceAsWav => self.engine.dispatch(PersonEvent::CancelVoiceAsWav),
            Action::FetchPreviewsAgain => self.fetch_previews_again(),
            Action::CancelPreviews => self.engine.dispatch(PersonEvent::CancelPreviews),
            Action::CancelLookUp => self.engine.dispatch(PersonEvent::CancelLookUp),
            Action::CancelSaving => self.background.cancel_copy(),
            Action::NewClip => self.new_clip(),
            Action::FindFaces => {
                self.commit(SourceSlot::Clip);
                self.engine.dispatch(PersonEvent::Identify { send_anyway: false });
            }
            Action::FindFacesAnyway => self.shell.dialog = Some(Dialog::FindFacesAnyway),
            Action::CancelFinding => self.engine.dispatch(PersonEvent::Cancel),
            Action::StopWaiting => self.engine.give_up_wait(),
            Action::FindFacesAgain => {
                // After a task that was refused for its session: back to its faces, then a new session for them.
                if matches!(&self.engine.flow().stage, Stage::Submitted(_)) {
                    self.engine.dispatch(PersonEvent::Again);
                }
                self.engine.dispatch(PersonEvent::IdentifyAgain);
            }
            Action::ConfirmProposed => self.engine.dispatch(PersonEvent::ConfirmProposed),
            Action::Submit => {
                self.commit(SourceSlot::Voice);
                if !self.asks_before_twice(false) {
                    self.submit(false);
                }
            }
            Action::Enqueue => {
                self.commit(SourceSlot::Voice);
                if !self.asks_before_twice(true) {
                    self.enqueue();
                }
            }
            Action::NextTask => self.prepare_next(),
            Action::OpenQueue => self.shell.queue.open = true,
            Action::PauseQueue => self.engine.pause_queue(),
            Action::ResumeQueue => self.engine.resume_queue(),
            Action::ClearQueue => self.engine.clear_queue(),
            Action::SubmitAnyway => self.shell.dialog = Some(Dialog::SubmitAnyway),
            Action::SnapToBest => self.snap_to_best(),
            Action::ProposeAnew => self.engine.dispatch(PersonEvent::Want(Wanted::default())),
            Action::PauseWaiting => self.engine.dispatch(PersonEvent::Pause),
            Action::ResumeWaiting => self.engine.dispatch(PersonEvent::Resume),
            Action::BackToPlacement => {
                if !self.asks_before(Leaving::Back) {
                    self.engine.dispatch(PersonEvent::Back);
                }
            }
            Action::FollowTask => self.ask_for_task(),
            Action::EnterKey => {
                egui::Popup::open_id(ctx, service_menu_id());
                self.shell.key_takes_keys = true;
            }
            Action::LookUp => self.engine.dispatch(PersonEvent::LookUp),
            Action::Resend => self.shell.dialog = Some(Dialog::Resend),
            Action::Abandon => self.engine.dispatch(PersonEvent::Abandon),
            Action::FollowNamed => {
                if let Some(task_id) = action::named_task(&self.view()).map(str::to_owned) {
                    self.engine.dispatch(PersonEvent::Follow { task_id, wait: true });
                }
            }
            Action::AnotherName => self.engine.dispatch(PersonEvent::Back),
            Action::SecondBack => self.shell.player.seek((self.shell.player.playhead_ms() - 1_000).max(0) * 1_000),
            Action::SecondForward => {
                let player = &mut self.shell.player;
                player.seek((player.playhead_ms() + 1_000).min(player.duration_ms()) * 1_000);
            }
            Action::StartHere => self.trim_here(Grip::Start),
            Action::EndHere => self.trim_here(Grip::End),
            Action::ToggleSnapping => self.shell.timeline.toggle_snapping(),
            Action::ShowMeasures => self.shell.verdict.open = true,
            Action::MeasureAgain => self.shell.judge.measure(self.engine.now_ms()),
            Action::StopMeasuring => self.shell.judge.stop(),
            Action::TryAgain if action::is_key_refused(&self.view()) => {
                // Nothing was wrong with the task: it goes on where it stopped.
                self.engine.dispatch(PersonEvent::Again);
                self.engine.dispatch(PersonEvent::DismissProblem);
                self.submit(false);
            }
            Action::TryAgain | Action::SameFacesAgain => self.engine.dispatch(PersonEvent::Again),
            Action::CopyConversion => {
                if let Some(command) = conversion_of(&self.view()) {
                    ctx.copy_text(shown(&command));
                    self.shell.note = Some(Note::Good("The command is copied: paste it into a terminal".into()));
                }
            }
            Action::CopyTaskId => {
                if let Some(task_id) = action::task_id(&self.view()) {
                    ctx.copy_text(shown(task_id));
                }
            }
            Action::CopyAddress => {
                if let Some(address) = action::result_address(&self.view()) {
                    // The one place in the window where its signature stays.
                    ctx.copy_text(redacted(address).into_owned());
                }
            }
            Action::SaveAs => {
                let stem = self.engine.flow().result_stem();
                let saved = self.shell.shown_result(self.engine.flow());
                let folder = saved.and_then(std::path::Path::parent).unwrap_or(self.shell.settings.downloads());
                let folder = folder.to_owned();
                self.offer_save_path(&folder, &stem, "mp4");
                self.shell.dialog = Some(Dialog::Save);
            }
            Action::StopDownload => {
                if let Some(index) = self.displayed_download() {
                    self.engine.dispatch(PersonEvent::CancelDownload { index });
                }
            }
            Action::DownloadAgain => {
                if let Some(index) = self.displayed_download() {
                    self.download(index);
                }
            }
            Action::OpenResult => {
                if let Some(path) = self.shell.shown_result(self.engine.flow()) {
                    self.background.show(path.to_owned());
                }
            }
            Action::OpenFolder => {
                if let Some(folder) = self.shell.shown_result(self.engine.flow()).and_then(std::path::Path::parent) {
                    self.background.show(folder.to_owned());
                }
            }
            Action::PlayPause => self.shell.player.toggle(),
            Action::ToStart => self.shell.player.seek(0),
            Action::ToEnd => self.shell.player.seek_end(),
            Action::ToggleLoop => self.shell.player.toggle_loop(),
            Action::ToggleMute => self.shell.player.toggle_mute(),
            Action::ToggleBeside => self.toggle_beside(),
            Action::HearOther => self.hear_other(),
            Action::ToggleTakes => {
                let takes = &mut self.shell.takes;
                takes.open = !takes.open;
                takes.takes_keys = takes.open;
            }
            Action::FrameBack => self.shell.player.step(false),
            Action::FrameForward => self.shell.player.step(true),
            Action::DismissMessage if self.shell.note.is_some() => self.shell.note = None,
            Action::DismissMessage if !self.engine.flow().warnings.is_empty() => {
                self.engine.dispatch(PersonEvent::DismissWarning);
            }
            Action::DismissMessage | Action::DismissProblem => self.engine.dispatch(PersonEvent::DismissProblem),
            Action::ZoomIn => self.zoom_timeline(ZOOM_STEP),
            Action::ZoomOut => self.zoom_timeline(1.0 / ZOOM_STEP),
            Action::ZoomToAll => self.shell.timeline.show(None, 1),
            Action::Undo => self.undo(),
            Action::Redo => self.redo(),
            Action::OpenPalette => self.shell.palette.handle(PaletteCommand::Open),
            Action::OpenSettings => self.open_settings(ctx, Page::Appearance),
            Action::OpenAbout => self.open_settings(ctx, Page::About),
            Action::SwitchToSandbox => {
                if let Some(name) = self.shell.embedded().map(|profile| profile.name.clone()) {
                    self.handle(ctx, Command::SwitchProfile(name));
                }
            }
            Action::CheckConnection => {
                self.shell.checking = true;
                self.background.check(self.engine.check());
            }
            Action::OpenHistory => self.open_history(),
            Action::OpenAccount => self.open_settings(ctx, Page::Account),
            Action::OpenSpending => self.open_settings(ctx, Page::Spending),
            Action::EditServices => self.open_settings(ctx, Page::Services),
            Action::OpenStorage => self.open_settings(ctx, Page::Storage),
            Action::ResetLayout => self.reset_layout(ctx),
            Action::OpenShortcuts => self.shell.palette.handle(PaletteCommand::OpenSheet),
            // An inspector opened by key takes the focus, so that arrow keys work at once; one opened by the pointer does not.
            Action::ToggleInspector => {
                let by_pointer = ctx.input(|input| input.pointer.any_click());
                let focused = ctx.memory(egui::Memory::focused);
                if let Some(before) = self.shell.inspector.toggle(!by_pointer, focused) {
                    ctx.memory_mut(|memory| memory.request_focus(before));
                }
            }
            Action::CancelDraft => self.handle(ctx, Command::Draft(DraftCommand::Cancel)),
            Action::ShowFaces => self.handle(ctx, Command::Draft(DraftCommand::ToggleFaces)),
            Action::AdjustMouth => self.handle(ctx, Command::Draft(DraftCommand::ToggleMouth)),
            Action::ResetMouth => self.handle(ctx, Command::Draft(DraftCommand::ResetMouth)),
            Action::PrepareDraft => self.handle(ctx, Command::Draft(DraftCommand::Prepare)),
            Action::RestartSandbox => {
                self.shell.sandbox = SandboxState::Starting { waits: false };
                let data = self.data_folder();
                self.host.start_sandbox(ctx, data.as_deref());
            }
        }
    }

    /// Trims an end of the voice to the playhead.
    fn trim_here(&mut self, grip: Grip) {
        let playhead_ms = self.shell.player.playhead_ms();
        let Some(choosing) = self.view().choosing() else { return };
        let facts = self.engine.flow().desk.facts(&choosing.faces);
        let Some(placement) = choosing.placement else { return };
        let span = placement.span();
        let end_ms = if grip == Grip::Start { span.start_ms } else { span.end_ms };
        let after = pull(&placement, &facts, grip, playhead_ms - end_ms);
        self.engine.dispatch(PersonEvent::Want(wanted(&after)));
    }

    /// Moves the voice to the nearest position at which every rule holds.
    fn snap_to_best(&mut self) {
        let Some(choosing) = self.view().choosing() else { return };
        let facts = self.engine.flow().desk.facts(&choosing.faces);
        let Some(nearest) = choosing.placement.and_then(|placement| nearest(&placement, &facts)) else { return };
        self.engine.dispatch(PersonEvent::Want(wanted(&nearest)));
    }

    /// Whether this is the second press of somebody who meant the first one only: the main button has become another since, that undoes,
    /// pays again or opens a dialog.
    fn is_second_press(&mut self, ctx: &Context, action: Action) -> bool {
        let pays_again = matches!(&self.engine.flow().stage, Stage::Idle(idle) if idle.pays_again);
        let turns = pays_again
            || matches!(
                action,
                Action::CancelFinding | Action::PauseWaiting | Action::Enqueue | Action::SaveAs | Action::ResumeWaiting
            );
        if action != action::primary(&self.view()) {
            return false;
        }
        let now_s = ctx.input(|input| input.time);
        let last_s = self.last_primary_s.replace(now_s);
        turns && last_s.is_some_and(|last_s| now_s - last_s < SECOND_PRESS_S)
    }
}
