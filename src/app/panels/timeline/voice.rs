//! The voice on its lane: the part that sounds, the parts that are cut off, and the range in which it may begin.

use egui::{Align2, CornerRadius, Painter, Rect, Shape, Stroke, StrokeKind, TextStyle, Ui, Vec2, pos2, vec2};

use super::grip::{self, GRIP_PX};
use super::mouth::{legend_ui, mouth_ui, openings};
use super::scale::Scale;
use super::wave::wave_ui;
use super::{Field, NAMES_PX, lane_name_ui, lane_words_ui, may_edit};
use crate::app::action::command::Commands;
use crate::app::state::placed;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius};
use crate::model::interval::clock_text;
use crate::model::placement::allowed_inserts_ms;
use crate::model::rule::first_broken;
use crate::model::{Placement, PlacementFacts};

/// Height of the line with the voice's name, in points.
const TITLE_PX: f32 = 17.0;
/// Height of the band that shows where the voice may begin, in points.
const BAND_PX: f32 = 6.0;
/// Distance between the strokes of its hatching, in points.
const HATCH_PX: f32 = 5.0;

/// Draws the lane.
pub fn voice_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, field: &Field) {
    let palette = Palette::of(ui);
    let scale = &field.scale;
    let room = ui.max_rect();
    let lane = room.with_min_x(room.left() + NAMES_PX);
    ui.painter().rect_filled(lane, CornerRadius::same(radius::SMALL), palette.lane);
    let placement = placed::placement(view.flow);
    lane_name_ui(ui, lane, room.left(), "Voice", placement.is_some());
    let Some(placement) = placement else {
        let is_chosen = view.choosing().is_some_and(|choosing| choosing.faces.chosen.is_some());
        let is_read = view.flow.desk.voice_probe.job().is_none();
        let words = if is_chosen && is_read && view.flow.desk.voice.is_some() {
            "The length of the voice is not known, so it is not placed: enter its end, on the left"
        } else {
            "The voice appears here once a face and a voice are chosen"
        };
        lane_words_ui(ui, lane, words);
        return;
    };
    let mut facts = view.flow.faces().map(|faces| view.flow.desk.facts(faces)).unwrap_or_default();
    if !may_edit(view) {
        // The current voice may differ from the one that was sent.
        facts.voice_ms = None;
    }
    let clipped = ui.clip_rect().intersect(lane);
    ui.set_clip_rect(clipped);
    if may_edit(view) {
        allowed_ui(ui, scale, lane, &placement, &facts);
    }
    let rect = clip_rect(scale, lane, &placement);
    let wave_room = Rect::from_min_max(pos2(rect.left(), rect.top() + TITLE_PX), rect.max - vec2(0.0, 3.0));
    cut_off_ui(ui, view, scale, wave_room, rect, &placement);
    let broken = view.choosing().and_then(|choosing| first_broken(&choosing.rules)).is_some();
    let ink = match (broken, may_edit(view)) {
        (true, _) => palette.bad,
        (false, true) => palette.accent,
        // A voice that was sent cannot be dragged.
        (false, false) => palette.span,
    };
    let corners = CornerRadius::same(radius::NORMAL);
    ui.painter().rect_filled(rect, corners, palette.voice);
    if let Some(waveform) = view.shell.waveform.waveform() {
        let within = ui.painter().with_clip_rect(clipped.intersect(rect.shrink2(vec2(2.0, 0.0))));
        wave_ui(&within, waveform, wave_room, scale, zero_ms(&placement), palette.on_voice);
    } else if let Some(why) = view.shell.waveform.failure() {
        let within = ui.painter().with_clip_rect(clipped.intersect(wave_room.shrink2(vec2(GRIP_PX, 0.0))));
        let words = format!("No waveform: {why}");
        let font = TextStyle::Small.resolve(ui.style());
        within.text(
            wave_room.left_center() + vec2(GRIP_PX + 2.0, 0.0),
            Align2::LEFT_CENTER,
            words,
            font,
            palette.on_voice,
        );
    }
    let mut title = rect.intersect(lane);
    if let Some(openings) = openings(view, &placement) {
        mouth_ui(ui, openings, wave_room, lane, scale);
        title.max.x = legend_ui(ui, title);
    }
    title_ui(ui, view, title, &placement, broken);
    let focused = grip::grips_ui(ui, view, commands, field, rect, (&placement, &facts));
    let width = if focused { 2.5 } else { 1.5 };
    ui.painter().rect_stroke(rect, corners, Stroke::new(width, ink), StrokeKind::Inside);
}

/// When the voice would begin if nothing were cut off.
const fn zero_ms(placement: &Placement) -> i64 {
    placement.sound_insert_time.saturating_sub(placement.sound_start_time)
}

fn clip_rect(scale: &Scale, lane: Rect, placement: &Placement) -> Rect {
    let span = placement.span();
    let (left, right) = (scale.x_of(span.start_ms), scale.x_of(span.end_ms));
    Rect::from_x_y_ranges(left..=right.max(left + 4.0), lane.top() + BAND_PX + 2.0..=lane.bottom() - 3.0)
}

/// Draws the parts that are cut off at both ends, dimmed: dragging an end restores them.
fn cut_off_ui(ui: &Ui, view: &View<'_>, scale: &Scale, wave_room: Rect, rect: Rect, placement: &Placement) {
    let Some(waveform) = view.shell.waveform.waveform() else { return };
    let palette = Palette::of(ui);
    let zero_ms = zero_ms(placement);
    let whole = Rect::from_x_y_ranges(
        scale.x_of(zero_ms)..=scale.x_of(zero_ms.saturating_add(waveform.duration_ms())),
        rect.y_range(),
    );
    let before = whole.with_max_x(rect.left().min(whole.right()));
    let behind = whole.with_min_x(rect.right().max(whole.left()));
    for cut in [before, behind] {
        if cut.width() < 1.0 {
            continue;
        }
        let painter: Painter = ui.painter().with_clip_rect(ui.clip_rect().intersect(cut));
        painter.rect_filled(whole, CornerRadius::same(radius::NORMAL), palette.raised);
        wave_ui(
            &painter,
            waveform,
            cut.intersect(wave_room.with_min_x(cut.left()).with_max_x(cut.right())),
            scale,
            zero_ms,
            palette.span,
        );
    }
}

/// Draws where the voice may begin: a hatched band along the top of the lane, with an edge at either end.
fn allowed_ui(ui: &Ui, scale: &Scale, lane: Rect, placement: &Placement, facts: &PlacementFacts) {
    let palette = Palette::of(ui);
    let Some((first_ms, last_ms)) = allowed_inserts_ms(facts, placement.crop_ms()) else { return };
    let left = scale.x_of(first_ms);
    let right = last_ms.map_or(lane.right() + BAND_PX, |last_ms| scale.x_of(last_ms)).max(left);
    let band = Rect::from_x_y_ranges(left..=right, lane.top() + 1.0..=lane.top() + BAND_PX);
    let painter = ui.painter().with_clip_rect(ui.clip_rect().intersect(band.expand2(vec2(2.0, 1.0))));
    let stroke = Stroke::new(1.0, palette.good);
    painter.rect_filled(band, CornerRadius::ZERO, palette.good_wash);
    // Only the part in view is drawn.
    let from = band.left().max(lane.left()) - BAND_PX;
    let count = ((band.right().min(lane.right()) - from) / HATCH_PX).ceil().max(0.0) as usize;
    let first = band.left() + ((from - band.left()) / HATCH_PX).floor() * HATCH_PX;
    let hatched = painter.with_clip_rect(painter.clip_rect().intersect(band));
    hatched.extend((0..=count).map(|place| {
        let x = first + place as f32 * HATCH_PX;
        Shape::line_segment([pos2(x, band.bottom()), pos2(x + BAND_PX, band.top())], stroke)
    }));
    painter.line_segment([band.left_top(), band.right_top()], stroke);
    for x in [band.left(), band.right()] {
        painter.line_segment([pos2(x, band.top()), pos2(x, band.bottom())], Stroke::new(2.0, palette.good));
    }
}

fn title_ui(ui: &Ui, view: &View<'_>, rect: Rect, placement: &Placement, broken: bool) {
    let palette = Palette::of(ui);
    if rect.width() < 70.0 {
        return;
    }
    let mut at = pos2(rect.left() + GRIP_PX + 2.0, rect.top() + 3.0);
    if broken {
        let icon = Rect::from_min_size(at + vec2(0.0, 0.5), Vec2::splat(12.0));
        Icon::CircleX.image_of(12.0).tint(palette.bad).paint_at(ui, icon);
        at.x += 16.0;
    }
    let font = TextStyle::Small.resolve(ui.style());
    let name = view.shell.voice_name(view.flow);
    let words =
        format!("{name}  {} – {}", clock_text(placement.sound_start_time), clock_text(placement.sound_end_time));
    let mut job = egui::text::LayoutJob::simple_singleline(words, font, palette.on_voice);
    job.wrap = egui::text::TextWrapping::truncate_at_width((rect.right() - GRIP_PX - at.x).max(0.0));
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    ui.painter().galley(at, galley, palette.on_voice);
}
