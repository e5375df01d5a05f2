//! The whole job where all goes well, in both dialects.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::sync::{Arc, Mutex};

use sha2::{Digest as _, Sha256};
use viseme::journal::IntentState;

use crate::program::{KEY, Program, run_against, run_arguments, unfinished};
use crate::scripted::{PNG, Scripted, kirin_script, kling_script, mp4};

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn run_in_the_kling_dialect_ends_with_a_file() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    let ended = run_against(&program, &service.url(), "kling", &["--json"]).expect(0);
    let report = ended.json();
    let external = report["external_task_id"].as_str().unwrap();
    assert!(external.starts_with("viseme-"));
    assert_eq!(report["stage"], "done");
    assert_eq!(report["profile"], "kling");
    assert_eq!(report["session_id"], "s-1");
    assert_eq!(report["face_id"], "f-1");
    assert_eq!((&report["faces"][0]["start_time"], &report["faces"][0]["end_time"]), (&0.into(), &9_000.into()));
    assert_eq!(report["placement"]["sound_end_time"], 4_000);
    assert_eq!(
        (report["task_id"].as_str(), report["status"].as_str(), report["status_raw"].as_str()),
        (Some("t-1"), Some("succeed"), Some("succeed"))
    );
    assert_eq!(report["cost"]["units"], "0.5");
    assert_eq!(report["problem"], serde_json::Value::Null);
    let video = &report["videos"][0];
    assert_eq!((video["id"].as_str(), video["duration_ms"].as_i64()), (Some("v-1"), Some(9_041)));
    let saved = fs::read(program.path().join(video["path"].as_str().unwrap())).unwrap();
    assert_eq!(saved, mp4());
    assert_eq!(video["sha256"].as_str().unwrap(), sha256(&saved));
    assert_eq!(program.files(), ["clip lip-sync.mp4"], "nothing else is left behind");

    let seen = service.seen();
    let to_service: Vec<_> = seen.iter().filter(|request| request.path.starts_with("/v1/")).collect();
    assert_eq!(report["requests"], to_service.len(), "requests to the service's API are counted, downloads are not");
    assert!(to_service.iter().all(|request| request.authorization == format!("Bearer {KEY}")));
    assert!(
        seen.iter().filter(|request| !request.path.starts_with("/v1/")).all(|request| request.authorization.is_empty())
    );
    let create = seen.iter().find(|request| request.is_create()).unwrap().json();
    assert_eq!(create["external_task_id"].as_str().unwrap(), external);
    assert_eq!(create["face_choose"][0]["sound_insert_time"], 0);
    assert!(create.get("callback_url").is_none() && create["face_choose"][0].get("sound_volume").is_none());
    assert!(
        ended.stderr.find(external).unwrap() < ended.stderr.find("t-1").unwrap(),
        "the name is told before the create is sent"
    );
}

#[test]
fn run_in_the_kirin_dialect_ends_with_a_file() {
    let service = Scripted::start(kirin_script);
    let program = Program::new();
    let ended = run_against(&program, &service.url(), "kirin", &["--json", "--out", "out.mp4"]).expect(0);
    let report = ended.json();
    assert_eq!((report["stage"].as_str(), report["status_raw"].as_str()), (Some("done"), Some("completed")));
    assert_eq!(report["cost"]["usd"], "0.077", "of the whole run: {report}");
    assert_eq!(
        (&report["costs"]["identify"]["usd"], &report["costs"]["lip_sync"]["usd"]),
        (&"0.007".into(), &"0.07".into())
    );
    assert!(ended.stderr.contains("Cost: $0.077") && ended.stderr.contains("of that identify $0.007"), "{ended:?}");
    assert_eq!(report["videos"][0]["path"], "out.mp4");
    assert_eq!(fs::read(program.path().join("out.mp4")).unwrap(), mp4());
    assert_eq!(service.creates(), 1);
}

#[test]
fn without_json_stdout_has_the_path_and_stderr_the_words() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    fs::write(program.path().join("out.mp4"), "old").unwrap();
    let ended = run_against(&program, &service.url(), "kling", &["--out", "out.mp4"]).expect(0);
    assert_eq!(ended.stdout, "out.mp4\n");
    assert!(ended.stderr.contains("Task t-1: processing") && ended.stderr.contains("SHA-256"), "{ended:?}");
    assert_eq!(fs::read(program.path().join("out.mp4")).unwrap(), mp4(), "--out replaces what is there");
}

#[test]
fn every_value_of_a_create_is_sent_as_given() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    let more = [
        "--start",
        "500",
        "--insert",
        "1000",
        "--volume",
        "1.5",
        "--original-volume",
        "0",
        "--external-task-id",
        "mine/1",
        "--callback-url",
        "https://example.org/hook",
        "--face",
        "f-1",
    ];
    let ended = run_against(&program, &service.url(), "kling", &more).expect(0);
    let create = service.seen().iter().find(|request| request.is_create()).unwrap().json();
    let face = &create["face_choose"][0];
    assert_eq!(create["session_id"], "s-1");
    assert_eq!(
        (create["external_task_id"].as_str(), create["callback_url"].as_str()),
        (Some("mine/1"), Some("https://example.org/hook"))
    );
    assert_eq!(
        (&face["sound_start_time"], &face["sound_end_time"], &face["sound_insert_time"]),
        (&500.into(), &4_000.into(), &1_000.into())
    );
    assert_eq!((face["sound_volume"].as_f64(), face["original_audio_volume"].as_f64()), (Some(1.5), Some(0.0)));
    assert_eq!(ended.stdout, "clip lip-sync.mp4\n");
}

#[test]
fn without_waiting_the_task_id_is_printed_and_the_task_goes_on() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    let ended = run_against(&program, &service.url(), "kling", &["--no-wait"]).expect(0);
    assert_eq!(ended.stdout, "t-1\n");
    assert!(program.files().is_empty());

    let asked = ["task", "t-1", "--profile", "kling", "--base-url", &service.url(), "--poll-interval", "10ms"];
    assert_eq!(program.run(&asked).expect(0).stdout, "processing\n");
    let waited = program.run(&[&asked[..], &["--wait", "--json"]].concat()).expect(0).json();
    assert_eq!(waited["status"], "succeed");
    assert_eq!(program.files(), ["clip lip-sync.mp4"]);
    let again = program.run(&[&asked[..], &["--wait"]].concat()).expect(0);
    assert_eq!(again.stdout, "clip lip-sync.mp4\n", "it is there already");
    assert_eq!(program.files(), ["clip lip-sync.mp4"], "and saved once");
    assert_eq!(program.run(&asked).expect(0).stdout, format!("{}/result.mp4\n", service.url()));
}

#[test]
fn an_accepted_task_is_on_the_disk_before_it_is_first_asked_for() {
    let program = Program::new();
    // The service looks into the journal with each request that is about the task.
    let (seen, shared) = (Arc::new(Mutex::new(Vec::new())), program.journal_file());
    let requests = Arc::clone(&seen);
    let service = Scripted::start(move |request, before, base| {
        if request.is_create() || request.path.contains("/t-1") {
            requests.lock().unwrap().push(unfinished(&shared));
        }
        kling_script(request, before, base)
    });
    run_against(&program, &service.url(), "kling", &["--external-task-id", "mine-1"]).expect(0);
    let [at_create, at_first_poll, ..] = &seen.lock().unwrap()[..] else { panic!("no polls") };
    let [intent] = &at_create[..] else { panic!("{at_create:?}") };
    assert_eq!((intent.state, intent.external_task_id.as_deref()), (IntentState::Sent, Some("mine-1")));
    let [intent] = &at_first_poll[..] else { panic!("{at_first_poll:?}") };
    assert_eq!(intent.task.as_ref().map(|task| task.task_id.as_str()), Some("t-1"));
    assert_eq!((intent.clip.name.as_str(), intent.voice.name.as_str()), ("clip.mp4", "voice.mp3"));
    assert_eq!((intent.service.profile.as_str(), intent.service.base_url.as_str()), ("kling", service.url().as_str()));
    assert_eq!(program.unfinished(), [], "its end is written down, too");
    for file in fs::read_dir(program.journal_file().parent().unwrap()).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap_or_default();
        assert!(!bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes()), "the key is in {}", path.display());
    }
}

#[test]
fn tasks_are_listed_and_resumed_from_the_journal() {
    let program = Program::new();
    assert_eq!(program.run(&["task"]).expect(0).stdout, "");
    let service = Scripted::start(kling_script);
    run_against(&program, &service.url(), "kling", &["--no-wait", "--external-task-id", "mine-1"]).expect(0);
    let command = format!("viseme task t-1 --wait --profile kling --base-url {}", service.url());
    for list in [&["task"][..], &["tasks"], &["tasks", "--unfinished", "--search", "CLIP mine"]] {
        let listed = program.run(list).expect(0).stdout;
        let columns: Vec<_> = listed.trim_end().split('\t').skip(1).collect();
        assert_eq!(columns, ["running", "t-1", "mine-1", "kling", "clip.mp4", "voice.mp3", &command], "{list:?}");
    }
    let report = program.run(&["task", "--json"]).expect(0).json();
    assert_eq!(
        (&report["tasks"][0]["task_id"], &report["tasks"][0]["command"]),
        (&"t-1".into(), &command.as_str().into())
    );
    for none in [
        &["task", "--profile", "vtrix"][..],
        &["tasks", "list", "--state", "failed"],
        &["tasks", "list", "--day", "2020-02-02"],
    ] {
        assert_eq!(program.run(none).expect(0).stdout, "", "{none:?}");
    }
    program.run(&["task", "--wait"]).expect(2);
    assert!(program.run(&["tasks", "list", "--day", "today"]).expect(2).stderr.contains("is no day"));
    assert!(program.run(&["tasks", "list", "--state", "done"]).expect(2).stderr.contains("running, succeeded"));
    for (act, words) in [("delete", "is not at its end"), ("close", "the service has accepted it")] {
        let refused = program.run(&["tasks", act, "mine-1"]).expect(2);
        assert!(
            refused.stderr.contains(words) && refused.stderr.contains("`viseme tasks resume mine-1`"),
            "{refused:?}"
        );
    }
    assert!(program.run(&["tasks", "show", "mine-2"]).expect(2).stderr.contains("has no task mine-2"));

    let resumed = program.run(&["tasks", "resume", "mine-1", "--poll-interval", "10ms", "--json"]).expect(0).json();
    assert_eq!(resumed["videos"][0]["path"], "clip lip-sync.mp4", "the name that its run would have given");
    assert_eq!(program.run(&["task"]).expect(0).stdout, "", "its end is known");
    let shown = program.run(&["tasks", "show", "t-1", "--json"]).expect(0).json();
    assert_eq!(
        (&shown["state"], &shown["sends"], &shown["clip"]),
        (&"succeeded".into(), &1.into(), &"clip.mp4".into())
    );
    assert_eq!(shown["results"][0]["path"], program.path().join("clip lip-sync.mp4").to_str().unwrap());
    let changes: Vec<_> = shown["changes"].as_array().unwrap().iter().map(|change| change["what"].clone()).collect();
    assert_eq!(changes, ["sent", "accepted", "running", "processing", "succeed", "saved"]);
    // What an earlier run did is reported as a fresh run reports it.
    let kept = program.run(&["tasks", "resume", "mine-1", "--json"]).expect(0).json();
    let other = Scripted::start(kling_script);
    let fresh = run_against(&Program::new(), &other.url(), "kling", &["--external-task-id", "mine-1", "--json"]);
    let fresh = fresh.expect(0).json();
    let fields = |report: &serde_json::Value| report.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    for report in [&resumed, &kept] {
        assert_eq!(fields(report), fields(&fresh), "{report}");
        for field in ["stage", "session_id", "face_id", "placement", "task_id", "external_task_id", "status", "cost"] {
            assert_eq!(report[field], fresh[field], "{field}: {report}");
        }
        assert_eq!(report["videos"][0]["sha256"], sha256(&mp4()).as_str());
    }
    let again = program.run(&["tasks", "resume", "mine-1"]).expect(0);
    assert!(again.stderr.contains("saved already") && again.stdout.contains("clip lip-sync.mp4"), "{again:?}");
    assert!(!program.path().join("clip lip-sync (2).mp4").exists());
    let found = program.run(&["tasks", "--search", "clip LIP-SYNC.mp4"]).expect(0);
    assert_eq!(found.stdout.lines().count(), 1, "a saved result is found by its name: {found:?}");
    let closed = program.run(&["tasks", "close", "t-1"]).expect(2);
    assert!(
        closed.stderr.contains("t-1 is at its end (succeeded)") && closed.stderr.contains("viseme tasks delete t-1"),
        "{closed:?}"
    );
    program.run(&["tasks", "delete", "t-1"]).expect(0);
    assert_eq!(program.run(&["tasks"]).expect(0).stdout, "");
    let used = run_against(&program, &service.url(), "kling", &["--external-task-id", "mine-1", "--json"]).expect(5);
    assert!(used.stderr.contains("The name mine-1 was used before"), "{used:?}");
    assert!(used.stderr.contains("task was created or paid") && used.stderr.contains("viseme task t-1"), "{used:?}");
    // As where the service says it.
    assert_eq!(used.json()["problem"]["kind"], "name_taken");
    assert_eq!(used.json()["name_taken_by"]["task_id"], "t-1");
    assert!(!used.stderr.contains("Faces found"), "nothing was paid for: {used:?}");
}

#[test]
fn a_journal_that_was_set_aside_is_told_of_with_every_list() {
    let program = Program::new();
    assert_eq!(program.run(&["tasks", "--json"]).expect(0).json()["set_aside"], serde_json::json!([]));
    fs::write(program.journal_file(), "no database, and long enough to be seen as none at all").unwrap();
    let aside = program.data.path().join("journal.corrupt.db");
    assert!(program.run(&["tasks"]).expect(0).stderr.contains("was damaged"), "said when it is found");
    for list in [&["tasks"][..], &["task"], &["tasks", "list", "--json"]] {
        let listed = program.run(list).expect(0);
        assert!(listed.stderr.contains("lies aside as") && listed.stderr.contains("journal.corrupt.db"), "{listed:?}");
    }
    let listed = program.run(&["tasks", "--json"]).expect(0).json();
    assert_eq!(listed["set_aside"][0], aside.to_str().unwrap());
    fs::remove_file(aside).unwrap();
    assert!(!program.run(&["tasks"]).expect(0).stderr.contains("aside"));
}

#[test]
fn a_newer_journal_is_said_once_and_by_its_own_name() {
    let program = Program::new();
    program.run(&["tasks"]).expect(0);
    rusqlite::Connection::open(program.journal_file()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    fs::write(program.data.path().join("tasks.jsonl"), "{}\n").unwrap();
    let listed = program.run(&["tasks"]).expect(0);
    assert_eq!(listed.stderr.matches("journal.db was written by a newer viseme").count(), 1, "{listed:?}");
    assert!(!listed.stderr.contains("tasks.jsonl"), "{listed:?}");
}

#[test]
fn without_a_journal_nothing_is_sent_to_a_real_service_unless_that_is_wanted() {
    let program = Program::new();
    fs::create_dir(program.journal_file()).unwrap();
    let service = Scripted::start(kling_script);
    let refused = run_against(&program, &service.url(), "kling", &[]).expect(2);
    assert!(refused.stderr.contains("The journal") && refused.stderr.contains("--data-dir"), "{refused:?}");
    assert_eq!(service.seen().len(), 0);
    run_against(&program, &service.url(), "kling", &["--no-journal", "--out", "out.mp4"]).expect(0);
    assert_eq!(fs::read(program.path().join("out.mp4")).unwrap(), mp4());
    let elsewhere = program.path().join("elsewhere");
    run_against(&program, &service.url(), "kling", &["--data-dir", elsewhere.to_str().unwrap(), "--out", "2.mp4"])
        .expect(0);
    assert!(elsewhere.join("journal.db").is_file());
}

#[test]
fn identify_prints_a_row_for_each_face_and_saves_pictures_as_served() {
    for (dialect, id) in [("kling", "f-1"), ("kirin", "0")] {
        let service = Scripted::start(if dialect == "kling" { kling_script } else { kirin_script });
        let program = Program::new();
        let asked = [
            "identify",
            "--profile",
            "kling",
            "--base-url",
            &service.url(),
            "--dialect",
            dialect,
            "--video-id",
            "v-0",
            "--poll-interval",
            "10ms",
        ];
        let ended = program.run(&asked).expect(0);
        assert_eq!(ended.stdout, format!("1\t{id}\t0:00.000\t0:09.000\t{}/face.png\n", service.url()));
        assert!(
            !service.seen().iter().any(|request| request.path == "/face.png"),
            "pictures are fetched only where asked for"
        );
        let report = program.run(&[&asked[..], &["--previews", "faces", "--json"]].concat()).expect(0).json();
        let preview = report["faces"][0]["preview"].as_str().unwrap();
        assert_eq!(fs::read(program.path().join(preview)).unwrap(), PNG);
        assert_eq!(report["stage"], "choosing");
    }
}

#[test]
fn faces_that_an_earlier_command_found_are_not_paid_for_again() {
    for (dialect, script) in [("kling", kling_script as fn(&_, _, &str) -> _), ("kirin", kirin_script)] {
        let service = Scripted::start(script);
        let program = Program::new();
        let identifies = || service.seen().iter().filter(|request| request.is_identify()).count();
        let run = run_arguments(&service.url(), dialect);
        let identify: Vec<&str> = ["identify"]
            .into_iter()
            .chain(run.windows(2).filter(|pair| OF_IDENTIFY.contains(&pair[0].as_str())).flatten().map(String::as_str))
            .collect();
        program.run(&identify).expect(0);
        assert_eq!(identifies(), 1, "{identify:?}");
        let ended = run_against(&program, &service.url(), dialect, &["--json"]).expect(0);
        assert_eq!(identifies(), 1, "{ended:?}");
        assert!(ended.stderr.contains("These are the faces of the session of 2"), "{ended:?}");
        assert!(ended.stderr.contains("nothing was asked or paid. --find-again finds them anew"), "{ended:?}");
        let again = run_against(&program, &service.url(), dialect, &["--json", "--find-again"]).expect(0);
        assert!(!again.stderr.contains("nothing was asked or paid"), "{again:?}");
        assert_eq!(identifies(), 2);
        // The command that only asks is there to see what the service says.
        program.run(&identify).expect(0);
        assert_eq!(identifies(), 3);
    }
}

/// The options of a run that `viseme identify` has too.
const OF_IDENTIFY: [&str; 8] =
    ["--video", "--video-url", "--video-id", "--profile", "--base-url", "--dialect", "--prefix", "--poll-interval"];
