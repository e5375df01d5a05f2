//! The window: `logic` takes in what happened, `ui` draws, `handle` applies what the panels asked for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eframe::{App, CreationContext, Frame};
use egui::{CentralPanel, Context, Margin, Panel, Ui};
use secrecy::ExposeSecret as _;

use super::action::{self, Action, PRIMARY_SHORTCUT};
use super::background::{Background, News, Purpose};
use super::command::{Command, Wishes};
use super::entry::{SourceSlot, slot_of};
use super::folders::{self, Demo};
use super::host::Host;
use super::keys::Given;
use super::player::Shown;
use super::shell::{Dialog, Note, SandboxState, Shell, result_stem};
use super::theme::{Palette, size, space};
use super::view::View;
use super::{Options, bars, canvas, dialogs, side, theme, timeline};
use crate::engine::{Credentials, Engine, Setup, credentials_from_env};
use crate::model::{ClipSource, VoiceSource};
use crate::workflow::{Consent, Done, Download, Outcome, PersonEvent, Probe, Stage};

/// How often the window is drawn while something runs that says for how long.
const BUSY_REPAINT: Duration = Duration::from_millis(250);

/// The window.
pub struct Window {
    engine: Engine,
    shell: Shell,
    background: Background,
    downloads: PathBuf,
    demo_folder: PathBuf,
    /// The profile the window was opened on.
    first_profile: String,
    /// The result the player was last given.
    shown_result: Option<PathBuf>,
    // Last, so that jobs are stopped before the runtime they run on.
    host: Host,
}

impl Window {
    /// A window that is about to be shown.
    ///
    /// # Errors
    /// The system gives no threads.
    pub fn new(cc: &CreationContext<'_>, options: Options) -> std::io::Result<Self> {
        let ctx = &cc.egui_ctx;
        theme::install(ctx);
        if let Some(theme) = options.theme {
            ctx.set_theme(theme);
        }
        let mut host = Host::new()?;
        let shell = Shell::new(options.profiles, &options.profile);
        let waker = ctx.clone();
        let engine = Engine::new(host.handle(), shell.profile().clone(), move || waker.request_repaint());
        host.start_sandbox(ctx);
        let downloads = options.downloads.unwrap_or_else(folders::downloads);
        let demo_folder = options.demo_folder.unwrap_or_else(|| std::env::temp_dir().join("viseme-demo"));
        let background = Background::new(ctx.clone());
        let first_profile = shell.profile().name.clone();
        let mut window =
            Self { engine, shell, background, downloads, demo_folder, first_profile, shown_result: None, host };
        window.use_profile();
        Ok(window)
    }

    /// What the window knows, for tests and for the panels.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { flow: self.engine.flow(), shell: &self.shell, now_ms: self.engine.now_ms() }
    }

    fn connect_sandbox(&mut self) {
        if !matches!(self.shell.sandbox, SandboxState::Starting) {
            return;
        }
        match self.host.sandbox() {
            None => {}
            Some(Err(why)) => self.shell.sandbox = SandboxState::Failed(why),
            Some(Ok(sandbox)) => {
                self.shell.sandbox = SandboxState::Ready { base_url: sandbox.base_url().to_owned() };
                if self.shell.is_embedded() {
                    self.use_profile();
                }
            }
        }
    }

    /// Connects to the profile in use, where there is a key for it.
    fn use_profile(&mut self) {
        let profile = self.shell.profile().clone();
        let embedded = self.shell.is_embedded();
        let setup = if embedded {
            match self.host.sandbox() {
                Some(Ok(sandbox)) => Host::setup(&sandbox, &profile),
                _ => return,
            }
        } else {
            let credentials = match self.shell.keys().given() {
                Some(Given::Key(key)) => Credentials::key(key.expose_secret()),
                Some(Given::Pair(access_key, secret_key)) => {
                    Credentials::signed(access_key, secret_key.expose_secret())
                }
                // A key of the environment is of the service the window was opened on, and goes to no other.
                None if self.first_profile == profile.name => match credentials_from_env() {
                    Ok(credentials) => Ok(credentials),
                    Err(_) => return,
                },
                None => return,
            };
            credentials.map(|credentials| Setup::new(profile, credentials)).map_err(|problem| problem.message)
        };
        match setup.and_then(|setup| self.engine.connect(setup).map_err(|problem| problem.message)) {
            Ok(()) if embedded => {}
            Ok(()) => {
                self.shell.key_problem = None;
                self.shell.keys_mut().in_use = true;
            }
            Err(why) if embedded => self.shell.sandbox = SandboxState::Failed(why),
            Err(why) => self.shell.key_problem = Some(why),
        }
    }

    /// Everything that follows from what the job has come to.
    fn follow(&mut self, ctx: &Context) {
        self.fetch_result();
        let flow = self.engine.flow();
        let now_ms = self.engine.now_ms();
        self.shell.note_probes(flow, now_ms);
        self.shell.textures.refresh(ctx, flow);
        let clip = match (&flow.desk.clip, &flow.desk.clip_probe) {
            (Some(ClipSource::File(path)), Probe::Known(_)) => Some(path.clone()),
            _ => None,
        };
        self.shell.player.set_source(ctx, Shown::Clip, clip.as_deref());
        let result = self.shell.saved_result(flow).map(std::path::Path::to_owned);
        if result != self.shown_result {
            self.shell.player.set_source(ctx, Shown::Result, result.as_deref());
            if result.is_some() {
                // Where the chosen face begins to speak: that is what was asked for, and it moves.
                let from_ms = flow.result().map_or(0, speaks_from_ms);
                self.shell.player.show(Shown::Result);
                self.shell.player.play_from(from_ms * 1000);
            } else {
                self.shell.player.show(Shown::Clip);
            }
            self.shown_result = result;
        }
        let voice = match (&flow.desk.voice, &flow.desk.voice_probe) {
            (Some(VoiceSource::File(path)), Probe::Known(_)) => Some(path.clone()),
            _ => None,
        };
        if voice.as_ref() != self.shell.waveform.as_ref().map(|(path, _)| path) {
            self.shell.waveform = voice.clone().map(|path| (path, None));
            if let Some(path) = voice {
                self.background.draw_waveform(path);
            }
        }
    }

    /// A result is fetched by itself as soon as it is there: what was paid for is on this machine.
    fn fetch_result(&mut self) {
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

    fn download(&mut self, index: usize) {
        let stem = result_stem(self.engine.flow());
        let stem = if index == 0 { stem } else { format!("{stem} {}", index + 1) };
        if let Err(err) = std::fs::create_dir_all(&self.downloads) {
            let words =
                format!("The folder {} cannot be made: {err}. Save the result elsewhere", self.downloads.display());
            self.shell.note = Some(Note::Bad(words));
        }
        let to = folders::free_path(&self.downloads, &stem, "mp4");
        self.engine.dispatch(PersonEvent::Download { index, to });
    }

    fn take_news(&mut self) {
        while let Some(news) = self.background.take() {
            match news {
                News::Chosen(Purpose::Open(slot), path) => self.take_file(slot, &path),
                News::Chosen(Purpose::Save, path) => self.shell.save_entry = path.display().to_string(),
                News::NoDialog(Purpose::Open(_)) => {
                    let words =
                        "The system's file dialog did not open. Type the path, or drop the file onto the window";
                    self.shell.note = Some(Note::Bad(words.into()));
                }
                News::NoDialog(Purpose::Save) => {
                    let words = "The system's file dialog did not open. Type the path into the field";
                    self.shell.note = Some(Note::Bad(words.into()));
                }
                News::Closed | News::Shown => {}
                News::Waveform(path, waveform) => {
                    if let Some((of, slot)) = &mut self.shell.waveform
                        && *of == path
                    {
                        *slot = waveform.map(Arc::new);
                    }
                }
                News::Copied(path, Ok(())) => {
                    self.shell.note = Some(Note::Good(format!("Saved to {}", folders::short(&path))));
                }
                News::Copied(path, Err(why)) => {
                    let words =
                        format!("The result could not be saved to {}: {why}. Choose another place", path.display());
                    self.shell.note = Some(Note::Bad(words));
                }
                News::NotOpened(why) => self.shell.note = Some(Note::Bad(format!("It could not be opened: {why}"))),
            }
        }
    }

    fn take_file(&mut self, slot: SourceSlot, path: &std::path::Path) {
        match slot {
            SourceSlot::Clip => self.shell.clip_entry.set_file(path),
            SourceSlot::Voice => self.shell.voice_entry.set_file(path),
        }
        self.commit(slot);
    }

    /// Takes a source as it was typed, where it is another than before.
    fn commit(&mut self, slot: SourceSlot) {
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
    fn choose_face(&mut self, face_id: String) {
        let interval = self.engine.flow().faces().and_then(|faces| faces.session.face(&face_id)?.interval);
        if let Some(interval) = interval
            && !interval.contains(self.shell.player.playhead_ms())
            && !self.shell.player.is_playing()
        {
            self.shell.player.seek(interval.start_ms.max(0) * 1000);
        }
        self.engine.dispatch(PersonEvent::ChooseFace(face_id));
    }

    fn drop_files(&mut self, paths: &[PathBuf]) {
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

    /// Applies what a panel asked for.
    fn handle(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::Do(action) => self.act(ctx, action),
            Command::SetEntryKind(slot, kind) => {
                match slot {
                    SourceSlot::Clip => self.shell.clip_entry.kind = kind,
                    SourceSlot::Voice => self.shell.voice_entry.kind = kind,
                }
                self.commit(slot);
            }
            Command::EditEntry(SourceSlot::Clip, text) => self.shell.clip_entry.set_text(text),
            Command::EditEntry(SourceSlot::Voice, text) => self.shell.voice_entry.set_text(text),
            Command::CommitEntry(slot) => self.commit(slot),
            Command::DropFiles(paths) => self.drop_files(&paths),
            Command::ChooseFace(face_id) => self.choose_face(face_id),
            Command::ReloadPreview(face_id) => self.engine.dispatch(PersonEvent::ReloadPreview(face_id)),
            Command::Place(wanted) => self.engine.dispatch(PersonEvent::Want(wanted)),
            Command::SendVoiceAsWav => self.engine.dispatch(PersonEvent::SendVoiceAsWav),
            Command::SetVolumes { sound_volume, original_audio_volume } => {
                self.engine.dispatch(PersonEvent::SetVolumes { sound_volume, original_audio_volume });
            }
            Command::SetDetails(details) => self.engine.dispatch(PersonEvent::SetDetails(details)),
            Command::SwitchProfile(name) => {
                if self.engine.flow().busy_with().is_none() && self.shell.set_profile(&name) {
                    self.use_profile();
                }
            }
            Command::EditKey(part, text) => self.shell.keys_mut().set(part, text),
            Command::CommitKey => self.use_profile(),
            Command::EditTaskId(text) => self.shell.task_id_entry = text,
            Command::GiveTaskId => {
                let task_id = std::mem::take(&mut self.shell.task_id_entry);
                self.engine.dispatch(PersonEvent::GiveTaskId(task_id));
            }
            Command::Seek(at_us) => self.shell.player.seek(at_us),
            Command::Show(shown) => self.shell.player.show(shown),
            Command::EditSavePath(text) => self.shell.save_entry = text,
            Command::SaveToPath => self.save(),
            Command::BrowseSavePath => {
                let at = PathBuf::from(self.shell.save_entry.trim());
                self.background.browse(Purpose::Save, Some(&at));
            }
            Command::DismissNote => self.shell.note = None,
            Command::Confirm => self.confirm(),
            Command::CloseDialog => self.shell.dialog = None,
            Command::SetTheme(theme) => ctx.set_theme(theme),
        }
    }

    fn confirm(&mut self) {
        match self.shell.dialog.take() {
            Some(Dialog::FindFacesAnyway) => self.engine.dispatch(PersonEvent::Identify { send_anyway: true }),
            Some(Dialog::SubmitAnyway) => self.engine.submit(true),
            Some(Dialog::Resend) => self.engine.dispatch(PersonEvent::Resend(Consent::given_by_a_person())),
            Some(Dialog::Save) => self.save(),
            None => {}
        }
    }

    fn save(&mut self) {
        self.shell.dialog = None;
        let to = PathBuf::from(self.shell.save_entry.trim());
        if to.as_os_str().is_empty() {
            return;
        }
        match self.shell.saved_result(self.engine.flow()) {
            Some(from) => self.background.copy(from.to_owned(), to),
            None => self.engine.dispatch(PersonEvent::Download { index: 0, to }),
        }
    }

    /// Carries out a user action, where nothing stands in its way.
    fn act(&mut self, ctx: &Context, action: Action) {
        if action.obstacle(&self.view()).is_some() {
            return;
        }
        match action {
            Action::TryDemo => self.try_demo(),
            Action::BrowseClip => self.browse(SourceSlot::Clip),
            Action::BrowseVoice => self.browse(SourceSlot::Voice),
            Action::NewClip => {
                self.engine.dispatch(PersonEvent::NewClip);
                self.shell.clip_entry.set_text(String::new());
            }
            Action::FindFaces => {
                self.commit(SourceSlot::Clip);
                self.engine.dispatch(PersonEvent::Identify { send_anyway: false });
            }
            Action::FindFacesAnyway => self.shell.dialog = Some(Dialog::FindFacesAnyway),
            Action::CancelFinding => self.engine.dispatch(PersonEvent::Cancel),
            Action::FindFacesAgain => self.engine.dispatch(PersonEvent::IdentifyAgain),
            Action::ConfirmProposed => self.engine.dispatch(PersonEvent::ConfirmProposed),
            Action::Submit => {
                self.commit(SourceSlot::Voice);
                self.engine.submit(false);
            }
            Action::SubmitAnyway => self.shell.dialog = Some(Dialog::SubmitAnyway),
            Action::SnapToBest => {
                self.engine.dispatch(PersonEvent::Want(crate::model::placement::Wanted::default()));
            }
            Action::PauseWaiting => self.engine.dispatch(PersonEvent::Pause),
            Action::ResumeWaiting => self.engine.dispatch(PersonEvent::Resume),
            Action::BackToPlacement => self.engine.dispatch(PersonEvent::Back),
            Action::LookUp => self.engine.dispatch(PersonEvent::LookUp),
            Action::Resend => self.shell.dialog = Some(Dialog::Resend),
            Action::Abandon => self.engine.dispatch(PersonEvent::Abandon),
            Action::SameFacesAgain => self.engine.dispatch(PersonEvent::Again),
            Action::CopyTaskId => {
                if let Some(task_id) = action::task_id(&self.view()) {
                    ctx.copy_text(task_id.to_owned());
                }
            }
            Action::SaveAs => {
                let stem = result_stem(self.engine.flow());
                let saved = self.shell.saved_result(self.engine.flow());
                let folder = saved.and_then(std::path::Path::parent).unwrap_or(&self.downloads);
                self.shell.save_entry = folders::free_path(folder, &stem, "mp4").display().to_string();
                self.shell.dialog = Some(Dialog::Save);
            }
            Action::DownloadAgain => self.download(0),
            Action::OpenResult => {
                if let Some(path) = self.shell.saved_result(self.engine.flow()) {
                    self.background.show(path.to_owned());
                }
            }
            Action::OpenFolder => {
                if let Some(folder) = self.shell.saved_result(self.engine.flow()).and_then(std::path::Path::parent) {
                    self.background.show(folder.to_owned());
                }
            }
            Action::PlayPause => self.shell.player.toggle(),
            Action::ToStart => self.shell.player.seek(0),
            Action::FrameBack => self.shell.player.step(false),
            Action::FrameForward => self.shell.player.step(true),
            Action::DismissProblem => self.engine.dispatch(PersonEvent::DismissProblem),
            Action::RestartSandbox => {
                self.shell.sandbox = SandboxState::Starting;
                self.host.start_sandbox(ctx);
            }
        }
    }

    fn browse(&mut self, slot: SourceSlot) {
        let current = match slot {
            SourceSlot::Clip => self.shell.clip_entry.text(),
            SourceSlot::Voice => self.shell.voice_entry.text(),
        };
        self.background.browse(Purpose::Open(slot), Some(std::path::Path::new(current)));
    }

    fn try_demo(&mut self) {
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

    /// What the keyboard asks for.
    fn keys(&self, ui: &Ui, wishes: &mut Wishes) {
        let view = self.view();
        if view.shell.dialog.is_some() {
            return;
        }
        if ui.input_mut(|input| input.consume_shortcut(&PRIMARY_SHORTCUT)) {
            wishes.act(action::primary(&view));
        }
        // Plain keys belong to a text field, or to the control that has the focus.
        let typing = ui.ctx().text_edit_focused();
        let focused = ui.memory(|memory| memory.focused().is_some());
        let popup_open = egui::Popup::is_any_open(ui.ctx());
        for action in Action::ALL {
            let Some(shortcut) = action.info().shortcut else { continue };
            let plain = shortcut.modifiers.is_none();
            let taken = plain && (typing || popup_open || focused && shortcut.logical_key == egui::Key::Space);
            if !taken && action.obstacle(&view).is_none() && ui.input_mut(|input| input.consume_shortcut(&shortcut)) {
                wishes.act(action);
            }
        }
        if let Some(choosing) = view.choosing()
            && !typing
            && !popup_open
        {
            const DIGITS: [egui::Key; 9] = [
                egui::Key::Num1,
                egui::Key::Num2,
                egui::Key::Num3,
                egui::Key::Num4,
                egui::Key::Num5,
                egui::Key::Num6,
                egui::Key::Num7,
                egui::Key::Num8,
                egui::Key::Num9,
            ];
            for (face, digit) in choosing.faces.session.faces.iter().zip(DIGITS) {
                if ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, digit)) {
                    wishes.push(Command::ChooseFace(face.face_id.clone()));
                }
            }
        }
    }

    fn panels_ui(&self, ui: &mut Ui, wishes: &mut Wishes) {
        let palette = Palette::of(ui);
        let view = self.view();
        let frame = |fill, margin| egui::Frame::new().fill(fill).inner_margin(margin);
        let bar = Margin::symmetric(space::PANEL as i8, 0);
        Panel::top("top")
            .exact_size(size::TOP_BAR)
            .frame(frame(palette.base, bar))
            .show_separator_line(false)
            .show(ui, |ui| bars::top_ui(ui, &view, wishes));
        Panel::bottom("status")
            .exact_size(size::STATUS_BAR)
            .frame(frame(palette.base, bar))
            .show_separator_line(false)
            .show(ui, |ui| bars::status_ui(ui, &view, wishes));
        let narrow = ui.available_width() < 1100.0;
        Panel::left("side")
            .default_size(if narrow { size::SIDE_MIN } else { size::SIDE })
            .size_range(size::SIDE_MIN..=size::SIDE_MAX)
            .frame(
                frame(palette.panel, Margin::same(space::PANEL as i8))
                    .outer_margin(Margin { right: 1, ..Margin::ZERO }),
            )
            .show_separator_line(false)
            .show(ui, |ui| side::side_ui(ui, &view, wishes));
        Panel::bottom("timeline")
            .exact_size(timeline::HEIGHT_PX + space::PANEL)
            .frame(frame(palette.panel, Margin { left: 12, right: 12, top: 8, bottom: 4 }))
            .show_separator_line(false)
            .show(ui, |ui| timeline::timeline_ui(ui, &view, wishes));
        CentralPanel::no_frame()
            .frame(frame(palette.stage, Margin::ZERO))
            .show(ui, |ui| canvas::canvas_ui(ui, &view, wishes));
        dialogs::dialogs_ui(ui, &view, wishes);
    }
}

impl App for Window {
    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        self.connect_sandbox();
        self.engine.pump();
        self.take_news();
        self.follow(ctx);
        self.shell.player.tick(ctx);
        if self.engine.is_working() {
            ctx.request_repaint_after(BUSY_REPAINT);
        } else if self.view().choosing().is_some() {
            // What is left of the session is told in minutes.
            let to_next_ms = 60_000 - self.engine.now_ms().rem_euclid(60_000);
            ctx.request_repaint_after(Duration::from_millis(to_next_ms.unsigned_abs()));
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        let mut wishes = Wishes::default();
        self.keys(ui, &mut wishes);
        let dropped: Vec<PathBuf> =
            ui.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
        if !dropped.is_empty() {
            wishes.push(Command::DropFiles(dropped));
        }
        self.panels_ui(ui, &mut wishes);
        let commands = wishes.into_commands();
        let ctx = ui.ctx().clone();
        if !commands.is_empty() {
            // What follows from them is seen in the next frame.
            ctx.request_repaint();
        }
        for command in commands {
            self.handle(&ctx, command);
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        Palette::of_visuals(visuals).base.to_normalized_gamma_f32()
    }
}

/// When the chosen face is in view and the voice sounds, in milliseconds.
fn speaks_from_ms(done: &Done) -> i64 {
    let insert_ms = done.submission.as_ref().map_or(0, |submission| submission.placement.sound_insert_time);
    let face_ms = done.faces.as_ref().and_then(|faces| faces.chosen_interval()).map_or(0, |interval| interval.start_ms);
    insert_ms.max(face_ms).max(0)
}

/// The end of the job a window shows, for tests.
impl Window {
    /// The end of the job, once it came.
    #[must_use]
    pub fn done(&self) -> Option<&Done> {
        match &self.engine.flow().stage {
            Stage::Done(done) => Some(done),
            _ => None,
        }
    }
}
