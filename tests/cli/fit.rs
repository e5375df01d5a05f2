//! Clips and voices made to keep every rule.

use std::path::Path;

use crate::program::Program;

fn media(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name).to_string_lossy().into_owned()
}

const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4");

#[test]
fn what_is_wrong_and_what_was_done_is_said_and_the_result_is_probed() {
    let program = Program::new();
    let asked = ["fit", &media("clips/small_360p.mp4"), "--out", "fitted.mp4", "--json"];
    let report = program.run(&asked).expect(0).json();
    assert_eq!((&report["problem"], &report["path"]), (&serde_json::Value::Null, &"fitted.mp4".into()));
    assert_eq!((&report["probe"]["width_px"], &report["probe"]["height_px"]), (&1280.into(), &720.into()));
    assert!(report["cures"][0]["wrong"].as_str().unwrap().contains("360 px < 512 px"), "{report}");
    let again = program.run(&asked).expect(0).json();
    assert_eq!(again["path"], "fitted (2).mp4", "nothing is written over");
    let voice = program.run(&["fit", &media("streams/tone.ogg"), "--out", "voice.wav"]).expect(0);
    assert!(voice.stderr.contains("Silence added at its end, to 2 s"), "{voice:?}");
    assert_eq!(voice.stdout.trim(), "voice.wav");
}

#[test]
fn where_a_rule_is_broken_that_it_cures_the_command_is_named() {
    let program = Program::new();
    let (clip, voice, long) = (media("clips/small_360p.mp4"), media("streams/tone.ogg"), media("clips/long_61s.mp4"));
    let good = format!("{}/assets/demo/voice.mp3", env!("CARGO_MANIFEST_DIR"));
    for (run, cure) in [
        (["run", "--video", &clip, "--audio", &good, "--json"], &clip),
        (["run", "--video", &long, "--audio", &good, "--json"], &long),
        (["run", "--video", CLIP, "--audio", &voice, "--json"], &voice),
    ] {
        let ended = program.run(&run).expect(2);
        let command = format!("`viseme fit {cure}`");
        let problem = ended.json()["problem"].clone();
        assert!(problem["hint"].as_str().is_some_and(|hint| hint.contains(&command)), "{problem}");
        assert!(ended.stderr.contains(&command), "{ended:?}");
    }
    // Where it cures nothing, nothing is promised.
    let old = program.run(&["fit", &media("clips/mpeg4.mp4")]).expect(2);
    assert!(old.stderr.contains("The picture is MPEG-4 Part 2") && old.stderr.contains("ffmpeg -i"), "{old:?}");
    let old = program.run(&["identify", "--video", &media("clips/mpeg4.mp4")]).expect(2);
    assert!(!old.stderr.contains("viseme fit"), "{old:?}");
    let short = program.run(&["identify", "--video", &media("clips/short_1500ms.mp4")]).expect(2);
    assert!(!short.stderr.contains("viseme fit"), "{short:?}");
}

#[test]
fn a_clip_that_keeps_every_rule_is_left_alone_and_what_cannot_be_cured_is_said() {
    let program = Program::new();
    let report = program.run(&["fit", CLIP, "--json"]).expect(0).json();
    assert_eq!(report["path"], serde_json::Value::Null, "{report}");
    let dry = program.run(&["fit", CLIP, "--start", "0", "--end", "2500", "--dry-run"]).expect(0);
    assert!(dry.stderr.contains("To be done: Cut to the part from 0 s to 2.5 s"), "{dry:?}");
    let short = program.run(&["fit", CLIP, "--start", "0", "--end", "1500"]).expect(2);
    assert!(short.stderr.contains("2000 ms to 60000 ms are allowed"), "{short:?}");
    let backwards = program.run(&["fit", CLIP, "--start", "9000", "--end", "5000"]).expect(2);
    assert!(backwards.stderr.contains("begins at 9000 ms, and ends before that"), "{backwards:?}");
    let short = program.run(&["fit", &media("clips/short_1500ms.mp4")]).expect(2);
    assert!(short.stderr.contains("at least 2000 ms are needed"), "{short:?}");
    assert!(program.files().is_empty());
}

#[test]
fn a_silent_voice_is_said_before_it_is_paid_for_and_nothing_raises_it() {
    let program = Program::new();
    let samples = vec![0_u8; 3 * 24_000 * 2];
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + samples.len() as u32).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend([24_000_u32.to_le_bytes(), 48_000_u32.to_le_bytes()].concat());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend((samples.len() as u32).to_le_bytes());
    wav.extend(samples);
    std::fs::write(program.path().join("silent.wav"), wav).unwrap();
    // It stops before the task, at a face that is not there.
    let run = program.run(&["run", "--video", CLIP, "--audio", "silent.wav", "--face", "9"]).expect(2);
    assert!(run.stderr.contains("audio.silence: The voice is silent from its beginning to its end"), "{run:?}");
    assert!(!run.stderr.contains("viseme fit"), "nothing here cures it: {run:?}");
    let fit = program.run(&["fit", "silent.wav"]).expect(0);
    assert!(fit.stderr.contains("there is nothing that could be raised"), "{fit:?}");
    assert!(!fit.stderr.contains("Nothing to do"), "{fit:?}");
}

#[test]
fn a_clip_that_is_too_short_is_named_before_the_placement_in_it() {
    let program = Program::new();
    let voice = format!("{}/assets/demo/voice.mp3", env!("CARGO_MANIFEST_DIR"));
    let ended = program.run(&["run", "--video", &media("clips/short_1500ms.mp4"), "--audio", &voice, "--json"]);
    let problem = ended.expect(2).json()["problem"].clone();
    assert_eq!(problem["rule"], "video.duration", "{problem}");
    assert!(problem["message"].as_str().unwrap().contains("is shorter than 2 s"), "{problem}");
}
