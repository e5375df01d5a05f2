//! `viseme batch`: many jobs from one file.

use std::process::Stdio;

use serde_json::json;

use crate::program::{Ended, Program, StderrLog, signal, until};

/// The clip with two faces and the voice that come with the program.
fn media(name: &str) -> String {
    format!("{}/assets/demo/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn row(more: &serde_json::Value) -> String {
    let mut row = json!({ "video": media("duo.mp4"), "audio": media("voice.mp3"), "face": 1, "sound_end_time": 2_000 });
    for (name, value) in more.as_object().unwrap() {
        row[name] = value.clone();
    }
    row.to_string()
}

fn batch(program: &Program, rows: &[String], more: &[&str]) -> Ended {
    std::fs::write(program.path().join("jobs.jsonl"), rows.join("\n")).unwrap();
    program.run(&[&["batch", "jobs.jsonl", "--json"], more].concat())
}

#[test]
fn each_row_is_done_once_and_what_is_done_is_not_done_again() {
    let program = Program::new();
    let rows = [row(&json!({ "out": "first.mp4" })), row(&json!({ "face": 2, "sound_insert_time": 2_500 }))];
    let first = batch(&program, &rows, &[]).expect(0);
    let report = first.json();
    assert_eq!((report["done"].as_u64(), report["rows"].as_array().unwrap().len()), (Some(2), 2), "{report}");
    assert!(first.stderr.contains("Row 1: ") && first.stderr.contains("Row 2: "), "{first:?}");
    for file in ["first.mp4", "row 2 duo lip-sync.mp4"] {
        assert!(program.path().join(file).metadata().unwrap().len() > 10_000, "{file}");
    }
    let names = |report: &serde_json::Value| {
        let names = report["rows"].as_array().unwrap().iter().map(|row| row["external_task_id"].clone());
        names.collect::<Vec<_>>()
    };
    // The same rows in another order, and one more: only that is sent.
    let more = [rows[1].clone(), rows[0].clone(), row(&json!({ "external_task_id": "third", "out": "third.mp4" }))];
    let again = batch(&program, &more, &[]).expect(0).json();
    assert_eq!(again["done"], 3);
    // What an earlier run did has every field of what this one did.
    let fields = |row: &serde_json::Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for row in again["rows"].as_array().unwrap() {
        let missing: Vec<_> =
            fields(&report["rows"][0]).into_iter().filter(|name| !fields(row).contains(name)).collect();
        assert_eq!(missing, [""; 0], "{row}");
    }
    assert_eq!(names(&again), [names(&report)[1].clone(), names(&report)[0].clone(), json!("third")]);
    let sent = program.unfinished().len();
    assert_eq!(sent, 0);
    let created = program.run(&["tasks", "list", "--json"]).expect(0).json();
    assert_eq!(created["tasks"].as_array().unwrap().len(), 3, "{created}");
    assert!(
        !program.files().iter().any(|name| name.contains("(2)") || name.contains("row 1 ")),
        "{:?}",
        program.files()
    );
}

#[test]
fn a_row_with_several_faces_and_none_chosen_fails_before_paying_and_the_others_go_on() {
    let program = Program::new();
    let rows = [row(&json!({ "face": "only" })), row(&json!({ "face": 7 })), row(&json!({}))];
    let ended = batch(&program, &rows, &["--jobs", "3"]).expect(2);
    let report = ended.json();
    assert_eq!(report["done"], 1, "{report}");
    for number in 0..2 {
        let row = &report["rows"][number];
        assert_eq!((row["problem"]["kind"].as_str(), &row["task_id"]), (Some("usage"), &json!(null)), "{row}");
    }
    assert!(
        ended.stderr.contains("Row 1: error: The clip has 2 faces, and the row asks for the only one"),
        "{ended:?}"
    );
    assert!(
        ended.stderr.contains("Row 1: hint: Name one in the row") && ended.stderr.contains("\"face\": 1"),
        "{ended:?}"
    );
    let created = program.run(&["tasks", "list", "--json"]).expect(0).json();
    assert_eq!(created["tasks"].as_array().unwrap().len(), 1, "{created}");
}

#[test]
fn a_mistake_in_any_row_is_found_before_anything_is_sent() {
    let good = row(&json!({}));
    for (rows, line, words) in [
        (vec![good.clone(), "{".to_owned()], 2, "not a job"),
        (vec![row(&json!({ "voice": "x.mp3" }))], 1, "voice"),
        (vec![row(&json!({ "video_id": "7" }))], 1, "Exactly one"),
        (vec![row(&json!({ "audio": null }))], 1, "Exactly one"),
        (vec![row(&json!({ "video": "nowhere.mp4" }))], 1, "nowhere.mp4"),
        (
            vec![row(&json!({ "external_task_id": "a" })), row(&json!({ "external_task_id": "a", "face": 2 }))],
            2,
            "row 1",
        ),
        (vec![row(&json!({ "out": "a.mp4" })), row(&json!({ "out": "a.mp4", "face": 2 }))], 2, "row 1"),
        (vec![row(&json!({ "out": "nowhere/a.mp4" }))], 1, "nowhere"),
        (vec![row(&json!({ "callback_url": "nowhere" }))], 1, "callback"),
    ] {
        let program = Program::new();
        let problem = batch(&program, &rows, &[]).expect(2).json()["problem"].clone();
        let message = problem["message"].as_str().unwrap();
        assert!(message.starts_with(&format!("Row {line}: ")) && message.contains(words), "{message}");
    }
    let two = [row(&json!({ "video": "nowhere.mp4" })), good.clone(), row(&json!({ "out": "nowhere/a.mp4" }))];
    let message = batch(&Program::new(), &two, &[]).expect(2).json()["problem"]["message"].to_string();
    assert!(message.contains("Row 1: ") && message.contains("; Row 3: "), "every wrong row: {message}");
    let program = Program::new();
    std::fs::write(program.path().join("short.wav"), b"no sound").unwrap();
    let bad = row(&json!({ "audio": program.path().join("short.wav") }));
    let beyond = row(&json!({ "sound_insert_time": 99_000 }));
    let ended = batch(&program, &[good.clone(), bad, beyond], &[]).expect(2);
    assert!(ended.json()["problem"]["message"].as_str().unwrap().contains("2 of 3 rows"), "{ended:?}");
    assert!(ended.stderr.contains("Row 2: error: ") && ended.stderr.contains("Row 3: error: "), "{ended:?}");
    assert_eq!(program.run(&["tasks"]).expect(0).stdout, "", "nothing was sent");
    let program = Program::new();
    assert!(batch(&program, &[], &[]).expect(2).stderr.contains("no rows"));
    assert!(batch(&program, &[good], &["--no-journal"]).expect(2).stderr.contains("--data-dir"));
    program.run(&["batch", "jobs.jsonl", "--jobs", "0"]).expect(2);
}

#[test]
fn over_the_budget_of_the_day_nothing_is_sent() {
    let program = Program::new();
    let rows: Vec<_> =
        (0..3).map(|at| row(&json!({ "out": format!("{at}.mp4"), "sound_insert_time": at * 100 }))).collect();
    // Half a unit each; the third does not fit, nor does a run of another command.
    let ended = batch(&program, &rows, &["--budget", "1.2", "--jobs", "1"]).expect(2);
    let report = ended.json();
    assert_eq!(report["done"], 2, "{report}");
    let problem = report["rows"][2]["problem"]["message"].as_str().unwrap();
    assert!(problem.contains("budget of the day is 1.2 units") && problem.contains("It was not sent"), "{problem}");
    let (clip, voice) = (media("duo.mp4"), media("voice.mp3"));
    let run = ["run", "--video", &clip, "--audio", &voice, "--face", "1", "--end", "2000", "--budget", "1"];
    let refused = program.run(&run).expect(2);
    assert!(
        refused.stderr.contains("budget of the day") && !refused.stderr.contains("Faces found"),
        "before identify: {refused:?}"
    );
    let created = program.run(&["tasks", "list", "--json"]).expect(0).json();
    assert_eq!(created["tasks"].as_array().unwrap().len(), 2, "what was not sent is no task: {created}");
    // That of the window's settings holds too, where the command line names none.
    let settings = program.path().join("config/viseme");
    std::fs::create_dir_all(&settings).unwrap();
    std::fs::write(settings.join("settings.json"), json!({ "budgets": { "sandbox": 1.1 } }).to_string()).unwrap();
    let refused = program.run(&run[..9]).expect(2);
    assert!(refused.stderr.contains("budget of the day is 1.1 units"), "{refused:?}");
    program.run(&[&run[..9], &["--budget", "1.9"]].concat()).expect(0);
    program.run(&[&run[..9], &["--budget", "much"]].concat()).expect(2);
    let unkept = program.run(&[&run[..9], &["--budget", "9", "--no-journal"]].concat()).expect(2);
    assert!(unkept.stderr.contains("A budget needs the journal"), "{unkept:?}");
}

#[test]
fn a_batch_that_was_killed_in_a_sandbox_of_its_own_can_be_run_again() {
    let program = Program::new();
    // Another command has the sandbox of the data folder all the while.
    let (clip, voice) = (media("duo.mp4"), media("voice.mp3"));
    let mut holder = program
        .command(
            &[
                &["run", "--video", &clip, "--audio", &voice, "--face", "1", "--end", "2000"][..],
                &["--external-task-id", "slow-600000:holder"],
            ]
            .concat(),
        )
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let log = StderrLog::of(&mut holder);
    until("the sandbox is held", || log.text().contains("Task "));
    let rows = [row(&json!({ "external_task_id": "slow-5000:one", "out": "one.mp4" }))];
    std::fs::write(program.path().join("jobs.jsonl"), rows.join("\n")).unwrap();
    let mut killed =
        program.command(&["batch", "jobs.jsonl"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let is_row = |name: Option<&str>| name == Some("slow-5000:one");
    until("the row is accepted", || {
        program.unfinished().iter().any(|of| is_row(of.external_task_id.as_deref()) && of.task.is_some())
    });
    signal(killed.id(), "KILL");
    let _ = killed.wait();

    let again = batch(&program, &rows, &[]).expect(0);
    assert!(again.stderr.contains("ended with it: its task is gone, and cost nothing"), "{again:?}");
    let report = again.json();
    assert_eq!(
        (report["done"].as_u64(), report["rows"][0]["external_task_id"].as_str()),
        (Some(1), Some("slow-5000:one-2"))
    );
    assert!(program.path().join("one.mp4").is_file());
    assert!(!program.unfinished().iter().any(|of| is_row(of.external_task_id.as_deref())));
    let gone = program.run(&["tasks", "resume", "slow-5000:one"]).expect(2);
    assert!(gone.stderr.contains("its task is gone"), "{gone:?}");
    signal(holder.id(), "KILL");
    let _ = holder.wait();
}
