//! Files dropped on the window: what will happen with each, shown while they are still being dragged.

use std::path::{Path, PathBuf};

use egui::{Align2, Area, CornerRadius, Frame, Id, Margin, Order, Stroke, StrokeKind, Ui, vec2};

use crate::app::state::entry::{SourceSlot, slot_of};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius, space, text};

/// What will happen with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DropOutcome {
    /// It is used as the clip or the voice.
    Taken(SourceSlot),
    /// It is refused: the reason.
    Refused(String),
}

/// What will happen with each of these files. One clip and one voice are used, the first of each.
#[must_use]
pub fn drop_outcomes<'a>(view: &View<'_>, paths: impl IntoIterator<Item = &'a Path>) -> Vec<(PathBuf, DropOutcome)> {
    let mut seen = Vec::new();
    let outcome = |path: &Path, seen: &mut Vec<SourceSlot>| {
        if view.shell.dragged_folders.iter().any(|folder| folder == path) {
            return DropOutcome::Refused("is a folder".into());
        }
        let Some(slot) = slot_of(path) else {
            return DropOutcome::Refused(
                "is neither a clip (MP4, MOV) nor a voice (MP3, WAV, M4A, AAC, FLAC, Ogg, Opus)".into(),
            );
        };
        if let Some(why) = view.flow.busy_with() {
            return DropOutcome::Refused(format!("cannot be used now. {why}"));
        }
        if seen.contains(&slot) {
            let what = if slot == SourceSlot::Clip { "clip" } else { "voice" };
            return DropOutcome::Refused(format!("is a second {what}: only the first is used"));
        }
        seen.push(slot);
        DropOutcome::Taken(slot)
    };
    paths.into_iter().map(|path| (path.to_owned(), outcome(path, &mut seen))).collect()
}

/// That as a text.
#[must_use]
pub fn words(path: &Path, outcome: &DropOutcome) -> String {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    match outcome {
        DropOutcome::Taken(SourceSlot::Clip) => format!("{name} becomes the clip"),
        DropOutcome::Taken(SourceSlot::Voice) => format!("{name} becomes the voice"),
        DropOutcome::Refused(why) => format!("{name} {why}"),
    }
}

/// Shows what will happen with the files that are dragged over the window.
pub fn drop_ui(ui: &Ui, view: &View<'_>) {
    let held: Vec<Option<PathBuf>> =
        ui.input(|input| input.raw.hovered_files.iter().map(|file| file.path.clone()).collect());
    if held.is_empty() {
        return;
    }
    let palette = Palette::of(ui);
    let whole = ui.ctx().content_rect();
    let area = Area::new(Id::unique("drop")).order(Order::Tooltip).interactable(false).fade_in(false);
    area.anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0)).show(ui.ctx(), |ui| {
        let target = whole.shrink(space::ITEM);
        let corners = CornerRadius::same(radius::CARD);
        let over = ui.painter().with_clip_rect(whole);
        over.rect_filled(whole, CornerRadius::ZERO, palette.scrim);
        over.rect_stroke(target, corners, Stroke::new(2.0, palette.accent), StrokeKind::Inside);
        Frame::new().fill(palette.popup).corner_radius(corners).inner_margin(Margin::same(20)).show(ui, |ui| {
            ui.set_max_width(460.0);
            ui.spacing_mut().item_spacing.y = space::ITEM;
            let covered = view.shell.is_covered();
            ui.label(text::heading(if covered { "Close the open dialog first" } else { "Drop to open" }));
            let paths: Vec<PathBuf> = held.into_iter().flatten().collect();
            if paths.is_empty() {
                // Some systems report the files only once they are dropped.
                ui.label(text::dim(
                    palette,
                    "A clip (MP4, MOV), a voice (MP3, WAV, M4A, AAC, FLAC, Ogg, Opus), or one of each",
                ));
            }
            for (path, outcome) in drop_outcomes(view, paths.iter().map(PathBuf::as_path)).iter().take(6) {
                ui.horizontal(|ui| {
                    let (icon, ink) = match outcome {
                        DropOutcome::Taken(SourceSlot::Clip) => (Icon::Film, palette.good),
                        DropOutcome::Taken(SourceSlot::Voice) => (Icon::AudioLines, palette.good),
                        DropOutcome::Refused(_) => (Icon::CircleX, palette.bad),
                    };
                    ui.add(icon.image().tint(ink).alt_text(""));
                    ui.add(egui::Label::new(text::body(words(path, outcome))).wrap());
                });
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::shell::Shell;
    use crate::model::Profile;
    use crate::workflow::{Flow, Terms};

    #[test]
    fn one_clip_and_one_voice_are_used_and_the_rest_is_refused_with_a_reason() {
        let profiles = Profile::built_in();
        let (flow, mut shell) = (Flow::new(Terms::of(&profiles[0])), Shell::new(profiles, "sandbox"));
        shell.dragged_folders = vec!["/x/clips.mp4".into()];
        let view = View { flow: &flow, shell: &shell, now_ms: 0 };
        let paths = [
            PathBuf::from("/x/notes.txt"),
            "/x/duo.mp4".into(),
            "/x/v.MP3".into(),
            "/x/b.mov".into(),
            "/x/clips.mp4".into(),
        ];
        let lines: Vec<String> = drop_outcomes(&view, paths.iter().map(PathBuf::as_path))
            .iter()
            .map(|(path, outcome)| words(path, outcome))
            .collect();
        assert_eq!(
            lines[0],
            "notes.txt is neither a clip (MP4, MOV) nor a voice (MP3, WAV, M4A, AAC, FLAC, Ogg, Opus)"
        );
        assert_eq!(lines[1..3], ["duo.mp4 becomes the clip", "v.MP3 becomes the voice"]);
        assert_eq!(lines[3], "b.mov is a second clip: only the first is used");
        assert!(lines[4].ends_with("is a folder"));
    }
}
