//! Two processes with one journal, and an unclear create.

use super::*;
use crate::journal::{Described, IntentState, Micros, Sending};
use crate::model::{Cost, Dialect, Placement, Profile, TaskStatus, VoiceSource};

fn submission() -> Submission {
    Submission {
        session_id: "s".into(),
        face_id: "0".into(),
        voice: VoiceSource::AudioId("v".into()),
        placement: Placement {
            sound_start_time: 0,
            sound_end_time: 2_000,
            sound_insert_time: 0,
            sound_volume: None,
            original_audio_volume: None,
        },
        external_task_id: "mine-1".into(),
        callback_url: None,
        watermark: None,
        mouth_box: None,
    }
}

fn task(status: TaskStatus) -> Box<Task> {
    Box::new(Task {
        task_id: "t-1".into(),
        status,
        status_raw: status.word().into(),
        status_msg: None,
        progress: None,
        videos: Vec::new(),
        external_task_id: Some("mine-1".into()),
        parent_video: None,
        created_at_ms: None,
        updated_at_ms: None,
        cost: Some(Cost { units: Some("0.5".into()), ..Cost::default() }),
        error: None,
        extra: serde_json::Map::new(),
    })
}

#[tokio::test]
async fn a_task_of_a_living_process_is_followed_by_it_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let service = Service::of(&Profile::built_in()[2]);
    let (first, second) = (JournalAccess::of_file(file.clone()), JournalAccess::of_file(file));
    let id = first.begin(service.clone(), &submission(), MadeFor::default(), Some(0), false, None).await.unwrap();
    let again =
        second.begin(service.clone(), &submission(), MadeFor::default(), Some(0), false, None).await.unwrap_err();
    assert!(again.message.contains("mine-1"), "a name is used once: {again}");
    first.answered(id, &CallOutcome::Done(task(TaskStatus::Submitted))).await;
    let held = second.claim(service.clone(), "t-1".into()).await.unwrap_err();
    assert!(held.message.contains("t-1") && held.hint.is_some(), "{held}");
    // An orderly end gives it back at once.
    first.release();
    second.claim(service.clone(), "t-1".into()).await.unwrap();
    second.seen(service, task(TaskStatus::Succeed)).await;
    second.ended("t-1".into(), "2026-11-21".into()).await.unwrap();
    let journal = second.journal().unwrap();
    let intent = journal.intent(id).unwrap();
    assert_eq!((intent.state, intent.sends, intent.finished_ms.is_some()), (IntentState::Accepted, 1, true));
    assert_eq!(journal.spent(&intent.service, "2026-11-21", "units").unwrap(), Micros::of(0.5));
}

#[tokio::test]
async fn an_unclear_create_is_settled_by_what_a_look_up_found() {
    let folder = tempfile::tempdir().unwrap();
    let access = JournalAccess::of_file(folder.path().join("journal.db"));
    let service = Service::of(&Profile::built_in()[2]);
    let id = access.begin(service.clone(), &submission(), MadeFor::default(), Some(0), false, None).await.unwrap();
    let lost = Problem::new(ProblemKind::OutcomeUnknown, "no answer");
    access.answered(id, &CallOutcome::Unknown(lost)).await;
    access.looked_up("mine-1".into(), false, Settled::NameQuery).await;
    access.looked_up("mine-1".into(), true, Settled::NameQuery).await;
    let found = Followed {
        service,
        task_id: "t-1".into(),
        external_task_id: Some("mine-1".into()),
        clip: Described::default(),
        voice: Described::default(),
    };
    access.accepted(found).await.unwrap();
    let intent = access.journal().unwrap().intent(id).unwrap();
    assert_eq!((intent.state, intent.settled_by), (IntentState::Accepted, Some(Settled::NameQuery)));
}

#[tokio::test]
async fn a_job_that_waits_again_is_no_create_of_that_name_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let access = JournalAccess::of_file(folder.path().join("journal.db"));
    let service = Service::of(&Profile::built_in()[2]);
    let spend = spend(Dialect::Kling, &submission(), "2026-11-22".into(), None);
    let job = access.enqueue(service, &submission(), None, spend).await.unwrap();
    access.send_waiting(&job, Sending::default()).await.unwrap().unwrap();
    assert!(access.works_on(job.id));
    assert!(access.not_taken(job.id, Problem::new(ProblemKind::Refused, "too many tasks")).await.unwrap());
    // Another process may send it now, and has it then.
    assert!(!access.works_on(job.id));
    // The same name, refused at the desk and left there, is not the job's.
    access.give_back(Some("mine-1".into()), None).await;
    assert!(access.waiting(job.id).await.unwrap().is_some(), "it is this process's own still");
}

#[tokio::test]
async fn an_unclear_create_is_sent_again_only_where_a_person_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let access = JournalAccess::of_file(folder.path().join("journal.db"));
    let service = Service::of(&Profile::built_in()[3]);
    let id = access.begin(service.clone(), &submission(), MadeFor::default(), Some(0), false, None).await.unwrap();
    let lost = Problem::new(ProblemKind::OutcomeUnknown, "no answer");
    access.answered(id, &CallOutcome::Unknown(lost)).await;
    // Typed once more as the name of a new task, it would be paid twice.
    let typed =
        access.begin(service.clone(), &submission(), MadeFor::default(), Some(0), false, None).await.unwrap_err();
    assert!(typed.message.contains("mine-1"), "{typed}");
    assert_eq!(access.begin(service, &submission(), MadeFor::default(), Some(0), true, None).await.unwrap(), id);
    assert_eq!(access.journal().unwrap().intent(id).unwrap().sends, 2);
}

#[tokio::test]
async fn what_is_settled_of_an_earlier_process_has_no_key_in_the_journal() {
    let key = "key-canary-of-leftovers-0123";
    crate::secrets::guard(key);
    for how in [Settlement::Found(format!("t-{key}")), Settlement::NameTaken(format!("t-{key}"))] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("journal.db");
        let service = Service::of(&Profile::built_in()[2]);
        let (first, second) = (JournalAccess::of_file(file.clone()), JournalAccess::of_file(file));
        let id = first.begin(service.clone(), &submission(), MadeFor::default(), Some(0), false, None).await.unwrap();
        first.answered(id, &CallOutcome::Unknown(Problem::new(ProblemKind::Unreadable, key))).await;
        first.release();
        assert_eq!(
            second.take_leftovers(service, std::collections::BTreeSet::default()).await.unwrap().followed.len(),
            1
        );
        second.settle_leftover(id, how.clone()).await.unwrap();
        let intent = second.journal().unwrap().intent(id).unwrap();
        let task_id = intent.task.as_ref().map(|task| task.task_id.as_str()).or(intent.other_task_id.as_deref());
        assert_eq!(task_id, Some(format!("t-{}", crate::secrets::MASK).as_str()), "{how:?}");
        assert!(!format!("{intent:?}").contains(key), "{intent:?}");
    }
}
