//! Names, waits and the time a run may take: what is sent, what is not, and with which exit code it ends.

use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Program, StderrLog, ended, run_against, run_arguments, signal, until};
use crate::scripted::{Answer, Scripted, kling_script, ok, refusal, status};

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

fn task(id: &str, created_ms: i64) -> Value {
    json!({"code": 0, "data": {"task_id": id, "task_status": "succeed", "created_at": created_ms,
           "task_result": {"videos": [{"id": "v", "url": "https://example.org/old.mp4"}]}}})
}

/// A service whose create is answered like this, and which shows this task under the name mine-1.
fn service(create: Answer, named: Option<Value>) -> Scripted {
    Scripted::start(move |request, before, base| {
        if request.is_create() {
            return create.clone();
        }
        if request.path.ends_with("/mine-1") {
            return named.as_ref().map_or_else(|| refusal(400, 1201, "Task not found by id/external id: mine-1"), ok);
        }
        kling_script(request, before, base)
    })
}

#[test]
fn a_name_that_was_used_before_is_5_and_shows_the_task_that_has_it() {
    let exists = refusal(400, 1201, "External_task_id mine-1 already exists");
    // Refused for its name, and an answer that got lost: the older task is never taken for ours.
    for create in [exists.clone(), status(502, &json!({})), Answer::Close] {
        let service = service(create, Some(task("old-7", 1_000_000)));
        let program = Program::new();
        let named = ["--external-task-id", "mine-1", "--json"];
        let ended = run_against(&program, &service.url(), "kling", &named).expect(5);
        let report = ended.json();
        let problem = &report["problem"];
        assert_eq!(problem["kind"], "name_taken", "{report}");
        assert!(problem["message"].as_str().unwrap().contains("task was created or paid"), "{report}");
        assert_eq!(report["name_taken_by"]["task_id"], "old-7", "{report}");
        assert!(report.get("task_id").is_none() && report.get("videos").is_none(), "{report}");
        let hint = problem["hint"].as_str().unwrap();
        assert!(hint.contains("viseme task old-7 --wait") && hint.contains("--external-task-id"), "{hint}");
        assert!(ended.stderr.contains("old-7") && ended.stderr.contains("succeed"), "{ended:?}");
        assert_eq!((service.creates(), program.files().len()), (1, 0));
    }
    // Nobody shows the task: the refusal is definite all the same.
    let service = service(exists, None);
    let report = run_against(&Program::new(), &service.url(), "kling", &["--external-task-id", "mine-1", "--json"]);
    let report = report.expect(5).json();
    assert_eq!((&report["problem"]["kind"], report.get("name_taken_by")), (&json!("name_taken"), None), "{report}");
}

#[test]
fn a_name_that_our_own_lost_create_took_goes_on() {
    // The answer got lost; or a proxy has sent it twice, and the second one was answered.
    for create in [Answer::Close, refusal(400, 1201, "External_task_id mine-1 already exists")] {
        let created_ms = AtomicI64::new(0);
        let service = Scripted::start(move |request, before, base| {
            if request.is_create() {
                created_ms.store(now_ms(), Ordering::SeqCst);
                return create.clone();
            }
            if request.path.ends_with("/mine-1") {
                return ok(&task("t-1", created_ms.load(Ordering::SeqCst)));
            }
            kling_script(request, before, base)
        });
        let ended = run_against(&Program::new(), &service.url(), "kling", &["--external-task-id", "mine-1", "--json"]);
        let report = ended.expect(0).json();
        assert_eq!((report["task_id"].as_str(), service.creates()), (Some("t-1"), 1), "{report}");
    }
}

#[test]
fn a_name_that_another_has_used_a_minute_ago_is_not_taken_for_ours() {
    let exists = refusal(400, 1201, "External_task_id mine-1 already exists");
    for journal in [&["--no-journal"][..], &[]] {
        let service = service(exists.clone(), Some(task("theirs", now_ms() - 60_000)));
        let program = Program::new();
        let more = [&["--external-task-id", "mine-1", "--json"], journal].concat();
        let report = run_against(&program, &service.url(), "kling", &more).expect(5).json();
        assert_eq!(report["problem"]["kind"], "name_taken", "{report}");
        assert_eq!(report["name_taken_by"]["task_id"], "theirs", "{report}");
        assert!(report["problem"]["message"].as_str().unwrap().contains("task was created or paid"), "{report}");
        assert!(report.get("videos").is_none() && program.files().is_empty(), "{report}");
    }
}

#[test]
fn where_names_are_not_known_an_older_task_leaves_it_unknown() {
    let listed = json!({"code": 0, "data": [{"task_id": "old", "created_at": 1_000_000, "task_status": "succeed",
                        "task_info": {"external_task_id": "mine-1"}}]});
    let service = Scripted::start(move |request, before, base| match request {
        request if request.is_create() => Answer::Close,
        request if request.path.contains("pageNum") => ok(&listed),
        request => kling_script(request, before, base),
    });
    let url = service.url();
    let mut arguments = run_arguments(&url, "kling");
    let at = arguments.iter().position(|argument| argument == "kling").unwrap();
    arguments[at] = "ezmodel".into();
    arguments.extend(["--external-task-id", "mine-1", "--json"].map(str::to_owned));
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let report = Program::new().run(&arguments).expect(5).json();
    assert_eq!((report["problem"]["kind"].as_str(), service.creates()), (Some("outcome_unknown"), 1), "{report}");
    assert!(service.seen().iter().any(|request| request.path.ends_with("/mine-1")), "it may show it all the same");
}

/// A create that is refused as too many so often, and accepted then.
fn crowded(times: usize) -> Scripted {
    Scripted::start(move |request, before, base| {
        if request.is_create() && before < times {
            return refusal(429, 1303, "too many tasks at once");
        }
        kling_script(request, before, base)
    })
}

#[cfg(unix)]
#[test]
fn an_interruption_while_a_create_waits_sends_nothing_more() {
    for name in ["INT", "TERM"] {
        let service = crowded(4);
        let program = Program::new();
        let arguments = run_arguments(&service.url(), "kling");
        let arguments: Vec<_> = arguments.iter().map(String::as_str).chain(["--json"]).collect();
        let mut child = program.command(&arguments).spawn().unwrap();
        let stderr = StderrLog::of(&mut child);
        until("it says for how long it waits", || stderr.text().contains("the create is sent again in"));
        signal(child.id(), name);
        let report = ended(child).expect(130).json();
        assert_eq!(report["problem"]["kind"], "cancelled", "{report}");
        assert!(report["problem"]["message"].as_str().unwrap().contains("1303"), "{report}");
        assert!(report.get("task_id").is_none(), "{report}");
        let creates = service.creates();
        assert!((1..4).contains(&creates), "{creates}");
        assert!(program.files().is_empty());
    }
}

#[cfg(unix)]
#[test]
fn an_interruption_while_a_create_is_under_way_lets_it_be_answered_and_not_sent_again() {
    for (is_taken, code) in [(false, 130), (true, 6)] {
        let service = Scripted::start(move |request, before, base| {
            if request.is_create() {
                thread::sleep(Duration::from_secs(2));
                if !is_taken {
                    return refusal(429, 1303, "too many tasks at once");
                }
            }
            kling_script(request, before, base)
        });
        let program = Program::new();
        let arguments = run_arguments(&service.url(), "kling");
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let child = program.command(&arguments).spawn().unwrap();
        until("a create", || service.creates() == 1);
        signal(child.id(), "INT");
        let ended = ended(child).expect(code);
        assert_eq!(ended.stderr.contains("viseme task t-1 --wait"), is_taken, "how to resume: {ended:?}");
        assert_eq!(service.creates(), 1);
    }
}

#[test]
fn the_time_of_a_run_is_over_before_during_and_after_the_create() {
    let json = |more: &[&'static str]| [more, &["--json"]].concat();
    // Before a create is accepted: nothing was created.
    let crowd = crowded(usize::MAX);
    let report = run_against(&Program::new(), &crowd.url(), "kling", &json(&["--timeout", "3s"])).expect(4).json();
    let message = report["problem"]["message"].as_str().unwrap();
    assert!(message.contains("nothing was created") && message.contains("1303"), "{report}");
    assert_eq!(report["problem"]["kind"], "no_answer");

    let silent = Scripted::start(|_, _, _| Answer::Hang(Duration::from_mins(10)));
    let report = run_against(&Program::new(), &silent.url(), "kling", &json(&["--timeout", "1s"])).expect(4).json();
    assert!(report["problem"]["message"].as_str().unwrap().contains("nothing was created"), "{report}");
    assert_eq!(silent.creates(), 0);

    // With a create under way: its answer is waited for, then it is unknown, or goes on at the service.
    for (is_lost, code) in [(true, 5), (false, 6)] {
        let slow = Scripted::start(move |request, before, base| {
            if request.is_create() {
                thread::sleep(Duration::from_secs(4));
                if is_lost {
                    return Answer::Close;
                }
            }
            kling_script(request, before, base)
        });
        let ended = run_against(&Program::new(), &slow.url(), "kling", &json(&["--timeout", "3s"])).expect(code);
        assert_eq!((ended.json()["task_id"].as_str(), slow.creates()), ((!is_lost).then_some("t-1"), 1), "{ended:?}");
    }
}
