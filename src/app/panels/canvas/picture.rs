//! The picture at the playhead.

use egui::{Align2, CornerRadius, Rect, Role, Sense, TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::{badge, zoom};
use crate::app::action::Action;
use crate::app::action::command::Commands;
use crate::app::state::copies::Fetching;
use crate::app::state::entry::SourceSlot;
use crate::app::state::picture_view::Canvas;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius, space};
use crate::model::ClipSource;
use crate::model::interval::clock_text;
use crate::playback::player::{Shown, Source};

/// Gap between two pictures.
const GAP_PX: f32 = space::ITEM;

/// Draws the picture in the available area, whole and undistorted; or clip and result beside each other. Returns its rectangle if it
/// the only one.
pub fn picture_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) -> Option<Rect> {
    if view.shell.player.is_beside() && view.shell.player.failure().is_none() {
        pair_ui(ui, view, commands);
        None
    } else {
        single_ui(ui, view, commands)
    }
}

/// The same moment of the result and of what it is compared with. The one that is shown is heard; a click hears the other.
fn pair_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) {
    let palette = Palette::of(ui);
    let room = ui.max_rect();
    let player = &view.shell.player;
    let sides = player.sides();
    let picture = |source| view.shell.screen.picture(source).filter(|_| player.has_texture(source));
    // Wide pictures are stacked where that makes them larger.
    let proportions = sides.into_iter().find_map(picture).map_or(vec2(16.0, 9.0), |(_, size)| size);
    let across = split(room, true).map(|half| fit(half, proportions));
    let down = split(room, false).map(|half| fit(half, proportions));
    let places = if across[0].area() >= down[0].area() { across } else { down };
    let corners = CornerRadius::same(radius::POPUP);
    for (place, source) in places.into_iter().zip(sides) {
        let name = side_name(view, source);
        let is_late = player.is_late(source);
        let is_heard = player.shown_file() == source;
        ui.painter().rect_filled(place, corners, palette.letterbox);
        let response = ui.interact(place, ui.scope_id().with(("side", source)), Sense::click_and_drag());
        if let Some((texture, size)) = picture(source) {
            // Both are enlarged alike: the same part of both is seen.
            let canvas = canvas_of(ui, view, place, size);
            let rect = canvas.place(view.shell.picture_view.zoom);
            zoom::gestures_ui(ui, commands, &canvas, rect, &response);
            image_ui(ui, texture, &canvas, rect);
            if is_late {
                // A frame of another time than the one beside it: its own frame is being decoded.
                ui.painter().rect_filled(rect.intersect(place), corners, palette.scrim);
            }
        } else if let Some(why) = player.failure_of(source) {
            letterbox_words_ui(ui, place, &format!("The picture cannot be shown: {why}"));
        }
        if response.has_focus() {
            let ring = egui::Stroke::new(1.5, palette.accent);
            ui.painter().rect_stroke(place, corners, ring, egui::StrokeKind::Inside);
        }
        let title = if name == "Draft" { badge::DRAFT.to_owned() } else { side_title(view, source, &name) };
        plate_ui(ui, place, &title, Some(is_heard));
        let subject = if name.starts_with("Take") { name } else { format!("the {}", name.to_lowercase()) };
        let heard = if is_heard { ", heard" } else { "" };
        let at = clock_text(player.playhead_ms());
        let words = match player.failure_of(source) {
            Some(why) => format!("No picture of {subject}: {why}"),
            None if is_late => format!("Picture of {subject}, seeking to {at}{heard}"),
            None => format!("Picture of {subject} at {at}{heard}"),
        };
        response.widget_info(|| WidgetInfo::selected(Role::Image, true, is_heard, words.clone()));
        if response.clicked() && !is_heard {
            commands.act(Action::HearOther);
        }
        if !is_heard {
            response.on_hover_text("Click to hear this one, from the same moment (X)");
        }
    }
}

/// The name of a side: `Clip`, `Draft`, `Original`, `Result` or `Take 2`.
fn side_name(view: &View<'_>, source: Source) -> String {
    let player = &view.shell.player;
    let takes = &view.shell.takes;
    match source {
        Source::Clip if player.clip_is_draft() => "Draft".to_owned(),
        Source::Clip => "Clip".to_owned(),
        Source::Other => takes.other_name().to_owned(),
        Source::Result => match takes.shown_name() {
            Some(name) => name.to_owned(),
            None if player.result_is_last() => badge::LAST_RESULT.to_owned(),
            None => "Result".to_owned(),
        },
    }
}

/// The same with the voice of a take.
fn side_title(view: &View<'_>, source: Source, name: &str) -> String {
    let takes = &view.shell.takes;
    let row = match source {
        Source::Clip => None,
        Source::Result => takes.shown_name().and_then(|_| takes.shown_row()),
        Source::Other => takes.partner_row(),
    };
    row.map_or_else(|| name.to_owned(), crate::app::state::takes::TakeRow::title)
}

/// Draws words in the middle of an empty picture.
fn letterbox_words_ui(ui: &Ui, rect: Rect, words: &str) {
    let palette = Palette::of(ui);
    let mut job = egui::text::LayoutJob::simple(
        words.to_owned(),
        TextStyle::Body.resolve(ui.style()),
        palette.on_letterbox,
        (rect.width() - 48.0).max(80.0),
    );
    job.halign = egui::Align::Center;
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let at = Align2::CENTER_CENTER.anchor_size(rect.center(), vec2(0.0, galley.size().y));
    ui.painter().galley(at.min, galley, palette.on_letterbox);
}

/// Draws a text in the upper left corner of a picture; of two, also whether it is the one that is heard.
fn plate_ui(ui: &Ui, place: Rect, words: &str, is_heard: Option<bool>) {
    const ICON_PX: f32 = 14.0;
    let palette = Palette::of(ui);
    let font = TextStyle::Small.resolve(ui.style());
    let icon_px = is_heard.map_or(0.0, |_| ICON_PX + 5.0);
    let mut job = egui::text::LayoutJob::simple_singleline(words.to_owned(), font, palette.text);
    job.wrap = egui::text::TextWrapping::truncate_at_width((place.width() - 28.0 - icon_px).max(24.0));
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let extent = galley.size() + vec2(12.0 + icon_px, 6.0);
    let plate = Rect::from_min_size(place.min + vec2(8.0, 8.0), extent);
    ui.painter().rect_filled(plate, CornerRadius::same(radius::SMALL), palette.popup);
    if let Some(is_heard) = is_heard {
        let (icon, ink) =
            if is_heard { (Icon::Volume, palette.accent_text) } else { (Icon::VolumeOff, palette.text_dim) };
        let centre = pos2(plate.left() + 6.0 + ICON_PX / 2.0, plate.center().y);
        icon.image_of(ICON_PX).tint(ink).paint_at(ui, Rect::from_center_size(centre, Vec2::splat(ICON_PX)));
    }
    ui.painter().galley(plate.min + vec2(6.0 + icon_px, 3.0), galley, palette.text);
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

fn single_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands) -> Option<Rect> {
    let palette = Palette::of(ui);
    let room = ui.max_rect();
    // Dragging moves an enlarged picture; the keyboard has keys for it, and the focus passes it by.
    let response = ui.allocate_rect(room, Sense::HOVER | Sense::DRAG);
    let player = &view.shell.player;
    let what = match player.shown() {
        Shown::Clip => "clip",
        Shown::Draft => "draft",
        Shown::Result if player.result_is_last() => "last result",
        Shown::Result => "result",
        Shown::Other => "other take",
    };
    let corners = CornerRadius::same(radius::POPUP);
    if let Some((texture, size)) = player.picture().and_then(|source| view.shell.screen.picture(source)) {
        let canvas = canvas_of(ui, view, room, size);
        let rect = canvas.place(view.shell.picture_view.zoom);
        zoom::gestures_ui(ui, commands, &canvas, rect, &response);
        image_ui(ui, texture, &canvas, rect);
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
            plate_ui(ui, rect.intersect(room), &format!("Opening the {what}"), None);
        }
        // A problem of the frame at the playhead does not concern the frame that is still shown.
        return (!is_before).then_some(rect);
    }
    let rect = fit(room, vec2(16.0, 9.0));
    ui.painter().rect_filled(rect, corners, palette.letterbox);
    let no_copy = view.flow.desk.local_clip().is_none();
    let is_fetched = matches!(view.shell.copies.slot(SourceSlot::Clip).fetching, Fetching::Running(..));
    let words = match (player.failure(), &view.flow.desk.clip) {
        (Some(why), _) => format!("The picture cannot be shown: {why}"),
        (None, Some(ClipSource::Url(_))) if no_copy && is_fetched => "The clip is being fetched".into(),
        (None, Some(ClipSource::Url(_))) if no_copy => {
            "The clip is at an address: fetch it for the preview, or choose your copy of it, on the left".into()
        }
        (None, Some(ClipSource::VideoId(_))) if no_copy => {
            "The clip is stored at the service: choose your copy of it, on the left".into()
        }
        (None, _) if player.waits().is_some() => format!("Opening the {what}"),
        (None, _) => String::new(),
    };
    letterbox_words_ui(ui, rect, &words);
    response.widget_info(|| {
        let words = if words.is_empty() { format!("No picture of the {what} yet") } else { words.clone() };
        WidgetInfo::labeled(Role::Image, true, words)
    });
    None
}

/// What is known of a picture of this size where there is this room for it.
fn canvas_of(ui: &Ui, view: &View<'_>, room: Rect, size: Vec2) -> Canvas {
    let (width_px, pixels_per_point) = (size.x, ui.pixels_per_point());
    Canvas { room, fitted: fit(room, size), width_px, pixels_per_point, face: zoom::face(view, size) }
}

/// Draws a picture at `rect`, which may be larger than its room.
fn image_ui(ui: &mut Ui, texture: egui::TextureId, canvas: &Canvas, rect: Rect) {
    let palette = Palette::of(ui);
    ui.scope(|ui| {
        ui.set_clip_rect(canvas.room.intersect(ui.clip_rect()));
        let corners = if rect == canvas.fitted { CornerRadius::same(radius::POPUP) } else { CornerRadius::ZERO };
        ui.painter().rect_filled(rect, corners, palette.letterbox);
        egui::Image::from_texture((texture, rect.size()))
            .fit_to_exact_size(rect.size())
            .maintain_aspect_ratio(false)
            .corner_radius(corners)
            .paint_at(ui, rect);
    });
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
