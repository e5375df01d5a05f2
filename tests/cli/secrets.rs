//! A canary for the key: a service repeats it in every field and every form, and nothing that leaves the program has it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::canary::{assert_clean, forms, traces};
use crate::program::{Program, finish, run_arguments};
use crate::scripted::{Answer, Request, Scripted, status};

const API_KEY: &str = "CANARY-key/0123+456=789";
const ACCESS_KEY: &str = "CANARY-access-0123456789";
const SECRET_KEY: &str = "CANARY-secret?0123456789";

/// Every form of what a request was authorised with.
fn echo(request: &Request, secrets: &[&str]) -> String {
    forms(secrets, &request.authorization).join(" ")
}

/// A service that says the key wherever it says anything. `ending`: how its task ends.
fn service(secrets: &'static [&'static str], ending: &'static str) -> Scripted {
    Scripted::start(move |request, before, base| {
        if request.path.contains("/media") {
            return Answer::Body(200, "video/mp4", std::fs::read("assets/demo/duo.mp4").unwrap());
        }
        let said = echo(request, secrets);
        // Refused once, to be tried again: what is logged on the way has it too.
        if request.method == "GET" && before == 0 {
            return status(429, &json!({"code": 1302, "message": said, "request_id": said}));
        }
        let mut odd = serde_json::Map::new();
        odd.insert(said.clone(), json!([said, {"deep": said}]));
        let data = if request.is_identify() {
            json!({"session_id": said, "odd": odd, "face_data": [
                {"face_id": said, "face_image": format!("{base}/media/{}", secrets[0]), "start_time": 0, "end_time": 9000, "odd": said}]})
        } else {
            json!({"task_id": said, "task_status": if request.is_create() { "submitted" } else { ending }, "task_status_msg": said,
                "created_at": 1, "odd": odd, "final_unit_deduction": said, "task_info": {"external_task_id": said, "parent_video": said},
                "task_result": {"videos": [{"id": said, "url": format!("{base}/media/v.mp4?{}", secrets[0]), "duration": "9"}]}})
        };
        status(200, &json!({"code": 0, "message": said, "request_id": said, "data": data}))
    })
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}

fn with_keys(command: &mut Command, secrets: &[&str]) {
    command.env("VISEME_LOG", "trace").env("RUST_LOG", "trace").env_remove("VISEME_KEY");
    match secrets {
        [access, secret] => command.env("VISEME_ACCESS_KEY", access).env("VISEME_SECRET_KEY", secret),
        keys => command.env("VISEME_KEY", keys[0]),
    };
}

#[test]
fn no_secret_leaves_the_command_line_whatever_a_service_echoes() {
    for secrets in [&[API_KEY][..], &[ACCESS_KEY, SECRET_KEY]] {
        for ending in ["failed", "succeed"] {
            let service = service(secrets, ending);
            let program = Program::new();
            let url = service.url();
            let at = |more: &[&str]| -> Vec<String> {
                let fixed = ["--profile", "kling", "--base-url", &url];
                more.iter().chain(&fixed).map(|&word| word.to_owned()).collect()
            };
            let mut runs = vec![run_arguments(&url, "kling"), run_arguments(&url, "kling")];
            runs[1].push("--json".to_owned());
            runs.push(at(&["task", "t-1"]));
            runs.push(at(&["task", "t-1", "--wait", "--json", "--out", "o.mp4"]));
            runs.push(at(&["task", "--external-id", "mine-1"]));
            runs.push(at(&["check-key"]));
            runs.push(at(&["identify", "--video-url", "https://example.org/clip.mp4", "--previews", "previews"]));
            runs.push(vec!["tasks".into(), "list".into()]);
            runs.push(vec!["tasks".into(), "list".into(), "--json".into()]);
            runs.push(vec!["tasks".into(), "show".into(), "t-1".into()]);
            runs.push(vec!["tasks".into(), "show".into(), "t-1".into(), "--json".into()]);
            // A key where none belongs is not repeated either.
            runs.push(vec![secrets[0].to_owned()]);
            runs.push(vec!["task".into(), "--profile".into(), secrets[0].into(), "t-1".into(), "--json".into()]);
            let mut said = Vec::new();
            for arguments in &runs {
                let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                let mut command = program.command(&arguments);
                with_keys(&mut command, secrets);
                let ended = finish(command);
                assert!(ended.code != 70 && ended.code != 101 && ended.code >= 0, "{arguments:?}: {ended:?}");
                said.push((arguments.join(" "), ended));
            }
            let is_file = |request: &&Request| request.path.contains("/media");
            assert!(service.seen().iter().filter(is_file).all(|request| request.authorization.is_empty()));
            assert!(service.seen().iter().any(|request| is_file(&request)), "files were fetched");
            let mut all: Vec<String> = Vec::new();
            for request in service.seen().iter().filter(|request| !request.authorization.is_empty()) {
                all.extend(traces(secrets, &request.authorization));
            }
            all.sort();
            all.dedup();
            assert!(all.len() > 10, "the service was asked");
            for (arguments, ended) in &said {
                assert_clean(&format!("stdout of {arguments}"), ended.stdout.as_bytes(), &all);
                assert_clean(&format!("stderr of {arguments}"), ended.stderr.as_bytes(), &all);
            }
            assert!(said.iter().any(|(_, ended)| ended.stderr.contains("•••")), "something was said of it");
            for folder in [program.path(), program.data.path()] {
                for file in files_under(folder) {
                    assert_clean(&file.display().to_string(), &std::fs::read(&file).unwrap(), &all);
                    assert_clean("a file's name", file.to_string_lossy().as_bytes(), &all);
                }
            }
            assert!(program.journal_file().is_file());
        }
    }
}

#[test]
fn signed_addresses_are_whole_in_the_journal_and_in_json_and_masked_elsewhere() {
    let signed = |base: &str| format!("{base}/media/v.mp4?X-Amz-Signature=0011aabb&Expires=9");
    let service = Scripted::start(move |request, _, base| {
        if request.path.contains("/media") {
            return Answer::Body(200, "video/mp4", std::fs::read("assets/demo/duo.mp4").unwrap());
        }
        let task: Value = json!({"task_id": "t-1", "task_status": "succeed",
            "task_result": {"videos": [{"id": "v", "url": signed(base), "duration": "9"}]}});
        status(200, &json!({"code": 0, "data": task}))
    });
    let program = Program::new();
    let arguments = ["task", "t-1", "--wait", "--out", "o.mp4", "--profile", "kling", "--base-url"];
    let run = |more: &[&str]| {
        let mut command = program.command(&[&arguments[..], &[service.url().as_str()], more].concat());
        command.env("VISEME_LOG", "trace");
        finish(command).expect(0)
    };
    let json = run(&["--json"]);
    assert_eq!(json.json()["videos"][0]["url"], signed(&service.url()));
    assert!(!json.stderr.contains("0011aabb"), "{json:?}");
    let plain = program.run(&["task", "t-1", "--profile", "kling", "--base-url", &service.url()]).expect(0);
    assert!(plain.stdout.contains("/media/v.mp4?•••") && !plain.stdout.contains("0011aabb"), "{plain:?}");
    let shown = program.run(&["tasks", "show", "t-1"]).expect(0);
    assert!(shown.stdout.contains("/media/v.mp4?•••"), "{shown:?}");
    let shown = program.run(&["tasks", "show", "t-1", "--json"]).expect(0);
    assert!(shown.stdout.contains("0011aabb"), "the journal has it: {shown:?}");
}

#[test]
fn a_short_key_is_refused_in_clear_words_before_anything_is_sent() {
    let service = Scripted::start(|_, _, _| Answer::Close);
    let program = Program::new();
    let mut command = program.command(&["check-key", "--profile", "kling", "--base-url", &service.url()]);
    command.env("VISEME_KEY", "short-7");
    let ended = finish(command).expect(2);
    assert!(ended.stderr.contains("VISEME_KEY") && ended.stderr.contains("has 7 characters"), "{ended:?}");
    assert!(!ended.stderr.contains("short-7") && service.seen().is_empty());
}

#[test]
fn the_key_goes_to_its_own_origin_alone_and_a_redirect_is_named_and_not_followed() {
    let elsewhere = Scripted::start(|_, _, _| status(200, &json!({"code": 0, "data": {}})));
    for redirect in [301, 302, 303, 307, 308] {
        let to = format!("{}/v1", elsewhere.url());
        let target = to.clone();
        let service = Scripted::start(move |_, _, _| Answer::Redirect(redirect, target.clone()));
        let program = Program::new();
        let at = ["--profile", "kling", "--base-url", &service.url()];
        let identify = ["identify", "--video-url", "https://example.org/clip.mp4"];
        for call in [&["task", "t-1"][..], &["task", "--external-id", "mine-1"], &identify, &["check-key"]] {
            let ended = program.run(&[call, &at].concat());
            assert_eq!(ended.code, 4, "{redirect} {call:?}: {ended:?}");
            assert!(ended.stderr.contains(&elsewhere.url()), "it names the target: {ended:?}");
        }
        assert!(service.seen().iter().all(|request| !request.authorization.is_empty()));

        // Nor is a create sent on, whatever the redirect: it is not an answer of the service.
        let target = to.clone();
        let service = Scripted::start(move |request, _, _| {
            if !request.is_identify() {
                return Answer::Redirect(redirect, target.clone());
            }
            let face = json!({"face_id": "f-1", "start_time": 0, "end_time": 9000});
            status(200, &json!({"code": 0, "data": {"session_id": "s-1", "face_data": [face]}}))
        });
        let arguments = run_arguments(&service.url(), "kling");
        let ended = program.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((service.creates(), ended.code), (1, 4), "{redirect}: {ended:?}");
        assert!(ended.stderr.contains(&elsewhere.url()), "it names the target: {ended:?}");
    }
    assert!(elsewhere.seen().is_empty(), "nothing was sent on: {:?}", elsewhere.seen());
}
