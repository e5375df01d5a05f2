//! Faces of a live session come back with their clip.

use super::fixtures::*;
use super::play::Play;
use crate::model::{ClipProbe, ClipSource, Dialect, Problem, ProblemKind, TaskStatus, VoiceSource};
use crate::workflow::*;

fn clip(name: &str) -> PersonEvent {
    PersonEvent::SetClip(Some(ClipSource::File(name.into())))
}

#[test]
fn faces_that_were_paid_come_back_with_their_clip_and_are_sent_for_no_more() {
    let mut play = Play::to_choosing(2);
    play.event(PersonEvent::ChooseFace("1".into()));
    play.event(clip("other.mp4"));
    assert!(matches!(play.flow.stage, Stage::Idle(_)));
    play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    play.commands.clear();
    play.event(clip("clip.mp4"));
    play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    assert_eq!(play.choosing().faces.session.session_id, "s");
    assert_eq!(play.choosing().faces.chosen.as_deref(), Some("1"));
    assert!(!play.commands.iter().any(|command| matches!(command, Command::Identify { .. } | Command::Upload { .. })));
}

#[test]
fn faces_do_not_come_back_after_their_session_nor_with_another_file_of_that_name_nor_at_another_service() {
    let mut over = Play::to_choosing(1);
    over.event(clip("other.mp4"));
    over.now_ms = crate::model::face::SESSION_LIFE_MS;
    over.flow.ahead_ms = Some(0);
    over.event(clip("clip.mp4"));
    assert!(matches!(over.flow.stage, Stage::Idle(_)));

    let mut changed = Play::to_choosing(1);
    changed.event(clip("other.mp4"));
    changed.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    changed.event(clip("clip.mp4"));
    assert!(matches!(changed.flow.stage, Stage::Choosing(_)));
    changed.answer(JobEvent::ClipProbed(Ok(ClipProbe { size_bytes: 2, ..clip_probe() })));
    assert!(matches!(changed.flow.stage, Stage::Idle(_)), "it is another clip by now");

    let mut elsewhere = Play::to_choosing(1);
    elsewhere.event(clip("other.mp4"));
    elsewhere.event(PersonEvent::SwitchService(terms(Dialect::Kling)));
    elsewhere.event(clip("clip.mp4"));
    assert!(matches!(elsewhere.flow.stage, Stage::Idle(_)));
}

/// A clip on the desk of a service whose earlier sessions are known.
fn with_known_sessions() -> Play {
    let mut play = Play::new(Dialect::Kling);
    play.flow.terms.recalls_faces = true;
    play.event(clip("clip.mp4"));
    play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    play
}

fn known_faces() -> Box<Recalled> {
    let faces = Faces {
        session: session(2),
        previews: vec![Preview::None, Preview::None],
        chosen: None,
        proposed: None,
        recalled: false,
        clip_now: ClipNow::Same,
    };
    Box::new(Recalled { faces, not_taken: None })
}

#[test]
fn before_known_faces_are_paid_for_again_a_person_is_told_and_a_command_warned() {
    let is_sent = |play: &Play| play.commands.iter().any(|command| matches!(command, Command::Upload { .. }));
    let not_taken = || {
        let why = Problem::new(ProblemKind::Usage, "another key");
        Some(Box::new(Recalled { not_taken: Some(why), ..*known_faces() }))
    };
    let mut play = with_known_sessions();
    play.flow.terms.tells_before_paying = true;
    play.event(PersonEvent::Identify { send_anyway: false });
    play.answer(JobEvent::FacesRecalled(not_taken()));
    assert!(!is_sent(&play) && play.flow.stage.problem().is_some_and(|problem| problem.message == "another key"));
    play.event(PersonEvent::Identify { send_anyway: false });
    assert!(is_sent(&play), "asked for once more, they are found");
    // What was dismissed is told again.
    let mut play = with_known_sessions();
    play.flow.terms.tells_before_paying = true;
    play.event(PersonEvent::Identify { send_anyway: false });
    play.answer(JobEvent::FacesRecalled(not_taken()));
    play.event(PersonEvent::DismissProblem);
    play.event(PersonEvent::Identify { send_anyway: false });
    assert!(!is_sent(&play));
    // Nobody asked for faces.
    let mut play = with_known_sessions();
    play.event(PersonEvent::Recall { face_id: None });
    play.answer(JobEvent::FacesRecalled(not_taken()));
    assert!(!is_sent(&play) && play.flow.stage.problem().is_none());

    let mut play = with_known_sessions();
    play.event(PersonEvent::Identify { send_anyway: false });
    play.answer(JobEvent::FacesRecalled(not_taken()));
    assert!(is_sent(&play) && play.flow.warnings.iter().any(|warning| warning.message == "another key"));
}

#[test]
fn known_faces_are_taken_before_any_are_asked_for_and_only_while_their_session_lives_for_long_enough() {
    let is_sent = |play: &Play| play.commands.iter().any(|command| matches!(command, Command::Upload { .. }));
    let mut play = with_known_sessions();
    play.event(PersonEvent::Identify { send_anyway: false });
    assert!(!is_sent(&play), "first it is looked whether they are known");
    play.answer(JobEvent::FacesRecalled(Some(known_faces())));
    assert!(play.choosing().faces.recalled && !is_sent(&play));
    // Asked for again, they are not looked for among those that are known.
    play.event(PersonEvent::IdentifyAgain);
    assert!(is_sent(&play));

    for known in [None, Some(known_faces())] {
        let mut play = with_known_sessions();
        play.now_ms = crate::model::face::SESSION_LIFE_MS - crate::model::face::LEAST_LEFT_MS + 1;
        play.event(PersonEvent::Identify { send_anyway: false });
        play.answer(JobEvent::FacesRecalled(known));
        assert!(is_sent(&play));
    }

    // Only brought back, they cost nothing either way.
    for (known, chosen) in [(None, None), (Some(known_faces()), Some("1"))] {
        let mut play = with_known_sessions();
        play.event(PersonEvent::Recall { face_id: Some("1".into()) });
        play.answer(JobEvent::FacesRecalled(known));
        assert_eq!(play.flow.faces().and_then(|faces| faces.chosen.as_deref()), chosen);
        assert!(!is_sent(&play));
    }
}

#[test]
fn what_waits_in_the_queue_leaves_the_desk_as_it_is_and_takes_its_name_along() {
    let mut play = Play::to_choosing(1);
    play.event(PersonEvent::SetVoice(Some(crate::model::VoiceSource::File("voice.mp3".into()))));
    play.answer(JobEvent::VoiceProbed(Ok(voice_probe())));
    let details = Details { external_task_id: Some("mine".into()), ..Details::default() };
    play.event(PersonEvent::SetDetails(details));
    let before = play.choosing().clone();
    play.commands.clear();
    play.event(PersonEvent::Enqueue { fresh_external_task_id: Some("fresh".into()) });
    let queued = |play: &Play| {
        let of = play.commands.iter().filter_map(|command| match command {
            Command::QueueTask { submission, .. } => Some(submission.external_task_id.clone()),
            Command::CreateTask { .. } => panic!("nothing is sent"),
            _ => None,
        });
        of.collect::<Vec<_>>()
    };
    assert_eq!(queued(&play), ["mine"]);
    assert_eq!(play.choosing(), &before, "the next one can be prepared");
    assert_eq!(play.flow.desk.details.external_task_id, None, "a name is used once");
    play.answer(JobEvent::Recorded(Err(problem())));
    assert_eq!(play.flow.warnings.len(), 1, "that it does not wait is said");
    play.event(PersonEvent::SetVoice(None));
    play.event(PersonEvent::Enqueue { fresh_external_task_id: Some("fresh".into()) });
    assert_eq!(queued(&play).len(), 1, "what cannot be sent does not wait either");
    assert!(play.choosing().problem.is_some());
}

/// A clip and a voice by their addresses, with a session of two faces of which one is chosen.
fn by_address() -> Play {
    let mut play = Play::new(Dialect::Kling);
    play.event(PersonEvent::SetClip(Some(ClipSource::Url("https://example.org/clip.mp4".into()))));
    play.event(PersonEvent::SetVoice(Some(VoiceSource::Url("https://example.org/voice.mp3".into()))));
    play.event(PersonEvent::Identify { send_anyway: false });
    play.answer(JobEvent::Identified(Ok(IdentifyAnswer::Ready(Box::new(session(2))))));
    play.event(PersonEvent::ChooseFace("0".into()));
    play
}

#[test]
fn a_copy_on_this_machine_is_looked_at_and_the_address_is_sent() {
    let mut play = by_address();
    assert!(play.choosing().placement.is_none(), "nothing is known of the voice's length");
    play.event(PersonEvent::SetClipCopy(Some("copy.mp4".into())));
    play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    play.event(PersonEvent::SetVoiceCopy(Some("copy.mp3".into())));
    play.answer(JobEvent::VoiceProbed(Ok(voice_probe())));
    assert!(!play.flow.desk.clip_rules.is_empty() && !play.flow.desk.voice_rules.is_empty());
    assert_eq!(play.choosing().placement.unwrap().sound_end_time, voice_probe().duration_ms);
    assert_eq!(play.flow.desk.local_clip(), Some("copy.mp4".as_ref()));
    play.submit();
    let sent = play.commands.iter().find_map(|command| match command {
        Command::CreateTask { submission, clip, .. } => Some((submission.voice.clone(), clip.clone())),
        _ => None,
    });
    let (voice, clip) = sent.unwrap();
    assert_eq!(voice, VoiceSource::Url("https://example.org/voice.mp3".into()));
    assert_eq!(clip, Some(ClipSource::Url("https://example.org/clip.mp4".into())));
}

#[test]
fn a_copy_that_is_another_file_decides_nothing() {
    let mut play = by_address();
    play.event(PersonEvent::SetClipCopy(Some("copy.mp4".into())));
    play.answer(JobEvent::ClipProbed(Ok(ClipProbe { width_px: 64, ..clip_probe() })));
    play.event(PersonEvent::SetVoiceCopy(Some("copy.mp3".into())));
    play.answer(JobEvent::VoiceProbed(Ok(voice_probe())));
    let is_broken = |play: &Play| play.flow.desk.clip_rules.iter().any(crate::model::RuleReport::is_broken);
    assert!(is_broken(&play) && play.choosing().placement.is_some());
    play.event(PersonEvent::ClipCopyIs(CopyIs::Another(None)));
    play.event(PersonEvent::VoiceCopyIs(CopyIs::Another(None)));
    assert!(play.flow.desk.clip_rules.is_empty() && play.flow.desk.voice_rules.is_empty());
    assert!(play.choosing().placement.is_none(), "the voice that is sent may be longer");
    assert!(play.flow.desk.clip_probe.known().is_some(), "it is still looked at");
    // What the address shows of itself is as good as a probe.
    play.event(PersonEvent::ClipCopyIs(CopyIs::Another(Some(Box::new(clip_probe())))));
    assert!(!play.flow.desk.clip_rules.is_empty() && !is_broken(&play));
    // Another copy is not judged by the one before.
    play.event(PersonEvent::SetVoiceCopy(Some("right.mp3".into())));
    play.answer(JobEvent::VoiceProbed(Ok(voice_probe())));
    assert!(play.choosing().placement.is_some() && !play.flow.desk.voice_rules.is_empty());
    // And a file is its own.
    play.event(clip("clip.mp4"));
    assert_eq!(play.flow.desk.clip_copy_is, CopyIs::Alike);
}

#[test]
fn a_copy_leaves_with_its_address_and_one_that_cannot_be_read_hinders_nothing() {
    let mut play = by_address();
    play.event(PersonEvent::SetClipCopy(Some("copy.mp4".into())));
    play.answer(JobEvent::ClipProbed(Err(problem())));
    play.event(PersonEvent::IdentifyAgain);
    play.answer(JobEvent::Identified(Ok(IdentifyAnswer::Ready(Box::new(session(2))))));
    play.event(PersonEvent::SetClipCopy(Some("other.mp4".into())));
    play.answer(JobEvent::ClipProbed(Ok(clip_probe())));
    assert!(matches!(play.flow.stage, Stage::Choosing(_)), "it is the same clip at the service");
    play.event(PersonEvent::SetClip(Some(ClipSource::Url("https://example.org/another.mp4".into()))));
    assert_eq!((play.flow.desk.local_clip(), &play.flow.desk.clip_probe), (None, &Probe::None));
    // Its faces come back with the address, whatever was looked at of it.
    play.event(PersonEvent::SetClip(Some(ClipSource::Url("https://example.org/clip.mp4".into()))));
    play.event(PersonEvent::SetClipCopy(Some("copy.mp4".into())));
    play.answer(JobEvent::ClipProbed(Ok(ClipProbe { size_bytes: 7, ..clip_probe() })));
    assert_eq!(play.choosing().faces.session.session_id, "s");
    // A file has no copy.
    play.event(clip("clip.mp4"));
    play.event(PersonEvent::SetClipCopy(Some("copy.mp4".into())));
    assert_eq!(play.flow.desk.local_clip(), Some("clip.mp4".as_ref()));
}

#[test]
fn faces_of_an_earlier_run_are_used_only_once_it_was_looked_whether_the_clip_is_still_theirs() {
    let with_faces = || {
        let mut play = with_known_sessions();
        let faces = Faces { chosen: Some("1".into()), clip_now: ClipNow::Unasked, ..known_faces().faces };
        play.event(PersonEvent::TakeFaces(Box::new(faces)));
        assert_eq!(play.choosing().faces.chosen.as_deref(), Some("1"), "they are there at once");
        play
    };
    let another = || JobEvent::ClipCompared(ClipNow::Another(Problem::new(ProblemKind::Usage, "another clip")));
    let problem = |play: &Play| play.flow.stage.problem().map(|problem| problem.message.clone()).unwrap_or_default();
    let submit = || PersonEvent::Submit { fresh_external_task_id: Some("fresh".into()), send_anyway: true };

    let mut play = with_faces();
    play.event(submit());
    assert!(problem(&play).contains("It is being looked"), "{}", problem(&play));
    play.answer(JobEvent::ClipCompared(ClipNow::Same));
    play.event(submit());
    assert!(problem(&play).contains("no voice"), "nothing else is missing: {}", problem(&play));

    // Until a service is connected nobody can look.
    let mut play = with_faces();
    play.answer(JobEvent::ClipCompared(ClipNow::Unasked));
    play.event(submit());
    assert!(problem(&play).contains("It is being looked"));
    play.event(PersonEvent::ChangeTerms(play.flow.terms.clone()));
    play.answer(another());
    assert!(matches!(&play.flow.stage, Stage::Idle(idle) if idle.pays_again) && problem(&play) == "another clip");

    // A task that was made with them goes on; the next one is not made with them.
    let mut play = with_faces();
    play.event(PersonEvent::Follow { task_id: "t-3".into(), wait: true });
    play.answer(another());
    assert!(play.flow.loses().is_some() && play.flow.faces().is_some());
    play.answer(JobEvent::Polled(Ok(Box::new(task(TaskStatus::Failed)))));
    play.event(PersonEvent::Again);
    assert!(matches!(play.flow.stage, Stage::Idle(_)) && problem(&play) == "another clip");

    // What was asked for is not awaited where its clip is left, and is asked for again when it comes back.
    let mut play = with_faces();
    play.event(clip("other.mp4"));
    play.commands.clear();
    play.event(clip("clip.mp4"));
    assert!(play.commands.iter().any(|command| matches!(command, Command::CompareClip { .. })));
}
