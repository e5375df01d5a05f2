//! The voice on its lane: moved as a whole, trimmed at both ends, by pointer, by arrow keys, by assistive technology.

use egui::{
    CornerRadius, CursorIcon, EventFilter, Id, Key, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui,
    WidgetInfo, accesskit, pos2, vec2,
};

use super::edit::{self, Grip};
use super::scale::Scale;
use super::{lane_name_ui, lane_words_ui, may_edit};
use crate::app::action::Action;
use crate::app::command::{Command, Wishes};
use crate::app::theme::{Icon, Palette, radius, space, text};
use crate::app::view::View;
use crate::app::widgets::button::{Look, action_ui};
use crate::media::Waveform;
use crate::model::interval::clock_text;
use crate::model::placement::allowed_inserts_ms;
use crate::model::rule::first_broken;
use crate::model::{Placement, PlacementFacts};
use crate::workflow::Stage;

/// How wide the ends are to take hold of, in points.
const GRIP_PX: f32 = 9.0;
/// How near a pull must come to catch, in points.
const CATCH_PX: f32 = 7.0;
/// Width of a column of the waveform, in points.
const COLUMN_PX: f32 = 2.0;
/// Height of the line with the voice's name, in points.
const TITLE_PX: f32 = 18.0;
/// Frame length where the clip's rate is not known, in milliseconds.
const FRAME_MS: i64 = 40;

/// The placement that is shown: the one being chosen, or the one that was sent.
pub fn shown_placement(view: &View<'_>) -> Option<Placement> {
    match &view.flow.stage {
        Stage::Choosing(choosing) => choosing.placement,
        Stage::Submitted(submitted) => submitted.submission.as_ref().map(|submission| submission.placement),
        Stage::Done(done) => done.submission.as_ref().map(|submission| submission.placement),
        Stage::Idle(_) | Stage::Identifying(_) => None,
    }
}

/// Draws the lane.
pub fn voice_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes, scale: &Scale, names_px: f32) {
    let palette = Palette::of(ui);
    let room = ui.max_rect();
    let lane = Rect::from_min_max(pos2(room.left() + names_px, room.top()), room.max);
    let corners = CornerRadius::same(radius::SMALL);
    ui.painter().rect_filled(lane, corners, palette.lane);
    lane_name_ui(ui, lane, room.left(), "Voice", shown_placement(view).is_some());
    let Some(placement) = shown_placement(view) else {
        lane_words_ui(ui, lane, "The voice appears here once a face and a voice are chosen");
        return;
    };
    let facts = view.flow.faces().map(|faces| view.flow.desk.facts(faces)).unwrap_or_default();
    let clipped = ui.clip_rect().intersect(lane);
    ui.set_clip_rect(clipped);
    if may_edit(view) {
        allowed_ui(ui, scale, lane, &placement, &facts);
    }
    let rect = clip_rect(scale, lane, &placement);
    let broken = view.choosing().and_then(|choosing| first_broken(&choosing.rules)).is_some();
    let ink = if broken { palette.bad } else { palette.accent };
    ui.painter().rect_filled(rect, CornerRadius::same(radius::NORMAL), palette.voice);
    if let Some(waveform) = view.shell.waveform() {
        wave_ui(ui, waveform, rect, &placement, scale);
    }
    title_ui(ui, view, rect, &placement);
    let focused = grips_ui(ui, view, wishes, scale, rect, &placement, &facts);
    let width = if focused { 2.0 } else { 1.5 };
    ui.painter().rect_stroke(rect, CornerRadius::same(radius::NORMAL), Stroke::new(width, ink), StrokeKind::Inside);
}

fn clip_rect(scale: &Scale, lane: Rect, placement: &Placement) -> Rect {
    let span = placement.span();
    let (left, right) = (scale.x_of(span.start_ms), scale.x_of(span.end_ms));
    Rect::from_x_y_ranges(left..=right.max(left + 4.0), lane.top() + 6.0..=lane.bottom() - space::TIGHT)
}

/// Where the voice may begin, in green along the top of the lane.
fn allowed_ui(ui: &Ui, scale: &Scale, lane: Rect, placement: &Placement, facts: &PlacementFacts) {
    let palette = Palette::of(ui);
    let Some((first_ms, last_ms)) = allowed_inserts_ms(facts, placement.crop_ms()) else { return };
    let right = last_ms.map_or(lane.right(), |last_ms| scale.x_of(last_ms));
    let left = scale.x_of(first_ms);
    let band = Rect::from_x_y_ranges(left - 1.5..=right.max(left) + 1.5, lane.top() + 1.0..=lane.top() + 4.0);
    ui.painter().rect_filled(band, CornerRadius::same(1), palette.good);
}

/// The peaks of the crop, one stroke for each column in view.
fn wave_ui(ui: &Ui, waveform: &Waveform, rect: Rect, placement: &Placement, scale: &Scale) {
    let palette = Palette::of(ui);
    let room = Rect::from_min_max(pos2(rect.left() + 3.0, rect.top() + TITLE_PX), rect.max - vec2(3.0, 2.0));
    let view = ui.clip_rect().intersect(room);
    let columns = (view.width() / COLUMN_PX).floor();
    if columns < 1.0 {
        return;
    }
    let of_voice = |x: f32| scale.ms_at(x) - placement.sound_insert_time + placement.sound_start_time;
    let right = view.left() + columns * COLUMN_PX;
    let peaks = waveform.peaks(of_voice(view.left())..of_voice(right), columns as usize);
    // Quiet voices fill the lane too: it shows where there is speech, not how loud it is.
    let loudest = waveform.peaks(0..waveform.duration_ms(), 1).first().map_or(0.0, |peak| peak.max.max(-peak.min));
    let (middle, gain) = (room.center().y, room.height() / 2.0 / loudest.max(0.01));
    for (column, peak) in peaks.iter().enumerate() {
        let x = view.left() + (column as f32 + 0.5) * COLUMN_PX;
        let (top, bottom) = (middle - (peak.max * gain).max(0.5), middle - (peak.min * gain).min(-0.5));
        ui.painter().line_segment([pos2(x, top), pos2(x, bottom)], Stroke::new(1.2, palette.on_voice));
    }
}

fn title_ui(ui: &Ui, view: &View<'_>, rect: Rect, placement: &Placement) {
    let palette = Palette::of(ui);
    if rect.width() < 70.0 {
        return;
    }
    let font = egui::FontId { size: 10.5, ..TextStyle::Small.resolve(ui.style()) };
    let name = view.shell.voice_name(view.flow);
    let words =
        format!("{name}  {} – {}", clock_text(placement.sound_start_time), clock_text(placement.sound_end_time));
    let mut job = egui::text::LayoutJob::simple_singleline(words, font, palette.on_voice);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 2.0 * GRIP_PX - 4.0);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    ui.painter().galley(pos2(rect.left() + GRIP_PX + 2.0, rect.top() + 4.0), galley, palette.on_voice);
}

/// Lets the voice be moved and trimmed; answers whether the keyboard is on it.
fn grips_ui(
    ui: &mut Ui,
    view: &View<'_>,
    wishes: &mut Wishes,
    scale: &Scale,
    rect: Rect,
    placement: &Placement,
    facts: &PlacementFacts,
) -> bool {
    let enabled = may_edit(view);
    let start = Rect::from_min_max(rect.min, pos2(rect.left() + GRIP_PX, rect.bottom()));
    let end = Rect::from_min_max(pos2(rect.right() - GRIP_PX, rect.top()), rect.max);
    let mut focused = false;
    for (grip, area, name, value_ms, cursor) in [
        (Grip::Whole, rect, "Voice on the timeline", placement.sound_insert_time, CursorIcon::Grab),
        (Grip::Start, start, "Start of the voice", placement.sound_start_time, CursorIcon::ResizeHorizontal),
        (Grip::End, end, "End of the voice", placement.sound_end_time, CursorIcon::ResizeHorizontal),
    ] {
        let id = ui.scope_id().with(("voice", grip));
        let sense = if enabled { Sense::click_and_drag() | Sense::FOCUSABLE } else { Sense::hover() };
        let response = ui.interact(area, id, sense);
        response.widget_info(|| WidgetInfo {
            enabled,
            label: Some(name.to_owned()),
            value: Some(value_ms as f64),
            ..WidgetInfo::new(Role::Slider)
        });
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_min_numeric_value(0.0);
            node.set_value(clock_text(value_ms));
            if enabled {
                node.add_action(accesskit::Action::Increment);
                node.add_action(accesskit::Action::Decrement);
                node.add_action(accesskit::Action::SetValue);
            }
        });
        if grip != Grip::Whole {
            mark_ui(ui, area, response.hovered() || response.dragged() || response.has_focus());
        }
        if enabled {
            focused |= response.has_focus();
            let by_ms = pointer_pull(ui, view, scale, &response, grip, placement, facts)
                .or_else(|| key_pull(ui, view, id, &response, value_ms).map(|by_ms| (*placement, by_ms)));
            if let Some((from, by_ms)) = by_ms {
                let after = edit::pull(&from, facts, grip, by_ms);
                if after != *placement {
                    wishes.push(Command::Place(edit::wanted(&after)));
                }
            }
            response.on_hover_and_drag_cursor(cursor);
        }
    }
    focused
}

/// The mark of an end: two short strokes, brighter under the pointer.
fn mark_ui(ui: &Ui, area: Rect, lit: bool) {
    let palette = Palette::of(ui);
    let ink = if lit { palette.accent_text } else { palette.on_voice };
    let centre = area.center();
    let stroke = Stroke::new(if lit { 2.0 } else { 1.0 }, ink);
    ui.painter().line_segment([centre - vec2(0.0, 7.0), centre + vec2(0.0, 7.0)], stroke);
}

/// A pull by the pointer: the placement it began with, and how far, caught where it should.
fn pointer_pull(
    ui: &Ui,
    view: &View<'_>,
    scale: &Scale,
    response: &Response,
    grip: Grip,
    placement: &Placement,
    facts: &PlacementFacts,
) -> Option<(Placement, i64)> {
    let origin_id = response.id.with("origin");
    if response.drag_started() {
        ui.data_mut(|data| data.insert_temp(origin_id, *placement));
    }
    if !response.dragged() {
        return None;
    }
    let origin = ui.data(|data| data.get_temp::<Placement>(origin_id))?;
    let delta = response.total_drag_delta()?;
    let by_ms = scale.ms_of_px(delta.x);
    let free = ui.input(|input| input.modifiers.alt);
    if free {
        return Some((origin, by_ms));
    }
    let playhead_ms = view.shell.player.has_picture().then(|| view.shell.player.playhead_ms());
    let catches = edit::catches_ms(facts, playhead_ms);
    let caught = edit::catch(&origin, grip, by_ms, &catches, scale.ms_of_px(CATCH_PX));
    if let Some(at_ms) = caught.at_ms {
        let palette = Palette::of(ui);
        let x = scale.x_of(at_ms);
        let lane = ui.clip_rect();
        ui.painter().line_segment([pos2(x, lane.top()), pos2(x, lane.bottom())], Stroke::new(1.0, palette.warn));
    }
    Some((origin, caught.by_ms))
}

/// A pull by the arrow keys (a frame, with Shift ten) or by assistive technology.
fn key_pull(ui: &Ui, view: &View<'_>, id: Id, response: &Response, value_ms: i64) -> Option<i64> {
    let frame_ms =
        view.flow.desk.clip_probe.known().map_or(FRAME_MS, |clip| {
            if clip.fps > 0.0 { ((1000.0 / clip.fps).round() as i64).max(1) } else { FRAME_MS }
        });
    let mut by_ms = 0;
    if response.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
        ui.input(|input| {
            let steps = if input.modifiers.shift { 10 } else { 1 };
            by_ms += (input.num_presses(Key::ArrowRight) as i64 - input.num_presses(Key::ArrowLeft) as i64)
                * steps
                * frame_ms;
        });
    }
    ui.input(|input| {
        by_ms += input.num_accesskit_action_requests(id, accesskit::Action::Increment) as i64 * frame_ms;
        by_ms -= input.num_accesskit_action_requests(id, accesskit::Action::Decrement) as i64 * frame_ms;
        for request in input.accesskit_action_requests(id, accesskit::Action::SetValue) {
            if let Some(accesskit::ActionData::NumericValue(wish)) = request.data {
                by_ms = wish.round() as i64 - value_ms;
            }
        }
    });
    (by_ms != 0).then_some(by_ms)
}

/// Under the lane: where the voice may begin, or which rule is broken, with the way out.
pub fn words_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let palette = Palette::of(ui);
    let Some(choosing) = view.choosing() else { return };
    let Some(placement) = choosing.placement else { return };
    if let Some(report) = first_broken(&choosing.rules) {
        ui.add(Icon::CircleX.image_of(14.0).tint(palette.bad).alt_text("Broken"));
        let words = format!("{}: {}", report.asks, report.why().unwrap_or_default());
        let room = ui.available_width() - 130.0;
        ui.allocate_ui_with_layout(
            vec2(room.max(60.0), 18.0),
            egui::Layout::left_to_right(egui::Align::Center),
            |ui| {
                let label = egui::Label::new(text::caption(palette, &words).color(palette.bad)).truncate();
                ui.add(label).on_hover_text(&words);
            },
        );
        action_ui(ui, view, wishes, Action::SnapToBest, Look::Inline);
        return;
    }
    let facts = view.flow.desk.facts(&choosing.faces);
    if let Some((first_ms, last_ms)) = allowed_inserts_ms(&facts, placement.crop_ms()) {
        let (dot, _) = ui.allocate_exact_size(vec2(12.0, 3.0), Sense::hover());
        ui.painter().rect_filled(dot, CornerRadius::same(1), palette.good);
        let words = match last_ms {
            Some(last_ms) => format!("It may begin from {} to {}", clock_text(first_ms), clock_text(last_ms)),
            None => format!("It may begin from {} on", clock_text(first_ms)),
        };
        ui.label(text::caption(palette, words));
        let insert = format!("begins at {}", clock_text(placement.sound_insert_time));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(text::mono(insert).size(11.0).color(palette.text_dim));
        });
    }
}
