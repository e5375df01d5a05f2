//! Clips and voices of many makes, read and written. What is expected was computed once by another decoder (ffmpeg);
//! nothing here needs it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use viseme::media::sound::{RATE_HZ, voice_to_wav, write_wav};
use viseme::media::{
    ClipReader, ClipStream, Frame, Job, MediaError, Movie, Mp4Writer, Sound, VideoFormat, clip_sound, probe_clip,
    probe_voice, read_voice,
};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/streams").join(name)
}

fn frames(mut reader: ClipReader) -> Vec<Frame> {
    std::iter::from_fn(|| reader.next_frame().unwrap()).collect()
}

fn hash(frames: &[Frame]) -> String {
    let mut hasher = Sha256::new();
    for frame in frames {
        hasher.update(frame.y());
        hasher.update(frame.u());
        hasher.update(frame.v());
    }
    let mut hex = String::new();
    for byte in hasher.finalize() {
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

/// Mean distance of two pictures' luma.
fn distance(a: &Frame, b: &Frame) -> f64 {
    let sum: u64 = a.y().iter().zip(b.y()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.y().len() as f64
}

const BFRAMES: &str = "f88d58cb6b6a3119f03037947023bf0fe6e46668d61c305ee353e001fc04d662";

/// File, pictures, and the SHA-256 of all their planes as ffmpeg decodes them.
const PICTURES: [(&str, usize, &str); 9] = [
    ("baseline.mp4", 30, "87baa475aeb276728419372173c8f16b1a5c60334c6383304a280f624ebb4cd5"),
    ("bframes.mp4", 30, BFRAMES),
    ("first.mp4", 30, BFRAMES),
    ("fragmented.mp4", 30, BFRAMES),
    ("phone.mov", 30, "7c1424d536bb0f9354e053b2534cb6f100b31317174065efdcfdca8dbb4dd787"),
    ("full709.mp4", 30, "aaabe32d3ba745bc8b2b07e3632cfd9a7dbb9ff321ab073ee06803fd690860de"),
    ("interlaced.mp4", 30, "7dc82539c9efac68a96ddb267815fe8f4d0cefd815b677401afcb1800cf49216"),
    ("opengop.mp4", 30, "ac56d87db032565d1c73770e998bb84b66bf9dff61338db6e6e790a2713444f5"),
    ("vfr.mp4", 20, "9873657c3e6f37a2b0511faa0d847ccbe8e104b37bdeac972bc367638de56fc4"),
];

#[test]
fn every_picture_is_what_the_other_decoder_sees_by_both_of_ours() {
    for (name, count, expected) in PICTURES {
        let movie = Arc::new(Movie::open(&sample(name)).unwrap());
        for reader in [ClipReader::of(Arc::clone(&movie)).unwrap(), ClipReader::thorough(movie).unwrap()] {
            let fast = reader.is_fast();
            let info = reader.info();
            let frames = frames(reader);
            assert_eq!(frames.len(), count, "{name}, fast: {fast}");
            assert_eq!(info.timing.frames, count, "{name}");
            assert_eq!(hash(&frames), expected, "{name}, fast: {fast}");
            assert_eq!(frames[0].pts_us, 0, "{name}");
            assert!(frames.windows(2).all(|pair| pair[0].pts_us < pair[1].pts_us), "{name}: out of order");
            assert_eq!((frames[0].width_px(), frames[0].height_px()), (info.width_px, info.height_px), "{name}");
        }
    }
}

#[test]
fn what_the_fast_decoder_cannot_the_thorough_one_does() {
    for (name, fast) in [("bframes.mp4", true), ("interlaced.mp4", false), ("tenbit.mp4", false), ("y422.mp4", false)] {
        assert_eq!(ClipReader::open(&sample(name)).unwrap().is_fast(), fast, "{name}");
    }
    // The same scene in 10 bit and in 4:2:2 comes out as in 8 bit.
    let plain = frames(ClipReader::open(&sample("baseline.mp4")).unwrap());
    for name in ["tenbit.mp4", "y422.mp4"] {
        let other = frames(ClipReader::open(&sample(name)).unwrap());
        assert_eq!(other.len(), plain.len(), "{name}");
        let worst = plain.iter().zip(&other).map(|(a, b)| distance(a, b)).fold(0.0, f64::max);
        assert!(worst < 6.0, "{name}: {worst}");
    }
}

#[test]
fn an_edit_list_cuts_pictures_and_sound_alike() {
    let all = frames(ClipReader::open(&sample("bframes.mp4")).unwrap());
    let movie = Arc::new(Movie::open(&sample("cut.mp4")).unwrap());
    let cut = frames(ClipReader::of(Arc::clone(&movie)).unwrap());
    assert_eq!(cut[0].pts_us, 0);
    let first = all.iter().position(|frame| frame.y() == cut[0].y()).expect("a picture of the whole");
    for (a, b) in all[first..].iter().zip(&cut) {
        assert_eq!(a.y(), b.y());
        assert_eq!(a.pts_us - all[first].pts_us, b.pts_us);
    }
    let sound = clip_sound(&movie, &Job::new()).unwrap().unwrap();
    let length_us = movie.probe().unwrap().duration_ms;
    assert!((sound.duration_ms() - length_us).abs() <= 30, "{} ms of sound, {length_us} ms", sound.duration_ms());
}

#[test]
fn the_probe_tells_what_the_rules_ask() {
    let probe = |name: &str| probe_clip(&sample(name)).unwrap();
    let bframes = probe("bframes.mp4");
    assert_eq!((bframes.container.as_str(), bframes.duration_ms, bframes.fps), ("mp4", 1200, 25.0));
    assert_eq!((bframes.width_px, bframes.height_px, bframes.variable_rate), (96, 64, false));
    assert_eq!((bframes.video_codec.as_str(), bframes.audio_codec.as_deref()), ("H.264", Some("AAC")));
    let phone = probe("phone.mov");
    assert_eq!((phone.container.as_str(), phone.width_px, phone.height_px), ("mov", 64, 96), "turned upright");
    let full = probe("full709.mp4");
    assert_eq!((full.width_px, full.height_px, full.fps, full.duration_ms), (94, 62, 29.97, 1001));
    assert!(probe("vfr.mp4").variable_rate);
    assert_eq!(probe("fragmented.mp4").duration_ms, 1200);
    assert_eq!(probe("hevc.mp4").video_codec, "HEVC");
    assert_eq!((probe("hevc.mp4").width_px, probe("hevc.mp4").duration_ms), (96, 1200));
}

#[test]
fn what_cannot_be_decoded_is_named() {
    let hevc = ClipReader::open(&sample("hevc.mp4")).err().unwrap().to_string();
    assert!(hevc.starts_with("HEVC cannot be decoded here. Convert"), "{hevc}");
    let chroma = ClipReader::open(&sample("y444.mp4")).err().unwrap().to_string();
    assert!(chroma.contains("4:4:4"), "{chroma}");
    let opus = probe_voice(&sample("opus.ogg"), &Job::new()).unwrap_err().to_string();
    assert!(opus.contains("Opus") && opus.contains("Convert"), "{opus}");
}

#[test]
fn files_that_are_no_clips_say_what_they_look_like() {
    let dir = tempfile::tempdir().unwrap();
    let noise: Vec<u8> = (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect();
    let png = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/astronaut.png")).unwrap();
    let cases: [(&str, &[u8], &str); 5] = [
        ("empty.mp4", b"", "the file is empty"),
        ("text.mp4", b"hello, this is no video\n", "plain text"),
        ("page.mp4", b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        ("picture.mp4", &png, "PNG"),
        ("noise.mp4", &noise, "no format known here"),
    ];
    for (name, bytes, words) in cases {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        for err in [probe_clip(&path).unwrap_err(), probe_voice(&path, &Job::new()).unwrap_err()] {
            assert!(matches!(&err, MediaError::NotMedia { looks_like, .. } if looks_like.contains(words)), "{err}");
        }
    }
    let gone = probe_clip(&dir.path().join("gone.mp4")).unwrap_err();
    assert!(matches!(gone, MediaError::Io { .. }), "{gone}");
    let folder = probe_clip(dir.path()).unwrap_err();
    assert!(matches!(folder, MediaError::Io { .. }), "{folder}");
}

#[test]
fn a_file_cut_off_anywhere_is_told_and_never_hangs_or_panics() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.mp4");
    for name in ["bframes.mp4", "first.mp4", "fragmented.mp4", "phone.mov"] {
        let whole = std::fs::read(sample(name)).unwrap();
        for part in 1..24 {
            let bytes = &whole[..whole.len() * part / 24];
            std::fs::write(&path, bytes).unwrap();
            match Movie::open(&path) {
                // A fragmented file is whole up to its last fragment.
                Ok(movie) if name == "fragmented.mp4" => drop(movie),
                Ok(movie) => assert!(movie.video.is_none(), "{name} {part}/24 was taken for whole"),
                Err(err) => assert!(matches!(err, MediaError::Damaged { .. } | MediaError::NotMedia { .. }), "{err}"),
            }
        }
    }
}

/// `fragmented.mp4` with the length of its `trex` box set to nothing: read as it is, it is the same box again and again.
#[test]
fn a_box_without_length_is_an_error_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("trex.mp4");
    let mut bytes = std::fs::read(sample("fragmented.mp4")).unwrap();
    let at = bytes.windows(4).position(|kind| kind == b"trex").unwrap();
    bytes[at - 4..at].fill(0);
    std::fs::write(&path, &bytes).unwrap();
    for err in [Movie::open(&path).err().unwrap(), probe_voice(&path, &Job::new()).unwrap_err()] {
        assert!(matches!(&err, MediaError::Damaged { detail, .. } if detail.contains("contradict")), "{err}");
    }
}

/// Counts of samples that have no byte in the file, in the table of an index and in a run of a fragment.
#[test]
fn samples_that_are_not_in_the_file_are_an_error_before_they_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("claims.mp4");
    for (name, kind, fixed) in [("first.mp4", b"stsz", true), ("fragmented.mp4", b"trun", false)] {
        let mut bytes = std::fs::read(sample(name)).unwrap();
        let at = bytes.windows(4).position(|found| found == kind).unwrap();
        if fixed {
            // One size for all, and so no table.
            bytes[at + 8..at + 12].copy_from_slice(&1_u32.to_be_bytes());
            bytes[at + 12..at + 16].copy_from_slice(&900_000_u32.to_be_bytes());
        } else {
            // No field of its own for any sample.
            bytes[at + 5..at + 8].copy_from_slice(&[0, 0, 1]);
            bytes[at + 8..at + 12].copy_from_slice(&900_000_u32.to_be_bytes());
        }
        std::fs::write(&path, &bytes).unwrap();
        let err = Movie::open(&path).err().unwrap();
        assert!(matches!(&err, MediaError::Damaged { detail, .. } if detail.contains("more samples")), "{name}: {err}");
    }
}

#[test]
fn damaged_bytes_anywhere_end_in_pictures_or_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("damaged.mp4");
    let mut seed = 0x9e37_79b9_u32;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed
    };
    for name in ["first.mp4", "opengop.mp4", "fragmented.mp4", "interlaced.mp4"] {
        let whole = std::fs::read(sample(name)).unwrap();
        for _ in 0..40 {
            let mut bytes = whole.clone();
            for _ in 0..=random() % 8 {
                let at = random() as usize % bytes.len();
                bytes[at] = random() as u8;
            }
            std::fs::write(&path, &bytes).unwrap();
            let Ok(movie) = Movie::open(&path).map(Arc::new) else { continue };
            let _ = movie.probe();
            let _ = clip_sound(&movie, &Job::new());
            if let Ok(mut reader) = ClipReader::of(movie) {
                let mut last_us = i64::MIN;
                while let Ok(Some(frame)) = reader.next_frame() {
                    assert!(frame.pts_us > last_us, "{name}: out of order");
                    last_us = frame.pts_us;
                }
            }
        }
    }
}

#[test]
fn pictures_after_a_damaged_one_still_come() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("damaged.mp4");
    let movie = Movie::open(&sample("first.mp4")).unwrap();
    let hurt = movie.video.as_ref().unwrap().samples[4];
    let mut bytes = std::fs::read(sample("first.mp4")).unwrap();
    bytes[hurt.offset as usize + 4..(hurt.offset + u64::from(hurt.size)) as usize].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();
    let mut reader = ClipReader::open(&path).unwrap();
    let got: Vec<Frame> = std::iter::from_fn(|| reader.next_frame().unwrap()).collect();
    assert!((24..=30).contains(&got.len()), "{} pictures", got.len());
    let whole = frames(ClipReader::open(&sample("first.mp4")).unwrap());
    // The next place where decoding can start is picture 12.
    let after = |frames: &[Frame]| frames.iter().filter(|f| f.pts_us >= 480_000).cloned().collect::<Vec<_>>();
    assert_eq!(hash(&after(&got)), hash(&after(&whole)));
}

#[test]
fn a_seek_gives_the_picture_that_is_shown_then() {
    for name in ["bframes.mp4", "opengop.mp4", "fragmented.mp4", "interlaced.mp4", "vfr.mp4", "cut.mp4"] {
        let whole = frames(ClipReader::open(&sample(name)).unwrap());
        let mut reader = ClipReader::open(&sample(name)).unwrap();
        for at_ms in [700, 0, 399, 400, 401, 1_100, 9_999, 40] {
            let shown = whole.iter().rfind(|frame| frame.pts_us <= at_ms * 1000).unwrap();
            reader.seek_exact(at_ms).unwrap();
            let first = reader.next_frame().unwrap().unwrap();
            assert_eq!(first.pts_us, shown.pts_us, "{name} at {at_ms} ms");
            assert_eq!(first.y(), shown.y(), "{name} at {at_ms} ms");
            reader.seek_sync(at_ms).unwrap();
            let start = reader.next_frame().unwrap().unwrap();
            assert!(start.pts_us <= shown.pts_us, "{name} at {at_ms} ms");
            let same = whole.iter().find(|frame| frame.pts_us == start.pts_us).unwrap();
            assert_eq!(start.y(), same.y(), "{name} at {at_ms} ms");
        }
    }
}

#[test]
fn a_seek_forwards_decodes_on_and_gives_the_same() {
    for name in ["bframes.mp4", "opengop.mp4", "fragmented.mp4", "interlaced.mp4", "vfr.mp4", "cut.mp4"] {
        let whole = frames(ClipReader::open(&sample(name)).unwrap());
        for step in 1..6 {
            let mut reader = ClipReader::open(&sample(name)).unwrap();
            for shown in whole.iter().step_by(step) {
                // Rounded up: the time of a picture may lie within a millisecond.
                reader.seek_exact(shown.pts_us.div_euclid(1000) + 1).unwrap();
                assert_eq!(reader.next_frame().unwrap().as_ref(), Some(shown), "{name} by {step}");
            }
            reader.seek_exact(0).unwrap();
            assert_eq!(reader.next_frame().unwrap().as_ref(), whole.first(), "{name} back by {step}");
        }
    }
}

#[test]
fn decoding_ahead_gives_the_same_and_stops_when_asked() {
    let open = || ClipReader::open(&sample("bframes.mp4")).unwrap();
    let mut stream = ClipStream::spawn(open(), &Job::new()).unwrap();
    let ahead: Vec<Frame> = std::iter::from_fn(|| stream.next_frame().unwrap()).collect();
    assert_eq!(hash(&ahead), BFRAMES);
    let job = Job::new();
    job.cancel();
    let mut stopped = ClipStream::spawn(open(), &job).unwrap();
    assert_eq!(stopped.next_frame(), Err(MediaError::Cancelled));
    // Dropped in the middle, the thread ends with it.
    let mut dropped = ClipStream::spawn(open(), &Job::new()).unwrap();
    assert!(dropped.next_frame().unwrap().is_some());
}

#[test]
fn every_kind_of_voice_is_measured_by_its_samples() {
    // The length is that of the tone; without an edit list, AAC and MP3 also tell their padding.
    let cases = [
        ("tone.m4a", "m4a", 44_100, 1_000, 1),
        ("tone.aac", "aac", 44_100, 1_000, 60),
        ("tone.mp3", "mp3", 22_050, 1_000, 1),
        ("tone.flac", "flac", 16_000, 1_000, 0),
        ("tone.ogg", "ogg", 48_000, 1_000, 3),
    ];
    for (name, format, rate_hz, length_ms, slack_ms) in cases {
        let probe = probe_voice(&sample(name), &Job::new()).unwrap();
        assert_eq!((probe.format.as_str(), probe.sample_rate_hz, probe.channels), (format, rate_hz, 1), "{name}");
        assert!((probe.duration_ms - length_ms).abs() <= slack_ms, "{name}: {} ms", probe.duration_ms);
        let sound = read_voice(&sample(name), &Job::new()).unwrap();
        assert!((sound.duration_ms() - probe.duration_ms).abs() <= 1, "{name}: {} ms", sound.duration_ms());
        let middle = &sound.mono()[RATE_HZ as usize / 4..RATE_HZ as usize * 3 / 4];
        // ffmpeg's sine has an amplitude of 1/8.
        assert!((rms(middle) - 0.0884).abs() < 0.01, "{name}: {}", rms(middle));
        let crossings = middle.windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count();
        assert!(crossings.abs_diff(220) <= 1, "{name}: {crossings} periods in half a second");
    }
}

#[test]
fn rich_aac_is_heard_too() {
    // HE-AAC, which the first decoder refuses: made here, since the other encoder cannot.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rich.m4a");
    let tone: Vec<f32> =
        (0..96_000).map(|n| (n as f32 * 440.0 * std::f32::consts::TAU / 48_000.0).sin() * 0.4).collect();
    let mut options = syom::EncodeOptions::m4a();
    options.he = true;
    options.bitrate_bps = 48_000;
    std::fs::write(&path, syom::encode_with(&[&tone], 48_000, &options).unwrap()).unwrap();
    let probe = probe_voice(&path, &Job::new()).unwrap();
    assert_eq!((probe.format.as_str(), probe.sample_rate_hz), ("m4a", 48_000));
    assert!((probe.duration_ms - 2_000).abs() <= 90, "{} ms", probe.duration_ms);
    let sound = read_voice(&path, &Job::new()).unwrap();
    let level = rms(&sound.mono()[24_000..72_000]);
    assert!((level - 0.283).abs() < 0.04, "{level}");
}

#[test]
fn a_header_that_lies_about_the_length_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lies.wav");
    write_wav(&path, &Sound::silence(3_000)).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    // The data are said to be an hour long.
    bytes[40..44].copy_from_slice(&(48_000_u32 * 4 * 3_600).to_le_bytes());
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(probe_voice(&path, &Job::new()).unwrap().duration_ms, 3_000);
}

#[test]
fn a_voice_becomes_a_wav_within_the_limit_of_the_services() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out.wav");
    let bytes = voice_to_wav(&sample("tone.m4a"), &out, &Job::new()).unwrap();
    let probe = probe_voice(&out, &Job::new()).unwrap();
    assert_eq!((probe.size_bytes, probe.format.as_str(), probe.channels), (bytes, "wav", 1));
    assert!((probe.duration_ms - 1_000).abs() <= 1);
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&out.metadata().unwrap().permissions()) & 0o777,
        0o600,
        "a voice is its owner's alone"
    );
    let long = dir.path().join("long.wav");
    write_wav(&long, &Sound::new((0..48_000 * 60).flat_map(|n| [n as f32 * 1e-7; 2]).collect())).unwrap();
    let bytes = voice_to_wav(&long, &out, &Job::new()).unwrap();
    assert!(bytes <= 5_242_880, "{bytes}");
    assert_eq!(probe_voice(&out, &Job::new()).unwrap().duration_ms, 60_000);
}

/// Writes what a reader gives, with sound, and answers the path.
fn rewritten(name: &str, dir: &Path, sound: Option<Sound>) -> (PathBuf, Vec<Frame>) {
    let reader = ClipReader::open(&sample(name)).unwrap();
    let info = reader.info();
    let originals = frames(reader);
    let path = dir.join(name).with_extension("mp4");
    let mut writer = Mp4Writer::create(&path, VideoFormat::from(info), sound).unwrap();
    for frame in &originals {
        writer.write_frame(frame).unwrap();
    }
    let written = writer.finish(info.duration_us).unwrap();
    assert_eq!(written.frames, originals.len(), "{name}");
    assert_eq!(written.size_bytes, std::fs::metadata(&path).unwrap().len(), "{name}");
    (path, originals)
}

#[test]
fn what_is_written_reads_back_with_every_picture_at_its_time() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["bframes.mp4", "vfr.mp4", "full709.mp4", "phone.mov"] {
        let (path, originals) = rewritten(name, dir.path(), None);
        let before = ClipReader::open(&sample(name)).unwrap().info();
        let reader = ClipReader::open(&path).unwrap();
        let after = reader.info();
        assert_eq!(after.color, before.color, "{name}: the colours are kept");
        assert!((after.duration_us - before.duration_us).abs() <= 10, "{name}");
        let again = frames(reader);
        assert_eq!(again.len(), originals.len(), "{name}");
        for (a, b) in originals.iter().zip(&again) {
            assert!((a.pts_us - b.pts_us).abs() <= 10, "{name}: {} and {}", a.pts_us, b.pts_us);
            assert!(distance(a, b) < 6.0, "{name} at {}: {}", a.pts_us, distance(a, b));
        }
        let bytes = std::fs::read(&path).unwrap();
        let find = |kind: &[u8]| bytes.windows(4).position(|window| window == kind).unwrap();
        assert!(find(b"moov") < find(b"mdat"), "{name}: the index comes first");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 4, "nothing else is left behind");
}

#[test]
fn sound_and_picture_stay_together_to_the_sample() {
    let dir = tempfile::tempdir().unwrap();
    // A click at half a second.
    let mut samples = vec![0.0_f32; 57_600 * 2];
    for (n, sample) in samples[24_000 * 2..24_048 * 2].iter_mut().enumerate() {
        *sample = if n % 8 < 4 { 0.8 } else { -0.8 };
    }
    let (path, _) = rewritten("bframes.mp4", dir.path(), Some(Sound::new(samples)));
    assert_eq!(probe_clip(&path).unwrap().audio_codec.as_deref(), Some("AAC"));
    let movie = Movie::open(&path).unwrap();
    let sound = clip_sound(&movie, &Job::new()).unwrap().unwrap();
    let loud = sound.mono().iter().position(|s| s.abs() > 0.3).unwrap();
    assert!(loud.abs_diff(24_000) <= 8, "the click is at {loud}");
    assert!((sound.duration_ms() - 1_200).abs() <= 22, "{} ms", sound.duration_ms());
}

#[test]
fn a_result_that_is_given_up_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.mp4");
    let reader = ClipReader::open(&sample("baseline.mp4")).unwrap();
    let format = VideoFormat::from(reader.info());
    let mut writer = Mp4Writer::create(&path, format, None).unwrap();
    writer.write_frame(&frames(reader)[0]).unwrap();
    drop(writer);
    let none = Mp4Writer::create(&path, format, None).unwrap();
    assert!(none.finish(0).is_err(), "a clip without a picture");
    let mut wrong = Mp4Writer::create(&path, format, None).unwrap();
    assert!(wrong.write_frame(&Frame::filled(64, 64, [16, 128, 128])).is_err());
    drop(wrong);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_file_of_the_users_that_looks_like_an_unfinished_result_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.mp4");
    let others = dir.path().join("out.mp4.part");
    std::fs::write(&others, b"a browser's").unwrap();
    let reader = ClipReader::open(&sample("baseline.mp4")).unwrap();
    let format = VideoFormat::from(reader.info());
    let first = frames(reader).remove(0);
    drop(Mp4Writer::create(&path, format, None).unwrap());
    let mut writer = Mp4Writer::create(&path, format, None).unwrap();
    writer.write_frame(&first).unwrap();
    writer.finish(40_000).unwrap();
    assert_eq!(std::fs::read(&others).unwrap(), b"a browser's");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    let nowhere = Mp4Writer::create(&dir.path().join("no such folder/out.mp4"), format, None).err().unwrap();
    assert!(nowhere.to_string().contains("out.mp4") && nowhere.to_string().contains("Check the name"), "{nowhere}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_plain_words() {
    // Everything written to this device fails as on a full disk.
    let full = Path::new("/dev/full");
    let mut file = std::fs::OpenOptions::new().write(true).open(full).unwrap();
    let err = file.write_all(b"x").unwrap_err();
    let told = MediaError::io("write", Path::new("out.mp4"), &err).to_string();
    assert!(told.contains("out.mp4") && told.contains("Free some space"), "{told}");
}
