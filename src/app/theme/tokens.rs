//! The token table: every colour, distance and size of the window. Nothing else in the program constructs a colour.
//!
//! Surfaces are distinguished by elevation, not by borders: a higher surface is lighter in the dark theme and whiter in the light one.
#![expect(clippy::disallowed_methods, reason = "this is the one place where colours are made")]

use egui::Color32;

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Whether this is the dark palette.
    pub dark: bool,
    /// Background of the window, top bar and status bar.
    pub base: Color32,
    /// Background of the canvas, on which the picture is drawn.
    pub stage: Color32,
    /// Side panel and timeline.
    pub panel: Color32,
    /// Cards, tiles and filled buttons on a panel.
    pub raised: Color32,
    /// A raised surface under the pointer.
    pub raised_hover: Color32,
    /// A raised surface while it is pressed.
    pub raised_press: Color32,
    /// Background of text fields.
    pub field: Color32,
    /// Popups, menus, tooltips, dialogs.
    pub popup: Color32,
    /// A hairline for places where elevation alone cannot separate two surfaces.
    pub line: Color32,
    /// Dims everything behind a dialog.
    pub scrim: Color32,
    /// Shadow of popups.
    pub shadow: Color32,

    /// Text.
    pub text: Color32,
    /// Secondary text: explanations and details.
    pub text_dim: Color32,
    /// Hints in empty fields, disabled text, units.
    pub text_faint: Color32,
    /// Icons.
    pub icon: Color32,

    /// The one accent: selection, focus, playhead, the one primary action.
    pub accent: Color32,
    /// The primary action under the pointer.
    pub accent_hover: Color32,
    /// Text and icons on the accent.
    pub on_accent: Color32,
    /// Text in the accent, on a surface.
    pub accent_text: Color32,
    /// Background of a selected item.
    pub accent_wash: Color32,

    /// Text and icons of success.
    pub good: Color32,
    /// Background of success messages.
    pub good_wash: Color32,
    /// Text and icons of warnings.
    pub warn: Color32,
    /// Background of warnings.
    pub warn_wash: Color32,
    /// Text and icons of errors.
    pub bad: Color32,
    /// Background of errors.
    pub bad_wash: Color32,

    /// A lane of the timeline.
    pub lane: Color32,
    /// A face's interval on its lane.
    pub span: Color32,
    /// The voice's clip on its lane.
    pub voice: Color32,
    /// Waveform and text on the voice's clip.
    pub on_voice: Color32,
    /// The mouth of a result, over the voice's waveform and on its lane.
    pub mouth: Color32,
    /// The letterbox: the area that a picture leaves free.
    pub letterbox: Color32,
    /// Text on the letterbox.
    pub on_letterbox: Color32,
}

/// Opacity of a disabled control; its text stays readable.
pub const DISABLED_ALPHA: f32 = 0.66;

/// The colour of a disabled control that is painted by hand: faded as `egui` fades its own controls.
#[must_use]
pub fn disabled(colour: Color32) -> Color32 {
    colour.gamma_multiply(DISABLED_ALPHA)
}

/// The tint that leaves the colours of a picture unchanged.
pub const UNTINTED: Color32 = Color32::WHITE;

/// The dark palette, for judging pictures in a dim room.
pub const DARK: Palette = Palette {
    dark: true,
    base: rgb(0x0f_11_15),
    stage: rgb(0x14_16_1b),
    panel: rgb(0x1a_1d_23),
    raised: rgb(0x24_28_30),
    raised_hover: rgb(0x2d_32_3c),
    raised_press: rgb(0x31_37_42),
    field: rgb(0x10_12_17),
    popup: rgb(0x26_2a_33),
    line: rgb(0x2b_30_39),
    scrim: Color32::from_black_alpha(150),
    shadow: Color32::from_black_alpha(110),
    text: rgb(0xea_ec_f0),
    text_dim: rgb(0xac_b2_be),
    text_faint: rgb(0x9a_a1_ae),
    icon: rgb(0xb6_bc_c8),
    accent: rgb(0x8b_96_ff),
    accent_hover: rgb(0xa1_aa_ff),
    on_accent: rgb(0x0e_10_26),
    accent_text: rgb(0xa7_b0_ff),
    accent_wash: rgb(0x2b_2f_55),
    good: rgb(0x5c_d1_8f),
    good_wash: rgb(0x17_33_26),
    warn: rgb(0xe9_b4_4c),
    warn_wash: rgb(0x38_2c_14),
    bad: rgb(0xff_8a_80),
    bad_wash: rgb(0x41_1f_20),
    lane: rgb(0x12_14_19),
    span: rgb(0x3a_41_4e),
    voice: rgb(0x38_3f_7e),
    on_voice: rgb(0xcf_d4_ff),
    mouth: rgb(0xff_a8_c0),
    letterbox: rgb(0x08_09_0b),
    on_letterbox: rgb(0xc4_c9_d2),
};

/// The light palette, for daylight.
pub const LIGHT: Palette = Palette {
    dark: false,
    base: rgb(0xe4_e7_ec),
    stage: rgb(0xec_ee_f2),
    panel: rgb(0xf8_f9_fb),
    raised: rgb(0xea_ec_f1),
    raised_hover: rgb(0xdf_e3_ea),
    raised_press: rgb(0xd4_d9_e3),
    field: rgb(0xee_f0_f4),
    popup: rgb(0xff_ff_ff),
    line: rgb(0xd9_dd_e4),
    scrim: Color32::from_black_alpha(70),
    shadow: Color32::from_black_alpha(36),
    text: rgb(0x17_1a_21),
    text_dim: rgb(0x46_4d_5a),
    text_faint: rgb(0x57_5f_6d),
    icon: rgb(0x46_4d_5a),
    accent: rgb(0x47_50_d8),
    accent_hover: rgb(0x3a_42_c2),
    on_accent: rgb(0xff_ff_ff),
    accent_text: rgb(0x3c_45_c6),
    accent_wash: rgb(0xdd_e0_fb),
    good: rgb(0x13_66_3c),
    good_wash: rgb(0xd9_f0_e3),
    warn: rgb(0x7c_4f_00),
    warn_wash: rgb(0xfa_ec_cf),
    bad: rgb(0xa8_25_20),
    bad_wash: rgb(0xfb_e3_e1),
    lane: rgb(0xe6_e9_ef),
    span: rgb(0xc3_ca_d6),
    voice: rgb(0xb5_bc_f5),
    on_voice: rgb(0x1f_27_7a),
    mouth: rgb(0x8f_0e_45),
    letterbox: rgb(0x15_17_1b),
    on_letterbox: rgb(0xc4_c9_d2),
};

const fn rgb(hex: u32) -> Color32 {
    let [_, r, g, b] = hex.to_be_bytes();
    Color32::from_rgb(r, g, b)
}

impl Palette {
    /// The palette of the theme that `ui` is drawn in.
    #[must_use]
    pub fn of(ui: &egui::Ui) -> &'static Self {
        Self::of_visuals(ui.visuals())
    }

    /// The palette behind these visuals.
    #[must_use]
    pub fn of_visuals(visuals: &egui::Visuals) -> &'static Self {
        if visuals.dark_mode { &DARK } else { &LIGHT }
    }

    /// Every text colour with every surface it is drawn on, by name: the contrast of each pair must reach 4.5 : 1.
    #[must_use]
    pub fn texts(&self) -> Vec<(&'static str, Color32, &'static str, Color32)> {
        let surfaces = [
            ("base", self.base),
            ("stage", self.stage),
            ("panel", self.panel),
            ("raised", self.raised),
            ("raised_hover", self.raised_hover),
            ("raised_press", self.raised_press),
            ("field", self.field),
            ("popup", self.popup),
            ("lane", self.lane),
            ("accent_wash", self.accent_wash),
        ];
        let inks = [("text", self.text), ("text_dim", self.text_dim), ("text_faint", self.text_faint)];
        let states = [("accent_text", self.accent_text), ("good", self.good), ("warn", self.warn), ("bad", self.bad)];
        let mut pairs = Vec::new();
        for (surface_name, surface) in surfaces {
            for (ink_name, ink) in inks.into_iter().chain(states) {
                pairs.push((ink_name, ink, surface_name, surface));
            }
        }
        for (name, wash) in [("good_wash", self.good_wash), ("warn_wash", self.warn_wash), ("bad_wash", self.bad_wash)]
        {
            pairs.push(("text", self.text, name, wash));
            pairs.push(("text_dim", self.text_dim, name, wash));
        }
        pairs.extend([
            ("good", self.good, "good_wash", self.good_wash),
            ("warn", self.warn, "warn_wash", self.warn_wash),
            ("bad", self.bad, "bad_wash", self.bad_wash),
            ("on_accent", self.on_accent, "accent", self.accent),
            ("on_accent", self.on_accent, "accent_hover", self.accent_hover),
            ("on_voice", self.on_voice, "voice", self.voice),
            ("mouth", self.mouth, "voice", self.voice),
            ("on_letterbox", self.on_letterbox, "letterbox", self.letterbox),
            ("text", self.text, "span", self.span),
        ]);
        pairs
    }

    /// Every icon and mark with every surface it is drawn on, by name: the contrast of each pair must reach 3 : 1.
    #[must_use]
    pub fn marks(&self) -> Vec<(&'static str, Color32, &'static str, Color32)> {
        let surfaces = [
            ("base", self.base),
            ("stage", self.stage),
            ("panel", self.panel),
            ("raised", self.raised),
            ("raised_hover", self.raised_hover),
            ("popup", self.popup),
            ("field", self.field),
            ("lane", self.lane),
            ("accent_wash", self.accent_wash),
        ];
        let mut pairs = Vec::new();
        for (surface_name, surface) in surfaces {
            for (mark_name, mark) in [
                ("icon", self.icon),
                ("accent", self.accent),
                ("good", self.good),
                ("warn", self.warn),
                ("bad", self.bad),
            ] {
                pairs.push((mark_name, mark, surface_name, surface));
            }
        }
        pairs.extend([
            ("bad", self.bad, "voice", self.voice),
            ("accent_text", self.accent_text, "voice", self.voice),
            ("mouth", self.mouth, "voice", self.voice),
            ("mouth", self.mouth, "lane", self.lane),
            ("good", self.good, "good_wash", self.good_wash),
        ]);
        pairs
    }
}

/// Distances, in points.
pub mod space {
    /// Between closely related items.
    pub const TIGHT: f32 = 4.0;
    /// Between items.
    pub const ITEM: f32 = 8.0;
    /// Between groups.
    pub const GROUP: f32 = 16.0;
    /// Between sections.
    pub const SECTION: f32 = 24.0;
    /// Padding of a panel.
    pub const PANEL: f32 = 12.0;
}

/// Sizes, in points.
pub mod size {
    /// The size the window is designed for.
    pub const WINDOW: [f32; 2] = [1280.0, 800.0];
    /// The smallest supported size of the window.
    pub const WINDOW_LEAST: [f32; 2] = [960.0, 640.0];
    /// Height of the one primary button.
    pub const BUTTON_PRIMARY: f32 = 34.0;
    /// Height of a button.
    pub const BUTTON: f32 = 28.0;
    /// Height of a button within a line of text.
    pub const BUTTON_INLINE: f32 = 22.0;
    /// Height of a compact row.
    pub const ROW: f32 = 28.0;
    /// Height of a spacious row.
    pub const ROW_WIDE: f32 = 32.0;
    /// Side of an icon.
    pub const ICON: f32 = 16.0;
    /// Height of the top bar.
    pub const TOP_BAR: f32 = 40.0;
    /// Height of the status bar.
    pub const STATUS_BAR: f32 = 24.0;
    /// Default width of the side panel.
    pub const SIDE: f32 = 320.0;
    /// Minimum width of the side panel.
    pub const SIDE_MIN: f32 = 280.0;
    /// Maximum width of the side panel.
    pub const SIDE_MAX: f32 = 440.0;
    /// Minimum side of a face tile.
    pub const TILE_MIN: f32 = 96.0;
    /// Maximum side of a face tile.
    pub const TILE_MAX: f32 = 112.0;
}

/// Corner radii, in points.
pub mod radius {
    /// Small elements: marks, bars, spans.
    pub const SMALL: u8 = 4;
    /// Buttons and fields.
    pub const NORMAL: u8 = 6;
    /// Popups.
    pub const POPUP: u8 = 8;
    /// Cards.
    pub const CARD: u8 = 12;
}

/// Type sizes and line heights, in points.
pub mod type_size {
    /// Running text.
    pub const BODY: f32 = 13.0;
    /// Its line height.
    pub const BODY_LINE: f32 = 18.0;
    /// Ids, times, raw values.
    pub const MONO: f32 = 12.0;
    /// Small secondary text.
    pub const CAPTION: f32 = 11.0;
    /// Its line height.
    pub const CAPTION_LINE: f32 = 15.0;
    /// A heading.
    pub const HEADING: f32 = 16.0;
    /// The title of an empty state.
    pub const TITLE: f32 = 22.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: Color32) -> f64 {
        let channel = |byte: u8| {
            let c = f64::from(byte) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(colour.r()) + 0.7152 * channel(colour.g()) + 0.0722 * channel(colour.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn contrast_is_measured_as_wcag_does() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
        assert!((contrast(rgb(0x77_77_77), Color32::WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn every_text_can_be_read_in_both_themes() {
        for palette in [DARK, LIGHT] {
            let theme = if palette.dark { "dark" } else { "light" };
            let poor: Vec<String> = palette
                .texts()
                .into_iter()
                .filter(|(_, ink, _, surface)| contrast(*ink, *surface) < 4.5)
                .map(|(a, ink, b, surface)| format!("{theme}: {a} on {b} is {:.2} : 1", contrast(ink, surface)))
                .collect();
            assert!(poor.is_empty(), "{poor:#?}");
        }
    }

    #[test]
    fn every_mark_can_be_seen_in_both_themes() {
        for palette in [DARK, LIGHT] {
            let theme = if palette.dark { "dark" } else { "light" };
            let poor: Vec<String> = palette
                .marks()
                .into_iter()
                .filter(|(_, mark, _, surface)| contrast(*mark, *surface) < 3.0)
                .map(|(a, mark, b, surface)| format!("{theme}: {a} on {b} is {:.2} : 1", contrast(mark, surface)))
                .collect();
            assert!(poor.is_empty(), "{poor:#?}");
        }
    }

    #[test]
    fn what_is_disabled_is_faded_and_can_still_be_read() {
        for palette in [DARK, LIGHT] {
            for (surface_name, surface) in
                [("panel", palette.panel), ("raised", palette.raised), ("popup", palette.popup)]
            {
                for (name, ink) in [("text", palette.text), ("text_dim", palette.text_dim), ("icon", palette.icon)] {
                    let seen = surface.blend(disabled(ink));
                    let ratio = contrast(seen, surface);
                    assert!(ratio >= 3.0, "dark {}: disabled {name} on {surface_name} is {ratio:.2} : 1", palette.dark);
                }
            }
        }
    }

    #[test]
    fn surfaces_rise_in_order() {
        let dark = [DARK.base, DARK.stage, DARK.panel, DARK.raised, DARK.raised_hover, DARK.raised_press];
        assert!(dark.windows(2).all(|pair| luminance(pair[0]) < luminance(pair[1])));
        let light = [LIGHT.base, LIGHT.stage, LIGHT.panel, LIGHT.popup];
        assert!(light.windows(2).all(|pair| luminance(pair[0]) < luminance(pair[1])));
    }
}
