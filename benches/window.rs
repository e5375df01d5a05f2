//! Start to first frame, idle processor time and memory of the window, against a bare eframe window of the same build, in one run.
//!
//! Needs a display. Processor time and memory are read from `/proc`, so on Linux only; elsewhere that is said.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use viseme::app::{Options, Window};

const STARTS: usize = 15;
/// Both windows have long come to rest by then.
const SETTLE: Duration = Duration::from_secs(4);
const IDLE: Duration = Duration::from_secs(10);

/// Says when the first frame has been drawn: `logic` runs again only after it.
struct Told<A> {
    inner: A,
    frames: u32,
}

impl<A: eframe::App> eframe::App for Told<A> {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut eframe::Frame) {
        match self.frames {
            0 => ctx.request_repaint(),
            1 => println!("first frame"),
            _ => {}
        }
        self.frames = self.frames.saturating_add(1);
        self.inner.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        self.inner.ui(ui, frame);
    }
}

struct Bare;

impl eframe::App for Bare {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        ui.label("a bare window");
    }
}

fn open(bare: bool) {
    let native = eframe::NativeOptions {
        renderer: eframe::Renderer::Glow,
        viewport: egui::ViewportBuilder::default().with_inner_size([1280.0, 800.0]),
        ..eframe::NativeOptions::default()
    };
    let create: eframe::AppCreator<'_> = if bare {
        Box::new(|_| Ok(Box::new(Told { inner: Bare, frames: 0 })))
    } else {
        Box::new(|cc| Ok(Box::new(Told { inner: Window::new(cc, Options::default())?, frames: 0 })))
    };
    eframe::run_native("viseme", native, create).unwrap();
}

/// Starts one window of this very program, and waits for its first frame.
fn start(kind: &str) -> (Child, Duration) {
    let started = Instant::now();
    let mut child = Command::new(std::env::current_exe().unwrap()).arg(kind).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "first frame", "the window {kind} did not open");
    (child, started.elapsed())
}

fn stop(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Processor time used so far, in ticks of 10 ms, and resident memory in KiB.
fn used(child: &Child) -> Option<(u64, u64)> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some((ticks, resident.trim().trim_end_matches(" kB").parse().ok()?))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(kind) = arguments.iter().find(|argument| ["bare", "viseme"].contains(&argument.as_str())) {
        return open(kind == "bare");
    }
    if cfg!(target_os = "linux")
        && std::env::var_os("DISPLAY").is_none()
        && std::env::var_os("WAYLAND_DISPLAY").is_none()
    {
        eprintln!("NOT MEASURED: there is no display (try xvfb-run cargo bench --bench window)");
        std::process::exit(2);
    }
    let (mut bare, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        for (kind, times) in [("bare", &mut bare), ("viseme", &mut ours)] {
            let (child, time) = start(kind);
            stop(child);
            times.push(time);
        }
    }
    let (bare, ours) = (median(bare), median(ours));
    println!(
        "start to first frame, median of {STARTS}: viseme {ours:?}, bare {bare:?}: {:.2} ×",
        ours.as_secs_f64() / bare.as_secs_f64()
    );
    for kind in ["bare", "viseme"] {
        let (child, _) = start(kind);
        std::thread::sleep(SETTLE);
        let before = used(&child);
        std::thread::sleep(IDLE);
        match (before, used(&child)) {
            (Some((before, _)), Some((after, resident))) => println!(
                "idle for {IDLE:?}: {kind} {} ms of processor time ({:.2} % of a core), {} MiB resident",
                (after - before) * 10,
                (after - before) as f64 / IDLE.as_secs_f64(),
                resident / 1024
            ),
            _ => println!("idle: not measured for {kind}, there is no /proc here"),
        }
        stop(child);
    }
}
