//! Start to first frame, repaints and processor time of an idle window, memory before and after a whole job, the longest frame of that
//! job: the window of this program and a bare one of the same build settings, in one run, on one display.
//!
//! Processor time and memory are read from `/proc`, so on Linux only; elsewhere that is said.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::panic, missing_docs)]

mod figures;

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, RawInput};
use figures::{Figures, at};
use viseme::app::action::Action;
use viseme::app::{Options, Window};

const STARTS: usize = 15;
/// Both windows have long come to rest by then.
const SETTLE: Duration = Duration::from_secs(4);
const IDLE: Duration = Duration::from_secs(10);
/// What the kernel counts processor time in.
const TICK_MS: u64 = 10;
/// A job of seconds, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_mins(4);
/// How often the scripted user looks at the window.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(kind) = arguments.iter().find(|argument| ["bare", "viseme", "job"].contains(&argument.as_str())) {
        open(kind);
        return ExitCode::SUCCESS;
    }
    if cfg!(target_os = "linux")
        && std::env::var_os("DISPLAY").is_none()
        && std::env::var_os("WAYLAND_DISPLAY").is_none()
    {
        eprintln!("NOT MEASURED: there is no display (try scripts/figures)");
        return ExitCode::from(2);
    }
    let mut figures = Figures::default();
    start_figures(&mut figures);
    let Some([bare, ours]) = idle_figures(&mut figures) else {
        println!("idle and memory: not measured, there is no /proc here");
        return figures.verdict();
    };
    job_figures(&mut figures, bare, ours);
    figures.verdict()
}

fn start_figures(figures: &mut Figures) {
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        for (kind, times) in [("bare", &mut bare), ("viseme", &mut ours)] {
            let (child, time) = Running::start(kind);
            child.stop();
            times.push(time);
        }
    }
    let (bare, ours) = (at(&mut bare, 0.5), at(&mut ours, 0.5));
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    let figure = format!("{} ms, bare {} ms: {ratio:.2} ×", ours.as_millis(), bare.as_millis());
    figures.judge(&format!("start to first frame, median of {STARTS}"), &figure, ratio, 1.3, "≤ 1.3 ×");
}

/// Answers the memory of the two idle windows.
fn idle_figures(figures: &mut Figures) -> Option<[Memory; 2]> {
    let mut rest = Vec::new();
    for kind in ["bare", "viseme"] {
        let (child, _) = Running::start(kind);
        std::thread::sleep(SETTLE);
        let (ticks, frames) = (child.ticks()?, child.frames());
        std::thread::sleep(IDLE);
        let (busy_ms, frames) = ((child.ticks()? - ticks) * TICK_MS, child.frames() - frames);
        rest.push(child.memory()?);
        child.stop();
        let what = format!("{kind}, idle for {} s", IDLE.as_secs());
        let share = busy_ms as f64 / IDLE.as_millis() as f64;
        if kind == "bare" {
            figures.report(&what, &format!("{frames} repaints, {busy_ms} ms of a core"));
            continue;
        }
        figures.judge(&what, &format!("{frames} repaints"), frames as f64, 0.0, "none");
        // A tick is already 0.1 % of these ten seconds: one may fall into it by chance.
        figures.judge(&what, &format!("{busy_ms} ms of a core: {:.2} %", share * 100.0), share, 0.001, "≤ 0.1 %");
    }
    let [bare, ours] = rest.try_into().ok()?;
    let ratio = ours.of_its_own as f64 / bare.of_its_own as f64;
    let figure = format!("{ours}, bare {bare}: {ratio:.2} ×");
    figures.judge("idle memory", &figure, ratio, 1.5, "≤ 1.5 ×");
    Some([bare, ours])
}

fn job_figures(figures: &mut Figures, bare: Memory, idle: Memory) {
    let (child, _) = Running::start("job");
    let longest_us = child.wait_for_job();
    let busy = child.memory();
    std::thread::sleep(SETTLE);
    let frames = child.frames();
    std::thread::sleep(IDLE);
    let frames = child.frames() - frames;
    // What is free goes back once the heap has been at rest for some seconds (`src/heap.c`).
    let rest = child.memory();
    child.stop();
    let longest_ms = longest_us as f64 / 1000.0;
    figures.judge("longest frame of a whole job", &format!("{longest_ms:.1} ms"), longest_ms, 50.0, "≤ 50 ms");
    figures.judge("idle for 10 s after the job", &format!("{frames} repaints"), frames as f64, 0.0, "none");
    if let (Some(busy), Some(rest)) = (busy, rest) {
        figures.report("memory at the end of the job", &busy.to_string());
        let more = rest.of_its_own.saturating_sub(idle.of_its_own) / 1024;
        let ratio = rest.of_its_own as f64 / bare.of_its_own as f64;
        let figure = format!("{rest}: {more} MiB more than before, {ratio:.2} × bare");
        // Decoders with their pictures. A queue of pictures without an end was 550, and what the allocator kept for later 100.
        figures.judge("memory after the job", &figure, more as f64, 96.0, "≤ 96 MiB more");
    }
}

/// A window of this very program in a process of its own, which reports each frame.
struct Running {
    child: Child,
    frames: Arc<AtomicUsize>,
    lines: Receiver<String>,
}

impl Running {
    /// Starts it, and waits for its first frame.
    fn start(kind: &str) -> (Self, Duration) {
        let folder = folder();
        let started = Instant::now();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg(kind)
            .env("TMPDIR", folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let frames = Arc::new(AtomicUsize::new(0));
        let (sender, lines) = channel();
        let (out, count) = (child.stdout.take().unwrap(), Arc::clone(&frames));
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if line == "frame" {
                    count.fetch_add(1, Ordering::Relaxed);
                } else {
                    let _ = sender.send(line);
                }
            }
        });
        let running = Self { child, frames, lines };
        let line = running.lines.recv_timeout(PATIENCE).ok();
        assert_eq!(line.as_deref(), Some("first frame"), "the window {kind} did not open");
        (running, started.elapsed())
    }

    fn stop(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn frames(&self) -> usize {
        self.frames.load(Ordering::Relaxed)
    }

    /// The longest frame of the job that is now done, in microseconds.
    fn wait_for_job(&self) -> u64 {
        let line = self.lines.recv_timeout(PATIENCE).unwrap();
        line.strip_prefix("job done ").unwrap_or_else(|| panic!("{line}")).parse().unwrap()
    }

    /// Processor time used so far.
    fn ticks(&self) -> Option<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    }

    fn memory(&self) -> Option<Memory> {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id())).ok()?;
        let kib = |name: &str| -> Option<u64> {
            let line = rollup.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        };
        Some(Memory { resident: kib("Rss:")?, of_its_own: kib("Private_Dirty:")? + kib("Private_Clean:")? })
    }
}

/// Memory in KiB.
#[derive(Clone, Copy)]
struct Memory {
    /// All that is resident, libraries shared with others too.
    resident: u64,
    /// What would be free without this process.
    of_its_own: u64,
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} MiB ({} resident)", self.of_its_own / 1024, self.resident / 1024)
    }
}

/// Where the windows write; gone with this process.
fn folder() -> &'static std::path::Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path()
}

fn open(kind: &str) {
    let native = eframe::NativeOptions {
        renderer: eframe::Renderer::Glow,
        viewport: egui::ViewportBuilder::default().with_inner_size([1280.0, 800.0]),
        ..eframe::NativeOptions::default()
    };
    let folder = std::env::temp_dir();
    let options = Options {
        downloads: Some(folder.join("results")),
        demo_folder: Some(folder.join("demo")),
        ..Options::default()
    };
    let create: eframe::AppCreator<'_> = match kind {
        "bare" => Box::new(|_| Ok(Box::new(Reporting::new(Bare)))),
        "job" => {
            Box::new(|cc| Ok(Box::new(Reporting::new(ScriptedUser { window: Window::new(cc, options)?, done: 0 }))))
        }
        _ => Box::new(|cc| Ok(Box::new(Reporting::new(Window::new(cc, options)?)))),
    };
    eframe::run_native("viseme", native, create).unwrap();
}

/// Reports every frame, and when the first has been drawn: `logic` runs again only after it.
struct Reporting<A> {
    inner: A,
    frames: u32,
    logic: Duration,
    /// Of the frames since the window has come to rest, in microseconds.
    longest_us: u64,
}

impl<A> Reporting<A> {
    fn new(inner: A) -> Self {
        Self { inner, frames: 0, logic: Duration::ZERO, longest_us: 0 }
    }
}

/// A window that is reported on.
trait Watched: eframe::App {
    /// Whether the whole job is done, since the last time this was asked.
    fn has_done(&mut self) -> bool {
        false
    }
}

impl<A: Watched> eframe::App for Reporting<A> {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        match self.frames {
            0 => ctx.request_repaint(),
            1 => println!("first frame"),
            _ => {}
        }
        let began = Instant::now();
        self.inner.logic(ctx, frame);
        self.logic = began.elapsed();
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.frames = self.frames.saturating_add(1);
        if self.frames > 1 {
            println!("frame");
        }
        let began = Instant::now();
        self.inner.ui(ui, frame);
        let took = began.elapsed() + self.logic;
        // The first frames make fonts and icons.
        if self.frames > 5 {
            self.longest_us = self.longest_us.max(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        }
        if self.inner.has_done() {
            println!("job done {}", self.longest_us);
        }
    }

    fn raw_input_hook(&mut self, ctx: &egui::Context, input: &mut RawInput) {
        self.inner.raw_input_hook(ctx, input);
    }
}

struct Bare;

impl Watched for Bare {}

impl eframe::App for Bare {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        ui.label("a bare window");
    }
}

impl Watched for Window {}

/// The window with a scripted user, who does the demo from its start to the saved result.
struct ScriptedUser {
    window: Window,
    /// How many of the steps are done.
    done: usize,
}

impl ScriptedUser {
    /// The keys of the next step, where it is time for it.
    fn next(&mut self) -> Option<Vec<Event>> {
        const CTRL: Modifiers = Modifiers::COMMAND.plus(Modifiers::CTRL);
        let view = self.window.view();
        let (is_time, events) = match self.done {
            0 => (Action::TryDemo.obstacle(&view).is_none(), press(Key::K, CTRL)),
            1 => (true, vec![Event::Text("Try the demo clip".into())]),
            2 => (true, press(Key::Enter, Modifiers::NONE)),
            3 => {
                (view.choosing().is_some_and(|it| it.faces.session.faces.len() == 2), press(Key::Num2, Modifiers::NONE))
            }
            4 => {
                let placed = view.choosing().is_some_and(|it| it.placement.is_some());
                (placed && Action::Submit.obstacle(&view).is_none(), press(Key::Enter, CTRL))
            }
            // It is played once by itself.
            5 => (view.shell.saved_result(view.flow).is_some() && view.shell.player.is_playing(), Vec::new()),
            6 => (!view.shell.player.is_playing(), Vec::new()),
            _ => (false, Vec::new()),
        };
        is_time.then(|| {
            self.done += 1;
            events
        })
    }
}

const STEPS: usize = 7;

impl Watched for ScriptedUser {
    fn has_done(&mut self) -> bool {
        let now = self.done == STEPS;
        self.done += usize::from(now);
        now
    }
}

impl eframe::App for ScriptedUser {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        self.window.logic(ctx, frame);
        if self.done < STEPS {
            ctx.request_repaint_after(LOOK_INTERVAL);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.window.ui(ui, frame);
    }

    fn raw_input_hook(&mut self, _ctx: &egui::Context, input: &mut RawInput) {
        input.events.extend(self.next().unwrap_or_default());
    }
}

fn press(key: Key, modifiers: Modifiers) -> Vec<Event> {
    [true, false]
        .map(|pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers })
        .into_iter()
        .collect()
}
