//! The embedded service: standing alone, and started for a command.

use std::io::{BufRead as _, BufReader};
use std::process::Child;

use crate::program::{Program, ended, finish, signal};

const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4");
const VOICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/voice.mp3");

/// A standing sandbox; ends with the test.
struct Standing {
    child: Option<Child>,
    url: String,
    key: String,
}

impl Standing {
    fn start(program: &Program, more: &[&str]) -> Self {
        let mut child = program.command(&[&["sandbox"], more].concat()).spawn().unwrap();
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

impl Drop for Standing {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_standing_sandbox_does_the_whole_job_and_outlives_commands() {
    let program = Program::new();
    let standing = Standing::start(&program, &[]);
    let run = |arguments: &[&str]| {
        let mut command = program.command(&[arguments, &["--base-url", &standing.url]].concat());
        command.env("VISEME_KEY", &standing.key);
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

    let mut wrong = program.command(&["identify", "--video-id", "1", "--base-url", &standing.url]);
    wrong.env("VISEME_KEY", "not-the-key-at-all");
    assert!(finish(wrong).expect(3).stderr.contains("100"), "an authentication code");
    assert_eq!(standing.stop("TERM"), 0);
}

#[test]
fn keys_and_the_place_to_listen_can_be_given() {
    let program = Program::new();
    let standing =
        Standing::start(&program, &["--key", "my-own-key-1", "--access-key", "ak-1", "--secret-key", "sk-1-secret"]);
    assert_eq!(standing.key, "my-own-key-1");
    let mut signed = program.command(&["identify", "--video-id", "nowhere", "--base-url", &standing.url, "--json"]);
    signed.env_remove("VISEME_KEY").env("VISEME_ACCESS_KEY", "ak-1").env("VISEME_SECRET_KEY", "sk-1-secret");
    let report = finish(signed).expect(3).json();
    assert!(report["problem"]["code"].as_i64().unwrap() >= 1_200, "let in, and refused for the id: {report}");
    let taken = standing.url.strip_prefix("http://").unwrap().to_owned();
    let ended = program.run(&["sandbox", "--listen", &taken]).expect(2);
    assert!(ended.stderr.contains(&taken), "{ended:?}");
    assert_eq!(standing.stop("INT"), 0);
}

#[test]
fn demo_is_the_whole_job_in_both_dialects() {
    for dialect in ["kling", "kirin"] {
        let program = Program::new();
        let ended = program.run(&["demo", "--out", "results", "--dialect", dialect]).expect(0);
        let path = ended.stdout.trim_end();
        assert_eq!(path, "results/viseme-demo.mp4");
        let bytes = std::fs::read(program.path().join(path)).unwrap();
        assert_eq!(&bytes[4..8], b"ftyp", "{dialect}");
        let moov = bytes.windows(4).position(|window| window == b"moov").unwrap();
        let mdat = bytes.windows(4).position(|window| window == b"mdat").unwrap();
        assert!(moov < mdat, "moov first");
        if dialect == "kling" {
            let second = program.run(&["demo", "--out", "results", "--json"]).expect(0).json();
            assert_eq!(second["videos"][0]["path"], "results/viseme-demo-1.mp4", "nothing is replaced");
            assert_eq!(second["faces"].as_array().unwrap().len(), 2);
        }
    }
}

#[test]
fn a_sandbox_started_for_a_command_says_what_ends_with_it() {
    let program = Program::new();
    let asked = program.run(&["task", "t-of-another-command"]).expect(3);
    assert!(asked.stderr.contains("started for this command"), "{asked:?}");
    let left = program.run(&["run", "--video", CLIP, "--audio", VOICE, "--face", "1", "--no-wait"]).expect(0);
    assert!(left.stderr.contains("ends with it now"), "{left:?}");
    let paused = program.run(&["run", "--video", CLIP, "--audio", VOICE, "--face", "1", "--timeout", "1ms"]).expect(6);
    assert!(paused.stderr.contains("viseme sandbox"), "{paused:?}");
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
