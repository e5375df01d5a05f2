//! The embedded service: standing alone, and started for a command.

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use crate::program::{Program, StderrLog, ended, finish, signal, until};

const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4");
const VOICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/voice.mp3");

/// A sandbox that runs; ends with the test.
pub struct RunningSandbox {
    child: Option<Child>,
    pub url: String,
    key: String,
}

impl RunningSandbox {
    fn start(program: &Program, more: &[&str]) -> Self {
        Self::of(program.command(&[&["sandbox"], more].concat()).spawn().unwrap())
    }

    pub fn of(mut child: Child) -> Self {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().unwrap().strip_prefix("listening on ").unwrap().to_owned();
        let key = lines.next().unwrap().strip_prefix("key ").unwrap().to_owned();
        assert!(lines.next().unwrap().starts_with("access-key "));
        assert!(lines.next().unwrap().starts_with("secret-key "));
        Self { child: Some(child), url, key }
    }

    fn stop(mut self, with: &str) -> i32 {
        let child = self.child.take().unwrap();
        signal(child.id(), with);
        ended(child).code
    }
}

impl Drop for RunningSandbox {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_running_sandbox_does_the_whole_job_and_outlives_commands() {
    let program = Program::new();
    let sandbox = RunningSandbox::start(&program, &[]);
    let run = |arguments: &[&str]| {
        let mut command = program.command(&[arguments, &["--base-url", &sandbox.url]].concat());
        command.env("VISEME_KEY", &sandbox.key);
        finish(command)
    };
    let created =
        run(&["run", "--video", CLIP, "--audio", VOICE, "--face", "2", "--no-wait", "--json"]).expect(0).json();
    assert_eq!(created["faces"].as_array().unwrap().len(), 2);
    let task_id = created["task_id"].as_str().unwrap();
    let done = run(&["task", task_id, "--wait", "--out", "out.mp4", "--json"]).expect(0).json();
    assert_eq!(
        (done["stage"].as_str(), done["profile"].as_str(), done["videos"][0]["path"].as_str()),
        (Some("done"), Some("sandbox"), Some("out.mp4"))
    );
    assert!(std::fs::metadata(program.path().join("out.mp4")).unwrap().len() > 50_000);
    // What it made works as a clip afterwards.
    let again = run(&["identify", "--video-id", done["videos"][0]["id"].as_str().unwrap()]).expect(0);
    assert_eq!(again.stdout.lines().count(), 2, "{again:?}");

    let mut wrong = program.command(&["identify", "--video-id", "1", "--base-url", &sandbox.url]);
    wrong.env("VISEME_KEY", "not-the-key-at-all");
    assert!(finish(wrong).expect(3).stderr.contains("100"), "an authentication code");
    assert_eq!(sandbox.stop("TERM"), 0);
}

#[test]
fn keys_and_the_place_to_listen_can_be_given() {
    let program = Program::new();
    let sandbox = RunningSandbox::start(
        &program,
        &["--key", "my-own-key-1", "--access-key", "access-1", "--secret-key", "sk-1-secret"],
    );
    assert_eq!(sandbox.key, "my-own-key-1");
    let mut signed = program.command(&["identify", "--video-id", "nowhere", "--base-url", &sandbox.url, "--json"]);
    signed.env_remove("VISEME_KEY").env("VISEME_ACCESS_KEY", "access-1").env("VISEME_SECRET_KEY", "sk-1-secret");
    let report = finish(signed).expect(3).json();
    assert!(report["problem"]["code"].as_i64().unwrap() >= 1_200, "let in, and refused for the id: {report}");
    let taken = sandbox.url.strip_prefix("http://").unwrap().to_owned();
    let ended = program.run(&["sandbox", "--listen", &taken]).expect(2);
    assert!(ended.stderr.contains(&taken), "{ended:?}");
    assert_eq!(sandbox.stop("INT"), 0);
}

#[test]
fn keys_can_be_given_where_the_list_of_processes_does_not_show_them() {
    let program = Program::new();
    let mut command = program.command(&["sandbox"]);
    command.env("VISEME_SANDBOX_KEY", "key-from-environment");
    command.env("VISEME_SANDBOX_ACCESS_KEY", "ak-2").env("VISEME_SANDBOX_SECRET_KEY", "secret-2-long");
    let sandbox = RunningSandbox::of(command.spawn().unwrap());
    assert_eq!(sandbox.key, "key-from-environment");
    assert_eq!(sandbox.stop("TERM"), 0);

    let mut command = program.command(&["sandbox", "--key", "-"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"key-from-stdin\n").unwrap();
    let sandbox = RunningSandbox::of(child);
    assert_eq!(sandbox.key, "key-from-stdin");
    assert_eq!(sandbox.stop("TERM"), 0);

    let mut half = program.command(&["sandbox"]);
    half.env("VISEME_SANDBOX_ACCESS_KEY", "ak-2");
    assert!(finish(half).expect(2).stderr.contains("both the access key and the secret key"));
    let mut bad = program.command(&["sandbox"]);
    bad.env("VISEME_SANDBOX_KEY", "a b");
    let ended = finish(bad).expect(2);
    assert!(ended.stderr.contains("VISEME_SANDBOX_KEY") && !ended.stderr.contains("a b"), "{ended:?}");
}

#[test]
fn demo_is_the_whole_job_in_both_dialects() {
    for dialect in ["kling", "kirin"] {
        let program = Program::new();
        let ended = program.run(&["demo", "--out", "results", "--dialect", dialect]).expect(0);
        let path = ended.stdout.trim_end();
        assert_eq!(path, "results/duo lip-sync.mp4");
        let bytes = std::fs::read(program.path().join(path)).unwrap();
        assert_eq!(&bytes[4..8], b"ftyp", "{dialect}");
        let moov = bytes.windows(4).position(|window| window == b"moov").unwrap();
        let mdat = bytes.windows(4).position(|window| window == b"mdat").unwrap();
        assert!(moov < mdat, "moov first");
        if dialect == "kling" {
            let second = program.run(&["demo", "--out", "results", "--json"]).expect(0).json();
            assert_eq!(second["videos"][0]["path"], "results/duo lip-sync (2).mp4", "nothing is replaced");
            assert_eq!(second["faces"].as_array().unwrap().len(), 2);
        }
    }
}

#[test]
fn a_sandbox_started_for_a_command_says_what_ends_with_it() {
    let program = Program::new();
    let asked = program.run(&["task", "t-of-another-command"]).expect(3);
    assert!(asked.stderr.contains("started for this command"), "{asked:?}");
    let create = ["run", "--video", CLIP, "--audio", VOICE, "--face", "1"];
    let refused = program.run(&[&create[..], &["--no-wait", "--no-journal"]].concat()).expect(2);
    assert!(refused.stderr.contains("ends with it, and so would the task: nothing was sent"), "{refused:?}");
    let hangs = [&create[..], &["--external-task-id", "hang:1", "--timeout", "20s", "--no-journal"]].concat();
    let paused = program.run(&hangs).expect(6);
    assert!(paused.stderr.contains("ends with it now, and the task with it"), "{paused:?}");
    let tasks = program.journal_file().with_file_name("sandbox").join("tasks");
    assert_eq!(tasks.read_dir().unwrap().count(), 0, "nothing is kept of it");

    // While another has the state, a command says that its own ends with it.
    let data = program.journal_file().parent().unwrap().to_owned();
    let sandbox = RunningSandbox::start(&program, &["--data-dir", data.to_str().unwrap()]);
    let alone = program.run(&[&create[..], &["--no-wait"]].concat()).expect(2);
    assert!(alone.stderr.contains("a state of its own, which ends with it"), "{alone:?}");
    let second = program.run(&["sandbox", "--data-dir", data.to_str().unwrap()]).expect(2);
    assert!(second.stderr.contains("is in use"), "{second:?}");
    assert_eq!(sandbox.stop("TERM"), 0);
}

#[test]
fn a_task_that_was_left_is_done_by_the_next_command() {
    let program = Program::new();
    let left = program.run(&["run", "--video", CLIP, "--audio", VOICE, "--face", "1", "--no-wait"]).expect(0);
    let id = left.stdout.trim_end();
    let command = format!("viseme task {id} --wait");
    assert!(left.stderr.contains("It keeps the task") && left.stderr.contains(&command), "{left:?}");
    let listed = program.run(&["tasks", "--unfinished"]).expect(0).stdout;
    assert!(listed.contains(&command), "{listed}");
    let done = program.run(&["task", id, "--wait", "--out", "out.mp4", "--json"]).expect(0).json();
    assert_eq!((done["stage"].as_str(), done["task_id"].as_str()), (Some("done"), Some(id)));
    assert!(std::fs::metadata(program.path().join("out.mp4")).unwrap().len() > 50_000);
}

#[cfg(unix)]
#[test]
fn a_task_of_a_killed_demo_is_followed_to_its_result() {
    let program = Program::new();
    let mut demo = program.command(&["demo", "--out", "results"]).spawn().unwrap();
    let log = StderrLog::of(&mut demo);
    let accepted = || {
        let unfinished = if program.journal_file().is_file() { program.unfinished() } else { Vec::new() };
        unfinished.first().and_then(|intent| intent.task.as_ref()).map(|task| task.task_id.clone())
    };
    until("an accepted task", || accepted().is_some());
    let id = accepted().unwrap();
    signal(demo.id(), "KILL");
    let killed = demo.wait_with_output().unwrap();
    assert!(!killed.status.success() && !program.path().join("results/duo lip-sync.mp4").exists(), "{}", log.text());

    let resumed = program.run(&["tasks", "resume", &id, "--out", "out.mp4"]).expect(0);
    assert!(resumed.stderr.contains("was killed"), "it waits until that is certain: {resumed:?}");
    assert!(std::fs::metadata(program.path().join("out.mp4")).unwrap().len() > 50_000);
    let shown = program.run(&["tasks", "show", &id, "--json"]).expect(0).json();
    assert_eq!((&shown["state"], &shown["sends"]), (&"succeeded".into(), &1.into()), "{shown}");
    assert_eq!(program.unfinished(), []);
}

#[cfg(unix)]
#[test]
fn a_sandbox_with_a_data_folder_goes_on_after_it_was_killed() {
    let program = Program::new();
    let data = program.path().join("data");
    let start = || RunningSandbox::start(&program, &["--data-dir", data.to_str().unwrap(), "--key", "my-own-key-1"]);
    let run = |sandbox: &RunningSandbox, arguments: &[&str]| {
        let mut command = program.command(&[arguments, &["--base-url", &sandbox.url]].concat());
        command.env("VISEME_KEY", &sandbox.key);
        finish(command)
    };
    let sandbox = start();
    let create = ["run", "--video", CLIP, "--audio", VOICE, "--face", "1", "--no-wait", "--json"];
    let create = [&create[..], &["--external-task-id", "slow-1000:7"]].concat();
    let created = run(&sandbox, &create).expect(0).json();
    sandbox.stop("KILL");
    let sandbox = start();
    let id = created["task_id"].as_str().unwrap();
    let done = run(&sandbox, &["task", id, "--wait", "--out", "out.mp4", "--json"]).expect(0).json();
    assert_eq!((done["stage"].as_str(), done["task_id"].as_str()), (Some("done"), Some(id)));
    let again = [&create[..], &["--no-journal"]].concat();
    let taken = run(&sandbox, &again).expect(5);
    assert!(taken.stderr.contains("External_task_id slow-1000:7 already exists"), "{taken:?}");
    assert_eq!(
        taken.json()["name_taken_by"]["task_id"].as_str(),
        Some(id),
        "no second task, and not taken for another's"
    );
}

#[test]
fn a_task_is_found_by_the_name_it_was_created_under() {
    let program = Program::new();
    let sandbox = RunningSandbox::start(&program, &[]);
    let run = |arguments: &[&str]| {
        let mut command = program.command(&[arguments, &["--base-url", &sandbox.url]].concat());
        command.env("VISEME_KEY", &sandbox.key);
        finish(command)
    };
    let job = ["run", "--video", CLIP, "--audio", VOICE, "--face", "1", "--external-task-id=-mine 7", "--no-wait"];
    let task_id = run(&job).expect(0).stdout.trim_end().to_owned();
    let found = run(&["task", "--external-id", "-mine 7", "--json"]).expect(0);
    assert!(found.stderr.contains(&format!("-mine 7 is task {task_id}")), "{found:?}");
    assert_eq!(found.json()["task_id"].as_str(), Some(&*task_id));
    let missing = run(&["task", "--external-id", "mine-8", "--json"]).expect(3).json();
    assert!(missing["problem"]["message"].as_str().unwrap().contains("created as mine-8"), "{missing}");
}

#[test]
fn previews_of_a_sandbox_that_ends_are_not_printed() {
    let program = Program::new();
    let ended = program.run(&["identify", "--video", CLIP]).expect(0);
    assert!(ended.stdout.lines().all(|line| line.ends_with("\t-")), "{ended:?}");
    assert!(ended.stderr.contains("--previews DIR"), "{ended:?}");
    let report = program.run(&["identify", "--video", CLIP, "--json"]).expect(0).json();
    assert!(report["faces"][0].get("preview").is_none(), "{report}");
}

#[test]
fn no_picture_of_a_face_is_lost() {
    let program = Program::new();
    let ended = program.run(&["identify", "--video", CLIP, "--previews", "faces"]).expect(0);
    assert_eq!(ended.stdout.lines().count(), 2);
    for line in ended.stdout.lines() {
        let path = program.path().join(line.split('\t').next_back().unwrap());
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(&bytes[..3], [0xFF, 0xD8, 0xFF], "a JPEG as served: {}", path.display());
    }
    let starts: Vec<_> = ended.stdout.lines().map(|line| line.split('\t').nth(2).unwrap().to_owned()).collect();
    assert_eq!(starts[0], "0:00.000");
    assert!(starts[1].starts_with("0:02.") || starts[1].starts_with("0:01.9"), "{starts:?}");
}
