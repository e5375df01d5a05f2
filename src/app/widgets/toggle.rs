//! A toggle button: the icon of an action, in the accent colour while the state that the action switches is on.

use egui::{Button, Color32, CornerRadius, Response, Role, Ui, Vec2, WidgetInfo};

use super::button::tooltip;
use crate::app::action::Action;
use crate::app::action::command::Commands;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, radius, size};
use crate::app::widgets::button::Face;

/// Draws the toggle of an action and pushes the action when it is clicked. `icon` replaces the action's own icon.
pub fn toggle_ui(
    ui: &mut Ui,
    view: &View<'_>,
    commands: &mut Commands,
    action: Action,
    is_on: bool,
    icon: Option<Icon>,
) -> Response {
    let palette = Palette::of(ui);
    let info = action.info();
    let obstacle = action.obstacle(view);
    let enabled = obstacle.is_none();
    let response = ui
        .scope(|ui| {
            let widgets = &mut ui.visuals_mut().widgets;
            widgets.inactive.weak_bg_fill = if is_on && enabled { palette.accent_wash } else { Color32::TRANSPARENT };
            widgets.inactive.fg_stroke.color = if is_on { palette.accent_text } else { palette.text_dim };
            for state in [&mut widgets.inactive, &mut widgets.hovered, &mut widgets.active] {
                state.corner_radius = CornerRadius::same(radius::NORMAL);
            }
            if is_on {
                widgets.hovered.fg_stroke.color = palette.accent_text;
            }
            let side = size::BUTTON;
            ui.spacing_mut().button_padding = Vec2::new((side - size::ICON) / 2.0, 0.0);
            ui.spacing_mut().interact_size.y = side;
            let icon = icon.unwrap_or(info.icon);
            let button = Button::new(icon.image()).image_tint_follows_text_color(true).min_size(Vec2::splat(side));
            ui.add_enabled(enabled, button)
        })
        .inner;
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, is_on, info.label));
    if response.clicked() {
        commands.act(action);
    }
    match obstacle {
        Some(why) => response.on_disabled_hover_text(why),
        None => response.on_hover_text(tooltip(view, action, &Face::icon(info.label, Icon::Check))),
    }
}
