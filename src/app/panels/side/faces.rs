//! The tiles of the faces. With several faces none is chosen automatically.

use std::ops::Range;

use egui::{Color32, FontId, TextStyle, Ui};

use super::tile::{Tile, tile_ui};
use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::view::View;
use crate::app::theme::{Palette, size, space, text, type_size};
use crate::app::widgets::button::{Look, action_ui};
use crate::app::widgets::notice::{Tone, notice_ui, problem_lines};
use crate::app::widgets::section::section_ui;
use crate::app::words;
use crate::engine::local_days;
use crate::model::Interval;
use crate::model::face::SESSION_LIFE_MS;
use crate::secrets::shown;
use crate::workflow::{ClipNow, Faces, Stage};

/// Draws the section.
pub fn faces_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let faces = view.flow.faces();
    let mut right_commands = Commands::default();
    section_ui(
        ui,
        "Faces",
        |ui| {
            if view.choosing().is_some() {
                action_ui(ui, view, &mut right_commands, Action::FindFacesAgain, Look::Inline);
            }
        },
        |ui| match faces {
            None => {
                let words = if matches!(view.flow.stage, Stage::Identifying(_)) {
                    "The service is looking for faces"
                } else {
                    "They appear here once they are found"
                };
                ui.label(text::caption(palette, words));
            }
            Some(faces) if faces.session.faces.is_empty() => {
                ui.label(text::caption(
                    palette,
                    "No usable face in this clip: choose one with a face that is large and turned to the camera",
                ));
            }
            Some(faces) => {
                recalled_ui(ui, faces);
                clip_now_ui(ui, faces);
                proposal_ui(ui, view, commands, faces);
                tiles_ui(ui, view, commands, faces);
            }
        },
    );
    for command in right_commands.into_commands() {
        commands.push(command);
    }
}

fn tiles_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, faces: &Faces) {
    let may_choose = view.choosing().is_some();
    let width = ui.available_width();
    let (columns, side) = tile_layout(width, faces.session.faces.len(), interval_px(ui, faces));
    ui.spacing_mut().item_spacing = egui::Vec2::splat(space::ITEM);
    let mut in_view: Option<Range<usize>> = None;
    for (row, row_faces) in faces.session.faces.chunks(columns).enumerate() {
        ui.horizontal_top(|ui| {
            for (column, face) in row_faces.iter().enumerate() {
                let index = row * columns + column;
                let chosen = faces.chosen.as_deref() == Some(face.face_id.as_str());
                let tile = Tile { faces, index, side_px: side, chosen, may_choose };
                let response = tile_ui(ui, view, commands, tile);
                if ui.is_rect_visible(response.rect) {
                    in_view = Some(in_view.as_ref().map_or(index, |range| range.start)..index + 1);
                }
                if response.clicked() {
                    commands.push(Command::ChooseFace(face.face_id.clone()));
                }
            }
        });
    }
    let in_view = in_view.unwrap_or_default();
    if in_view != *view.shell.textures.in_view() {
        commands.push(Command::ShowPreviews(in_view));
    }
    let palette = Palette::of(ui);
    // Always one line, so that nothing below moves when a face is chosen.
    let chosen = faces.chosen.as_deref().and_then(|id| faces.session.faces.iter().position(|face| face.face_id == id));
    let (words, colour) = match chosen {
        Some(index) => (format!("Face {} speaks", index + 1), palette.text_dim),
        None if faces.session.faces.len() > 1 => {
            ("Click who shall speak, or press a number".to_owned(), palette.accent_text)
        }
        None => ("Click the face".to_owned(), palette.accent_text),
    };
    ui.add(egui::Label::new(text::caption(palette, words).color(colour)).truncate());
}

/// Where the faces are from that nothing was paid for this time.
fn recalled_ui(ui: &mut Ui, faces: &Faces) {
    if !faces.recalled {
        return;
    }
    let begun_ms = faces.session.begun_at_ms;
    let (from, until) = (local_days::minute(begun_ms), local_days::minute(begun_ms.saturating_add(SESSION_LIFE_MS)));
    let words = format!(
        "Faces of the session of {from}, of the clip as it was then, valid until {until}. Nothing was paid for them; Find faces again begins a new one"
    );
    ui.label(text::caption(Palette::of(ui), words));
}

/// That nobody knows whether they are of the clip that is there now: said before a task is paid for.
fn clip_now_ui(ui: &mut Ui, faces: &Faces) {
    if let ClipNow::Unknown(why) = &faces.clip_now {
        notice_ui(ui, Tone::Warn, &shown(&why.message), &problem_lines(why), |_| {});
    }
}

fn proposal_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, faces: &Faces) {
    let palette = Palette::of(ui);
    let Some(index) =
        faces.proposed.as_ref().and_then(|id| faces.session.faces.iter().position(|face| face.face_id == *id))
    else {
        return;
    };
    ui.label(text::caption(palette, format!("Face {} is in view at the same time as the one before", index + 1)));
    action_ui(ui, view, commands, Action::ConfirmProposed, Look::Soft);
}

/// Width of the longest interval on a tile, in points. All digits of its font are equally wide.
fn interval_px(ui: &Ui, faces: &Faces) -> f32 {
    let end_ms = faces.session.faces.iter().filter_map(|face| face.interval).map(|interval| interval.end_ms).max();
    let Some(end_ms) = end_ms else { return 0.0 };
    let words = words::interval_short(Interval::new(end_ms, end_ms));
    let font = FontId { size: type_size::CAPTION, ..TextStyle::Monospace.resolve(ui.style()) };
    ui.fonts_mut(|fonts| fonts.layout_no_wrap(words, font, Color32::PLACEHOLDER)).size().x + 2.0 * space::ITEM
}

/// Number of tiles in a row of this width, and their side: at most `count`, and none narrower than its text, as far as the maximum
/// size of a tile allows that.
fn tile_layout(width_px: f32, count: usize, text_px: f32) -> (usize, f32) {
    let least = text_px.ceil().clamp(size::TILE_MIN, size::TILE_MAX);
    let fitting = ((width_px + space::ITEM) / (least + space::ITEM)).floor().max(1.0);
    let columns = fitting.min(count.max(1) as f32);
    let side = ((width_px - (columns - 1.0) * space::ITEM) / columns).clamp(least.min(width_px), size::TILE_MAX);
    (columns as usize, side.floor())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn tiles_fill_the_row_and_keep_their_size(width in 96.0..600.0_f32, count in 1..300_usize, text in 0.0..200.0_f32) {
            let (columns, side) = tile_layout(width, count, text);
            prop_assert!((size::TILE_MIN - 1.0..=size::TILE_MAX).contains(&side), "{side}");
            prop_assert!(columns as f32 * side + (columns as f32 - 1.0) * space::ITEM <= width + 0.01);
            prop_assert!(columns <= count);
            if width >= size::TILE_MAX {
                prop_assert!(side + 1.0 >= text.min(size::TILE_MAX), "{side} holds the text");
            }
        }
    }

    #[test]
    fn two_faces_have_two_tiles_of_full_size_where_there_is_room() {
        assert_eq!(tile_layout(339.0, 2, 104.0), (2, size::TILE_MAX));
        assert_eq!(tile_layout(339.0, 9, 104.0).0, 3);
    }
}
