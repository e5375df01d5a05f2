//! The mouth moved on this machine, without a service.

use crate::program::{Program, StderrLog, ended, signal, until};

const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4");
const VOICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/voice.mp3");

#[test]
fn a_draft_is_a_clip_of_its_own_name_and_replaces_nothing() {
    let program = Program::new();
    std::fs::write(program.path().join("duo draft.mp4"), "not mine to replace").unwrap();
    let mut command =
        program.command(&["draft", "--video", CLIP, "--audio", VOICE, "--face", "2", "--end", "3000", "--json"]);
    command.env_remove("VISEME_KEY");
    let report = crate::program::finish(command).expect(0).json();
    assert_eq!(report["path"], "duo draft (2).mp4");
    assert_eq!((&report["face_id"], &report["problem"]), (&"face_002".into(), &serde_json::Value::Null));
    assert_eq!(report["placement"]["sound_end_time"], 3_000);
    assert_eq!(report["fitness"]["verdict"], "fit", "{report}");
    assert!(report["fitness"]["measures"]["size_px"].as_f64().unwrap() > 150.0, "{report}");
    assert!(report["spoken_frames"].as_u64().unwrap() > 25, "{report}");
    // A photograph: what shows between its lips is drawn.
    assert_eq!((&report["unknown_frames"], &report["teeth_drawn"]), (&0.into(), &true.into()), "{report}");
    let saved = program.path().join("duo draft (2).mp4");
    assert_eq!(&std::fs::read(&saved).unwrap()[4..8], b"ftyp");
    assert!(viseme::media::probe_clip(&saved).unwrap().duration_ms > 8_500);
    assert_eq!(program.files(), ["duo draft (2).mp4", "duo draft.mp4"], "nothing else is left behind");
}

#[test]
fn what_cannot_be_drafted_leaves_nothing_behind() {
    let program = Program::new();
    for (more, code, words) in [
        (&["--face", "7"][..], 2, "There is no face 7"),
        (&["--face", "1", "--insert", "99999"][..], 2, "0 to 7000 ms"),
        (&[][..], 2, "Choose one with --face"),
    ] {
        let ended = program.run(&[&["draft", "--video", CLIP, "--audio", VOICE][..], more].concat()).expect(code);
        assert!(ended.stderr.contains(words), "{ended:?}");
    }
    let ended = program.run(&["draft", "--video", "none.mp4", "--audio", VOICE]).expect(2);
    assert!(ended.stderr.contains("none.mp4"), "{ended:?}");
    assert!(program.files().is_empty());
}

#[cfg(unix)]
#[test]
fn an_interrupted_draft_leaves_nothing_behind() {
    let program = Program::new();
    let mut child = program.command(&["draft", "--video", CLIP, "--audio", VOICE, "--face", "1"]).spawn().unwrap();
    let stderr = StderrLog::of(&mut child);
    until("the mouth is moved", || stderr.text().contains("Moving the mouth"));
    signal(child.id(), "INT");
    ended(child).expect(130);
    assert!(program.files().is_empty());
}
