//! The type scale as pieces of text: one function for each role a text can have.

use egui::{RichText, TextStyle};

use super::style;
use super::tokens::{Palette, type_size};

/// Running text.
#[must_use]
pub fn body(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Body).line_height(Some(type_size::BODY_LINE))
}

/// Secondary text: explanations and details.
#[must_use]
pub fn dim(palette: &Palette, text: impl Into<String>) -> RichText {
    body(text).color(palette.text_dim)
}

/// Small secondary text.
#[must_use]
pub fn caption(palette: &Palette, text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Small).line_height(Some(type_size::CAPTION_LINE)).color(palette.text_dim)
}

/// The name of a group.
#[must_use]
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(style::strong()).line_height(Some(type_size::BODY_LINE))
}

/// A heading.
#[must_use]
pub fn heading(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Heading)
}

/// The title of an empty state.
#[must_use]
pub fn title(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(style::title())
}

/// Ids, times, raw values.
#[must_use]
pub fn mono(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Monospace).line_height(Some(type_size::BODY_LINE))
}
