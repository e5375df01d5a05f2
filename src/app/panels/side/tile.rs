//! The tile of a face: its picture, its name, when it is in view, its id. A widget with role, name and value.

use egui::{
    Align2, Color32, CornerRadius, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius, size, space, text, type_size};
use crate::app::widgets::button::{Face, Look, action_ui, button_ui};
use crate::app::widgets::waiting::{MARK_AFTER_MS, dots_ui};
use crate::app::words;
use crate::model::placement::LEAST_MS;
use crate::secrets::shown;
use crate::workflow::{Faces, Preview};

/// Height of the three lines under the picture, in points.
const LINES_PX: f32 = 54.0;

/// The tile of a face.
#[derive(Clone, Copy, Debug)]
pub struct Tile<'a> {
    /// All faces.
    pub faces: &'a Faces,
    /// Its index among them.
    pub index: usize,
    /// Its width, in points.
    pub side_px: f32,
    /// Whether it is the chosen face.
    pub chosen: bool,
    /// Whether it can be chosen now.
    pub may_choose: bool,
}

/// Draws a tile.
pub fn tile_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, tile: Tile<'_>) -> Response {
    let Tile { faces, index, side_px, chosen, may_choose } = tile;
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
    // Out of view only its accessibility node is made.
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
    picture_ui(ui, view, commands, preview, &face.face_id, index, picture);
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
    let too_short = face.interval.filter(|interval| interval.len_ms() < LEAST_MS);
    let (interval, colour) = match too_short {
        Some(seen) => (format!("Too short: {}", words::seconds(seen.len_ms())), palette.warn),
        None => (interval, palette.text_dim),
    };
    line(ui, pos2(left, top), text_width, &interval, small_mono.clone(), colour);
    top += type_size::CAPTION_LINE;
    line(ui, pos2(left, top), text_width, &shown(&format!("id {}", face.face_id)), small_mono, palette.text_faint);

    let response = response.on_hover_ui(|ui| {
        ui.label(shown(&format!("{name} · {}", face.face_id)));
        match face.interval {
            Some(interval) => ui.label(words::interval_long(interval)),
            None => ui.label("The service gave no interval: the whole clip is assumed"),
        };
        if let Some(seen) = too_short {
            let seconds = words::seconds(seen.len_ms());
            ui.label(format!("It is in view for {seconds} only, and any placement needs 2 s: choose another face"));
        }
        if let Preview::Failed(problem) = preview {
            ui.label(format!("Its preview cannot be shown: {}", problem.message));
        }
        // What only an engineer wants to know.
        let list = |ui: &mut Ui, title: &str, facts: Vec<(String, String)>| {
            if !facts.is_empty() {
                ui.label(text::caption(palette, title));
            }
            for (name, value) in facts {
                ui.label(text::mono(format!("{name}: {value}")).color(palette.text_dim));
            }
        };
        list(ui, "More about this face from the service", face.facts());
        list(ui, "More about the session from the service", faces.session.facts());
    });
    if may_choose { response.on_hover_cursor(egui::CursorIcon::PointingHand) } else { response }
}

/// One line of text, truncated with an ellipsis where it is too long.
fn line(ui: &Ui, at: egui::Pos2, width_px: f32, text: &str, font: FontId, colour: Color32) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width_px);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    ui.painter().galley(at, galley, colour);
}

/// Draws the picture of a face; or the progress of loading it, or why there is none, with a button that helps.
fn picture_ui(
    ui: &mut Ui,
    view: &View<'_>,
    commands: &mut Commands,
    preview: &Preview,
    face_id: &str,
    index: usize,
    rect: Rect,
) {
    let palette = Palette::of(ui);
    let corners = CornerRadius::same(radius::NORMAL);
    // The area of `rows` lines of text, and the remaining area for a button below them.
    let words_in = |ui: &mut Ui, icon: Icon, colour: Color32, words: &str, rows: usize| {
        let up_px = if rows < 3 { 14.0 } else { 0.0 };
        ui.painter().rect_filled(rect, corners, palette.field);
        let mark = Rect::from_center_size(rect.center() - vec2(0.0, 18.0 + up_px), Vec2::splat(20.0));
        icon.image_of(20.0).tint(colour).paint_at(ui, mark);
        let mut job = egui::text::LayoutJob::simple(
            words.to_owned(),
            TextStyle::Small.resolve(ui.style()),
            palette.text_dim,
            rect.width() - 12.0,
        );
        job.wrap.max_rows = rows;
        job.halign = egui::Align::Center;
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
        ui.painter().galley(rect.center() - vec2(0.0, 2.0 + up_px), galley, palette.text_dim);
    };
    match preview {
        Preview::Ready(image) => {
            if let Some(texture) = view.shell.textures.preview(face_id) {
                let (width, height) = (image.width_px.max(1) as f32, image.height_px.max(1) as f32);
                // Fills the square: the longer side is cropped equally at both ends.
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
        Preview::Loading(job) => {
            ui.painter().rect_filled(rect, corners, palette.field);
            let waited_ms = view.shell.since.waited_ms(*job, view.now_ms);
            if waited_ms >= MARK_AFTER_MS {
                within(ui, rect.shrink2(vec2(0.0, 18.0)), |ui| {
                    dots_ui(ui, waited_ms);
                    ui.label(text::caption(palette, "Fetching it"));
                    ui.label(text::mono(words::elapsed(waited_ms)).color(palette.text_dim));
                });
                within(ui, button_row(rect), |ui| {
                    action_ui(ui, view, commands, Action::CancelPreviews, Look::Inline)
                        .accessible_name(Action::CancelPreviews.info().title);
                });
            }
        }
        Preview::None => words_in(ui, Icon::User, palette.icon, "No preview", 3),
        Preview::Failed(problem) => {
            words_in(ui, Icon::ImageOff, palette.warn, &words::sentence(&problem.message), 2);
            within(ui, button_row(rect), |ui| {
                let face = Face::new("Fetch again", None);
                let response = button_ui(ui, Look::Inline, &face, "Fetches this preview once more", None)
                    .accessible_name(format!("Fetch the preview of face {} again", index + 1));
                if response.clicked() {
                    commands.push(Command::ReloadPreview(face_id.to_owned()));
                }
            });
        }
    }
}

/// The row at the bottom of the picture for its button.
fn button_row(picture: Rect) -> Rect {
    Rect::from_min_max(pos2(picture.left(), picture.bottom() - size::BUTTON_INLINE - 2.0), picture.max)
}

/// Draws in an area of the tile, without allocating space in the row of tiles.
fn within(ui: &mut Ui, rect: Rect, contents_ui: impl FnOnce(&mut Ui)) {
    let layout = egui::Layout::top_down(egui::Align::Center);
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(layout));
    inner.spacing_mut().item_spacing.y = space::TIGHT;
    contents_ui(&mut inner);
}
