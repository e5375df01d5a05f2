//! Local files: probed before anything is sent, and explained where they cannot be used.

use std::fs;

use crate::program::{Program, finish, run_against};
use crate::scripted::{Scripted, kling_script};

const CLIP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4");
const VOICE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/voice.mp3");

#[test]
fn a_local_clip_is_not_for_a_real_service() {
    let service = Scripted::start(kling_script);
    for command in
        [&["identify", "--video", CLIP][..], &["run", "--video", CLIP, "--audio", VOICE, "--send-anyway"][..]]
    {
        let ended =
            Program::new().run(&[command, &["--profile", "ezmodel", "--base-url", &service.url()]].concat()).expect(2);
        assert!(
            ended.stderr.contains("ezmodel") && ended.stderr.contains("address") && ended.stderr.contains("sandbox"),
            "{ended:?}"
        );
        assert!(service.seen().is_empty());
    }
}

#[test]
fn a_local_voice_is_sent_along_as_bare_base64() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    let arguments = [
        "run",
        "--profile",
        "kling",
        "--base-url",
        &service.url(),
        "--video-url",
        "https://example.org/a.mp4",
        "--audio",
        VOICE,
        "--poll-interval",
        "10ms",
        "--json",
    ];
    let report = program.run(&arguments).expect(0).json();
    let create = service.seen().iter().find(|request| request.is_create()).unwrap().json();
    let face = &create["face_choose"][0];
    let sent = face["sound_file"].as_str().unwrap();
    assert_eq!(sent.len(), fs::metadata(VOICE).unwrap().len().div_ceil(3) as usize * 4);
    assert!(!sent.starts_with("data:") && face.get("audio_id").is_none());
    assert_eq!(face["sound_end_time"], report["placement"]["sound_end_time"]);
    assert!(report["placement"]["sound_end_time"].as_i64().unwrap() > 8_000, "the whole voice");
}

#[test]
fn a_voice_can_be_sent_as_wav() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    let url = service.url();
    let arguments = [
        "run",
        "--profile",
        "kling",
        "--base-url",
        &url,
        "--video-url",
        "https://example.org/a.mp4",
        "--audio",
        VOICE,
        "--as-wav",
        "--end",
        "3000",
        "--poll-interval",
        "10ms",
    ];
    let temporary = tempfile::tempdir().unwrap();
    let mut command = program.command(&arguments);
    command.env("TMPDIR", temporary.path());
    finish(command).expect(0);
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0, "the WAV is removed");
    let create = service.seen().iter().find(|request| request.is_create()).unwrap().json();
    let sent = create["face_choose"][0]["sound_file"].as_str().unwrap().to_owned();
    assert!(sent.starts_with("UklGR"), "Base64 of RIFF: {}", &sent[..20]);
    assert!(sent.len() > 500_000, "{} characters: the whole voice, not the crop", sent.len());
    assert_eq!(create["face_choose"][0]["sound_end_time"], 3_000);
}

#[test]
fn a_file_that_is_no_voice_is_2_before_anything_is_sent() {
    let program = Program::new();
    let service = Scripted::start(kling_script);
    fs::write(program.path().join("voice.mp3"), "this is no sound").unwrap();
    fs::write(program.path().join("empty.wav"), "").unwrap();
    for voice in ["voice.mp3", "empty.wav", "nowhere.mp3", "."] {
        let arguments = [
            "run",
            "--profile",
            "kling",
            "--base-url",
            &service.url(),
            "--video-url",
            "https://example.org/a.mp4",
            "--audio",
            voice,
        ];
        let ended = program.run(&arguments).expect(2);
        assert!(ended.stderr.contains(voice), "{ended:?}");
    }
    assert!(service.seen().is_empty());
}

#[test]
fn a_file_that_is_no_clip_is_2() {
    let program = Program::new();
    fs::write(program.path().join("text.mp4"), "this is no clip").unwrap();
    fs::write(program.path().join("empty.mp4"), "").unwrap();
    let whole = fs::read(CLIP).unwrap();
    fs::write(program.path().join("cut.mp4"), &whole[..2_000]).unwrap();
    for clip in ["text.mp4", "empty.mp4", "cut.mp4", "nowhere.mp4", "."] {
        let report = program.run(&["identify", "--video", clip, "--json"]).expect(2).json();
        assert_eq!(
            (report["problem"]["kind"].as_str(), report["requests"].as_i64()),
            (Some("file"), Some(0)),
            "{clip}: {report}"
        );
    }
}

#[test]
fn where_the_result_cannot_be_written_nothing_is_asked() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    for out in ["none/out.mp4", ".", "/"] {
        let ended = run_against(&program, &service.url(), "kling", &["--out", out]).expect(2);
        assert!(ended.stderr.contains("cannot be written"), "{ended:?}");
    }
    assert!(service.seen().is_empty());
    assert!(program.files().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_need_not_be_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let program = Program::new();
    let name = OsStr::from_bytes(b"v\xFFice.mp3");
    fs::copy(VOICE, program.path().join(name)).unwrap();
    let service = Scripted::start(kling_script);
    let mut command = program.command(&[
        "run",
        "--profile",
        "kling",
        "--base-url",
        &service.url(),
        "--video-url",
        "https://example.org/a.mp4",
        "--poll-interval",
        "10ms",
        "--audio",
    ]);
    command.arg(name);
    finish(command).expect(0);
}

#[test]
fn a_callback_that_is_no_address_and_a_voice_that_is_not_there_are_told_before_anything_is_sent() {
    let service = Scripted::start(kling_script);
    for more in [&["--callback-url", "nowhere"][..], &["--audio", "missing.wav", "--end", "3000", "--send-anyway"][..]]
    {
        let mut arguments = vec!["run", "--profile", "kling", "--video-url", "https://example.org/a.mp4"];
        let url = service.url();
        arguments.extend(["--base-url", &url]);
        if !more.contains(&"--audio") {
            arguments.extend(["--audio", VOICE]);
        }
        arguments.extend(more);
        let ended = Program::new().run(&arguments).expect(2);
        assert!(ended.stderr.contains("nowhere") || ended.stderr.contains("missing.wav"), "{ended:?}");
        assert!(service.seen().is_empty(), "{:?}", service.seen().len());
    }
}

#[cfg(unix)]
#[test]
fn a_link_keeps_leading_to_the_result_and_a_pipe_is_no_file() {
    let service = Scripted::start(kling_script);
    let program = Program::new();
    fs::write(program.path().join("real.mp4"), "old").unwrap();
    std::os::unix::fs::symlink("real.mp4", program.path().join("link.mp4")).unwrap();
    run_against(&program, &service.url(), "kling", &["--out", "link.mp4"]).expect(0);
    assert!(program.path().join("link.mp4").symlink_metadata().unwrap().file_type().is_symlink());
    assert_eq!(fs::read(program.path().join("real.mp4")).unwrap(), crate::scripted::mp4());

    let creates = service.creates();
    let made = std::process::Command::new("mkfifo").arg(program.path().join("pipe")).status().unwrap();
    assert!(made.success());
    std::os::unix::fs::symlink("nowhere/at/all.mp4", program.path().join("dangling.mp4")).unwrap();
    for (out, words) in [("pipe", "pipe"), ("/dev/null", "device"), ("dangling.mp4", "leads nowhere")] {
        let ended = run_against(&program, &service.url(), "kling", &["--out", out]).expect(2);
        assert!(ended.stderr.contains(words), "{ended:?}");
    }
    assert_eq!(service.creates(), creates, "nothing was paid for what cannot be saved");
    let ended = program.run(&["identify", "--video", "pipe"]).expect(2);
    assert!(ended.stderr.contains("pipe, not a file"), "{ended:?}");
}

#[test]
fn a_timeout_bounds_the_wait_for_an_identify_that_answers_at_once() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let arguments = ["identify", "--profile", "kling", "--base-url", &url, "--video-url", "https://example.org/a.mp4"];
    let report = Program::new().run(&[&arguments[..], &["--timeout", "1s", "--json"]].concat()).expect(4).json();
    assert_eq!(report["problem"]["kind"], "no_answer");
    assert!(report["problem"]["message"].as_str().unwrap().contains("within 1 s"), "{report}");
}
