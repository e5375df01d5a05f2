//! A whole render, from files to a file: seen again through the decoder.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use crate::portrait::{HEIGHT, HOPPER, View, WIDTH, frame, load};
use viseme::media::faces::{FaceTrack, Pose};
use viseme::media::mouth::{MouthBox, MouthFit, Painted};
use viseme::media::sound::{RATE_HZ, write_wav};
use viseme::media::{
    ClipReader, DraftPlan, DraftStep, Drafter, Frame, Job, MediaError, Movie, Mp4Writer, RenderPlan, Sound,
    VideoFormat, clip_sound, render, shared_faces,
};
use viseme::model::{Interval, Placement};

const FRAMES: i64 = 80;
const FRAME_US: i64 = 40_000;

/// A clip of 3.2 s in which Hopper leans slowly, with a soft tone as its own sound. Encoded once for all tests.
fn clip(dir: &Path) -> PathBuf {
    static ENCODED: OnceLock<Vec<u8>> = OnceLock::new();
    let path = dir.join("clip.mp4");
    std::fs::write(&path, ENCODED.get_or_init(|| std::fs::read(encode_clip(dir)).unwrap())).unwrap();
    path
}

fn encode_clip(dir: &Path) -> PathBuf {
    let path = dir.join("clip.mp4");
    let photo = load("grace_hopper.jpg");
    let first = frame(&photo, HOPPER, 0);
    let format =
        VideoFormat { width_px: WIDTH, height_px: HEIGHT, fps: 25.0, frames: FRAMES as usize, color: first.color };
    let tone = tone(3_200, |time_s| if time_s < 3.2 { 0.05 } else { 0.0 }, &[440.0]);
    let mut writer = Mp4Writer::create(&path, format, Some(tone)).unwrap();
    for number in 0..FRAMES {
        let turned_deg = 5.0 * (number as f32 * 0.08).sin();
        let moved_px = (number as f32 * 0.4, 0.0);
        writer.write_frame(&frame(&photo, View { turned_deg, moved_px, ..HOPPER }, number * FRAME_US)).unwrap();
    }
    writer.finish(FRAMES * FRAME_US).unwrap();
    path
}

fn tone(duration_ms: i64, loud: impl Fn(f32) -> f32, all_hz: &[f32]) -> Sound {
    let frames = duration_ms * i64::from(RATE_HZ) / 1000;
    let samples = (0..frames).flat_map(|at| {
        let time_s = at as f32 / RATE_HZ as f32;
        let wave: f32 = all_hz.iter().map(|hz| (std::f32::consts::TAU * hz * time_s).sin()).sum();
        [wave * loud(time_s) / all_hz.len() as f32; 2]
    });
    Sound::new(samples.collect())
}

/// Loud in two stretches of 0.5 s, silent before, between and after.
fn loudness(time_s: f32) -> f32 {
    if (0.3..0.8).contains(&time_s) || (1.4..1.9).contains(&time_s) { 0.8 } else { 0.0 }
}

fn voice(dir: &Path) -> PathBuf {
    let path = dir.join("voice.wav");
    // The harmonics of an "ah".
    write_wav(&path, &tone(2_400, loudness, &[625.0, 750.0, 875.0, 1_125.0, 1_250.0])).unwrap();
    path
}

fn decoded(path: &Path) -> Vec<Frame> {
    let mut reader = ClipReader::open(path).unwrap();
    std::iter::from_fn(|| reader.next_frame().unwrap()).collect()
}

/// Signal to noise in dB where `inside` says so, over the luma.
fn psnr(a: &Frame, b: &Frame, inside: impl Fn(f32, f32) -> bool) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for (at, (a, b)) in a.y().iter().zip(b.y()).enumerate() {
        if inside((at as u32 % WIDTH) as f32, (at as u32 / WIDTH) as f32) {
            sum += f64::from(a.abs_diff(*b)).powi(2);
            count += 1.0;
        }
    }
    10.0 * (255.0 * 255.0 * count / f64::max(sum, 1e-9)).log10()
}

/// How much darker it has become between the lips; sum over luma.
fn opening(before: &Frame, after: &Frame, pose: &Pose, fit: &MouthFit) -> f64 {
    let pairs = before.y().iter().zip(after.y()).enumerate();
    pairs
        .filter(|(at, _)| {
            let (u, v) = pose.inverse((*at as u32 % WIDTH) as f32, (*at as u32 / WIDTH) as f32);
            fit.across(u).abs() < 0.9 && (-0.02..0.12).contains(&(v - fit.corner_line(u)))
        })
        .map(|(_, (was, is))| f64::from(was.saturating_sub(*is).saturating_sub(12)))
        .sum()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let pairs = || a.iter().zip(b).map(|(x, y)| (x - ma, y - mb));
    let product: f64 = pairs().map(|(x, y)| x * y).sum();
    product / (pairs().map(|(x, _)| x * x).sum::<f64>() * pairs().map(|(_, y)| y * y).sum::<f64>()).sqrt()
}

fn plan(dir: &Path, track: FaceTrack) -> RenderPlan {
    RenderPlan {
        clip: dir.join("clip.mp4"),
        voice: voice(dir),
        track,
        placement: Placement {
            sound_start_time: 100,
            sound_end_time: 2_300,
            sound_insert_time: 600,
            sound_volume: Some(1.0),
            original_audio_volume: Some(0.5),
        },
        mouth_box: None,
        out: dir.join("out.mp4"),
    }
}

#[test]
fn the_mouth_moves_with_the_voice_and_the_rest_stays_the_clip() {
    let dir = tempfile::tempdir().unwrap();
    let path = clip(dir.path());
    let faces = shared_faces(&path, &Job::new()).unwrap().faces.clone();
    assert_eq!(faces.len(), 1);
    let track = faces[0].clone();
    let plan = plan(dir.path(), track.clone());
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let done = render(&plan, &Job::watched(move |done| seen.lock().unwrap().push(done))).unwrap();
    assert_eq!((done.duration_ms, done.frames, done.spoken_frames), (3_200, 80, 55));
    let told = told.lock().unwrap();
    assert!(told.windows(2).all(|pair| pair[0] <= pair[1]) && told.last() == Some(&1.0), "progress only grows");

    let fit = done.mouth.unwrap();

    let (before, after) = (decoded(&path), decoded(&plan.out));
    assert_eq!((before.len(), after.len()), (80, 80));
    let (mut openings, mut envelope) = (Vec::new(), Vec::new());
    for (number, (before, after)) in before.iter().zip(&after).enumerate() {
        assert_eq!(before.pts_us, after.pts_us);
        let time_s = number as f32 * 0.04;
        let pose = track.at(before.pts_us).unwrap().pose();
        let outside = psnr(before, after, |x, y| {
            let (u, v) = pose.inverse(x, y);
            !(u.abs() < 0.5 && (0.0..0.8).contains(&v))
        });
        assert!(outside > 38.0, "outside of the face at {time_s} s: {outside:.1} dB");
        if !(0.6..2.8).contains(&time_s) {
            let whole = psnr(before, after, |_, _| true);
            assert!(whole > 40.0, "before or after the voice, at {time_s} s: {whole:.1} dB");
        }
        openings.push(opening(before, after, &pose, &fit));
        // The voice's own time, 100 ms of it cut away.
        envelope.push(f64::from(loudness(time_s - 0.6 + 0.1)));
    }
    let together = correlation(&openings, &envelope);
    assert!(together > 0.8, "mouth and voice go together by {together:.2}: {openings:.0?}");
    let loud = openings[25];
    let pause = openings[37];
    assert!(loud > 2_000.0 && pause * 10.0 < loud, "{loud} in a loud part, {pause} in a pause");

    // The sound: the clip's tone at half its volume all along, the voice within its place only.
    let sound = clip_sound(&Movie::open(&plan.out).unwrap(), &Job::new()).unwrap().unwrap();
    let rms = |from_ms: usize, to_ms: usize| {
        let part = &sound.mono()[from_ms * 48..to_ms * 48];
        (part.iter().map(|sample| sample * sample).sum::<f32>() / part.len() as f32).sqrt()
    };
    assert!((rms(100, 500) - 0.05 * 0.5 * std::f32::consts::FRAC_1_SQRT_2).abs() < 0.004, "{}", rms(100, 500));
    assert!(rms(900, 1_200) > 0.15 && rms(1_500, 1_800) < 0.03 && rms(2_900, 3_100) < 0.03);
}

fn draft_of(plan: &RenderPlan, track: &Arc<FaceTrack>) -> DraftPlan {
    DraftPlan {
        clip: plan.clip.clone(),
        voice: plan.voice.clone(),
        track: Arc::clone(track),
        placement: plan.placement,
        mouth_box: plan.mouth_box,
    }
}

#[test]
fn a_draft_is_the_result_before_it_is_encoded() {
    let dir = tempfile::tempdir().unwrap();
    let path = clip(dir.path());
    let mut drafter = Drafter::default();
    let track = Arc::new(drafter.faces(&path, &Job::new()).unwrap().faces[0].clone());
    let plan = plan(dir.path(), (*track).clone());
    let done = render(&plan, &Job::new()).unwrap();
    let draft = drafter.prepare(&draft_of(&plan, &track), |_| {}, &Job::new()).unwrap();
    let fit = *draft.fit().unwrap();
    assert_eq!(Some(fit), done.mouth);

    let (mut spoken, mut moved) = (0, Vec::new());
    for (before, result) in decoded(&path).iter().zip(&decoded(&plan.out)) {
        let mut drafted = before.clone();
        spoken += usize::from(draft.paint(&mut drafted) == Painted::Spoken);
        let pose = track.at(before.pts_us).unwrap().pose();
        let mouth = |x: f32, y: f32| {
            let (u, v) = pose.inverse(x, y);
            fit.across(u).abs() < 1.2 && (-0.08..0.2).contains(&(v - fit.corner_line(u)))
        };
        let likeness = psnr(&drafted, result, mouth);
        assert!(likeness > 33.0, "draft and result at {} µs: {likeness:.1} dB in the mouth", before.pts_us);
        if opening(before, result, &pose, &fit) > 1_000.0 {
            let untouched = psnr(before, result, mouth);
            moved.push(likeness - untouched);
        }
    }
    assert_eq!(spoken, done.spoken_frames);
    moved.sort_by(f64::total_cmp);
    assert!(
        moved.len() > 20 && moved[0] > 6.0 && moved[moved.len() / 2] > 20.0,
        "over the clip itself: {moved:.1?} dB"
    );
}

#[test]
fn a_draft_does_over_only_what_changed_and_is_the_same_as_one_made_from_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = clip(dir.path());
    let mut drafter = Drafter::default();
    let track = Arc::new(drafter.faces(&path, &Job::new()).unwrap().faces[0].clone());
    let mut draft = draft_of(&plan(dir.path(), (*track).clone()), &track);
    let frames = decoded(&path);
    let painted = |drafter: &mut Drafter, draft: &DraftPlan| {
        let speaking = drafter.prepare(draft, |_| {}, &Job::new()).unwrap();
        frames
            .iter()
            .cloned()
            .map(|mut frame| {
                speaking.paint(&mut frame);
                frame
            })
            .collect::<Vec<_>>()
    };
    let first = painted(&mut drafter, &draft);
    draft.placement.sound_insert_time += 400;
    draft.placement.sound_start_time += 120;
    let moved = painted(&mut drafter, &draft);
    assert_ne!(first, moved);
    assert!(moved == painted(&mut Drafter::default(), &draft), "the kept steps are those a fresh start takes");
    // A mouth that a person gave: lower by a tenth of the face.
    let found = drafter.prepare(&draft, |_| {}, &Job::new()).unwrap().fit().unwrap().to_box();
    draft.mouth_box = Some(MouthBox { v: found.v + 0.1, ..found });
    let given = drafter.prepare(&draft, |_| {}, &Job::new()).unwrap().fit().unwrap().to_box();
    assert!((given.v - found.v - 0.1).abs() < 0.05 && (given.width - found.width).abs() < 0.01, "{given:?}");
    draft.mouth_box = None;
    draft.placement.sound_insert_time -= 400;
    draft.placement.sound_start_time -= 120;
    assert!(first == painted(&mut drafter, &draft), "and back again");
}

#[test]
fn a_draft_that_is_stopped_says_so_and_the_next_one_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = clip(dir.path());
    let mut drafter = Drafter::default();
    let stopped = Job::new();
    stopped.cancel();
    assert_eq!(drafter.faces(&path, &stopped).unwrap_err(), MediaError::Cancelled);
    let track = Arc::new(drafter.faces(&path, &Job::new()).unwrap().faces[0].clone());
    let draft = draft_of(&plan(dir.path(), (*track).clone()), &track);
    let job = Job::new();
    let steps = Mutex::new(Vec::new());
    let tell = |step| {
        steps.lock().unwrap().push(step);
        if step == DraftStep::Mouth {
            job.cancel();
        }
    };
    assert_eq!(drafter.prepare(&draft, tell, &job).unwrap_err(), MediaError::Cancelled);
    assert_eq!(*steps.lock().unwrap(), [DraftStep::Voice, DraftStep::Mouth]);
    assert!(drafter.prepare(&draft, |_| {}, &Job::new()).unwrap().fit().is_some());
}

#[test]
fn where_the_face_is_not_the_picture_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = clip(dir.path());
    let mut track = shared_faces(&path, &Job::new()).unwrap().faces[0].clone();
    track.frames.retain(|point| point.pts_us < 400_000);
    track.interval = Interval::new(0, 400);
    let plan = plan(dir.path(), track);
    let done = render(&plan, &Job::new()).unwrap();
    assert_eq!((done.frames, done.spoken_frames, done.mouth), (80, 0, None));
    for (before, after) in decoded(&path).iter().zip(&decoded(&plan.out)) {
        assert!(psnr(before, after, |_, _| true) > 40.0);
    }
}

#[test]
fn a_render_that_is_stopped_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = clip(dir.path());
    let track = shared_faces(&path, &Job::new()).unwrap().faces[0].clone();
    let plan = plan(dir.path(), track);
    let shared: Arc<Mutex<Option<Job>>> = Arc::default();
    let stopper = Arc::clone(&shared);
    let job = Job::watched(move |done| {
        if done > 0.3
            && let Some(job) = stopper.lock().unwrap().as_ref()
        {
            job.cancel();
        }
    });
    *shared.lock().unwrap() = Some(job.clone());
    assert_eq!(render(&plan, &job).unwrap_err(), MediaError::Cancelled);
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "only clip and voice: {left:?}");
}
