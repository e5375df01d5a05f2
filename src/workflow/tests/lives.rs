//! Sequences of events played by hand, one for each promise of the workflow.

use std::collections::HashMap;

use super::fixtures::*;
use super::play::Play;
use crate::model::placement::Wanted;
use crate::model::{
    CallOutcome, ClipProbe, ClipSource, Dialect, Problem, ProblemKind, SavedFile, Session, StoredFile, Task,
    TaskStatus, VoiceProbe, VoiceSource,
};
use crate::workflow::*;

#[test]
fn the_whole_way_and_again_with_the_same_faces() {
    let mut play = Play::to_choosing(1);
    assert_eq!(play.choosing().faces.chosen.as_deref(), Some("0"), "the only face is chosen by itself");
    let placement = play.choosing().placement.unwrap();
    assert_eq!((placement.sound_start_time, placement.sound_end_time, placement.sound_insert_time), (0, 8_000, 0));
    play.submit();
    assert!(matches!(play.state(), SendState::Sent { .. }));
    play.answer(JobEvent::Created(CallOutcome::Done(Box::new(task(TaskStatus::Submitted)))));
    play.answer(JobEvent::Recorded(Ok(())));
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Processing)))));
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Succeed)))));
    assert_eq!(play.flow.stage.word(), "done");
    play.event(PersonEvent::Download { index: 0, to: "out.mp4".into(), replaces: false });
    play.event(PersonEvent::Again);
    assert_eq!(play.choosing().faces.chosen.as_deref(), Some("0"));
    let saved = SavedFile { path: "out.mp4".into(), sha256: "ab".into(), size_bytes: 9 };
    play.answer(JobEvent::Downloaded(Ok(saved)));
    let result = play.flow.result().expect("the previous result stays");
    assert!(matches!(&result.downloads[0], Download::Saved(SavedFile { sha256, .. }) if sha256 == "ab"));
    play.event(PersonEvent::NewClip);
    assert_eq!((play.flow.stage.word(), play.flow.desk.clip.is_none()), ("idle", true));
    assert!(play.flow.desk.voice.is_some());
}

#[test]
fn of_several_faces_none_is_chosen_silently() {
    let mut play = Play::to_choosing(2);
    assert_eq!(play.choosing().faces.chosen, None);
    play.submit();
    assert_eq!(play.choosing().problem.as_ref().map(|problem| problem.kind), Some(ProblemKind::Usage));
    play.event(PersonEvent::ChooseFace("1".into()));
    assert!(play.choosing().placement.is_some() && play.choosing().problem.is_none());
}

#[test]
fn a_local_clip_is_for_the_sandbox_only() {
    let mut play = Play::new(Dialect::Kling);
    play.flow.terms.takes_files = false;
    play.flow.terms.profile = "ezmodel".into();
    play.event(PersonEvent::SetClip(Some(ClipSource::File("clip.mp4".into()))));
    play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    play.event(PersonEvent::Identify { send_anyway: true });
    let problem = play.flow.stage.problem().unwrap();
    assert!(problem.message.contains("clip.mp4") && problem.message.contains("ezmodel"), "{problem}");
    assert!(play.flow.desk.clip.is_some());
}

#[test]
fn a_broken_rule_stops_both_sendings_unless_a_person_sends_anyway() {
    let mut play = Play::new(Dialect::Kling);
    play.event(PersonEvent::SetClip(Some(ClipSource::File("clip.mp4".into()))));
    // Asked for while the clip is still being looked at: it follows by itself, and stops at the rule.
    play.event(PersonEvent::Identify { send_anyway: false });
    play.answer(JobEvent::ClipProbed(Ok(ClipProbe { duration_ms: 1_500, ..clip_probe() })));
    assert_eq!(play.flow.stage.problem().and_then(|p| p.rule.as_deref()), Some("video.duration"));
    play.event(PersonEvent::Identify { send_anyway: true });
    assert_eq!(play.flow.stage.word(), "identifying");

    let mut play = Play::to_choosing(1);
    play.event(PersonEvent::Want(Wanted { insert_ms: Some(5_000), end_ms: Some(5_000), ..Wanted::default() }));
    play.submit();
    assert_eq!(play.choosing().problem.as_ref().and_then(|p| p.rule.as_deref()), Some("R5"));
    play.event(PersonEvent::Submit { fresh_external_task_id: Some("fresh".into()), send_anyway: true });
    assert!(matches!(play.state(), SendState::Sent { .. }));
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
    play.event(PersonEvent::ChooseFace("1".into()));
    play.now_ms = crate::model::face::SESSION_LIFE_MS;
    play.flow.ahead_ms = Some(0);
    play.submit();
    assert!(play.choosing().problem.as_ref().unwrap().message.contains("24 hours"));
    play.event(PersonEvent::IdentifyAgain);
    play.answer(JobEvent::Uploaded(Err(problem())));
    assert_eq!(play.choosing().faces.chosen.as_deref(), Some("1"), "a failure brings the choice back");
    play.event(PersonEvent::IdentifyAgain);
    play.answer(JobEvent::Uploaded(Ok(StoredFile::at("http://127.0.0.1/clip"))));
    let fresh = Session { begun_at_ms: play.now_ms, session_id: "s2".into(), ..session(3) };
    play.answer(JobEvent::Identified(Ok(IdentifyAnswer::Ready(Box::new(fresh)))));
    assert_eq!((play.choosing().faces.chosen.as_deref(), play.choosing().faces.proposed.as_deref()), (None, Some("1")));
    play.event(PersonEvent::ConfirmProposed);
    play.submit();
    assert!(matches!(play.state(), SendState::Sent { .. }));
}

#[test]
fn our_clock_alone_ends_no_session_and_keeps_none_alive() {
    let day_ms = crate::model::face::SESSION_LIFE_MS;
    // Our clock, the session's end by the service's, whether the service has said its time, whether it may be used.
    for (now_ms, ahead_ms, may_be_used) in [
        (day_ms, None, true),
        (10 * day_ms, None, true),
        (day_ms, Some(0), false),
        (day_ms, Some(day_ms), true),
        (0, Some(-day_ms), false),
        (day_ms - 1, Some(0), true),
    ] {
        let mut play = Play::to_choosing(1);
        play.now_ms = now_ms;
        play.flow.ahead_ms = ahead_ms;
        play.submit();
        assert_eq!(matches!(play.flow.stage, Stage::Submitted(_)), may_be_used, "{now_ms} {ahead_ms:?}");
    }
}

#[test]
fn an_unclear_create_is_looked_up_and_never_sent_again_by_itself() {
    let mut play = Play::to_choosing(1);
    play.submit();
    play.answer(JobEvent::Created(CallOutcome::Unknown(problem())));
    for _ in 0..3 {
        play.answer(JobEvent::LookedUp(Ok(Vec::new())));
    }
    assert!(matches!(play.state(), SendState::Unknown { look_up: LookUp::NotFound, .. }));
    let creates = |play: &Play| play.commands.iter().filter(|c| matches!(c, Command::CreateTask { .. })).count();
    assert_eq!(creates(&play), 1);
    play.event(PersonEvent::Resend(Consent::given_by_a_person()));
    assert_eq!(creates(&play), 2);
    let names: HashMap<_, usize> = play.commands.iter().fold(HashMap::new(), |mut names, command| {
        if let Command::CreateTask { submission, .. } = command {
            *names.entry(submission.external_task_id.clone()).or_default() += 1;
        }
        names
    });
    assert_eq!(names.get("fresh"), Some(&2), "the same name, so that the service can tell them apart");
    play.answer(JobEvent::Created(CallOutcome::Unknown(problem())));
    play.event(PersonEvent::GiveTaskId(" t-9 ".into()));
    assert!(matches!(play.state(), SendState::Accepted { task_id, .. } if task_id == "t-9"));
}

#[test]
fn a_clock_that_is_set_by_a_day_neither_ends_nor_prolongs_a_limit() {
    const DAY_MS: i64 = 25 * 3_600_000;
    let is_polling = |play: &Play| {
        matches!(&play.flow.stage, Stage::Identifying(_))
            || matches!(play.state(), SendState::Accepted { follow: Follow::Polling { .. }, .. })
    };
    let pending = || IdentifyAnswer::Pending { id: "j-1".into(), status_raw: "processing".into(), progress: None };
    for jump_ms in [DAY_MS, -DAY_MS] {
        let mut task_polled = Play::new(Dialect::Kling);
        task_polled.event(PersonEvent::Follow { task_id: "t-1".into(), wait: true });
        let mut faces_polled = Play::new(Dialect::Kirin);
        faces_polled.event(PersonEvent::SetClip(Some(ClipSource::Url("https://example.org/a.mp4".into()))));
        faces_polled.event(PersonEvent::Identify { send_anyway: true });
        faces_polled.answer(JobEvent::Identified(Ok(pending())));
        let answers =
            [JobEvent::Polled(Ok(Box::new(task(TaskStatus::Processing)))), JobEvent::IdentifyPolled(Ok(pending()))];
        for (mut play, answer) in [task_polled, faces_polled].into_iter().zip(answers) {
            play.now_ms += jump_ms;
            play.steady_ms += 10;
            play.answer(answer.clone());
            assert!(is_polling(&play), "{jump_ms}: 10 ms of the limit are over");
            play.steady_ms += 10_000_000;
            play.answer(answer);
            assert!(!matches!(&play.flow.stage, Stage::Identifying(_)), "{jump_ms}");
            assert!(
                !matches!(&play.flow.stage, Stage::Submitted(_)) || !is_polling(&play),
                "{jump_ms}: the limit is over"
            );
        }
    }
}

#[test]
fn a_poll_limit_that_runs_out_pauses_and_can_be_resumed() {
    let mut play = Play::new(Dialect::Kling);
    play.event(PersonEvent::Follow { task_id: "t-1".into(), wait: true });
    play.answer(JobEvent::Polled(Err(Problem { transient: true, retry_after_ms: Some(3_000), ..problem() })));
    let hinted = play.commands.iter().any(|c| matches!(c, Command::Query { turn, .. } if turn.hint_ms == Some(3_000)));
    assert!(hinted, "the service's own wait is passed on");
    play.steady_ms = 10_000_000;
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Processing)))));
    assert!(matches!(play.state(), SendState::Accepted { follow: Follow::Paused(PauseReason::Limit(None)), .. }));
    play.event(PersonEvent::Resume);
    let refusal = Problem::new(ProblemKind::Refused, "no such key");
    play.answer(JobEvent::Polled(Err(refusal)));
    assert!(matches!(play.state(), SendState::Accepted { follow: Follow::Paused(PauseReason::Stopped(_)), .. }));
    play.event(PersonEvent::LeaveTask(Consent::given_by_a_person()));
    assert_eq!(play.flow.stage.word(), "idle");
}

#[test]
fn a_refusal_keeps_everything_and_leads_back() {
    let mut play = Play::to_choosing(1);
    play.event(PersonEvent::Want(Wanted { insert_ms: Some(500), ..Wanted::default() }));
    play.submit();
    play.answer(JobEvent::Created(CallOutcome::Refused(Problem::new(ProblemKind::Refused, "1201"))));
    assert!(matches!(play.state(), SendState::Refused(_)));
    play.event(PersonEvent::Back);
    assert_eq!(play.choosing().problem.as_ref().map(|p| p.kind), Some(ProblemKind::Refused));
    assert_eq!(play.choosing().placement.map(|p| p.sound_insert_time), Some(500));
}

#[test]
fn a_failed_task_says_why_and_leaves_the_result_before_it() {
    let mut play = Play::new(Dialect::Kling);
    play.event(PersonEvent::Follow { task_id: "t-1".into(), wait: true });
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Succeed)))));
    play.event(PersonEvent::Follow { task_id: "t-2".into(), wait: true });
    let failed = Task { status_msg: Some("face too small".into()), ..task(TaskStatus::Failed) };
    play.answer(JobEvent::Polled(Ok(Box::new(failed))));
    assert!(play.flow.stage.problem().unwrap().message.contains("face too small"));
    assert_eq!(play.flow.result().map(|done| done.task.videos.len()), Some(1));
}

#[test]
fn a_voice_sent_as_wav_keeps_its_crop_and_is_looked_into_again() {
    let mut play = Play::to_choosing(1);
    play.event(PersonEvent::Want(Wanted { start_ms: Some(1_000), end_ms: Some(4_000), insert_ms: None }));
    play.event(PersonEvent::SendVoiceAsWav);
    play.submit();
    assert!(play.choosing().problem.is_some(), "not while it is being written");
    play.answer(JobEvent::VoiceConverted(Ok("voice.wav".into())));
    play.answer(JobEvent::VoiceProbed(Ok(VoiceProbe { format: "wav".into(), ..voice_probe() })));
    let placement = play.choosing().placement.unwrap();
    assert_eq!((placement.sound_start_time, placement.sound_end_time), (1_000, 4_000));
    assert_eq!(play.flow.desk.voice, Some(VoiceSource::File("voice.wav".into())));
    let before = play.commands.len();
    play.event(PersonEvent::SendVoiceAsWav);
    assert_eq!(play.commands.len(), before, "what is a WAV of ours is not written again");
}

#[test]
fn an_accepted_task_is_left_only_with_a_persons_consent() {
    let refused = Problem::new(ProblemKind::Refused, "the key is wrong");
    let late = Problem { transient: true, ..problem() };
    for pause in 0..4 {
        let mut play = Play::to_accepted();
        match pause {
            0 => {}
            1 => play.event(PersonEvent::Pause),
            2 => play.answer(JobEvent::Polled(Err(refused.clone()))),
            _ => {
                play.steady_ms = 10_000_000;
                play.answer(JobEvent::Polled(Err(late.clone())));
            }
        }
        let before = play.flow.clone();
        for way_out in [
            PersonEvent::Back,
            PersonEvent::Again,
            PersonEvent::NewClip,
            PersonEvent::SetClip(None),
            PersonEvent::SetClip(Some(ClipSource::Url("https://example.org/other.mp4".into()))),
            PersonEvent::Identify { send_anyway: true },
            PersonEvent::IdentifyAgain,
            PersonEvent::Submit { fresh_external_task_id: Some("second".into()), send_anyway: true },
            PersonEvent::Abandon,
            PersonEvent::Follow { task_id: "t-9".into(), wait: true },
            PersonEvent::SwitchService(terms(Dialect::Kirin)),
        ] {
            play.event(way_out.clone());
            assert_eq!(play.flow.loses(), Some("t-1"), "{way_out:?}");
            assert_eq!(play.flow.desk, before.desk, "{way_out:?} is refused whole");
        }
        play.event(PersonEvent::ChangeTerms(terms(Dialect::Kling)));
        assert_eq!(play.flow.stage, before.stage, "another key keeps the stage");
        play.event(PersonEvent::LeaveTask(Consent::given_by_a_person()));
        assert_eq!(play.choosing().faces.chosen.as_deref(), Some("0"), "the paid faces are kept");
        assert_eq!(play.flow.loses(), None);
        play.event(PersonEvent::Follow { task_id: "t-1".into(), wait: true });
        play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Succeed)))));
        play.event(PersonEvent::Again);
        assert_eq!(play.choosing().faces.session.session_id, "s", "and come back after a task that was followed");
    }
}

#[test]
fn a_new_key_resumes_what_the_old_one_could_not() {
    let mut play = Play::to_accepted();
    play.answer(JobEvent::Polled(Err(Problem::new(ProblemKind::Refused, "the key is wrong"))));
    play.event(PersonEvent::ChangeTerms(terms(Dialect::Kling)));
    play.event(PersonEvent::Resume);
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Succeed)))));
    assert_eq!(play.flow.task().map(|task| task.task_id.as_str()), Some("t-1"));
    assert!(play.flow.faces().is_some());
}

#[test]
fn an_id_is_written_down_before_its_first_poll_and_its_end_after_the_last() {
    for written in [Ok(()), Err(Problem::new(ProblemKind::File, "the disk is full"))] {
        let mut play = Play::to_choosing(1);
        play.submit();
        play.answer(JobEvent::Created(CallOutcome::Done(Box::new(task(TaskStatus::Submitted)))));
        let record = play.commands.iter().find_map(|command| match command {
            Command::RecordAccepted { task, .. } => Some(task.as_ref().clone()),
            _ => None,
        });
        let expected = AcceptedTask {
            task_id: "t-1".into(),
            external_task_id: Some("fresh".into()),
            clip: Some("clip.mp4".into()),
            voice: Some("voice.mp3".into()),
        };
        assert_eq!(record, Some(expected));
        // Not even a pause and a resume get a poll before it.
        play.event(PersonEvent::Pause);
        play.event(PersonEvent::Resume);
        assert_eq!((play.queries(), play.flow.is_recording()), (0, true));
        play.answer(JobEvent::Recorded(written.clone()));
        assert_eq!((play.queries(), play.flow.is_recording()), (1, false));
        assert_eq!(
            play.flow.warnings,
            Vec::from_iter(written.err()),
            "a failure is reported, and the task is followed"
        );
        play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Failed)))));
        let ended = |command: &Command| matches!(command, Command::RecordEnded { task_id, status: TaskStatus::Failed, .. } if task_id == "t-1");
        assert!(play.commands.iter().any(ended));
    }
}

#[test]
fn a_write_under_way_outlives_the_stage() {
    let mut play = Play::to_choosing(1);
    play.submit();
    play.answer(JobEvent::Created(CallOutcome::Done(Box::new(task(TaskStatus::Submitted)))));
    play.event(PersonEvent::LeaveTask(Consent::given_by_a_person()));
    play.event(PersonEvent::NewClip);
    assert!(play.flow.is_recording());
    let problem = Problem::new(ProblemKind::File, "the disk is full");
    play.answer(JobEvent::Recorded(Err(problem.clone())));
    assert_eq!((play.flow.warnings.clone(), play.queries()), (vec![problem], 0));
    play.event(PersonEvent::DismissWarning);
    assert!(play.flow.warnings.is_empty());
}

#[test]
fn the_name_of_an_address_is_written_without_its_signature() {
    let mut play = Play::to_accepted();
    play.event(PersonEvent::LeaveTask(Consent::given_by_a_person()));
    play.event(PersonEvent::SetVoice(Some(VoiceSource::Url("https://h/a/voice.mp3?X-Signature=secret#x".into()))));
    play.event(PersonEvent::Want(Wanted { end_ms: Some(4_000), ..Wanted::default() }));
    play.submit();
    play.answer(JobEvent::Created(CallOutcome::Done(Box::new(task(TaskStatus::Submitted)))));
    let voices: Vec<_> = play
        .commands
        .iter()
        .filter_map(|command| match command {
            Command::RecordAccepted { task, .. } => task.voice.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(voices, ["voice.mp3", "voice.mp3"]);
}

#[test]
fn a_new_success_does_not_stop_the_download_of_the_one_before() {
    for failed in [false, true] {
        let mut play = Play::to_done();
        play.event(PersonEvent::Download { index: 0, to: "first.mp4".into(), replaces: false });
        play.event(PersonEvent::Again);
        play.submit();
        play.answer(JobEvent::Created(CallOutcome::Done(Box::new(task(TaskStatus::Submitted)))));
        for _ in 0..2 {
            play.answer(JobEvent::Recorded(Ok(())));
        }
        play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Succeed)))));
        let download = play.commands.iter().find(|command| matches!(command, Command::Download { .. })).unwrap().job();
        assert!(!play.commands.contains(&Command::Abort { job: download }));
        assert_eq!(play.flow.earlier.len(), 1);
        let saved = SavedFile { path: "first.mp4".into(), sha256: "ab".into(), size_bytes: 9 };
        play.answer(JobEvent::Downloaded(if failed { Err(problem()) } else { Ok(saved) }));
        assert!(play.flow.earlier.is_empty());
        assert_eq!(play.flow.warnings.len(), usize::from(failed), "that it could not be saved is reported");
    }
}

#[test]
fn without_random_numbers_nothing_is_sent_unless_the_person_gives_a_name() {
    let mut play = Play::to_choosing(1);
    let submit = PersonEvent::Submit { fresh_external_task_id: None, send_anyway: true };
    play.event(submit.clone());
    assert!(play.choosing().problem.as_ref().unwrap().message.contains("random numbers"));
    play.event(PersonEvent::SetDetails(Details { external_task_id: Some("mine".into()), ..Details::default() }));
    play.event(submit);
    assert!(matches!(play.state(), SendState::Sent { .. }));
}
