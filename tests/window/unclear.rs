//! A create that was never answered: what the window says of it, and the ways out of it, in the queue and in the history.

use std::sync::{Arc, Mutex};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use viseme::journal::{Intent, IntentState, Journal, Phase};
use viseme::model::Dialect;
use viseme::workflow::Stage;

use crate::history::{now_ms, open_history};
use crate::hostile::{self, Act, Hostile, dated_answer};
use crate::money;
use crate::support::Desk;

const UNCLEAR: &str = "Unclear: no answer came. Look it up, or close it";

fn answer(data: &Value) -> Value {
    json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": data})
}

/// A service that never answers a create, and shows its task once `shown` has its name.
pub fn service(shown: &Arc<Mutex<Option<String>>>) -> (Runtime, Hostile) {
    let runtime = Runtime::new().unwrap();
    let shown = Arc::clone(shown);
    let server = runtime.block_on(Hostile::start(move |_, request| {
        let line = &request.line;
        let task = |name: &str| json!({"task_id": "T1", "task_status": "processing", "created_at": now_ms(), "task_info": {"external_task_id": name}});
        let name = shown.lock().unwrap().clone();
        if line.contains("identify-face") {
            let face = json!({"face_id": "f1", "start_time": 0, "end_time": 9000});
            dated_answer("200 OK", &answer(&json!({"session_id": "s1", "face_data": [face]})))
        } else if line.starts_with("POST") {
            Act::Close
        } else if line.contains("/T1") {
            dated_answer("200 OK", &answer(&task(&name.unwrap_or_default())))
        } else if line.contains('?') {
            let tasks: Vec<Value> = name.iter().map(|name| task(name)).collect();
            dated_answer("200 OK", &answer(&json!(tasks)))
        } else {
            let no = json!({"code": 1201, "message": "Task not found by id/external id: x", "request_id": "r"});
            dated_answer("400 Bad Request", &no)
        }
    }));
    (runtime, server)
}

/// A window before this service.
fn before(server: &Hostile) -> Desk {
    let mut profile = hostile::profile(&server.base(), Dialect::Kling);
    profile.poll_interval_ms = 200;
    Desk::at_services(vec![profile])
}

/// A window before this service, with its key.
pub fn desk_at(server: &Hostile) -> Desk {
    let mut desk = before(server);
    money::open_keys(&mut desk);
    money::enter_key(&mut desk, hostile::KEY);
    desk
}

pub fn follow(desk: &mut Desk, id: &str) {
    desk.chord(Modifiers::COMMAND, Key::K);
    desk.harness.event(egui::Event::Text("follow a task".into()));
    desk.harness.run_steps(3);
    desk.press(Key::Enter);
    desk.wait("the dialog", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Follow a task").is_some());
    desk.harness.event(egui::Event::Text(id.into()));
    desk.harness.run_steps(3);
    desk.press(Key::Enter);
}

/// A window that gave up a create which was never answered, and whose service then showed nothing of it.
pub fn given_up(server: &Hostile) -> Desk {
    let mut desk = before(server);
    money::submit(&mut desk);
    desk.wait("an unclear create", |desk| desk.has("The service does not list it"));
    desk.button("Give it up").click();
    desk.wait("the placement", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    open_queue(&mut desk);
    desk.wait("the end of looking", |desk| lines(desk).iter().any(|line| line.contains(UNCLEAR)));
    desk
}

pub fn open_queue(desk: &mut Desk) {
    desk.chord(Modifiers::COMMAND | Modifiers::SHIFT, Key::H);
    desk.wait("the queue", |desk| desk.has("Close the queue"));
}

fn lines(desk: &Desk) -> Vec<String> {
    desk.harness.query_all_by_role(Role::ListItem).filter_map(|node| node.accesskit_node().label()).collect()
}

fn intent(desk: &Desk) -> Intent {
    let journal = Journal::open(&desk.folder.path().join("journal.db")).unwrap().journal;
    let rows = journal.history(&viseme::journal::HistoryQuery::default(), 9).unwrap().rows;
    assert_eq!(rows.len(), 1, "one task");
    journal.intent(rows[0].id).unwrap()
}

fn creates(server: &Hostile) -> usize {
    let is_create = |line: &str| line.starts_with("POST") && line.contains("lip-sync");
    server.requests().iter().filter(|request| is_create(&request.line)).count()
}

#[test]
fn an_unclear_task_is_looked_up_from_the_queue_and_followed_once_its_service_shows_it() {
    let shown = Arc::default();
    let (_runtime, server) = service(&shown);
    let mut desk = given_up(&server);
    assert!(desk.is_enabled("Look it up") && desk.is_enabled("Close it…"));
    // Still nothing: it says so again, and is not taken for anything else.
    desk.button("Look it up").click();
    desk.wait("that it is looked for", |desk| lines(desk)[0].contains("is being looked up"));
    desk.wait("nothing again", |desk| lines(desk)[0].contains(UNCLEAR));
    *shown.lock().unwrap() = intent(&desk).external_task_id;
    desk.button("Look it up").click();
    desk.wait("its task", |desk| lines(desk)[0].contains("Processing"));
    assert_eq!(intent(&desk).task.map(|task| task.task_id).as_deref(), Some("T1"));
    assert_eq!(creates(&server), 1, "nothing was sent again");
}

#[test]
fn an_unclear_task_is_closed_in_the_history_after_a_question_and_asks_before_it_is_sent_again() {
    let shown = Arc::default();
    let (_runtime, server) = service(&shown);
    let mut desk = given_up(&server);
    desk.press(Key::Escape);

    // The same job, which may be paid already, is not sent again without a question.
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("a question", |desk| desk.has("Send the same job once more?"));
    assert!(desk.has("whether the service took it is not known") && desk.has("paid once more: estimate"));
    desk.button("Cancel").click();
    desk.harness.run_steps(3);
    assert_eq!(creates(&server), 1);

    open_history(&mut desk);
    desk.wait("its details", |desk| desk.has("It was sent, and no answer came. If the service took it"));
    assert!(desk.has("Look it up asks the service for it by its name"), "what is next is said");
    desk.wait("what happened", |desk| {
        desk.has("Looked for in the list of tasks: it is not there") || desk.has("Looked for by its name")
    });
    assert!(!desk.has("name_query"));
    assert!(desk.is_enabled("Look it up") && desk.is_enabled("Run again") && !desk.is_enabled("Delete…"));
    desk.button("Close it…").click();
    desk.wait("the question", |desk| desk.has("Close the unclear task?"));
    assert!(desk.has("nothing is stopped at the service") && intent(&desk).state == IntentState::Unknown);
    desk.button("Close it").click();
    desk.wait("its end", |desk| desk.is_enabled("Delete…"));
    let closed = intent(&desk);
    assert_eq!((closed.phase, closed.finished_ms.is_some()), (Phase::Nothing, true));
    desk.press(Key::Escape);
    // Of what was not created, the same job is not a second one.
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("it is sent", |_| creates(&server) == 2);
}

#[test]
fn an_id_that_its_service_does_not_know_leaves_nothing_behind() {
    let (_runtime, server) = service(&Arc::default());
    let mut desk = desk_at(&server);
    follow(&mut desk, "nonsense id");
    desk.wait("the answer", |desk| desk.has("The service knows no such task"));
    assert!(desk.has("Stage 1: Clip, not known of this task") && desk.has("Stage 3: Voice, not known of this task"));
    assert!(!desk.has("Prepare the next"), "nothing goes on in the queue");
    assert!(desk.harness.state().view().lost_by_leaving().is_none());
    desk.button("Back to the placement").click();
    desk.wait("the clip", |desk| matches!(desk.stage(), Stage::Idle(_)));
    assert!(!desk.has("Leave the task?"), "nothing continues there, and nothing is billed");
}
