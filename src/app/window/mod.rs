//! The window: `logic` receives events, `ui` draws, `handle` applies the panels' commands.

mod account;
mod act;
mod arrange;
mod connect;
mod copies;
mod desk;
mod desktop;
mod edits;
mod fitting;
mod focus;
mod follow;
mod handle;
mod inspect;
mod keyboard;
mod leaving;
mod notes;
mod pasting;
mod queue;
mod remember;
mod sources;
mod speech;
mod spending;
mod storage;
mod stored;
mod takes;
mod tasks;
mod time;
mod verdict;
mod zoom;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use eframe::{App, CreationContext, Frame};
use egui::{Context, Ui};

use crate::app::Options;
use crate::app::action::command::{Command, Commands};
use crate::app::platform::background::Background;
use crate::app::platform::desktop::Desktop;
use crate::app::platform::host::Host;
use crate::app::platform::journal_reader::JournalReader;
use crate::app::platform::wake::wake;
use crate::app::state::settings;
use crate::app::state::shell::{Dialog, Note, Shell};
use crate::app::state::view::View;
use crate::app::theme::{self, Palette};
use crate::engine::{Demo, Engine, EnvironmentKey, JournalAccess, Journaling};
use crate::files::folders;
use crate::model::{ClipSource, Problem};
use crate::workflow::{Done, Stage};

/// The repaint interval while an elapsed time is displayed.
const BUSY_REPAINT: Duration = Duration::from_millis(250);

/// The window.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each with a name of its own")]
pub struct Window {
    engine: Engine,
    shell: Shell,
    background: Background,
    demo_folder: PathBuf,
    /// Where copies of what is at addresses are kept.
    copies_folder: PathBuf,
    /// Where what must not be lost is written down.
    journal: Journaling,
    /// The key from the environment, or what is wrong with it.
    environment_key: Option<Result<EnvironmentKey, Problem>>,
    /// The keychain, and what it has said.
    kept_keys: connect::KeptKeys,
    storage: storage::StorageKeeper,
    focus: focus::FocusKeeper,
    /// State of the last frame, for the keyboard.
    before: keyboard::Before,
    applied: remember::Applied,
    /// Whether the person confirmed that the window closes although something is lost.
    close_confirmed: bool,
    shown_note: notes::ShownNote,
    /// Number of presses of a pointer button: changes during one press are one edit.
    presses: u64,
    /// Results, by task and index, for which a path is being looked for.
    placing: Vec<(String, usize)>,
    /// The demo is being unpacked.
    demo_request: Option<DemoRequest>,
    /// The files that were dragged over the window in the last frame.
    dragged_files: Vec<PathBuf>,
    /// The result that the player has.
    shown_result: Option<PathBuf>,
    /// The result of the history that the player has.
    opened_result: Option<tasks::OpenedResult>,
    /// Whether the next result that is shown is another take: at the same moment.
    shows_take: bool,
    /// What was known when the takes were read last.
    takes_read: takes::TakesRead,
    /// The lowest limit of the scale that the smallest size of the window was set for, in percent.
    least_limit: u16,
    /// When the main button was last pressed, in seconds of egui's clock.
    last_primary_s: Option<f64>,
    reader: JournalReader,
    /// What the history shows of the workflow.
    shown_of_flow: tasks::ShownOfFlow,
    /// What was read when what is spent was read last.
    spent_of: spending::SpentOf,
    /// What is written down of the desk.
    desk_keeper: desk::DeskKeeper,
    /// Whether a task waits for its service to be connected: it is followed from then on.
    resume_when_connected: bool,
    /// The clip that the last result was made from.
    result_of: Option<ClipSource>,
    /// Whether the service was changed while a task was running: the connection is made after the task.
    connect_later: bool,
    /// How many requests had been sent when the service refused the key last.
    refused_at: Option<u64>,
    desktop: Desktop,
    // Last, so that jobs are stopped before the runtime they run on.
    host: Host,
}

/// A pending request for the demo.
struct DemoRequest {
    /// The clip that was in use when it was requested.
    instead_of: Option<ClipSource>,
}

impl Window {
    /// A window that is about to be shown.
    ///
    /// # Errors
    /// The system cannot start threads.
    pub fn new(cc: &CreationContext<'_>, options: Options) -> std::io::Result<Self> {
        let desktop = Desktop::listen(options.desktop.clone());
        Self::on(cc, options, desktop)
    }

    /// A window that is about to be shown, on a desktop whose preferences are already being read.
    ///
    /// # Errors
    /// The system cannot start threads.
    pub fn on(cc: &CreationContext<'_>, options: Options, desktop: Desktop) -> std::io::Result<Self> {
        let ctx = &cc.egui_ctx;
        theme::install(ctx);
        let mut host = Host::new()?;
        let mut shell = Shell::new(options.profiles, &options.profile);
        let downloads = options.downloads.unwrap_or_else(folders::results);
        let (settings, trouble) = settings::State::open(options.settings.as_deref(), downloads, ctx);
        shell.settings = settings;
        shell.has_keychain = options.key_store.is_some();
        desktop.wake(ctx);
        shell.note = trouble.map(Note::Bad);
        ctx.set_theme(options.theme.unwrap_or_else(|| shell.settings.values.theme.into()));
        shell.set_wake(&wake(ctx));
        shell.player.set_sound(options.sound);
        let waker = ctx.clone();
        let engine = Engine::new(host.handle(), shell.profile().clone(), move || waker.request_repaint());
        host.start_sandbox(ctx, options.journal.as_deref().and_then(Path::parent));
        let demo_folder = options.demo_folder.unwrap_or_else(Demo::folder);
        let background = Background::new(ctx.clone(), host.handle());
        let journal = options.journal.map_or(Journaling::Off, |file| Journaling::On(JournalAccess::of_file(file)));
        let mut window = Self {
            engine,
            shell,
            background,
            applied: remember::Applied::default(),
            close_confirmed: false,
            shown_note: notes::ShownNote::default(),
            demo_folder,
            copies_folder: options.copies_folder.unwrap_or_else(|| folders::cache().join("fetched")),
            reader: JournalReader::new(journal.clone(), ctx),
            journal,
            opened_result: None,
            shows_take: false,
            takes_read: takes::TakesRead::default(),
            // As the window is opened.
            least_limit: 100,
            last_primary_s: None,
            shown_of_flow: tasks::ShownOfFlow::default(),
            spent_of: spending::SpentOf::default(),
            resume_when_connected: false,
            desk_keeper: desk::DeskKeeper::new(&options.files, &options.profile),
            environment_key: options.environment_key,
            kept_keys: connect::KeptKeys::of(options.key_store.clone(), options.key_file.clone()),
            storage: storage::StorageKeeper::default(),
            focus: focus::FocusKeeper::default(),
            before: keyboard::Before::default(),
            presses: 0,
            placing: Vec::new(),
            demo_request: None,
            dragged_files: Vec::new(),
            shown_result: None,
            result_of: None,
            connect_later: false,
            refused_at: None,
            desktop,
            host,
        };
        window.apply_settings(ctx);
        window.follow_desktop(ctx);
        window.use_profile();
        window.drop_files(&options.files);
        window.read_desk();
        Ok(window)
    }

    /// The folder of what must not be lost; `None` where nothing is kept.
    fn data_folder(&self) -> Option<PathBuf> {
        let Journaling::On(journal) = &self.journal else { return None };
        journal.file().parent().map(Path::to_owned)
    }

    /// The window's state, for tests and for the panels.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View { flow: self.engine.flow(), shell: &self.shell, now_ms: self.engine.now_ms() }
    }

    /// The system asks the window to close: where that loses something, the person is asked first.
    fn ask_before_closing(&mut self, ctx: &Context) {
        let asked = ctx.input(|input| input.viewport().close_requested());
        if asked && !self.close_confirmed && self.view().lost_by_leaving().is_some() {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.shell.dialog = Some(Dialog::Leave);
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.stop_fitting();
        self.leave_desk();
    }
}

impl App for Window {
    fn logic(&mut self, ctx: &Context, frame: &mut Frame) {
        self.ask_before_closing(ctx);
        self.connect_sandbox();
        self.follow_storage();
        self.tidy_storage();
        self.follow_connection();
        self.pump();
        self.handle_background_events(ctx);
        self.go_on(ctx);
        self.follow_copies();
        self.follow(ctx);
        self.follow_takes();
        self.follow_verdict();
        self.follow_tasks();
        self.follow_spending();
        self.follow_account();
        self.follow_desktop(ctx);
        self.age_note(ctx);
        self.remember(ctx, frame);
        self.keep_desk(ctx);
        if let Some(after) = self.shell.player.tick(Instant::now()) {
            ctx.request_repaint_after(after);
        }
        self.shell.screen.update(ctx, &mut self.shell.player);
        self.tick_timeline(ctx);
        let works = self.shell.draft.is_working() || self.shell.judge.is_working();
        if self.engine.is_working() || works || self.shell.saving.is_some() {
            ctx.request_repaint_after(BUSY_REPAINT);
        } else if self.view().choosing().is_some() {
            // The remaining time of the session is displayed in minutes.
            let to_next_ms = 60_000 - self.engine.now_ms().rem_euclid(60_000);
            ctx.request_repaint_after(Duration::from_millis(to_next_ms.unsigned_abs()));
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        let mut commands = Commands::default();
        self.focus.follow(ui.ctx(), self.shell.is_covered());
        self.presses += u64::from(ui.input(|input| input.pointer.any_pressed()));
        self.keys(ui, &mut commands);
        let dropped: Vec<PathBuf> =
            ui.input(|input| input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect());
        self.pasted(ui, &mut commands);
        self.note_held(ui);
        if !dropped.is_empty() && !self.shell.is_covered() {
            commands.push(Command::DropFiles(dropped));
        }
        self.panels_ui(ui, &mut commands);
        self.zoom_keys(ui, &mut commands);
        self.before = keyboard::Before::now(ui.ctx());
        let commands = commands.into_commands();
        let ctx = ui.ctx().clone();
        if !commands.is_empty() {
            // Their effects are visible in the next frame.
            ctx.request_repaint();
        }
        for command in commands {
            self.handle_as_edit(&ctx, command);
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        Palette::of_visuals(visuals).base.to_normalized_gamma_f32()
    }
}

/// Access to the last stage of a window, for tests.
impl Window {
    /// The last stage, once it is reached.
    #[must_use]
    pub fn done(&self) -> Option<&Done> {
        match &self.engine.flow().stage {
            Stage::Done(done) => Some(done),
            _ => None,
        }
    }
}
