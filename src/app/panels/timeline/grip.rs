//! Taking hold of the voice: the whole of it and both ends are widgets, pulled by pointer, arrow keys or assistive technology.

use egui::accesskit::{Action as Request, ActionData};
use egui::{
    Align2, CornerRadius, CursorIcon, Id, Key, Painter, PointerButton, Rect, Response, Role, Sense, Stroke, TextStyle,
    Ui, WidgetInfo, pos2, vec2,
};

use super::gestures::edge_pan;
use super::{Field, frame_us, may_edit};
use crate::app::action::command::{Command, Commands};
use crate::app::state::placed;
use crate::app::state::timeline::TimelineCommand;
use crate::app::state::timeline::edit::{self, Catch, Grip};
use crate::app::state::view::View;
use crate::app::theme::{Palette, radius};
use crate::app::widgets::pulled::{leave_space, steps_asked};
use crate::model::interval::clock_text;
use crate::model::placement::Wanted;
use crate::model::{Placement, PlacementFacts};

/// How wide the ends are to take hold of, in points.
pub const GRIP_PX: f32 = 9.0;
/// How near a pull must come to catch, in points.
const CATCH_PX: f32 = 7.0;

/// A pull by the pointer that is going on.
#[derive(Clone, Copy, Debug)]
struct Pull {
    /// Where the voice was.
    origin: Placement,
    /// What was fixed of that: what Escape brings back.
    wanted: Wanted,
    /// The time at which the drag began, in milliseconds.
    held_ms: f64,
}

/// Makes the voice draggable; returns whether it has the focus.
pub fn grips_ui(
    ui: &Ui,
    view: &View<'_>,
    commands: &mut Commands,
    field: &Field,
    rect: Rect,
    (placement, facts): (&Placement, &PlacementFacts),
) -> bool {
    let enabled = may_edit(view);
    // Short voices keep an area in the middle for moving them.
    let grip_px = GRIP_PX.min(rect.width() / 3.0);
    let start = Rect::from_min_max(rect.min, pos2(rect.left() + grip_px, rect.bottom()));
    let end = Rect::from_min_max(pos2(rect.right() - grip_px, rect.top()), rect.max);
    let span = placement.span();
    let mut focused = false;
    for (grip, area, name, value_ms, at_ms, cursor) in [
        (Grip::Whole, rect, "Voice on the timeline", placement.sound_insert_time, span.start_ms, CursorIcon::Grab),
        (
            Grip::Start,
            start,
            "Start of the voice",
            placement.sound_start_time,
            span.start_ms,
            CursorIcon::ResizeHorizontal,
        ),
        (Grip::End, end, "End of the voice", placement.sound_end_time, span.end_ms, CursorIcon::ResizeHorizontal),
    ] {
        let id = ui.scope_id().with(("voice", grip));
        let sense = if enabled { Sense::click_and_drag() | Sense::FOCUSABLE } else { Sense::hover() };
        let response = ui.interact(area, id, sense);
        describe(ui, &response, enabled, name, value_ms, most_ms(grip, facts));
        if grip != Grip::Whole {
            mark_ui(ui, area, &response);
        }
        if !enabled {
            if let Some(why) = placed::sent_obstacle(view.flow) {
                response.on_hover_text(why);
            }
            continue;
        }
        if response.drag_started_by(PointerButton::Primary) || response.clicked() {
            // A part that the pointer pressed takes the focus, so that arrow keys move it on.
            response.request_focus();
        }
        focused |= response.has_focus();
        leave_space(&response);
        let by_keys = key_pull(ui, view, &response, value_ms);
        if let Some(wanted) = pointer_pull(ui, view, commands, field, &response, grip, (placement, facts)) {
            commands.push(Command::Place(wanted));
        } else if let Some(by_ms) = by_keys {
            let after = edit::pull(placement, facts, grip, by_ms);
            if after != *placement {
                commands.push(Command::Place(edit::wanted(&after)));
            }
            let at_ms = if grip == Grip::End { after.span().end_ms } else { after.span().start_ms };
            reveal(view, commands, field, at_ms);
        } else if response.gained_focus() && !ui.input(|input| input.pointer.any_down()) {
            reveal(view, commands, field, at_ms);
        }
        response.on_hover_and_drag_cursor(cursor);
    }
    focused
}

/// Scrolls a time into view.
fn reveal(view: &View<'_>, commands: &mut Commands, field: &Field, at_ms: i64) {
    let stretch = view.shell.timeline.stretch(field.length_ms);
    let showing = stretch.showing(at_ms as f64, field.length_ms);
    if showing != stretch {
        commands.push(Command::Timeline(TimelineCommand::Show(Some(showing))));
    }
}

/// The maximum value of a grip, where that is known, in milliseconds.
const fn most_ms(grip: Grip, facts: &PlacementFacts) -> Option<i64> {
    match grip {
        Grip::Whole => facts.clip_ms,
        Grip::Start | Grip::End => facts.voice_ms,
    }
}

fn describe(ui: &Ui, response: &Response, enabled: bool, name: &str, value_ms: i64, most_ms: Option<i64>) {
    response.widget_info(|| WidgetInfo {
        enabled,
        label: Some(name.to_owned()),
        value: Some(value_ms as f64),
        ..WidgetInfo::new(Role::Slider)
    });
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        if let Some(most_ms) = most_ms {
            node.set_max_numeric_value(most_ms as f64);
        }
        node.set_value(clock_text(value_ms));
        if enabled {
            node.add_action(Request::Increment);
            node.add_action(Request::Decrement);
            node.add_action(Request::SetValue);
        }
    });
}

/// Draws the mark of an end: a stroke, stronger under the pointer and with the focus.
fn mark_ui(ui: &Ui, area: Rect, response: &Response) {
    let palette = Palette::of(ui);
    let lit = response.hovered() || response.dragged() || response.has_focus();
    let (ink, width) = if lit { (palette.accent_text, 2.5) } else { (palette.on_voice, 1.0) };
    let (centre, reach) = (area.center(), vec2(0.0, 7.0));
    ui.painter().line_segment([centre - reach, centre + reach], Stroke::new(width, ink));
    if response.has_focus() {
        let ring = area.expand2(vec2(1.0, -1.0));
        let corners = CornerRadius::same(radius::SMALL);
        ui.painter().rect_stroke(ring, corners, Stroke::new(1.5, palette.accent_text), egui::StrokeKind::Inside);
    }
}

/// A drag by the pointer: the wanted placement after it, snapped; or the one before it, where Escape cancels the drag.
fn pointer_pull(
    ui: &Ui,
    view: &View<'_>,
    commands: &mut Commands,
    field: &Field,
    response: &Response,
    grip: Grip,
    (placement, facts): (&Placement, &PlacementFacts),
) -> Option<Wanted> {
    let pull_id = response.id.with("pull");
    if response.drag_started_by(PointerButton::Primary) {
        let held = ui.input(|input| input.pointer.press_origin())?;
        let pull = Pull { origin: *placement, wanted: view.flow.desk.wanted, held_ms: field.scale.exact_ms_at(held.x) };
        ui.data_mut(|data| data.insert_temp(pull_id, pull));
    }
    let pull: Pull = ui.data(|data| data.get_temp(pull_id))?;
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        ui.data_mut(|data| data.remove::<Pull>(pull_id));
        return (view.flow.desk.wanted != pull.wanted).then_some(pull.wanted);
    }
    if !response.dragged_by(PointerButton::Primary) {
        if !ui.input(|input| input.pointer.primary_down()) {
            ui.data_mut(|data| data.remove::<Pull>(pull_id));
        }
        return None;
    }
    edge_pan(ui, view, commands, field);
    let pointer = ui.input(|input| input.pointer.latest_pos())?;
    let x = pointer.x.clamp(field.rect.left(), field.rect.right());
    let by_ms = (field.scale.exact_ms_at(x) - pull.held_ms).round() as i64;
    // Alt inverts snapping while it is held.
    let by_ms = if ui.input(|input| input.modifiers.alt) == view.shell.timeline.snaps() {
        by_ms
    } else {
        let playhead_ms = view.shell.player.has_picture().then(|| view.shell.player.playhead_ms());
        let catches = edit::catches(facts, &pull.origin, grip, playhead_ms);
        let caught = edit::catch(&pull.origin, grip, by_ms, &catches, field.scale.ms_of_px(CATCH_PX));
        if let Some(catch) = caught.on {
            guide_ui(ui, field, catch, response.rect.top());
        }
        caught.by_ms
    };
    let after = edit::pull(&pull.origin, facts, grip, by_ms);
    (after != *placement).then(|| edit::wanted(&after))
}

/// Draws the guide through all lanes, with its label.
fn guide_ui(ui: &Ui, field: &Field, catch: Catch, above_px: f32) {
    let palette = Palette::of(ui);
    // Not the lane's own painter, which is clipped to the lane.
    let painter: Painter = ui.ctx().layer_painter(ui.layer_id()).with_clip_rect(field.rect.expand(1.0));
    let x = field.scale.x_of(catch.at_ms);
    let line = [pos2(x, field.rect.top() + super::RULER_PX), pos2(x, field.rect.bottom())];
    painter.extend(egui::Shape::dashed_line(&line, Stroke::new(1.5, palette.warn), 4.0, 3.0));
    let words = format!("{}  {}", catch.on.words(), clock_text(catch.at_ms));
    let font = TextStyle::Small.resolve(ui.style());
    let galley = ui.fonts_mut(|fonts| fonts.layout_no_wrap(words, font, palette.text));
    let size = galley.size() + vec2(12.0, 6.0);
    // Beside the line, on the side that has room for the label.
    let anchor = if x + 6.0 + size.x <= field.rect.right() { Align2::LEFT_BOTTOM } else { Align2::RIGHT_BOTTOM };
    let beside = if anchor == Align2::LEFT_BOTTOM { 6.0 } else { -6.0 };
    let plate = anchor.anchor_size(pos2(x + beside, above_px - 6.0), size);
    painter.rect_filled(plate, CornerRadius::same(radius::SMALL), palette.popup);
    painter.galley(plate.min + vec2(6.0, 3.0), galley, palette.text);
}

/// The distance of a move by arrow keys (a frame, with Shift ten) or by assistive technology, in milliseconds.
fn key_pull(ui: &Ui, view: &View<'_>, response: &Response, value_ms: i64) -> Option<i64> {
    let id: Id = response.id;
    let frame_ms = ((frame_us(view) + 500) / 1000).max(1);
    let mut by_ms = steps_asked(ui, response) * frame_ms;
    ui.input(|input| {
        for request in input.accesskit_action_requests(id, Request::SetValue) {
            if let Some(ActionData::NumericValue(wish)) = request.data {
                by_ms = wish.round() as i64 - value_ms;
            }
        }
    });
    (by_ms != 0).then_some(by_ms)
}
