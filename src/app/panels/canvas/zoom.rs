//! Zoom and pan of the picture: wheel and pinch at the pointer, dragging, and the buttons in its corner.

use egui::{Align, CornerRadius, CursorIcon, Layout, PointerButton, Rect, Response, Theme, Ui, UiBuilder, Vec2, vec2};

use crate::app::action::Action;
use crate::app::action::command::{Command, Commands};
use crate::app::state::picture_view::{Canvas, PictureCommand, PictureZoom};
use crate::app::state::view::View;
use crate::app::theme::{Palette, radius, size, space};
use crate::app::widgets::toggle::toggle_ui;

/// The middle of the chosen face and the side of its box, in widths and heights of the picture, where it is known at the shown moment.
pub fn face(view: &View<'_>, proportions: Vec2) -> Option<(Vec2, Vec2)> {
    let draft = &view.shell.draft;
    let outlines = draft.outlines(view.shell.player.shown_us()?)?;
    let chosen = view.flow.faces().and_then(|faces| faces.chosen.as_ref());
    let is_chosen = |found: &&crate::playback::draft::Outline| chosen.is_some() && found.face_id.as_ref() == chosen;
    let outline = outlines.faces.iter().find(is_chosen).or_else(|| outlines.faces.first())?;
    let (width_px, ratio) = (outlines.width_px.max(1) as f32, proportions.x / proportions.y.max(1.0));
    let height_px = width_px / ratio.max(0.01);
    let (x, y) = outline.pose.at(0.0, 0.0);
    let side_px = outline.pose.size;
    Some((vec2(x / width_px, y / height_px), vec2(side_px / width_px, side_px / height_px)))
}

/// Zooms and pans by the pointer over the picture, which is at `at`.
pub fn gestures_ui(ui: &Ui, commands: &mut Commands, canvas: &Canvas, at: Rect, response: &Response) {
    let is_larger = at.width() > canvas.fitted.width() + 0.5;
    let mut wish = None;
    if response.dragged_by(PointerButton::Primary) && is_larger {
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        wish = Some((1.0, at.center(), response.drag_delta()));
    } else if response.contains_pointer() {
        let (zoom, pointer) = ui.input(|input| (input.zoom_delta(), input.pointer.hover_pos()));
        if let Some(pointer) = pointer.filter(|_| (zoom - 1.0).abs() > f32::EPSILON) {
            wish = Some((zoom, pointer, Vec2::ZERO));
        } else if is_larger {
            let moved = ui.input(egui::InputState::smooth_scroll_delta);
            wish = (moved != Vec2::ZERO).then_some((1.0, at.center(), moved));
        }
    }
    if let Some((by, around, moved)) =
        wish.filter(|(by, _, moved)| (by - 1.0).abs() > f32::EPSILON || *moved != Vec2::ZERO)
    {
        let zoom = canvas.changed(at, by, around, moved);
        commands.push(Command::Picture(PictureCommand::Zoom(zoom)));
    }
}

/// Draws the buttons in the lower right corner: where the pointer is over the picture, or it is not shown as it fits.
pub fn buttons_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, room: Rect) {
    let state = view.shell.picture_view;
    let is_over = ui.input(|input| input.pointer.hover_pos().is_some_and(|pos| room.contains(pos)));
    if !is_over && state == crate::app::state::picture_view::PictureView::default() {
        return;
    }
    let switches = [
        (Action::FitPicture, state.zoom == PictureZoom::Fit),
        (Action::ActualPicture, state.zoom == PictureZoom::Actual),
        (Action::PictureToFace, state.zoom == PictureZoom::Face),
        (Action::ToggleFullPicture, state.is_full),
    ];
    let gap = 2.0;
    let extent = vec2(switches.len() as f32 * (size::BUTTON + gap) - gap, size::BUTTON);
    let rect = Rect::from_min_size(room.right_bottom() - extent - Vec2::splat(space::ITEM + 2.0), extent);
    ui.scope_builder(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)), |ui| {
        // Dark in both themes, since it is drawn over a picture.
        ui.set_style(ui.ctx().style_of(Theme::Dark));
        let palette = Palette::of(ui);
        ui.painter().rect_filled(rect.expand(2.0), CornerRadius::same(radius::NORMAL), palette.panel);
        ui.spacing_mut().item_spacing.x = gap;
        for (action, is_on) in switches {
            toggle_ui(ui, view, commands, action, is_on, None);
        }
    });
}
