//! The stepper of the five stages: completed ones have a check mark, the current one is in the accent colour, later ones are dim.

use std::cmp::Ordering;

use egui::{
    Align2, FontId, Rect, Response, Role, Sense, Stroke, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use crate::app::theme::{Icon, Palette, space, type_size};

/// Labels of the stages.
pub const STAGES: [&str; 5] = ["Clip", "Faces", "Voice", "Task", "Result"];

/// How a step stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Done,
    Current,
    LeftOut,
    Later,
}

const DOT_PX: f32 = 18.0;
const GAP_PX: f32 = 6.0;
const LINE_PX: f32 = 14.0;

/// Draws the stepper in `room`, about `centre_x` where it fits. `stage` is the index of the current step; of the first ones, those that are
/// `left_out` have no part in it.
pub fn stepper_ui(ui: &mut Ui, room: Rect, centre_x: f32, stage: usize, left_out: [bool; 3]) {
    let palette = Palette::of(ui);
    let font = TextStyle::Button.resolve(ui.style());
    let widths: Vec<f32> = STAGES
        .iter()
        .map(|name| ui.fonts_mut(|fonts| fonts.layout_no_wrap((*name).to_owned(), font.clone(), palette.text)).size().x)
        .collect();
    let full = |with_words: bool| {
        let words: f32 = if with_words { widths.iter().map(|width| width + GAP_PX).sum() } else { 0.0 };
        words + DOT_PX * STAGES.len() as f32 + (LINE_PX + 2.0 * space::ITEM) * (STAGES.len() - 1) as f32
    };
    let with_words = full(true) <= room.width();
    let width = full(with_words);
    let left = (centre_x - width / 2.0).clamp(room.left(), (room.right() - width).max(room.left()));
    let mut x = left;
    let y = room.center().y;
    for (index, name) in STAGES.iter().enumerate() {
        let words_width = if with_words { widths[index] + GAP_PX } else { 0.0 };
        let rect = Rect::from_min_size(pos2(x, y - 12.0), vec2(DOT_PX + words_width, 24.0));
        let step = match index.cmp(&stage) {
            Ordering::Equal => Step::Current,
            Ordering::Less if left_out.get(index).is_some_and(|is_out| *is_out) => Step::LeftOut,
            Ordering::Less => Step::Done,
            Ordering::Greater => Step::Later,
        };
        step_ui(ui, rect, index, name, step, with_words, &font);
        x = rect.right() + space::ITEM;
        if index + 1 < STAGES.len() {
            let colour = if step == Step::Done { palette.accent } else { palette.span };
            ui.painter().line_segment([pos2(x, y), pos2(x + LINE_PX, y)], Stroke::new(1.0, colour));
            x += LINE_PX + space::ITEM;
        }
    }
}

fn step_ui(ui: &mut Ui, rect: Rect, index: usize, name: &str, step: Step, with_words: bool, font: &FontId) -> Response {
    let palette = Palette::of(ui);
    let response = ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| ui.allocate_rect(rect, Sense::hover())).inner;
    let (done, now) = (step == Step::Done, step == Step::Current);
    let state = match step {
        Step::Done => "done",
        Step::Current => "current",
        Step::LeftOut => "not known of this task",
        Step::Later => "not reached yet",
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Stage {}: {name}, {state}", index + 1)));
    let centre = pos2(rect.left() + DOT_PX / 2.0, rect.center().y);
    let ink = if now {
        ui.painter().circle_filled(centre, DOT_PX / 2.0, palette.accent);
        palette.on_accent
    } else if done {
        ui.painter().circle_filled(centre, DOT_PX / 2.0, palette.accent_wash);
        palette.accent_text
    } else {
        ui.painter().circle_filled(centre, DOT_PX / 2.0, palette.raised);
        palette.text_faint
    };
    if done {
        let mark = Rect::from_center_size(centre, Vec2::splat(12.0));
        Icon::Check.image_of(12.0).tint(ink).paint_at(ui, mark);
    } else {
        let number = FontId { size: type_size::CAPTION, ..font.clone() };
        ui.painter().text(centre, Align2::CENTER_CENTER, (index + 1).to_string(), number, ink);
    }
    if with_words {
        let colour = if now {
            palette.text
        } else if done {
            palette.text_dim
        } else {
            palette.text_faint
        };
        ui.painter().text(
            pos2(rect.left() + DOT_PX + GAP_PX, rect.center().y),
            Align2::LEFT_CENTER,
            name,
            font.clone(),
            colour,
        );
    }
    response.on_hover_text(format!("{name}: {state}"))
}
