//! Clips of many makes, read. What is expected was computed once by another decoder (ffmpeg);
//! nothing here needs it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use viseme::media::{ClipReader, ClipStream, Frame, Job, MediaError, Movie, clip_sound, probe_clip, probe_voice};

pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/streams").join(name)
}

pub fn frames(mut reader: ClipReader) -> Vec<Frame> {
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

/// Mean distance of two pictures' luma.
pub fn distance(a: &Frame, b: &Frame) -> f64 {
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
    let other = ClipReader::open(&sample("mpeg4.mp4")).err().unwrap().to_string();
    assert!(other.starts_with("MPEG-4 Part 2 cannot be decoded here. Convert"), "{other}");
    let chroma = ClipReader::open(&sample("y444.mp4")).err().unwrap().to_string();
    assert!(chroma.contains("4:4:4"), "{chroma}");
    let opus = probe_voice(&sample("opus_51.ogg"), &Job::new()).unwrap_err().to_string();
    assert!(opus.contains("Opus sound of more than two channels") && opus.contains("Convert"), "{opus}");
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
