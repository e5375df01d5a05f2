//! Clips and voices that break rules, made to keep them; the results are read by our own reader.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use viseme::media::fit::{Fitted, Probed, fit, plan, probe};
use viseme::media::{ClipReader, Frame, Job, MediaError, Movie, Sound, clip_sound, read_voice};
use viseme::model::clip::check_clip;
use viseme::model::fit::{FitWish, PictureSize};
use viseme::model::voice::check_voice;
use viseme::model::{ClipProbe, Verdict, VoiceProbe};

fn media(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name)
}

fn duo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/duo.mp4")
}

fn fitted(path: &Path, out: &Path, wish: FitWish) -> Fitted {
    let plan = plan(&probe(path, &Job::new()).unwrap(), wish).unwrap();
    fit(path, &plan, Some(out), &Job::new()).unwrap()
}

fn clip(fitted: &Fitted) -> &ClipProbe {
    match &fitted.probe {
        Probed::Clip(clip) => clip,
        Probed::Voice(voice) => panic!("{voice:?}"),
    }
}

fn voice(fitted: &Fitted) -> &VoiceProbe {
    match &fitted.probe {
        Probed::Voice(voice) => voice,
        Probed::Clip(clip) => panic!("{clip:?}"),
    }
}

fn frames(path: &Path) -> Vec<Frame> {
    let mut reader = ClipReader::open(path).unwrap();
    let frames = std::iter::from_fn(|| reader.next_frame().unwrap()).collect();
    assert_eq!(reader.damaged(), 0);
    frames
}

fn distance(a: &Frame, b: &Frame) -> f64 {
    let sum: u64 = a.y().iter().zip(b.y()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.y().len() as f64
}

fn keeps_every_rule(clip: &ClipProbe) {
    assert!(check_clip(clip).iter().all(|report| report.verdict == Verdict::Pass), "{clip:?}");
    assert_eq!((clip.container.as_str(), clip.video_codec.as_str(), clip.variable_rate), ("mp4", "H.264", false));
}

#[test]
fn a_clip_that_is_too_small_and_uneven_is_scaled_and_has_a_constant_rate() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("fitted.mp4");
    let fitted = fitted(&media("clips/small_360p.mp4"), &out, FitWish::default());
    let clip = clip(&fitted);
    keeps_every_rule(clip);
    assert_eq!((clip.width_px, clip.height_px, fitted.copied), (1280, 720, false));
    assert!(fitted.cures.iter().any(|cure| cure.wrong.contains("360 px < 512 px")), "{:?}", fitted.cures);
}

#[test]
fn a_part_of_a_clip_has_the_pictures_and_the_sound_of_that_part() {
    let folder = tempfile::tempdir().unwrap();
    let wish = FitWish { start_ms: Some(1_040), end_ms: Some(3_560), size: None };
    let fitted = fitted(&duo(), &folder.path().join("part.mp4"), wish);
    keeps_every_rule(clip(&fitted));
    assert_eq!((clip(&fitted).duration_ms, fitted.copied), (2_520, false));
    let (all, part) = (frames(&duo()), frames(&fitted.path));
    let first = all.iter().rposition(|frame| frame.pts_us <= 1_040_000).unwrap();
    for (expected, frame) in all[first..].iter().zip(&part) {
        assert_eq!(frame.pts_us, expected.pts_us - all[first].pts_us);
        assert!(distance(expected, frame) < 3.0, "{}: {}", frame.pts_us, distance(expected, frame));
    }
    same_sound(&duo(), &fitted.path, 1_040);
}

/// Whether the second file's sound is that of the first from a time on.
fn same_sound(whole: &Path, part: &Path, from_ms: usize) {
    let sound = |path: &Path| clip_sound(&Movie::open(path).unwrap(), &Job::new()).unwrap().unwrap_or_default().mono();
    let (whole, part) = (sound(whole), sound(part));
    if whole.is_empty() {
        assert!(part.is_empty());
        return;
    }
    let whole = &whole[from_ms * 48..];
    let differs: f32 = whole.iter().zip(&part).take(96_000).map(|(a, b)| (a - b).powi(2)).sum();
    let power: f32 = whole.iter().take(96_000).map(|a| a.powi(2)).sum();
    assert!(differs < power * 0.05 + 1e-3, "{differs} of {power}");
}

#[test]
fn pictures_are_copied_where_the_cut_begins_at_a_keyframe() {
    let folder = tempfile::tempdir().unwrap();
    let movie = Arc::new(Movie::open(&duo()).unwrap());
    let keyframes: Vec<i64> =
        movie.video.as_ref().unwrap().samples.iter().filter(|s| s.sync).map(|s| s.pts_us / 1_000).collect();
    let start_ms = *keyframes.last().unwrap();
    let wish = FitWish { start_ms: Some(start_ms), end_ms: Some(start_ms + 3_000), size: None };
    let fitted = fitted(&duo(), &folder.path().join("copied.mp4"), wish);
    keeps_every_rule(clip(&fitted));
    assert!(fitted.copied && (clip(&fitted).duration_ms - 3_000).abs() <= 100, "{fitted:?}");
    let (all, part) = (frames(&duo()), frames(&fitted.path));
    let first = all.iter().position(|frame| frame.pts_us / 1_000 == start_ms).unwrap();
    assert!(part.len() > 70);
    for (expected, frame) in all[first..].iter().zip(&part) {
        assert_eq!(frame.pts_us, expected.pts_us - all[first].pts_us);
        assert!(frame.y() == expected.y() && frame.u() == expected.u(), "{}: exactly as it was", frame.pts_us);
    }
    same_sound(&duo(), &fitted.path, start_ms as usize);
}

#[test]
fn nothing_is_written_over_and_nothing_is_left_of_what_was_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("clip.mp4");
    std::fs::copy(duo(), &original).unwrap();
    let before = std::fs::read(&original).unwrap();
    let wish = FitWish { start_ms: Some(0), end_ms: Some(2_000), size: Some(PictureSize::P1080) };
    let plan = plan(&probe(&original, &Job::new()).unwrap(), wish).unwrap();
    let onto_itself = fit(&original, &plan, Some(&original), &Job::new()).unwrap();
    assert_ne!(onto_itself.path, original);
    assert_eq!((clip(&onto_itself).width_px, clip(&onto_itself).height_px), (1920, 1080));
    assert_eq!(std::fs::read(&original).unwrap(), before);
    std::fs::remove_file(onto_itself.path).unwrap();

    let job = Job::new();
    job.cancel();
    assert_eq!(fit(&original, &plan, None, &job), Err(MediaError::Cancelled));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing but the original");
}

#[test]
fn a_voice_becomes_a_wav_of_one_channel_long_and_loud_enough() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["streams/tone.ogg", "streams/tone.flac", "voice.m4a"] {
        let fitted = fitted(&media(name), &folder.path().join("voice.wav"), FitWish::default());
        let voice = voice(&fitted);
        assert!(check_voice(voice).iter().all(|report| report.verdict == Verdict::Pass), "{name}: {voice:?}");
        assert_eq!((voice.format.as_str(), voice.sample_rate_hz, voice.channels), ("wav", 24_000, 1), "{name}");
        assert!(voice.duration_ms >= 2_000, "{name}: {} ms", voice.duration_ms);
    }
}

#[test]
fn a_quiet_voice_is_raised() {
    let folder = tempfile::tempdir().unwrap();
    let voice = read_voice(&media("voice.wav"), &Job::new()).unwrap();
    let quiet = Sound::new(voice.samples().iter().map(|sample| sample * 0.02).collect());
    let path = folder.path().join("quiet.wav");
    viseme::media::sound::write_wav(&path, &quiet).unwrap();
    let wish = FitWish { start_ms: Some(500), end_ms: Some(4_500), size: None };
    let fitted = fitted(&path, &folder.path().join("out.wav"), wish);
    assert!(fitted.cures.iter().any(|cure| cure.wrong.contains("quiet")), "{:?}", fitted.cures);
    let loud = read_voice(&fitted.path, &Job::new()).unwrap();
    assert_eq!(loud.duration_ms(), 4_000);
    let peak = |sound: &Sound| sound.samples().iter().fold(0.0_f32, |most, s| most.max(s.abs()));
    assert!(peak(&loud) > 8.0 * peak(&quiet) && peak(&loud) < 0.95, "{} from {}", peak(&loud), peak(&quiet));
}

#[test]
#[cfg(feature = "hevc")]
fn hevc_in_hdr_becomes_h264_in_standard_range() {
    let folder = tempfile::tempdir().unwrap();
    // Its 1.3 s are too short by themselves: that cannot be cured.
    let phone = probe(&media("streams/hevc_phone.mov"), &Job::new()).unwrap();
    let err = plan(&phone, FitWish::default()).unwrap_err().to_string();
    assert!(err.contains("at least 2000 ms"), "{err}");
    let fitted = fitted(&media("clips/hevc_hdr.mov"), &folder.path().join("out.mp4"), FitWish::default());
    keeps_every_rule(clip(&fitted));
    assert_eq!((clip(&fitted).width_px, clip(&fitted).height_px, clip(&fitted).fps), (720, 1280, 25.0));
    assert_eq!(clip(&fitted).hdr, None);
}
