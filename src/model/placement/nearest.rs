//! The placement nearest to one that breaks a rule: moved first, trimmed only where moving is not enough.

use super::{LEAST_MS, Placement, PlacementFacts, allowed_inserts_ms};

/// The smallest change of `placement` after which every rule that can be checked holds: the part of the voice stays what it is and moves
/// as little as needed; only what lies beyond the voice, or is longer than the clip, is trimmed; less than 2 s is made 2 s. Volumes are
/// brought within their range.
///
/// `None`: no place in this clip holds (the face is in view for less than 2 s, or clip or voice are too short).
#[must_use]
pub fn nearest(placement: &Placement, facts: &PlacementFacts) -> Option<Placement> {
    let (mut start_ms, mut end_ms) = (placement.sound_start_time.max(0), placement.sound_end_time.max(0));
    if let Some(voice_ms) = facts.voice_ms {
        end_ms = end_ms.min(voice_ms);
        start_ms = start_ms.min(voice_ms);
    }
    if end_ms.saturating_sub(start_ms) < LEAST_MS {
        end_ms = start_ms.saturating_add(LEAST_MS).min(facts.voice_ms.unwrap_or(i64::MAX));
        start_ms = start_ms.min(end_ms - LEAST_MS);
    }
    if let Some(clip_ms) = facts.clip_ms {
        end_ms = end_ms.min(start_ms.saturating_add(clip_ms));
    }
    if start_ms < 0 || end_ms - start_ms < LEAST_MS {
        return None;
    }
    let (first_ms, last_ms) = allowed_inserts_ms(facts, end_ms - start_ms)?;
    let insert_ms = placement.sound_insert_time.max(first_ms).min(last_ms.unwrap_or(i64::MAX));
    let volume =
        |volume: Option<f64>| volume.filter(|volume| volume.is_finite()).map(|v| v.clamp(0.0, super::MAX_VOLUME));
    Some(Placement {
        sound_start_time: start_ms,
        sound_end_time: end_ms,
        sound_insert_time: insert_ms,
        sound_volume: volume(placement.sound_volume),
        original_audio_volume: volume(placement.original_audio_volume),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Interval;
    use crate::model::placement::check_placement;
    use crate::model::rule::first_broken;

    fn placed(start_ms: i64, end_ms: i64, insert_ms: i64) -> Placement {
        Placement {
            sound_start_time: start_ms,
            sound_end_time: end_ms,
            sound_insert_time: insert_ms,
            sound_volume: None,
            original_audio_volume: None,
        }
    }

    fn facts(voice_ms: i64, clip_ms: i64, face: (i64, i64)) -> PlacementFacts {
        let face = Some(Interval::new(face.0, face.1));
        PlacementFacts { voice_ms: Some(voice_ms), clip_ms: Some(clip_ms), face, ..PlacementFacts::default() }
    }

    #[test]
    fn a_chosen_part_of_the_voice_is_moved_and_not_replaced() {
        let facts = facts(6_900, 4_004, (0, 4_004));
        assert_eq!(nearest(&placed(3_000, 6_000, 1_500), &facts), Some(placed(3_000, 6_000, 1_004)));
        assert_eq!(nearest(&placed(3_000, 6_000, -200), &facts), Some(placed(3_000, 6_000, 0)));
    }

    #[test]
    fn what_does_not_fit_is_trimmed_and_what_is_too_short_is_lengthened() {
        let facts = facts(6_900, 4_000, (0, 4_000));
        assert_eq!(nearest(&placed(500, 6_900, 0), &facts), Some(placed(500, 4_500, 0)));
        assert_eq!(nearest(&placed(6_000, 6_900, 1_000), &facts), Some(placed(4_900, 6_900, 1_000)));
        assert_eq!(nearest(&placed(1_000, 1_500, 1_000), &facts), Some(placed(1_000, 3_000, 1_000)));
    }

    #[test]
    fn a_face_that_is_seen_too_shortly_has_no_place() {
        assert_eq!(nearest(&placed(0, 3_000, 0), &facts(6_900, 9_000, (8_000, 9_000))), None);
    }

    proptest! {
        #[test]
        fn every_rule_holds_afterwards_and_what_held_is_not_changed(
            voice in 2_000..60_000_i64, clip in 2_000..60_000_i64, from in 0.0..1.0_f64, len in 2_000..60_000_i64,
            s in -3_000..62_000_i64, crop in -1_000..62_000_i64, i in -5_000..65_000_i64,
        ) {
            let fs = ((clip - 2_000) as f64 * from) as i64;
            let facts = facts(voice, clip, (fs, (fs + len).min(clip)));
            let before = placed(s, s + crop, i);
            let after = nearest(&before, &facts).expect("a face of 2 s within the clip has a place");
            let reports = check_placement(&after, &facts);
            prop_assert!(first_broken(&reports).is_none(), "{:?}", reports);
            if first_broken(&check_placement(&before, &facts)).is_none() {
                prop_assert_eq!(before, after);
            }
            // A part that fits into voice and clip is never cut.
            if s >= 0 && crop >= 2_000 && s + crop <= voice && crop <= clip {
                prop_assert_eq!((after.sound_start_time, after.sound_end_time), (s, s + crop));
            }
        }
    }
}
