//! Texts that are spoken, and what of them counts in the budget.

use super::*;
use crate::journal::{Micros, Refusal, SpeechOutcome};
use crate::model::{Speech, Spoken};

fn speech(text: &str) -> Speech {
    Speech { text: text.into(), voice_id: "oversea_male1".into(), speed: 1.26, ..Speech::default() }
}

fn spend(limit: Option<f64>) -> Spend {
    Spend { day: "2026-11-21".into(), unit: "units".into(), estimate: Micros::of(0.05), limit: limit.map(Micros::of) }
}

fn spoken() -> Box<Spoken> {
    Box::new(Spoken { audio_id: "a-1".into(), url: None, duration_ms: Some(3_000), cost: None, task_id: None })
}

fn spent(journal: &Journal) -> f64 {
    journal.spent(&service(), "2026-11-21", "units").unwrap().units()
}

#[test]
fn a_text_counts_from_before_it_is_sent_and_only_a_refusal_gives_that_back() {
    let journal = Journal::in_memory().unwrap();
    let begin = |text: &str| journal.begin_speech(&service(), &speech(text), &spend(None), 1).unwrap().unwrap();
    let first = begin("one");
    assert!((spent(&journal) - 0.05).abs() < 1e-9);
    assert_eq!(
        journal.speeches(Some(&service()), 9).unwrap()[0].outcome,
        SpeechOutcome::Sent,
        "it is on the disk before"
    );
    journal.end_speech(first, &SpeechOutcome::Refused(Some(problem("no"))), None, 2).unwrap();
    assert!(spent(&journal).abs() < 1e-9);

    let unknown = begin("two");
    journal.end_speech(unknown, &SpeechOutcome::Unknown(None), None, 3).unwrap();
    assert!((spent(&journal) - 0.05).abs() < 1e-9, "it may have been paid");
    let done = begin("three");
    journal.end_speech(done, &SpeechOutcome::Done(spoken()), Some(("units", Micros::of(0.07))), 4).unwrap();
    assert!((spent(&journal) - 0.12).abs() < 1e-9, "at its true cost");
    // An answer is written down once.
    journal.end_speech(done, &SpeechOutcome::Refused(None), None, 5).unwrap();
    assert!((spent(&journal) - 0.12).abs() < 1e-9);
    let other_unit = begin("four");
    journal.end_speech(other_unit, &SpeechOutcome::Done(spoken()), Some(("USD", Micros::of(9.0))), 6).unwrap();
    assert!((spent(&journal) - 0.17).abs() < 1e-9);

    let known = journal.speeches(Some(&service()), 9).unwrap();
    let texts: Vec<_> = known.iter().map(|record| record.speech.text.as_str()).collect();
    assert_eq!(texts, ["four", "three", "two", "one"]);
    assert_eq!(known[1].outcome, SpeechOutcome::Done(spoken()));
    assert!((known[0].speech.speed - 1.3).abs() < 1e-9, "as it was sent");
    assert_eq!(journal.speeches(Some(&service()), 1).unwrap().len(), 1);
}

#[test]
fn what_does_not_fit_into_the_budget_is_not_begun() {
    let journal = Journal::in_memory().unwrap();
    journal.begin_speech(&service(), &speech("one"), &spend(Some(0.09)), 1).unwrap().unwrap();
    let refused = journal.begin_speech(&service(), &speech("two"), &spend(Some(0.09)), 2).unwrap().unwrap_err();
    assert!(matches!(refused, Refusal::OverBudget { .. }), "{refused:?}");
    assert_eq!(journal.speeches(Some(&service()), 9).unwrap().len(), 1);
}
