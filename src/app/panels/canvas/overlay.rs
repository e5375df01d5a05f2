//! Faces outlined on the picture, each a button that chooses its face; and the switches of the overlays.

use egui::{
    Align, Align2, CornerRadius, CursorIcon, Id, Layout, Pos2, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Theme,
    Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::draft::DraftCommand;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius, space};
use crate::app::widgets::button::{Look, action_icon_ui};
use crate::app::widgets::toggle::toggle_ui;
use crate::media::faces::Pose;
use crate::playback::draft::Outline;
use crate::playback::player::Source;

/// Minimum size of a face's clickable area, in points.
const LEAST_PX: f32 = 24.0;

/// The mapping from pixels of the clip to points of the window.
#[derive(Clone, Copy, Debug)]
pub struct OnPicture {
    picture: Rect,
    scale: f32,
}

impl OnPicture {
    /// The mapping for a clip of this width shown in this area.
    #[must_use]
    pub fn new(picture: Rect, width_px: u32) -> Self {
        Self { picture, scale: picture.width() / width_px.max(1) as f32 }
    }

    /// The position in the window of a point of the face: (0, 0) is its middle, 1 its side.
    #[must_use]
    pub fn at(self, pose: &Pose, u: f32, v: f32) -> Pos2 {
        let (x, y) = pose.at(u, v);
        // Pixel coordinates are those of pixel centres.
        self.picture.min + vec2(x + 0.5, y + 0.5) * self.scale
    }

    /// The point of the face at a position in the window.
    #[must_use]
    pub fn inverse(self, pose: &Pose, at: Pos2) -> (f32, f32) {
        let Vec2 { x, y } = (at - self.picture.min) / self.scale;
        pose.inverse(x - 0.5, y - 0.5)
    }

    fn face(self, pose: &Pose) -> Rect {
        let side = (pose.size * self.scale).max(LEAST_PX);
        Rect::from_center_size(self.at(pose, 0.0, 0.0), Vec2::splat(side)).intersect(self.picture)
    }
}

/// Whether the displayed frame has the clip's faces at the clip's positions, and is not the result, which is shown without overlays.
pub fn is_clip_shown(view: &View<'_>) -> bool {
    view.shell.player.shown_file() == Source::Clip
}

/// Draws the faces, and the switches in the corner.
pub fn overlay_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, picture: Rect, visible: Rect) {
    let draft = &view.shell.draft;
    if !is_clip_shown(view) || !draft.has_faces() {
        return;
    }
    ui.scope_builder(UiBuilder::new().max_rect(picture), |ui| {
        // Dark in both themes, since it is drawn over a picture.
        ui.set_style(ui.ctx().style_of(Theme::Dark));
        ui.set_clip_rect(picture.intersect(ui.clip_rect()));
        if view.shell.draft_view.shows_faces()
            && let Some(shown_us) = view.shell.player.shown_us()
            && let Some(outlines) = draft.outlines(shown_us)
        {
            let place = OnPicture::new(picture, outlines.width_px);
            for outline in &outlines.faces {
                face_ui(ui, view, commands, place, outline);
            }
        }
        switches_ui(ui, view, commands, visible);
    });
}

fn switches_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, picture: Rect) {
    let palette = Palette::of(ui);
    let draft = &view.shell.draft_view;
    let mut switches = vec![(Action::ShowFaces, draft.shows_faces())];
    if view.shell.draft.mouth().is_some() {
        switches.push((Action::AdjustMouth, draft.adjusts_mouth()));
        if draft.adjusts_mouth() {
            switches.push((Action::ResetMouth, false));
        }
    }
    let size = vec2(switches.len() as f32 * (28.0 + 2.0) - 2.0, 28.0);
    let corner = picture.right_top() + vec2(-space::ITEM - 2.0, space::ITEM + 2.0);
    let rect = Rect::from_min_size(corner - vec2(size.x, 0.0), size);
    ui.painter().rect_filled(rect.expand(2.0), CornerRadius::same(radius::NORMAL), palette.panel);
    let row = UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(row, |ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for (action, is_on) in switches {
            if action == Action::ResetMouth {
                action_icon_ui(ui, view, commands, action, Look::Ghost);
            } else {
                toggle_ui(ui, view, commands, action, is_on, None);
            }
        }
    });
}

fn face_ui(ui: &Ui, view: &View<'_>, commands: &mut Commands, place: OnPicture, outline: &Outline) {
    let palette = Palette::of(ui);
    let faces = view.flow.faces();
    let chosen = outline.face_id.is_some() && faces.and_then(|faces| faces.chosen.as_ref()) == outline.face_id.as_ref();
    let asks = view.shell.draft.asks_for_face();
    let may_choose = view.choosing().is_some() && (outline.face_id.is_some() || asks);
    let rect = place.face(&outline.pose);
    let name = match outline.face {
        Some(face) => format!("Face {}", face + 1),
        None => "Is it this one?".to_owned(),
    };
    let id = Id::unique(("face on the picture", outline.track));
    let sense = if may_choose { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, id, sense);
    let words = match outline.face {
        Some(_) => format!("{name} on the picture"),
        None => format!("Unnamed face {} on the picture", outline.track + 1),
    };
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, may_choose, chosen, &words));
    if response.clicked() {
        match &outline.face_id {
            Some(face_id) => commands.push(Command::ChooseFace(face_id.clone())),
            None => commands.push(Command::Draft(DraftCommand::Pick(outline.track))),
        }
    }

    let painter = ui.painter();
    let corners = CornerRadius::same(radius::POPUP);
    let lifted = response.hovered() && may_choose;
    let (width, ink) = if chosen {
        (2.0, palette.accent)
    } else if lifted {
        (2.0, palette.text)
    } else {
        (1.0, palette.text_dim)
    };
    // A dark line beneath the light one makes it visible on any picture.
    painter.rect_stroke(rect, corners, Stroke::new(width + 2.0, palette.scrim), StrokeKind::Middle);
    painter.rect_stroke(rect, corners, Stroke::new(width, ink), StrokeKind::Middle);
    if response.has_focus() {
        painter.rect_stroke(
            rect.expand(4.0),
            CornerRadius::same(radius::CARD),
            Stroke::new(2.0, palette.text),
            StrokeKind::Middle,
        );
    }
    label_ui(ui, rect, &name, chosen, lifted);
    if may_choose {
        let tooltip = match (chosen, outline.face) {
            (true, _) => format!("{name} speaks"),
            (false, Some(_)) => format!("Click to make {name} speak"),
            (false, None) => "Click if this is the chosen face".to_owned(),
        };
        response.on_hover_text(tooltip).on_hover_cursor(CursorIcon::PointingHand);
    }
}

/// Draws the name on a plate at the bottom of the outline, with a check mark on the chosen one: colour must not be the only difference.
fn label_ui(ui: &Ui, face: Rect, name: &str, chosen: bool, lifted: bool) {
    let palette = Palette::of(ui);
    let (fill, ink) = match (chosen, lifted) {
        (true, _) => (palette.accent, palette.on_accent),
        (false, true) => (palette.raised_press, palette.text),
        (false, false) => (palette.panel, palette.text_dim),
    };
    let font = TextStyle::Small.resolve(ui.style());
    let galley = ui.fonts_mut(|fonts| fonts.layout_no_wrap(name.to_owned(), font, ink));
    let mark = if chosen { 15.0 } else { 0.0 };
    let size = galley.size() + vec2(12.0 + mark, 5.0);
    let room = ui.clip_rect().shrink(2.0);
    // Below the chin, unless the picture ends there.
    let top =
        if face.bottom() + 4.0 + size.y <= room.bottom() { face.bottom() + 4.0 } else { face.bottom() - size.y - 4.0 };
    let left = (face.center().x - size.x / 2.0).clamp(room.left(), (room.right() - size.x).max(room.left()));
    let plate = Rect::from_min_size(pos2(left.round(), top.round()), size);
    ui.painter().rect_filled(plate, CornerRadius::same(radius::SMALL), fill);
    if chosen {
        let at = Rect::from_center_size(pos2(plate.left() + 11.0, plate.center().y), Vec2::splat(11.0));
        Icon::Check.image_of(11.0).tint(ink).paint_at(ui, at);
    }
    let at = Align2::LEFT_CENTER.anchor_size(pos2(plate.left() + 6.0 + mark, plate.center().y), galley.size());
    ui.painter().galley(at.min, galley, ink);
}
