//! The engine with services that are never called, or that refuse connections.

use super::*;
use crate::model::{CallOutcome, Dialect, Face, Interval, Progress, Session};
use crate::workflow::{
    Choosing, ClipNow, Consent, Faces, Follow, JobEvent, JobId, PauseReason, Preview, SendState, Stage, Submitted,
};

fn setup(key: &str, base_url: &str) -> Setup {
    let profile = Profile { base_url: base_url.into(), ..Profile::built_in().swap_remove(2) };
    Setup::new(profile, Credentials::key(key).unwrap())
}

/// Nothing listens there.
const HERE: &str = "http://127.0.0.1:9";
const ELSEWHERE: &str = "http://127.0.0.1:10";

fn connected() -> Engine {
    let first = setup("first-key", HERE);
    let mut engine = Engine::new(Handle::current(), first.profile.clone(), || {});
    engine.connect(first).unwrap();
    engine
}

fn faces() -> Faces {
    let face = Face {
        face_id: "0".into(),
        face_image: None,
        interval: Some(Interval::new(0, 9_000)),
        rect: None,
        extra: serde_json::Map::new(),
    };
    Faces {
        session: Session {
            session_id: "s".into(),
            begun_at_ms: 0,
            faces: vec![face],
            cost: None,
            extra: serde_json::Map::new(),
        },
        previews: vec![Preview::None],
        chosen: Some("0".into()),
        proposed: None,
        recalled: false,
        clip_now: ClipNow::Same,
    }
}

fn paused() -> Stage {
    let refusal = Problem::new(ProblemKind::Refused, "the key is wrong");
    Stage::Submitted(Submitted {
        faces: Some(Box::new(faces())),
        submission: None,
        state: SendState::Accepted {
            task_id: "t-1".into(),
            task: None,
            follow: Follow::Paused(PauseReason::Stopped(refusal)),
        },
        sending: crate::workflow::Sending::default(),
        started_ms: 0,
    })
}

#[tokio::test]
async fn connecting_to_the_same_service_keeps_the_stage() {
    let mut engine = connected();
    engine.flow.stage = Stage::Choosing(Choosing { faces: faces(), placement: None, rules: Vec::new(), problem: None });
    let before = engine.flow.stage.clone();
    // The very same key, another key, another way to write the address, other bounds.
    engine.connect(setup("first-key", HERE)).unwrap();
    engine.connect(setup("second-key", &format!(" {HERE}/ "))).unwrap();
    let mut patient = setup("second-key", HERE);
    patient.profile.poll_limit_ms = 7;
    engine.connect(patient).unwrap();
    assert_eq!((&engine.flow.stage, engine.flow.terms.poll_limit_ms), (&before, 7));
    // Another service has no use for the session.
    for change in 0..4 {
        engine.flow.stage = before.clone();
        let mut other = setup("second-key", HERE);
        match change {
            0 => other.profile.base_url = ELSEWHERE.into(),
            1 => other.profile.path_prefix = "/other".into(),
            2 => other.profile.dialect = Dialect::Kirin,
            _ => other.profile.name = "other".into(),
        }
        engine.connect(other).unwrap();
        assert_eq!(engine.flow.stage.word(), "idle", "{change}");
        engine.connect(setup("first-key", HERE)).unwrap();
    }
}

#[tokio::test]
async fn a_new_key_keeps_a_paused_task_and_another_service_must_not_take_it() {
    let mut engine = connected();
    engine.flow.stage = paused();
    engine.connect(setup("second-key", HERE)).unwrap();
    assert_eq!(engine.flow.stage, paused(), "session, faces and task are kept");
    let problem = engine.connect(setup("second-key", ELSEWHERE)).unwrap_err();
    assert!(problem.message.contains("t-1"), "{problem}");
    assert_eq!((&engine.flow.stage, engine.profile().base_url.as_str()), (&paused(), HERE));
    engine.dispatch(PersonEvent::Resume);
    assert!(engine.is_working(), "it is asked for with the new key");
    engine.dispatch(PersonEvent::LeaveTask(Consent::given_by_a_person()));
    engine.connect(setup("second-key", ELSEWHERE)).unwrap();
    assert_eq!(engine.profile().base_url, ELSEWHERE);
}

#[tokio::test]
async fn an_accepted_task_is_written_down_before_its_first_poll() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.db");
    let journal = JournalAccess::of_file(file.clone());
    let mut engine = connected();
    engine.connect(setup("key-1234", HERE).with_journal(Journaling::On(journal.clone()))).unwrap();
    let job = JobId(1_000);
    engine.flow.stage = Stage::Submitted(Submitted {
        faces: None,
        submission: None,
        state: SendState::Sent { job, sent_ms: 0, progress: Progress::default() },
        sending: crate::workflow::Sending::default(),
        started_ms: 0,
    });
    let task = crate::model::Task {
        task_id: "t-7".into(),
        status: crate::model::TaskStatus::Submitted,
        status_raw: String::new(),
        status_msg: None,
        progress: None,
        videos: Vec::new(),
        external_task_id: None,
        parent_video: None,
        created_at_ms: None,
        updated_at_ms: None,
        cost: None,
        error: None,
        extra: serde_json::Map::new(),
    };
    let answer = JobEvent::Created(CallOutcome::Done(Box::new(task)));
    engine.dispatch(Event::Job { job, answer });
    assert!(engine.flow().is_recording());
    while engine.flow().is_recording() {
        assert!(engine.next().await);
    }
    let unfinished = journal.journal().unwrap().unfinished().unwrap();
    let ids: Vec<_> = unfinished.iter().filter_map(|intent| intent.task.as_ref()).map(|task| &*task.task_id).collect();
    assert_eq!((ids, engine.requests()), (vec!["t-7"], 0));
}
