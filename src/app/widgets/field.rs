//! Text fields and number fields, each with a name.

use std::sync::Arc;

use egui::text::{CCursor, CCursorRange};
use egui::text_edit::TextEditState;
use egui::{Galley, Key, Margin, Response, RichText, TextBuffer, TextEdit, TextStyle, Ui, Vec2};

use crate::app::theme::{Palette, size};

/// Margin between the edge of a field and its text.
const MARGIN: Margin = Margin::symmetric(8, 5);
/// Replaces the part of a text that is left out.
const ELLIPSIS: &str = "…";

/// A field of one line.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The hint that is shown while it is empty.
    pub hint: &'a str,
    /// Its width, in points.
    pub width: f32,
    /// Whether it uses the monospaced font, for ids and paths.
    pub mono: bool,
    /// Whether its text is hidden, for secrets.
    pub password: bool,
}

/// What a field returns.
#[derive(Debug)]
pub struct FieldAnswer {
    /// The new text, where it changed.
    pub changed: Option<String>,
    /// Whether the text is committed: Enter was pressed, or the field lost the focus.
    pub committed: bool,
    /// The response of the widget.
    pub response: Response,
}

/// Draws a field.
pub fn field_ui(ui: &mut Ui, field: &Field<'_>) -> FieldAnswer {
    draw_ui(ui, field, false)
}

/// Draws a field for a path or an address. A text longer than the field is shown from its end, where the name is, until the field has
/// the focus.
pub fn path_field_ui(ui: &mut Ui, field: &Field<'_>) -> FieldAnswer {
    draw_ui(ui, field, true)
}

fn draw_ui(ui: &mut Ui, field: &Field<'_>, path: bool) -> FieldAnswer {
    let palette = Palette::of(ui);
    let id = ui.make_persistent_id(field.name);
    let mut text = field.text.to_owned();
    let style = if field.mono { TextStyle::Monospace } else { TextStyle::Body };
    let room = field.width - 2.0 * f32::from(MARGIN.left);
    let mut of_end = |ui: &Ui, buffer: &dyn TextBuffer, _wrap_px: f32| end_of(ui, buffer.as_str(), &style, room);
    let mut edit = TextEdit::singleline(&mut text)
        .id(id)
        .hint_text(RichText::new(field.hint).color(palette.text_faint))
        .font(style.clone())
        .password(field.password)
        .margin(MARGIN)
        .desired_width(room)
        .min_size(Vec2::new(field.width, size::BUTTON))
        .align(egui::Align2::LEFT_CENTER);
    let at_rest = path && !ui.memory(|memory| memory.has_focus(id));
    if at_rest {
        edit = edit.layouter(&mut of_end);
    }
    let output = ui.add(edit);
    // The place of the click has no meaning for a text of which only the end was visible.
    if at_rest
        && output.gained_focus()
        && let Some(mut state) = TextEditState::load(ui.ctx(), id)
    {
        state.cursor.set_char_range(Some(CCursorRange::one(CCursor::new(field.text.chars().count()))));
        state.store(ui.ctx(), id);
    }
    // What is typed replaces a secret: nobody can see where in it the caret is.
    if field.password && output.gained_focus() {
        select_all(ui, id, field.text);
    }
    let response = output.accessible_name(field.name);
    let committed = response.lost_focus() && !ui.input(|input| input.key_pressed(Key::Escape));
    let changed = (text != field.text).then_some(text);
    FieldAnswer { changed, committed, response }
}

/// Selects the text of a field, so that what is typed next replaces it.
pub fn select_all(ui: &Ui, id: egui::Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let end = CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::new(0), end)));
    state.store(ui.ctx(), id);
}

/// The longest end of a text that fits into `room_px` points behind an ellipsis; the whole text where that fits.
fn end_of(ui: &Ui, text: &str, style: &TextStyle, room_px: f32) -> Arc<Galley> {
    let font = style.resolve(ui.style());
    let lay_out =
        |text: String| ui.fonts_mut(|fonts| fonts.layout_no_wrap(text, font.clone(), ui.visuals().text_color()));
    let whole = lay_out(text.to_owned());
    let Some(row) = whole.rows.first().filter(|_| whole.size().x > room_px) else { return whole };
    let room = room_px - lay_out(ELLIPSIS.into()).size().x;
    let hidden = row.glyphs.iter().take_while(|glyph| whole.size().x - glyph.pos.x > room).count();
    lay_out(ELLIPSIS.chars().chain(text.chars().skip(hidden)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_path_the_end_is_shown_and_of_a_short_one_everything() {
        egui::__run_test_ui(|ui| {
            let path = "/home/somebody/clips/of/last/week/interview.mp4";
            let shown = end_of(ui, path, &TextStyle::Body, 160.0);
            let end = shown.text().strip_prefix(ELLIPSIS).expect("something is left out");
            assert!(path.ends_with(end) && end.ends_with("interview.mp4"), "{end}");
            assert!(shown.size().x <= 160.0 && shown.size().x > 140.0, "{:?}", shown.size());
            assert_eq!(end_of(ui, path, &TextStyle::Body, 1_000.0).text(), path);
            assert_eq!(end_of(ui, "", &TextStyle::Body, 160.0).text(), "");
        });
    }
}
