//! Tabs: one stop for the keyboard, whose arrow keys select a tab; each tab can also be clicked.

use egui::accesskit::Role;
use egui::{
    Align2, CornerRadius, FocusDirection, Key, Rect, Sense, Stroke, TextStyle, Ui, UiBuilder, WidgetInfo, vec2,
};

use crate::app::theme::{Palette, radius, space};

const HEIGHT_PX: f32 = 28.0;
const PADDING_PX: f32 = 9.0;

/// Draws tabs; returns the one that was selected in this frame.
pub fn tabs_ui<T: Copy + PartialEq>(ui: &mut Ui, name: &str, chosen: T, options: &[(T, &str)]) -> Option<T> {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT_PX), Sense::hover());
    let builder = UiBuilder::new().max_rect(rect).id_salt(name).sense(Sense::focusable_noninteractive());
    ui.scope_builder(builder, |ui| {
        ui.set_min_size(rect.size());
        let id = ui.unique_id();
        let mut wanted = None;
        let at = options.iter().position(|(value, _)| *value == chosen).unwrap_or(0);
        let focused = ui.memory(|memory| memory.has_focus(id));
        if focused {
            let steps =
                ui.input(|input| input.num_presses(Key::ArrowRight) as i64 - input.num_presses(Key::ArrowLeft) as i64);
            if steps != 0 {
                ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
                wanted = Some(options[(at as i64 + steps).rem_euclid(options.len() as i64) as usize].0);
            }
        }
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_role(Role::TabList);
            node.set_label(name);
        });
        let mut x = rect.left();
        for (index, &(value, label)) in options.iter().enumerate() {
            let width = words_px(ui, label) + 2.0 * PADDING_PX;
            let place = Rect::from_min_size(egui::pos2(x, rect.top()), vec2(width, HEIGHT_PX));
            x = place.right();
            if tab_ui(ui, place, id.with(index), label, value == chosen, focused) {
                wanted = Some(value);
            }
            if value == chosen {
                ui.ctx().accesskit_node_builder(id, |node| node.set_active_descendant(id.with(index).accesskit_id()));
            }
        }
        wanted.filter(|wanted| *wanted != chosen)
    })
    .inner
}

fn words_px(ui: &Ui, label: &str) -> f32 {
    let font = TextStyle::Button.resolve(ui.style());
    ui.fonts_mut(|fonts| fonts.layout_no_wrap(label.to_owned(), font, egui::Color32::PLACEHOLDER)).size().x.ceil()
}

fn tab_ui(ui: &Ui, place: Rect, id: egui::Id, label: &str, chosen: bool, focused: bool) -> bool {
    let palette = Palette::of(ui);
    let response = ui.interact(place, id, Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, chosen, label));
    ui.ctx().accesskit_node_builder(id, |node| node.set_selected(chosen));
    let plate = place.shrink2(vec2(1.0, 3.0));
    let corners = CornerRadius::same(radius::SMALL);
    if response.hovered() && !chosen {
        ui.painter().rect_filled(plate, corners, palette.raised);
    }
    let ink = if chosen { palette.text } else { palette.text_dim };
    let font = TextStyle::Button.resolve(ui.style());
    ui.painter().text(place.center(), Align2::CENTER_CENTER, label, font, ink);
    if chosen {
        let line = Rect::from_x_y_ranges(
            place.left() + space::TIGHT..=place.right() - space::TIGHT,
            place.bottom() - 2.0..=place.bottom(),
        );
        ui.painter().rect_filled(line, CornerRadius::same(1), palette.accent);
        if focused {
            ui.painter().rect_stroke(plate, corners, Stroke::new(1.5, palette.accent), egui::StrokeKind::Inside);
        }
    }
    response.clicked()
}
