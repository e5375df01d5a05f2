//! Leases: one owner each, and clocks that jump.

use super::*;
use crate::journal::{Claim, IntentState, JournalError, LEASE_MS, Recorded};

const DAY_MS: i64 = 86_400_000;

/// What somebody gets of others' who claims all that is not at its end.
fn taken(journal: &Journal, by: &str, now_ms: i64) -> Vec<IntentId> {
    let of_others = journal.unfinished().unwrap().into_iter().filter(|intent| intent.owner != Some(owner(by)));
    let is_taken = |id: &IntentId| matches!(journal.claim(*id, &owner(by), now_ms).unwrap(), Claim::Yours(_));
    of_others.map(|intent| intent.id).filter(is_taken).collect()
}

#[test]
fn only_an_expired_lease_is_taken_over() {
    let journal = Journal::in_memory().unwrap();
    let id = send(&journal, "n-1", "a", 0);
    assert_eq!(taken(&journal, "b", 1), []);
    assert_eq!(journal.heartbeat(&owner("a"), 20_000).unwrap(), [id]);
    assert_eq!(taken(&journal, "b", 20_000 + LEASE_MS - 1), []);
    assert_eq!(journal.unknown(id, &owner("b"), None, 1), Err(JournalError::NotYours(id)));
    assert_eq!(taken(&journal, "c", 20_000 + LEASE_MS), [id]);
    assert_eq!(taken(&journal, "b", 20_000 + LEASE_MS), []);
    assert_eq!(journal.heartbeat(&owner("a"), 60_000).unwrap(), [], "it learns that it lost it");
    assert_eq!(journal.unknown(id, &owner("a"), None, 60_000), Err(JournalError::NotYours(id)));
    journal.unknown(id, &owner("c"), None, 60_000).unwrap();
    // The answer to its create is written down all the same.
    assert_eq!(journal.accepted(id, "t-1", 60_001).unwrap(), Recorded::Here);
    let intent = journal.intent(id).unwrap();
    assert_eq!((intent.state, intent.owner), (IntentState::Accepted, Some(owner("c"))));
}

#[test]
fn what_was_released_is_free_at_once() {
    let journal = Journal::in_memory().unwrap();
    let (first, second) = (send(&journal, "n-1", "a", 0), send(&journal, "n-2", "a", 0));
    journal.release_one(first, &owner("a")).unwrap();
    assert_eq!(taken(&journal, "b", 1), [first]);
    journal.release(&owner("a")).unwrap();
    assert_eq!(taken(&journal, "b", 2), [second]);
    assert!(!journal.is_living(&owner("a"), 2).unwrap());
}

#[test]
fn one_intent_is_claimed_by_the_same_rules() {
    let journal = Journal::in_memory().unwrap();
    let id = send(&journal, "n-1", "a", 0);
    assert_eq!(journal.claim(id, &owner("b"), 1).unwrap(), Claim::HeldBy(owner("a")));
    assert!(matches!(journal.claim(id, &owner("a"), 1).unwrap(), Claim::Yours(_)));
    assert!(matches!(journal.claim(id, &owner("c"), LEASE_MS + 1).unwrap(), Claim::Yours(_)));
    journal.refused(id, &owner("c"), &problem("no"), LEASE_MS + 2).unwrap();
    assert!(matches!(journal.claim(id, &owner("b"), LEASE_MS + 3).unwrap(), Claim::Finished(_)));
}

#[test]
fn a_clock_set_back_frees_nothing_of_a_living_owner_and_all_of_a_dead_one_a_period_later() {
    for lives in [true, false] {
        let journal = Journal::in_memory().unwrap();
        let id = send(&journal, "n-1", "a", DAY_MS);
        let now_ms = 1_000;
        assert_eq!(taken(&journal, "b", now_ms), []);
        if lives {
            assert_eq!(journal.heartbeat(&owner("a"), now_ms + 9_000).unwrap(), [id]);
        }
        for beat in 1..=2 {
            journal.heartbeat(&owner("b"), now_ms + beat * 10_000).unwrap();
        }
        let expected = if lives { vec![] } else { vec![id] };
        assert_eq!(taken(&journal, "b", now_ms + LEASE_MS), expected, "lives: {lives}");
    }
}

#[test]
fn after_a_sleep_or_a_clock_set_forward_a_running_owner_takes_nothing_for_a_period() {
    let journal = Journal::in_memory().unwrap();
    let id = send(&journal, "n-1", "a", 0);
    let released = send(&journal, "n-2", "a", 0);
    journal.heartbeat(&owner("b"), 5_000).unwrap();
    journal.release_one(released, &owner("a")).unwrap();
    // Both slept for a day; b wakes first.
    assert_eq!(taken(&journal, "b", DAY_MS), [released], "what nobody has is free");
    assert_eq!(journal.claim(id, &owner("b"), DAY_MS).unwrap(), Claim::HeldBy(owner("a")));
    assert_eq!(journal.heartbeat(&owner("a"), DAY_MS + 9_000).unwrap(), [id]);
    for beat in 1..=4 {
        assert_eq!(taken(&journal, "b", DAY_MS + beat * 9_000), []);
    }
    // Now a is dead.
    assert_eq!(taken(&journal, "b", DAY_MS + 45_000), [id]);
}
