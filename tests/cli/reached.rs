//! A service that is reached like a real one: by a name that is not of this machine, with a key, and with every guard on; from a phone's clip and a
//! text to the saved result.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use viseme::model::Profile;

use crate::bucket::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY, Server};
use crate::program::{Ended, KEY, Program, finish};
use crate::sandbox::RunningSandbox;

const API: &str = "api.viseme.test";
const CLIPS: &str = "clips.viseme.test";
const PHONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/clips/phone_4k.mov");
const TEXT: &str = "What I say here, a phone has recorded.";

/// A service and a bucket behind names that only `--resolve` knows.
struct Elsewhere {
    program: Program,
    bucket: Server,
    voices: PathBuf,
}

impl Elsewhere {
    fn new() -> Self {
        let (program, bucket) = (Program::new(), Server::start_as(CLIPS));
        let voices = program.path().join("voices");
        std::fs::create_dir(&voices).unwrap();
        crate::system_voice::install(&voices, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/voice.wav").as_ref());
        let this = Self { program, bucket, voices };
        let at = ["storage", "set", "--endpoint", this.bucket.base(), "--region", REGION, "--bucket", BUCKET];
        this.run(&[&at[..], &["--no-keys"]].concat()).expect(0);
        this
    }

    /// Starts the service.
    fn service(&self, more: &[&str]) -> RunningSandbox {
        let clips = format!("{CLIPS}=127.0.0.1");
        let arguments = [&["sandbox", "--host", API, "--resolve", &clips], more].concat();
        let mut command = self.program.command(&arguments);
        command.env("VISEME_SANDBOX_KEY", KEY);
        command.env("PATH", format!("{}:/usr/bin:/bin", self.voices.display()));
        RunningSandbox::of(command.spawn().unwrap())
    }

    /// Enters the service twice: as `strict`, whose results must be at public addresses, and as `studio`, whose may be in this network.
    fn enter(&self, service: &RunningSandbox) {
        let port = service.url.rsplit(':').next().unwrap();
        let profile = |name: &str, allow_private| {
            let kling = Profile::built_in().into_iter().find(|profile| profile.name == "kling").unwrap();
            let base_url = format!("http://{API}:{port}");
            Profile { name: name.into(), base_url, allow_private, poll_interval_ms: 1_000, ..kling }
        };
        let file = self.program.path().join("config/viseme/settings.json");
        let mut settings: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        settings["profiles"] = json!([profile("strict", false), profile("studio", true)]);
        std::fs::write(&file, settings.to_string()).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program.command(arguments);
        command.env("VISEME_STORAGE_ACCESS_KEY", ACCESS_KEY).env("VISEME_STORAGE_SECRET_KEY", SECRET_KEY);
        command.args(["--resolve", &format!("{API}=127.0.0.1"), "--resolve", &format!("{CLIPS}=127.0.0.1")]);
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        finish(self.command(arguments))
    }
}

#[test]
fn a_phones_clip_and_a_text_become_a_result_of_a_service_elsewhere() {
    let elsewhere = Elsewhere::new();
    let service = elsewhere.service(&[]);
    elsewhere.enter(&service);

    // Nobody but us knows the name.
    let mut unknown = elsewhere.program.command(&["check-key", "--profile", "studio"]);
    unknown.env("VISEME_KEY", KEY);
    finish(unknown).expect(4);
    elsewhere.run(&["check-key", "--profile", "studio"]).expect(0);

    // As the phone wrote it, 4K and 10 bit HLG in HEVC, it breaks the rules: nothing is sent. Fitted, it keeps them.
    let spoken =
        elsewhere.run(&["speak", TEXT, "--voice", "uk_man2", "--profile", "studio", "--json"]).expect(0).json();
    let voice = spoken["audio_id"].as_str().unwrap();
    let job = |profile: &str, video: &str, more: &[&str]| {
        let fixed = ["run", "--profile", profile, "--video", video, "--audio-id", voice, "--end", "2000"];
        elsewhere.run(&[&fixed[..], &["--storage", "--json"], more].concat())
    };
    let refused = job("studio", PHONE, &[]).expect(2).json();
    assert!(refused["problem"]["message"].as_str().unwrap().contains("2160"), "{refused}");
    let fitted = elsewhere.run(&["fit", PHONE, "--size", "720p", "--out", "fitted.mp4", "--json"]).expect(0).json();
    assert!(fitted["problem"].is_null(), "{fitted}");
    assert!(elsewhere.bucket.take_log().is_empty());

    // A service elsewhere is not sent to this network: what it could not fetch is found before anything is paid.
    let strict = job("strict", "fitted.mp4", &[]).expect(4).json();
    assert!(strict["problem"]["message"].as_str().unwrap().contains("private or special"), "{strict}");
    assert!(strict["task_id"].is_null() && strict["session_id"].is_null(), "{strict}");

    let done = job("studio", "fitted.mp4", &["--out", "said.mp4"]).expect(0).json();
    assert_eq!((&done["stage"], &done["videos"][0]["path"]), (&json!("done"), &json!("said.mp4")), "{done}");
    let address = done["videos"][0]["url"].as_str().unwrap();
    assert!(address.starts_with(&format!("http://{API}:")), "{address}");
    let probe = viseme::media::probe_clip(&elsewhere.program.path().join("said.mp4")).unwrap();
    assert_eq!((probe.width_px, probe.height_px), (720, 1280), "upright, as it was held");

    // Its result lies in this network too: only the profile that allows it fetches it.
    let task = done["task_id"].as_str().unwrap();
    let again =
        |profile: &str| elsewhere.run(&["task", task, "--wait", "--profile", profile, "--out", "again.mp4", "--json"]);
    let strict = again("strict").expect(4).json();
    assert!(strict["problem"]["message"].as_str().unwrap().contains("private or special"), "{strict}");
    again("studio").expect(0);
    let read = |name: &str| std::fs::read(elsewhere.program.path().join(name)).unwrap();
    assert!(read("again.mp4") == read("said.mp4"));
}

#[test]
fn a_sandbox_for_other_machines_fetches_from_this_network_only_where_it_may() {
    let elsewhere = Elsewhere::new();
    let clip = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4");
    let identify = || elsewhere.run(&["identify", "--profile", "studio", "--video", clip, "--storage", "--json"]);
    let service = elsewhere.service(&["--listen", "0.0.0.0:0"]);
    elsewhere.enter(&service);
    let refused = identify().expect(3).json();
    assert!(refused["problem"]["message"].as_str().unwrap().contains("private"), "{refused}");
    drop(service);
    let service = elsewhere.service(&["--listen", "0.0.0.0:0", "--allow-private"]);
    elsewhere.enter(&service);
    assert_eq!(identify().expect(0).json()["faces"].as_array().unwrap().len(), 2);
}
