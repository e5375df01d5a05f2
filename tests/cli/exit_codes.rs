//! Each way a command can end, by its exit code.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::json;

use crate::program::{KEY, Program, StderrLog, ended, finish, run_against, run_arguments, signal, until};
use crate::scripted::{Answer, Request, Scripted, faces_of, kirin_script, kling_script, ok, refusal, status};

/// Plays the dialect's script but for what `other` answers.
fn but(dialect: &str, other: impl Fn(&Request, usize, &str) -> Option<Answer> + Send + Sync + 'static) -> Scripted {
    let script = if dialect == "kling" { kling_script } else { kirin_script };
    Scripted::start(move |request, before, base| {
        other(request, before, base).unwrap_or_else(|| script(request, before, base))
    })
}

/// A wait for it fails the test.
const LONGER_THAN_PATIENCE: Duration = Duration::from_mins(10);
const DIALECTS: [&str; 2] = ["kling", "kirin"];

#[test]
fn a_failed_task_is_1_in_the_services_words() {
    let service = but("kling", |request, _, _| {
        request.path.contains("/t-1").then(|| {
            ok(&json!({"code": 0, "message": "SUCCEED", "data": {"task_id": "t-1", "task_status": "failed", "task_status_msg": "the face is turned away"}}))
        })
    });
    let report = run_against(&Program::new(), &service.url(), "kling", &["--json"]).expect(1).json();
    assert_eq!(report["problem"]["kind"], "task_failed");
    assert!(report["problem"]["message"].as_str().unwrap().contains("the face is turned away"));
    assert_eq!(
        (report["stage"].as_str(), report["status"].as_str(), report["task_id"].as_str()),
        (Some("done"), Some("failed"), Some("t-1"))
    );
    for error in [json!("upstream gave up"), json!({"code": "014002095", "error_message": "upstream gave up"})] {
        let service = but("kirin", move |request, _, _| {
            request.path.ends_with("/t-1").then(|| ok(&json!({"id": "t-1", "status": "failed", "error": error})))
        });
        let ended = run_against(&Program::new(), &service.url(), "kirin", &[]).expect(1);
        assert!(ended.stderr.contains("upstream gave up"), "{ended:?}");
        assert!(ended.stderr.contains("Whether it was charged, the service does not say"), "{ended:?}");
    }
}

#[test]
fn a_failed_task_says_what_it_cost_and_what_to_do() {
    for (cost, words) in [
        (None, "books units when a task succeeds"),
        (Some("0"), "It cost nothing"),
        (Some("0.5"), "It was charged all the same: 0.50 units"),
    ] {
        let service = but("kling", move |request, _, _| {
            let mut data = json!({"task_id": "t-1", "task_status": "failed", "task_status_msg": "x-fail"});
            if let Some(cost) = cost {
                data["final_unit_deduction"] = json!(cost);
            }
            request.path.contains("/t-1").then(|| ok(&json!({"code": 0, "message": "SUCCEED", "data": data})))
        });
        let ended = run_against(&Program::new(), &service.url(), "kling", &[]).expect(1);
        assert!(ended.stderr.contains(words) && ended.stderr.contains("Change what the reason names"), "{ended:?}");
    }
    let silent = Scripted::start(|_, _, _| Answer::Hang(Duration::from_mins(10)));
    let url = silent.url();
    let asked = ["identify", "--profile", "ezmodel", "--base-url", &url, "--video-id", "v", "--timeout", "1s"];
    let late = Program::new().run(&asked).expect(4);
    assert!(late.stderr.contains("It may have been paid all the same"), "{late:?}");
}

#[test]
fn a_broken_rule_is_2_and_nothing_is_sent() {
    for (more, rule) in [
        (&["--end", "1500"][..], "R2"),
        (&["--start", "4000"][..], "R1"),
        (&["--insert", "-1"][..], "R4"),
        (&["--volume", "2.5"][..], "R7"),
    ] {
        let service = Scripted::start(kling_script);
        let mut arguments = run_arguments(&service.url(), "kling");
        // The last value of a flag would be refused as a second one: take the first away.
        if more[0] == "--end" {
            let at = arguments.iter().position(|argument| argument == "--end").unwrap();
            arguments.drain(at..at + 2);
        }
        arguments.extend(more.iter().map(|&argument| argument.to_owned()));
        arguments.push("--json".to_owned());
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let report = Program::new().run(&arguments).expect(2).json();
        assert_eq!(
            (report["problem"]["kind"].as_str(), report["problem"]["rule"].as_str()),
            (Some("rule"), Some(rule))
        );
        assert_eq!(report["requests"], 0);
        assert!(service.seen().is_empty(), "{rule}");
    }
}

#[test]
fn a_rule_that_the_faces_break_is_2_after_identify_and_before_create() {
    let service = but("kling", |request, _, base| {
        request.is_identify().then(|| ok(&json!({"code": 0, "data": faces_of(base, &[("f-1", 0, 1_999)])})))
    });
    let program = Program::new();
    let report = run_against(&program, &service.url(), "kling", &["--json"]).expect(2).json();
    assert_eq!(report["problem"]["rule"], "R6");
    assert!(report["problem"]["message"].as_str().unwrap().contains("1999"));
    assert_eq!(service.creates(), 0);
    run_against(&program, &service.url(), "kling", &["--send-anyway"]).expect(0);
    assert_eq!(service.creates(), 1, "a person may send all the same");
}

#[test]
fn faces_that_leave_the_choice_open_are_2_and_listed() {
    let service = but("kling", |request, _, base| {
        request
            .is_identify()
            .then(|| ok(&json!({"code": 0, "data": faces_of(base, &[("2", 0, 9_000), ("x", 2_000, 7_000)])})))
    });
    let program = Program::new();
    let ended = run_against(&program, &service.url(), "kling", &[]).expect(2);
    assert!(
        ended.stderr.contains("id 2") && ended.stderr.contains("id x") && ended.stderr.contains("--face"),
        "{ended:?}"
    );
    run_against(&program, &service.url(), "kling", &["--face", "7"]).expect(2);
    assert_eq!(service.creates(), 0);
    let by_id = run_against(&program, &service.url(), "kling", &["--face", "2", "--json"]).expect(0).json();
    assert_eq!(by_id["face_id"], "2", "an id goes before a number");
    let by_number = run_against(&program, &service.url(), "kling", &["--face", "1", "--json"]).expect(0).json();
    assert_eq!(by_number["face_id"], "2");
}

#[test]
fn a_clip_without_a_face_is_3() {
    for dialect in DIALECTS {
        let service = Scripted::start(move |request, before, base| {
            if request.is_identify() && dialect == "kling" {
                return ok(&json!({"code": 0, "data": {"session_id": "s-1", "face_data": []}}));
            }
            if request.path.ends_with("/i-1") {
                let inner = json!({"code": 0, "data": {"session_id": "s-1", "face_data": []}}).to_string();
                return ok(
                    &json!({"id": "i-1", "status": "completed", "output": [{"content": [{"type": "text", "text": inner}]}]}),
                );
            }
            kirin_script(request, before, base)
        });
        let report = run_against(&Program::new(), &service.url(), dialect, &["--json"]).expect(3).json();
        assert_eq!(report["problem"]["kind"], "no_face", "{dialect}");
        assert_eq!((&report["session_id"], &report["faces"]), (&json!("s-1"), &json!([])), "{dialect}");
        assert_eq!(service.creates(), 0);
        let url = service.url();
        let identify = ["identify", "--profile", "kling", "--base-url", &url, "--dialect", dialect];
        let asked = [&identify[..], &["--poll-interval", "10ms", "--video-url", "https://example.org/a.mp4", "--json"]];
        let report = Program::new().run(&asked.concat()).expect(0).json();
        assert_eq!(
            (&report["faces"], &report["problem"]),
            (&json!([]), &json!(null)),
            "{dialect}: an answer, no failure"
        );
    }
}

#[test]
fn usage_is_2_and_says_what_to_do() {
    let program = Program::new();
    for (arguments, words) in [
        (&["run", "--video-url", "http://x/a", "--audio-url", "http://x/b", "--profile", "kling"][..], "--end"),
        (&["run", "--video", "a.mp4", "--video-id", "1", "--audio-id", "2"][..], "--video"),
        (&["identify"][..], "--video"),
        (&["identify", "--video-url", "ftp://x/a", "--profile", "kling"][..], "http"),
        (&["identify", "--video-url", "http://x/a", "--profile", "klingon"][..], "ezmodel"),
        (
            &["identify", "--video-url", "http://x/a", "--profile", "kling", "--base-url", "not an address"][..],
            "--base-url",
        ),
        (&["task", "t", "--timeout", "5 parsecs", "--wait"][..], "10m"),
        (&["task", " ", "--profile", "kling"][..], "empty"),
        (&["frobnicate"][..], "frobnicate"),
        (&["task", "t", "--out", "none/a.mp4", "--profile", "kling"][..], "folder"),
    ] {
        let ended = program.run(arguments).expect(2);
        assert!(ended.stderr.contains(words), "{arguments:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{arguments:?}");
        let report = program.run(&[arguments, &["--json"]].concat()).expect(2).json();
        assert!(report["problem"]["message"].is_string(), "{arguments:?}: {report}");
    }
}

#[test]
fn a_missing_key_is_2_and_names_the_variables() {
    let program = Program::new();
    for profile in ["ezmodel", "kling", "vtrix"] {
        let mut command =
            program.command(&["identify", "--video-url", "https://example.org/a.mp4", "--profile", profile]);
        command.env_remove("VISEME_KEY");
        let ended = finish(command).expect(2);
        for name in ["VISEME_KEY", "VISEME_ACCESS_KEY", "VISEME_SECRET_KEY", profile] {
            assert!(ended.stderr.contains(name), "{name}: {ended:?}");
        }
    }
}

#[test]
fn a_refusal_is_3_with_its_code_and_a_create_is_not_repeated() {
    let service =
        but("kling", |request, _, _| request.is_identify().then(|| refusal(400, 1201, "video_url is invalid")));
    let report = run_against(&Program::new(), &service.url(), "kling", &["--json"]).expect(3).json();
    let problem = &report["problem"];
    assert_eq!(
        (problem["kind"].as_str(), problem["http_status"].as_i64(), problem["code"].as_i64()),
        (Some("refused"), Some(400), Some(1201))
    );
    assert_eq!(
        (problem["message"].as_str(), problem["request_id"].as_str()),
        (Some("video_url is invalid"), Some("r-refused"))
    );

    let service =
        but("kling", |request, _, _| request.is_create().then(|| refusal(429, 1102, "the package is used up")));
    let ended = run_against(&Program::new(), &service.url(), "kling", &[]).expect(3);
    assert!(ended.stderr.contains("1102") && ended.stderr.contains("r-refused"), "{ended:?}");
    assert_eq!(service.creates(), 1);

    let service = but("kirin", |request, _, _| {
        request
            .is_create()
            .then(|| status(200, &json!({"status": "failed", "error": {"code": "014002097", "message": "no"}})))
    });
    let report = run_against(&Program::new(), &service.url(), "kirin", &["--json"]).expect(3).json();
    assert_eq!(report["problem"]["code"], "014002097", "a code with a leading zero is no number");

    let service = Scripted::start(kling_script);
    let asked = ["task", "gone", "--wait", "--profile", "kling", "--base-url", &service.url(), "--json"];
    assert_eq!(Program::new().run(&asked).expect(3).json()["problem"]["code"], 1203);
}

#[test]
fn no_answer_and_unreadable_ones_are_4() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let report = run_against(&Program::new(), &format!("http://{free}"), "kling", &["--json"]).expect(4).json();
    assert_eq!(report["problem"]["kind"], "no_answer");
    let page = || Answer::Body(200, "text/html", b"<html><title>Welcome to nginx</title></html>".to_vec());
    for bad in [page(), Answer::Close, Answer::Truncated, Answer::Body(200, "application/json", Vec::new())] {
        for dialect in DIALECTS {
            let answer = bad.clone();
            let service = Scripted::start(move |_, _, _| answer.clone());
            let ended = run_against(&Program::new(), &service.url(), dialect, &[]).expect(4);
            assert!(ended.stderr.contains("hint: "), "{bad:?}: {ended:?}");
        }
    }
}

#[test]
fn a_completed_answer_that_cannot_be_read_is_4_at_once() {
    // The limit is far away: whoever polls on until it runs into the limit of the test.
    let service = but("kirin", |request, _, _| {
        request.path.ends_with("/i-1").then(|| {
            ok(&json!({"id": "i-1", "status": "completed", "output": [{"content": [{"type": "text", "text": "{\"code\":0"}]}]}))
        })
    });
    let report = run_against(&Program::new(), &service.url(), "kirin", &["--timeout", "1h", "--json"]).expect(4).json();
    assert_eq!(report["problem"]["kind"], "unreadable");
    assert_eq!(service.seen().iter().filter(|request| request.path.ends_with("/i-1")).count(), 1, "polled once");

    let service = but("kirin", |request, _, _| {
        request.path.ends_with("/t-1").then(|| {
            ok(&json!({"id": "t-1", "status": "completed", "output": [{"content": [{"type": "text", "text": "{\"code\":0"}]}]}))
        })
    });
    let report = run_against(&Program::new(), &service.url(), "kirin", &["--timeout", "1h", "--json"]).expect(4).json();
    assert_eq!((report["problem"]["kind"].as_str(), report["status"].as_str()), (Some("unreadable"), Some("succeed")));
    assert_eq!(service.seen().iter().filter(|request| request.path.ends_with("/t-1")).count(), 1, "polled once");
}

#[test]
fn a_result_that_does_not_come_is_4_and_says_how_to_fetch_it_again() {
    let service = but("kling", |request, _, _| (request.path == "/result.mp4").then_some(Answer::Truncated));
    let program = Program::new();
    let ended = run_against(&program, &service.url(), "kling", &["--json"]).expect(4);
    assert!(ended.stderr.contains("viseme task t-1 --out FILE --profile kling --base-url"), "{ended:?}");
    assert_eq!(ended.json()["stage"], "done");
    assert!(program.files().is_empty(), "no half of a file is left behind");
}

#[test]
fn an_unclear_create_is_5_and_is_never_sent_again() {
    for dialect in DIALECTS {
        for unclear in [
            Answer::Close,
            Answer::Truncated,
            status(500, &json!({"code": 5000, "message": "oops"})),
            status(502, &json!({})),
        ] {
            let answer = unclear.clone();
            let service = but(dialect, move |request, _, _| {
                if request.path.contains("pageNum") {
                    return Some(ok(&json!({"code": 0, "data": []})));
                }
                request.is_create().then(|| answer.clone())
            });
            let ended = run_against(&Program::new(), &service.url(), dialect, &["--json"]).expect(5);
            let report = ended.json();
            assert_eq!(report["problem"]["kind"], "outcome_unknown", "{unclear:?}");
            assert_eq!(report["stage"], "submitted");
            let name = report["external_task_id"].as_str().unwrap();
            assert!(ended.stderr.contains(name), "{ended:?}");
            let problem = &report["problem"];
            let (message, hint) = (problem["message"].as_str().unwrap(), problem["hint"].as_str().unwrap());
            if dialect == "kling" {
                assert!(
                    message.contains(&format!("looked up as {name}, and the service does not show it")),
                    "{message}"
                );
                assert!(hint.contains(&format!("viseme task --external-id {name} --wait")), "{hint}");
            } else {
                assert!(message.contains("cannot look a task up") && hint.contains(name), "{message} {hint}");
            }
            assert_eq!(service.creates(), 1, "{dialect} {unclear:?}");
        }
    }
}

#[test]
fn an_unclear_create_that_nobody_can_look_up_is_closed_by_a_person() {
    let service = but("kirin", |request, _, _| request.is_create().then_some(Answer::Close));
    let program = Program::new();
    let report = run_against(&program, &service.url(), "kirin", &["--json", "--budget", "1"]).expect(5).json();
    let name = report["external_task_id"].as_str().unwrap();
    assert!(program.run(&["tasks", "delete", name]).expect(2).stderr.contains("is not at its end"));
    let open = program.run(&["tasks", "resume", name]).expect(5);
    assert!(open.stderr.contains(&format!("viseme tasks close {name}")), "{open:?}");
    program.run(&["tasks", "close", name]).expect(0);
    assert_eq!(program.unfinished(), []);
    assert!(program.run(&["tasks", "close", name]).expect(2).stderr.contains("is at its end (nothing)"));
    assert_eq!(program.run(&["tasks", "show", name, "--json"]).expect(0).json()["settled_by"], "person");
    assert_eq!(service.creates(), 1);
}

#[test]
fn an_unclear_create_that_the_list_knows_goes_on() {
    // The list tells what the create said it would be called.
    let program = Program::new();
    let named = ["--external-task-id", "mine-7", "--json"];
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now_ms = i64::try_from(since.as_millis()).unwrap();
    let list = but("kling", move |request, _, _| {
        if request.path.contains("pageNum") {
            let task = |id: &str, name: &str| json!({"task_id": id, "task_status": "processing", "task_info": {"external_task_id": name}, "created_at": now_ms});
            return Some(ok(&json!({"code": 0, "data": [task("t-0", "other"), task("t-1", "mine-7")]})));
        }
        request.is_create().then_some(Answer::Close)
    });
    let report = run_against(&program, &list.url(), "kling", &named).expect(0).json();
    assert_eq!((report["task_id"].as_str(), report["status"].as_str()), (Some("t-1"), Some("succeed")));
    assert_eq!(list.creates(), 1);
}

#[test]
fn a_limit_that_runs_out_is_6_and_says_how_to_resume() {
    for dialect in DIALECTS {
        let service = but(dialect, move |request, _, _| {
            request.path.ends_with("/t-1").then(|| {
                if dialect == "kling" {
                    ok(&json!({"code": 0, "data": {"task_id": "t-1", "task_status": "dreaming"}}))
                } else {
                    ok(&json!({"id": "t-1", "status": "in_progress", "progress": 0.25}))
                }
            })
        });
        let ended = run_against(&Program::new(), &service.url(), dialect, &["--timeout", "3s", "--json"]).expect(6);
        let report = ended.json();
        assert_eq!(
            (report["stage"].as_str(), report["task_id"].as_str(), report["problem"]["kind"].as_str()),
            (Some("submitted"), Some("t-1"), Some("paused"))
        );
        let resume = format!("viseme task t-1 --wait --profile kling --base-url {} --dialect {dialect}", service.url());
        assert!(report["problem"]["hint"].as_str().unwrap().contains(&resume), "{report}");
        if dialect == "kling" {
            assert_eq!(
                (report["status"].as_str(), report["status_raw"].as_str()),
                (Some("processing"), Some("dreaming"))
            );
        }
    }
}

#[test]
fn an_insert_that_is_not_possible_is_told_with_what_is() {
    let service = Scripted::start(kling_script);
    let ended = run_against(&Program::new(), &service.url(), "kling", &["--insert", "99999"]).expect(2);
    // The face is in view until 9000 ms, and 2000 ms of the voice must be heard by then.
    assert!(ended.stderr.contains("--insert 99999") && ended.stderr.contains("0 to 7000 ms"), "{ended:?}");
    assert!(!ended.stderr.contains("101999") && !ended.stderr.contains("103999"), "{ended:?}");
    assert_eq!(service.creates(), 0);
}

#[cfg(unix)]
#[test]
fn a_command_to_type_works_for_an_id_that_begins_with_a_hyphen() {
    let service = but("kling", |request, _, _| {
        if request.is_create() {
            return Some(ok(&json!({"code": 0, "data": {"task_id": "-t 1", "task_status": "submitted"}})));
        }
        request
            .path
            .ends_with("/-t%201")
            .then(|| ok(&json!({"code": 0, "data": {"task_id": "-t 1", "task_status": "processing"}})))
    });
    let program = Program::new();
    let ended = run_against(&program, &service.url(), "kling", &["--timeout", "3s"]).expect(6);
    let command = ended.stderr.split("Resume with: viseme ").nth(1).unwrap().lines().next().unwrap();
    // As a POSIX shell splits it.
    let script = format!("printf '%s\\n' {command}");
    let words = std::process::Command::new("sh").args(["-c", &script]).output().unwrap().stdout;
    let words = String::from_utf8(words).unwrap();
    let words: Vec<_> = words.lines().filter(|word| *word != "--wait").collect();
    assert_eq!(program.run(&words).expect(0).stdout, "processing\n", "{command}");
}

#[test]
fn polls_that_bring_nothing_pause_and_never_fail_the_task() {
    let service = but("kling", |request, before, _| {
        let bad = [
            Answer::Close,
            status(500, &json!({"code": 5000})),
            Answer::Body(200, "text/html", b"<html>busy</html>".to_vec()),
        ];
        (request.path.contains("/t-1") && before < 3).then(|| bad[before].clone())
    });
    run_against(&Program::new(), &service.url(), "kling", &[]).expect(0);
    let never = but("kling", |request, _, _| request.path.contains("/t-1").then_some(Answer::Close));
    let ended = run_against(&Program::new(), &never.url(), "kling", &["--timeout", "3s"]).expect(6);
    assert!(ended.stderr.contains("the last poll failed"), "{ended:?}");
}

#[test]
fn a_poll_that_hangs_does_not_outlast_the_limit_for_long() {
    let service =
        but("kling", |request, _, _| request.path.contains("/t-1").then_some(Answer::Hang(LONGER_THAN_PATIENCE)));
    run_against(&Program::new(), &service.url(), "kling", &["--timeout", "3s"]).expect(6);
}

#[cfg(unix)]
#[test]
fn an_interruption_means_what_is_on_its_way() {
    // While a task is followed: paused.
    let service = but("kling", |request, _, _| {
        request
            .path
            .contains("/t-1")
            .then(|| ok(&json!({"code": 0, "data": {"task_id": "t-1", "task_status": "processing"}})))
    });
    let program = Program::new();
    let start = |service: &Scripted| {
        let arguments = run_arguments(&service.url(), "kling");
        program.command(&arguments.iter().map(String::as_str).chain(["--json"]).collect::<Vec<_>>()).spawn().unwrap()
    };
    let child = start(&service);
    until("a poll", || service.seen().iter().any(|request| request.path.contains("/t-1")));
    signal(child.id(), "INT");
    let report = ended(child).expect(6).json();
    assert!(report["problem"]["hint"].as_str().unwrap().contains("viseme task t-1 --wait"), "{report}");

    // Before anything was created: stopped.
    let service = but("kling", |request, _, _| request.is_identify().then_some(Answer::Hang(LONGER_THAN_PATIENCE)));
    let child = start(&service);
    until("an identify", || service.seen().iter().any(Request::is_identify));
    signal(child.id(), "TERM");
    ended(child).expect(130);
    assert_eq!(service.creates(), 0);

    // While the create is on its way: its answer is waited for, and a second time leaves with the outcome unknown.
    let service = but("kling", |request, _, _| request.is_create().then_some(Answer::Hang(LONGER_THAN_PATIENCE)));
    let mut child = start(&service);
    let stderr = StderrLog::of(&mut child);
    until("a create", || service.creates() == 1);
    signal(child.id(), "INT");
    // Two signals that are pending at the same time are one.
    until("the first interruption is seen", || stderr.text().contains("Interrupt again"));
    signal(child.id(), "INT");
    let report = ended(child).expect(5).json();
    let name = report["external_task_id"].as_str().unwrap();
    let hint = report["problem"]["hint"].as_str().unwrap();
    assert!(hint.contains(&format!("viseme task --external-id {name} --wait --profile kling")), "{report}");
}

#[test]
fn a_pair_of_keys_signs_and_is_never_shown() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    let arguments = ["identify", "--profile", "kling", "--base-url", &service.url(), "--video-id", "v"];
    let mut command = program.command(&arguments);
    command.env_remove("VISEME_KEY").env("VISEME_ACCESS_KEY", "access-test").env("VISEME_SECRET_KEY", KEY);
    finish(command).expect(0);
    let authorization = service.seen()[0].authorization.clone();
    let token = authorization.strip_prefix("Bearer ").unwrap();
    assert_eq!(token.split('.').count(), 3, "{token}");
}
