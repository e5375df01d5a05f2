//! Intents: what may become of one, and what never.

use super::*;
use crate::journal::{Followed, IntentState, JournalError, Origin, Phase, Recorded, Refusal, Seen, Sending, Settled};

use IntentState::{Accepted, Intended, NameTaken, Nothing, Refused, Sent, Unknown, Withdrawn};

fn journal() -> Journal {
    Journal::in_memory().unwrap()
}

fn state(journal: &Journal, id: IntentId) -> IntentState {
    journal.intent(id).unwrap().state
}

/// An intent in a state.
fn in_state(journal: &Journal, name: &str, wanted: IntentState) -> IntentId {
    let a = owner("a");
    if matches!(wanted, Intended | Withdrawn) {
        let id = id(journal.queue_intent(&new(name), &a, 0).unwrap());
        if wanted == Withdrawn {
            journal.withdraw(id, &a, None, 1).unwrap();
        }
        return id;
    }
    let id = send(journal, name, "a", 0);
    match wanted {
        Accepted => {
            journal.accepted(id, &format!("t-{name}"), 1).unwrap();
        }
        Refused => {
            journal.refused(id, &a, &problem("no"), 1).unwrap();
        }
        NameTaken => journal.name_taken(id, &a, Some("t-9"), None, 1).unwrap(),
        Unknown | Nothing => {
            journal.unknown(id, &a, Some(&problem("reset")), 1).unwrap();
            if wanted == Nothing {
                journal.nothing(id, &a, Settled::Person, 2).unwrap();
            }
        }
        _ => {}
    }
    assert_eq!(state(journal, id), wanted);
    id
}

#[test]
fn every_step_is_possible_from_its_states_and_no_other() {
    type Step = fn(&Journal, IntentId) -> Result<(), JournalError>;
    let steps: [(&str, Step, &[IntentState]); 9] = [
        ("sent", |j, id| j.sent(id, &owner("a"), &Sending::default(), 9).map(|sent| sent.unwrap()), &[Intended]),
        ("withdrawn", |j, id| j.withdraw(id, &owner("a"), None, 9), &[Intended]),
        ("refused", |j, id| j.refused(id, &owner("a"), &problem("no"), 9).map(drop), &[Sent]),
        ("not taken", |j, id| j.not_taken(id, &owner("a"), &problem("1303"), 9).map(drop), &[Sent]),
        ("unknown", |j, id| j.unknown(id, &owner("a"), None, 9), &[Sent]),
        ("name taken", |j, id| j.name_taken(id, &owner("a"), None, None, 9), &[Sent, Unknown]),
        ("looked", |j, id| j.looked(id, &owner("a"), Settled::List, 9), &[Unknown]),
        ("found", |j, id| j.found(id, &owner("a"), Settled::List, "t-1", 9).map(drop), &[Unknown]),
        ("nothing", |j, id| j.nothing(id, &owner("a"), Settled::Person, 9), &[Unknown]),
    ];
    for from in IntentState::ALL {
        for (name, step, allowed) in &steps {
            let journal = journal();
            let id = in_state(&journal, "n-1", *from);
            let before = journal.intent(id).unwrap();
            match step(&journal, id) {
                Ok(()) => assert!(allowed.contains(from), "{name} from {from:?}"),
                Err(JournalError::Impossible { state, .. }) => {
                    assert!(!allowed.contains(from) && state == *from, "{name} from {from:?}");
                    assert_eq!(journal.intent(id).unwrap(), before);
                }
                Err(err) => panic!("{name} from {from:?}: {err}"),
            }
        }
    }
}

#[test]
fn an_accepted_task_is_written_down_however_the_intent_was_settled() {
    for from in IntentState::ALL {
        let journal = journal();
        let id = in_state(&journal, "n-1", *from);
        match journal.accepted(id, "t-new", 9) {
            Ok(Recorded::Here) => assert_eq!(journal.intent(id).unwrap().task.unwrap().task_id, "t-new"),
            Ok(Recorded::Beside(other)) => {
                assert_eq!(*from, Accepted);
                assert_eq!(journal.intent(other).unwrap().task.unwrap().task_id, "t-new");
                assert_eq!(journal.intent(id).unwrap().task.unwrap().task_id, "t-n-1");
            }
            Err(JournalError::Impossible { .. }) => assert!(matches!(from, Intended | Withdrawn)),
            other => panic!("{from:?}: {other:?}"),
        }
    }
}

#[test]
fn a_task_that_was_accepted_twice_is_known_once() {
    let journal = journal();
    let first = in_state(&journal, "n-1", Accepted);
    assert_eq!(journal.accepted(first, "t-n-1", 9).unwrap(), Recorded::Already);
    let second = send(&journal, "n-2", "a", 0);
    assert_eq!(journal.accepted(second, "t-n-1", 9).unwrap(), Recorded::Another(first));
    let second = journal.intent(second).unwrap();
    assert_eq!((second.state, second.other_task_id.as_deref()), (NameTaken, Some("t-n-1")));
}

#[test]
fn a_name_is_never_used_twice_whatever_became_of_it() {
    for from in IntentState::ALL {
        let journal = journal();
        let first = in_state(&journal, "n-1", *from);
        let Begun::Refused(Refusal::NameUsed(by)) = journal.send_intent(&new("n-1"), &owner("b"), 9).unwrap() else {
            panic!("{from:?}")
        };
        assert_eq!(by.id, first);
        assert!(Refusal::NameUsed(by).problem().message.contains("n-1"));
        assert_eq!(
            journal.unfinished().unwrap().len(),
            usize::from(!journal.intent(first).unwrap().phase.is_finished())
        );
        let elsewhere = NewIntent { service: Service { base_url: "https://other".into(), ..service() }, ..new("n-1") };
        assert!(matches!(journal.send_intent(&elsewhere, &owner("b"), 9).unwrap(), Begun::Intent(_)));
        let renamed = NewIntent { service: Service { profile: "mine".into(), ..service() }, ..new("n-1") };
        assert!(matches!(journal.send_intent(&renamed, &owner("b"), 9).unwrap(), Begun::Refused(_)));
    }
}

#[test]
fn an_unclear_create_is_sent_again_only_after_a_look_up_that_found_nothing() {
    let journal = journal();
    let a = owner("a");
    let id = in_state(&journal, "n-1", Unknown);
    assert!(matches!(journal.send_again(id, &a, 2), Err(JournalError::Impossible { state: Unknown, .. })));
    journal.looked(id, &a, Settled::NameQuery, 3).unwrap();
    journal.send_again(id, &a, 4).unwrap().unwrap();
    assert_eq!((state(&journal, id), journal.intent(id).unwrap().sends), (Sent, 2));
    // A refusal of the second proves nothing about the first.
    assert_eq!(journal.refused(id, &a, &problem("in debt"), 5).unwrap(), Unknown);
    assert!(matches!(journal.send_again(id, &a, 6), Err(JournalError::Impossible { .. })));
    journal.looked(id, &a, Settled::Tasks, 7).unwrap();
    journal.send_again(id, &a, 8).unwrap().unwrap();
    assert_eq!(journal.accepted(id, "t-1", 9).unwrap(), Recorded::Here);
    let intent = journal.intent(id).unwrap();
    assert_eq!((intent.settled_by, intent.phase, intent.sends), (Some(Settled::Resend), Phase::Running, 3));
}

#[test]
fn what_was_certainly_not_taken_waits_and_is_sent_once_more() {
    let journal = journal();
    let a = owner("a");
    let id = send(&journal, "n-1", "a", 0);
    assert_eq!(journal.not_taken(id, &a, &problem("too many tasks"), 1).unwrap(), Intended);
    journal.sent(id, &a, &Sending::default(), 2).unwrap().unwrap();
    journal.accepted(id, "t-1", 3).unwrap();
    let intent = journal.intent(id).unwrap();
    assert_eq!((intent.sends, intent.sent_ms, intent.settled_by), (2, Some(2), None));
    let words: Vec<_> = journal.changes(id).unwrap().into_iter().map(|change| change.what).collect();
    assert_eq!(words, ["sent", "intended", "sent", "accepted", "running"]);
}

#[test]
fn a_task_goes_to_its_end_and_stays_there() {
    let journal = journal();
    let a = owner("a");
    let id = in_state(&journal, "n-1", Accepted);
    let see = |status, now_ms| journal.task_seen(id, &a, &task("t-n-1", status), now_ms).unwrap();
    assert_eq!(see(TaskStatus::Processing, 10), Seen { changed: true, ended: false });
    assert_eq!(see(TaskStatus::Processing, 20), Seen::default());
    assert_eq!(journal.intent(id).unwrap().task.unwrap().polled_ms, Some(20));
    assert_eq!(see(TaskStatus::Succeed, 30), Seen { changed: true, ended: true });
    assert_eq!(see(TaskStatus::Processing, 40), Seen::default());
    let intent = journal.intent(id).unwrap();
    assert_eq!((intent.phase, intent.finished_ms), (Phase::Succeeded, Some(30)));
    let known = intent.task.unwrap();
    let whole = task("t-n-1", TaskStatus::Succeed);
    assert_eq!((known.status, known.ended_ms, known.polled_ms), (TaskStatus::Succeed, Some(30), Some(40)));
    assert_eq!((&known.videos, &known.cost), (&whole.videos, &whole.cost));
    assert_eq!(serde_json::from_value::<Task>(known.document.unwrap()).unwrap(), whole);
}

#[test]
fn a_task_that_was_followed_by_its_id_becomes_the_intents_own() {
    let journal = journal();
    let a = owner("a");
    let id = in_state(&journal, "n-1", Unknown);
    let followed = Followed {
        service: service(),
        task_id: "t-1".into(),
        external_task_id: Some("n-1".into()),
        clip: Described::default(),
        voice: Described::default(),
    };
    let beside = journal.follow(&followed, &a, 2).unwrap();
    assert_eq!(journal.follow(&followed, &owner("b"), 2).unwrap(), beside, "it is known already");
    assert_eq!(journal.intent(beside).unwrap().origin, Origin::Followed);
    journal.task_seen(beside, &a, &task("t-1", TaskStatus::Succeed), 3).unwrap();
    let both: Vec<_> = journal.find("n-1").unwrap().into_iter().map(|intent| intent.id).collect();
    assert_eq!(both, [beside, id]);
    assert_eq!(journal.found(id, &a, Settled::NameQuery, "t-1", 4).unwrap(), Recorded::Here);
    let intent = journal.intent(id).unwrap();
    assert_eq!((intent.phase, intent.settled_by), (Phase::Succeeded, Some(Settled::NameQuery)));
    assert_eq!(intent.task.unwrap().videos.len(), 1);
    assert_eq!(journal.intent(beside), Err(JournalError::Absent(beside)));
    assert_eq!(journal.find("t-1").unwrap().len(), 1);
}
