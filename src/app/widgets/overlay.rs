//! Modal overlays, which are drawn above everything else and have the keyboard to themselves: dialogs, the palette, the help sheet.

use egui::accesskit::{self, Role};
use egui::{Align, Align2, CornerRadius, Frame, Id, Layout, Margin, Modal, Ui, vec2};

use crate::app::theme::{Palette, radius, size};

/// The position of an overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the middle.
    Middle,
    /// Under the top bar.
    Top,
}

/// An overlay.
#[derive(Clone, Copy, Debug)]
pub struct Overlay<'a> {
    /// Its unique id.
    pub id: &'static str,
    /// Its name for assistive technology.
    pub name: &'a str,
    /// Its position.
    pub place: Place,
    /// Width of its contents, in points.
    pub width: f32,
    /// Margin around its contents, in points.
    pub margin: i8,
}

/// Draws an overlay; returns whether it is to be closed: Escape was pressed, or the pointer clicked beside it.
pub fn overlay_ui(ui: &Ui, overlay: &Overlay<'_>, contents_ui: impl FnOnce(&mut Ui)) -> bool {
    let palette = Palette::of(ui);
    let frame = Frame::new()
        .fill(palette.popup)
        .corner_radius(CornerRadius::same(radius::CARD))
        .shadow(ui.visuals().window_shadow)
        .inner_margin(Margin::same(overlay.margin));
    let id = Id::unique(overlay.id);
    let area = match overlay.place {
        Place::Middle => Modal::default_area(id),
        Place::Top => Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, size::TOP_BAR + 16.0)),
    };
    let answer = Modal::new(id).area(area).frame(frame).backdrop_color(palette.scrim).show(ui.ctx(), |ui| {
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            node.set_role(Role::Dialog);
            node.set_label(overlay.name);
            node.set_modal();
        });
        ui.set_width(overlay.width);
        // A filled button must stand out from the dialog, too.
        ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.raised_press;
        contents_ui(ui);
        let rect = ui.min_rect();
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            let (min, max) = (rect.min, rect.max);
            node.set_bounds(accesskit::Rect::new(min.x.into(), min.y.into(), max.x.into(), max.y.into()));
        });
    });
    answer.should_close()
}

/// Draws the answers at the end of an overlay, the first at its right. They are as high as their buttons: an overlay of which less is to be
/// shown becomes smaller.
pub fn answers_row_ui(ui: &mut Ui, answers_ui: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| ui.with_layout(Layout::right_to_left(Align::Center), answers_ui));
}

/// Keeps the focus in an overlay that has a single control: Tab and the arrow keys do not move it.
pub fn hold_focus(ui: &Ui) {
    ui.memory_mut(|memory| memory.move_focus(egui::FocusDirection::None));
}
