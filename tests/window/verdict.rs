//! What the judge says of a result, under it; and whether the chosen face is fit, before anything is paid.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use viseme::app::{Options, Window};
use viseme::model::Profile;
use viseme::sandbox::{Sandbox, SandboxConfig};

use crate::history::{open_history, open_in, reopen, rows};
use crate::money::{enter_key, open_keys};
use crate::support::Desk;

/// The texts in view that contain these words, with their place.
fn labels<'a>(desk: &'a Desk, words: &str) -> Vec<Node<'a>> {
    let contains = |node: &Node<'_>| node.accesskit_node().value().is_some_and(|value| value.contains(words));
    desk.harness.query_all_by_role(Role::Label).filter(contains).collect()
}

#[test]
fn whether_the_face_is_fit_is_read_beside_submit_without_scrolling() {
    for size in [Vec2::new(1280.0, 800.0), Vec2::new(960.0, 640.0)] {
        let mut desk = Desk::open_on("sandbox", size);
        desk.ready();
        desk.button("Try the demo clip").click();
        desk.wait("faces", |desk| desk.has_tile("Face 2"));
        assert!(labels(&desk, "is fit").is_empty(), "nobody is chosen");
        desk.tile("Face 2,").click();
        desk.wait("the fitness", |desk| desk.is_enabled("Submit") && !labels(desk, "Face 2 is fit · ").is_empty());
        desk.wait("the picture", |desk| desk.has("Picture of the clip"));
        let label = labels(&desk, "Face 2 is fit · ")[0].rect();
        let picture = desk.harness.get_by_label_contains("Picture of the clip").rect();
        let submit = desk.button("Submit").rect();
        assert!(
            label.top() > submit.bottom() && label.bottom() < picture.top(),
            "between Submit and the picture: {label}"
        );
        assert!(label.left() >= picture.left() && label.right() <= size.x, "in view: {label}");
    }
}

/// The measures that are listed.
fn measures(desk: &Desk) -> Vec<String> {
    desk.harness.query_all_by_role(Role::ListItem).filter_map(|node| node.accesskit_node().label()).collect()
}

const MOUTH: &str = "How far the mouth of the result is open";

#[test]
fn a_result_has_its_verdict_and_its_mouth_also_when_it_is_opened_again() {
    let mut desk = open_in(tempfile::tempdir().unwrap(), Vec2::new(1280.0, 800.0));
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    assert!(!desk.has(MOUTH) && labels(&desk, "sked for").is_empty(), "nothing is measured yet");
    desk.button("Submit").click();
    desk.check_result();
    // It can be stopped, and taken up again.
    desk.wait("the progress", |desk| !labels(desk, "Measuring the result").is_empty());
    desk.harness.get_by_role_and_label(Role::Button, "Stop measuring the result").click();
    desk.wait("the words", |desk| !labels(desk, "Not measured: it was stopped").is_empty());
    assert!(!desk.has(MOUTH), "nothing is drawn where nothing is measured");
    desk.button("Measure it").click();
    desk.wait("the verdict", |desk| !labels(desk, "As asked for").is_empty());
    assert!(desk.has(MOUTH));
    let line = labels(&desk, "As asked for")[0].rect();
    assert!(line.bottom() < 800.0 - 24.0 && line.left() > 320.0, "in view, under the timeline: {line}");

    // It is on the result: under the clip nothing is said of it, and under the next job's clip neither.
    desk.harness.get_by_label("Show: Clip").click();
    desk.wait("the clip", |desk| desk.has("Picture of the clip at"));
    assert!(labels(&desk, "sked for").is_empty(), "the verdict is not on the clip");
    desk.harness.get_by_label("Show: Result").click();
    desk.wait("the verdict", |desk| !labels(desk, "As asked for").is_empty());

    desk.tab_to("Measures");
    desk.press(Key::Enter);
    desk.wait("the measures", |desk| measures(desk).len() == 11);
    let listed = measures(&desk);
    assert!(
        listed[1].starts_with("Offset, Good: ") && listed[1].contains("Good: within one picture · late "),
        "{listed:#?}"
    );
    assert!(listed[9].starts_with("Placed, Good: ") && listed[9].contains(" dB"), "{listed:#?}");
    desk.press(Key::Escape);
    desk.wait("the window", |desk| measures(desk).is_empty());

    // The same from the history, by what the journal knows.
    let mut desk = reopen(desk);
    open_history(&mut desk);
    let row = rows(&desk)[0].clone();
    desk.harness.get_by_role_and_label(Role::ListBoxOption, &row).click();
    desk.wait("its detail", |desk| desk.is_enabled("Compare takes"));
    let is_measured = std::cell::Cell::new(false);
    let measures_nothing = |desk: &Desk| {
        is_measured.set(is_measured.get() || desk.harness.state().view().shell.judge.is_working());
        true
    };
    desk.button("Compare takes").click();
    desk.wait("the verdict", |desk| measures_nothing(desk) && !labels(desk, "As asked for").is_empty());
    assert!(desk.is_enabled("Measures") && desk.has(MOUTH));
    desk.wait("the list", |desk| rows(desk).len() == 1);
    assert!(rows(&desk)[0].contains("As asked for"), "{:?}", rows(&desk));
    assert!(!is_measured.get(), "an earlier window has measured it");

    // Of another file under that name nothing is known.
    let results = std::fs::read_dir(desk.folder.path().join("results")).unwrap();
    let result = results.map(|it| it.unwrap().path()).find(|path| path.extension() == Some("mp4".as_ref())).unwrap();
    let mut desk = {
        let Desk { harness, folder } = desk;
        drop(harness);
        std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4"), &result).unwrap();
        open_in(folder, Vec2::new(1280.0, 800.0))
    };
    open_history(&mut desk);
    desk.harness.get_by_role_and_label(Role::ListBoxOption, &row).click();
    desk.wait("its detail", |desk| desk.is_enabled("Compare takes"));
    desk.button("Compare takes").click();
    desk.wait("the measures", |desk| !labels(desk, "Not as asked for").is_empty());
}

/// A voice that the service spoke is an id there: it is measured, and found again, by its sound, which is kept on this machine.
#[cfg(target_os = "linux")]
#[test]
fn the_verdict_of_a_spoken_voice_is_there_in_the_next_window() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let voices = tempfile::tempdir().unwrap();
    let voice = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/voice.mp3");
    let voice = viseme::media::read_voice(voice.as_ref(), &viseme::media::Job::new()).unwrap();
    let said = voices.path().join("said.wav");
    viseme::media::sound::write_wav(&said, &viseme::media::Sound::new(voice.samples().to_vec())).unwrap();
    crate::system_voice::install(voices.path(), &said);
    let programs = Some(voices.path().as_os_str().to_owned());
    let key = Some(crate::hostile::KEY.into());
    let config = SandboxConfig { programs, key, ..SandboxConfig::default() };
    let sandbox = runtime.block_on(Sandbox::start(config)).unwrap();
    let profile = Profile {
        name: "studio".into(),
        base_url: sandbox.base_url().to_owned(),
        ..Profile::built_in().swap_remove(0)
    };
    let open = |folder: tempfile::TempDir| {
        let profiles = vec![profile.clone()];
        let options = Options { profiles, profile: "studio".into(), ..crate::history::options_in(folder.path()) };
        let size = Vec2::new(1280.0, 800.0);
        let harness = Harness::builder().with_size(size).build_eframe(|cc| Window::new(cc, options).expect("a window"));
        Desk { harness, folder }
    };
    let mut desk = open(tempfile::tempdir().unwrap());
    open_keys(&mut desk);
    enter_key(&mut desk, crate::hostile::KEY);
    let [clip, _] = desk.own_files();
    desk.drop_file(&clip);
    desk.wait("a clip that is read", |desk| desk.is_enabled("Find faces"));
    desk.harness.get_by_role_and_label(Role::RadioButton, "Voice as: Id").click();
    desk.wait("the way to the dialog", |desk| desk.is_enabled("Speak a text…"));
    desk.button("Speak a text…").click();
    desk.wait("the dialog", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Speak a text").is_some());
    let text = desk.harness.get_by_role_and_label(Role::MultilineTextInput, "Text");
    text.set_text_value_accesskit("What is said here is spoken for about four seconds.");
    desk.harness.run_steps(3);
    desk.button("Speak it").click();
    desk.wait("its sound", |desk| desk.is_enabled("Hear it"));
    desk.button("Done").click();
    desk.harness.run_steps(3);
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    desk.button("Submit").click();
    desk.wait("a saved result", |desk| desk.saved().is_some());
    desk.wait("the verdict", |desk| !labels(desk, "As asked for").is_empty());

    let Desk { harness, folder } = desk;
    drop(harness);
    let mut desk = open(folder);
    let is_measured = std::cell::Cell::new(false);
    let measures_nothing = |desk: &Desk| {
        is_measured.set(is_measured.get() || desk.harness.state().view().shell.judge.is_working());
        true
    };
    open_history(&mut desk);
    let row = rows(&desk)[0].clone();
    desk.harness.get_by_role_and_label(Role::ListBoxOption, &row).click();
    desk.wait("its detail", |desk| desk.is_enabled("Open result"));
    desk.button("Open result").click();
    desk.wait("the verdict", |desk| measures_nothing(desk) && !labels(desk, "As asked for").is_empty());
    assert!(desk.is_enabled("Measures") && desk.has(MOUTH));
    assert!(!is_measured.get(), "an earlier window has measured it");
    drop(desk);
    runtime.block_on(sandbox.shutdown());
}
