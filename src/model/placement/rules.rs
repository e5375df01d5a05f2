//! The rules R1–R7 of the wire contract, each with its arithmetic in words.

use super::{LEAST_MS, MAX_VOLUME, Placement, PlacementFacts};
use crate::model::Interval;
use crate::model::rule::{RuleReport, Verdict, beyond, seconds_beside};
use crate::model::voice;

/// Checks R1–R7, each with its arithmetic. A rule whose inputs are not known is unchecked, and says which.
#[must_use]
pub fn check_placement(placement: &Placement, facts: &PlacementFacts) -> Vec<RuleReport> {
    let mut reports = vec![
        // What no place can mend comes first, so that it is the reason that is shown: a voice or a face that is too short.
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
        return Verdict::Broken(format!(
            "The voice cannot be heard from before its beginning: sound_start_time {s} ms < 0"
        ));
    }
    if let Some(voice_ms) = facts.voice_ms.filter(|&voice_ms| s >= voice_ms) {
        return Verdict::Broken(format!(
            "The part that is heard begins after the voice has ended: sound_start_time {s} ms >= {voice_ms} ms"
        ));
    }
    if s >= e {
        return Verdict::Broken(format!(
            "Nothing of the voice is heard: sound_start_time {s} ms >= sound_end_time {e} ms"
        ));
    }
    match facts.voice_ms {
        None => Verdict::Unchecked("The length of the voice is not known".into()),
        Some(voice_ms) if e > voice_ms => Verdict::Broken(format!(
            "The part that is heard ends {} ms after the voice: sound_end_time {e} ms > {voice_ms} ms",
            e.saturating_sub(voice_ms)
        )),
        Some(_) => Verdict::Pass,
    }
}

fn check_r2(placement: &Placement) -> Verdict {
    let (s, e, crop_ms) = (placement.sound_start_time, placement.sound_end_time, placement.crop_ms());
    if crop_ms < LEAST_MS {
        Verdict::Broken(format!(
            "Only {} of the voice are heard, and at least 2 s are needed: {e} - {s} = {crop_ms} ms < {LEAST_MS} ms",
            seconds_beside(crop_ms, LEAST_MS)
        ))
    } else {
        Verdict::Pass
    }
}

/// R3, which is of the whole voice and not of its place: so long it must be.
#[must_use]
pub fn check_length(voice_ms: Option<i64>) -> Verdict {
    let Some(voice_ms) = voice_ms else {
        return Verdict::Unchecked("The length of the voice is not known".into());
    };
    let whole =
        if voice_ms > voice::MAX_DURATION_MS { "; the whole file counts, not the part that is heard" } else { "" };
    beyond(voice_ms, voice::MIN_DURATION_MS, voice::MAX_DURATION_MS)
        .map_or(Verdict::Pass, |words| Verdict::Broken(format!("The voice of {words}{whole}")))
}

fn check_r4(placement: &Placement) -> Verdict {
    let i = placement.sound_insert_time;
    if i < 0 {
        Verdict::Broken(format!("The voice begins before the clip: sound_insert_time {i} ms < 0"))
    } else {
        Verdict::Pass
    }
}

fn check_r5(placement: &Placement, facts: &PlacementFacts) -> Verdict {
    let (i, crop_ms, end_ms) = (placement.sound_insert_time, placement.crop_ms(), placement.span().end_ms);
    match facts.clip_ms {
        None => Verdict::Unchecked("The length of the clip is not known".into()),
        Some(clip_ms) if end_ms > clip_ms => Verdict::Broken(format!(
            "The voice ends {} ms after the clip: {i} + {crop_ms} = {end_ms} ms > {clip_ms} ms",
            end_ms.saturating_sub(clip_ms)
        )),
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
        return Verdict::Unchecked("The service did not say when the face is in view".into());
    };
    let (i, crop_ms, span) = (placement.sound_insert_time, placement.crop_ms(), placement.span());
    let Interval { start_ms: fs, end_ms: fe } = face;
    let overlap_ms = span.overlap_ms(face);
    if overlap_ms >= LEAST_MS {
        return if overlap_ms - LEAST_MS < facts.margin_ms && span.end_ms >= fe {
            Verdict::Warn(format!(
                "The voice is heard for {overlap_ms} ms while the face is in view, just above the least; the service may see the face leave up to {} ms earlier",
                facts.margin_ms
            ))
        } else {
            Verdict::Pass
        };
    }
    Verdict::Broken(if face_is_too_short(facts) {
        format!(
            "This face is in view for {} only, and any placement needs 2 s: {fe} - {fs} = {} ms < {LEAST_MS} ms",
            seconds_beside(face.len_ms(), LEAST_MS),
            fe.saturating_sub(fs)
        )
    } else if crop_ms < LEAST_MS {
        format!("Only {} of the voice are heard: {crop_ms} ms < {LEAST_MS} ms", seconds_beside(crop_ms, LEAST_MS))
    } else if fe.saturating_sub(i) < LEAST_MS {
        format!("The voice starts too late for the face: {fe} - {i} = {} ms < {LEAST_MS} ms", fe.saturating_sub(i))
    } else {
        format!(
            "The voice ends too early for the face: {i} + {crop_ms} - {fs} = {} ms < {LEAST_MS} ms",
            span.end_ms.saturating_sub(fs)
        )
    })
}

fn check_r7(placement: &Placement) -> Verdict {
    let volumes =
        [("sound_volume", placement.sound_volume), ("original_audio_volume", placement.original_audio_volume)];
    for (field, volume) in volumes {
        if let Some(volume) = volume
            && !(0.0..=MAX_VOLUME).contains(&volume)
        {
            return Verdict::Broken(format!("A volume goes from 0 to 2: {field} {volume}"));
        }
    }
    Verdict::Pass
}
