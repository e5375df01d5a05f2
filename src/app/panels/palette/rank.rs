//! Ranks an entry against a query: whole words before parts of words, the title before the description. Pure.

use std::ops::Range;

/// The score, and the matched byte ranges of the title, in order and without overlaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rank {
    /// Higher is better.
    pub score: u32,
    /// The matched ranges of the title.
    pub marks: Vec<Range<usize>>,
}

/// For an entry whose whole title was typed: it comes before every other one that contains these words, which may cost something.
const WHOLE_TITLE: u32 = 1_000;
const WHOLE_START: u32 = 120;
const WORD_START: u32 = 100;
const WITHIN: u32 = 60;
const SCATTERED: u32 = 30;
const GROUP: u32 = 40;
const TOOLTIP_WORD: u32 = 20;

/// The rank of an entry; `None` where a word of the query does not occur in it. An empty query ranks all entries equally. `label` is what its
/// button says, where that is not its title.
#[must_use]
pub fn rank(query: &str, title: &str, label: &str, group: &str, tooltip: &str) -> Option<Rank> {
    let mut rank = Rank::default();
    for word in query.split_whitespace() {
        let word: Vec<char> = word.chars().map(fold).collect();
        let (score, marks) = of_title(&word, title)
            .filter(|(score, _)| *score > SCATTERED)
            .or_else(|| starts_a_word(&word, label).map(|_| (WORD_START, Vec::new())))
            .or_else(|| of_title(&word, title))
            .or_else(|| starts_a_word(&word, group).map(|_| (GROUP, Vec::new())))
            .or_else(|| starts_a_word(&word, tooltip).map(|_| (TOOLTIP_WORD, Vec::new())))?;
        rank.score += score;
        rank.marks.extend(marks);
    }
    if is_whole(query, title) || is_whole(query, label) {
        rank.score += WHOLE_TITLE;
    }
    rank.marks.sort_by_key(|mark| mark.start);
    // Several words of a query may match the same letters.
    let mut last_end = 0;
    rank.marks.retain_mut(|mark| {
        mark.start = mark.start.max(last_end);
        last_end = last_end.max(mark.end);
        mark.start < mark.end
    });
    Some(rank)
}

/// Whether these are the words of a title, whatever their case and with or without its `…`.
fn is_whole(query: &str, title: &str) -> bool {
    let words = |text: &str| text.trim().trim_end_matches('…').to_lowercase();
    let words = (words(query), words(title));
    !words.0.is_empty() && words.0.split_whitespace().eq(words.1.split_whitespace())
}

fn of_title(word: &[char], title: &str) -> Option<(u32, Vec<Range<usize>>)> {
    if let Some(mark) = starts_a_word(word, title) {
        let score = if mark.start == 0 { WHOLE_START } else { WORD_START };
        return Some((score, vec![mark]));
    }
    if let Some(mark) = starts(title).find_map(|(at, _)| matches_at(word, title, at)) {
        return Some((WITHIN, vec![mark]));
    }
    scattered(word, title).map(|marks| (SCATTERED, marks))
}

/// Where `word` is a prefix of a word of `text`.
fn starts_a_word(word: &[char], text: &str) -> Option<Range<usize>> {
    starts(text).filter(|(_, first_of_word)| *first_of_word).find_map(|(at, _)| matches_at(word, text, at))
}

/// The start of each character, and whether a word begins there.
fn starts(text: &str) -> impl Iterator<Item = (usize, bool)> + '_ {
    let mut before = ' ';
    text.char_indices().map(move |(at, letter)| {
        let first_of_word = letter.is_alphanumeric() && !before.is_alphanumeric();
        before = letter;
        (at, first_of_word)
    })
}

fn matches_at(word: &[char], text: &str, at: usize) -> Option<Range<usize>> {
    let mut letters = text[at..].char_indices();
    let mut end = at;
    for wanted in word {
        let (offset, letter) = letters.next()?;
        if fold(letter) != *wanted {
            return None;
        }
        end = at + offset + letter.len_utf8();
    }
    (end > at).then_some(at..end)
}

/// The letters in order, the first one at the start of a word, each other one later in the same word or at the start of a later one: what a person
/// means who types initials. Letters of anywhere would find nearly every title.
fn scattered(word: &[char], text: &str) -> Option<Vec<Range<usize>>> {
    let (first, rest) = word.split_first()?;
    if rest.is_empty() {
        return None;
    }
    starts(text).filter(|(_, first_of_word)| *first_of_word).find_map(|(start, _)| {
        let letter = text[start..].chars().next().filter(|letter| fold(*letter) == *first)?;
        let mut at = start + letter.len_utf8();
        let mut marks = Vec::with_capacity(word.len());
        marks.push(start..at);
        for wanted in rest {
            let mut in_word = true;
            let mut before = letter;
            let (found, letter) = text[at..].char_indices().find_map(|(offset, letter)| {
                in_word &= letter.is_alphanumeric();
                let begins = letter.is_alphanumeric() && !before.is_alphanumeric();
                before = letter;
                ((in_word || begins) && fold(letter) == *wanted).then_some((at + offset, letter))
            })?;
            at = found + letter.len_utf8();
            marks.push(found..at);
        }
        Some(marks)
    })
}

/// Folds each letter to a single one, so that indices in the folded text are indices in the text.
fn fold(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn score(query: &str, title: &str) -> Option<u32> {
        rank(query, title, "Save as…", "Result", "Saves it to a place of your choice").map(|rank| rank.score)
    }

    #[test]
    fn beginnings_of_words_come_before_what_is_within_and_scattered() {
        let of = |query| score(query, "Save the result as…");
        assert!(of("save") > of("res") && of("res") > of("sult") && of("sult") > of("srt"));
        assert_eq!(of("zebra"), None);
        assert_eq!(of("save zebra"), None, "every word counts");
        assert!(of("place").is_some(), "what it does is looked through too");
        assert_eq!(of(""), Some(0));
    }

    #[test]
    fn a_button_is_found_by_what_it_says_and_letters_from_anywhere_find_nothing() {
        let of = |query, title, label| rank(query, title, label, "", "").map(|rank| rank.score);
        assert_eq!(of("snap to best", "Snap the voice to the nearest place that works", "Snap to best"), Some(1_320));
        assert!(
            of("find faces", "Find faces", "") > of("find faces", "Find faces again", ""),
            "not the one that is paid"
        );
        assert_eq!(of("run again", "Download the result again", ""), None);
        assert!(of("dra", "Download the result again", "").is_some());
    }

    #[test]
    fn what_was_meant_is_marked() {
        let marks = |query, title| rank(query, title, "", "", "").unwrap().marks;
        assert_eq!(marks("res sa", "Save the result as…"), [0..2, 9..12]);
        assert_eq!(marks("ff", "Find faces"), [0..1, 5..6]);
        assert_eq!(marks("über al", "Über alles"), [0..5, 6..8]);
        assert_eq!(marks("sa save", "Save"), [0..2, 2..4]);
        assert_eq!(marks("face 2", "Choose face 2"), [7..11, 12..13]);
    }

    proptest! {
        #[test]
        fn marks_are_whole_letters_in_order(query in "\\PC{0,12}", title in "\\PC{0,24}") {
            if let Some(rank) = rank(&query, &title, "Label", "Group", "tooltip") {
                let mut last = 0;
                for mark in rank.marks {
                    prop_assert!(mark.start >= last && mark.start < mark.end);
                    prop_assert!(title.get(mark.clone()).is_some());
                    last = mark.end;
                }
            }
        }

        #[test]
        fn a_title_is_found_by_its_own_words(title in "[A-Za-z]{1,8}( [A-Za-z]{1,8}){0,3}") {
            prop_assert!(rank(&title, &title, "", "", "").is_some());
        }
    }
}
