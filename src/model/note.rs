//! Notes on a placement that keeps every rule: which part of the voice will not be seen or heard in the result.

use super::Placement;
use super::placement::PlacementFacts;
use super::words;

/// Shorter times are not reported, in milliseconds.
const LEAST_MS: i64 = 50;

/// Something about a placement that no rule forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The voice is heard while the face is not in view.
    Unseen {
        /// Before the face appears, in milliseconds.
        before_ms: i64,
        /// After it is gone, in milliseconds.
        after_ms: i64,
    },
    /// This many milliseconds at the end of the voice are cut off, because the clip ends first.
    LeftOut(i64),
}

impl Note {
    /// In words; `face` is the face's name.
    #[must_use]
    pub fn words(self, face: &str) -> String {
        match self {
            Self::Unseen { before_ms, after_ms } => {
                let (before, after) = (length_text(before_ms), length_text(after_ms));
                match (before_ms >= LEAST_MS, after_ms >= LEAST_MS) {
                    (true, true) => words::unseen_before_and_after(before, after, face),
                    (true, false) => words::unseen_before(before, face),
                    _ => words::unseen_after(after, face),
                }
            }
            Self::LeftOut(ms) => words::left_out(length_text(ms)),
        }
    }
}

/// The notes on a placement. A crop that a person ended before the clip ends is intended, and not reported.
#[must_use]
pub fn notes(placement: &Placement, facts: &PlacementFacts) -> Vec<Note> {
    let (span, crop_ms) = (placement.span(), placement.crop_ms());
    if crop_ms <= 0 {
        return Vec::new();
    }
    let (before_ms, after_ms) = facts.face.map_or((0, 0), |face| {
        let before_ms = face.start_ms.saturating_sub(span.start_ms).clamp(0, crop_ms);
        (before_ms, span.end_ms.saturating_sub(face.end_ms).clamp(0, crop_ms - before_ms))
    });
    let ends_with_clip = facts.clip_ms.is_some_and(|clip_ms| span.end_ms.saturating_add(facts.margin_ms) >= clip_ms);
    let left_out_ms = match facts.voice_ms {
        Some(voice_ms) if ends_with_clip => voice_ms.saturating_sub(placement.sound_end_time),
        _ => 0,
    };
    let mut notes = Vec::new();
    if before_ms.max(after_ms) >= LEAST_MS {
        notes.push(Note::Unseen { before_ms, after_ms });
    }
    if left_out_ms >= LEAST_MS {
        notes.push(Note::LeftOut(left_out_ms));
    }
    notes
}

/// `3.2 s`; `60 ms` where that would be nothing.
fn length_text(ms: i64) -> String {
    if ms < 100 { format!("{ms} ms") } else { format!("{:.1} s", ms as f64 / 1e3) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Interval;
    use crate::model::placement::{Wanted, check_placement};
    use crate::model::rule::first_broken;
    use proptest::prelude::*;

    fn facts(voice_ms: i64, clip_ms: i64, face: (i64, i64)) -> PlacementFacts {
        let face = Some(Interval::new(face.0, face.1));
        PlacementFacts { voice_ms: Some(voice_ms), clip_ms: Some(clip_ms), face, ..PlacementFacts::default() }
    }

    fn said(facts: &PlacementFacts, wanted: Wanted) -> Vec<String> {
        let placement = Placement::propose(facts, wanted).unwrap();
        assert!(first_broken(&check_placement(&placement, facts)).is_none());
        notes(&placement, facts).into_iter().map(|note| note.words("Face 2")).collect()
    }

    #[test]
    fn what_is_heard_without_the_face_is_said() {
        let demo = facts(8_259, 9_000, (2_000, 7_040));
        let words = said(&demo, Wanted::default());
        assert_eq!(
            words,
            ["The voice is heard for 1.3 s before and 1.9 s after Face 2 is in view: no mouth moves there"]
        );
    }

    #[test]
    fn what_the_clip_leaves_out_of_the_voice_is_said_and_what_somebody_left_out_is_not() {
        let long = facts(12_250, 9_000, (0, 9_000));
        let words = said(&long, Wanted::default());
        assert_eq!(words, ["The last 3.3 s of the voice are cut off, because the clip ends"]);
        let trimmed = Wanted { end_ms: Some(4_000), ..Wanted::default() };
        assert_eq!(said(&long, trimmed), Vec::<String>::new());
    }

    #[test]
    fn of_what_is_not_known_nothing_is_said() {
        let placement = Placement::propose(&facts(8_000, 9_000, (0, 9_000)), Wanted::default()).unwrap();
        assert!(notes(&placement, &PlacementFacts::default()).is_empty());
    }

    proptest! {
        #[test]
        fn heard_and_seen_and_heard_and_unseen_are_all_that_is_heard(
            voice in 2_000..60_000_i64, clip in 2_000..60_000_i64, start in 0..60_000_i64, len in 0..60_000_i64,
        ) {
            let facts = facts(voice, clip, (start, start + len));
            let placement = Placement::propose(&facts, Wanted::default()).unwrap();
            let seen_ms = placement.span().overlap_ms(facts.face.unwrap());
            for note in notes(&placement, &facts) {
                match note {
                    Note::Unseen { before_ms, after_ms } => {
                        prop_assert_eq!(before_ms + after_ms + seen_ms, placement.crop_ms());
                    },
                    Note::LeftOut(ms) => prop_assert_eq!(ms + placement.sound_end_time, voice),
                }
            }
        }
    }
}
