//! Lives played by hand, one for each promise of the workflow.

use std::collections::HashMap;

use super::fixtures::*;
use crate::model::placement::Wanted;
use crate::model::{
    ClipProbe, ClipSource, Dialect, Problem, ProblemKind, Session, Task, TaskStatus, VoiceProbe, VoiceSource,
};
use crate::workflow::*;

/// Plays a life by hand: each person's wish, and the answers to whatever is asked, in order.
struct Play {
    flow: Flow,
    asked: Vec<Command>,
    now_ms: i64,
}

impl Play {
    fn new(dialect: Dialect) -> Self {
        Self { flow: Flow::new(terms(dialect)), asked: Vec::new(), now_ms: 0 }
    }

    fn tell(&mut self, event: impl Into<Event>) {
        let flow = self.flow.clone();
        let (flow, commands) = step(flow, event.into(), self.now_ms);
        self.flow = flow;
        self.asked.extend(commands);
    }

    /// Answers the oldest open command of this kind.
    fn answer(&mut self, with: JobEvent) {
        let open = awaited(&self.flow);
        let fits = |command: &Command| {
            matches!(
                (command, &with),
                (Command::ProbeClip { .. }, JobEvent::ClipProbed(_))
                    | (Command::ProbeVoice { .. }, JobEvent::VoiceProbed(_))
                    | (Command::ConvertVoice { .. }, JobEvent::VoiceConverted(_))
                    | (Command::Upload { .. }, JobEvent::Uploaded(_))
                    | (Command::Identify { .. }, JobEvent::Identified(_))
                    | (Command::PollIdentify { .. }, JobEvent::IdentifyPolled(_))
                    | (Command::RecordIntent { .. }, JobEvent::IntentRecorded(_))
                    | (Command::CreateTask { .. }, JobEvent::Created(_))
                    | (Command::LookUp { .. }, JobEvent::LookedUp(_))
                    | (Command::Query { .. }, JobEvent::Polled(_))
                    | (Command::Download { .. }, JobEvent::Downloaded(_))
            )
        };
        let job = self.asked.iter().find(|c| open.contains(&c.job()) && fits(c)).map(Command::job);
        let job = job.unwrap_or_else(|| panic!("nobody asked for {with:?}; asked: {:?}", self.asked));
        self.tell(Event::Job { job, answer: with });
    }

    fn to_choosing(faces: u8) -> Self {
        let mut play = Self::new(Dialect::Kling);
        play.tell(PersonEvent::SetClip(Some(ClipSource::File("clip.mp4".into()))));
        play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
        play.tell(PersonEvent::SetVoice(Some(VoiceSource::File("voice.mp3".into()))));
        play.answer(JobEvent::VoiceProbed(Ok(voice_probe())));
        play.tell(PersonEvent::Identify { send_anyway: false });
        play.answer(JobEvent::Uploaded(Ok("http://127.0.0.1/clip".into())));
        play.answer(JobEvent::Identified(Ok(IdentifyAnswer::Ready(Box::new(session(faces))))));
        play
    }

    fn submit(&mut self) {
        self.tell(PersonEvent::Submit { fresh_external_task_id: "fresh".into(), send_anyway: false });
    }

    fn choosing(&self) -> &Choosing {
        match &self.flow.stage {
            Stage::Choosing(choosing) => choosing,
            other => panic!("{other:?}"),
        }
    }

    fn state(&self) -> &SendState {
        match &self.flow.stage {
            Stage::Submitted(submitted) => &submitted.state,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_whole_way_and_again_with_the_same_faces() {
    let mut play = Play::to_choosing(1);
    assert_eq!(play.choosing().faces.chosen.as_deref(), Some("0"), "the only face is chosen by itself");
    let placement = play.choosing().placement.unwrap();
    assert_eq!((placement.sound_start_time, placement.sound_end_time, placement.sound_insert_time), (0, 8_000, 0));
    play.submit();
    assert!(matches!(play.state(), SendState::Intended { .. }));
    play.answer(JobEvent::IntentRecorded(Ok(())));
    assert!(matches!(play.state(), SendState::Sent { .. }));
    play.answer(JobEvent::Created(CreateOutcome::Accepted(Box::new(task(TaskStatus::Submitted)))));
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Processing)))));
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Succeed)))));
    assert_eq!(play.flow.stage.word(), "done");
    play.tell(PersonEvent::Download { index: 0, to: "out.mp4".into() });
    play.tell(PersonEvent::Again);
    assert_eq!(play.choosing().faces.chosen.as_deref(), Some("0"));
    let saved = Saved { path: "out.mp4".into(), sha256: "ab".into(), size_bytes: 9 };
    play.answer(JobEvent::Downloaded(Ok(saved)));
    let result = play.flow.result().expect("the previous result stays");
    assert!(matches!(&result.downloads[0], Download::Saved { sha256, .. } if sha256 == "ab"));
    play.tell(PersonEvent::NewClip);
    assert_eq!((play.flow.stage.word(), play.flow.desk.clip.is_none()), ("idle", true));
    assert!(play.flow.desk.voice.is_some());
}

#[test]
fn of_several_faces_none_is_chosen_silently() {
    let mut play = Play::to_choosing(2);
    assert_eq!(play.choosing().faces.chosen, None);
    play.submit();
    assert_eq!(play.choosing().problem.as_ref().map(|problem| problem.kind), Some(ProblemKind::Usage));
    play.tell(PersonEvent::ChooseFace("1".into()));
    assert!(play.choosing().placement.is_some() && play.choosing().problem.is_none());
}

#[test]
fn a_local_clip_is_for_the_sandbox_only() {
    let mut play = Play::new(Dialect::Kling);
    play.flow.terms.takes_files = false;
    play.flow.terms.profile = "ezmodel".into();
    play.tell(PersonEvent::SetClip(Some(ClipSource::File("clip.mp4".into()))));
    play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    play.tell(PersonEvent::Identify { send_anyway: true });
    let problem = play.flow.stage.problem().unwrap();
    assert!(problem.message.contains("clip.mp4") && problem.message.contains("ezmodel"), "{problem}");
    assert!(play.flow.desk.clip.is_some());
}

#[test]
fn a_broken_rule_stops_both_sendings_unless_a_person_sends_anyway() {
    let mut play = Play::new(Dialect::Kling);
    play.tell(PersonEvent::SetClip(Some(ClipSource::File("clip.mp4".into()))));
    // Asked for while the clip is still being looked at: it follows by itself, and stops at the rule.
    play.tell(PersonEvent::Identify { send_anyway: false });
    play.answer(JobEvent::ClipProbed(Ok(ClipProbe { duration_ms: 1_500, ..clip_probe() })));
    assert_eq!(play.flow.stage.problem().and_then(|p| p.rule.as_deref()), Some("video.duration"));
    play.tell(PersonEvent::Identify { send_anyway: true });
    assert_eq!(play.flow.stage.word(), "identifying");

    let mut play = Play::to_choosing(1);
    play.tell(PersonEvent::Want(Wanted { insert_ms: Some(5_000), end_ms: Some(5_000), ..Wanted::default() }));
    play.submit();
    assert_eq!(play.choosing().problem.as_ref().and_then(|p| p.rule.as_deref()), Some("R5"));
    play.tell(PersonEvent::Submit { fresh_external_task_id: "fresh".into(), send_anyway: true });
    assert!(matches!(play.state(), SendState::Intended { .. }));
}

#[test]
fn a_clip_without_a_face_is_a_problem_and_keeps_the_input() {
    let play = Play::to_choosing(0);
    assert_eq!(play.flow.stage.problem().map(|p| p.kind), Some(ProblemKind::NoFace));
    assert!(play.flow.desk.clip.is_some() && play.flow.desk.voice.is_some());
}

#[test]
fn a_session_that_is_over_is_found_again_and_the_choice_is_proposed() {
    let mut play = Play::to_choosing(2);
    play.tell(PersonEvent::ChooseFace("1".into()));
    play.now_ms = crate::model::face::SESSION_LIFE_MS;
    play.submit();
    assert!(play.choosing().problem.as_ref().unwrap().message.contains("24 hours"));
    play.tell(PersonEvent::IdentifyAgain);
    play.answer(JobEvent::Uploaded(Err(problem())));
    assert_eq!(play.choosing().faces.chosen.as_deref(), Some("1"), "a failure brings the choice back");
    play.tell(PersonEvent::IdentifyAgain);
    play.answer(JobEvent::Uploaded(Ok("http://127.0.0.1/clip".into())));
    let fresh = Session { received_at_ms: play.now_ms, session_id: "s2".into(), ..session(3) };
    play.answer(JobEvent::Identified(Ok(IdentifyAnswer::Ready(Box::new(fresh)))));
    assert_eq!((play.choosing().faces.chosen.as_deref(), play.choosing().faces.proposed.as_deref()), (None, Some("1")));
    play.tell(PersonEvent::ConfirmProposed);
    play.submit();
    assert!(matches!(play.state(), SendState::Intended { .. }));
}

#[test]
fn an_unclear_create_is_looked_up_and_never_sent_again_by_itself() {
    let mut play = Play::to_choosing(1);
    play.submit();
    play.answer(JobEvent::IntentRecorded(Ok(())));
    play.answer(JobEvent::Created(CreateOutcome::Unknown(problem())));
    for _ in 0..3 {
        play.answer(JobEvent::LookedUp(LookUpAnswer::NotFound));
    }
    assert!(matches!(play.state(), SendState::Unknown { look_up: LookUp::NotFound, .. }));
    let creates = |play: &Play| play.asked.iter().filter(|c| matches!(c, Command::CreateTask { .. })).count();
    assert_eq!(creates(&play), 1);
    play.tell(PersonEvent::Resend(Consent::given_by_a_person()));
    play.answer(JobEvent::IntentRecorded(Ok(())));
    assert_eq!(creates(&play), 2);
    let names: HashMap<_, usize> = play.asked.iter().fold(HashMap::new(), |mut names, command| {
        if let Command::CreateTask { submission, .. } = command {
            *names.entry(submission.external_task_id.clone()).or_default() += 1;
        }
        names
    });
    assert_eq!(names.get("fresh"), Some(&2), "the same name, so that the service can tell them apart");
    play.answer(JobEvent::Created(CreateOutcome::Unknown(problem())));
    play.tell(PersonEvent::GiveTaskId(" t-9 ".into()));
    assert!(matches!(play.state(), SendState::Accepted { task_id, .. } if task_id == "t-9"));
}

#[test]
fn a_poll_limit_that_runs_out_pauses_and_can_be_resumed() {
    let mut play = Play::new(Dialect::Kling);
    play.tell(PersonEvent::Follow { task_id: "t-1".into(), wait: true });
    play.answer(JobEvent::Polled(Err(Problem { transient: true, retry_after_ms: Some(3_000), ..problem() })));
    let hinted = play.asked.iter().any(|c| matches!(c, Command::Query { turn, .. } if turn.hint_ms == Some(3_000)));
    assert!(hinted, "the service's own wait is passed on");
    play.now_ms = 10_000_000;
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Processing)))));
    assert!(matches!(play.state(), SendState::Accepted { follow: Follow::Paused(PauseReason::Limit(None)), .. }));
    play.tell(PersonEvent::Resume);
    let refusal = Problem::new(ProblemKind::Refused, "no such key");
    play.answer(JobEvent::Polled(Err(refusal)));
    assert!(matches!(play.state(), SendState::Accepted { follow: Follow::Paused(PauseReason::Stopped(_)), .. }));
    play.tell(PersonEvent::Back);
    assert_eq!(play.flow.stage.word(), "idle");
}

#[test]
fn a_refusal_keeps_everything_and_leads_back() {
    let mut play = Play::to_choosing(1);
    play.tell(PersonEvent::Want(Wanted { insert_ms: Some(500), ..Wanted::default() }));
    play.submit();
    play.answer(JobEvent::IntentRecorded(Ok(())));
    play.answer(JobEvent::Created(CreateOutcome::Refused(Problem::new(ProblemKind::Refused, "1201"))));
    assert!(matches!(play.state(), SendState::Refused(_)));
    play.tell(PersonEvent::Back);
    assert_eq!(play.choosing().problem.as_ref().map(|p| p.kind), Some(ProblemKind::Refused));
    assert_eq!(play.choosing().placement.map(|p| p.sound_insert_time), Some(500));
}

#[test]
fn a_failed_task_says_why_and_leaves_the_result_before_it() {
    let mut play = Play::new(Dialect::Kling);
    play.tell(PersonEvent::Follow { task_id: "t-1".into(), wait: true });
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Succeed)))));
    play.tell(PersonEvent::Follow { task_id: "t-2".into(), wait: true });
    let failed = Task { status_msg: Some("face too small".into()), ..task(TaskStatus::Failed) };
    play.answer(JobEvent::Polled(Ok(Box::new(failed))));
    assert!(play.flow.stage.problem().unwrap().message.contains("face too small"));
    assert_eq!(play.flow.result().map(|done| done.task.videos.len()), Some(1));
}

#[test]
fn a_voice_sent_as_wav_keeps_its_crop_and_is_looked_into_again() {
    let mut play = Play::to_choosing(1);
    play.tell(PersonEvent::Want(Wanted { start_ms: Some(1_000), end_ms: Some(4_000), insert_ms: None }));
    play.tell(PersonEvent::SendVoiceAsWav);
    play.submit();
    assert!(play.choosing().problem.is_some(), "not while it is being written");
    play.answer(JobEvent::VoiceConverted(Ok("voice.wav".into())));
    play.answer(JobEvent::VoiceProbed(Ok(VoiceProbe { format: "wav".into(), ..voice_probe() })));
    let placement = play.choosing().placement.unwrap();
    assert_eq!((placement.sound_start_time, placement.sound_end_time), (1_000, 4_000));
    assert_eq!(play.flow.desk.voice, Some(VoiceSource::File("voice.wav".into())));
    let asked = play.asked.len();
    play.tell(PersonEvent::SendVoiceAsWav);
    assert_eq!(play.asked.len(), asked, "what is a WAV of ours is not written again");
}
