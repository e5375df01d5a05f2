//! The mouth's box on the face that speaks in the draft: dragged, resized at its corners, moved by arrow keys. It is stored in
//! units of the face, and so moves with the face through the clip.

use egui::{
    CursorIcon, EventFilter, Id, Key, Pos2, Rect, Role, Sense, Shape, Stroke, Theme, Ui, UiBuilder, Vec2, WidgetInfo,
};

use super::overlay::{OnPicture, is_clip_shown};
use crate::app::action::command::{Command, Commands};
use crate::app::state::draft::DraftCommand;
use crate::app::state::view::View;
use crate::app::theme::Palette;
use crate::media::faces::Pose;
use crate::media::mouth::MouthBox;

/// Distance that an arrow key moves or resizes it, in sides of the face.
const STEP: f32 = 0.01;
/// Side of a corner's draggable area, in points.
const HANDLE_PX: f32 = 18.0;

/// Ranges of a mouth's width and height, in sides of the face.
const WIDTH: (f32, f32) = MouthBox::RANGES[2].1;
const HEIGHT: (f32, f32) = MouthBox::RANGES[3].1;

/// Draws it where it is being adjusted and the face is in view.
pub fn mouth_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, picture: Rect) {
    let draft = &view.shell.draft;
    if !view.shell.draft_view.adjusts_mouth() || !is_clip_shown(view) {
        return;
    }
    let Some(shown_us) = view.shell.player.shown_us() else { return };
    let (Some(mouth), Some(pose), Some(face_id)) = (draft.mouth(), draft.pose_at(shown_us), draft.speaker()) else {
        return;
    };
    let Some(width_px) = draft.width_px() else { return };
    let place = OnPicture::new(picture, width_px);
    let changed = ui
        .scope_builder(UiBuilder::new().max_rect(picture), |ui| {
            ui.set_style(ui.ctx().style_of(Theme::Dark));
            ui.set_clip_rect(picture.intersect(ui.clip_rect()));
            box_ui(ui, place, &pose, mouth)
        })
        .inner;
    if let Some(mouth) = changed {
        commands.push(Command::Draft(DraftCommand::SetMouths(draft.mouths().with(face_id, Some(mouth.kept())))));
    }
}

/// Draws the box and its corners; returns the box after a change.
fn box_ui(ui: &Ui, place: OnPicture, pose: &Pose, mouth: MouthBox) -> Option<MouthBox> {
    let palette = Palette::of(ui);
    let (half_width, half_height) = (mouth.width / 2.0, mouth.height / 2.0);
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    let places = corners.map(|(x, y)| place.at(pose, mouth.u + x * half_width, mouth.v + y * half_height));
    let id = Id::unique("mouth box");
    let response = ui.interact(Rect::from_points(&places), id, Sense::click_and_drag());
    let words = words(mouth);
    response.widget_info(|| WidgetInfo {
        current_text_value: Some(words.clone()),
        ..WidgetInfo::labeled(Role::Group, true, "Mouth box")
    });
    let mut changed = None;
    if response.dragged() {
        let delta = response.drag_delta();
        if delta != Vec2::ZERO {
            let middle = place.at(pose, mouth.u, mouth.v);
            let (u, v) = place.inverse(pose, middle + delta);
            changed = Some(MouthBox { u, v, ..mouth });
        }
    }
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        changed = by_keys(ui, mouth).or(changed);
    }
    let mut grabbed = None;
    for (index, ((x, y), at)) in corners.into_iter().zip(places).enumerate() {
        let grip = Rect::from_center_size(at, Vec2::splat(HANDLE_PX));
        // The keyboard resizes by the box itself.
        let handle = ui.interact(grip, id.with(index), Sense::DRAG);
        if let Some(pointer) = handle.interact_pointer_pos()
            && handle.dragged()
        {
            changed = Some(stretched(mouth, (x, y), place.inverse(pose, pointer)));
        }
        if handle.hovered() || handle.dragged() {
            grabbed = Some(index);
        }
        let cursor = if x * y > 0.0 { CursorIcon::ResizeNwSe } else { CursorIcon::ResizeNeSw };
        handle.on_hover_cursor(cursor);
    }

    let painter = ui.painter();
    let line = |width: f32, ink| Shape::closed_line(places.to_vec(), Stroke::new(width, ink));
    painter.add(line(4.0, palette.scrim));
    painter.add(line(if response.has_focus() { 2.5 } else { 1.5 }, palette.accent));
    for (index, at) in places.into_iter().enumerate() {
        let size = if grabbed == Some(index) { 5.5 } else { 4.0 };
        painter.circle_filled(at, size + 1.5, palette.scrim);
        painter.circle_filled(at, size, palette.accent);
    }
    if response.has_focus() {
        let around = places.map(|at: Pos2| at + (at - Rect::from_points(&places).center()).normalized() * 5.0);
        painter.add(Shape::closed_line(around.to_vec(), Stroke::new(1.0, palette.text)));
    }
    // The instructions are in the corner of the picture: a tooltip would cover the mouth.
    response.on_hover_cursor(CursorIcon::Move);
    changed.filter(|changed| *changed != mouth)
}

fn by_keys(ui: &Ui, mouth: MouthBox) -> Option<MouthBox> {
    ui.input(|input| {
        let presses = |more: Key, less: Key| (input.num_presses(more) as f32 - input.num_presses(less) as f32) * STEP;
        let (across, down) = (presses(Key::ArrowRight, Key::ArrowLeft), presses(Key::ArrowDown, Key::ArrowUp));
        if across == 0.0 && down == 0.0 {
            return None;
        }
        Some(if input.modifiers.shift {
            MouthBox { width: mouth.width + across, height: mouth.height + down, ..mouth }
        } else {
            MouthBox { u: mouth.u + across, v: mouth.v + down, ..mouth }
        })
    })
}

/// The box with one corner, named by its signs, moved to a point of the face; the opposite corner stays.
fn stretched(mouth: MouthBox, (x, y): (f32, f32), (u, v): (f32, f32)) -> MouthBox {
    let fixed = (mouth.u - x * mouth.width / 2.0, mouth.v - y * mouth.height / 2.0);
    let width = ((u - fixed.0) * x).clamp(WIDTH.0, WIDTH.1);
    let height = ((v - fixed.1) * y).clamp(HEIGHT.0, HEIGHT.1);
    MouthBox { u: fixed.0 + x * width / 2.0, v: fixed.1 + y * height / 2.0, width, height }
}

/// Its position, in hundredths of the face.
fn words(mouth: MouthBox) -> String {
    let hundredths = |value: f32| (value * 100.0).round();
    let across = match hundredths(mouth.u) {
        0.0 => "in the middle".to_owned(),
        right if right > 0.0 => format!("{right:.0} % to the right"),
        left => format!("{:.0} % to the left", -left),
    };
    format!(
        "{across}, {:.0} % below the middle, {:.0} % wide, {:.0} % high",
        hundredths(mouth.v),
        hundredths(mouth.width),
        hundredths(mouth.height),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOUTH: MouthBox = MouthBox { u: 0.02, v: 0.28, width: 0.4, height: 0.12 };

    proptest! {
        #[test]
        fn a_corner_that_is_dragged_leaves_the_opposite_one_where_it_is(
            x in prop_oneof![Just(-1.0_f32), Just(1.0)], y in prop_oneof![Just(-1.0_f32), Just(1.0)], u in -0.6..0.6_f32, v in -0.2..0.8_f32,
        ) {
            let after = stretched(MOUTH, (x, y), (u, v));
            let opposite = |mouth: MouthBox| (mouth.u - x * mouth.width / 2.0, mouth.v - y * mouth.height / 2.0);
            prop_assert!((opposite(after).0 - opposite(MOUTH).0).abs() < 1e-4);
            prop_assert!((opposite(after).1 - opposite(MOUTH).1).abs() < 1e-4);
            prop_assert!((WIDTH.0..=WIDTH.1).contains(&after.width) && (HEIGHT.0..=HEIGHT.1).contains(&after.height));
        }
    }

    #[test]
    fn where_it_is_can_be_read() {
        assert_eq!(words(MOUTH), "2 % to the right, 28 % below the middle, 40 % wide, 12 % high");
        assert_eq!(words(MouthBox { u: 0.0, ..MOUTH }), "in the middle, 28 % below the middle, 40 % wide, 12 % high");
    }

    #[test]
    fn a_place_on_a_leaning_face_comes_back() {
        let place = OnPicture::new(Rect::from_min_size(Pos2::new(100.0, 50.0), Vec2::new(640.0, 360.0)), 1280);
        let pose = Pose { cx: 400.0, cy: 300.0, size: 200.0, roll: 0.3 };
        let (u, v) = place.inverse(&pose, place.at(&pose, 0.1, 0.25));
        assert!((u - 0.1).abs() < 1e-4 && (v - 0.25).abs() < 1e-4);
    }
}
