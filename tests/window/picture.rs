//! The picture is enlarged, moved, brought to the face and given the whole window; and the clip's own sound is asked about.

use std::path::Path;

use egui::{Event, Key, Vec2, vec2};
use egui_kittest::kittest::Queryable as _;
use viseme::app::state::picture_view::PictureZoom;

use crate::support::Desk;

fn zoom(desk: &Desk) -> PictureZoom {
    desk.harness.state().view().shell.picture_view.zoom
}

/// Where Face 1 is on the picture.
fn outline(desk: &Desk) -> egui::Rect {
    desk.rect("Face 1 on the picture")
}

#[test]
fn the_picture_is_zoomed_at_the_pointer_moved_brought_to_the_face_and_shown_whole_again() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("Face 1 on the picture", |desk| desk.has("Face 1 on the picture"));
    let whole = outline(&desk);
    desk.harness.hover_at(whole.center());
    desk.harness.run_steps(2);
    assert!(desk.is_enabled("To the face"), "the buttons come with the pointer");
    desk.harness.event(Event::Zoom(2.0));
    desk.harness.run_steps(4);
    let near = outline(&desk);
    assert!((near.width() / whole.width() - 2.0).abs() < 0.1, "{whole:?} {near:?}");
    assert!((near.center() - whole.center()).length() < 8.0, "the point under the pointer stays");
    // Beside the face, whose button would take the press.
    desk.pull(near.right_top() + vec2(30.0, 0.0), vec2(40.0, 0.0));
    let moved = outline(&desk).center() - near.center();
    assert!((moved - vec2(40.0, 0.0)).length() < 8.0, "{moved:?}");
    desk.press(Key::F);
    assert_eq!(zoom(&desk), PictureZoom::Face);
    desk.harness.run_steps(3);
    // Half as high as the room, which is what the picture's own rectangle is; a larger face is shown as it fits.
    let room = desk.harness.get_by_label_contains("Picture of the clip at").rect();
    let part = |face: egui::Rect| face.height() / room.height();
    assert!((part(outline(&desk)) - part(whole).max(0.5)).abs() < 0.05, "{room:?} {:?}", outline(&desk));
    desk.press(Key::Num0);
    desk.harness.run_steps(3);
    assert_eq!((zoom(&desk), outline(&desk)), (PictureZoom::Fit, whole));
}

#[test]
fn the_picture_has_the_whole_window_until_escape() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("a picture", |desk| desk.has("Picture of the clip at"));
    // Escape stops what is at work first.
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    let before = desk.harness.get_by_label_contains("Picture of the clip at").rect();
    assert!(desk.has("Clip as: File"));
    desk.press(Key::F11);
    desk.harness.run_steps(4);
    assert!(!desk.has("Clip as: File") && desk.has("Position"), "the picture and its controls alone");
    assert!(desk.harness.get_by_label_contains("Picture of the clip at").rect().area() > 1.5 * before.area());
    desk.press(Key::Escape);
    desk.harness.run_steps(4);
    assert!(desk.has("Clip as: File"));
    assert_eq!(desk.harness.get_by_label_contains("Picture of the clip at").rect(), before);
}

#[test]
fn a_clip_with_sound_of_its_own_says_so_until_it_is_muted_or_kept() {
    let media = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media");
    let mut desk = Desk::open_on("sandbox", Vec2::new(1280.0, 800.0));
    desk.ready();
    desk.drop_file(media.join("streams/bframes.mp4"));
    desk.wait("its facts", |desk| desk.harness.state().view().flow.desk.clip_probe.known().is_some());
    assert!(!desk.has("This clip has sound of its own"), "without a voice there is nothing under it");
    desk.drop_file(media.join("voice.wav"));
    desk.wait("the question", |desk| desk.has("This clip has sound of its own: mute it?"));
    desk.button("Mute the clip's own sound").click();
    desk.harness.run_steps(4);
    assert!(!desk.has("This clip has sound of its own"));
    assert_eq!(desk.harness.state().view().flow.desk.original_audio_volume, Some(0.0));
}
