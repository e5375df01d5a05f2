//! What is written, and what happens where it cannot be.

use std::process::Stdio;

use crate::program::{Program, finish, run_arguments};
use crate::scripted::{Scripted, kirin_script, kling_script, ok};

#[test]
fn profiles_are_a_row_each() {
    let program = Program::new();
    let ended = program.run(&["profiles"]).expect(0);
    let names: Vec<_> = ended.stdout.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(names, ["sandbox", "ezmodel", "kling", "vtrix"]);
    assert!(ended.stdout.contains("https://api.ezmodel.cloud") && ended.stdout.contains("VISEME_SECRET_KEY"));
    let report = program.run(&["--json", "profiles"]).expect(0).json();
    assert_eq!(report["profiles"].as_array().unwrap().len(), 4);
    assert_eq!(report["problem"], serde_json::Value::Null);
}

/// Where other systems keep settings cannot be set from outside.
#[cfg(target_os = "linux")]
#[test]
fn a_service_added_in_the_window_is_known_by_its_name() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    let settings = program.path().join("config").join("viseme").join("settings.json");
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    let judge = serde_json::json!({"name": "Judge", "dialect": "kling", "base_url": service.url(), "path_prefix": "",
        "auth": "key_or_signed", "poll_interval_ms": 10, "poll_limit_ms": 60_000});
    std::fs::write(&settings, serde_json::json!({"profiles": [judge]}).to_string()).unwrap();
    let identify = ["identify", "--profile", "Judge", "--video-id", "v-0"];
    assert!(program.run(&identify).expect(0).stdout.starts_with("1\tf-1\t"));
    assert!(program.run(&["profiles"]).expect(0).stdout.contains(&service.url()));
    let unknown = program.run(&["identify", "--profile", "Jugde", "--video-id", "v-0"]).expect(2);
    assert!(unknown.stderr.contains("vtrix, Judge"), "{unknown:?}");

    std::fs::write(&settings, "{").unwrap();
    let unreadable = program.run(&identify).expect(2);
    assert!(unreadable.stderr.contains("are damaged") && unreadable.stderr.contains("settings.json"), "{unreadable:?}");
    assert_eq!(std::fs::read(&settings).unwrap(), b"{", "the command line leaves it as it is");
}

/// Where other systems keep settings cannot be set from outside.
#[cfg(target_os = "linux")]
#[test]
fn settings_that_cannot_be_read_are_said_once_and_what_can_be_holds() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    let settings = program.path().join("config").join("viseme").join("settings.json");
    let url = service.url();
    program.run(&["profiles", "add", "judge", "--base-url", &url]).expect(0);
    let mut keys: serde_json::Value = serde_json::from_slice(&std::fs::read(&settings).unwrap()).unwrap();
    keys["theme"] = "sepia".into();
    let damaged = keys.to_string();
    std::fs::write(&settings, &damaged).unwrap();
    let ended = program.run(&["identify", "--profile", "judge", "--video-id", "v-0"]).expect(0);
    let warnings: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert_eq!(warnings.len(), 1, "{ended:?}");
    assert!(warnings[0].contains("theme (") && warnings[0].contains("Everything else holds"), "{ended:?}");
    std::fs::write(&settings, "{").unwrap();
    for (command, code) in [(&["tasks"][..], 0), (&["profiles"], 0), (&["key", "show"], 0), (&["storage", "show"], 2)] {
        let ended = program.run(command).expect(code);
        assert_eq!(ended.stderr.matches("warning: The settings in ").count(), 1, "{ended:?}");
        assert!(ended.stderr.contains("Mend the file"), "{ended:?}");
    }
    let refused = program.run(&["profiles", "add", "other", "--base-url", &url]).expect(2);
    assert!(refused.stderr.contains("cannot be changed"), "{refused:?}");
    assert_eq!(std::fs::read(&settings).unwrap(), b"{", "what cannot be read is not written over");
    assert!(!program.run(&["man"]).expect(0).stderr.contains("warning"), "it reads no settings");
}

/// Where other systems keep settings cannot be set from outside.
#[cfg(target_os = "linux")]
#[test]
fn services_of_ones_own_are_added_changed_and_removed() {
    let service = Scripted::start(kling_script);
    let (program, url) = (Program::new(), service.url());
    let add = |name: &str, more: &[&str]| program.run(&[&["profiles", "add", name], more].concat());
    let added = add("judge", &["--base-url", &format!("{url}/gateway"), "--extra", r#"{"model": "m"}"#, "--json"]);
    let added = added.expect(0).json()["profile"].clone();
    assert_eq!((&added["base_url"], &added["prefix"]), (&url.as_str().into(), &"/gateway".into()));
    let identify = ["identify", "--profile", "judge", "--video-id", "v-0"];
    program.run(&identify).expect(0);
    let seen = service.seen();
    assert!(seen[0].path.starts_with("/gateway/v1/") && seen[0].json()["model"] == "m", "{seen:?}");
    for (name, more, words) in [
        ("judge", &["--base-url", &*url][..], "viseme profiles add judge --replace"),
        ("judge", &["--base-url", &*url], "already a service"),
        ("Kling", &["--base-url", &*url], "already a service"),
        ("kling", &["--base-url", &*url, "--replace"], "No service of your own is called kling"),
        ("x", &["--base-url", "api.example.com"], "--base-url"),
        ("x", &["--base-url", &*url, "--prefix", "a b"], "--prefix"),
        ("x", &["--base-url", &*url, "--extra", r#"{"api_key": "k"}"#], "looks like a secret"),
        ("x", &[], "--base-url"),
    ] {
        let refused = add(name, more).expect(2);
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    add("judge", &["--replace", "--dialect", "kling", "--prefix", "/other"]).expect(0);
    program.run(&identify).expect(0);
    let last = service.seen().pop().unwrap();
    assert!(last.path.starts_with("/other/v1/") && last.json()["model"] == "m", "what is not given stays: {last:?}");
    let listed = program.run(&["profiles", "list", "--json"]).expect(0).json();
    assert_eq!(listed["profiles"].as_array().unwrap().len(), 5);
    assert_eq!(program.run(&["profiles", "remove", "judge", "--json"]).expect(0).json()["removed"], "judge");
    assert!(program.run(&["profiles", "remove", "judge"]).expect(2).stderr.contains("viseme profiles add"));
    assert!(program.run(&["profiles", "remove", "kling"]).expect(2).stderr.contains("come with the program stay"));
    program.run(&identify).expect(2);
}

#[test]
fn help_and_version_go_to_stdout() {
    let program = Program::new();
    let overview = program.run(&["--help"]).expect(0).stdout;
    for (command, uses_service, has_json) in [
        ("demo", true, true),
        ("identify", true, true),
        ("run", true, true),
        ("task", true, true),
        ("draft", false, true),
        ("judge", false, true),
        ("fit", false, true),
        ("sandbox", false, true),
        ("profiles", false, true),
        ("completions", false, false),
        ("man", false, false),
    ] {
        assert!(overview.contains(command), "{overview}");
        let help = program.run(&["help", command]).expect(0);
        assert!(help.stderr.is_empty(), "{help:?}");
        for option in ["--profile", "--base-url", "--prefix", "--dialect"] {
            assert_eq!(help.stdout.contains(&format!("{option} <")), uses_service, "{command}: {help:?}");
        }
        assert_eq!(help.stdout.contains("--json"), has_json, "{command}: {help:?}");
    }
    assert!(program.run(&["--version"]).expect(0).stdout.starts_with("viseme "));
}

#[test]
fn completions_and_manual_pages_know_every_command() {
    let program = Program::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = program.run(&["completions", shell]).expect(0).stdout;
        assert!(script.contains("external-id") && script.contains("identify"), "{shell}");
    }
    program.run(&["completions", "tcsh"]).expect(2);
    let page = program.run(&["man"]).expect(0).stdout;
    assert!(page.contains(".TH viseme 1") && page.contains("identify") && page.contains("FILE"), "{page}");
    let page = program.run(&["man", "draft"]).expect(0).stdout;
    assert!(page.contains("viseme\\-draft") && page.contains("audio"), "{page}");
    assert!(program.run(&["man", "nothing"]).expect(2).stderr.contains("identify"));
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error_and_a_mistyped_command_has_its_suggestion() {
    let program = Program::new();
    std::fs::create_dir(program.path().join("clips")).unwrap();
    for (arguments, words) in [
        (&["clip.mp4"][..], "clip.mp4 does not exist"),
        (&["/nowhere/clip"][..], "/nowhere/clip does not exist"),
        (&["clips"][..], "clips is a folder"),
        (&["--profile", "kling", "clip.mp4", "voice.wav"][..], "clip.mp4 does not exist"),
    ] {
        let ended = program.run(arguments).expect(2);
        assert!(ended.stderr.contains(words), "{arguments:?}: {ended:?}");
        let report = program.run(&[arguments, &["--json"]].concat()).expect(2).json();
        assert_eq!(report["problem"]["kind"], "file", "{arguments:?}: {report}");
    }
    let ended = program.run(&["idetify", "--video", "clip.mp4"]).expect(2);
    assert!(ended.stderr.contains("'identify'"), "{ended:?}");
}

#[cfg(unix)]
#[test]
fn a_reader_that_is_gone_is_no_crash() {
    let program = Program::new();
    for arguments in [&["profiles"][..], &["--help"][..], &["profiles", "--json"][..], &["frobnicate", "--json"][..]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = program.command(arguments);
        command.stdout(writer);
        let ended = finish(command);
        assert!(ended.code == 0 || (ended.code == 2 && arguments[0] == "frobnicate"), "{arguments:?}: {ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_stdout_is_an_error() {
    let program = Program::new();
    let mut command = program.command(&["profiles", "--json"]);
    command.stdout(Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap()));
    let ended = finish(command).expect(2);
    assert!(ended.stderr.contains("Standard output cannot be written"), "{ended:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_there_is_a_bar_and_still_no_colour() {
    let service = Scripted::start(|request, before, base| {
        if request.path.contains("/t-1") && before < 30 {
            return ok(&serde_json::json!({"id": "t-1", "status": "in_progress", "progress": 0.42}));
        }
        kirin_script(request, before, base)
    });
    let program = Program::new();
    let mut line = env!("CARGO_BIN_EXE_viseme").to_owned();
    for argument in run_arguments(&service.url(), "kirin") {
        line.extend([" ", &argument]);
    }
    // util-linux's `script` runs a command on a terminal of its own; its stdout is what that terminal was sent.
    let mut command = std::process::Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm");
    program.set_up(&mut command);
    let ended = finish(command);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("42 %"), "{ended:?}");
    // Select Graphic Rendition sequences end in `m`; those that move the cursor do not.
    let colours = ended
        .stdout
        .split("\u{1b}[")
        .skip(1)
        .filter(|rest| rest.find(|c: char| c.is_ascii_alphabetic()).is_some_and(|at| rest[at..].starts_with('m')));
    assert_eq!(colours.count(), 0, "{ended:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_service_that_is_reached_in_the_clear_says_so_at_once_and_a_task_is_resumed_by_its_name() {
    let program = Program::new();
    let added = program.run(&["profiles", "add", "bad", "--base-url", "http://api.example.com"]).expect(0);
    assert!(added.stderr.contains("warning: The service bad is reached without encryption"), "{added:?}");
    let service = Scripted::start(kling_script);
    let local = program.run(&["profiles", "add", "acme", "--base-url", &service.url()]).expect(0);
    assert!(!local.stderr.contains("without encryption"), "this machine is not on the way: {local:?}");
    let journal = viseme::journal::Journal::open(&program.journal_file()).unwrap().journal;
    let acme = viseme::journal::Service {
        profile: "acme".into(),
        base_url: service.url(),
        path_prefix: String::new(),
        dialect: viseme::model::Dialect::Kling,
    };
    let followed = viseme::journal::Followed {
        service: acme,
        task_id: "t-9".into(),
        external_task_id: None,
        clip: viseme::journal::Described::named("clip.mp4"),
        voice: viseme::journal::Described::named("voice.mp3"),
    };
    journal.follow(&followed, &viseme::journal::Owner::new("another"), 1_700_000_000_000).unwrap();
    drop(journal);
    let listed = program.run(&["tasks", "list"]).expect(0);
    assert!(listed.stdout.contains("viseme task t-9 --wait --profile acme\n"), "{listed:?}");
    let shown = program.run(&["tasks", "show", "t-9", "--json"]).expect(0).json();
    assert_eq!(shown["command"], "viseme task t-9 --wait --profile acme", "{shown}");
}
