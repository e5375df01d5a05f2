//! Random sequences of events: whatever happens in whatever order, these properties hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::fixtures::*;
use crate::model::placement::Wanted;
use crate::model::{CallOutcome, ClipSource, Dialect, Problem, Progress, SavedFile, Task, TaskStatus, VoiceSource};
use crate::workflow::*;

/// One random act: a person's wish, or an answer to one of the jobs asked for so far, old or new.
#[derive(Clone, Debug)]
enum Act {
    Person(PersonEvent),
    Answer { pick: usize, mood: u8 },
    Wait(i64),
}

fn persons() -> impl Strategy<Value = PersonEvent> {
    use PersonEvent as P;
    let file = || PathBuf::from("clip.mp4");
    let wanted = || Wanted { start_ms: None, end_ms: Some(4_000), insert_ms: None };
    let choices: Vec<PersonEvent> = vec![
        P::SetClip(Some(ClipSource::File(file()))),
        P::SetClip(Some(ClipSource::Url("https://example.org/clip.mp4".into()))),
        P::SetClip(None),
        P::SetVoice(Some(VoiceSource::File("voice.mp3".into()))),
        P::SetVoice(Some(VoiceSource::AudioId("a-1".into()))),
        P::SetVoice(None),
        P::SendVoiceAsWav,
        P::CancelVoiceAsWav,
        P::Want(wanted()),
        P::Want(Wanted { start_ms: Some(i64::MIN), end_ms: Some(i64::MAX), insert_ms: Some(i64::MIN) }),
        P::SetVolumes { sound_volume: Some(f64::NAN), original_audio_volume: Some(3.0) },
        P::SetVolumes { sound_volume: None, original_audio_volume: Some(0.5) },
        P::SetDetails(Details { external_task_id: Some("mine".into()), ..Details::default() }),
        P::Identify { send_anyway: false },
        P::Identify { send_anyway: true },
        P::Cancel,
        P::ChooseFace("0".into()),
        P::ChooseFace("nobody".into()),
        P::ChooseNone,
        P::ConfirmProposed,
        P::IdentifyAgain,
        P::ReloadPreview("0".into()),
        P::CancelPreviews,
        P::Submit { fresh_external_task_id: Some("fresh".into()), send_anyway: false },
        P::Submit { fresh_external_task_id: Some("fresh".into()), send_anyway: true },
        P::Submit { fresh_external_task_id: None, send_anyway: true },
        P::LookUp,
        P::CancelLookUp,
        P::Resend(Consent::given_by_a_person()),
        P::GiveTaskId("t-2".into()),
        P::Abandon,
        P::LeaveTask(Consent::given_by_a_person()),
        P::Pause,
        P::Resume,
        P::Follow { task_id: "t-3".into(), wait: true },
        P::Follow { task_id: "t-3".into(), wait: false },
        P::Back,
        P::Again,
        P::NewClip,
        P::Download { index: 0, to: "out.mp4".into(), replaces: false },
        P::CancelDownload { index: 0 },
        P::DismissProblem,
        P::DismissWarning,
        P::ChangeTerms(terms(Dialect::Kling)),
        P::SwitchService(terms(Dialect::Kirin)),
        P::SwitchService(terms(Dialect::Kling)),
    ];
    proptest::sample::select(choices)
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => persons().prop_map(Act::Person),
        6 => (any::<usize>(), any::<u8>()).prop_map(|(pick, mood)| Act::Answer { pick, mood }),
        1 => (0..90_000_000_i64).prop_map(Act::Wait),
    ];
    // Chance alone seldom comes as far as a create: most lives begin with some steps of the straight way there.
    (0..=straight_way().len(), proptest::collection::vec(act, 0..120))
        .prop_map(|(steps, acts)| straight_way().into_iter().take(steps).chain(acts).collect())
}

/// From nothing to a create on its way, without a mishap.
fn straight_way() -> Vec<Act> {
    use PersonEvent as P;
    let well = |mood| Act::Answer { pick: 0, mood };
    vec![
        Act::Person(P::SetClip(Some(ClipSource::Url("https://example.org/clip.mp4".into())))),
        Act::Person(P::SetVoice(Some(VoiceSource::File("voice.mp3".into())))),
        well(200),
        Act::Person(P::Identify { send_anyway: false }),
        // Two faces: see `answer`.
        well(202),
        Act::Person(P::ChooseFace("0".into())),
        Act::Person(P::Submit { fresh_external_task_id: Some("fresh".into()), send_anyway: false }),
    ]
}

/// An answer of the right kind to a command, good or bad by `mood`.
fn answer(command: &Command, mood: u8) -> Option<JobEvent> {
    let well = mood >= 64;
    let or_problem = |good: JobEvent, bad: JobEvent| Some(if well { good } else { bad });
    let failure = || Problem { transient: !mood.is_multiple_of(4), ..problem() };
    let pending = || IdentifyAnswer::Pending { id: "i".into(), status_raw: String::new(), progress: None };
    let faces = mood % 4;
    if mood == 254 {
        return command.failed(problem());
    }
    let named = |task: Task| Box::new(Task { task_id: format!("t-{}", command.job().0), ..task });
    match command {
        Command::ProbeClip { .. } => {
            or_problem(JobEvent::ClipProbed(Ok(clip_probe())), JobEvent::ClipProbed(Err(problem())))
        }
        Command::ProbeVoice { .. } => {
            or_problem(JobEvent::VoiceProbed(Ok(voice_probe())), JobEvent::VoiceProbed(Err(problem())))
        }
        Command::ConvertVoice { .. } => {
            or_problem(JobEvent::VoiceConverted(Ok("voice.wav".into())), JobEvent::VoiceConverted(Err(problem())))
        }
        Command::Upload { .. } => {
            or_problem(JobEvent::Uploaded(Ok("http://127.0.0.1/clip".into())), JobEvent::Uploaded(Err(problem())))
        }
        Command::Identify { .. } => Some(JobEvent::Identified(match mood {
            0..64 => Err(problem()),
            64..96 => Ok(pending()),
            _ => Ok(IdentifyAnswer::Ready(Box::new(session(faces)))),
        })),
        Command::PollIdentify { .. } | Command::Query { .. } if mood == 255 => Some(JobEvent::LimitReached),
        Command::PollIdentify { .. } => Some(JobEvent::IdentifyPolled(match mood {
            0..64 => Err(failure()),
            64..96 => Ok(pending()),
            _ => Ok(IdentifyAnswer::Ready(Box::new(session(faces)))),
        })),
        Command::LoadPreview { .. } => Some(JobEvent::PreviewLoaded(Err(problem()))),
        Command::RecordAccepted { .. } | Command::RecordEnded { .. } => {
            or_problem(JobEvent::Recorded(Ok(())), JobEvent::Recorded(Err(problem())))
        }
        Command::CreateTask { .. } => Some(JobEvent::Created(match mood {
            0..64 => CallOutcome::Unknown(problem()),
            64..96 => CallOutcome::Refused(problem()),
            _ => CallOutcome::Done(named(task(TaskStatus::Submitted))),
        })),
        Command::LookUp { .. } => Some(JobEvent::LookedUp(match mood {
            0..64 => Err(problem()),
            64..160 => Ok(None),
            _ => Ok(Some(named(task(TaskStatus::Processing)))),
        })),
        Command::Query { .. } => Some(JobEvent::Polled(match mood {
            0..64 => Err(failure()),
            64..128 => Ok(Box::new(task(TaskStatus::Processing))),
            128..160 => Ok(Box::new(task(TaskStatus::Failed))),
            _ => Ok(Box::new(task(TaskStatus::Succeed))),
        })),
        Command::Download { .. } => Some(match mood {
            0..64 => JobEvent::Downloaded(Err(problem())),
            64..128 => JobEvent::DownloadProgress(Progress { received_bytes: 1, total_bytes: None }),
            _ => JobEvent::Downloaded(Ok(SavedFile { path: "out.mp4".into(), sha256: "0".into(), size_bytes: 1 })),
        }),
        Command::Abort { .. } => None,
    }
}

/// Volumes may be NaN, which equals nothing: states are compared as text.
fn text(flow: &Flow) -> String {
    format!("{flow:?}")
}

/// Checks that an accepted id is never lost: it is written down before it is first asked for, and it stays in the stage until its end
/// is known or a person consents to leave it.
#[derive(Default)]
struct AcceptedIds {
    /// Ids of creates that are being written down, by job.
    being_written: BTreeMap<JobId, String>,
    /// Ids whose writing has ended: with success, or with a warning.
    written: BTreeSet<String>,
    /// Ids that a person gave to be followed: known elsewhere.
    given: BTreeSet<String>,
}

impl AcceptedIds {
    fn check(&mut self, before: &Flow, event: &Event, after: &Flow, commands: &[Command]) -> Result<(), TestCaseError> {
        if let Event::Person(PersonEvent::Follow { task_id, .. }) = event {
            self.given.insert(task_id.clone());
        }
        if let Event::Job { job, answer: JobEvent::Recorded(outcome) } = event
            && let Some(id) = self.being_written.remove(job)
        {
            prop_assert!(outcome.is_ok() || after.warnings.len() > before.warnings.len(), "a failed write is silent");
            self.written.insert(id);
        }
        for command in commands {
            match command {
                Command::RecordAccepted { job, task } => {
                    self.being_written.insert(*job, task.task_id.clone());
                }
                Command::Abort { job } => {
                    prop_assert!(!self.being_written.contains_key(job), "the writing of an id was aborted");
                }
                Command::Query { task_id, .. } => {
                    let known = self.written.contains(task_id) || self.given.contains(task_id);
                    prop_assert!(known, "{} was asked for before it was written down", task_id);
                }
                _ => {}
            }
        }
        if let Some(id) = after.loses() {
            let known = self.written.contains(id)
                || self.given.contains(id)
                || self.being_written.values().any(|written| written == id);
            prop_assert!(known, "{} was accepted and is not written down", id);
        }
        if let Some(id) = before.loses() {
            let stays = after.loses() == Some(id);
            let ended =
                matches!(&after.stage, Stage::Done(done) if done.task.task_id == id && done.task.status.is_terminal());
            let left = matches!(event, Event::Person(PersonEvent::LeaveTask(_)));
            prop_assert!(stays || ended || left, "{} was lost by {:?}", id, event);
            let noted =
                !ended || commands.iter().any(|c| matches!(c, Command::RecordEnded { task_id, .. } if task_id == id));
            prop_assert!(noted, "the end of {} is not written down", id);
        }
        Ok(())
    }
}

/// Plays the acts and checks every promise at every step. Returns the states it came through.
fn live(acts: Vec<Act>, kirin: bool) -> Result<BTreeSet<&'static str>, TestCaseError> {
    let mut flow = Flow::new(terms(if kirin { Dialect::Kirin } else { Dialect::Kling }));
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
                // The newest commands are the likeliest to be awaited.
                let back = pick % asked.len().min(6);
                let command = &asked[asked.len() - 1 - back];
                let Some(answer) = answer(command, mood) else { continue };
                Event::Job { job: command.job(), answer }
            }
        };
        let before = flow.clone();
        let (after, commands) = step(flow, event.clone(), now_ms);
        accepted.check(&before, &event, &after, &commands)?;

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
            (IdentifyPhase::Uploading(_), _) => "uploading",
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
        "paused by a person",
        "paused by the limit",
        "polled",
        "polled with a problem",
        "polling for faces",
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
