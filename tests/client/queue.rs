//! The queue: what waits is sent once, in order, when there is a slot for it, and is there again after any stop.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use viseme::engine::{Engine, Halt, JournalAccess, Journaling, QueueState, Setup};
use viseme::journal::{IntentState, Journal, Phase, Service};
use viseme::model::placement::Wanted;
use viseme::model::{ClipSource, Dialect, Profile, VoiceSource};
use viseme::service::{Clock, Credentials};
use viseme::workflow::{Details, PersonEvent, SendState, Stage};

use crate::hostile::{Act, Hostile, KEY, Request, answer_with, json_answer, profile};

/// A service that runs `most` tasks at once, and ends them all once it is told to.
struct Service3 {
    server: Hostile,
    ends: Arc<AtomicBool>,
    refuses_key: Arc<AtomicBool>,
    /// Creates are not answered.
    is_silent: Arc<AtomicBool>,
}

fn answer(data: &Value) -> Act {
    json_answer("200 OK", &json!({ "code": 0, "message": "SUCCEED", "request_id": "r", "data": data }))
}

fn id_of(request: &Request) -> &str {
    request.line.split(' ').nth(1).unwrap_or_default().rsplit('/').next().unwrap_or_default()
}

async fn service(most: usize) -> Service3 {
    let [ends, refuses_key, is_silent] = [(); 3].map(|()| Arc::new(AtomicBool::new(false)));
    let [now_ends, now_refuses, now_silent] = [&ends, &refuses_key, &is_silent].map(Arc::clone);
    let running = std::sync::Mutex::new(Vec::<String>::new());
    let server = Hostile::start(move |at, request| {
        let mut running = running.lock().unwrap();
        if request.line.starts_with("GET /result/") {
            return Act::Send(answer_with("200 OK", "Content-Type: video/mp4\r\n", include_bytes!("../../assets/demo/duo.mp4")));
        }
        if request.line.contains("identify-face") {
            let face = json!({ "face_id": "f1", "start_time": 0, "end_time": 9000 });
            return answer(&json!({ "session_id": "s1", "face_data": [face] }));
        }
        if request.line.starts_with("POST") {
            if now_silent.load(Ordering::SeqCst) {
                return Act::Hang;
            }
            if now_refuses.load(Ordering::SeqCst) {
                return json_answer("401 Unauthorized", &json!({ "code": 1002, "message": "access key not found" }));
            }
            if running.len() >= most {
                return json_answer("429 Too Many Requests", &json!({ "code": 1303, "message": "too many tasks" }));
            }
            // The body is not read yet.
            let task_id = format!("t-{at}");
            running.push(task_id.clone());
            return answer(&json!({ "task_id": task_id, "task_status": "submitted" }));
        }
        let (task_id, now_ms) = (id_of(request).to_owned(), Clock::system().now_ms());
        let is_over = now_ends.load(Ordering::SeqCst);
        if is_over {
            running.retain(|known| *known != task_id);
        }
        let host = request.header("host").unwrap_or_default();
        let video = json!([{ "id": "v", "url": format!("http://{host}/result/{task_id}.mp4"), "duration": "4.0" }]);
        let status = if is_over { "succeed" } else { "processing" };
        answer(&json!({ "task_id": task_id, "task_status": status, "created_at": now_ms, "task_result": { "videos": video } }))
    })
    .await;
    Service3 { server, ends, refuses_key, is_silent }
}

impl Service3 {
    fn profile(&self) -> Profile {
        Profile { knows_names: true, poll_interval_ms: 20, ..profile(&self.server.base(), Dialect::Kling) }
    }

    fn creates(&self) -> Vec<String> {
        let created = self
            .server
            .requests()
            .into_iter()
            .filter(|request| request.line.starts_with("POST") && !request.line.contains("identify-face"));
        created.map(|request| request.json()["external_task_id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn engine(&self, folder: &Path) -> Engine {
        self.engine_with(folder, JournalAccess::of_file(folder.join("journal.db")))
    }

    fn engine_with(&self, folder: &Path, access: JournalAccess) -> Engine {
        let mut engine = Engine::new(tokio::runtime::Handle::current(), self.profile(), || ());
        engine.connect(self.setup(folder, access, KEY)).unwrap();
        engine
    }

    fn setup(&self, folder: &Path, access: JournalAccess, key: &str) -> Setup {
        let mut setup = Setup::new(self.profile(), Credentials::key(key).unwrap());
        setup.results = Some(folder.join("results"));
        setup.with_journal(Journaling::On(access)).with_leftovers()
    }

    /// An engine with a face, a voice and a placement.
    async fn choosing(&self, folder: &Path) -> Engine {
        Self::chosen(self.engine(folder)).await
    }

    async fn chosen(mut engine: Engine) -> Engine {
        engine.dispatch(PersonEvent::SetClip(Some(ClipSource::Url("https://example.com/clip.mp4".into()))));
        engine.dispatch(PersonEvent::SetVoice(Some(VoiceSource::AudioId("a-1".into()))));
        engine.dispatch(PersonEvent::Want(Wanted { start_ms: Some(0), end_ms: Some(4_000), insert_ms: Some(0) }));
        engine.dispatch(PersonEvent::Identify { send_anyway: true });
        while !matches!(engine.flow().stage, Stage::Choosing(_)) {
            engine.next().await;
        }
        engine
    }
}

async fn until(engine: &mut Engine, what: &str, is_so: impl Fn(&Engine) -> bool) {
    let began = Instant::now();
    while !is_so(engine) {
        assert!(began.elapsed() < Duration::from_mins(3), "{what}: {:?}", engine.queue());
        engine.pump();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn count(engine: &Engine, is_so: impl Fn(&QueueState) -> bool) -> usize {
    engine.queue().unwrap().jobs.iter().filter(|job| is_so(&job.state)).count()
}

#[tokio::test]
async fn what_waits_is_sent_once_each_as_slots_become_free_and_saved() {
    let service = service(2).await;
    let folder = tempfile::tempdir().unwrap();
    let mut engine = service.choosing(folder.path()).await;
    for _ in 0..4 {
        engine.enqueue();
    }
    assert!(matches!(engine.flow().stage, Stage::Choosing(_)), "the next one can be prepared");
    until(&mut engine, "two run, and the limit is known", |engine| {
        let queue = engine.queue().unwrap();
        count(engine, QueueState::is_running) == 2 && queue.most == Some(2) && queue.waiting().count() == 2
    })
    .await;
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    assert_eq!(journal.unfinished().unwrap().len(), 4);
    service.ends.store(true, Ordering::SeqCst);
    until(&mut engine, "all are saved", |engine| count(engine, |state| matches!(state, QueueState::Saved(_))) == 4)
        .await;
    let names: Vec<String> =
        engine.queue().unwrap().jobs.iter().filter_map(|job| job.external_task_id.clone()).collect();
    for name in &names {
        assert_eq!(journal.find(name).unwrap().len(), 1);
        assert_eq!(journal.find(name).unwrap()[0].phase, Phase::Succeeded);
        let sent = service.creates().iter().filter(|sent| *sent == name).count();
        assert!(sent >= 1, "{name}");
        assert_eq!(journal.results(journal.find(name).unwrap()[0].id).unwrap().len(), 1);
    }
    let files = std::fs::read_dir(folder.path().join("results")).unwrap().count();
    assert_eq!(files, 4, "each has a file of its own");
}

#[tokio::test]
async fn what_waited_is_there_again_paused_and_goes_on_when_a_person_says_so() {
    let service = service(1).await;
    let folder = tempfile::tempdir().unwrap();
    let mut engine = service.choosing(folder.path()).await;
    engine.pause_queue();
    engine.enqueue();
    engine.enqueue();
    engine.enqueue();
    until(&mut engine, "three wait", |engine| engine.queue().unwrap().waiting().count() == 3).await;
    let first = engine.queue().unwrap().jobs[0].id;
    engine.remove_from_queue(first);
    until(&mut engine, "two wait", |engine| engine.queue().unwrap().waiting().count() == 2).await;
    drop(engine);
    assert!(service.creates().is_empty(), "nothing was sent");

    let mut engine = service.engine(folder.path());
    until(&mut engine, "they are there again", |engine| engine.queue().unwrap().waiting().count() == 2).await;
    assert_eq!(engine.queue().unwrap().halt, Some(Halt::Earlier));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(service.creates().is_empty(), "nothing is sent by itself");
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    assert_eq!(journal.intent(first).unwrap().state, IntentState::Withdrawn);
    service.ends.store(true, Ordering::SeqCst);
    engine.resume_queue();
    until(&mut engine, "both are saved", |engine| count(engine, |state| matches!(state, QueueState::Saved(_))) == 2)
        .await;
    let mut sent = service.creates();
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), 2);
}

#[tokio::test]
async fn what_a_refused_key_has_halted_goes_on_with_another() {
    let service = service(9).await;
    let folder = tempfile::tempdir().unwrap();
    let access = JournalAccess::of_file(folder.path().join("journal.db"));
    let mut engine = Service3::chosen(service.engine_with(folder.path(), access.clone())).await;
    service.refuses_key.store(true, Ordering::SeqCst);
    engine.enqueue();
    until(&mut engine, "the key is refused", |engine| engine.queue().unwrap().halt.is_some()).await;
    let with_key = |key: &str| service.setup(folder.path(), access.clone(), key);
    service.refuses_key.store(false, Ordering::SeqCst);
    engine.connect(with_key("the-right-key-0123")).unwrap();
    until(&mut engine, "it is sent", |_| service.creates().len() == 2).await;
    assert_eq!(engine.queue().unwrap().halt, None);

    // What a person has paused stays paused, whatever becomes of the key.
    engine.pause_queue();
    engine.enqueue();
    until(&mut engine, "it waits", |engine| engine.queue().unwrap().waiting().count() == 1).await;
    engine.connect(with_key(KEY)).unwrap();
    assert_eq!(engine.queue().unwrap().halt, Some(Halt::Person));
}

#[tokio::test]
async fn a_refused_key_and_a_budget_stop_all_and_lose_nothing() {
    let service = service(9).await;
    let folder = tempfile::tempdir().unwrap();
    let mut engine = service.choosing(folder.path()).await;
    service.refuses_key.store(true, Ordering::SeqCst);
    engine.enqueue();
    engine.enqueue();
    until(&mut engine, "the key is refused", |engine| engine.queue().unwrap().halt.is_some()).await;
    assert!(matches!(&engine.queue().unwrap().halt, Some(Halt::Problem(problem)) if problem.http_status == Some(401)));
    assert_eq!(engine.queue().unwrap().waiting().count(), 2, "both still wait");
    assert_eq!(service.creates().len(), 1, "the second is not tried with that key");

    // What is over the budget of the day is not taken, and what waits is not sent beyond it.
    engine.set_budget(Some(1.2));
    engine.enqueue();
    until(&mut engine, "it is refused", |engine| !engine.flow().warnings.is_empty()).await;
    assert!(engine.flow().warnings[0].message.contains("The budget of the day"), "{:?}", engine.flow().warnings);
    engine.set_budget(Some(0.7));
    service.refuses_key.store(false, Ordering::SeqCst);
    engine.resume_queue();
    until(&mut engine, "it is over the budget", |engine| engine.queue().unwrap().halt.is_some()).await;
    assert_eq!(service.creates().len(), 1, "nothing was sent: the other job is reserved for");
    engine.set_budget(None);
    service.ends.store(true, Ordering::SeqCst);
    engine.resume_queue();
    until(&mut engine, "both are saved", |engine| count(engine, |state| matches!(state, QueueState::Saved(_))) == 2)
        .await;
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    assert!(journal.unfinished().unwrap().is_empty());
    assert_eq!(journal.slots_used(&Service::of(&service.profile())).unwrap(), 0);
}

/// The same name of one's own at the desk and in the queue: the desk's attempt is refused, and leaving it gives back nothing of the queue's.
#[tokio::test]
async fn a_job_on_its_way_stays_this_process_s_when_the_desk_leaves_its_name() {
    let service = service(9).await;
    service.is_silent.store(true, Ordering::SeqCst);
    let folder = tempfile::tempdir().unwrap();
    let mut engine = service.choosing(folder.path()).await;
    let details = Details { external_task_id: Some("order-1".into()), callback_url: None, watermark: None };
    engine.dispatch(PersonEvent::SetDetails(details.clone()));
    engine.enqueue();
    until(&mut engine, "it is on its way", |_| service.creates().len() == 1).await;
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    let owner = |journal: &Journal| journal.unfinished().unwrap()[0].owner.clone();
    let sender = owner(&journal).expect("who sends it");

    engine.dispatch(PersonEvent::SetDetails(details));
    engine.dispatch(PersonEvent::Submit { fresh_external_task_id: Some("unused".into()), send_anyway: true });
    until(&mut engine, "the name is used", |engine| {
        matches!(&engine.flow().stage, Stage::Submitted(submitted) if !matches!(submitted.state, SendState::Sent { .. }))
    })
    .await;
    engine.dispatch(PersonEvent::Back);
    let began = Instant::now();
    until(&mut engine, "it is left", |_| began.elapsed() > Duration::from_millis(500)).await;
    assert_eq!(owner(&journal), Some(sender), "another process would take it, and its create is on its way");
    assert_eq!(journal.unfinished().unwrap()[0].state, IntentState::Sent, "nobody settles it before its answer");
    assert_eq!(service.creates(), ["order-1"]);
}

#[tokio::test]
async fn a_voice_that_is_sent_as_wav_waits_with_its_job_and_goes_with_it() {
    let service = service(1).await;
    let folder = tempfile::tempdir().unwrap();
    let mut engine = service.choosing(folder.path()).await;
    engine.dispatch(PersonEvent::SetVoice(Some(VoiceSource::File("assets/demo/voice.mp3".into()))));
    engine.dispatch(PersonEvent::SendVoiceAsWav);
    until(&mut engine, "the voice is a WAV", |engine| {
        let voice = engine.flow().desk.voice.as_ref().map(VoiceSource::name).unwrap_or_default();
        engine.flow().desk.voice_probe.known().is_some()
            && std::path::Path::new(&voice).extension().is_some_and(|ending| ending == "wav")
    })
    .await;
    engine.pause_queue();
    engine.enqueue();
    until(&mut engine, "it waits", |engine| engine.queue().unwrap().waiting().count() == 1).await;
    drop(engine);

    // The folder in which it was written went with its process.
    let mut engine = service.engine(folder.path());
    until(&mut engine, "it is there again", |engine| engine.queue().unwrap().waiting().count() == 1).await;
    let voices = folder.path().join("voices");
    assert_eq!(std::fs::read_dir(&voices).unwrap().count(), 1);
    service.ends.store(true, Ordering::SeqCst);
    engine.resume_queue();
    until(&mut engine, "it is saved", |engine| count(engine, |state| matches!(state, QueueState::Saved(_))) == 1).await;
    let sent = service
        .server
        .requests()
        .into_iter()
        .rfind(|request| String::from_utf8_lossy(&request.body).contains("sound_file"));
    let sent = sent.expect("a create with its voice").json()["face_choose"][0]["sound_file"].clone();
    assert!(sent.as_str().unwrap().starts_with("UklGR"), "a RIFF file, in Base64");
    drop(engine);

    // The next window sweeps what belongs to no job that is still to be sent, once it is no longer new.
    let kept = std::fs::read_dir(&voices).unwrap().next().unwrap().unwrap().path();
    let old = std::time::SystemTime::now() - Duration::from_mins(2);
    std::fs::File::open(&kept).unwrap().set_modified(old).unwrap();
    let mut engine = service.engine(folder.path());
    until(&mut engine, "it is swept", |_| !kept.exists()).await;
}
