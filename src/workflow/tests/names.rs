//! A task found under the name of a create, and whose it is.

use super::fixtures::*;
use super::play::Play;
use crate::model::{CallOutcome, Problem, ProblemKind, Task, TaskStatus};
use crate::workflow::*;

const SENT_MS: i64 = 1_700_000_000_000;

fn named(task_id: &str, created_at_ms: Option<i64>) -> Task {
    Task { task_id: task_id.into(), created_at_ms, ..task(TaskStatus::Processing) }
}

/// A create that was sent at [`SENT_MS`] by our clock, which is an hour ahead of the service's.
fn sent() -> Play {
    let mut play = Play::to_choosing(1);
    play.now_ms = SENT_MS;
    // The session is of the test's own time.
    if let Stage::Choosing(choosing) = &mut play.flow.stage {
        choosing.faces.session.begun_at_ms = SENT_MS;
    }
    play.flow.ahead_ms = Some(3_600_000);
    play.submit();
    play
}

fn unknown() -> JobEvent {
    JobEvent::Created(CallOutcome::Unknown(problem()))
}

fn taken() -> JobEvent {
    JobEvent::Created(CallOutcome::NameTaken(Problem::new(
        ProblemKind::Refused,
        "External_task_id fresh already exists",
    )))
}

#[test]
fn only_a_task_as_young_as_the_sending_is_ours() {
    for created in [unknown(), taken()] {
        let mut play = sent();
        play.answer(created.clone());
        let young = named("ours", Some(SENT_MS - 3_600_000));
        play.answer(JobEvent::LookedUp(Ok(vec![named("old", Some(0)), young])));
        assert_eq!(play.flow.loses(), Some("ours"));

        let mut play = sent();
        play.answer(created);
        play.answer(JobEvent::LookedUp(Ok(vec![named("old", Some(SENT_MS - 3_600_000 - 300_001))])));
        let SendState::NameTaken { problem, task: Some(task) } = play.state() else { panic!("{:?}", play.state()) };
        assert_eq!((problem.kind, task.task_id.as_str()), (ProblemKind::NameTaken, "old"));
        assert!(problem.message.contains("task was created or paid"), "{problem}");
        assert_eq!(play.flow.busy_with(), None);
        // The name is used: the next task gets another.
        play.event(PersonEvent::Back);
        assert_eq!(play.flow.desk.details.external_task_id, None);
        assert!(play.choosing().problem.is_none());
    }
}

#[test]
fn a_refusal_in_the_clear_adopts_no_task_that_was_there_before() {
    let a_minute_ago = || named("theirs", Some(SENT_MS - 3_600_000 - 60_000));
    let mut play = sent();
    play.answer(taken());
    play.answer(JobEvent::LookedUp(Ok(vec![a_minute_ago()])));
    let SendState::NameTaken { task: Some(task), .. } = play.state() else { panic!("{:?}", play.state()) };
    assert_eq!((task.task_id.as_str(), play.flow.loses()), ("theirs", None));

    // An answer that was lost says nothing, and a service has more than one clock.
    let mut play = sent();
    play.answer(unknown());
    play.answer(JobEvent::LookedUp(Ok(vec![a_minute_ago()])));
    assert_eq!(play.flow.loses(), Some("theirs"));
}

#[test]
fn the_task_of_that_name_can_be_followed() {
    let mut play = sent();
    play.answer(unknown());
    play.answer(JobEvent::LookedUp(Ok(vec![named("old", Some(0))])));
    play.event(PersonEvent::Follow { task_id: "old".into(), wait: true });
    assert_eq!(play.flow.loses(), Some("old"));
    assert!(play.flow.faces().is_some(), "the paid faces are kept");
}

#[test]
fn a_task_of_unknown_age_proves_nothing() {
    let mut play = sent();
    play.answer(unknown());
    for _ in 0..3 {
        play.answer(JobEvent::LookedUp(Ok(vec![named("open", None)])));
    }
    let SendState::Unknown { look_up: LookUp::Failed(problem), .. } = play.state() else {
        panic!("{:?}", play.state())
    };
    assert!(problem.message.contains("open") && problem.message.contains("older"), "{problem}");
}

#[test]
fn where_names_are_not_unique_an_older_task_says_nothing_about_ours() {
    let mut play = sent();
    play.flow.terms.names = Names::Listed;
    play.answer(unknown());
    for _ in 0..3 {
        play.answer(JobEvent::LookedUp(Ok(vec![named("old", Some(0))])));
    }
    assert!(matches!(play.state(), SendState::Unknown { look_up: LookUp::NotFound, .. }), "{:?}", play.state());
}

#[test]
fn a_used_name_that_nobody_shows_is_definite_only_for_the_first_sending() {
    let mut play = sent();
    play.answer(taken());
    for _ in 0..3 {
        play.answer(JobEvent::LookedUp(Ok(Vec::new())));
    }
    assert!(matches!(play.state(), SendState::NameTaken { task: None, .. }), "{:?}", play.state());

    let mut play = sent();
    play.answer(unknown());
    play.event(PersonEvent::CancelLookUp);
    play.event(PersonEvent::Resend(Consent::given_by_a_person()));
    play.answer(taken());
    for _ in 0..3 {
        play.answer(JobEvent::LookedUp(Ok(Vec::new())));
    }
    // The first sending may have taken it.
    assert!(matches!(play.state(), SendState::Unknown { look_up: LookUp::NotFound, .. }), "{:?}", play.state());
    play.event(PersonEvent::LookUp);
    play.answer(JobEvent::LookedUp(Ok(vec![named("ours", Some(SENT_MS - 3_600_000))])));
    assert_eq!(play.flow.loses(), Some("ours"));
}

/// The service's time is learnt with the first answer, which is that to the create; then the wall clock is set back by hours.
#[test]
fn a_clock_that_is_set_after_the_sending_does_not_make_our_task_somebody_elses() {
    let mut play = sent();
    play.flow.ahead_ms = None;
    if let Stage::Submitted(submitted) = &mut play.flow.stage {
        (submitted.sending.first_ms, submitted.sending.by_service_clock) = (SENT_MS, false);
    }
    (play.now_ms, play.steady_ms) = (play.now_ms + 400, play.steady_ms + 400);
    play.flow.ahead_ms = Some(3_600_000);
    play.answer(unknown());
    let back_ms = 5 * 3_600_000;
    (play.now_ms, play.steady_ms) = (play.now_ms + 600 - back_ms, play.steady_ms + 600);
    play.flow.ahead_ms = Some(3_600_000 - back_ms);
    play.answer(JobEvent::LookedUp(Ok(vec![named("ours", Some(SENT_MS - 3_600_000 + 200))])));
    assert_eq!(play.flow.loses(), Some("ours"));
}

/// Where the clock was set, or the machine slept, before the service's time was known, that of the sending is not: nothing is proven by it.
#[test]
fn a_clock_that_is_set_before_the_services_time_is_known_proves_nothing() {
    let mut play = sent();
    if let Stage::Submitted(submitted) = &mut play.flow.stage {
        (submitted.sending.first_ms, submitted.sending.by_service_clock) = (SENT_MS, false);
    }
    let back_ms = 5 * 3_600_000;
    (play.now_ms, play.steady_ms) = (play.now_ms + 400 - back_ms, play.steady_ms + 400);
    play.flow.ahead_ms = Some(3_600_000 - back_ms);
    play.answer(unknown());
    for _ in 0..3 {
        play.answer(JobEvent::LookedUp(Ok(vec![named("ours", Some(SENT_MS - 3_600_000 + 200))])));
        assert!(!matches!(play.state(), SendState::NameTaken { .. }), "{:?}", play.state());
    }
}
