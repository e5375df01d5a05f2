//! The picture at the playhead.

use egui::{Align2, CornerRadius, Rect, Role, Sense, TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::badge;
use crate::app::state::view::View;
use crate::app::theme::{Palette, radius, space};
use crate::model::ClipSource;
use crate::model::interval::clock_text;
use crate::playback::player::{Shown, Source};

/// Gap between two pictures.
const GAP_PX: f32 = space::ITEM;

/// Draws the picture in the available area, whole and undistorted; or clip and result beside each other. Returns its rectangle if it
/// the only one.
pub fn picture_ui(ui: &mut Ui, view: &View<'_>) -> Option<Rect> {
    if view.shell.player.is_beside() && view.shell.player.failure().is_none() {
        pair_ui(ui, view);
        None
    } else {
        single_ui(ui, view)
    }
}

/// The same moment of clip, or draft, and result.
fn pair_ui(ui: &mut Ui, view: &View<'_>) {
    let palette = Palette::of(ui);
    let room = ui.max_rect();
    let player = &view.shell.player;
    let pair = player.pair().map(|source| source.and_then(|source| view.shell.screen.picture(source)));
    let late = Source::ALL.map(|source| player.is_late(source));
    // Wide pictures are stacked where that makes them larger.
    let proportions = pair.iter().flatten().next().map_or(vec2(16.0, 9.0), |(_, size)| *size);
    let across = split(room, true).map(|half| fit(half, proportions));
    let down = split(room, false).map(|half| fit(half, proportions));
    let places = if across[0].area() >= down[0].area() { across } else { down };
    let clip = if player.clip_is_draft() { "Draft" } else { "Clip" };
    let corners = CornerRadius::same(radius::POPUP);
    let result = if player.result_is_last() { badge::LAST_RESULT } else { "Result" };
    for (((place, picture), name), is_late) in places.into_iter().zip(pair).zip([clip, result]).zip(late) {
        ui.painter().rect_filled(place, corners, palette.letterbox);
        if let Some((texture, size)) = picture {
            let rect = fit(place, size);
            egui::Image::from_texture((texture, rect.size()))
                .fit_to_exact_size(rect.size())
                .maintain_aspect_ratio(false)
                .corner_radius(corners)
                .paint_at(ui, rect);
            if is_late {
                // A frame of another time than the one beside it: its own frame is being decoded.
                ui.painter().rect_filled(rect, corners, palette.scrim);
            }
        }
        plate_ui(ui, place, if name == "Draft" { badge::DRAFT } else { name });
        let response = ui.allocate_rect(place, Sense::hover());
        let words = if is_late {
            format!("Picture of the {}, seeking to {}", name.to_lowercase(), clock_text(player.playhead_ms()))
        } else {
            format!("Picture of the {} at {}", name.to_lowercase(), clock_text(player.playhead_ms()))
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words.clone()));
    }
}

/// Draws a text in the upper left corner of a picture.
fn plate_ui(ui: &Ui, place: Rect, words: &str) {
    let palette = Palette::of(ui);
    let font = TextStyle::Small.resolve(ui.style());
    let galley = ui.fonts_mut(|fonts| fonts.layout_no_wrap(words.to_owned(), font, palette.text));
    let plate = Rect::from_min_size(place.min + vec2(8.0, 8.0), galley.size() + vec2(12.0, 6.0));
    ui.painter().rect_filled(plate, CornerRadius::same(radius::SMALL), palette.popup);
    ui.painter().galley(plate.min + vec2(6.0, 3.0), galley, palette.text);
}

/// Both halves of an area, beside or above each other.
fn split(room: Rect, across: bool) -> [Rect; 2] {
    let gap = GAP_PX / 2.0;
    if across {
        let middle = room.center().x;
        [
            Rect::from_min_max(room.min, pos2(middle - gap, room.bottom())),
            Rect::from_min_max(pos2(middle + gap, room.top()), room.max),
        ]
    } else {
        let middle = room.center().y;
        [
            Rect::from_min_max(room.min, pos2(room.right(), middle - gap)),
            Rect::from_min_max(pos2(room.left(), middle + gap), room.max),
        ]
    }
}

fn single_ui(ui: &mut Ui, view: &View<'_>) -> Option<Rect> {
    let palette = Palette::of(ui);
    let room = ui.max_rect();
    let response = ui.allocate_rect(room, Sense::hover());
    let player = &view.shell.player;
    let what = match player.shown() {
        Shown::Clip => "clip",
        Shown::Draft => "draft",
        Shown::Result if player.result_is_last() => "last result",
        Shown::Result => "result",
    };
    let corners = CornerRadius::same(radius::POPUP);
    if let Some((texture, size)) = player.picture().and_then(|source| view.shell.screen.picture(source)) {
        let rect = fit(room, size);
        ui.painter().rect_filled(rect, corners, palette.letterbox);
        egui::Image::from_texture((texture, rect.size()))
            .fit_to_exact_size(rect.size())
            .maintain_aspect_ratio(false)
            .corner_radius(corners)
            .paint_at(ui, rect);
        let is_before = player.shows_predecessor();
        response.widget_info(|| {
            let words = if is_before {
                format!("The previous picture; the {what} is being opened")
            } else {
                format!("Picture of the {what} at {}", clock_text(player.playhead_ms()))
            };
            WidgetInfo::labeled(Role::Image, true, words)
        });
        if is_before && player.waits().is_some() {
            plate_ui(ui, rect, &format!("Opening the {what}"));
        }
        // A problem of the frame at the playhead does not concern the frame that is still shown.
        return (!is_before).then_some(rect);
    }
    let rect = fit(room, vec2(16.0, 9.0));
    ui.painter().rect_filled(rect, corners, palette.letterbox);
    let words = match (player.failure(), &view.flow.desk.clip) {
        (Some(why), _) => format!("The picture cannot be shown: {why}"),
        (None, Some(ClipSource::Url(_))) => {
            "The clip is at an address: the service reads it, and it is not downloaded here".into()
        }
        (None, Some(ClipSource::VideoId(_))) => "The clip is stored at the service, and is not downloaded here".into(),
        (None, _) if player.waits().is_some() => format!("Opening the {what}"),
        (None, _) => String::new(),
    };
    let mut job = egui::text::LayoutJob::simple(
        words.clone(),
        TextStyle::Body.resolve(ui.style()),
        palette.on_letterbox,
        (rect.width() - 48.0).max(80.0),
    );
    job.halign = egui::Align::Center;
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), vec2(0.0, galley.size().y));
    ui.painter().galley(at.min, galley, palette.on_letterbox);
    response.widget_info(|| {
        let words = if words.is_empty() { format!("No picture of the {what} yet") } else { words.clone() };
        WidgetInfo::labeled(Role::Image, true, words)
    });
    None
}

/// The largest rectangle of this aspect ratio in the middle of an area.
fn fit(room: Rect, proportions: Vec2) -> Rect {
    let scale = (room.width() / proportions.x.max(1.0)).min(room.height() / proportions.y.max(1.0)).max(0.0);
    let size = (proportions * scale).floor();
    let min = room.center() - size / 2.0;
    Rect::from_min_size(pos2(min.x.round(), min.y.round()), size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_proportions_and_stays_within_the_room() {
        let room = Rect::from_min_size(pos2(10.0, 20.0), vec2(900.0, 400.0));
        for proportions in [vec2(1280.0, 720.0), vec2(720.0, 1280.0), vec2(1.0, 1.0)] {
            let rect = fit(room, proportions);
            assert!(room.expand(0.5).contains_rect(rect), "{rect:?}");
            assert!((rect.width() / rect.height() - proportions.x / proportions.y).abs() < 0.02);
        }
    }
}
