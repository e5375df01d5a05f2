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
    let short = program.run(&["fit", &media("clips/short_1500ms.mp4")]).expect(2);
    assert!(short.stderr.contains("at least 2000 ms are needed"), "{short:?}");
    assert!(program.files().is_empty());
}
