//! The timeline: ruler, filmstrip, a lane for each face, the voice with its waveform.

mod divider;
mod gestures;
mod grip;
mod lanes;
mod listen;
mod mouth;
mod overview;
mod part;
mod ruler;
mod say;
pub mod scale;
mod strip;
mod voice;
mod wave;

use egui::{Align, Align2, Layout, Rect, TextStyle, Ui, UiBuilder, pos2, vec2};

use self::scale::Scale;
use crate::app::action::Action;
use crate::app::action::command::Commands;
use crate::app::state::listening::Lane;
use crate::app::state::timeline::rows;
use crate::app::state::timeline::rows::{GAP_PX, OVERVIEW_PX, RULER_PX, Rows, WORDS_PX};
use crate::app::state::view::View;
use crate::app::theme::{Palette, size, space, text};
use crate::app::widgets::button::{Face, Look, action_as_ui, action_icon_ui};
use crate::workflow::Stage;

/// Width of the column of lane names, in points.
const NAMES_PX: f32 = 64.0;
/// Width of the three zoom buttons, in points.
const ZOOM_PX: f32 = 3.0 * size::BUTTON_INLINE + 2.0 * 2.0;
/// Frame duration where the clip's rate is unknown, in microseconds.
const FRAME_US: i64 = 40_000;

/// The area in which time is drawn, and its scale.
#[derive(Clone, Copy, Debug)]
struct Field {
    /// The part of the window in which time is drawn, right of the lane names.
    rect: Rect,
    scale: Scale,
    /// Length of the whole timeline, in milliseconds.
    length_ms: i64,
}

/// Draws the timeline.
pub fn timeline_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let whole = ui.max_rect();
    divider::divider_ui(ui, view, commands, whole);
    let Rows { film, faces, voice } = rows::rows(whole.height());
    let row = |top: f32, height: f32| Rect::from_min_size(pos2(whole.left(), top), vec2(whole.width(), height));
    let ruler = row(whole.top(), RULER_PX);
    let film = row(ruler.bottom(), film);
    let faces = row(film.bottom() + GAP_PX, faces);
    let voice = row(faces.bottom() + GAP_PX, voice);
    let overview = row(voice.bottom(), OVERVIEW_PX);
    let words = row(overview.bottom(), WORDS_PX);

    let time = |row: Rect| Rect::from_min_max(pos2(row.left() + NAMES_PX, row.top()), row.max);
    let length_ms = view.timeline_ms();
    let rect = Rect::from_min_max(time(ruler).min, time(voice).max);
    let stretch = view.shell.timeline.stretch(length_ms);
    let field = Field { rect, scale: Scale::of(stretch, rect.left(), rect.width()), length_ms };

    gestures::gestures_ui(ui, view, commands, &field);
    let corner = Rect::from_min_max(ruler.min, pos2(rect.left(), ruler.bottom()));
    row_ui(ui, corner, |ui| history_ui(ui, view, commands));
    ruler::ruler_ui(ui, view, commands, time(ruler), time(film), &field);
    strip::strip_ui(ui, view, commands, film, &field);
    part::part_ui(ui, view, commands, time(film), &field);
    ui.scope_builder(UiBuilder::new().max_rect(faces), |ui| lanes::lanes_ui(ui, view, commands, &field));
    listen::listen_ui(ui, view, commands, time(film), Lane::Clip);
    ui.scope_builder(UiBuilder::new().max_rect(voice), |ui| voice::voice_ui(ui, view, commands, &field));
    listen::listen_ui(ui, view, commands, time(voice), Lane::Voice);
    overview::overview_ui(ui, view, commands, time(overview), &field);
    let (left, right) = time(words).split_left_right_at_x(words.right() - ZOOM_PX - space::ITEM);
    row_ui(ui, left, |ui| say::words_ui(ui, view, commands));
    row_ui(ui, right.with_min_x(right.left() + space::ITEM), |ui| zoom_ui(ui, view, commands));
    ruler::playhead_ui(ui, view, &field);
}

fn row_ui(ui: &mut Ui, rect: Rect, draw: impl FnOnce(&mut Ui)) {
    ui.scope_builder(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)), draw);
}

/// Undo and redo, labelled with the edit.
fn history_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    ui.spacing_mut().item_spacing.x = 2.0;
    for action in [Action::Undo, Action::Redo] {
        let title = action.title(view);
        let face = Face { label: &title, icon: Some(action.info().icon), icon_only: true, min_width: 0.0 };
        action_as_ui(ui, view, commands, action, Look::Inline, &face);
    }
}

fn zoom_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    ui.spacing_mut().item_spacing.x = 2.0;
    for action in [Action::ZoomOut, Action::ZoomIn, Action::ZoomToAll] {
        action_icon_ui(ui, view, commands, action, Look::Inline);
    }
}

/// Duration of a frame of the clip, in microseconds.
fn frame_us(view: &View<'_>) -> i64 {
    let fps = view.flow.desk.clip_probe.known().map_or(0.0, |clip| clip.fps);
    if fps > 0.0 { ((1e6 / fps).round() as i64).max(1) } else { FRAME_US }
}

/// Draws the name of a lane, to its left.
fn lane_name_ui(ui: &Ui, lane: Rect, left: f32, name: &str, strong: bool) {
    let palette = Palette::of(ui);
    let colour = if strong { palette.text } else { palette.text_dim };
    let font = if strong { TextStyle::Button } else { TextStyle::Body };
    let font = egui::FontId { size: 12.0, ..font.resolve(ui.style()) };
    ui.painter().text(pos2(left, lane.center().y), Align2::LEFT_CENTER, name, font, colour);
}

/// Draws a text in the middle of an empty lane.
fn lane_words_ui(ui: &mut Ui, lane: Rect, words: &str) {
    let palette = Palette::of(ui);
    ui.put(lane.shrink2(vec2(space::ITEM, 0.0)), egui::Label::new(text::caption(palette, words)).truncate());
}

/// Whether the placement can be changed now.
fn may_edit(view: &View<'_>) -> bool {
    matches!(view.flow.stage, Stage::Choosing(_))
}
