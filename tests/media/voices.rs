//! Voices of many makes, read, measured and made into what services take.

use crate::streams::sample;
use viseme::media::sound::{RATE_HZ, voice_to_wav, write_wav};
use viseme::media::{Job, Sound, probe_voice, read_voice};

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32).sqrt()
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
        ("opus.ogg", "ogg", 48_000, 1_000, 0),
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
