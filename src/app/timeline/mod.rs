//! The timeline: ruler, a lane for each face, the voice with its waveform.

pub mod edit;
mod lanes;
pub mod scale;
mod voice;

use egui::{Align2, Rect, Sense, Stroke, TextStyle, Ui, UiBuilder, pos2, vec2};

use self::scale::Scale;
use super::action::Action;
use super::command::{Command, Wishes};
use super::theme::{Palette, space, text};
use super::view::View;
use super::widgets::button::{Face, Look, action_as_ui};
use crate::workflow::Stage;

/// Height of the whole timeline, in points.
pub const HEIGHT_PX: f32 = 188.0;
/// Width of the lanes' names, in points.
const NAMES_PX: f32 = 64.0;
const RULER_PX: f32 = 26.0;
const VOICE_PX: f32 = 56.0;
const WORDS_PX: f32 = 26.0;
/// A timeline without a clip of known length shows so much, in milliseconds.
const EMPTY_MS: i64 = 10_000;

/// Draws the timeline.
pub fn timeline_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    let whole = ui.max_rect();
    let length_ms = length_ms(view);
    let scale = Scale::fit(length_ms, whole.left() + NAMES_PX, whole.width() - NAMES_PX);
    let ruler =
        Rect::from_min_max(pos2(whole.left() + NAMES_PX, whole.top()), pos2(whole.right(), whole.top() + RULER_PX));
    let words = Rect::from_min_max(pos2(whole.left(), whole.bottom() - WORDS_PX), whole.max);
    let voice = Rect::from_min_max(pos2(whole.left(), words.top() - VOICE_PX), pos2(whole.right(), words.top()));
    let faces = Rect::from_min_max(pos2(whole.left(), ruler.bottom()), pos2(whole.right(), voice.top() - space::TIGHT));

    let corner = Rect::from_min_max(whole.min, pos2(ruler.left(), ruler.bottom()));
    ui.scope_builder(
        UiBuilder::new().max_rect(corner).layout(egui::Layout::left_to_right(egui::Align::Center)),
        |ui| history_ui(ui, view, wishes),
    );
    ruler_ui(ui, view, wishes, ruler, &scale, length_ms);
    ui.scope_builder(UiBuilder::new().max_rect(faces), |ui| lanes::lanes_ui(ui, view, wishes, &scale, NAMES_PX));
    ui.scope_builder(UiBuilder::new().max_rect(voice), |ui| voice::voice_ui(ui, view, wishes, &scale, NAMES_PX));
    ui.scope_builder(
        UiBuilder::new()
            .max_rect(Rect::from_min_max(pos2(words.left() + NAMES_PX, words.top()), words.max))
            .layout(egui::Layout::left_to_right(egui::Align::Center)),
        |ui| voice::words_ui(ui, view, wishes),
    );
    playhead_ui(ui, view, &scale, Rect::from_min_max(ruler.min, voice.max));
}

/// Undo and redo, named by what they are about.
fn history_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes) {
    ui.spacing_mut().item_spacing.x = 2.0;
    for action in [Action::Undo, Action::Redo] {
        let title = action.title(view);
        let face = Face { label: &title, icon: action.info().icon, icon_only: true, min_width: 0.0 };
        action_as_ui(ui, view, wishes, action, Look::Inline, &face);
    }
}

/// How much time the timeline shows: the clip's length, which no edit changes, so that nothing slips away under the pointer.
fn length_ms(view: &View<'_>) -> i64 {
    let clip_ms = view.flow.desk.clip_probe.known().map(|clip| clip.duration_ms);
    let faces = view.flow.faces().map(|faces| faces.session.faces.as_slice()).unwrap_or_default();
    let faces_ms = || faces.iter().filter_map(|face| face.interval).map(|interval| interval.end_ms).max();
    clip_ms.or_else(faces_ms).unwrap_or(EMPTY_MS).clamp(1, 3_600_000)
}

fn ruler_ui(ui: &mut Ui, view: &View<'_>, wishes: &mut Wishes, rect: Rect, scale: &Scale, length_ms: i64) {
    let palette = Palette::of(ui);
    let has_picture = view.shell.player.has_picture();
    // For the pointer alone, from the moment it is pressed: for keyboard and screen reader there is the slider under the picture.
    let sense = if has_picture { Sense::DRAG } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with("ruler"), sense);
    if let Some(pointer) = response.interact_pointer_pos()
        && response.dragged()
    {
        let at_ms = scale.ms_at(pointer.x).clamp(0, length_ms);
        wishes.push(Command::Seek(at_ms * 1000));
    }
    let font = egui::FontId { size: 10.5, ..TextStyle::Monospace.resolve(ui.style()) };
    let step_ms = scale::ruler_step_ms(scale, 56.0);
    for at_ms in scale::ruler_marks_ms(0..=length_ms, step_ms) {
        let x = scale.x_of(at_ms);
        ui.painter()
            .line_segment([pos2(x, rect.bottom() - 5.0), pos2(x, rect.bottom())], Stroke::new(1.0, palette.span));
        let words = scale::ruler_text(at_ms, step_ms);
        let anchor = if at_ms == 0 { Align2::LEFT_CENTER } else { Align2::CENTER_CENTER };
        if x + 14.0 < rect.right() {
            ui.painter().text(pos2(x, rect.top() + 7.0), anchor, words, font.clone(), palette.text_dim);
        }
    }
}

fn playhead_ui(ui: &Ui, view: &View<'_>, scale: &Scale, rect: Rect) {
    if !view.shell.player.has_picture() {
        return;
    }
    let palette = Palette::of(ui);
    let x = scale.x_of(view.shell.player.playhead_ms());
    let top = rect.top() + RULER_PX - 8.0;
    ui.painter().line_segment([pos2(x, top), pos2(x, rect.bottom())], Stroke::new(1.5, palette.accent));
    let head = vec![
        pos2(x - 5.0, top - 4.0),
        pos2(x + 5.0, top - 4.0),
        pos2(x + 5.0, top + 1.0),
        pos2(x, top + 7.0),
        pos2(x - 5.0, top + 1.0),
    ];
    ui.painter().add(egui::Shape::convex_polygon(head, palette.accent, Stroke::NONE));
}

/// The name of a lane, left of it.
fn lane_name_ui(ui: &Ui, lane: Rect, left: f32, name: &str, strong: bool) {
    let palette = Palette::of(ui);
    let colour = if strong { palette.text } else { palette.text_dim };
    let font = if strong { TextStyle::Button } else { TextStyle::Body };
    let font = egui::FontId { size: 12.0, ..font.resolve(ui.style()) };
    ui.painter().text(pos2(left, lane.center().y), Align2::LEFT_CENTER, name, font, colour);
}

/// Words in the middle of an empty lane.
fn lane_words_ui(ui: &mut Ui, lane: Rect, words: &str) {
    let palette = Palette::of(ui);
    ui.put(lane.shrink2(vec2(space::ITEM, 0.0)), egui::Label::new(text::caption(palette, words)).truncate());
}

/// Whether the placement may be changed just now.
fn may_edit(view: &View<'_>) -> bool {
    matches!(view.flow.stage, Stage::Choosing(_))
}
