//! The history: every task of every run, the newest first, with everything about the selected one and what can be done with it.

mod detail;
mod filters;
mod list;
mod window;

pub use self::window::history_ui;

use crate::app::state::tasks::Tone;
use crate::app::theme::{Icon, Palette};

/// The colour of a state, and its mark: never the colour alone.
#[must_use]
pub const fn ink_and_mark(palette: &Palette, tone: Tone) -> (egui::Color32, Icon) {
    match tone {
        Tone::Good => (palette.good, Icon::CircleCheck),
        Tone::Busy => (palette.accent_text, Icon::CircleDashed),
        Tone::Unclear => (palette.warn, Icon::TriangleAlert),
        Tone::Bad => (palette.bad, Icon::CircleX),
        Tone::Quiet => (palette.text_dim, Icon::CircleAlert),
    }
}
