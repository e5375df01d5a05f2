//! Inter for text, `JetBrains` Mono for ids and times; glyphs that both lack come from the system (`system_fonts`).

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily};

/// Inter, medium weight.
pub const MEDIUM: &str = "medium";
/// Inter, semibold.
pub const SEMIBOLD: &str = "semibold";

/// The fonts that are built into the program.
#[must_use]
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let files: [(&str, &'static [u8]); 4] = [
        ("Inter", include_bytes!("../../../assets/fonts/Inter-Regular.otf")),
        ("Inter Medium", include_bytes!("../../../assets/fonts/Inter-Medium.otf")),
        ("Inter SemiBold", include_bytes!("../../../assets/fonts/Inter-SemiBold.otf")),
        ("JetBrains Mono", include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf")),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let families = [
        (FontFamily::Proportional, ["Inter", "JetBrains Mono"]),
        (FontFamily::Monospace, ["JetBrains Mono", "Inter"]),
        (FontFamily::Name(MEDIUM.into()), ["Inter Medium", "JetBrains Mono"]),
        (FontFamily::Name(SEMIBOLD.into()), ["Inter SemiBold", "JetBrains Mono"]),
    ];
    for (family, names) in families {
        fonts.families.insert(family, names.map(str::to_owned).to_vec());
    }
    fonts
}
