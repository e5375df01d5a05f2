//! The placement in words: where the voice is heard, and what is allowed where an insert that was given is not.

use super::words;
use crate::model::interval::clock_text;
use crate::model::note::notes;
use crate::model::placement::{LEAST_MS, PlacementFacts, Wanted, allowed_inserts_ms};
use crate::model::{Placement, Problem};
use crate::workflow::{Flow, Stage};

/// Where the voice is heard.
pub fn line(placement: &Placement) -> String {
    words::placement(text(placement))
}

/// The same without what it is.
pub fn text(placement: &Placement) -> String {
    words::part_placement(
        clock_text(placement.sound_start_time),
        clock_text(placement.sound_end_time),
        clock_text(placement.sound_insert_time),
    )
}

/// What nobody will see or hear of it, though it keeps every rule. `number` is the face's, from 1.
pub fn note_lines(placement: &Placement, facts: &PlacementFacts, number: Option<usize>) -> Vec<String> {
    let name = number.map_or_else(words::part_the_face, words::part_face_number);
    notes(placement, facts).into_iter().map(|note| note.words(&name)).collect()
}

/// The problem, in terms of `--insert` where that option is its cause.
pub fn explain(problem: Problem, flow: &Flow) -> Problem {
    let facts = match &flow.stage {
        Stage::Choosing(choosing) => flow.desk.facts(&choosing.faces),
        _ => facts_of_files(flow),
    };
    explain_insert(problem, flow.desk.wanted, &facts)
}

/// What local files tell, before there is a face.
pub fn facts_of_files(flow: &Flow) -> PlacementFacts {
    PlacementFacts {
        voice_ms: flow.desk.voice_probe.known().map(|voice| voice.duration_ms),
        clip_ms: flow.desk.clip_probe.known().map(|clip| clip.duration_ms),
        ..PlacementFacts::default()
    }
}

/// The same where there is no workflow.
pub fn explain_insert(mut problem: Problem, wanted: Wanted, facts: &PlacementFacts) -> Problem {
    let Some(insert_ms) = wanted.insert_ms else { return problem };
    if !matches!(problem.rule.as_deref(), Some("R4" | "R5" | "R6")) {
        return problem;
    }
    // Where the end of the crop is open, the shortest crop leaves the most room.
    let crop_ms = wanted.end_ms.map_or(LEAST_MS, |end_ms| end_ms.saturating_sub(wanted.start_ms.unwrap_or(0)));
    let Some((first_ms, last_ms)) = allowed_inserts_ms(facts, crop_ms) else { return problem };
    if insert_ms >= first_ms && last_ms.is_none_or(|last_ms| insert_ms <= last_ms) {
        return problem;
    }
    let rule = problem.rule.as_deref().unwrap_or_default();
    problem.message = match last_ms {
        Some(last_ms) => words::insert_out_of_range(rule, insert_ms, first_ms, last_ms),
        None => words::insert_too_early(rule, insert_ms, first_ms),
    };
    let because = match (facts.clip_ms, facts.face) {
        (Some(clip_ms), Some(face)) => {
            words::insert_bounds_of_clip_and_face(clip_ms, crop_ms, face.start_ms, face.end_ms)
        }
        (Some(clip_ms), None) => words::insert_bounds_of_clip(clip_ms, crop_ms),
        (None, Some(face)) => words::insert_bounds_of_face(crop_ms, face.start_ms, face.end_ms),
        (None, None) => words::insert_bounds_of_nothing(),
    };
    problem.with_hint(because)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Interval, ProblemKind};

    fn broken(rule: &str) -> Problem {
        Problem { rule: Some(rule.into()), ..Problem::new(ProblemKind::Rule, "99999 + 2000 = 101999 ms > 9000 ms") }
    }

    fn explained(wanted: Wanted, facts: PlacementFacts) -> (String, String) {
        let problem = explain_insert(broken("R5"), wanted, &facts);
        (problem.message, problem.hint.unwrap_or_default())
    }

    #[test]
    fn an_insert_beyond_the_clip_names_what_was_given_and_what_is_allowed() {
        let facts = PlacementFacts { voice_ms: Some(8_000), clip_ms: Some(9_000), ..PlacementFacts::default() };
        let late = Wanted { insert_ms: Some(99_999), ..Wanted::default() };
        let (message, hint) = explained(late, facts);
        assert!(message.contains("--insert 99999") && message.contains("0 to 7000 ms"), "{message}");
        assert!(!message.contains("101999"), "{message}");
        assert!(hint.contains("9000 ms"), "{hint}");

        let with_end = Wanted { end_ms: Some(4_000), ..late };
        assert!(explained(with_end, facts).0.contains("0 to 5000 ms"));
        let face = PlacementFacts { face: Some(Interval::new(2_000, 7_000)), ..facts };
        assert!(explained(with_end, face).0.contains("0 to 5000 ms"));
        assert!(explained(late, face).0.contains("2000 to 5000 ms"));
    }

    #[test]
    fn what_the_insert_did_not_cause_keeps_its_words() {
        let facts = PlacementFacts { clip_ms: Some(9_000), ..PlacementFacts::default() };
        let late = Wanted { insert_ms: Some(99_999), ..Wanted::default() };
        assert_eq!(explain_insert(broken("R2"), late, &facts), broken("R2"));
        assert_eq!(explain_insert(broken("R5"), Wanted::default(), &facts), broken("R5"));
        let fits = Wanted { insert_ms: Some(1_000), ..Wanted::default() };
        assert_eq!(explain_insert(broken("R5"), fits, &facts), broken("R5"));
    }
}
