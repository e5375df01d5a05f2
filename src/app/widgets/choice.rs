//! A choice from a menu: a button that shows what is chosen, and opens the list of what can be.

use egui::{Button, Popup, PopupCloseBehavior, Role, ScrollArea, Ui, WidgetInfo, vec2};

use crate::app::theme::{Icon, Palette, size};

/// Height of the list at most, in points.
const LIST_PX: f32 = 320.0;

/// Draws a choice; returns what was clicked. `name` precedes what is chosen for assistive technology. `below_ui` draws what stands
/// below the list.
pub fn choice_ui<T: Clone + PartialEq>(
    ui: &mut Ui,
    name: &str,
    chosen: &T,
    options: &[(T, String)],
    below_ui: impl FnOnce(&mut Ui),
) -> Option<T> {
    let palette = Palette::of(ui);
    let label = options.iter().find(|(value, _)| value == chosen).map_or(name, |(_, label)| label.as_str());
    let is_set = options.first().is_some_and(|(first, _)| first != chosen);
    let ink = if is_set { palette.accent_text } else { palette.text_dim };
    let response = ui
        .scope(|ui| {
            ui.visuals_mut().widgets.inactive.fg_stroke.color = ink;
            ui.spacing_mut().button_padding = vec2(10.0, 0.0);
            let button = Button::new((label, Icon::ChevronDown.image_of(14.0)));
            ui.add(button.image_tint_follows_text_color(true).min_size(vec2(0.0, size::BUTTON)).gap(4.0))
        })
        .inner;
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, format!("{name}: {label}")));
    let mut clicked = None;
    Popup::menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(180.0);
        ui.spacing_mut().item_spacing.y = 2.0;
        ScrollArea::vertical().max_height(LIST_PX).show(ui, |ui| {
            for (value, label) in options {
                if option_ui(ui, label, value == chosen) {
                    clicked = Some(value.clone());
                    ui.close();
                }
            }
        });
        below_ui(ui);
    });
    clicked
}

fn option_ui(ui: &mut Ui, label: &str, chosen: bool) -> bool {
    let palette = Palette::of(ui);
    let mark = Icon::Check.image().tint(if chosen { palette.accent_text } else { egui::Color32::TRANSPARENT });
    let ink = if chosen { palette.accent_text } else { palette.text };
    let words = egui::RichText::new(label).color(ink);
    let button = Button::new((mark, words, egui::Atom::grow()))
        .frame_when_inactive(false)
        .min_size(vec2(ui.available_width(), size::ROW));
    let response = ui.add(button);
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, label));
    response.clicked()
}
