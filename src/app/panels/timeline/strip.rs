//! The filmstrip: thumbnails of the part in view, as many as there is room for.

use egui::{CornerRadius, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{Field, NAMES_PX, frame_us, lane_name_ui, lane_words_ui};
use crate::app::action::command::{Command, Commands};
use crate::app::state::timeline::TimelineCommand;
use crate::app::state::view::View;
use crate::app::theme::{Palette, UNTINTED, radius};
use crate::model::ClipSource;
use crate::playback::filmstrip::{self, StripView, coarser, slots_us, step_us};

/// Minimum width of a thumbnail, in points; narrower clips are cropped above and below.
const LEAST_PX: f32 = 56.0;
/// Minimum width for a portrait clip: a wide thumbnail would show only a slice of its middle.
const PORTRAIT_LEAST_PX: f32 = 24.0;
/// The fraction of the vertical crop that is cut at the top: faces are in the upper part of a picture.
const CUT_ABOVE: f32 = 0.3;
/// Heights in which thumbnails are decoded, in pixels; few, so that resizing rarely decodes them again.
const HEIGHTS_PX: [u32; 3] = [48, 96, 144];
/// The maximum distance, in thumbnails, of one that is shown in place of another that is not decoded yet.
const STAND_IN: i64 = 8;

/// Draws the strip, and reports which thumbnails are in view.
pub fn strip_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, row: Rect, field: &Field) {
    let palette = Palette::of(ui);
    let lane = Rect::from_min_max(pos2(row.left() + NAMES_PX, row.top()), row.max);
    let corners = CornerRadius::same(radius::SMALL);
    ui.painter().rect_filled(lane, corners, palette.lane);
    let strip = &view.shell.filmstrip;
    lane_name_ui(ui, lane, row.left(), "Clip", strip.has_clip());
    let Some(clip) = view.flow.desk.clip_probe.known().filter(|_| strip.has_clip()) else {
        let words = match (strip.failure(), &view.flow.desk.clip) {
            (Some(why), _) => format!("No pictures along the clip: {why}"),
            (None, Some(ClipSource::Url(_) | ClipSource::VideoId(_))) if view.flow.desk.local_clip().is_none() => {
                "Pictures are shown of a clip on this machine".to_owned()
            }
            (None, _) => "Pictures along the clip".to_owned(),
        };
        lane_words_ui(ui, lane, &words);
        return;
    };
    let response = ui.interact(lane, ui.scope_id().with("strip"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Pictures along the clip"));

    let aspect = clip.width_px.max(1) as f32 / clip.height_px.max(1) as f32;
    let least_px = if aspect < 1.0 { PORTRAIT_LEAST_PX } else { LEAST_PX };
    let tile_px = (lane.height() * aspect).max(least_px);
    let step_us = step_us((f64::from(tile_px) / field.scale.px_per_ms * 1000.0) as i64, frame_us(view));
    let length_us = clip.duration_ms * 1000;
    let stretch = view.shell.timeline.stretch(field.length_ms);
    let in_view = (stretch.start_ms * 1000.0) as i64..(stretch.end_ms() * 1000.0) as i64;
    // In a very wide window more thumbnails would be in view than are kept, so that they are spaced wider.
    let step_us = coarser(in_view.clone(), step_us, length_us, filmstrip::MOST);
    let at_us = slots_us(in_view, step_us, length_us);

    let painter = ui.painter_at(lane);
    let x_of = |at_us: i64| {
        field.scale.left_px + ((at_us as f64 / 1000.0 - field.scale.start_ms) * field.scale.px_per_ms) as f32
    };
    for &at_us in &at_us {
        let (left, right) = (x_of(at_us), x_of((at_us + step_us).min(length_us)));
        let whole_px = (step_us as f64 / 1000.0 * field.scale.px_per_ms) as f32;
        let Some(texture) = strip.thumbnail(at_us, step_us * STAND_IN) else { continue };
        // A hairline separates thumbnails that look alike.
        let place = Rect::from_x_y_ranges(left..=(right - 1.0).max(left), lane.y_range());
        let uv = covering(vec2(whole_px, lane.height()), aspect, (right - left) / whole_px.max(1.0));
        painter.image(texture.id(), place, uv, UNTINTED);
    }
    // The rounded corners of the lane, over the thumbnails.
    painter.rect_stroke(
        lane,
        corners,
        egui::Stroke::new(f32::from(radius::SMALL) / 2.0, palette.panel),
        egui::StrokeKind::Outside,
    );

    let height_px = (lane.height() * ui.pixels_per_point()).round() as u32;
    let height_px =
        HEIGHTS_PX.into_iter().find(|known| height_px <= *known + 8).unwrap_or(HEIGHTS_PX[HEIGHTS_PX.len() - 1]);
    let in_view = StripView { at_us, step_us, height_px };
    if in_view != *strip.view() {
        commands.push(Command::Timeline(TimelineCommand::ShowStrip(in_view)));
    }
}

/// The part of a picture that fills an area without distortion; `part` is the fraction of the width in view, from the left.
fn covering(place: egui::Vec2, aspect: f32, part: f32) -> Rect {
    let of_place = place.x / place.y.max(1.0);
    let part = part.clamp(0.0, 1.0);
    if of_place <= aspect {
        let width = of_place / aspect;
        let left = (1.0 - width) / 2.0;
        Rect::from_min_max(pos2(left, 0.0), pos2(left + width * part, 1.0))
    } else {
        let height = aspect / of_place;
        let top = (1.0 - height) * CUT_ABOVE;
        Rect::from_min_max(pos2(0.0, top), pos2(part, top + height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_picture_covers_its_place_and_keeps_its_shape(w in 20.0..300.0_f32, h in 20.0..120.0_f32, aspect in 0.4..2.5_f32) {
            let uv = covering(vec2(w, h), aspect, 1.0);
            prop_assert!(uv.min.x >= 0.0 && uv.min.y >= 0.0 && uv.max.x <= 1.0001 && uv.max.y <= 1.0001);
            let shown = uv.width() * aspect / uv.height();
            prop_assert!((shown / (w / h) - 1.0).abs() < 1e-3, "{shown} in {}", w / h);
            prop_assert!((uv.width() - 1.0).abs() < 1e-4 || (uv.height() - 1.0).abs() < 1e-4, "no more is cut than must be");
        }
    }
}
