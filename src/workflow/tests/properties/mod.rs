//! Random sequences of events: whatever happens in whatever order, these properties hold.

mod accepted_ids;
mod acts;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use self::accepted_ids::AcceptedIds;
use self::acts::{Act, OLDER, acts, answer};
use super::fixtures::*;
use crate::model::Dialect;
use crate::workflow::*;

/// Volumes may be NaN, which equals nothing: states are compared as text.
fn text(flow: &Flow) -> String {
    format!("{flow:?}")
}

/// Plays the acts and checks every promise at every step. Returns the states it came through.
fn live(acts: Vec<Act>, kirin: bool) -> Result<BTreeSet<&'static str>, TestCaseError> {
    let mut flow = Flow::new(terms(if kirin { Dialect::Kirin } else { Dialect::Kling }));
    // The service has answered before, and its clock is ours.
    flow.ahead_ms = Some(0);
    let mut asked: Vec<Command> = Vec::new();
    let mut accepted = AcceptedIds::default();
    let mut jobs_seen = BTreeSet::new();
    // Creates allowed: one for each submission, one more for each consent.
    let mut may_create = 0_i64;
    let mut now_ms = 0;
    let mut seen = BTreeSet::new();
    for act in acts {
        let event = match act {
            Act::Wait(ms) => {
                now_ms += ms;
                continue;
            }
            Act::Person(event) => Event::Person(event),
            Act::Answer { pick, mood } => {
                if asked.is_empty() {
                    continue;
                }
                // The newest commands are most likely to be awaited.
                let back = pick % asked.len().min(6);
                let command = &asked[asked.len() - 1 - back];
                let Some(answer) = answer(command, mood) else { continue };
                Event::Job { job: command.job(), answer }
            }
        };
        let before = flow.clone();
        let (after, commands) = step(flow, event.clone(), Now { wall_ms: now_ms, steady_ms: now_ms });
        accepted.check(&before, &event, &after, &commands)?;
        prop_assert!(after.loses() != Some(OLDER), "an older task of that name was taken for ours");
        if let Stage::Submitted(Submitted { state: SendState::NameTaken { task, .. }, sending, .. }) = &after.stage {
            // After an unclear sending only another task with the name proves that ours was not created.
            let is_proven = task.is_some() && after.terms.names == Names::Known;
            prop_assert!(is_proven || sending.name_taken && sending.count == 1, "{:?}", sending);
        }

        if let Event::Job { job, .. } = &event
            && !awaited(&before).contains(job)
        {
            prop_assert_eq!(text(&before), text(&after), "a stale answer changed something: {:?}", &event);
            prop_assert!(commands.is_empty());
        }
        let submits = matches!(&event, Event::Person(PersonEvent::Submit { .. }))
            && matches!(after.stage, Stage::Submitted(_))
            && matches!(before.stage, Stage::Choosing(_));
        let consents = matches!(&event, Event::Person(PersonEvent::Resend(_)))
            && matches!(&before.stage, Stage::Submitted(s) if matches!(s.state, SendState::Unknown { .. }));
        may_create += i64::from(submits) + i64::from(consents);
        let open = awaited(&after);
        for command in &commands {
            match command {
                Command::Abort { job } => {
                    prop_assert!(jobs_seen.contains(job));
                    prop_assert!(!open.contains(job), "aborted and waited for: {:?}", job);
                    let create = asked.iter().any(|c| matches!(c, Command::CreateTask { job: j, .. } if j == job));
                    prop_assert!(!create, "a create was aborted");
                    let download = asked.iter().any(|c| matches!(c, Command::Download { job: j, .. } if j == job));
                    let cancelled = matches!(event, Event::Person(PersonEvent::CancelDownload { .. }));
                    prop_assert!(!download || cancelled, "a download was stopped by {:?}", &event);
                }
                command => {
                    prop_assert!(jobs_seen.insert(command.job()), "a job id was used twice");
                    prop_assert!(open.contains(&command.job()), "nobody waits for {:?}", command);
                }
            }
            if matches!(command, Command::CreateTask { .. }) {
                may_create -= 1;
                prop_assert!(may_create >= 0, "a create was sent twice without consent");
            }
        }
        // A job no longer waited for was answered just now, or aborted.
        let answered = match &event {
            Event::Job { job, .. } => Some(*job),
            Event::Person(_) => None,
        };
        for job in awaited(&before).difference(&open) {
            let aborted = commands.iter().any(|c| matches!(c, Command::Abort { job: j } if j == job));
            prop_assert!(aborted || answered == Some(*job), "{:?} was forgotten after {:?}", job, &event);
        }
        // A problem keeps the input: only the person's own hand changes the desk's sources.
        if matches!(event, Event::Job { .. }) {
            prop_assert_eq!(&before.desk.clip, &after.desk.clip);
            let converted = matches!(&event, Event::Job { answer: JobEvent::VoiceConverted(Ok(_)), .. });
            prop_assert!(converted || before.desk.voice == after.desk.voice);
            prop_assert_eq!(before.desk.wanted, after.desk.wanted);
        }
        // A result stays until its successor is there.
        if before.result().is_some() {
            prop_assert!(after.result().is_some(), "a result vanished after {:?}", &event);
        }
        if before.create_is_open() && matches!(event, Event::Person(_)) {
            let left_open = after.create_is_open()
                || matches!(event, Event::Person(PersonEvent::Abandon | PersonEvent::GiveTaskId(_)));
            prop_assert!(left_open, "an open create was dropped by {:?}", &event);
        }
        asked.extend(commands);
        flow = after;
        seen.insert(state_word(&flow));
    }
    Ok(seen)
}

/// The state by a word of its own.
fn state_word(flow: &Flow) -> &'static str {
    match &flow.stage {
        Stage::Idle(Idle { problem: Some(_), .. }) => "idle with a problem",
        Stage::Idle(Idle { identify_after_probe: Some(_), .. }) => "idle until the probe",
        Stage::Idle(_) => "idle",
        Stage::Identifying(identifying) => match (&identifying.phase, &identifying.again) {
            (IdentifyPhase::Recalling { .. }, _) => "recalling",
            (IdentifyPhase::Uploading { .. }, _) => "uploading",
            (_, Some(_)) => "identifying again",
            (IdentifyPhase::Asking(_), None) => "asking",
            (IdentifyPhase::Polling { .. }, None) => "polling for faces",
        },
        Stage::Choosing(Choosing { problem: Some(_), .. }) => "choosing with a problem",
        Stage::Choosing(Choosing { faces: Faces { proposed: Some(_), .. }, .. }) => "choosing with a proposal",
        Stage::Choosing(Choosing { placement: Some(_), .. }) => "choosing with a placement",
        Stage::Choosing(_) => "choosing",
        Stage::Submitted(submitted) => match &submitted.state {
            SendState::Sent { .. } => "sent",
            SendState::Refused(_) => "refused",
            SendState::NameTaken { task: Some(_), .. } => "name taken by a task",
            SendState::NameTaken { task: None, .. } => "name taken",
            SendState::Unknown { look_up, .. } => match look_up {
                LookUp::Impossible => "unknown, look-up impossible",
                LookUp::Running { .. } => "unknown, looked up",
                LookUp::NotFound => "unknown, not found",
                LookUp::Failed(_) => "unknown, look-up failed",
            },
            SendState::Accepted { follow, .. } => match follow {
                Follow::Polling { problem: Some(_), .. } => "polled with a problem",
                Follow::Polling { .. } => "polled",
                Follow::Paused(PauseReason::Person) => "paused by a person",
                Follow::Paused(PauseReason::Limit(_)) => "paused by the limit",
                Follow::Paused(PauseReason::Once) => "asked for once",
                Follow::Paused(PauseReason::Stopped(_)) => "stopped",
            },
        },
        Stage::Done(Done { outcome: Outcome::Succeeded, .. }) => "succeeded",
        Stage::Done(_) => "failed",
    }
}

proptest! {
    #![proptest_config(Config { cases: 1_500, ..Config::default() })]

    #[test]
    fn whatever_happens_the_promises_hold(acts in acts(), kirin in any::<bool>()) {
        live(acts, kirin)?;
    }
}

/// The property above would hold of a machine that never moves: this one says that it does.
#[test]
fn random_lives_come_through_every_state() {
    let mut runner = TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..3_000 {
        let acts = acts().new_tree(&mut runner).unwrap().current();
        let kirin = any::<bool>().new_tree(&mut runner).unwrap().current();
        seen.extend(live(acts, kirin).unwrap());
    }
    let all = [
        "asked for once",
        "asking",
        "choosing",
        "choosing with a placement",
        "choosing with a problem",
        "choosing with a proposal",
        "failed",
        "identifying again",
        "idle",
        "idle until the probe",
        "idle with a problem",
        "name taken",
        "name taken by a task",
        "paused by a person",
        "paused by the limit",
        "polled",
        "polled with a problem",
        "polling for faces",
        "recalling",
        "refused",
        "sent",
        "stopped",
        "succeeded",
        "unknown, look-up failed",
        "unknown, look-up impossible",
        "unknown, looked up",
        "unknown, not found",
        "uploading",
    ];
    let missed: Vec<_> = all.iter().filter(|word| !seen.contains(*word)).collect();
    assert!(missed.is_empty(), "never reached: {missed:?}");
}
