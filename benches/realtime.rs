//! Identify, render and judge against real time, and identify against ffmpeg decoding the same clip. `cargo bench --bench realtime`.
//!
//! Before divan's table, the figures are printed as ratios to real time, which is what the budgets are about: identify
//! at least 8, render at least 2, judge at least 4, for 720p25 on two cores (`taskset -c 0,1 cargo bench --bench realtime`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use viseme::media::judge::{JudgePlan, judge};
use viseme::media::mouth::follow::Affine;
use viseme::media::mouth::look::Look;
use viseme::media::mouth::palette::Palette;
use viseme::media::mouth::warp::move_mouth;
use viseme::media::mouth::{MouthFit, Viseme, VisemeTrack};
use viseme::media::{
    ClipReader, Frame, Identified, Job, Mp4Writer, RenderPlan, VideoFormat, identify, read_voice, render,
};
use viseme::model::Placement;

/// Length of the clip that identify and render are measured with, in s.
const LONG_S: i64 = 60;

fn main() {
    let found = found();
    let decoding = Instant::now();
    let mut reader = ClipReader::open(long_clip()).unwrap();
    while reader.next_frame().unwrap().is_some() {}
    let real_time = |since: Instant| LONG_S as f64 / since.elapsed().as_secs_f64();
    println!("decoding alone: {:.1} × real time ({LONG_S} s of 720p25)", real_time(decoding));
    let identifying = Instant::now();
    identify(long_clip(), &Job::new()).unwrap();
    println!("identify:       {:.1} × real time (budget 8)", real_time(identifying));
    against_ffmpeg(identifying.elapsed());
    let rendering = Instant::now();
    render(&plan(found), &Job::new()).unwrap();
    println!("render:         {:.1} × real time (budget 2)", real_time(rendering));
    let judging = Instant::now();
    judge(&judge_plan(plan(found)), &Job::new()).unwrap();
    println!("judge:          {:.1} × real time (budget 4)", real_time(judging));
    divan::main();
}

/// The result of that plan, with what it was made from.
fn judge_plan(plan: RenderPlan) -> JudgePlan {
    let RenderPlan { out, clip, voice, placement, .. } = plan;
    JudgePlan { result: out, clip, voice, face: Some(0), placement }
}

/// The same clip decoded by ffmpeg, in the same run: only the ratio means anything.
fn against_ffmpeg(ours: std::time::Duration) {
    let started = Instant::now();
    let mut ffmpeg = std::process::Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-i"]).arg(long_clip()).args(["-f", "null", "-"]);
    match ffmpeg.status() {
        Ok(status) if status.success() => println!(
            "                {:.2} × the time ffmpeg takes to decode the same clip",
            ours.as_secs_f64() / started.elapsed().as_secs_f64()
        ),
        _ => println!("                not compared with ffmpeg: there is none on the PATH"),
    }
}

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo").join(name)
}

/// The demo clip, again and again, as one clip of a minute.
fn long_clip() -> &'static Path {
    static CLIP: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = CLIP.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("long.mp4");
        let info = ClipReader::open(&asset("duo.mp4")).unwrap().info();
        let format = VideoFormat {
            width_px: info.width_px,
            height_px: info.height_px,
            fps: info.timing.fps,
            frames: (LONG_S * 25) as usize,
            color: info.color,
        };
        let mut writer = Mp4Writer::create(&path, format, None).unwrap();
        let mut written = 0;
        'clip: loop {
            let mut reader = ClipReader::open(&asset("duo.mp4")).unwrap();
            while let Some(mut frame) = reader.next_frame().unwrap() {
                frame.pts_us = written * 40_000;
                writer.write_frame(&frame).unwrap();
                written += 1;
                if written == LONG_S * 25 {
                    break 'clip;
                }
            }
        }
        writer.finish(LONG_S * 1_000_000).unwrap();
        (dir, path)
    });
    path
}

fn found() -> &'static Identified {
    static FOUND: OnceLock<Identified> = OnceLock::new();
    FOUND.get_or_init(|| identify(long_clip(), &Job::new()).unwrap())
}

fn plan(found: &Identified) -> RenderPlan {
    RenderPlan {
        clip: long_clip().to_owned(),
        voice: asset("voice.mp3"),
        track: found.faces[0].clone(),
        placement: Placement {
            sound_start_time: 0,
            sound_end_time: 8_200,
            sound_insert_time: 500,
            sound_volume: None,
            original_audio_volume: None,
        },
        mouth_box: None,
        out: long_clip().with_file_name("out.mp4"),
    }
}

/// A frame of the demo with its second face, which is large: 350 px.
fn sitter() -> (Frame, viseme::media::faces::Pose) {
    let mut reader = ClipReader::open(&asset("duo.mp4")).unwrap();
    let frame = std::iter::from_fn(|| reader.next_frame().unwrap()).nth(60).unwrap();
    let face = &found().faces[1];
    (frame.clone(), face.at(frame.pts_us).unwrap().pose())
}

#[divan::bench(sample_count = 200)]
fn a_mouth_moved_in_one_720p_frame(bencher: divan::Bencher) {
    let (frame, pose) = sitter();
    let look = Look::of(&frame, &pose);
    let fit = MouthFit::find(&look, None);
    let palette = Palette::of(&look, &fit);
    let viseme = Viseme { open: 0.7, spread: 0.2, teeth: 0.5, weight: 1.0 };
    let place = Affine::of_pose(&pose);
    bencher
        .with_inputs(|| {
            // Painting in shared planes would copy them first, and measure that.
            let mut own = frame.clone();
            own.planes_mut();
            own
        })
        .bench_local_values(|mut frame| {
            move_mouth(&mut frame, &place, &fit, &palette, &viseme);
            frame
        });
}

#[divan::bench(sample_count = 20)]
fn the_mouth_found_in_a_look(bencher: divan::Bencher) {
    let (frame, pose) = sitter();
    let look = Look::of(&frame, &pose);
    bencher.bench(|| MouthFit::find(&look, None));
}

#[divan::bench(sample_count = 10)]
fn eight_seconds_of_voice_heard(bencher: divan::Bencher) {
    let voice = read_voice(&asset("voice.mp3"), &Job::new()).unwrap().mono();
    bencher.bench(|| VisemeTrack::of(&voice));
}
