//! Text from elsewhere, made harmless to show: a terminal or a window would obey some characters instead of showing them.

use std::borrow::Cow;

/// Whether a character has no shape of its own and changes how others are shown: direction marks, invisible joiners and spaces, tags.
const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
    )
}

/// `text` with a space for each control character (C0, DEL, C1, line and paragraph separators), and without invisible characters and
/// those that change the direction of writing.
#[must_use]
pub fn inert(text: &str) -> Cow<'_, str> {
    let is_control = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    if !text.chars().any(|letter| is_control(letter) || is_invisible(letter)) {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().filter(|&letter| !is_invisible(letter));
    Cow::Owned(kept.map(|letter| if is_control(letter) { ' ' } else { letter }).collect())
}

/// The same of a text of several lines or columns: line breaks and tabs stay.
#[must_use]
pub fn inert_lines(text: &str) -> Cow<'_, str> {
    const KEPT: [char; 2] = ['\n', '\t'];
    if text.split(KEPT).all(|part| matches!(inert(part), Cow::Borrowed(_))) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_inclusive(KEPT).fold(String::new(), |mut kept, part| {
        let bare = part.strip_suffix(KEPT).unwrap_or(part);
        kept.push_str(&inert(bare));
        kept.push_str(&part[bare.len()..]);
        kept
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_becomes_a_space_and_what_hides_goes() {
        assert_eq!(inert("a\u{1b}]0;x\u{7}b\u{9b}c\u{7f}\u{2028}d"), "a ]0;x b c  d");
        assert_eq!(inert("gpj.\u{202e}exe\u{2066}\u{200b}\u{feff}\u{61c}"), "gpj.exe");
        for plain in ["", "héllo, wörld", "日本語", "🙂", "https://h/a?b=c#d"] {
            assert!(matches!(inert(plain), Cow::Borrowed(same) if same == plain));
        }
        assert_eq!(inert_lines("a\nb\u{1b}c\td\n"), "a\nb c\td\n");
    }
}
