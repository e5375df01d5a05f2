//! Buttons: one primary, the rest quiet. A disabled one says why in its tooltip.

use egui::{Button, Color32, Response, Stroke, Ui, Vec2};

use crate::app::action::Action;
use crate::app::action::command::Commands;
use crate::app::state::view::View;
use crate::app::theme::{Icon, Palette, size};
use crate::app::widgets::keycaps;

/// The style of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The one primary action: 34 high, in the accent colour.
    Primary,
    /// A separate button: 28 high, filled.
    Soft,
    /// One of a row of buttons: 28 high, filled only under the pointer.
    Ghost,
    /// Within a line of text: 22 high, filled only under the pointer.
    Inline,
}

impl Look {
    const fn height(self) -> f32 {
        match self {
            Self::Primary => size::BUTTON_PRIMARY,
            Self::Soft | Self::Ghost => size::BUTTON,
            Self::Inline => size::BUTTON_INLINE,
        }
    }

    const fn padding_x(self) -> f32 {
        match self {
            Self::Primary => 14.0,
            Self::Soft | Self::Ghost => 10.0,
            Self::Inline => 6.0,
        }
    }
}

/// Label and icon of a button.
#[derive(Clone, Debug)]
pub struct Face<'a> {
    /// The label; with `icon_only` it is the accessible name and tooltip.
    pub label: &'a str,
    /// The icon before the label.
    pub icon: Option<Icon>,
    /// Whether the icon is shown alone.
    pub icon_only: bool,
    /// Minimum width in points, so that a change of the label moves nothing.
    pub min_width: f32,
}

impl<'a> Face<'a> {
    /// Label and icon.
    #[must_use]
    pub const fn new(label: &'a str, icon: Option<Icon>) -> Self {
        Self { label, icon, icon_only: false, min_width: 0.0 }
    }

    /// The icon alone.
    #[must_use]
    pub const fn icon(label: &'a str, icon: Icon) -> Self {
        Self { label, icon: Some(icon), icon_only: true, min_width: 0.0 }
    }
}

/// Draws a button. `obstacle` disables it and is then its tooltip.
pub fn button_ui(ui: &mut Ui, look: Look, face: &Face<'_>, tooltip: &str, obstacle: Option<&str>) -> Response {
    let palette = Palette::of(ui);
    let enabled = obstacle.is_none();
    let height = look.height();
    let response = ui
        .scope(|ui| {
            let widgets = &mut ui.visuals_mut().widgets;
            match look {
                Look::Primary if enabled => {
                    for (state, fill) in [
                        (&mut widgets.inactive, palette.accent),
                        (&mut widgets.hovered, palette.accent_hover),
                        (&mut widgets.active, palette.accent_hover),
                    ] {
                        state.weak_bg_fill = fill;
                        state.fg_stroke.color = palette.on_accent;
                    }
                    widgets.active.bg_stroke = Stroke::new(2.0, palette.text);
                }
                Look::Primary | Look::Soft => {}
                Look::Ghost | Look::Inline => {
                    widgets.inactive.weak_bg_fill = Color32::TRANSPARENT;
                    widgets.inactive.fg_stroke.color = palette.text_dim;
                }
            }
            let spacing = ui.spacing_mut();
            let padding_x = if face.icon_only { (height - size::ICON) / 2.0 } else { look.padding_x() };
            spacing.button_padding = Vec2::new(padding_x, 0.0);
            spacing.interact_size.y = height;
            let min_size = Vec2::new(if face.icon_only { height } else { face.min_width }, height);
            let button = match (face.icon, face.icon_only) {
                (Some(icon), true) => Button::new(icon.image()),
                (Some(icon), false) => Button::new((icon.image(), face.label)),
                (None, _) => Button::new(face.label),
            };
            ui.add_enabled(enabled, button.image_tint_follows_text_color(true).min_size(min_size).gap(6.0))
        })
        .inner;
    let response = if face.icon_only { response.accessible_name(face.label) } else { response };
    match obstacle {
        Some(why) => response.on_disabled_hover_text(why),
        None => response.on_hover_text(tooltip),
    }
}

/// Draws the button of an action, and pushes the action when it is clicked.
pub fn action_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, action: Action, look: Look) -> Response {
    let info = action.info();
    action_as_ui(ui, view, commands, action, look, &Face::new(info.label, Some(info.icon)))
}

/// Draws the icon of an action as a button.
pub fn action_icon_ui(ui: &mut Ui, view: &View<'_>, commands: &mut Commands, action: Action, look: Look) -> Response {
    let info = action.info();
    action_as_ui(ui, view, commands, action, look, &Face::icon(info.label, info.icon))
}

/// Draws the button of an action with another label or icon than its own.
pub fn action_as_ui(
    ui: &mut Ui,
    view: &View<'_>,
    commands: &mut Commands,
    action: Action,
    look: Look,
    face: &Face<'_>,
) -> Response {
    let obstacle = action.obstacle(view);
    let tooltip = tooltip(view, action, face);
    let response = button_ui(ui, look, face, &tooltip, obstacle.as_deref());
    if response.clicked() {
        commands.act(action);
    }
    response
}

/// The tooltip of an action, with its keys.
pub(super) fn tooltip(view: &View<'_>, action: Action, face: &Face<'_>) -> String {
    let info = action.info();
    let words = action.tooltip(view);
    let words = if face.icon_only { format!("{}: {}", face.label, lower_first(&words)) } else { words.into_owned() };
    match info.shortcut() {
        Some(shortcut) => format!("{words} ({})", keycaps::words(*shortcut)),
        None => words,
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
