//! Text fields and number fields, each with a name.

use egui::{Key, Response, RichText, TextEdit, TextStyle, Ui, Vec2};

use crate::app::theme::{Palette, size};

/// A field of one line.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
    /// What belongs into it, while it is empty.
    pub hint: &'a str,
    /// How wide it is, in points.
    pub width: f32,
    /// For ids and paths.
    pub mono: bool,
    /// For secrets.
    pub password: bool,
}

/// What happened to a field.
#[derive(Debug)]
pub struct FieldAnswer {
    /// The text, where it changed.
    pub changed: Option<String>,
    /// Whether the text is meant as it stands: Enter was pressed, or the field left.
    pub committed: bool,
    /// The widget itself.
    pub response: Response,
}

/// Draws a field.
pub fn field_ui(ui: &mut Ui, field: &Field<'_>) -> FieldAnswer {
    let palette = Palette::of(ui);
    let mut text = field.text.to_owned();
    let font = if field.mono { TextStyle::Monospace } else { TextStyle::Body };
    let output = ui.add(
        TextEdit::singleline(&mut text)
            .id_salt(field.name)
            .hint_text(RichText::new(field.hint).color(palette.text_faint))
            .font(font)
            .password(field.password)
            .margin(egui::Margin::symmetric(8, 5))
            .desired_width(field.width - 16.0)
            .min_size(Vec2::new(field.width, size::BUTTON))
            .align(egui::Align2::LEFT_CENTER),
    );
    let response = output.accessible_name(field.name);
    let committed = response.lost_focus() && !ui.input(|input| input.key_pressed(Key::Escape));
    let changed = (text != field.text).then_some(text);
    FieldAnswer { changed, committed, response }
}
