//! HEVC, as a phone writes it and as encoders do. What is expected was computed once by another decoder (ffmpeg).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use viseme::media::{ClipReader, Frame, Job, MediaError, Movie, clip_sound, identify, probe_clip};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/streams").join(name)
}

fn frames(reader: &mut ClipReader) -> Vec<Frame> {
    std::iter::from_fn(|| reader.next_frame().unwrap()).collect()
}

fn hash(frames: &[Frame]) -> String {
    let mut hasher = Sha256::new();
    for frame in frames {
        for plane in [frame.y(), frame.u(), frame.v()] {
            hasher.update(plane);
        }
    }
    hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// File, and the SHA-256 of the planes of its 30 pictures: of the 10 bit one, rounded to 8 bit.
const PICTURES: [(&str, &str); 3] = [
    ("hevc.mp4", "4599ce4765a2c16340f3115042044ce6ece5712372fb922ee6ea85932a503de2"),
    ("hevc_bframes.mp4", "46cc5e34858f3aac1a13ec41680f3cd4ce3e9068a0f79967c40f4846432233d9"),
    ("hevc_opengop10.mp4", "d4090d7d27fa1d5b0b8fbd4005df1b0af723eb388d64f9361607f27bc81a2c7f"),
];

#[test]
fn every_picture_is_what_the_other_decoder_sees_on_one_thread_and_on_several() {
    for (name, expected) in PICTURES {
        let movie = Arc::new(Movie::open(&sample(name)).unwrap());
        for mut reader in [ClipReader::of(Arc::clone(&movie)).unwrap(), ClipReader::thorough(movie).unwrap()] {
            let fast = reader.is_fast();
            let frames = frames(&mut reader);
            assert_eq!((frames.len(), reader.damaged()), (30, 0), "{name}, fast: {fast}");
            assert_eq!(reader.is_fast(), fast, "{name}: no other took over");
            assert_eq!(hash(&frames), expected, "{name}, fast: {fast}");
            assert!(frames.iter().enumerate().all(|(n, frame)| frame.pts_us == n as i64 * 40_000), "{name}");
        }
    }
}

#[test]
fn a_seek_gives_the_picture_that_is_shown_also_into_open_groups() {
    for (name, _) in PICTURES {
        let all = frames(&mut ClipReader::open(&sample(name)).unwrap());
        let mut reader = ClipReader::open(&sample(name)).unwrap();
        for at_ms in [900, 500, 20, 1_160, 480, 470, 0] {
            reader.seek_exact(at_ms).unwrap();
            let shown = all.iter().rposition(|frame| frame.pts_us <= at_ms * 1000).unwrap();
            for expected in &all[shown..(shown + 3).min(all.len())] {
                assert_eq!(reader.next_frame().unwrap().as_ref(), Some(expected), "{name} at {at_ms} ms");
            }
        }
    }
}

#[test]
fn a_phones_clip_is_upright_uneven_and_in_standard_range_and_the_probe_says_so() {
    let path = sample("hevc_phone.mov");
    let probe = probe_clip(&path).unwrap();
    assert_eq!((probe.container.as_str(), probe.video_codec.as_str()), ("mov", "HEVC"));
    assert_eq!((probe.width_px, probe.height_px, probe.variable_rate), (64, 96, true));
    assert_eq!((probe.hdr.as_deref(), probe.audio_codec.as_deref()), (Some("HLG"), Some("AAC")));
    assert!(probe.picture_words().contains("HDR (HLG)"), "{}", probe.picture_words());

    let movie = Arc::new(Movie::open(&path).unwrap());
    let mut reader = ClipReader::of(Arc::clone(&movie)).unwrap();
    let frames = frames(&mut reader);
    assert_eq!((frames.len(), reader.damaged()), (reader.info().timing.frames, 0));
    let first = &frames[0];
    assert_eq!((first.width_px(), first.height_px(), first.pts_us), (64, 96, 0));
    assert_eq!((first.color.primaries, first.color.transfer, first.color.matrix_tag), (1, 1, 1));
    // The edit list cuts within a group of pictures: what is before the cut is decoded and not shown.
    let video = movie.video.as_ref().unwrap();
    assert!(video.samples.iter().any(|sample| sample.hidden));
    assert!((frames.last().unwrap().pts_us / 1000 - probe.duration_ms).abs() < 80);
    let sound = clip_sound(&movie, &Job::new()).unwrap().unwrap();
    assert!((sound.duration_ms() - probe.duration_ms).abs() < 100, "{} ms", sound.duration_ms());
}

#[test]
fn faces_are_looked_for_in_it() {
    assert!(identify(&sample("hevc_bframes.mp4"), &Job::new()).unwrap().faces.is_empty());
}

#[test]
fn damaged_streams_end_and_tell_what_is_missing() {
    let whole = std::fs::read(sample("hevc_opengop10.mp4")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.mp4");
    let movie = Movie::open(&sample("hevc_opengop10.mp4")).unwrap();
    let samples = &movie.video.as_ref().unwrap().samples;
    let mut seed = 7_u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) as usize
    };
    for round in 0..40 {
        let mut bytes = whole.clone();
        for _ in 0..=round % 5 {
            let hit = &samples[random() % samples.len()];
            let at = hit.offset as usize + random() % hit.size as usize;
            bytes[at] = random() as u8;
        }
        std::fs::write(&path, bytes).unwrap();
        let mut reader = ClipReader::open(&path).unwrap();
        let mut last_us = -1;
        loop {
            match reader.next_frame() {
                Ok(Some(frame)) => {
                    assert!(frame.pts_us > last_us, "round {round}");
                    last_us = frame.pts_us;
                }
                Ok(None) => break,
                Err(MediaError::Damaged { .. } | MediaError::UnsupportedCodec { .. } | MediaError::Unsupported(_)) => {
                    break;
                }
                Err(err) => panic!("round {round}: {err}"),
            }
        }
    }
}
