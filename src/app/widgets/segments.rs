//! A segmented control, which selects one of a few options: File | Address | Id, Clip | Result.

use egui::{Button, Color32, CornerRadius, Frame, Margin, Role, TextStyle, Ui, Vec2, WidgetInfo};

use crate::app::theme::{Palette, radius};

const PADDING_PX: f32 = 8.0;
const GAP_PX: f32 = 2.0;
const HEIGHT_PX: f32 = 20.0;
const MARGIN_PX: f32 = 2.0;

/// Width of a segmented control with these labels, in points.
pub fn segments_width_px(ui: &Ui, labels: &[&str]) -> f32 {
    let palette = Palette::of(ui);
    let font = TextStyle::Button.resolve(ui.style());
    let words = |label: &str| ui.fonts_mut(|fonts| fonts.layout_no_wrap(label.to_owned(), font.clone(), palette.text));
    let words_px: f32 = labels.iter().map(|label| words(label).size().x.ceil()).sum();
    let count = labels.len() as f32;
    words_px + count * 2.0 * PADDING_PX + (count - 1.0) * GAP_PX + 2.0 * MARGIN_PX
}

/// Draws the segments; returns the one that was clicked. `name` precedes each label for assistive technology.
pub fn segments_ui<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    chosen: T,
    options: &[(T, &str, Option<&str>)],
) -> Option<T> {
    let palette = Palette::of(ui);
    let mut clicked = None;
    let labels: Vec<&str> = options.iter().map(|(_, label, _)| *label).collect();
    // Allocates exactly its width: a group in a right-to-left row would take all the space otherwise.
    let width = segments_width_px(ui, &labels) - 2.0 * MARGIN_PX;
    Frame::new()
        .fill(palette.field)
        .corner_radius(CornerRadius::same(radius::NORMAL))
        .inner_margin(Margin::same(MARGIN_PX as i8))
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = GAP_PX;
            ui.spacing_mut().button_padding = Vec2::new(PADDING_PX, 0.0);
            ui.spacing_mut().interact_size.y = HEIGHT_PX;
            // Left to right also within a right-to-left layout.
            let row = egui::Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(Vec2::new(width, HEIGHT_PX), row, |ui| {
                for &(value, label, obstacle) in options {
                    let selected = value == chosen;
                    let response = ui
                        .scope(|ui| {
                            let widgets = &mut ui.visuals_mut().widgets;
                            widgets.inactive.weak_bg_fill = if selected { palette.popup } else { Color32::TRANSPARENT };
                            widgets.inactive.fg_stroke.color = if selected { palette.text } else { palette.text_dim };
                            widgets.hovered.weak_bg_fill = palette.raised_hover;
                            for state in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active] {
                                state.corner_radius = CornerRadius::same(radius::SMALL);
                            }
                            ui.add_enabled(obstacle.is_none(), Button::new(label).min_size(Vec2::new(0.0, HEIGHT_PX)))
                        })
                        .inner;
                    let enabled = obstacle.is_none();
                    response.widget_info(|| {
                        WidgetInfo::selected(Role::RadioButton, enabled, selected, format!("{name}: {label}"))
                    });
                    let response = match obstacle {
                        Some(why) => response.on_disabled_hover_text(why),
                        None => response,
                    };
                    if response.clicked() && !selected {
                        clicked = Some(value);
                    }
                }
            });
        });
    clicked
}
