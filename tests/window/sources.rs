//! Looking at another kind of source, and short clicks on the timeline.

use egui::{Modifiers, PointerButton};
use egui_kittest::kittest::Queryable as _;

use crate::support::Desk;

#[test]
fn looking_at_another_kind_of_source_keeps_the_faces_and_the_trimmed_voice() {
    let mut desk = Desk::placed();
    desk.harness.get_by_label("End of the voice").set_value_accesskit(5_000.0);
    desk.harness.run_steps(4);
    let session = |desk: &Desk| desk.harness.state().view().flow.faces().map(|faces| faces.session.session_id.clone());
    let (before, placement) = (session(&desk), desk.placement());
    assert!(before.is_some());
    for (label, back) in [("Clip as: Address", "Clip as: File"), ("Voice as: Id", "Voice as: File")] {
        desk.harness.get_by_label(label).click();
        desk.harness.run_steps(4);
        assert_eq!((session(&desk), desk.placement()), (before.clone(), placement), "{label} was only looked at");
        desk.harness.get_by_label(back).click();
        desk.harness.run_steps(4);
        assert_eq!((session(&desk), desk.placement()), (before.clone(), placement));
    }
}

#[test]
fn a_press_and_its_release_within_one_frame_show_that_moment() {
    let mut desk = Desk::placed();
    desk.wait("a picture", |desk| desk.has("Picture of the clip"));
    let ruler = desk.rect("Playhead");
    for part in [0.9_f32, 0.5] {
        let at = egui::pos2(ruler.left() + ruler.width() * part, ruler.top() + 10.0);
        desk.harness.hover_at(at);
        desk.harness.run_steps(2);
        let before = desk.harness.state().view().shell.player.playhead_ms();
        for pressed in [true, false] {
            desk.harness.event(egui::Event::PointerButton {
                pos: at,
                button: PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
        }
        desk.harness.run_steps(3);
        let after = desk.harness.state().view().shell.player.playhead_ms();
        assert!((after - before).abs() > 1_000, "from {before} ms to {after} ms");
    }
}
