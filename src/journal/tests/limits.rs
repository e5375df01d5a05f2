//! Slots and budgets.

use super::*;
use crate::journal::{IntentState, JournalError, Micros, Refusal, Sending, Settled};

fn spend(units: f64, limit: Option<f64>) -> Spend {
    Spend { day: "2026-11-21".into(), unit: "units".into(), estimate: Micros::of(units), limit: limit.map(Micros::of) }
}

fn spent(journal: &Journal) -> f64 {
    journal.spent(&service(), "2026-11-21", "units").unwrap().units()
}

#[track_caller]
fn refusal(begun: Begun) -> Refusal {
    match begun {
        Begun::Refused(refusal) => refusal,
        Begun::Intent(id) => panic!("begun: {id}"),
    }
}

#[test]
fn a_slot_is_held_from_the_intent_to_the_end_of_its_task() {
    let journal = Journal::in_memory().unwrap();
    let a = owner("a");
    let used = || journal.slots_used(&service()).unwrap();
    assert_eq!(used(), 0);
    let first = send(&journal, "n-1", "a", 0);
    let queued = id(journal.queue_intent(&new("n-3"), &a, 1).unwrap());
    assert_eq!(used(), 1, "what waits holds none");
    let one = Sending { most: Some(1), ..Sending::default() };
    assert_eq!(journal.sent(queued, &a, &one, 2).unwrap(), Err(Refusal::NoSlot { most: 1, used: 1 }));
    assert_eq!(journal.intent(queued).unwrap().sends, 0);
    journal.accepted(first, "t-1", 3).unwrap();
    journal.task_seen(first, &a, &task("t-1", TaskStatus::Processing), 4).unwrap();
    assert_eq!(used(), 1);
    journal.task_seen(first, &a, &task("t-1", TaskStatus::Failed), 5).unwrap();
    assert_eq!(used(), 0);
    assert_eq!(journal.sent(queued, &a, &one, 6).unwrap(), Ok(()));
    assert_eq!(used(), 1);
}

#[test]
fn a_budget_is_of_an_address_whatever_the_path_prefix() {
    let journal = Journal::in_memory().unwrap();
    let prefixed = Service { path_prefix: "/elsewhere".into(), ..service() };
    assert!(journal.may_spend(&prefixed, &spend(0.6, Some(1.0))).unwrap().is_none());
    let first = id(journal.send_intent(&with_spend("n-1", spend(0.6, Some(1.0))), &owner("a"), 0).unwrap());
    assert_eq!(journal.spent(&prefixed, "2026-11-21", "units").unwrap(), Micros::of(0.6));
    assert!(journal.may_spend(&prefixed, &spend(0.6, Some(1.0))).unwrap().is_some());
    let elsewhere = NewIntent { service: prefixed.clone(), ..with_spend("n-2", spend(0.6, Some(1.0))) };
    refusal(journal.send_intent(&elsewhere, &owner("a"), 0).unwrap());
    // What waits is held to it when it is sent.
    let waits = NewIntent { service: prefixed.clone(), ..with_spend("n-3", spend(0.4, Some(1.0))) };
    let waits = id(journal.queue_intent(&waits, &owner("a"), 0).unwrap());
    let sending = Sending { spend: Some(spend(0.5, Some(1.0))), ..Sending::default() };
    assert!(matches!(journal.sent(waits, &owner("a"), &sending, 1).unwrap(), Err(Refusal::OverBudget { .. })));
    journal.refused(first, &owner("a"), &problem("no"), 2).unwrap();
    assert_eq!(journal.sent(waits, &owner("a"), &sending, 3).unwrap(), Ok(()));
    let other = Service { base_url: "https://other".into(), ..service() };
    assert_eq!(journal.spent(&other, "2026-11-21", "units").unwrap(), Micros(0));
}

#[test]
fn every_end_and_an_unknown_outcome_give_the_slot_back() {
    let ends: [fn(&Journal, IntentId); 4] = [
        |journal, id| assert!(journal.refused(id, &owner("a"), &problem("no"), 1).is_ok()),
        |journal, id| assert!(journal.not_taken(id, &owner("a"), &problem("1303"), 1).is_ok()),
        |journal, id| journal.name_taken(id, &owner("a"), None, None, 1).unwrap(),
        |journal, id| journal.unknown(id, &owner("a"), None, 1).unwrap(),
    ];
    for end in ends {
        let journal = Journal::in_memory().unwrap();
        let id = send(&journal, "n-1", "a", 0);
        end(&journal, id);
        assert_eq!(journal.slots_used(&service()).unwrap(), 0);
    }
}

#[test]
fn the_estimate_is_reserved_and_the_true_cost_booked_instead() {
    let journal = Journal::in_memory().unwrap();
    let a = owner("a");
    let first = id(journal.send_intent(&with_spend("n-1", spend(0.6, Some(1.0))), &a, 0).unwrap());
    let Refusal::OverBudget { spent: before, spend: asked } =
        refusal(journal.send_intent(&with_spend("n-2", spend(0.5, Some(1.0))), &a, 0).unwrap())
    else {
        panic!("not over the budget")
    };
    assert_eq!((before, asked.estimate), (Micros(600_000), Micros(500_000)));
    let words = Refusal::OverBudget { spent: before, spend: asked }.problem().message;
    assert!(words.contains("1 units") && words.contains("0.6") && words.contains("0.5"), "{words}");
    assert!(journal.find("n-2").unwrap().is_empty());
    journal.accepted(first, "t-1", 1).unwrap();
    journal.book(first, "2026-11-22", "units", Micros::of(0.5)).unwrap();
    assert!((spent(&journal) - 0.5).abs() < 1e-9, "on the day it was reserved");
    let second = id(journal.send_intent(&with_spend("n-2", spend(0.5, Some(1.0))), &a, 0).unwrap());
    assert!((spent(&journal) - 1.0).abs() < 1e-9);
    // A cost in another unit leaves the estimate.
    journal.book(second, "2026-11-21", "USD", Micros::of(0.07)).unwrap();
    assert!((spent(&journal) - 1.0).abs() < 1e-9);
    assert!(matches!(
        journal.spend(&service(), "identify", &spend(0.05, Some(1.0))).unwrap(),
        Err(Refusal::OverBudget { .. })
    ));
    journal.spend(&service(), "identify", &spend(0.05, Some(1.05))).unwrap().unwrap();
    assert!((spent(&journal) - 1.05).abs() < 1e-9);
}

#[test]
fn what_cost_nothing_is_given_back_and_what_is_unclear_stays_reserved() {
    let journal = Journal::in_memory().unwrap();
    let a = owner("a");
    let begin = |name: &str| id(journal.send_intent(&with_spend(name, spend(1.0, None)), &a, 0).unwrap());
    journal.refused(begin("n-1"), &a, &problem("no"), 1).unwrap();
    journal.name_taken(begin("n-2"), &a, None, None, 1).unwrap();
    assert!(spent(&journal).abs() < 1e-9);
    let unclear = begin("n-3");
    journal.unknown(unclear, &a, None, 1).unwrap();
    assert!((spent(&journal) - 1.0).abs() < 1e-9);
    journal.nothing(unclear, &a, Settled::Person, 2).unwrap();
    assert!(spent(&journal).abs() < 1e-9);
}

#[test]
fn a_budget_that_cannot_be_summed_refuses() {
    let journal = Journal::in_memory().unwrap();
    let most = Spend { estimate: Micros(i64::MAX), ..spend(0.0, None) };
    journal.spend(&service(), "identify", &most).unwrap().unwrap();
    journal.spend(&service(), "identify", &most).unwrap().unwrap();
    let over = journal.send_intent(&with_spend("n-1", spend(0.5, Some(1.0))), &owner("a"), 0);
    assert!(matches!(over, Err(JournalError::Failed(_))), "{over:?}");
}

#[test]
fn what_waits_is_counted_on_the_day_of_its_sending_and_held_to_the_budget_of_that_day() {
    let journal = Journal::in_memory().unwrap();
    let a = owner("a");
    let queued = NewIntent { spend: Some(spend(0.5, None)), ..new("n-1") };
    let queued = id(journal.queue_intent(&queued, &a, 0).unwrap());
    assert!((spent(&journal) - 0.5).abs() < 1e-9);
    let next_day = |limit| Spend { day: "2026-11-22".into(), ..spend(0.5, Some(limit)) };
    let sending = |limit| Sending { service_ms: Some(7), spend: Some(next_day(limit)), most: None };
    assert!(matches!(journal.sent(queued, &a, &sending(0.4), 1).unwrap(), Err(Refusal::OverBudget { .. })));
    let waits = journal.intent(queued).unwrap();
    assert_eq!((waits.state, waits.sends), (IntentState::Intended, 0), "nothing has changed");
    assert_eq!(journal.sent(queued, &a, &sending(0.5), 2).unwrap(), Ok(()), "its own reservation is not counted twice");
    assert!(spent(&journal).abs() < 1e-9);
    assert!((journal.spent(&service(), "2026-11-22", "units").unwrap().units() - 0.5).abs() < 1e-9);
    assert_eq!(
        journal.intent(queued).unwrap().options["sent_service_ms"],
        7,
        "a task of its name is proven by that time"
    );
}
