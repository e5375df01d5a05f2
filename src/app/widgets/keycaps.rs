//! Keyboard keys, drawn as keycaps.

use egui::{Align2, CornerRadius, Key, KeyboardShortcut, Pos2, Rect, TextStyle, Ui, Vec2, pos2, vec2};

use crate::app::theme::{Palette, radius};

const HEIGHT_PX: f32 = 18.0;
const PADDING_PX: f32 = 5.0;
const GAP_PX: f32 = 3.0;

/// The keycaps of a shortcut, one for each key.
#[must_use]
pub fn caps(shortcut: KeyboardShortcut) -> Vec<String> {
    let modifiers = shortcut.modifiers;
    let mac = cfg!(target_os = "macos");
    let mut caps = Vec::new();
    let mut add = |is_in: bool, name: &str| {
        if is_in {
            caps.push(name.to_owned());
        }
    };
    add(modifiers.ctrl, "Ctrl");
    add(modifiers.command && !modifiers.ctrl, if mac { "Cmd" } else { "Ctrl" });
    add(modifiers.alt, if mac { "Option" } else { "Alt" });
    add(modifiers.shift, "Shift");
    caps.push(cap(shortcut.logical_key).to_owned());
    caps
}

/// A shortcut as text, for tooltips: `Ctrl+Shift+O`.
#[must_use]
pub fn words(shortcut: KeyboardShortcut) -> String {
    caps(shortcut).join("+")
}

fn cap(key: Key) -> &'static str {
    match key {
        Key::Escape => "Esc",
        Key::ArrowLeft => "←",
        Key::ArrowRight => "→",
        Key::ArrowUp => "↑",
        Key::ArrowDown => "↓",
        Key::Comma => ",",
        Key::Period => ".",
        Key::Questionmark => "?",
        Key::Plus => "+",
        Key::Minus => "−",
        Key::Equals => "=",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        Key::PageUp => "Page up",
        Key::PageDown => "Page down",
        Key::Delete => "Del",
        key => key.name(),
    }
}

/// Total width of these keycaps, in points.
#[must_use]
pub fn width(ui: &Ui, caps: &[String]) -> f32 {
    caps.iter().map(|cap| cap_width(ui, cap) + GAP_PX).sum::<f32>() - if caps.is_empty() { 0.0 } else { GAP_PX }
}

/// Paints the keycaps; `right` is the middle of their right edge.
pub fn paint_right(ui: &Ui, right: Pos2, caps: &[String]) {
    let mut left = right.x - width(ui, caps);
    for cap in caps {
        left = paint(ui, pos2(left, right.y), cap) + GAP_PX;
    }
}

/// Paints one keycap whose left edge is at `left`; returns where its right edge is.
fn paint(ui: &Ui, left: Pos2, cap: &str) -> f32 {
    let palette = Palette::of(ui);
    let rect = Rect::from_min_size(left - vec2(0.0, HEIGHT_PX / 2.0), Vec2::new(cap_width(ui, cap), HEIGHT_PX));
    ui.painter().rect_filled(rect, CornerRadius::same(radius::SMALL), palette.raised_press);
    let font = TextStyle::Small.resolve(ui.style());
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, cap, font, palette.text);
    rect.right()
}

fn cap_width(ui: &Ui, cap: &str) -> f32 {
    let palette = Palette::of(ui);
    let font = TextStyle::Small.resolve(ui.style());
    let words = ui.fonts_mut(|fonts| fonts.layout_no_wrap(cap.to_owned(), font, palette.text)).size().x;
    (words + 2.0 * PADDING_PX).max(HEIGHT_PX).ceil()
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::Modifiers;

    #[test]
    fn keys_have_the_labels_of_a_keyboard() {
        let of = |modifiers, key| words(KeyboardShortcut::new(modifiers, key));
        assert_eq!(of(Modifiers::NONE, Key::Comma), ",");
        if !cfg!(target_os = "macos") {
            assert_eq!(of(Modifiers::COMMAND | Modifiers::SHIFT, Key::O), "Ctrl+Shift+O");
            assert_eq!(of(Modifiers::COMMAND, Key::Plus), "Ctrl++");
        }
    }
}
