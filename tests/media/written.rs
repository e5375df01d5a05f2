//! Results that are written: whole, in time, or not at all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::streams::{distance, frames, sample};
use viseme::media::{ClipReader, Frame, Job, MediaError, Movie, Mp4Writer, Sound, VideoFormat, clip_sound, probe_clip};

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
