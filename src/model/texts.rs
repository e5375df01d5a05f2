//! How a floor keeps its texts for people in one table.

/// Defines each text as a function of its values, and `all`, which lists the texts with the sample values given here:
/// `key(value = sample) "Text with {value}";`
#[macro_export]
macro_rules! texts {
    ($($key:ident($($value:ident = $sample:expr),*) $text:literal;)*) => {
        $(pub(super) fn $key($($value: impl std::fmt::Display),*) -> String { format!($text) })*

        /// Each text by its key, with sample values.
        #[doc(hidden)]
        #[must_use]
        pub fn all() -> Vec<(&'static str, String)> {
            vec![$((stringify!($key), $key($($sample),*))),*]
        }

        #[cfg(test)]
        mod tests {
            #[test]
            fn each_text_begins_with_a_capital_letter_and_has_no_full_stop() {
                for (key, text) in super::all() {
                    let is_part = key.starts_with("part_");
                    let begins_with_address = text.starts_with("http://");
                    let first = text.chars().next();
                    let is_sentence = first.is_some_and(|c| !c.is_lowercase());
                    assert!(is_part || begins_with_address || is_sentence, "{key}: {text}");
                    assert!(!text.ends_with('.') && !text.contains("  "), "{key}: {text}");
                }
            }
        }
    };
}
