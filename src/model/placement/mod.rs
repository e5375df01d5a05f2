//! Where a voice is cut and where it is put: the values of a create, and the rules R1–R7 of the wire contract.

mod nearest;
mod rules;

use serde::{Deserialize, Serialize};

pub use self::nearest::nearest;
pub use self::rules::{check_length, check_placement};
use super::Interval;

/// The least crop, and the least overlap of crop and face (R2, R6), in milliseconds.
pub const LEAST_MS: i64 = 2_000;
/// How far a proposal stays from the end of face and clip: a face's `end_time` may overshoot the real end.
pub const DEFAULT_MARGIN_MS: i64 = 50;
/// Loudest volume (R7); 1 leaves the sound as it is.
pub const MAX_VOLUME: f64 = 2.0;

/// The five values of a create that say which part of the voice sounds when, and how loud.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// `s`: where the crop of the voice begins, in the voice's own time.
    pub sound_start_time: i64,
    /// `e`: where the crop ends, in the voice's own time.
    pub sound_end_time: i64,
    /// `i`: when the crop begins to sound, in the clip's time.
    pub sound_insert_time: i64,
    /// Volume of the voice, 0 to 2; `None` leaves the field out, and the service takes 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound_volume: Option<f64>,
    /// Volume of the clip's own sound, 0 to 2; `None` leaves the field out, and the service takes 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_audio_volume: Option<f64>,
}

/// What is known of the things a placement refers to. `None` means not known: never guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacementFacts {
    /// `A`: length of the whole voice in milliseconds.
    pub voice_ms: Option<i64>,
    /// `V`: length of the clip in milliseconds.
    pub clip_ms: Option<i64>,
    /// The clip is at least this long, in milliseconds: a face is in view until then. Where `clip_ms` is not known, proposals stay within it as far
    /// as they can; no rule is judged by it.
    pub clip_at_least_ms: Option<i64>,
    /// `[fs, fe]`: the interval of the chosen face.
    pub face: Option<Interval>,
    /// Safety margin of proposals in milliseconds; see [`DEFAULT_MARGIN_MS`].
    pub margin_ms: i64,
}

impl Default for PlacementFacts {
    fn default() -> Self {
        Self { voice_ms: None, clip_ms: None, clip_at_least_ms: None, face: None, margin_ms: DEFAULT_MARGIN_MS }
    }
}

/// What a person has fixed of a placement; the rest is proposed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// `sound_start_time`, else 0.
    pub start_ms: Option<i64>,
    /// `sound_end_time`, else as much of the voice as fits.
    pub end_ms: Option<i64>,
    /// `sound_insert_time`, else the best.
    pub insert_ms: Option<i64>,
}

impl Placement {
    /// `L = e - s`; negative where the ends are the wrong way round.
    #[must_use]
    pub const fn crop_ms(&self) -> i64 {
        self.sound_end_time.saturating_sub(self.sound_start_time)
    }

    /// `[i, i + L]` in the clip's time.
    #[must_use]
    pub const fn span(&self) -> Interval {
        Interval::new(self.sound_insert_time, self.sound_insert_time.saturating_add(self.crop_ms()))
    }

    /// Proposes a placement: what is wanted, the rest as the contract advises: as much of the voice as fits, at the best insert.
    ///
    /// # Errors
    /// The length of the voice is not known and no end is wanted: then there is nothing to propose.
    pub fn propose(facts: &PlacementFacts, wanted: Wanted) -> Result<Self, VoiceLengthUnknown> {
        let start_ms = wanted.start_ms.unwrap_or(0);
        // A clip of unknown length may end where the last of its faces does: what reaches beyond would be refused (R5).
        let within = PlacementFacts { clip_ms: facts.clip_ms.or(facts.clip_at_least_ms), ..*facts };
        let end_ms = match (wanted.end_ms, facts.voice_ms) {
            (Some(end_ms), _) => end_ms,
            (None, None) => return Err(VoiceLengthUnknown),
            (None, Some(voice_ms)) => start_ms.saturating_add(longest_crop_ms(
                &within,
                voice_ms.saturating_sub(start_ms),
                wanted.insert_ms.unwrap_or(0),
            )),
        };
        let crop_ms = end_ms.saturating_sub(start_ms);
        Ok(Self {
            sound_start_time: start_ms,
            sound_end_time: end_ms,
            sound_insert_time: wanted.insert_ms.unwrap_or_else(|| best_insert_ms(facts, crop_ms)),
            sound_volume: None,
            original_audio_volume: None,
        })
    }
}

/// The length of the voice is not known, so the end of the crop must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the length of the voice is not known, so its end (sound_end_time) must be given")]
pub struct VoiceLengthUnknown;

/// The longest crop that fits behind `insert_ms`: `min(A - s, V - i)`, less the margin where that still leaves 2 s.
///
/// `rest_ms` is `A - s`, what is left of the voice, in milliseconds.
#[must_use]
pub fn longest_crop_ms(facts: &PlacementFacts, rest_ms: i64, insert_ms: i64) -> i64 {
    let Some(clip_ms) = facts.clip_ms else { return rest_ms.max(0) };
    let room_ms = clip_ms.saturating_sub(insert_ms);
    if rest_ms <= room_ms.saturating_sub(facts.margin_ms) {
        return rest_ms.max(0);
    }
    let safe_ms = room_ms.saturating_sub(facts.margin_ms);
    // Where there is no room for 2 s, 2 s are returned nevertheless: R5 then reports that the insert is too late, which is the cause.
    if safe_ms >= LEAST_MS { safe_ms } else { rest_ms.min(room_ms.max(LEAST_MS)).max(0) }
}

/// Every allowed insert for a crop of `crop_ms`, both ends included: `max(0, fs + 2000 - L) ..= min(V - L, fe - 2000)`.
///
/// `None`: no insert is allowed. The upper end is `None` where neither clip nor face is known.
#[must_use]
pub fn allowed_inserts_ms(facts: &PlacementFacts, crop_ms: i64) -> Option<(i64, Option<i64>)> {
    allowed_with_margin(facts, crop_ms, 0)
}

fn allowed_with_margin(facts: &PlacementFacts, crop_ms: i64, margin_ms: i64) -> Option<(i64, Option<i64>)> {
    if crop_ms < LEAST_MS {
        return None;
    }
    let first = facts.face.map_or(0, |face| face.start_ms.saturating_add(LEAST_MS - crop_ms)).max(0);
    let by_clip = facts.clip_ms.map(|clip_ms| clip_ms.saturating_sub(crop_ms).saturating_sub(margin_ms));
    let by_face = facts.face.map(|face| face.end_ms.saturating_sub(LEAST_MS).saturating_sub(margin_ms));
    let last = match (by_clip, by_face) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    // A face that is in view for less than 2 s has no allowed insert, whatever the range.
    let face_is_long_enough = facts.face.is_none_or(|face| face.len_ms() >= LEAST_MS);
    (face_is_long_enough && last.is_none_or(|last| first <= last)).then_some((first, last))
}

/// `clamp(fs, allowed range)`: the insert at which the face has just come into view, moved as little as needed.
///
/// The margin is kept where it can be; where nothing is allowed, the face's start (or 0) is returned, and the rules say why not.
#[must_use]
pub fn best_insert_ms(facts: &PlacementFacts, crop_ms: i64) -> i64 {
    let wish_ms = facts.face.map_or(0, |face| face.start_ms);
    // A clip of unknown length may end where the last of its faces does.
    let within = PlacementFacts { clip_ms: facts.clip_ms.or(facts.clip_at_least_ms), ..*facts };
    let range = allowed_with_margin(&within, crop_ms, facts.margin_ms)
        .or_else(|| allowed_with_margin(facts, crop_ms, facts.margin_ms))
        .or_else(|| allowed_inserts_ms(facts, crop_ms));
    match range {
        Some((first, last)) => wish_ms.max(first).min(last.unwrap_or(i64::MAX)),
        None => wish_ms.max(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rule::{Verdict, first_broken};
    use proptest::prelude::*;

    fn placed(s: i64, e: i64, i: i64) -> Placement {
        Placement {
            sound_start_time: s,
            sound_end_time: e,
            sound_insert_time: i,
            sound_volume: None,
            original_audio_volume: None,
        }
    }

    fn known(voice_ms: i64, clip_ms: i64, fs: i64, fe: i64) -> PlacementFacts {
        PlacementFacts {
            voice_ms: Some(voice_ms),
            clip_ms: Some(clip_ms),
            face: Some(Interval::new(fs, fe)),
            ..PlacementFacts::default()
        }
    }

    fn holds(placement: &Placement, facts: &PlacementFacts) -> bool {
        first_broken(&check_placement(placement, facts)).is_none()
    }

    #[test]
    fn a_proposal_for_a_clip_of_unknown_length_ends_where_its_faces_do() {
        let face = Some(Interval::new(0, 2_600));
        let facts =
            PlacementFacts { voice_ms: Some(8_258), clip_at_least_ms: Some(2_600), face, ..PlacementFacts::default() };
        let proposed = Placement::propose(&facts, Wanted::default()).unwrap();
        assert_eq!((proposed.sound_end_time, proposed.sound_insert_time), (2_550, 0));
        // What a person fixes is not cut, and a clip that is known to go on has room.
        let wanted = Wanted { end_ms: Some(8_000), ..Wanted::default() };
        assert_eq!(Placement::propose(&facts, wanted).unwrap().sound_end_time, 8_000);
        let known = PlacementFacts { clip_ms: Some(20_000), ..facts };
        assert_eq!(Placement::propose(&known, Wanted::default()).unwrap().sound_end_time, 8_258);
    }

    #[test]
    fn each_rule_breaks_by_name_with_its_arithmetic() {
        let facts = known(8_000, 9_000, 2_000, 7_000);
        let loud = Placement { sound_volume: Some(2.1), ..placed(0, 5_000, 2_000) };
        let silent = Placement { original_audio_volume: Some(f64::NAN), ..placed(0, 5_000, 2_000) };
        let cases = [
            ("R1", placed(-1, 5_000, 2_000), facts, "-1 ms < 0"),
            ("R1", placed(5_000, 5_000, 2_000), facts, "Nothing of the voice is heard"),
            ("R1", placed(3_001, 8_001, 2_000), facts, "ends 1 ms after the voice: sound_end_time 8001 ms > 8000 ms"),
            ("R2", placed(0, 1_999, 2_000), facts, "1999 - 0 = 1999 ms < 2000 ms"),
            ("R3", placed(0, 5_000, 2_000), known(60_001, 9_000, 2_000, 7_000), "60.001 s is longer than 60 s"),
            ("R4", placed(0, 5_000, -1), facts, "-1 ms < 0"),
            ("R5", placed(0, 5_000, 4_001), facts, "ends 1 ms after the clip: 4001 + 5000 = 9001 ms > 9000 ms"),
            ("R6", placed(0, 2_500, 5_001), facts, "starts too late for the face: 7000 - 5001 = 1999"),
            ("R6", placed(0, 3_000, 999), facts, "ends too early for the face: 999 + 3000 - 2000 = 1999"),
            ("R6", placed(0, 5_000, 2_000), known(8_000, 9_000, 2_000, 3_999), "3999 - 2000 = 1999 ms < 2000 ms"),
            ("R7", loud, facts, "sound_volume 2.1"),
            ("R7", silent, facts, "original_audio_volume NaN"),
        ];
        for (rule, placement, facts, words) in cases {
            let reports = check_placement(&placement, &facts);
            let broken = first_broken(&reports).unwrap_or_else(|| panic!("{rule} holds for {placement:?}"));
            assert_eq!(broken.rule, rule, "{broken:?}");
            assert!(broken.why().unwrap().contains(words), "{broken:?}");
        }
    }

    #[test]
    fn what_is_not_known_is_unchecked_and_never_a_refusal() {
        let reports = check_placement(&placed(0, 5_000, 0), &PlacementFacts::default());
        let unchecked: Vec<_> =
            reports.iter().filter(|report| matches!(report.verdict, Verdict::Unchecked(_))).map(|r| r.rule).collect();
        assert_eq!(unchecked, ["R3", "R1", "R5", "R6"]);
        assert!(first_broken(&reports).is_none());
    }

    #[test]
    fn the_demo_is_placed_as_the_contract_advises() {
        let first = Placement::propose(&known(8_259, 9_000, 0, 9_000), Wanted::default()).unwrap();
        assert_eq!((first.sound_start_time, first.sound_end_time, first.sound_insert_time), (0, 8_259, 0));
        let second = Placement::propose(&known(8_259, 9_000, 2_000, 7_000), Wanted::default()).unwrap();
        assert_eq!((second.crop_ms(), second.sound_insert_time), (8_259, 691));
    }

    #[test]
    fn a_clip_of_unknown_length_is_taken_to_reach_as_far_as_its_faces() {
        let unknown = PlacementFacts { clip_ms: None, clip_at_least_ms: Some(9_000), ..known(8_258, 0, 2_000, 7_000) };
        let proposed = Placement::propose(&unknown, Wanted::default()).unwrap();
        assert_eq!((proposed.crop_ms(), proposed.sound_insert_time), (8_258, 692));
        // What does not fit there is cut: the clip may end with its faces.
        let long = PlacementFacts { voice_ms: Some(20_000), ..unknown };
        let proposed = Placement::propose(&long, Wanted::default()).unwrap();
        assert_eq!((proposed.crop_ms(), proposed.sound_insert_time), (8_950, 0));
        assert!(
            first_broken(&check_placement(&placed(0, 8_000, 5_000), &unknown)).is_none(),
            "no rule is judged by it"
        );
    }

    #[test]
    fn the_rule_that_is_named_is_the_one_that_is_the_cause() {
        let facts = known(8_258, 9_000, 0, 9_000);
        let named = |facts: PlacementFacts, wanted: Wanted| {
            let proposed = Placement::propose(&facts, wanted).unwrap();
            let reports = check_placement(&proposed, &facts);
            let broken = first_broken(&reports).unwrap();
            (broken.rule, broken.why().unwrap().to_owned())
        };
        let late = Wanted { insert_ms: Some(9_500), ..Wanted::default() };
        assert_eq!(
            named(facts, late),
            ("R5", "The voice ends 2500 ms after the clip: 9500 + 2000 = 11500 ms > 9000 ms".to_owned())
        );
        let little_room = Wanted { insert_ms: Some(8_000), ..Wanted::default() };
        assert_eq!(named(facts, little_room).0, "R5");
        let past_the_voice = Wanted { start_ms: Some(9_000), ..Wanted::default() };
        assert_eq!(
            named(facts, past_the_voice),
            (
                "R1",
                "The part that is heard begins after the voice has ended: sound_start_time 9000 ms >= 8258 ms"
                    .to_owned()
            )
        );
        assert_eq!(named(known(1_000, 9_000, 0, 9_000), Wanted::default()).0, "R3");
    }

    #[test]
    fn without_a_known_voice_length_the_end_must_be_given() {
        let facts = PlacementFacts { voice_ms: None, ..known(0, 9_000, 2_000, 7_000) };
        assert_eq!(Placement::propose(&facts, Wanted::default()), Err(VoiceLengthUnknown));
        let given = Placement::propose(&facts, Wanted { end_ms: Some(4_000), ..Wanted::default() }).unwrap();
        assert_eq!((given.sound_end_time, given.sound_insert_time), (4_000, 2_000));
    }

    proptest! {
        /// The formula for the allowed range and the rules R4–R6 say the same of every insert.
        #[test]
        fn the_allowed_range_is_exactly_where_the_rules_hold(
            crop in 0..9_000_i64, clip in 0..12_000_i64, fs in 0..9_000_i64, len in 0..9_000_i64, insert in -500..12_000_i64,
        ) {
            let facts = known(60_000, clip, fs, fs + len);
            let allowed = allowed_inserts_ms(&facts, crop)
                .is_some_and(|(first, last)| (first..=last.unwrap_or(i64::MAX)).contains(&insert));
            prop_assert_eq!(allowed, holds(&placed(0, crop, insert), &facts) );
        }

        /// Whatever is proposed holds whenever anything with that crop can.
        #[test]
        fn a_proposal_holds_whenever_its_crop_can_be_placed(
            voice in 2_000..60_000_i64, clip in 2_000..60_000_i64, fs in 0..30_000_i64, len in 0..30_000_i64,
        ) {
            let facts = known(voice, clip, fs, fs + len);
            let proposed = Placement::propose(&facts, Wanted::default()).unwrap();
            let possible = allowed_inserts_ms(&facts, proposed.crop_ms()).is_some();
            prop_assert_eq!(holds(&proposed, &facts), possible);
        }

        /// The margin is kept wherever it can be.
        #[test]
        fn the_best_insert_keeps_the_margin_where_it_can(
            crop in 2_000..9_000_i64, clip in 2_000..12_000_i64, fs in 0..6_000_i64, len in 2_000..9_000_i64,
        ) {
            let facts = known(60_000, clip, fs, fs + len);
            let best = best_insert_ms(&facts, crop);
            if let Some((first, Some(last))) = allowed_with_margin(&facts, crop, facts.margin_ms) {
                prop_assert!((first..=last).contains(&best));
                prop_assert!(best + crop + facts.margin_ms <= clip);
            }
        }
    }
}
