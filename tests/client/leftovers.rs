//! What earlier processes left unfinished is settled and followed by the next one, without anything being sent again.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use viseme::engine::{Engine, JournalAccess, Journaling, QueueState, Setup};
use viseme::journal::{Begun, Described, Followed, IntentId, IntentState, Journal, NewIntent, Owner, Phase, Service};
use viseme::model::{Dialect, Profile};
use viseme::service::{Clock, Credentials};
use viseme::wire::answer::{Reply, read_task};
use viseme::workflow::{Consent, PersonEvent};

use crate::hostile::{Act, Hostile, KEY, answer_with, by_id, json_answer, profile};

struct Left {
    profile: Profile,
    journal: Journal,
    folder: tempfile::TempDir,
}

impl Left {
    fn at(server: &Hostile) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile { knows_names: true, poll_interval_ms: 20, ..profile(&server.base(), Dialect::Kling) };
        Self { profile, journal: Journal::open(&file_in(folder.path())).unwrap().journal, folder }
    }

    /// A create that was sent by `owner` under this name, so long ago.
    fn sent(&self, name: &str, owner: &Owner, ago_ms: i64) -> IntentId {
        let at_ms = Clock::system().now_ms() - ago_ms;
        let new = NewIntent {
            service: Service::of(&self.profile),
            external_task_id: name.into(),
            session_id: "s-1".into(),
            face_ids: vec!["0".into()],
            placement: by_id().placement,
            clip: Described::default(),
            voice: Described::default(),
            options: json!({ "sent_service_ms": at_ms }),
            spend: None,
        };
        let Begun::Intent(id) = self.journal.send_intent(&new, owner, at_ms).unwrap() else { panic!("refused") };
        id
    }

    /// The next process.
    fn next(&self) -> Engine {
        let runtime = tokio::runtime::Handle::current();
        let mut engine = Engine::new(runtime, self.profile.clone(), || ());
        let access = JournalAccess::of_file(file_in(self.folder.path()));
        let mut setup = Setup::new(self.profile.clone(), Credentials::key(KEY).unwrap());
        setup.results = Some(self.folder.path().join("results"));
        engine.connect(setup.with_journal(Journaling::On(access)).with_leftovers()).unwrap();
        engine
    }

    async fn until(&self, what: &str, is_so: impl Fn(&Journal) -> bool) {
        let began = Instant::now();
        while !is_so(&self.journal) {
            assert!(began.elapsed() < Duration::from_mins(3), "{what}: {:?}", self.journal.unfinished());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn file_in(folder: &Path) -> std::path::PathBuf {
    folder.join("journal.db")
}

fn task(id: &str, status: &str, created_at_ms: i64) -> Value {
    let videos = json!([{ "id": "v", "url": "https://cdn.example/v.mp4", "duration": "4.0" }]);
    let mut data = json!({ "task_id": id, "task_status": status, "created_at": created_at_ms });
    if status == "succeed" {
        data["task_result"] = json!({ "videos": videos });
    }
    json!({ "code": 0, "message": "SUCCEED", "data": data })
}

fn not_found() -> Act {
    json_answer("400 Bad Request", &json!({ "code": 1201, "message": "Task not found by id/external id: x" }))
}

fn queries(server: &Hostile, of: &str) -> usize {
    server.requests().iter().filter(|request| request.line.contains(of)).count()
}

#[tokio::test]
async fn the_next_process_follows_settles_and_pays_nothing() {
    let now_ms = Clock::system().now_ms();
    let server = Hostile::start(move |at, request| {
        let status = if at < 6 { "processing" } else { "succeed" };
        match request.line.split(' ').nth(1).unwrap_or_default().rsplit('/').next().unwrap_or_default() {
            "t-run" => json_answer("200 OK", &task("t-run", status, now_ms)),
            "lost" | "t-lost" => json_answer("200 OK", &task("t-lost", status, now_ms)),
            // A task of that name was there before.
            "taken" => json_answer("200 OK", &task("t-old", "succeed", now_ms - 86_400_000)),
            _ => not_found(),
        }
    })
    .await;
    let left = Left::at(&server);
    let (dead, living) = (Owner::new("dead"), Owner::new("living"));
    let running = left.sent("run", &dead, 100_000);
    left.journal.accepted(running, "t-run", now_ms - 99_000).unwrap();
    let lost = left.sent("lost", &dead, 90_000);
    let taken = left.sent("taken", &dead, 80_000);
    let nowhere = left.sent("nowhere", &dead, 70_000);
    let held = left.sent("held", &living, 0);
    let engine = left.next();
    left.until("both tasks are at their end", |journal| {
        [running, lost].iter().all(|id| journal.intent(*id).unwrap().phase == Phase::Succeeded)
    })
    .await;
    left.until("the name is another's", |journal| journal.intent(taken).unwrap().state == IntentState::NameTaken).await;
    let state = |id: IntentId| left.journal.intent(id).unwrap().state;
    left.until("the name was looked for", |_| queries(&server, "/nowhere") >= 1).await;
    assert_eq!(state(nowhere), IntentState::Unknown, "one look proves nothing");
    assert_eq!((state(held), queries(&server, "/held")), (IntentState::Sent, 0), "it belongs to a process that lives");
    assert!(server.requests().iter().all(|request| request.line.starts_with("GET ")), "{:?}", server.requests());
    left.until("each is announced", |_| engine.settled() >= 3).await;
    // An orderly end gives the rest back.
    drop(engine);
    assert_eq!(left.journal.intent(nowhere).unwrap().owner, None);
}

#[tokio::test]
async fn with_a_key_that_is_refused_it_is_left_for_another() {
    let refused = json!({ "code": 1001, "message": "Authorization is invalid" });
    let server = Hostile::always(json_answer("401 Unauthorized", &refused)).await;
    let left = Left::at(&server);
    let ids: Vec<_> = (0..5)
        .map(|number| {
            let id = left.sent(&format!("run-{number}"), &Owner::new("dead"), 100_000);
            left.journal.accepted(id, &format!("t-{number}"), 0).unwrap();
            id
        })
        .collect();
    let _engine = left.next();
    left.until("one was asked for", |_| server.count() >= 1).await;
    left.until("they are given back", |journal| ids.iter().all(|id| journal.intent(*id).unwrap().owner.is_none()))
        .await;
    assert_eq!(server.count(), 1, "a refused key is not tried on each");
    assert_eq!(left.journal.unfinished().unwrap().len(), 5);
}

#[tokio::test]
async fn what_is_left_is_asked_for_one_after_the_other() {
    let now_ms = Clock::system().now_ms();
    let server = Hostile::start(move |_, request| {
        let id = request.line.split(' ').nth(1).unwrap_or_default().rsplit('/').next().unwrap_or_default();
        json_answer("200 OK", &task(id, "succeed", now_ms))
    })
    .await;
    let mut left = Left::at(&server);
    left.profile.poll_interval_ms = 1_000;
    for number in 0..20 {
        let id = left.sent(&format!("run-{number}"), &Owner::new("dead"), 100_000);
        left.journal.accepted(id, &format!("t-{number}"), 0).unwrap();
    }
    let began = Instant::now();
    let _engine = left.next();
    left.until("all are at their end", |journal| journal.unfinished().unwrap().is_empty()).await;
    assert!(began.elapsed() >= Duration::from_millis(900), "they are spread over the interval of polls");
    assert_eq!((server.count(), server.connections()), (20, 1), "each once, on one connection");
}

#[tokio::test]
async fn a_task_that_a_person_left_is_followed_to_its_end() {
    let now_ms = Clock::system().now_ms();
    let server = Hostile::start(move |at, _| {
        let status = if at < 3 { "processing" } else { "succeed" };
        json_answer("200 OK", &task("t-left", status, now_ms))
    })
    .await;
    let left = Left::at(&server);
    let mut engine = left.next();
    engine.dispatch(PersonEvent::Follow { task_id: "t-left".into(), wait: true });
    while server.count() < 2 {
        engine.next().await;
    }
    engine.dispatch(PersonEvent::LeaveTask(Consent::given_by_a_person()));
    assert_eq!(engine.flow().stage.word(), "idle");
    left.until("it is at its end", |journal| {
        journal.find("t-left").unwrap().iter().any(|intent| intent.phase == Phase::Succeeded)
    })
    .await;
}

#[tokio::test]
async fn a_task_that_had_ended_before_it_was_known_to_be_ours_is_saved() {
    let now_ms = Clock::system().now_ms();
    let server = Hostile::start(move |_, request| {
        if request.line.starts_with("GET /result") {
            let clip = include_bytes!("../../assets/demo/duo.mp4");
            return Act::Send(answer_with("200 OK", "Content-Type: video/mp4\r\n", clip));
        }
        json_answer("200 OK", &task("t-lost", "succeed", now_ms))
    })
    .await;
    let left = Left::at(&server);
    let lost = left.sent("lost", &Owner::new("dead"), 90_000);
    // A command has followed it by its id, to its end, and saved nothing.
    let (command, service) = (Owner::of_command("status"), Service::of(&left.profile));
    let (clip, voice) = (Described::default(), Described::default());
    let followed = Followed { service, task_id: "t-lost".into(), external_task_id: None, clip, voice };
    let beside = left.journal.follow(&followed, &command, now_ms).unwrap();
    let mut ended = task("t-lost", "succeed", now_ms);
    ended["data"]["task_result"]["videos"][0]["url"] = json!(format!("{}/result.mp4", server.base()));
    let text = ended.to_string();
    let reply = Reply { http_status: 200, retry_after_ms: None, location: None, body: text.as_bytes() };
    left.journal.task_seen(beside, &command, &read_task(&reply, "t-lost").unwrap(), now_ms).unwrap();

    let engine = left.next();
    left.until("it is settled", |journal| journal.intent(lost).unwrap().phase == Phase::Succeeded).await;
    left.until("its result is saved", |journal| !journal.results(lost).unwrap().is_empty()).await;
    let state = || engine.queue().unwrap().job(lost).map(|job| job.state.clone());
    left.until("it is shown", |_| matches!(state(), Some(QueueState::Saved(_)))).await;
}
