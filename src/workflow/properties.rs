//! Random lives of the workflow: whatever happens in whatever order, these hold.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::*;
use crate::model::placement::Wanted;
use crate::model::{
    ClipProbe, ClipSource, Dialect, Face, Interval, Problem, ProblemKind, Profile, Session, Task, TaskStatus,
    TaskVideo, VoiceProbe, VoiceSource,
};

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
        P::ConfirmProposed,
        P::IdentifyAgain,
        P::ReloadPreview("0".into()),
        P::Submit { fresh_external_task_id: "fresh".into(), send_anyway: false },
        P::Submit { fresh_external_task_id: "fresh".into(), send_anyway: true },
        P::LookUp,
        P::Resend(Consent::given_by_a_person()),
        P::GiveTaskId("t-2".into()),
        P::Abandon,
        P::Pause,
        P::Resume,
        P::Follow { task_id: "t-3".into(), wait: true },
        P::Follow { task_id: "t-3".into(), wait: false },
        P::Back,
        P::Again,
        P::NewClip,
        P::Download { index: 0, to: "out.mp4".into() },
        P::DismissProblem,
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
    proptest::collection::vec(act, 0..120)
}

fn terms(dialect: Dialect) -> Terms {
    let profile = Profile { dialect, ..Profile::built_in().swap_remove(0) };
    Terms::of(&profile)
}

fn problem() -> Problem {
    Problem::new(ProblemKind::NoAnswer, "no answer")
}

fn session(faces: u8) -> Session {
    let face = |number: u8| Face {
        face_id: number.to_string(),
        face_image: Some(format!("http://127.0.0.1/{number}.jpg")),
        interval: Some(Interval::new(0, 9_000 - i64::from(number) * 1_000)),
        rect: None,
        extra: serde_json::Map::new(),
    };
    Session {
        session_id: "s".into(),
        received_at_ms: 0,
        faces: (0..faces).map(face).collect(),
        cost: None,
        extra: serde_json::Map::new(),
    }
}

fn task(status: TaskStatus) -> Task {
    let video =
        TaskVideo { id: "v".into(), url: "http://127.0.0.1/v.mp4".into(), watermark_url: None, duration_ms: None };
    Task {
        task_id: "t-1".into(),
        status,
        status_raw: status.word().into(),
        status_msg: None,
        progress: None,
        videos: if status == TaskStatus::Succeed { vec![video] } else { Vec::new() },
        external_task_id: None,
        parent_video: None,
        created_at_ms: None,
        updated_at_ms: None,
        cost: None,
        error: None,
        extra: serde_json::Map::new(),
    }
}

fn clip_probe() -> ClipProbe {
    ClipProbe {
        container: "mp4".into(),
        size_bytes: 1,
        duration_ms: 9_000,
        width_px: 1280,
        height_px: 720,
        fps: 25.0,
        variable_rate: false,
        video_codec: "H.264".into(),
        audio_codec: None,
    }
}

fn voice_probe() -> VoiceProbe {
    VoiceProbe { format: "mp3".into(), size_bytes: 1, duration_ms: 8_000, sample_rate_hz: 48_000, channels: 1 }
}

/// An answer of the right kind to a command, good or bad by `mood`.
fn answer(command: &Command, mood: u8) -> Option<JobEvent> {
    let well = mood >= 64;
    let or_problem = |good: JobEvent, bad: JobEvent| Some(if well { good } else { bad });
    let failure = || Problem { transient: !mood.is_multiple_of(4), ..problem() };
    let pending = || IdentifyAnswer::Pending { id: "i".into(), status_raw: String::new(), progress: None };
    let faces = mood % 4;
    if mood == 254 && !matches!(command, Command::Abort { .. }) {
        return Some(JobEvent::BrokeDown);
    }
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
        Command::RecordIntent { .. } => {
            or_problem(JobEvent::IntentRecorded(Ok(())), JobEvent::IntentRecorded(Err(problem())))
        }
        Command::CreateTask { .. } => Some(JobEvent::Created(match mood {
            0..64 => CreateOutcome::Unknown(problem()),
            64..96 => CreateOutcome::Refused(problem()),
            _ => CreateOutcome::Accepted(Box::new(task(TaskStatus::Submitted))),
        })),
        Command::LookUp { .. } => Some(JobEvent::LookedUp(match mood {
            0..64 => LookUpAnswer::Failed(problem()),
            64..160 => LookUpAnswer::NotFound,
            _ => LookUpAnswer::Found(Box::new(task(TaskStatus::Processing))),
        })),
        Command::Query { .. } => Some(JobEvent::Polled(match mood {
            0..64 => Err(failure()),
            64..128 => Ok(Box::new(task(TaskStatus::Processing))),
            128..160 => Ok(Box::new(task(TaskStatus::Failed))),
            _ => Ok(Box::new(task(TaskStatus::Succeed))),
        })),
        Command::Download { .. } => Some(match mood {
            0..64 => JobEvent::Downloaded(Err(problem())),
            64..128 => JobEvent::DownloadProgress { received_bytes: 1, total_bytes: None },
            _ => JobEvent::Downloaded(Ok(Saved { path: "out.mp4".into(), sha256: "0".into(), size_bytes: 1 })),
        }),
        Command::Abort { .. } => None,
    }
}

/// The jobs somebody still waits for.
fn awaited(flow: &Flow) -> BTreeSet<JobId> {
    let mut jobs = BTreeSet::new();
    jobs.extend(flow.desk.clip_probe.job());
    jobs.extend(flow.desk.voice_probe.job());
    jobs.extend(flow.desk.voice_as_wav.job());
    for preview in flow.faces().map(|faces| faces.previews.as_slice()).unwrap_or_default() {
        if let Preview::Loading(job) = preview {
            jobs.insert(*job);
        }
    }
    match &flow.stage {
        Stage::Identifying(identifying) => jobs.extend([identifying.phase.job()]),
        Stage::Submitted(submitted) => match &submitted.state {
            SendState::Intended { job }
            | SendState::Sent { job, .. }
            | SendState::Accepted { follow: Follow::Polling { job, .. }, .. }
            | SendState::Unknown { look_up: LookUp::Running { job, .. }, .. } => jobs.extend([*job]),
            _ => {}
        },
        _ => {}
    }
    let dones = match &flow.stage {
        Stage::Done(done) => Some(done),
        _ => None,
    };
    for done in dones.into_iter().chain(flow.previous.as_deref()) {
        for download in &done.downloads {
            if let Download::Running { job, .. } = download {
                jobs.insert(*job);
            }
        }
    }
    jobs
}

/// Volumes may be NaN, which equals nothing: states are compared as text.
fn text(flow: &Flow) -> String {
    format!("{flow:?}")
}

proptest! {
    #![proptest_config(Config { cases: 1_500, ..Config::default() })]

    #[test]
    fn whatever_happens_the_promises_hold(acts in acts(), kirin in any::<bool>()) {
        let mut flow = Flow::new(terms(if kirin { Dialect::Kirin } else { Dialect::Kling }));
        let mut asked: Vec<Command> = Vec::new();
        let mut jobs_seen = BTreeSet::new();
        // Creates allowed: one for each submission, one more for each consent.
        let mut may_create = 0_i64;
        let mut now_ms = 0;
        for act in acts {
            let event = match act {
                Act::Wait(ms) => { now_ms += ms; continue; }
                Act::Person(event) => Event::Person(event),
                Act::Answer { pick, mood } => {
                    if asked.is_empty() { continue; }
                    // The newest commands are the likeliest to be awaited.
                    let back = pick % asked.len().min(6);
                    let command = &asked[asked.len() - 1 - back];
                    let Some(answer) = answer(command, mood) else { continue };
                    Event::Job { job: command.job(), answer }
                }
            };
            let before = flow.clone();
            let (after, commands) = step(flow, event.clone(), now_ms);

            if let Event::Job { job, .. } = &event && !awaited(&before).contains(job) {
                prop_assert_eq!(text(&before), text(&after), "a stale answer changed something: {:?}", &event);
                prop_assert!(commands.is_empty());
            }
            let submits = matches!(&event, Event::Person(PersonEvent::Submit { .. }))
                && matches!(after.stage, Stage::Submitted(_)) && matches!(before.stage, Stage::Choosing(_));
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
            let answered = match &event { Event::Job { job, .. } => Some(*job), Event::Person(_) => None };
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
                let left_open = after.create_is_open() || matches!(event, Event::Person(PersonEvent::Abandon | PersonEvent::GiveTaskId(_)));
                prop_assert!(left_open, "an open create was dropped by {:?}", &event);
            }
            asked.extend(commands);
            flow = after;
        }
    }
}

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
