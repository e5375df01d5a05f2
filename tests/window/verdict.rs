//! What the judge says of a result, under it; and whether the chosen face is fit, before anything is paid.

use egui::accesskit::Role;
use egui::{Key, Vec2};
use egui_kittest::Node;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::history::{open_history, open_in, reopen, rows};
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
