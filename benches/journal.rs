//! What the journal costs: a read with it on against plain reqwest, the commit before a paid call against the machine's own `fsync`, and a
//! window with 10 000 tasks against an empty one. Both sides of each ratio are taken in one run, interleaved. Needs no display.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, missing_docs)]

mod figures;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use eframe::App as _;
use egui::{Event, Key, Modifiers, Pos2, RawInput, Rect, Vec2, pos2};
use figures::{Figures, at};
use serde_json::json;
use viseme::app::{Options, Window};
use viseme::engine::{Credentials, Engine, JournalAccess, Journaling, Setup};
use viseme::journal::{Begun, Described, Journal, NewIntent, Owner, Service};
use viseme::model::{Placement, Profile, Task, TaskStatus};

const READS: usize = 400;
const PAID: usize = 200;
const TASKS: usize = 10_000;
const STARTS: usize = 9;
const FRAMES: usize = 1_000;
const WARM_UP: usize = 60;
const SIZE: Vec2 = Vec2::new(1280.0, 800.0);
const NOW_MS: i64 = 1_795_000_000_000;

fn main() -> ExitCode {
    let mut figures = Figures::default();
    let folder = tempfile::tempdir().unwrap();
    reads(&mut figures, folder.path());
    paid_calls(&mut figures, folder.path());
    windows(&mut figures, folder.path());
    figures.verdict()
}

/// A read by its name, recorded in the journal, and the same by plain reqwest.
fn reads(figures: &mut Figures, folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    runtime.block_on(async {
        let answer = json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": {"task_id": "t", "task_status": "processing"}});
        let answer = answer.to_string();
        let path = "/kling/v1/videos/advanced-lip-sync/t";
        let router = Router::new().route(path, get(move || async move { answer }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

        let mut profile = Profile::built_in().into_iter().find(|profile| profile.name == "ezmodel").unwrap();
        profile.base_url.clone_from(&base_url);
        // One query for each look.
        profile.knows_names = true;
        let access = JournalAccess::of_file(folder.join("reads.db"));
        access.open().unwrap();
        let mut engine = Engine::new(tokio::runtime::Handle::current(), profile.clone(), || {});
        let setup = Setup::new(profile, Credentials::key("bench-key").unwrap());
        engine.connect(setup.with_journal(Journaling::On(access.clone()))).unwrap();
        // Plain reqwest needs a TLS provider too, even for plain HTTP.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        for round in 0..READS + 20 {
            let began = Instant::now();
            assert_eq!(engine.find_tasks("t").await.unwrap().unwrap().found.len(), 1);
            let our_read = began.elapsed();
            let began = Instant::now();
            let asked = http.get(format!("{base_url}{path}")).bearer_auth("bench-key").send().await.unwrap();
            let _: serde_json::Value = serde_json::from_slice(&asked.bytes().await.unwrap()).unwrap();
            let plain_read = began.elapsed();
            if round >= 20 {
                ours.push(our_read);
                plain.push(plain_read);
            }
        }
        access.flush();
    });
    let (ours, plain) = (at(&mut ours, 0.5), at(&mut plain, 0.5));
    let more_us = (ours.as_secs_f64() - plain.as_secs_f64()) * 1e6;
    let figure = format!("{} µs, plain {} µs: {more_us:+.0} µs", ours.as_micros(), plain.as_micros());
    figures.judge("a read with the journal on, against plain reqwest", &figure, more_us, 100.0, "≤ 100 µs more");
}

/// The commit that a paid call waits for, and a write of as many bytes with `fsync`.
fn paid_calls(figures: &mut Figures, folder: &Path) {
    let journal = Journal::open(&folder.join("paid.db")).unwrap().journal;
    let mut file = std::fs::File::create(folder.join("plain")).unwrap();
    let owner = Owner::new("bench");
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for number in 0..PAID {
        let new = intent(number);
        let began = Instant::now();
        assert!(matches!(journal.send_intent(&new, &owner, NOW_MS).unwrap(), Begun::Intent(_)));
        ours.push(began.elapsed());
        let began = Instant::now();
        file.write_all(&vec![7; 8 * 4096]).unwrap();
        file.sync_data().unwrap();
        plain.push(began.elapsed());
    }
    let (ours, plain) = (at(&mut ours, 0.5), at(&mut plain, 0.5));
    let ratio = ours.as_secs_f64() / plain.as_secs_f64();
    let figure = format!("{} µs, fsync {} µs: {ratio:.2} ×", ours.as_micros(), plain.as_micros());
    figures.report("the commit before a paid call, beside fsync", &figure);
}

/// Start and frames of a window with many tasks, against an empty one.
fn windows(figures: &mut Figures, folder: &Path) {
    let (full, empty) = (folder.join("full.db"), folder.join("empty.db"));
    fill(&full);
    drop(Journal::open(&empty).unwrap());
    let (mut of_full, mut of_empty) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        of_empty.push(start(&empty, folder).1);
        of_full.push(start(&full, folder).1);
    }
    let (of_full, of_empty) = (at(&mut of_full, 0.5), at(&mut of_empty, 0.5));
    let ratio = of_full.as_secs_f64() / of_empty.as_secs_f64();
    let figure = format!("{} ms, empty {} ms: {ratio:.2} ×", of_full.as_millis(), of_empty.as_millis());
    figures.judge(&format!("start with {TASKS} tasks, against none"), &figure, ratio, 1.1, "≤ 1.1 ×");

    let mut desk = start(&full, folder).0;
    desk.press(Key::H, Modifiers::COMMAND | Modifiers::CTRL);
    let began = Instant::now();
    while began.elapsed() < Duration::from_millis(600) {
        desk.frame();
    }
    let mut times = Vec::with_capacity(FRAMES);
    for frame in 0..WARM_UP + FRAMES {
        let way = frame as f32 / FRAMES as f32;
        desk.input.events.push(Event::PointerMoved(pos2(SIZE.x * way, SIZE.y * (way * 7.0).fract())));
        let time = desk.frame();
        if frame >= WARM_UP {
            times.push(time);
        }
    }
    let (median, p99) = (at(&mut times, 0.5), at(&mut times, 0.99));
    let figure = format!("{} µs median, {} µs p99", median.as_micros(), p99.as_micros());
    let what = format!("frame of the history, {TASKS} tasks");
    figures.judge(&what, &figure, median.as_secs_f64() * 1e3, 2.0, "≤ 2 ms median");
}

fn intent(number: usize) -> NewIntent {
    NewIntent {
        service: Service::of(&Profile::built_in()[2]),
        external_task_id: format!("bench-{number}"),
        session_id: "s-1".into(),
        face_ids: vec!["0".into()],
        placement: Placement {
            sound_start_time: 0,
            sound_end_time: 4_000,
            sound_insert_time: 1_000,
            sound_volume: None,
            original_audio_volume: None,
        },
        clip: Described {
            name: format!("clip {number}.mp4"),
            document: json!({"url": "https://example.com/clip.mp4"}),
        },
        voice: Described::named(format!("line {number}.wav")),
        options: json!({}),
        spend: None,
    }
}

/// A journal with many finished tasks: made in memory, where a commit waits for no disk.
fn fill(file: &Path) {
    let journal = Journal::in_memory().unwrap();
    let owner = Owner::new("bench");
    for number in 0..TASKS {
        let at_ms = NOW_MS - (TASKS - number) as i64 * 60_000;
        let Begun::Intent(id) = journal.send_intent(&intent(number), &owner, at_ms).unwrap() else { panic!("refused") };
        let task_id = format!("t-{number}");
        journal.accepted(id, &task_id, at_ms + 1).unwrap();
        let status = if number % 10 == 0 { TaskStatus::Failed } else { TaskStatus::Succeed };
        let known = json!({ "task_id": task_id, "status": status, "status_raw": status.word(), "status_msg": null, "progress": null,
            "videos": [], "external_task_id": null, "parent_video": null, "created_at_ms": null, "updated_at_ms": null, "cost": null,
            "error": null });
        let task: Task = serde_json::from_value(known).unwrap();
        journal.task_seen(id, &owner, &task, at_ms + 2).unwrap();
    }
    std::fs::write(file, journal.snapshot().unwrap()).unwrap();
}

/// The window without a system around it.
struct Desk {
    ctx: egui::Context,
    window: Window,
    shell: eframe::Frame,
    input: RawInput,
    began: Instant,
}

/// A window on a journal, and what it took until its third frame.
fn start(journal: &Path, folder: &Path) -> (Desk, Duration) {
    let began = Instant::now();
    let ctx = egui::Context::default();
    let options = Options {
        theme: Some(egui::ThemePreference::Dark),
        journal: Some(PathBuf::from(journal)),
        downloads: Some(folder.join("results")),
        demo_folder: Some(folder.join("demo")),
        ..Options::default()
    };
    let window = Window::new(&eframe::CreationContext::_new_kittest(ctx.clone()), options).unwrap();
    let input = RawInput { max_texture_side: Some(8192), ..RawInput::default() };
    let mut desk = Desk { ctx, window, shell: eframe::Frame::_new_kittest(), input, began: Instant::now() };
    for _ in 0..3 {
        desk.frame();
    }
    (desk, began.elapsed())
}

impl Desk {
    /// One frame; answers what it took.
    fn frame(&mut self) -> Duration {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, SIZE)),
            time: Some(self.began.elapsed().as_secs_f64()),
            ..self.input.take()
        };
        self.input.max_texture_side = Some(8192);
        let began = Instant::now();
        let (window, shell) = (&mut self.window, &mut self.shell);
        let mut output = self.ctx.run_ui(input, |ui| {
            window.logic(ui.ctx(), shell);
            window.ui(ui, shell);
        });
        // Nothing is shown.
        output.textures_delta.clear();
        let triangles = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = began.elapsed();
        assert!(!triangles.is_empty());
        took
    }

    fn press(&mut self, key: Key, modifiers: Modifiers) {
        for pressed in [true, false] {
            self.input.events.push(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers });
        }
        self.frame();
    }
}
