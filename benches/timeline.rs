//! Processor time of a frame of the timeline: few faces and many, all of a minute in view and a second of it.
//!
//! `cargo bench --bench timeline`. What is not in view must cost nothing: 200 faces as much as the few that fit.

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::PathBuf;

use divan::Bencher;
use egui::{Context, Pos2, RawInput, Rect, Vec2};
use viseme::app::command::Wishes;
use viseme::app::shell::Shell;
use viseme::app::theme;
use viseme::app::timeline::stretch::Stretch;
use viseme::app::timeline::timeline_ui;
use viseme::app::view::View;
use viseme::media::{Sound, Waveform};
use viseme::model::{ClipProbe, Face, Interval, Placement, Profile, Session, VoiceSource};
use viseme::workflow::{Choosing, Faces, Flow, Preview, Probe, Stage, Terms};

fn main() {
    divan::main();
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
        received_at_ms: 0,
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
        faces: Faces { session, previews: vec![Preview::None; faces], chosen: Some("0".into()), proposed: None },
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

fn frame(bencher: Bencher, faces: usize, in_view_ms: Option<f64>) {
    let ctx = Context::default();
    theme::install(&ctx);
    let flow = flow(faces);
    let mut shell = Shell::new(Profile::built_in(), "sandbox");
    shell.give_waveform(PathBuf::from("voice.mp3"), voice());
    shell.timeline.show(in_view_ms.map(|len_ms| Stretch { start_ms: 10_000.0, len_ms }), CLIP_MS);
    let view = View { flow: &flow, shell: &shell, now_ms: 0 };
    let draw = || {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, Vec2::new(936.0, 232.0))),
            ..RawInput::default()
        };
        let mut output = ctx.run_ui(input, |ui| timeline_ui(ui, &view, &mut Wishes::default()));
        // There is no graphics card to give them to.
        output.textures_delta.clear();
        ctx.tessellate(std::mem::take(&mut output.shapes), output.pixels_per_point)
    };
    for _ in 0..5 {
        draw();
    }
    bencher.bench_local(|| divan::black_box(draw()));
}

/// The whole minute in view.
#[divan::bench(args = [2, 5, 200])]
fn whole_clip(bencher: Bencher, faces: usize) {
    frame(bencher, faces, None);
}

/// Two seconds of it.
#[divan::bench(args = [2, 5, 200])]
fn two_seconds(bencher: Bencher, faces: usize) {
    frame(bencher, faces, Some(2_000.0));
}
