//! The mouth of the result over the voice: an outline about the waveform's middle, as high as the mouth is open, so that it is seen
//! whether both fit.

use egui::{Align2, Rect, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::grip::GRIP_PX;
use super::scale::Scale;
use crate::app::state::placed;
use crate::app::state::view::View;
use crate::app::theme::Palette;
use crate::media::judge::Opening;
use crate::model::Placement;

/// Pictures that are further apart than this are not joined: the face is not seen between them. In milliseconds.
const GAP_MS: i64 = 150;
/// Length of the stroke before the legend, and with less room than this there is no legend, in points.
const STROKE_PX: f32 = 14.0;
const LEGEND_PX: f32 = 130.0;
/// What the outline is.
const LEGEND: &str = "Mouth";
const WHAT: &str = "How far the mouth of the result is open, over the loudness of the voice";

/// The measured openings of the result's mouth, where the voice that it was measured by is the one on the lane.
pub fn openings<'a>(view: &View<'a>, placement: &Placement) -> Option<&'a [Opening]> {
    let judge = &view.shell.judge;
    let requested = judge.requested()?;
    let heard = placed::voice(view.flow).and_then(|voice| view.shell.copies.voice_file(voice));
    let is_it = requested.placement == *placement && heard == Some(requested.voice.as_path());
    let openings = judge.judgement()?.openings.as_slice();
    (is_it && !openings.is_empty()).then_some(openings)
}

/// Draws the outline in `room`, and beyond it as far as `lane` goes: a mouth may move before and after the voice.
pub fn mouth_ui(ui: &Ui, openings: &[Opening], room: Rect, lane: Rect, scale: &Scale) {
    let palette = Palette::of(ui);
    let painter = ui.painter().with_clip_rect(ui.clip_rect().intersect(lane));
    let stroke = Stroke::new(1.5, palette.mouth);
    let (middle, half) = (room.center().y, room.height() / 2.0 - stroke.width);
    for run in openings.chunk_by(|one, two| two.at_ms - one.at_ms <= GAP_MS) {
        for side in [-1.0, 1.0] {
            // A closed mouth is one line.
            let at = |opening: &Opening| pos2(scale.x_of(opening.at_ms), middle + side * opening.open * half);
            painter.add(Shape::line(run.iter().map(at).collect(), stroke));
        }
    }
}

/// Draws what the outline is at the right of the voice's title, where there is room; returns where the title has to end.
pub fn legend_ui(ui: &Ui, title: Rect) -> f32 {
    let palette = Palette::of(ui);
    if title.width() < LEGEND_PX {
        return title.right();
    }
    let font = TextStyle::Small.resolve(ui.style());
    let right = pos2(title.right() - GRIP_PX - 2.0, title.top() + 3.0);
    let words = ui.painter().text(right, Align2::RIGHT_TOP, LEGEND, font, palette.mouth);
    let line = [words.left_center() - vec2(STROKE_PX + 4.0, 0.0), words.left_center() - vec2(4.0, 0.0)];
    ui.painter().line_segment(line, Stroke::new(1.5, palette.mouth));
    let legend = Rect::from_min_max(pos2(line[0].x, words.top()), words.max);
    let response = ui.interact(legend, ui.scope_id().with("legend of the mouth"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, WHAT));
    response.on_hover_text(WHAT);
    legend.left() - GRIP_PX
}
