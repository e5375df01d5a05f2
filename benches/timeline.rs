//! Processor time of a frame of the timeline: few faces and many, all of a minute in view and two seconds of it. What is not in view
//! must cost nothing: 200 faces as much as the few that fit. Needs no display.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod figures;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use egui::{Context, Pos2, RawInput, Rect, Vec2};
use figures::{Figures, at};
use viseme::app::action::command::Commands;
use viseme::app::panels::timeline::timeline_ui;
use viseme::app::state::shell::Shell;
use viseme::app::state::timeline::stretch::Stretch;
use viseme::app::state::view::View;
use viseme::app::theme;
use viseme::media::{Sound, Waveform};
use viseme::model::{ClipProbe, Face, Interval, Placement, Profile, Session, VoiceSource};
use viseme::workflow::{Choosing, ClipNow, Faces, Flow, Preview, Probe, Stage, Terms};

const FRAMES: usize = 2_000;
const WARM_UP: usize = 100;
/// As many lanes as fit.
const HANDFUL: usize = 5;
const CROWD: usize = 200;

fn main() -> ExitCode {
    let mut figures = Figures::default();
    for (view, in_view_ms) in [("the whole minute", None), ("two seconds", Some(2_000.0))] {
        let few = measure(HANDFUL, in_view_ms);
        let many = measure(CROWD, in_view_ms);
        for (faces, [median, p99]) in [(HANDFUL, few), (CROWD, many)] {
            let figure = format!("{} µs median, {} µs p99", median.as_micros(), p99.as_micros());
            let shares = [median.as_secs_f64() / 0.002, p99.as_secs_f64() / 0.008];
            let what = format!("timeline, {view} of {faces} faces");
            figures.judge(&what, &figure, shares[0].max(shares[1]), 1.0, "≤ 2 ms median, ≤ 8 ms p99");
        }
        let ratio = many[0].as_secs_f64() / few[0].as_secs_f64();
        let what = format!("timeline, {view}: {CROWD} faces against {HANDFUL}");
        figures.judge(&what, &format!("{ratio:.2} ×"), ratio, 2.0, "≤ 2 ×");
    }
    figures.verdict()
}

const CLIP_MS: i64 = 60_000;

fn flow(faces: usize) -> Flow {
    let mut flow = Flow::new(Terms::of(&Profile::built_in().swap_remove(0)));
    flow.desk.voice = Some(VoiceSource::File("voice.mp3".into()));
    flow.desk.clip_probe = Probe::Known(ClipProbe {
        container: "mp4".into(),
        size_bytes: 1,
        duration_ms: CLIP_MS,
        width_px: 1280,
        height_px: 720,
        fps: 25.0,
        variable_rate: false,
        video_codec: "H.264".into(),
        hdr: None,
        audio_codec: None,
    });
    let face = |index: usize| Face {
        face_id: index.to_string(),
        face_image: None,
        interval: Some(Interval::new(index as i64 * 100, index as i64 * 100 + 20_000)),
        rect: None,
        extra: serde_json::Map::new(),
    };
    let session = Session {
        session_id: "s".into(),
        begun_at_ms: 0,
        faces: (0..faces).map(face).collect(),
        cost: None,
        extra: serde_json::Map::new(),
    };
    let placement = Placement {
        sound_start_time: 1_000,
        sound_end_time: 41_000,
        sound_insert_time: 5_000,
        sound_volume: None,
        original_audio_volume: None,
    };
    flow.stage = Stage::Choosing(Choosing {
        faces: Faces {
            session,
            previews: vec![Preview::None; faces],
            chosen: Some("0".into()),
            proposed: None,
            recalled: false,
            clip_now: ClipNow::Same,
        },
        placement: Some(placement),
        rules: Vec::new(),
        problem: None,
    });
    flow
}

/// A minute of something like speech.
fn voice() -> Waveform {
    let samples =
        (0..44_100_usize * 60 * 2).map(|at| ((at / 2) as f32 * 0.03).sin() * ((at / 40_000) % 3) as f32 / 3.0);
    Waveform::of(&Sound::new(samples.collect()))
}

/// Median and 99th percentile of a frame with so many faces, and so much of the clip in view.
fn measure(faces: usize, in_view_ms: Option<f64>) -> [Duration; 2] {
    let ctx = Context::default();
    theme::install(&ctx);
    let flow = flow(faces);
    let mut shell = Shell::new(Profile::built_in(), "sandbox");
    shell.waveform.set(PathBuf::from("voice.mp3"), voice());
    shell.timeline.show(in_view_ms.map(|len_ms| Stretch { start_ms: 10_000.0, len_ms }), CLIP_MS);
    let view = View { flow: &flow, shell: &shell, now_ms: 0 };
    let draw = || {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, Vec2::new(936.0, 232.0))),
            ..RawInput::default()
        };
        let began = Instant::now();
        let mut output = ctx.run_ui(input, |ui| timeline_ui(ui, &view, &mut Commands::default()));
        // There is no graphics card to give them to.
        output.textures_delta.clear();
        let triangles = ctx.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point);
        let took = began.elapsed();
        assert!(!triangles.is_empty());
        took
    };
    for _ in 0..WARM_UP {
        draw();
    }
    let mut times: Vec<Duration> = (0..FRAMES).map(|_| draw()).collect();
    [at(&mut times, 0.5), at(&mut times, 0.99)]
}
