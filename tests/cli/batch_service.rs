//! `viseme batch` at a service that keeps its tasks: slots, sessions, and runs that are killed.

use std::process::{Child, Stdio};

use serde_json::json;

use crate::program::{Ended, Program, is_of, signal, until};
use crate::shop::Shop;

/// Rows of one clip at an address, each with its own voice.
pub fn write_rows(program: &Program, count: usize) {
    let row = |at: usize| {
        json!({ "video_url": "https://example.org/clip.mp4", "audio_id": format!("a-{at}"), "sound_end_time": 4_000,
                "out": format!("{at}.mp4") })
    };
    let rows: Vec<String> = (0..count).map(|at| row(at).to_string()).collect();
    std::fs::write(program.path().join("jobs.jsonl"), rows.join("\n")).unwrap();
}

fn arguments(shop: &Shop, jobs: &str) -> Vec<String> {
    let url = shop.server.url();
    let fixed = ["batch", "jobs.jsonl", "--json", "--jobs", jobs, "--profile", "kling", "--base-url", &url];
    fixed.iter().chain(&["--poll-interval", "20ms"]).map(|&argument| argument.to_owned()).collect()
}

pub fn batch(program: &Program, shop: &Shop, jobs: &str) -> Ended {
    let arguments = arguments(shop, jobs);
    program.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

pub fn begin(program: &Program, shop: &Shop) -> Child {
    let arguments = arguments(shop, "2");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    program.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

pub fn kill(mut child: Child) {
    signal(child.id(), "KILL");
    let _ = child.wait();
}

/// The leases of processes that are gone run for half a minute: lets them end in so many milliseconds. Returns how many there are.
pub fn age_leases(program: &Program, in_ms: i64) -> usize {
    let db = rusqlite::Connection::open(program.journal_file()).unwrap();
    let soon = format!("CAST(unixepoch('subsec') * 1000 AS INTEGER) + {in_ms}");
    db.execute(&format!("UPDATE owners SET lease_until_ms = {soon}"), []).unwrap()
}

#[test]
fn rows_wait_for_the_slots_of_the_service_and_share_what_was_found_in_their_clip() {
    let shop = Shop::start(1, 3);
    let program = Program::new();
    write_rows(&program, 4);
    let ended = batch(&program, &shop, "3").expect(0);
    assert_eq!(ended.json()["done"], 4, "{ended:?}");
    assert_eq!(program.files().iter().filter(|name| is_of(name, "mp4")).count(), 4);
    let (tasks, refused, identifies) =
        shop.books(|books| (books.tasks.clone(), books.refused.clone(), books.identifies));
    assert_eq!((tasks.len(), shop.most_of_one_name(), identifies), (4, 1, 1), "one session for one clip");
    assert!(!refused.is_empty() && ended.stderr.contains("no more tasks at once"), "{ended:?}");
    assert!(tasks.iter().all(|task| !refused.contains(&task.name)), "a name that was refused is not used again");

    // What is done is not done again, and nothing is asked for.
    let before = shop.server.seen().len();
    assert_eq!(batch(&program, &shop, "3").expect(0).json()["done"], 4);
    assert_eq!(shop.server.seen().len(), before);
}

#[test]
fn a_batch_after_a_kill_waits_for_the_lease_of_the_dead_and_goes_on() {
    let shop = Shop::start(2, 1_000_000);
    let program = Program::new();
    write_rows(&program, 2);
    let child = begin(&program, &shop);
    until("two tasks", || shop.books(|books| books.tasks.len()) == 2);
    until("both are followed", || {
        let of = |id: &str| shop.server.seen().iter().any(|request| request.path.ends_with(id));
        of("/t-1") && of("/t-2")
    });
    kill(child);
    assert_eq!(program.unfinished().len(), 2);
    shop.finish_all();
    assert!(age_leases(&program, 1_500) > 0, "a lease was left");
    let ended = batch(&program, &shop, "2").expect(0);
    assert_eq!(ended.json()["done"], 2, "{ended:?}");
    assert!(ended.stderr.contains("was killed while it did"), "it says that it waits: {ended:?}");
    assert_eq!((shop.server.creates(), shop.books(|books| books.identifies)), (2, 1));
    assert_eq!(program.unfinished(), []);
}

#[test]
fn a_create_whose_answer_the_killed_batch_did_not_see_is_settled_and_not_paid_again() {
    let shop = Shop::start(2, 2);
    let program = Program::new();
    write_rows(&program, 1);
    shop.swallow_next();
    let child = begin(&program, &shop);
    until("a create", || shop.server.creates() == 1);
    kill(child);
    age_leases(&program, 0);
    let ended = batch(&program, &shop, "2").expect(0);
    assert_eq!(ended.json()["rows"][0]["task_id"], "t-1", "{ended:?}");
    assert_eq!((shop.server.creates(), program.unfinished()), (1, vec![]));
    // The result belongs to that create: a third run has nothing to do.
    let again = batch(&program, &shop, "2").expect(0);
    assert!(again.stderr.contains("has done this row"), "{again:?}");
    assert_eq!(program.files().iter().filter(|name| is_of(name, "mp4")).count(), 1);
}
