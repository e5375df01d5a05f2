//! Processor time of a frame of the window, with a handful of faces and with 200, after 1 000 exchanges: all that this program does
//! for a frame, from its input to its triangles. Needs no display.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, missing_docs)]

mod figures;

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post, put};
use eframe::App as _;
use egui::{Event, Key, Modifiers, Pos2, RawInput, Rect, Vec2, pos2};
use figures::{Figures, at};
use serde_json::{Value, json};
use viseme::app::action::Action;
use viseme::app::state::inspector::{InspectorCommand, Row, State};
use viseme::app::{Options, Window};
use viseme::engine::{Exchange, KEPT_BODY_BYTES, Recorder, Timing};
use viseme::model::{AuthKind, Profile};
use viseme::workflow::Stage;

const FRAMES: usize = 2_000;
const WARM_UP: usize = 100;
const CROWD: usize = 200;
const HANDFUL: usize = 2;
const EXCHANGES: usize = 1_000;
/// As many whole bodies are kept at most, of a MiB each.
const FULL_BODIES: u64 = 24;
const SIZE: Vec2 = Vec2::new(1280.0, 800.0);
const PATIENCE: Duration = Duration::from_mins(2);

fn main() -> ExitCode {
    // The key of a service that is not embedded comes from the environment, which only a new process can be given.
    if std::env::var_os("VISEME_KEY").is_none() {
        let status = Command::new(std::env::current_exe().unwrap()).env("VISEME_KEY", "a-key-of-the-bench").status();
        return ExitCode::from(u8::from(!status.unwrap().success()));
    }
    let mut figures = Figures::default();
    let few = measure(HANDFUL);
    let many = measure(CROWD);
    for (faces, (median, p99)) in [(HANDFUL, few), (CROWD, many)] {
        let figure = format!("{} µs median, {} µs p99", median.as_micros(), p99.as_micros());
        let what = format!("frame, {faces} faces, {EXCHANGES} exchanges");
        let shares = [median.as_secs_f64() / 0.002, p99.as_secs_f64() / 0.008];
        figures.judge(&what, &figure, shares[0].max(shares[1]), 1.0, "≤ 2 ms median, ≤ 8 ms p99");
    }
    let ratio = many.0.as_secs_f64() / few.0.as_secs_f64();
    figures.judge("the same frame, 200 faces against 2", &format!("{ratio:.2} ×"), ratio, 2.0, "≤ 2 ×");
    filter_figures(&mut figures);
    figures.verdict()
}

/// What a filter of the inspector takes of a frame when the recorder is full of long bodies, and what looking through all of them takes.
fn filter_figures(figures: &mut Figures) {
    let body = format!("{{\"code\":0,\"data\":\"{}\"}}", "face ".repeat(KEPT_BODY_BYTES / 5 - 10));
    let exchanges: Vec<Arc<Exchange>> = (1..=FULL_BODIES)
        .map(|number| {
            Arc::new(Exchange {
                number,
                started_at_ms: 0,
                operation: "identify",
                method: "POST",
                url: "https://a.b/v1/videos/identify-face".into(),
                request_headers: Vec::new(),
                request_body: String::new(),
                request_file: None,
                request_bytes: 0,
                status: Some(200),
                response_headers: Vec::new(),
                response_body: body.clone(),
                response_bytes: body.len() as u64,
                failure: None,
                timing: Timing { head_us: Some(1), total_us: 1 },
            })
        })
        .collect();
    let rows: Vec<Row> = exchanges.iter().map(|exchange| Row::of(Arc::clone(exchange))).collect();
    let words = "facing fact sessions";
    let began = Instant::now();
    assert!(!rows.iter().any(|row| words.split(' ').any(|word| row.answers_to(word))));
    let all = began.elapsed();

    let mut state = State::default();
    state.toggle(false, None);
    state.take(exchanges);
    let mut longest = Duration::ZERO;
    for end in 1..=words.len() {
        let began = Instant::now();
        state.handle(InspectorCommand::Filter(words[..end].into()));
        longest = longest.max(began.elapsed());
    }
    let mut frames = 1;
    while state.is_searching() {
        let began = Instant::now();
        state.refresh(&Recorder::default());
        longest = longest.max(began.elapsed());
        frames += 1;
    }
    let figure = format!("{} ms, in {frames} frames; all at once {} ms", longest.as_millis(), all.as_millis());
    let what = format!("filter over {FULL_BODIES} MiB of bodies, longest frame");
    figures.judge(&what, &figure, longest.as_secs_f64() / 0.05, 1.0, "≤ 50 ms");
}

/// Median and 99th percentile of a frame with so many faces, the pointer on its way over the window.
fn measure(faces: usize) -> (Duration, Duration) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let base_url = runtime.block_on(serve(faces));
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(base_url, folder.path());
    desk.prepare();
    let mut times = Vec::with_capacity(FRAMES);
    for frame in 0..WARM_UP + FRAMES {
        let way = frame as f32 / FRAMES as f32;
        desk.input.events.push(Event::PointerMoved(pos2(SIZE.x * way, SIZE.y * (way * 7.0).fract())));
        let time = desk.frame();
        if frame >= WARM_UP {
            times.push(time);
        }
    }
    (at(&mut times, 0.5), at(&mut times, 0.99))
}

/// The window without a system around it.
struct Desk {
    ctx: egui::Context,
    window: Window,
    shell: eframe::Frame,
    input: RawInput,
    began: Instant,
}

impl Desk {
    fn open(base_url: String, folder: &std::path::Path) -> Self {
        let ctx = egui::Context::default();
        let profile = Profile {
            name: "bench".into(),
            base_url,
            path_prefix: "/kling".into(),
            auth: AuthKind::Sandbox,
            ..Profile::built_in().into_iter().find(Profile::is_sandbox).unwrap()
        };
        let options = Options {
            profiles: vec![profile],
            profile: "bench".into(),
            theme: Some(egui::ThemePreference::Dark),
            downloads: Some(folder.join("results")),
            demo_folder: Some(folder.join("demo")),
            ..Options::default()
        };
        let window = Window::new(&eframe::CreationContext::_new_kittest(ctx.clone()), options).unwrap();
        let input = RawInput { max_texture_side: Some(8192), ..RawInput::default() };
        Self { ctx, window, shell: eframe::Frame::_new_kittest(), input, began: Instant::now() }
    }

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

    fn wait(&mut self, what: &str, is_so: impl Fn(&Window) -> bool) {
        let began = Instant::now();
        while !is_so(&self.window) {
            let stage = &self.window.view().flow.stage;
            assert!(began.elapsed() < PATIENCE, "{what} did not come about: {}, {:?}", stage.word(), stage.problem());
            self.frame();
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Clip and voice given, faces found again and again until there are enough exchanges, which are shown; a face chosen.
    fn prepare(&mut self) {
        let ctrl = Modifiers::COMMAND | Modifiers::CTRL;
        for name in ["duo.mp4", "voice.mp3"] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo").join(name);
            self.input.dropped_files.push(Arc::new(Dropped(path)));
            self.frame();
        }
        self.wait("both probes", |window| {
            let desk = &window.view().flow.desk;
            desk.clip_probe.known().is_some() && desk.voice_probe.known().is_some()
        });
        self.wait("a connection", |window| Action::FindFaces.obstacle(&window.view()).is_none());
        self.press(Key::Enter, ctrl);
        let has_faces = |window: &Window| matches!(window.view().flow.stage, Stage::Choosing(_));
        self.wait("faces", has_faces);
        while ANSWERED.load(Ordering::Relaxed) < EXCHANGES {
            let before = ANSWERED.load(Ordering::Relaxed);
            self.again();
            // A request that did not come through leaves the choice as it was, with its problem: then once more.
            self.wait("the faces again", |window| {
                let answered = ANSWERED.load(Ordering::Relaxed) > before;
                (answered || window.view().flow.stage.problem().is_some()) && has_faces(window)
            });
        }
        self.press(Key::F12, Modifiers::NONE);
        self.press(Key::Num1, Modifiers::NONE);
        self.wait("a placement", |window| {
            window.view().choosing().is_some_and(|choosing| choosing.placement.is_some())
        });
    }

    /// Finds the faces again, through the palette.
    fn again(&mut self) {
        if self.window.view().shell.is_covered() {
            self.press(Key::Escape, Modifiers::NONE);
            self.rest();
        }
        self.press(Key::K, Modifiers::COMMAND | Modifiers::CTRL);
        self.rest();
        self.input.events.push(Event::Text("Find faces again".into()));
        self.rest();
        self.press(Key::Enter, Modifiers::NONE);
        self.rest();
    }

    /// What follows from the last input is drawn, and has the keyboard.
    fn rest(&mut self) {
        for _ in 0..4 {
            self.frame();
        }
    }
}

#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|err| err.to_string())
    }
}

/// How many requests for faces were answered.
static ANSWERED: AtomicUsize = AtomicUsize::new(0);

/// A service that finds so many faces in any clip, all at once.
async fn serve(faces: usize) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let mut picture = Vec::new();
    image::RgbaImage::from_fn(128, 128, |x, y| image::Rgba([x as u8, y as u8, 90, 255]))
        .write_to(&mut std::io::Cursor::new(&mut picture), image::ImageFormat::Png)
        .unwrap();
    let answer = |data: Value| json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}).to_string();
    let list: Vec<Value> = (0..faces)
        .map(|face| json!({"face_id": face.to_string(), "face_image": format!("{base_url}/f/{face}.png"), "start_time": face * 10, "end_time": 9_000}))
        .collect();
    let found = answer(json!({"session_id": "s", "face_data": list}));
    // The record keeps so many bytes: as long as they are asked for again and again, the faces are few.
    let first = answer(json!({"session_id": "s", "face_data": list[..HANDFUL.min(faces)]}));
    let media = json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": {"url": format!("{base_url}/media/clip.mp4")}}).to_string();
    ANSWERED.store(0, Ordering::Relaxed);
    // Each body is taken to its end: an answer before that may break the connection under the one who sends.
    let router = Router::new()
        .route(
            "/kling/v1/videos/identify-face",
            post(move |_: Bytes| async move {
                let before = ANSWERED.fetch_add(1, Ordering::Relaxed);
                if before + 1 < EXCHANGES { first } else { found }
            }),
        )
        .route("/f/{name}", get(move || async move { picture }))
        .route(
            "/media/{name}",
            put(move |_: Bytes| async move { media }).layer(axum::extract::DefaultBodyLimit::disable()),
        );
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    base_url
}
