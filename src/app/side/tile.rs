//! A face: its picture, its name, when it is in view, its id. A real widget with role, name and value.

use egui::{
    Align2, Color32, CornerRadius, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

use crate::app::theme::{Icon, Palette, radius, space, type_size};
use crate::app::view::View;
use crate::app::words;
use crate::workflow::{Faces, Preview};

/// Height of the three lines under the picture, in points.
const LINES_PX: f32 = 54.0;

/// Draws the tile of face number `index`, `side_px` wide.
pub fn tile_ui(
    ui: &mut Ui,
    view: &View<'_>,
    faces: &Faces,
    index: usize,
    side_px: f32,
    chosen: bool,
    may_choose: bool,
) -> Response {
    let palette = Palette::of(ui);
    let face = &faces.session.faces[index];
    let preview = faces.previews.get(index).unwrap_or(&Preview::None);
    let name = || format!("Face {}", index + 1);
    let interval = || face.interval.map_or_else(|| "whole clip".to_owned(), words::interval_short);

    let sense = if may_choose { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(side_px, side_px + LINES_PX), sense);
    response.widget_info(|| {
        let label = match preview {
            Preview::Failed(problem) => format!("{}, {}, its preview failed: {}", name(), interval(), problem.message),
            _ => format!("{}, {}", name(), interval()),
        };
        WidgetInfo::selected(Role::RadioButton, may_choose, chosen, label)
    });
    // Out of view it is still there for those who cannot see it, and costs no more than that.
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let (name, interval) = (name(), interval());

    let card = CornerRadius::same(radius::POPUP);
    let fill = if chosen {
        palette.accent_wash
    } else if response.hovered() && may_choose {
        palette.raised_hover
    } else {
        palette.raised
    };
    ui.painter().rect_filled(rect, card, fill);
    let picture = Rect::from_min_size(rect.min, Vec2::splat(side_px)).shrink(4.0);
    picture_ui(ui, view, preview, &face.face_id, picture);
    if chosen || response.has_focus() {
        let width = if chosen { 2.0 } else { 1.5 };
        ui.painter().rect_stroke(rect, card, Stroke::new(width, palette.accent), StrokeKind::Inside);
    }
    if chosen {
        let centre = picture.right_top() + vec2(-12.0, 12.0);
        ui.painter().circle_filled(centre, 9.0, palette.accent);
        let mark = Rect::from_center_size(centre, Vec2::splat(12.0));
        Icon::Check.image_of(12.0).tint(palette.on_accent).paint_at(ui, mark);
    }

    let style = ui.style().clone();
    let font = |text_style: &TextStyle| text_style.resolve(&style);
    let left = rect.left() + space::ITEM;
    let mut top = picture.bottom() + 5.0;
    let text_width = rect.width() - 2.0 * space::ITEM;
    line(ui, pos2(left, top), text_width - 16.0, &name, font(&TextStyle::Button), palette.text);
    if index < 9 && may_choose {
        ui.painter().text(
            pos2(rect.right() - space::ITEM, top + 8.0),
            Align2::RIGHT_CENTER,
            (index + 1).to_string(),
            FontId { size: type_size::CAPTION, ..font(&TextStyle::Monospace) },
            palette.text_dim,
        );
    }
    top += type_size::BODY_LINE;
    let small_mono = FontId { size: type_size::CAPTION, ..font(&TextStyle::Monospace) };
    line(ui, pos2(left, top), text_width, &interval, small_mono.clone(), palette.text_dim);
    top += type_size::CAPTION_LINE;
    line(ui, pos2(left, top), text_width, &format!("id {}", face.face_id), small_mono, palette.text_faint);

    let response = response.on_hover_ui(|ui| {
        ui.label(format!("{name} · {}", face.face_id));
        match face.interval {
            Some(interval) => ui.label(words::interval_long(interval)),
            None => ui.label("The service gave no interval: the whole clip is assumed"),
        };
        if let Preview::Failed(problem) = preview {
            ui.label(format!("Its preview cannot be shown: {}", problem.message));
            ui.label("Right-click to fetch it again");
        }
    });
    if may_choose { response.on_hover_cursor(egui::CursorIcon::PointingHand) } else { response }
}

/// One line of text, cut with an ellipsis where it is too long.
fn line(ui: &Ui, at: egui::Pos2, width_px: f32, text: &str, font: FontId, colour: Color32) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width_px);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    ui.painter().galley(at, galley, colour);
}

fn picture_ui(ui: &mut Ui, view: &View<'_>, preview: &Preview, face_id: &str, rect: Rect) {
    let palette = Palette::of(ui);
    let corners = CornerRadius::same(radius::NORMAL);
    let words_in = |ui: &mut Ui, icon: Icon, colour: Color32, words: &str| {
        ui.painter().rect_filled(rect, corners, palette.field);
        let mark = Rect::from_center_size(rect.center() - vec2(0.0, 18.0), Vec2::splat(20.0));
        icon.image_of(20.0).tint(colour).paint_at(ui, mark);
        let mut job = egui::text::LayoutJob::simple(
            words.to_owned(),
            TextStyle::Small.resolve(ui.style()),
            palette.text_dim,
            rect.width() - 12.0,
        );
        job.wrap.max_rows = 3;
        job.halign = egui::Align::Center;
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
        ui.painter().galley(rect.center() + vec2(0.0, -2.0), galley, palette.text_dim);
    };
    match preview {
        Preview::Ready(image) => {
            if let Some(texture) = view.shell.textures.preview(face_id) {
                let (width, height) = (image.width_px.max(1) as f32, image.height_px.max(1) as f32);
                // Fills the square: the longer side is cut evenly.
                let uv = if width > height {
                    let cut = (1.0 - height / width) / 2.0;
                    Rect::from_min_max(pos2(cut, 0.0), pos2(1.0 - cut, 1.0))
                } else {
                    let cut = (1.0 - width / height) / 2.0;
                    Rect::from_min_max(pos2(0.0, cut), pos2(1.0, 1.0 - cut))
                };
                egui::Image::from_texture((texture.id(), rect.size()))
                    .uv(uv)
                    .fit_to_exact_size(rect.size())
                    .maintain_aspect_ratio(false)
                    .corner_radius(corners)
                    .paint_at(ui, rect);
            } else {
                ui.painter().rect_filled(rect, corners, palette.field);
            }
        }
        Preview::Loading(_) => {
            ui.painter().rect_filled(rect, corners, palette.field);
        }
        Preview::None => words_in(ui, Icon::User, palette.icon, "No preview"),
        Preview::Failed(problem) => words_in(ui, Icon::ImageOff, palette.warn, &words::sentence(&problem.message)),
    }
}
