//! What is known from before is used: faces that are paid for, where a result was wanted, what was spoken; and what was not reached is not called a refusal.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Program, run_against, run_arguments, signal, until};
use crate::scripted::{Answer, Request, Scripted, faces_of, files, kirin_script, kling_script, ok};

fn envelope(data: &Value) -> Answer {
    ok(&json!({"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": data}))
}

/// A service that charges this for faces, and half a unit for each of its tasks, which succeed at once.
fn shop(identify_costs: Option<&'static str>) -> Scripted {
    let count = AtomicUsize::new(0);
    Scripted::start(move |request: &Request, before, base| {
        if let Some(answer) = files(request) {
            return answer;
        }
        if request.is_identify() {
            let mut faces = faces_of(base, &[("f-1", 0, 9_000)]);
            faces["session_id"] = json!(format!("s-{}", count.load(Ordering::SeqCst)));
            if let Some(cost) = identify_costs {
                faces["final_unit_deduction"] = json!(cost);
            }
            return envelope(&faces);
        }
        if request.is_create() {
            let id = format!("t-{}", count.fetch_add(1, Ordering::SeqCst));
            return envelope(&json!({"task_id": id, "task_status": "submitted"}));
        }
        match request.path.rsplit('/').next() {
            Some(id) if id.starts_with("t-") => {
                envelope(&json!({"task_id": id, "task_status": "succeed", "final_unit_deduction": "0.5",
                "task_result": {"videos": [{"id": "v-1", "url": format!("{base}/{id}/result.mp4"), "duration": "9.041"}]}}))
            }
            _ => kling_script(request, before, base),
        }
    })
}

#[test]
fn a_budget_counts_no_faces_that_are_known_or_cost_nothing() {
    let (program, service) = (Program::new(), shop(None));
    run_against(&program, &service.url(), "kling", &["--budget", "0.55"]).expect(0);
    // The faces are taken up again: half a unit is all that it costs.
    let again = run_against(&program, &service.url(), "kling", &["--budget", "1.05"]).expect(0);
    assert!(again.stderr.contains("Faces of the session of") || again.stderr.contains("session"), "{again:?}");
    let refused = run_against(&program, &service.url(), "kling", &["--budget", "1.6", "--find-again"]);
    assert!(refused.code == 0, "found again they are counted, and fit: {refused:?}");
    let refused = run_against(&program, &service.url(), "kling", &["--budget", "2.12", "--find-again"]).expect(2);
    assert!(refused.stderr.contains("budget of the day"), "{refused:?}");

    let (program, service) = (Program::new(), shop(Some("0")));
    run_against(&program, &service.url(), "kling", &["--budget", "0.55"]).expect(0);
    // This service has charged nothing for the last ones.
    run_against(&program, &service.url(), "kling", &["--budget", "1", "--find-again"]).expect(0);
    run_against(&program, &service.url(), "kling", &["--budget", "1.4", "--find-again"]).expect(2);
}

/// In the `kirin` dialect the price comes with the faces, long after they were asked for.
#[test]
fn what_faces_cost_is_booked_as_the_service_says_it_in_its_last_answer_too() {
    // So much for faces, beside the units of an upstream; $0.07 for the task, whose faces are estimated at $0.007.
    let charging = |dollars: &'static str| {
        Scripted::start(move |request: &Request, before, base| {
            if before == 0 || !request.path.ends_with("/i-1") {
                return kirin_script(request, before, base);
            }
            let mut faces = faces_of(base, &[("0", 0, 9_000)]);
            faces["final_unit_deduction"] = json!("0.05");
            let inner = json!({"code": 0, "message": "ok", "request_id": "r-in", "data": faces});
            ok(&json!({"id": "i-1", "status": "completed", "usage": {"cost": dollars, "discount": 1},
                       "output": [{"content": [{"type": "text", "text": inner.to_string()}]}]}))
        })
    };
    let again = |program: &Program, service: &Scripted, budget: &str| {
        run_against(program, &service.url(), "kirin", &["--budget", budget, "--find-again"])
    };
    let (program, service) = (Program::new(), charging("0.2"));
    let first = run_against(&program, &service.url(), "kirin", &["--json"]).expect(0).json();
    assert_eq!(first["costs"]["identify"]["usd"], "0.2");
    let refused = again(&program, &service, "0.34").expect(2);
    assert!(refused.stderr.contains("0.27"), "0.2 and 0.07 are spent, and not 0.077: {refused:?}");
    again(&program, &service, "0.6").expect(0);

    let (program, service) = (Program::new(), charging("0.0000"));
    run_against(&program, &service.url(), "kirin", &[]).expect(0);
    again(&program, &service, "0.14").expect(0);
    again(&program, &service, "0.13").expect(2);
}

#[test]
fn faces_that_were_found_with_another_key_are_paid_again_only_with_a_word() {
    let (program, service) = (Program::new(), shop(None));
    run_against(&program, &service.url(), "kling", &[]).expect(0);
    let identifies = || service.seen().iter().filter(|request| request.is_identify()).count();
    let known = run_against(&program, &service.url(), "kling", &[]).expect(0);
    assert!(identifies() == 1 && !known.stderr.contains("another key"), "{known:?}");
    let arguments = run_arguments(&service.url(), "kling");
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = program.command(&arguments);
    command.env("VISEME_KEY", "another-key-of-another-account");
    let other = crate::program::finish(command).expect(0);
    assert_eq!(identifies(), 2);
    assert!(other.stderr.contains("with another key") && other.stderr.contains("paid once more"), "{other:?}");
}

#[test]
fn what_goes_on_with_a_task_saves_it_where_it_was_wanted_and_under_the_name_of_its_clip() {
    let service = Scripted::start(|request: &Request, before, base| {
        // The result of the first run never comes.
        if request.path.ends_with("/result.mp4") && before == 0 {
            return Answer::Hang(Duration::from_mins(1));
        }
        kling_script(request, before, base)
    });
    let program = Program::new();
    std::fs::create_dir(program.path().join("wanted")).unwrap();
    let arguments = [&run_arguments(&service.url(), "kling")[..], &["--out".into(), "wanted/film.mp4".into()]].concat();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut child = program.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    until("the result is asked for", || service.seen().iter().any(|request| request.path.ends_with("/result.mp4")));
    signal(child.id(), "KILL");
    let _ = child.wait();

    let resumed = program.run(&["tasks", "resume", "t-1"]).expect(0);
    assert!(resumed.stdout.trim().ends_with("wanted/film.mp4"), "{resumed:?}");
    assert!(program.path().join("wanted/film.mp4").is_file());
    let url = service.url();
    let task = ["task", "t-1", "--wait", "--profile", "kling", "--base-url", &url];
    let again = program.run(&task).expect(0);
    assert!(again.stdout.trim().ends_with("wanted/film.mp4"), "it is there already: {again:?}");
    assert_eq!(std::fs::read_dir(program.path().join("wanted")).unwrap().count(), 1, "and is saved once");

    let program = Program::new();
    run_against(&program, &service.url(), "kling", &["--no-wait"]).expect(0);
    program.run(&task).expect(0);
    assert!(program.files().contains(&"clip lip-sync.mp4".to_owned()), "{:?}", program.files());
}

#[test]
fn a_service_that_was_not_reached_has_refused_nothing() {
    // It finds the faces, and is gone.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.parse().unwrap(),
                None if line.trim().is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let faces = json!({"code": 0, "message": "SUCCEED", "data": {"session_id": "s-1",
            "face_data": [{"face_id": "f-1", "start_time": 0, "end_time": 9_000}]}})
        .to_string();
        drop(listener);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            faces.len()
        );
        let mut stream = reader.into_inner();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(faces.as_bytes()).unwrap();
    });
    let program = Program::new();
    let run = ["run", "--profile", "ezmodel", "--base-url", &url, "--video-url", "https://example.org/clip.mp4"];
    let ended = program.run(&[&run[..], &["--audio-url", "https://example.org/v.mp3", "--end", "4000"]].concat());
    serving.join().unwrap();
    assert!(ended.code == 4 && ended.stderr.contains("was not reached, and nothing was created"), "{ended:?}");
    let listed = program.run(&["tasks"]).expect(0);
    assert!(listed.stdout.contains("not_reached") && !listed.stdout.contains("refused\t"), "{listed:?}");
    assert!(listed.stdout.contains("The service was not reached, and nothing was created"), "{listed:?}");
    let only = program.run(&["tasks", "list", "--state", "not_reached", "--json"]).expect(0).json();
    assert_eq!(only["tasks"].as_array().unwrap().len(), 1, "{only}");
}
