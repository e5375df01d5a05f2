//! A result measured on this machine against what was asked for.

use crate::program::Program;

const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4");
const VOICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/voice.mp3");

/// The clip itself: whole and kept, but without the voice, and its mouth does not move.
#[test]
fn a_clip_that_was_sent_is_no_result() {
    let program = Program::new();
    let asked = ["judge", CLIP, "--clip", CLIP, "--audio", VOICE, "--face", "1", "--end", "3000", "--insert", "500"];
    let report = program.run(&[&asked[..], &["--json"]].concat()).expect(1).json();
    assert_eq!((&report["finding"], &report["problem"]), (&"not_as_asked".into(), &serde_json::Value::Null));
    assert_eq!(report["placement"]["sound_insert_time"], 500);
    let measures = report["measures"].as_array().unwrap();
    let grade = |name: &str| {
        let measure = measures.iter().find(|measure| measure["measure"] == name).unwrap();
        (measure["grade"].as_str().unwrap().to_owned(), measure["decides"].as_bool().unwrap())
    };
    assert_eq!(measures.len(), 11);
    assert_eq!((grade("placed"), grade("moved")), (("bad".to_owned(), true), ("bad".to_owned(), true)));
    assert_eq!((grade("offset"), grade("kept")), (("not_measured".to_owned(), true), ("good".to_owned(), false)));
    let ended = program.run(&asked).expect(1);
    assert!(ended.stdout.contains("moved      bad") && ended.stdout.contains("Not as asked for: "), "{ended:?}");
    assert!(program.files().is_empty());
}

#[test]
fn what_cannot_be_judged_is_said() {
    let program = Program::new();
    for (more, words) in [
        (&["--clip", CLIP, "--audio", VOICE][..], "Choose one with --face"),
        (&["--clip", "none.mp4", "--audio", VOICE][..], "none.mp4"),
        (&["--clip", CLIP][..], "--audio"),
        // Where the mouth is, the judge sees for itself.
        (&["--clip", CLIP, "--audio", VOICE, "--mouth-box", "0,0.28,0.4,0.12"][..], "--mouth-box"),
    ] {
        let ended = program.run(&[&["judge", CLIP][..], more].concat()).expect(2);
        assert!(ended.stderr.contains(words), "{ended:?}");
    }
}
