//! The judge, proven by distortions: each moves its own measure and leaves the others. The table is in `ARCHITECTURE.md`.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use image::RgbImage;
use tempfile::TempDir;
use viseme::media::faces::Pose;
use viseme::media::judge::{Grade, JudgePlan, Judgement, Measure, judge};
use viseme::media::sound::{mix, write_wav};
use viseme::media::{
    ClipReader, Frame, Job, Mp4Writer, RenderPlan, Sound, VideoFormat, read_voice, render, shared_faces,
};
use viseme::model::Placement;

use crate::portrait::{COLLINS, HEIGHT, HOPPER, View, WIDTH, frame, load};

const FRAMES: i64 = 100;
const FRAME_US: i64 = 40_000;

/// A clip of two people, a voice, and what our own engine makes of them.
struct Bench {
    folder: TempDir,
    clip: PathBuf,
    voice: PathBuf,
    result: PathBuf,
    placement: Placement,
    /// Which of the faces speaks.
    face: usize,
    own: Sound,
}

static BENCH: LazyLock<Bench> = LazyLock::new(Bench::new);

/// Both portraits side by side, moving a little.
fn picture(left: &RgbImage, right: &RgbImage, at: i64) -> Frame {
    let sway = (at as f32 * 0.21).sin() * 3.0;
    let moved = |view: View, x: f32, sway: f32| View { moved_px: (x + sway, sway * 0.4), ..view };
    let pts_us = at * FRAME_US;
    let mut one = frame(left, moved(COLLINS, -160.0, sway), pts_us);
    let other = frame(right, moved(HOPPER, 160.0, -sway), pts_us);
    let copy = |to: &mut [u8], from: &[u8], width: usize| {
        for (to, from) in to.chunks_exact_mut(width).zip(from.chunks_exact(width)) {
            to[width / 2..].copy_from_slice(&from[width / 2..]);
        }
    };
    let (width, (y, u, v)) = (WIDTH as usize, one.planes_mut());
    copy(y, other.y(), width);
    copy(u, other.u(), width / 2);
    copy(v, other.v(), width / 2);
    one
}

fn frames_of(path: &Path) -> Vec<Frame> {
    let mut reader = ClipReader::open(path).unwrap();
    std::iter::from_fn(|| reader.next_frame().unwrap()).collect()
}

fn write(path: &Path, frames: &[Frame], sound: Sound) {
    let format =
        VideoFormat { width_px: WIDTH, height_px: HEIGHT, fps: 25.0, frames: frames.len(), color: frames[0].color };
    let mut writer = Mp4Writer::create(path, format, Some(sound)).unwrap();
    for frame in frames {
        writer.write_frame(frame).unwrap();
    }
    writer.finish(FRAMES * FRAME_US).unwrap();
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (left, right) = (load("astronaut.png"), load("grace_hopper.jpg"));
        let frames: Vec<Frame> = (0..FRAMES).map(|number| picture(&left, &right, number)).collect();
        // A sound of its own, unlike speech: noise that swells.
        let mut seed = 9_u32;
        let own = (0..FRAMES * 40 * 48).flat_map(|at| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 8) as f32 / 8_388_608.0 - 1.0;
            [noise * 0.02 * (1.0 + (at as f32 * 0.0004).sin()); 2]
        });
        let own = Sound::new(own.collect());
        let (clip, result) = (at("clip.mp4"), at("result.mp4"));
        write(&clip, &frames, own.clone());
        let voice = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/voice.wav");
        let placement = Placement {
            sound_start_time: 0,
            sound_end_time: 3_500,
            sound_insert_time: 200,
            sound_volume: None,
            original_audio_volume: None,
        };
        let faces = shared_faces(&clip, &Job::new()).unwrap();
        assert_eq!(faces.faces.len(), 2);
        let face = usize::from(faces.faces[0].frames[0].cx > WIDTH as f32 / 2.0);
        let bench = Self { clip, voice, placement, face, own, result: result.clone(), folder };
        bench.render(&bench.voice, &bench.placement, &result);
        bench
    }

    /// What our own engine makes of this voice at this place.
    fn render(&self, voice: &Path, placement: &Placement, out: &Path) {
        let track = shared_faces(&self.clip, &Job::new()).unwrap().faces[self.face].clone();
        let (clip, voice, out) = (self.clip.clone(), voice.to_owned(), out.to_owned());
        let plan = RenderPlan { clip, voice, track, placement: *placement, mouth_box: None, out };
        render(&plan, &Job::new()).unwrap();
    }

    /// The sound that is asked for, with the voice so much later.
    fn sound(&self, later_ms: i64) -> Sound {
        let voice = read_voice(&self.voice, &Job::new()).unwrap();
        let insert = self.placement.sound_insert_time + later_ms;
        mix(Some(&self.own), &voice, &Placement { sound_insert_time: insert, ..self.placement }, FRAMES * 40)
    }

    fn judged(&self, result: &Path) -> Judgement {
        let plan = JudgePlan {
            result: result.to_owned(),
            clip: self.clip.clone(),
            voice: self.voice.clone(),
            face: Some(self.face),
            placement: self.placement,
        };
        judge(&plan, &Job::new()).unwrap()
    }

    /// Judges these pictures with the sound that was asked for, the voice so much later.
    fn judged_frames(&self, name: &str, frames: &[Frame], later_ms: i64) -> Judgement {
        let path = self.folder.path().join(format!("{name}.mp4"));
        write(&path, frames, self.sound(later_ms));
        self.judged(&path)
    }

    /// The pictures of the undistorted result, each changed; with where the chosen face, and the other, are in it.
    fn changed(&self, change: impl Fn(usize, &mut Frame, &Pose, &Pose)) -> Vec<Frame> {
        let faces = shared_faces(&self.clip, &Job::new()).unwrap();
        let mut frames = frames_of(&self.result);
        for (at, frame) in frames.iter_mut().enumerate() {
            let pose = |face: usize| faces.faces[face].at(frame.pts_us).unwrap().pose();
            let (chosen, other) = (pose(self.face), pose(1 - self.face));
            change(at, frame, &chosen, &other);
        }
        frames
    }
}

/// Which measures are bad.
fn bad(judgement: &Judgement) -> Vec<&'static str> {
    let bad = judgement.entries.iter().filter(|entry| entry.grade == Grade::Bad);
    bad.map(|entry| entry.measure.word()).collect()
}

fn value(judgement: &Judgement, measure: Measure, name: &str) -> f64 {
    let entry = judgement.entry(measure).unwrap();
    entry.get(name).unwrap_or_else(|| panic!("no {name}: {entry:?}"))
}

/// The mean of the luma of `reach` pixels around, where `inside` says.
fn blur(frame: &mut Frame, reach: usize, inside: impl Fn(f32, f32) -> bool) {
    let (width, height) = (WIDTH as usize, HEIGHT as usize);
    let before = frame.y().to_vec();
    let luma = frame.planes_mut().0;
    for row in reach..height - reach {
        for column in reach..width - reach {
            if inside(column as f32, row as f32) {
                let around = (row - reach..=row + reach)
                    .flat_map(|y| &before[y * width + column - reach..=y * width + column + reach]);
                let sum: u32 = around.map(|luma| u32::from(*luma)).sum();
                luma[row * width + column] = (sum / (2 * reach as u32 + 1).pow(2)) as u8;
            }
        }
    }
}

#[test]
fn what_our_own_engine_makes_is_as_asked() {
    let judgement = BENCH.judged(&BENCH.result);
    assert_eq!(bad(&judgement), Vec::<&str>::new(), "{judgement:#?}");
    assert!(value(&judgement, Measure::Offset, "late_ms").abs() <= 40.0, "{judgement:#?}");
    assert!(value(&judgement, Measure::Placed, "late_ms").abs() <= 1.0, "{judgement:#?}");
    assert!(!judgement.openings.is_empty());
}

#[test]
fn a_sound_that_is_moved_moves_offset_and_placed() {
    let frames = frames_of(&BENCH.result);
    let usual = value(&BENCH.judged(&BENCH.result), Measure::Offset, "late_ms");
    for later_ms in [-160, -80, -40, 40, 80, 160] {
        let judgement = BENCH.judged_frames(&format!("moved{later_ms}"), &frames, later_ms);
        let mouth_ms = value(&judgement, Measure::Offset, "late_ms") - usual;
        assert!((mouth_ms + later_ms as f64).abs() <= 20.0, "{later_ms}: the mouth is {mouth_ms} late");
        let placed_ms = value(&judgement, Measure::Placed, "late_ms");
        assert!((placed_ms - later_ms as f64).abs() <= 1.0, "{later_ms}: {placed_ms}");
        let expected: &[&str] = if later_ms.abs() > 40 { &["offset", "placed"] } else { &[] };
        let found: Vec<&str> =
            bad(&judgement).into_iter().filter(|name| later_ms.abs() > 40 || *name != "offset").collect();
        assert_eq!(found, expected, "{later_ms}: {judgement:#?}");
    }
}

#[test]
fn a_mouth_that_is_frozen_does_not_move() {
    let judgement = BENCH.judged_frames("frozen", &frames_of(&BENCH.clip), 0);
    assert_eq!(bad(&judgement), ["moved"], "{judgement:#?}");
}

#[test]
fn a_mouth_of_another_voice_does_not_agree() {
    let mut reversed = read_voice(&BENCH.voice, &Job::new()).unwrap().samples().to_vec();
    reversed.reverse();
    let voice = BENCH.folder.path().join("reversed.wav");
    write_wav(&voice, &Sound::new(reversed)).unwrap();
    let other = BENCH.folder.path().join("other.mp4");
    BENCH.render(&voice, &BENCH.placement, &other);
    let judgement = BENCH.judged_frames("exchanged", &frames_of(&other), 0);
    assert!(bad(&judgement).contains(&"agreement"), "{judgement:#?}");
    let expected = ["agreement", "closures", "leak"];
    assert!(bad(&judgement).iter().all(|name| expected.contains(name)), "{judgement:#?}");
}

#[test]
fn a_mouth_that_is_blurred_is_not_sharp() {
    let frames = BENCH.changed(|_, frame, chosen, _| {
        blur(frame, 3, |x, y| {
            let (u, v) = chosen.inverse(x, y);
            (u / 0.2).hypot((v - 0.33) / 0.12) < 1.0
        });
    });
    let judgement = BENCH.judged_frames("blurred", &frames, 0);
    assert_eq!(bad(&judgement), ["sharp"], "{judgement:#?}");
}

#[test]
fn pictures_that_are_dropped_make_it_less_than_whole() {
    let mut frames = frames_of(&BENCH.result);
    frames.drain(50..56);
    assert_eq!(bad(&BENCH.judged_frames("dropped", &frames, 0)), ["whole"]);
}

#[test]
fn noise_around_the_mouth_is_not_steady() {
    let frames = BENCH.changed(|at, frame, chosen, _| {
        let width = WIDTH as usize;
        for (place, luma) in frame.planes_mut().0.iter_mut().enumerate() {
            let (u, v) = chosen.inverse((place % width) as f32, (place / width) as f32);
            if (0.22..0.36).contains(&u.abs()) && (0.22..0.36).contains(&v) {
                *luma = luma.saturating_add(if at % 2 == 0 { 16 } else { 0 });
            }
        }
    });
    let judgement = BENCH.judged_frames("noise", &frames, 0);
    assert_eq!(bad(&judgement), ["steady"], "{judgement:#?}");
}

#[test]
fn another_face_that_moves_is_not_kept() {
    let frames = BENCH.changed(|at, frame, _, other| {
        let (width, before) = (WIDTH as usize, frame.y().to_vec());
        let down = (at / 2) % 4;
        for (place, luma) in frame.planes_mut().0.iter_mut().enumerate() {
            let (u, v) = other.inverse((place % width) as f32, (place / width) as f32);
            if u.abs() < 0.2 && (0.2..0.45).contains(&v) {
                *luma = before[place - down * 2 * width];
            }
        }
    });
    let judgement = BENCH.judged_frames("other", &frames, 0);
    assert_eq!(bad(&judgement), ["kept"], "{judgement:#?}");
    assert!(judgement.entry(Measure::Kept).unwrap().says.contains("nother face"), "{judgement:#?}");
}

#[test]
fn a_softer_picture_is_said_by_how_much() {
    let frames = BENCH.changed(|_, frame, _, _| blur(frame, 1, |_, _| true));
    let judgement = BENCH.judged_frames("softer", &frames, 0);
    assert_eq!(bad(&judgement), ["kept"], "{judgement:#?}");
    assert!(value(&judgement, Measure::Kept, "softer_db") > 2.0, "{judgement:#?}");
}

#[test]
fn a_voice_placed_late_with_its_mouth_moves_placed_alone() {
    let late = BENCH.folder.path().join("late.mp4");
    let placement = Placement { sound_insert_time: BENCH.placement.sound_insert_time + 200, ..BENCH.placement };
    BENCH.render(&BENCH.voice, &placement, &late);
    let judgement = BENCH.judged(&late);
    assert_eq!(bad(&judgement), ["placed"], "{judgement:#?}");
    assert!((value(&judgement, Measure::Placed, "late_ms") - 200.0).abs() <= 1.0, "{judgement:#?}");
}

#[test]
fn what_cannot_be_measured_says_why() {
    let plan = JudgePlan {
        result: BENCH.result.clone(),
        clip: BENCH.clip.clone(),
        voice: BENCH.voice.clone(),
        face: None,
        placement: BENCH.placement,
    };
    let judgement = judge(&plan, &Job::new()).unwrap();
    assert_eq!(bad(&judgement), Vec::<&str>::new());
    let moved = judgement.entry(Measure::Moved).unwrap();
    assert!(matches!(&moved.grade, Grade::NotMeasured(why) if why.contains("faces")), "{moved:?}");
    assert_eq!(judgement.entry(Measure::Placed).unwrap().grade, Grade::Good);
    assert_eq!(judgement.entries.len(), Measure::ALL.len());
}
