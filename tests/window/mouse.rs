//! The whole job with the pointer alone: from an empty window to a copy of the result.

use egui::accesskit::Role;
use egui::vec2;
use egui_kittest::kittest::Queryable as _;

use crate::support::Desk;

#[test]
fn from_an_empty_window_to_a_copy_of_the_result() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    let best = desk.placement();

    // The whole voice to the right: its crop stays, it begins later, and what that breaks is said.
    let voice = desk.rect("Voice on the timeline");
    desk.pull(voice.center() + vec2(0.0, 8.0), vec2(120.0, 0.0));
    let moved = desk.placement();
    assert!(moved.sound_insert_time > best.sound_insert_time + 500, "{moved:?}");
    assert_eq!((moved.sound_start_time, moved.sound_end_time), (best.sound_start_time, best.sound_end_time));
    assert!(!desk.is_enabled("Submit"));
    assert!(desk.has("ms after the clip:"));
    desk.harness.get_all_by_role_and_label(Role::Button, "Snap to best").next().unwrap().click();
    desk.wait("a place that works", |desk| desk.is_enabled("Submit"));
    let snapped = desk.placement();
    assert_eq!((snapped.sound_start_time, snapped.sound_end_time), (best.sound_start_time, best.sound_end_time));
    assert!(snapped.sound_insert_time < moved.sound_insert_time);
    desk.button("Propose anew").click();
    desk.wait("the place that was proposed", |desk| desk.placement() == best);

    // Its right end to the left, its left end to the right.
    let end = desk.rect("End of the voice").center();
    desk.pull(end, vec2(-90.0, 0.0));
    let cut = desk.placement();
    assert!(cut.sound_end_time < best.sound_end_time - 300, "{cut:?}");
    assert_eq!((cut.sound_start_time, cut.sound_insert_time), (best.sound_start_time, best.sound_insert_time));
    let start = desk.rect("Start of the voice").center();
    desk.pull(start, vec2(60.0, 0.0));
    let trimmed = desk.placement();
    assert!(trimmed.sound_start_time > cut.sound_start_time + 200, "{trimmed:?}");
    assert_eq!(
        trimmed.sound_insert_time - trimmed.sound_start_time,
        cut.sound_insert_time - cut.sound_start_time,
        "what is heard stays where it was in the clip"
    );

    // A louder voice, and a glance at another moment.
    let slider = desk.rect("Voice volume");
    desk.pull(slider.center(), vec2(slider.width() / 4.0, 0.0));
    let volume = desk.harness.state().view().flow.desk.sound_volume.unwrap();
    assert!((1.2..1.9).contains(&volume), "{volume}");
    let moment = desk.rect("Position");
    desk.pull(moment.center(), vec2(30.0, 0.0));
    assert!(desk.harness.state().view().shell.player.playhead_ms() > 4_000);

    desk.wait("no rule broken", |desk| desk.is_enabled("Submit"));
    desk.button("Submit").click();
    desk.check_result();
    desk.button("Save…").click();
    desk.wait("the question where to", |desk| desk.has("Save the result"));
    desk.button("Save").click();
    desk.wait("the copy", |desk| {
        let clips = std::fs::read_dir(desk.folder.path().join("results")).unwrap();
        clips.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|ext| ext == "mp4")).count() == 2
    });
}
