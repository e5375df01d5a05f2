//! Moving and trimming the voice on its lane. Pure: a placement and a distance in milliseconds give a placement.
//!
//! An edit maintains the invariants only (the crop lies within the voice, and its start precedes its end). It does not prevent what
//! the service would refuse: the broken rule is named beside the clip.

use crate::model::placement::{PlacementFacts, Wanted, allowed_inserts_ms};
use crate::model::{Interval, Placement};

/// The part of the voice that is dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grip {
    /// The whole: changes `sound_insert_time`.
    Whole,
    /// The left end: changes `sound_start_time`, and `sound_insert_time` with it.
    Start,
    /// The right end: changes `sound_end_time`.
    End,
}

/// The shortest crop that an edit leaves, in milliseconds: long enough to be seen and dragged.
pub const SHORTEST_MS: i64 = 100;

/// The placement after dragging `grip` by `by_ms` milliseconds.
#[must_use]
pub fn pull(placement: &Placement, facts: &PlacementFacts, grip: Grip, by_ms: i64) -> Placement {
    let Placement { sound_start_time: s, sound_end_time: e, sound_insert_time: i, .. } = *placement;
    match grip {
        Grip::Whole => {
            let last_ms = facts.clip_ms.map_or(i64::MAX, |clip_ms| clip_ms.saturating_sub(SHORTEST_MS).max(0));
            Placement { sound_insert_time: i.saturating_add(by_ms).clamp(0, last_ms.max(i)), ..*placement }
        }
        Grip::Start => {
            // Left: until the voice or the clip begins. Right: until the shortest crop is left.
            let least_ms = (-s).max(-i).min(0);
            let most_ms = (e - s - SHORTEST_MS).max(0);
            let by_ms = by_ms.clamp(least_ms, most_ms);
            Placement { sound_start_time: s + by_ms, sound_insert_time: i + by_ms, ..*placement }
        }
        Grip::End => {
            let last_ms = facts.voice_ms.unwrap_or(i64::MAX).max(e);
            let first_ms = (s + SHORTEST_MS).min(e);
            Placement { sound_end_time: e.saturating_add(by_ms).clamp(first_ms, last_ms), ..*placement }
        }
    }
}

/// The placement as values that a person fixed.
#[must_use]
pub const fn wanted(placement: &Placement) -> Wanted {
    Wanted {
        start_ms: Some(placement.sound_start_time),
        end_ms: Some(placement.sound_end_time),
        insert_ms: Some(placement.sound_insert_time),
    }
}

/// What a drag snaps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// The start of the clip.
    ClipStart,
    /// The end of the clip.
    ClipEnd,
    /// The chosen face comes into view.
    FaceStart,
    /// The chosen face leaves the view.
    FaceEnd,
    /// The playhead.
    Playhead,
    /// The earliest allowed start of the voice.
    Earliest,
    /// The latest allowed start of the voice.
    Latest,
}

impl On {
    /// Its name.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::ClipStart => "Start of the clip",
            Self::ClipEnd => "End of the clip",
            Self::FaceStart => "Face comes into view",
            Self::FaceEnd => "Face leaves",
            Self::Playhead => "Playhead",
            Self::Earliest => "Earliest allowed",
            Self::Latest => "Latest allowed",
        }
    }

    /// Whether only the start of the voice snaps to it.
    const fn is_for_the_start(self) -> bool {
        matches!(self, Self::Earliest | Self::Latest)
    }
}

/// A snap target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Catch {
    /// When, in milliseconds.
    pub at_ms: i64,
    /// Its kind.
    pub on: On,
}

/// The snap targets: the ends of clip and face, the playhead, and for moving the whole voice the limits of its start.
///
/// Of two targets at the same time the first is the one that is named.
#[must_use]
pub fn catches(facts: &PlacementFacts, placement: &Placement, grip: Grip, playhead_ms: Option<i64>) -> Vec<Catch> {
    let mut catches = Vec::new();
    let mut add = |at_ms: i64, on: On| catches.push(Catch { at_ms, on });
    if let Some(Interval { start_ms, end_ms }) = facts.face {
        add(start_ms, On::FaceStart);
        add(end_ms, On::FaceEnd);
    }
    add(0, On::ClipStart);
    if let Some(clip_ms) = facts.clip_ms {
        add(clip_ms, On::ClipEnd);
    }
    if let Some(at_ms) = playhead_ms {
        add(at_ms, On::Playhead);
    }
    if grip == Grip::Whole
        && let Some((first_ms, last_ms)) = allowed_inserts_ms(facts, placement.crop_ms())
    {
        add(first_ms, On::Earliest);
        if let Some(last_ms) = last_ms {
            add(last_ms, On::Latest);
        }
    }
    catches
}

/// A drag after snapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caught {
    /// The distance after snapping, in milliseconds.
    pub by_ms: i64,
    /// The target it snapped to, if any, for drawing and labelling the guide.
    pub on: Option<Catch>,
}

/// Snaps a drag to the nearest target within `reach_ms`; when the whole voice is moved, either end snaps.
#[must_use]
pub fn catch(placement: &Placement, grip: Grip, by_ms: i64, catches: &[Catch], reach_ms: i64) -> Caught {
    let span = placement.span();
    let ends: &[i64] = match grip {
        Grip::Whole => &[span.start_ms, span.end_ms],
        Grip::Start => &[span.start_ms],
        Grip::End => &[span.end_ms],
    };
    let nearest = catches
        .iter()
        .flat_map(|catch| {
            let ends = if catch.on.is_for_the_start() { &ends[..1] } else { ends };
            ends.iter().map(move |&end_ms| (*catch, catch.at_ms - end_ms))
        })
        .min_by_key(|(_, needed_ms)| needed_ms.abs_diff(by_ms))
        .filter(|(_, needed_ms)| needed_ms.abs_diff(by_ms) <= reach_ms.unsigned_abs());
    match nearest {
        Some((on, needed_ms)) => Caught { by_ms: needed_ms, on: Some(on) },
        None => Caught { by_ms, on: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn facts(voice_ms: i64, clip_ms: i64) -> PlacementFacts {
        PlacementFacts {
            voice_ms: Some(voice_ms),
            clip_ms: Some(clip_ms),
            face: Some(Interval::new(2_000, 7_000)),
            ..PlacementFacts::default()
        }
    }

    #[test]
    fn each_grip_moves_its_own_values() {
        let (placement, facts) = (placed(500, 4_500, 1_000), facts(8_000, 9_000));
        assert_eq!(pull(&placement, &facts, Grip::Whole, 250), placed(500, 4_500, 1_250));
        assert_eq!(pull(&placement, &facts, Grip::Start, 250), placed(750, 4_500, 1_250));
        assert_eq!(pull(&placement, &facts, Grip::End, -250), placed(500, 4_250, 1_000));
    }

    #[test]
    fn a_pull_catches_on_the_nearest_moment_within_reach() {
        let placement = placed(0, 4_000, 1_000);
        let at = |at_ms, on| Catch { at_ms, on };
        let catches = [at(0, On::ClipStart), at(2_000, On::FaceStart), at(7_000, On::FaceEnd), at(9_000, On::ClipEnd)];
        let whole = |by_ms| catch(&placement, Grip::Whole, by_ms, &catches, 80);
        assert_eq!(whole(950), Caught { by_ms: 1_000, on: Some(at(2_000, On::FaceStart)) });
        assert_eq!(whole(2_050), Caught { by_ms: 2_000, on: Some(at(7_000, On::FaceEnd)) }, "with its right end");
        assert_eq!(whole(500), Caught { by_ms: 500, on: None });
        let end = catch(&placement, Grip::End, 3_990, &catches, 80);
        assert_eq!(end, Caught { by_ms: 4_000, on: Some(at(9_000, On::ClipEnd)) });
    }

    #[test]
    fn the_ends_of_what_is_allowed_catch_the_beginning_only() {
        let (placement, facts) = (placed(0, 4_000, 1_000), facts(8_000, 12_000));
        let catches = catches(&facts, &placement, Grip::Whole, None);
        // The face is in view from 2 s to 7 s: the latest start is 5 s, and 4 s of voice end there if they start at 1 s.
        assert!(catches.contains(&Catch { at_ms: 5_000, on: On::Latest }));
        let caught = catch(&placement, Grip::Whole, 3_980, &catches, 80);
        assert_eq!(caught.on.map(|catch| catch.on), Some(On::Latest));
        let ends_at_5_s = catch(&placement, Grip::Whole, 10, &[Catch { at_ms: 5_000, on: On::Latest }], 80);
        assert_eq!(ends_at_5_s, Caught { by_ms: 10, on: None });
        assert!(!super::catches(&facts, &placement, Grip::End, None).iter().any(|catch| catch.on == On::Latest));
    }

    proptest! {
        #[test]
        fn a_crop_stays_within_the_voice_and_the_right_way_round(
            voice in 2_000..60_000_i64, clip in 2_000..60_000_i64, start in 0.0..0.9_f64, len in 0.05..1.0_f64,
            insert in 0..30_000_i64, by in -90_000..90_000_i64, grip in prop::sample::select(vec![Grip::Whole, Grip::Start, Grip::End]),
        ) {
            let s = (voice as f64 * start) as i64;
            let e = (s + (voice as f64 * len) as i64).clamp(s + SHORTEST_MS, voice.max(s + SHORTEST_MS));
            let before = placed(s, e, insert.min(clip - SHORTEST_MS));
            let after = pull(&before, &facts(voice, clip), grip, by);
            prop_assert!(after.sound_start_time >= 0 && after.sound_insert_time >= 0);
            prop_assert!(after.crop_ms() >= SHORTEST_MS);
            prop_assert!(after.sound_end_time <= voice.max(e));
            match grip {
                Grip::Whole => prop_assert_eq!((after.sound_start_time, after.sound_end_time), (s, e)),
                // Trimming does not change what is heard when: the sound stays where it was in the clip.
                Grip::Start => {
                    prop_assert_eq!(after.sound_insert_time - after.sound_start_time, before.sound_insert_time - s);
                    prop_assert_eq!(after.sound_end_time, e);
                }
                Grip::End => prop_assert_eq!((after.sound_start_time, after.sound_insert_time), (s, before.sound_insert_time)),
            }
        }

        #[test]
        fn pulling_there_and_back_in_the_open_changes_nothing(by in -400..400_i64) {
            let (before, facts) = (placed(1_000, 5_000, 2_000), facts(8_000, 9_000));
            for grip in [Grip::Whole, Grip::Start, Grip::End] {
                let there = pull(&before, &facts, grip, by);
                prop_assert_eq!(pull(&there, &facts, grip, -by), before);
            }
        }

        #[test]
        fn a_snapped_drag_is_exactly_at_its_target(by in -5_000..5_000_i64, reach in 0..500_i64) {
            let (placement, facts) = (placed(0, 4_000, 2_500), facts(8_000, 9_000));
            let catches = catches(&facts, &placement, Grip::Whole, Some(3_333));
            let caught = catch(&placement, Grip::Whole, by, &catches, reach);
            if let Some(Catch { at_ms, .. }) = caught.on {
                let span = Interval::new(placement.span().start_ms + caught.by_ms, placement.span().end_ms + caught.by_ms);
                prop_assert!(span.start_ms == at_ms || span.end_ms == at_ms);
                prop_assert!((caught.by_ms - by).abs() <= reach);
            } else {
                prop_assert_eq!(caught.by_ms, by);
            }
        }

        /// Snapping is idempotent: a drag that has snapped does not move to another target.
        #[test]
        fn catching_twice_is_catching_once(
            by in -5_000..5_000_i64, reach in 0..500_i64, grip in prop::sample::select(vec![Grip::Whole, Grip::Start, Grip::End]),
        ) {
            let (placement, facts) = (placed(500, 4_500, 2_500), facts(8_000, 9_000));
            let catches = catches(&facts, &placement, grip, Some(3_333));
            let once = catch(&placement, grip, by, &catches, reach);
            prop_assert_eq!(catch(&placement, grip, once.by_ms, &catches, reach).by_ms, once.by_ms);
        }
    }
}
