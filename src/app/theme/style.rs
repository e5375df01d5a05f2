//! Applies the tokens to egui's style, for both themes.

use std::collections::BTreeMap;

use egui::style::{HandleShape, ScrollAnimation, ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme, Vec2, Visuals};

use super::fonts;
use super::tokens::{self, Palette, radius, size, space, type_size};

/// Duration of a control's animation, in seconds.
const ANIMATION_S: f32 = 0.12;

/// Installs fonts, icons and both themes in the context.
pub fn install(ctx: &egui::Context) {
    egui_extras::install_image_loaders(ctx);
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(Theme::Dark, style(&tokens::DARK));
    ctx.set_style_of(Theme::Light, style(&tokens::LIGHT));
}

/// Turns animations on or off.
pub fn set_motion(ctx: &egui::Context, moves: bool) {
    ctx.all_styles_mut(|style| {
        style.animation_time = if moves { ANIMATION_S } else { 0.0 };
        style.scroll_animation = if moves { ScrollAnimation::default() } else { ScrollAnimation::none() };
    });
}

/// The text style of headings within a panel: 13, semibold.
#[must_use]
pub fn strong() -> TextStyle {
    TextStyle::Name("strong".into())
}

/// The text style of an empty state's title: 22, semibold.
#[must_use]
pub fn title() -> TextStyle {
    TextStyle::Name("title".into())
}

fn style(palette: &Palette) -> Style {
    let medium = FontFamily::Name(fonts::MEDIUM.into());
    let semibold = FontFamily::Name(fonts::SEMIBOLD.into());
    let mut style = Style {
        text_styles: BTreeMap::from([
            (TextStyle::Body, FontId::new(type_size::BODY, FontFamily::Proportional)),
            (TextStyle::Button, FontId::new(type_size::BODY, medium)),
            (TextStyle::Small, FontId::new(type_size::CAPTION, FontFamily::Proportional)),
            (TextStyle::Monospace, FontId::new(type_size::MONO, FontFamily::Monospace)),
            (TextStyle::Heading, FontId::new(type_size::HEADING, semibold.clone())),
            (strong(), FontId::new(type_size::BODY, semibold.clone())),
            (title(), FontId::new(type_size::TITLE, semibold)),
        ]),
        drag_value_text_style: TextStyle::Monospace,
        animation_time: ANIMATION_S,
        visuals: visuals(palette),
        ..Style::default()
    };
    let spacing = &mut style.spacing;
    spacing.item_spacing = Vec2::splat(space::ITEM);
    spacing.button_padding = Vec2::new(10.0, 5.0);
    spacing.interact_size = Vec2::new(size::BUTTON, size::BUTTON);
    spacing.menu_margin = Margin::same(6);
    spacing.window_margin = Margin::same(16);
    spacing.tooltip_width = 320.0;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 9.0;
    spacing.slider_rail_height = 4.0;
    spacing.scroll = ScrollStyle { bar_width: 6.0, floating_width: 4.0, ..ScrollStyle::floating() };
    spacing.scroll.fade.strength = 0.0;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style
}

fn visuals(palette: &Palette) -> Visuals {
    let ink = |colour| Stroke::new(1.0, colour);
    let widget = |fill, text, ring: Stroke| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: ring,
        corner_radius: CornerRadius::same(radius::NORMAL),
        fg_stroke: ink(text),
        expansion: 0.0,
    };
    let base = if palette.dark { Visuals::dark() } else { Visuals::light() };
    Visuals {
        widgets: Widgets {
            noninteractive: WidgetVisuals {
                bg_stroke: ink(palette.line),
                ..widget(palette.panel, palette.text, Stroke::NONE)
            },
            inactive: widget(palette.raised, palette.text, Stroke::NONE),
            hovered: widget(palette.raised_hover, palette.text, Stroke::NONE),
            // The focused widget has the same stroke: it is the focus ring.
            active: widget(palette.raised_press, palette.text, Stroke::new(1.5, palette.accent)),
            open: widget(palette.raised_hover, palette.text, Stroke::NONE),
        },
        selection: Selection { bg_fill: palette.accent_wash, stroke: Stroke::new(1.5, palette.accent) },
        override_text_color: None,
        weak_text_color: Some(palette.text_faint),
        hyperlink_color: palette.accent_text,
        faint_bg_color: palette.raised,
        extreme_bg_color: palette.field,
        text_edit_bg_color: Some(palette.field),
        code_bg_color: palette.field,
        warn_fg_color: palette.warn,
        error_fg_color: palette.bad,
        window_corner_radius: CornerRadius::same(radius::CARD),
        window_fill: palette.popup,
        window_stroke: Stroke::NONE,
        window_shadow: shadow(palette, 32),
        menu_corner_radius: CornerRadius::same(radius::POPUP),
        popup_shadow: shadow(palette, 16),
        panel_fill: palette.panel,
        slider_trailing_fill: true,
        handle_shape: HandleShape::Circle,
        striped: false,
        image_loading_spinners: false,
        disabled_alpha: tokens::DISABLED_ALPHA,
        ..base
    }
}

fn shadow(palette: &Palette, blur: u8) -> Shadow {
    Shadow { offset: [0, 6], blur, spread: 0, color: palette.shadow }
}
