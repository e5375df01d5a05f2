//! What the window says of a voice and its place: where it stands, what would cure it, and how a time may be written.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::model::{Placement, VoiceSource};

use crate::support::{Desk, Dropped};

fn placement(desk: &Desk) -> Placement {
    desk.harness.state().view().choosing().unwrap().placement.unwrap()
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media").join(name)
}

fn drop_file(desk: &mut Desk, path: PathBuf) {
    desk.harness.input_mut().dropped_files.push(Arc::new(Dropped(path)));
    desk.harness.run_steps(2);
}

/// So many seconds of silence as WAV, 8 kHz mono.
fn silence(folder: &Path, seconds: u32) -> PathBuf {
    let bytes = seconds * 16_000;
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1_u16, 1].map(u16::to_le_bytes).concat());
    wav.extend([8_000_u32, 16_000].map(u32::to_le_bytes).concat());
    wav.extend([2_u16, 16].map(u16::to_le_bytes).concat());
    wav.extend(b"data");
    wav.extend(bytes.to_le_bytes());
    wav.resize(44 + bytes as usize, 0);
    let path = folder.join(format!("silence-{seconds}.wav"));
    std::fs::write(&path, wav).unwrap();
    path
}

/// Gives another voice, and waits until it was read.
fn give_voice(desk: &mut Desk, path: PathBuf) {
    drop_file(desk, path.clone());
    let voice = Some(VoiceSource::File(path));
    desk.wait("the voice", |desk| {
        let given = &desk.harness.state().view().flow.desk;
        given.voice == voice && given.voice_probe.known().is_some()
    });
}

/// Types into a number field and presses Enter.
fn type_into(desk: &mut Desk, field: &str, text: &str) {
    desk.harness.get_by_role_and_label(Role::SpinButton, field).focus();
    desk.harness.run_steps(3);
    desk.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    desk.harness.step();
    desk.harness.event(egui::Event::Text(text.into()));
    desk.harness.step();
    desk.harness.key_press(Key::Enter);
    desk.harness.run_steps(4);
}

#[test]
fn a_voice_of_a_format_that_is_refused_can_be_sent_as_wav() {
    let mut desk = Desk::open();
    desk.ready();
    for name in ["streams/tone.flac", "streams/tone.ogg"] {
        give_voice(&mut desk, sample(name));
        assert!(desk.has("The file is"), "{name} is refused");
        assert!(desk.is_enabled("Send as WAV"), "{name}");
        desk.button("Send as WAV").click();
        desk.wait("the WAV", |desk| {
            let given = &desk.harness.state().view().flow.desk;
            given.voice_probe.known().is_some_and(|voice| voice.format == "wav")
        });
        assert!(!desk.has("Send as WAV"), "nothing is left to be done");
        assert!(!desk.has("The file is"));
    }
}

#[test]
fn a_voice_of_a_wrong_length_says_so_where_it_stands_and_offers_no_cure_that_is_none() {
    let mut desk = Desk::placed();
    assert!(!desk.is_enabled("Snap to best"), "it is there already");
    for (seconds, why) in [(1, "The voice of 1 s is shorter than 2 s"), (61, "The voice of 61 s is longer than 60 s")] {
        let path = silence(desk.folder.path(), seconds);
        give_voice(&mut desk, path);
        desk.harness.run_steps(3);
        assert!(desk.has(why), "with the voice");
        assert!(desk.has("The voice itself breaks a rule: see above"));
        assert!(!desk.is_enabled("Submit") && !desk.is_enabled("Snap to best"));
        assert!(!desk.has("lace the voice below"));
    }
    let path = silence(desk.folder.path(), 5);
    give_voice(&mut desk, path);
    desk.harness.run_steps(3);
    assert!(desk.has("lace the voice below, then submit") && desk.is_enabled("Submit"));
}

#[test]
fn an_exact_time_is_read_as_it_is_written_and_what_is_none_says_so() {
    let mut desk = Desk::placed();
    let first = placement(&desk);
    let voice_ms = desk.harness.state().view().flow.desk.voice_probe.known().unwrap().duration_ms;
    let width = desk.harness.get_by_role_and_label(Role::SpinButton, "End in milliseconds").rect().width();
    for (text, ms) in [("1.5s", 1_500), ("0.7 s", 700), ("0:00.5", 500), ("692", 692), ("700 ms", 700)] {
        type_into(&mut desk, "Insert at in milliseconds", text);
        assert_eq!(placement(&desk).sound_insert_time, ms, "{text}");
    }
    type_into(&mut desk, "Start in milliseconds", "soon");
    assert!(desk.has("“soon” is not a time: enter 692, 1.5 s or 0:02.500"));
    assert_eq!(placement(&desk).sound_start_time, first.sound_start_time);

    // Beyond what there is: as near as can be, and it says so.
    type_into(&mut desk, "End in milliseconds", "-50");
    assert_eq!(placement(&desk).sound_end_time, 100);
    assert!(desk.has(&format!("End must be from 100 to {voice_ms} ms here")));
    assert!(!desk.has("sound_start_time"), "in no words of the service's");
    type_into(&mut desk, "End in milliseconds", "999999999");
    assert_eq!(placement(&desk).sound_end_time, voice_ms);
    type_into(&mut desk, "Insert at in milliseconds", "999999999");
    assert_eq!(placement(&desk).sound_insert_time, 8_900);
    let now = desk.harness.get_by_role_and_label(Role::SpinButton, "End in milliseconds").rect().width();
    assert!((now - width).abs() < 1.0, "{now} against {width}");

    // Something else is placed: what was said is over.
    assert!(desk.has("Insert at must be from"));
    desk.harness.key_press_modifiers(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, Key::B);
    desk.wait("the proposed place", |desk| placement(desk) == first);
    assert!(!desk.has("must be from"));
}

#[test]
fn exact_times_wait_for_face_and_voice() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    let is_disabled = |desk: &Desk| {
        let field = desk.harness.get_by_role_and_label(Role::SpinButton, "Start in milliseconds");
        field.accesskit_node().is_disabled()
    };
    assert!(is_disabled(&desk), "no face is chosen");
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    assert!(!is_disabled(&desk));
}

#[test]
fn what_will_not_be_seen_or_heard_is_shown_beside_the_verdict() {
    let mut desk = Desk::placed();
    assert!(desk.has("Every rule holds"));
    assert!(desk.has("The voice is heard for") && desk.has("Face 2 is in view: no mouth moves there"));
    let path = silence(desk.folder.path(), 12);
    give_voice(&mut desk, path);
    desk.tile("Face 1,").click();
    desk.harness.run_steps(4);
    assert!(desk.has("of the voice are cut off, because the clip ends"));
    assert!(desk.is_enabled("Submit"), "it breaks no rule");
}

#[test]
fn a_clip_that_the_sandbox_cannot_decode_says_so_before_it_is_sent() {
    let mut desk = Desk::open();
    desk.ready();
    drop_file(&mut desk, sample("streams/mpeg4.mp4"));
    desk.wait("the clip's facts", |desk| desk.harness.state().view().flow.desk.clip_probe.known().is_some());
    assert!(desk.has("The clip is MPEG-4 Part 2, which the sandbox cannot decode"));
    assert!(!desk.is_enabled("Find faces"));
    assert!(!desk.has("a service may still take it as it is:"), "not as if another had to say so");
}
