//! The rules R1–R7 of the wire contract, each with its arithmetic in words.

use super::{LEAST_MS, MAX_VOLUME, Placement, PlacementFacts};
use crate::model::Interval;
use crate::model::rule::{RuleReport, Verdict, beyond, seconds_beside};
use crate::model::{voice, words};

/// Checks R1–R7, each with its arithmetic. A rule whose inputs are not known is unchecked, and says which.
#[must_use]
pub fn check_placement(placement: &Placement, facts: &PlacementFacts) -> Vec<RuleReport> {
    let mut reports = vec![
        // A voice or a face that is too short comes first, so that it is the reason shown: no placement can correct it.
        RuleReport::new("R3", "The whole voice is 2 s to 60 s", check_length(facts.voice_ms)),
        RuleReport::new("R1", "The part that is heard lies within the voice", check_r1(placement, facts)),
        RuleReport::new("R2", "At least 2 s of the voice are heard", check_r2(placement)),
        RuleReport::new("R4", "The voice begins within the clip", check_r4(placement)),
        RuleReport::new("R5", "The voice ends within the clip", check_r5(placement, facts)),
        RuleReport::new("R6", "At least 2 s are heard while the face is in view", check_r6(placement, facts)),
        RuleReport::new("R7", "Volumes are 0 to 2", check_r7(placement)),
    ];
    if face_is_too_short(facts) {
        reports.swap(0, 5);
    }
    reports
}

fn check_r1(placement: &Placement, facts: &PlacementFacts) -> Verdict {
    let (s, e) = (placement.sound_start_time, placement.sound_end_time);
    if s < 0 {
        return Verdict::Broken(words::starts_before_voice(s));
    }
    if let Some(voice_ms) = facts.voice_ms.filter(|&voice_ms| s >= voice_ms) {
        return Verdict::Broken(words::starts_after_voice(s, voice_ms));
    }
    if s >= e {
        return Verdict::Broken(words::nothing_heard(s, e));
    }
    match facts.voice_ms {
        None => Verdict::Unchecked(words::voice_unknown()),
        Some(voice_ms) if e > voice_ms => {
            Verdict::Broken(words::ends_after_voice(e.saturating_sub(voice_ms), e, voice_ms))
        }
        Some(_) => Verdict::Pass,
    }
}

fn check_r2(placement: &Placement) -> Verdict {
    let (s, e, crop_ms) = (placement.sound_start_time, placement.sound_end_time, placement.crop_ms());
    if crop_ms < LEAST_MS {
        Verdict::Broken(words::too_little_heard(seconds_beside(crop_ms, LEAST_MS), s, e, crop_ms, LEAST_MS))
    } else {
        Verdict::Pass
    }
}

/// R3: the length of the whole voice, wherever it is placed.
#[must_use]
pub fn check_length(voice_ms: Option<i64>) -> Verdict {
    let Some(voice_ms) = voice_ms else {
        return Verdict::Unchecked(words::voice_unknown());
    };
    let whole = if voice_ms > voice::MAX_DURATION_MS { words::part_whole_file() } else { String::new() };
    beyond(voice_ms, voice::MIN_DURATION_MS, voice::MAX_DURATION_MS)
        .map_or(Verdict::Pass, |why| Verdict::Broken(words::voice_length(why, whole)))
}

fn check_r4(placement: &Placement) -> Verdict {
    let i = placement.sound_insert_time;
    if i < 0 { Verdict::Broken(words::begins_before_clip(i)) } else { Verdict::Pass }
}

fn check_r5(placement: &Placement, facts: &PlacementFacts) -> Verdict {
    let (i, crop_ms, end_ms) = (placement.sound_insert_time, placement.crop_ms(), placement.span().end_ms);
    match facts.clip_ms {
        None => Verdict::Unchecked(words::clip_unknown()),
        Some(clip_ms) if end_ms > clip_ms => {
            Verdict::Broken(words::ends_after_clip(end_ms.saturating_sub(clip_ms), i, crop_ms, end_ms, clip_ms))
        }
        Some(_) => Verdict::Pass,
    }
}

/// A face that is in view for less than 2 s cannot be made to speak, wherever the voice is put.
fn face_is_too_short(facts: &PlacementFacts) -> bool {
    facts.face.is_some_and(|face| face.len_ms() < LEAST_MS)
}

/// The four ways in which R6 fails, each with its own words (wire contract §2).
fn check_r6(placement: &Placement, facts: &PlacementFacts) -> Verdict {
    let Some(face) = facts.face else {
        return Verdict::Unchecked(words::face_unknown());
    };
    let (i, crop_ms, span) = (placement.sound_insert_time, placement.crop_ms(), placement.span());
    let Interval { start_ms: fs, end_ms: fe } = face;
    let overlap_ms = span.overlap_ms(face);
    if overlap_ms >= LEAST_MS {
        return if overlap_ms - LEAST_MS < facts.margin_ms && span.end_ms >= fe {
            Verdict::Warn(words::face_just_long_enough(overlap_ms, facts.margin_ms))
        } else {
            Verdict::Pass
        };
    }
    Verdict::Broken(if face_is_too_short(facts) {
        words::face_too_short(seconds_beside(face.len_ms(), LEAST_MS), fs, fe, fe.saturating_sub(fs), LEAST_MS)
    } else if crop_ms < LEAST_MS {
        words::crop_too_short(seconds_beside(crop_ms, LEAST_MS), crop_ms, LEAST_MS)
    } else if fe.saturating_sub(i) < LEAST_MS {
        words::too_late_for_face(fe, i, fe.saturating_sub(i), LEAST_MS)
    } else {
        words::too_early_for_face(i, crop_ms, fs, span.end_ms.saturating_sub(fs), LEAST_MS)
    })
}

fn check_r7(placement: &Placement) -> Verdict {
    let volumes =
        [("sound_volume", placement.sound_volume), ("original_audio_volume", placement.original_audio_volume)];
    for (field, volume) in volumes {
        if let Some(volume) = volume
            && !(0.0..=MAX_VOLUME).contains(&volume)
        {
            return Verdict::Broken(words::volume(field, volume));
        }
    }
    Verdict::Pass
}
