//! How the window looks: tokens, fonts, icons, type. The only place that constructs colours.

pub mod fonts;
pub mod icons;
mod mark;
mod style;
pub mod text;
pub mod tokens;

pub use icons::Icon;
pub use mark::window_icon;
pub use style::{install, set_motion, strong};
pub use tokens::{Palette, UNTINTED, disabled, radius, size, space, type_size};
