//! The position in the clip as a line that is dragged by the pointer, or moved by arrow keys or assistive technology.

use egui::{
    CornerRadius, CursorIcon, Rect, RectAlign, Role, Sense, Stroke, Tooltip, Ui, Vec2, WidgetInfo, accesskit, pos2,
    vec2,
};

use super::pulled::{leave_space, steps_asked};
use crate::app::theme::{Palette, text};
use crate::model::Interval;
use crate::model::interval::clock_text;

/// Height of the area that reacts to the pointer.
pub const HEIGHT_PX: f32 = 18.0;
const RAIL_PX: f32 = 4.0;
const HANDLE_PX: f32 = 6.0;

/// The values of a scrubber.
pub struct Scrubber {
    /// The position, in milliseconds.
    pub at_ms: i64,
    /// The length, in milliseconds; 0 where it is not known.
    pub length_ms: i64,
    /// The playback range that is looped.
    pub lap: Option<Interval>,
    /// Duration of a frame, in milliseconds: an arrow key moves by one frame, with Shift by ten.
    pub frame_ms: f64,
    /// Whether it can be moved.
    pub enabled: bool,
}

/// How it was moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// To a position, in milliseconds.
    To(i64),
    /// By a number of frames.
    Frames(i64),
}

/// Draws it over the whole width; returns how it was moved.
pub fn scrubber_ui(ui: &mut Ui, name: &str, scrubber: &Scrubber) -> Option<Moved> {
    let palette = Palette::of(ui);
    let &Scrubber { at_ms, length_ms, lap, frame_ms, enabled } = scrubber;
    let sense = if enabled { Sense::click_and_drag() | Sense::FOCUSABLE } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT_PX), sense);
    let id = response.id;
    response.widget_info(|| WidgetInfo {
        enabled,
        label: Some(name.to_owned()),
        value: Some(at_ms as f64),
        ..WidgetInfo::new(Role::Slider)
    });
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(length_ms as f64);
        node.set_numeric_value_step(frame_ms);
        node.set_value(format!("{} of {}", clock_text(at_ms), clock_text(length_ms)));
        if enabled {
            node.add_action(accesskit::Action::Increment);
            node.add_action(accesskit::Action::Decrement);
            node.add_action(accesskit::Action::SetValue);
        }
    });

    let rail = Rect::from_center_size(rect.center(), vec2(rect.width() - 2.0 * HANDLE_PX, RAIL_PX));
    let x_of = |ms: i64| rail.left() + rail.width() * (ms as f32 / length_ms.max(1) as f32).clamp(0.0, 1.0);
    let ms_at = |x: f32| {
        let share = f64::from(((x - rail.left()) / rail.width().max(1.0)).clamp(0.0, 1.0));
        (share * length_ms as f64).round() as i64
    };
    let round = CornerRadius::same(2);
    let part = |from_ms: i64, to_ms: i64| Rect::from_x_y_ranges(x_of(from_ms)..=x_of(to_ms), rail.y_range());
    ui.painter().rect_filled(rail, round, palette.span);
    if enabled {
        if let Some(lap) = lap {
            // The playback range is highlighted, with a mark at either end.
            ui.painter().rect_filled(part(lap.start_ms, lap.end_ms), round, palette.accent_wash);
            for end_ms in [lap.start_ms, lap.end_ms] {
                let x = x_of(end_ms);
                let stroke = Stroke::new(2.0, palette.accent_text);
                ui.painter().line_segment([pos2(x, rail.top() - 3.0), pos2(x, rail.bottom() + 3.0)], stroke);
            }
        }
        let from_ms = lap.map_or(0, |lap| lap.start_ms.min(at_ms));
        ui.painter().rect_filled(part(from_ms, at_ms), round, palette.accent);
        let lit = response.hovered() || response.dragged() || response.has_focus();
        let centre = pos2(x_of(at_ms), rail.center().y);
        if response.has_focus() {
            ui.painter().circle_filled(centre, HANDLE_PX + 3.0, palette.accent_wash);
        }
        ui.painter().circle_filled(centre, if lit { HANDLE_PX } else { HANDLE_PX - 1.0 }, palette.accent);
    }

    if !enabled {
        return None;
    }
    leave_space(&response);
    let frames = steps_asked(ui, &response);
    let mut to_ms = None;
    ui.input(|input| {
        for request in input.accesskit_action_requests(id, accesskit::Action::SetValue) {
            if let Some(accesskit::ActionData::NumericValue(wish)) = request.data {
                to_ms = Some(wish.round() as i64);
            }
        }
    });
    if let Some(pointer) = response.interact_pointer_pos()
        && (response.clicked() || response.dragged())
    {
        to_ms = Some(ms_at(pointer.x));
    }
    let hovered = response.hovered();
    let response = response.on_hover_and_drag_cursor(CursorIcon::PointingHand);
    if hovered && let Some(pointer) = response.hover_pos() {
        // Above the bar, since the current time is shown below it.
        let mut tooltip = Tooltip::for_enabled(&response);
        tooltip.popup =
            tooltip.popup.anchor(Rect::from_center_size(pos2(pointer.x, rect.center().y), Vec2::splat(HEIGHT_PX)));
        tooltip.popup = tooltip.popup.align(RectAlign::TOP).align_alternatives(&[]);
        tooltip.show(|ui| ui.label(text::mono(clock_text(ms_at(pointer.x)))));
    }
    // Reports user input only: while the length is unknown, the position may be beyond it.
    let to_ms = to_ms.map(|to_ms| to_ms.clamp(0, length_ms.max(0))).filter(|to_ms| *to_ms != at_ms);
    to_ms.map(Moved::To).or_else(|| (frames != 0).then_some(Moved::Frames(frames)))
}
