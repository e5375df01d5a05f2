//! A service of one's own, of which nobody has said that it knows names: an answer that got lost, a look-up that finds it, and what is counted.

use std::process::Stdio;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Ended, Program, ended, signal, until};
use crate::scripted::{Answer, Request, Scripted, faces_of, kling_script, ok};

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

/// What becomes of a create, once the service has taken it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Create {
    /// Its answer gets lost.
    Lost,
    /// It is not answered for a minute.
    Slow,
}

/// What it answers to a query by a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// The task, after so many queries.
    After(usize),
    /// A task that calls itself by whatever was asked for.
    Echoed,
}

fn service(create: Create, names: Names) -> Scripted {
    let created_ms = AtomicI64::new(0);
    Scripted::start(move |request: &Request, before, base| {
        if request.is_identify() {
            let mut faces = faces_of(base, &[("f-1", 0, 9_000)]);
            faces["final_unit_deduction"] = json!("0.05");
            return ok(&json!({"code": 0, "data": faces}));
        }
        if request.is_create() {
            created_ms.store(now_ms(), Ordering::SeqCst);
            if create == Create::Slow {
                thread::sleep(Duration::from_mins(1));
            }
            return Answer::Close;
        }
        let task = |id: &str| {
            let video = json!({"id": "v-1", "url": format!("{base}/result.mp4"), "duration": "9.041"});
            ok(&json!({"code": 0, "data": {"task_id": id, "task_status": "succeed", "final_unit_deduction": "0.5",
                "created_at": created_ms.load(Ordering::SeqCst), "task_result": {"videos": [video]}}}))
        };
        match (request.path.rsplit('/').next().unwrap_or_default(), names) {
            ("t-1", _) => task("t-1"),
            ("mine-1", Names::After(queries)) if before >= queries => task("t-1"),
            ("mine-1", Names::Echoed) => task("mine-1"),
            _ => kling_script(request, before, base),
        }
    })
}

fn acme(service: &Scripted) -> Program {
    let program = Program::new();
    program.run(&["profiles", "add", "acme", "--base-url", &service.url()]).expect(0);
    program
}

const RUN: [&str; 11] = [
    "run",
    "--profile",
    "acme",
    "--video-url",
    "https://example.org/clip.mp4",
    "--audio-url",
    "https://example.org/voice.mp3",
    "--end",
    "4000",
    "--poll-interval",
    "10ms",
];

fn run(program: &Program, more: &[&str]) -> Ended {
    program.run(&[&RUN[..], more].concat())
}

fn tasks(program: &Program) -> Vec<Value> {
    program.run(&["tasks", "list", "--json"]).expect(0).json()["tasks"].as_array().unwrap().clone()
}

#[test]
fn a_lost_create_is_found_by_its_name_wherever_the_service_shows_it() {
    let service = service(Create::Lost, Names::After(0));
    let program = acme(&service);
    let report = run(&program, &["--external-task-id", "mine-1", "--json"]).expect(0).json();
    assert_eq!((report["task_id"].as_str(), service.creates()), (Some("t-1"), 1), "{report}");
    assert_eq!(tasks(&program).len(), 1);
}

#[test]
fn resuming_looks_where_the_look_up_looks() {
    let service = service(Create::Lost, Names::After(4));
    let program = acme(&service);
    let unclear = run(&program, &["--external-task-id", "mine-1"]).expect(5);
    assert!(unclear.stderr.contains("viseme profiles add acme --replace --knows-names"), "{unclear:?}");
    until("the service shows it", || {
        let resumed = program.run(&["tasks", "resume", "mine-1"]);
        assert!(resumed.code == 0 || resumed.stderr.contains("--knows-names"), "{resumed:?}");
        resumed.code == 0
    });
    assert_eq!((service.creates(), tasks(&program).len()), (1, 1));
    assert!(program.files().contains(&"clip lip-sync.mp4".to_owned()), "{:?}", program.files());
}

#[test]
fn a_task_that_only_repeats_what_was_asked_for_is_no_proof() {
    let service = service(Create::Lost, Names::Echoed);
    let program = acme(&service);
    run(&program, &["--external-task-id", "mine-1"]).expect(5);
    assert_eq!((program.unfinished().len(), service.creates()), (1, 1));
}

#[test]
fn what_a_look_up_finds_settles_the_create_that_made_it() {
    let service = service(Create::Lost, Names::After(3));
    let program = acme(&service);
    run(&program, &["--external-task-id", "mine-1", "--budget", "1.2"]).expect(5);
    let found = program.run(&["task", "--external-id", "mine-1", "--profile", "acme", "--json"]).expect(0).json();
    assert_eq!((found["task_id"].as_str(), found["external_task_id"].as_str()), (Some("t-1"), Some("mine-1")));
    let known = tasks(&program);
    assert_eq!(known.len(), 1, "no second record: {known:?}");
    assert_eq!(
        (known[0]["task_id"].as_str(), known[0]["state"].as_str()),
        (Some("t-1"), Some("succeeded")),
        "{known:?}"
    );
    let closed = program.run(&["tasks", "close", "mine-1"]).expect(2);
    assert!(closed.stderr.contains("is at its end (succeeded)"), "{closed:?}");
    // It is counted once: faces and task, 0.55 units, and another one fits.
    run(&program, &["--external-task-id", "mine-2", "--budget", "1.06"]).expect(5);
    assert_eq!(service.creates(), 2);
}

#[test]
fn a_name_whose_outcome_is_open_is_not_called_unpaid() {
    let service = service(Create::Slow, Names::After(0));
    let program = acme(&service);
    let named = [&RUN[..], &["--external-task-id", "mine-1"]].concat();
    let mut child = program.command(&named).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("a create", || service.creates() == 1);
    signal(child.id(), "KILL");
    let _ = child.wait();
    let again = program.run(&named).expect(5);
    assert!(again.stderr.contains("whether the service took it is not known"), "{again:?}");
    assert!(again.stderr.contains("viseme tasks resume mine-1"), "{again:?}");
    assert!(!again.stderr.contains("or paid"), "{again:?}");
    program.run(&["tasks", "resume", "mine-1"]).expect(0);
    assert_eq!((service.creates(), tasks(&program).len()), (1, 1));
}

#[test]
fn of_two_with_one_name_the_second_says_what_it_has_paid() {
    let identifies = AtomicUsize::new(0);
    let service = Scripted::start(move |request: &Request, before, base| {
        if request.is_identify() {
            // Each waits for the other.
            identifies.fetch_add(1, Ordering::SeqCst);
            let since = Instant::now();
            while identifies.load(Ordering::SeqCst) < 2 && since.elapsed() < Duration::from_mins(1) {
                thread::sleep(Duration::from_millis(5));
            }
            let mut faces = faces_of(base, &[("f-1", 0, 9_000)]);
            faces["final_unit_deduction"] = json!("0.05");
            return ok(&json!({"code": 0, "data": faces}));
        }
        kling_script(request, before, base)
    });
    let program = acme(&service);
    let named = [&RUN[..], &["--external-task-id", "mine-1"]].concat();
    let both = [(); 2].map(|()| program.command(&named).spawn().unwrap());
    let mut both = both.map(ended);
    both.sort_by_key(|ended| ended.code);
    let [done, refused] = both;
    done.expect(0);
    let refused = refused.expect(5);
    assert!(refused.stderr.contains("The faces that were found before that are paid"), "{refused:?}");
    assert!(!refused.stderr.contains("nothing was created or paid"), "{refused:?}");
    assert_eq!(service.creates(), 1);
}
