//! Local files to a service that takes none, through storage of one's own: a bucket on a server that checks every signature, and a command.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::bucket::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY, Server};
use crate::program::{Ended, Program, ended, finish};
use crate::scripted::{Answer, Scripted, kling_script};
use crate::shop::Shop;

fn media(name: &str) -> String {
    format!("{}/assets/demo/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
}

/// A command whose storage has its keys in the environment; what it says is looked through for them.
fn with_keys(program: &Program, arguments: &[&str]) -> Ended {
    let mut command = program.command(arguments);
    command.env("VISEME_STORAGE_ACCESS_KEY", ACCESS_KEY).env("VISEME_STORAGE_SECRET_KEY", SECRET_KEY);
    command.env("VISEME_LOG", "trace");
    clean(finish(command))
}

fn clean(ended: Ended) -> Ended {
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains(SECRET_KEY) && !text.contains(ACCESS_KEY), "{ended:?}");
        assert!(!text.contains("X-Amz-Signature"), "{ended:?}");
    }
    ended
}

fn set(program: &Program, server: &Server, more: &[&str]) -> Ended {
    let at = ["storage", "set", "--endpoint", server.base(), "--region", REGION, "--bucket", BUCKET, "--no-keys"];
    with_keys(program, &[&at[..], more].concat()).expect(0)
}

/// Runs the whole job from the disk.
fn run(program: &Program, service: &Scripted, audio: &str, more: &[&str]) -> Ended {
    let (url, clip) = (service.url(), media("duo.mp4"));
    let fixed = ["run", "--profile", "kling", "--base-url", &url, "--video", &clip, "--audio", audio, "--end", "2000"];
    with_keys(program, &[&fixed[..], &["--poll-interval", "10ms", "--json"][..], more].concat())
}

fn body_of(service: &Scripted, is_it: impl Fn(&crate::scripted::Request) -> bool) -> Value {
    service.seen().iter().find(|request| is_it(request)).unwrap().json()
}

#[test]
fn a_bucket_is_set_up_shown_checked_listed_cleaned_and_forgotten() {
    let (program, server) = (Program::new(), Server::start());
    let at = ["storage", "set", "--endpoint", server.base(), "--region", REGION, "--bucket", BUCKET];
    let input = |mut command: Command, text: &str| {
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        clean(ended(child))
    };
    let keys = format!("{ACCESS_KEY}\n{SECRET_KEY}\n");
    let refused = input(program.command(&at), &keys).expect(2);
    assert!(refused.stderr.contains("VISEME_STORAGE_ACCESS_KEY"), "no keychain, and a way out: {refused:?}");
    input(program.command(&[&at[..], &["--file", "--yes"]].concat()), "one-key-alone-0123\n").expect(2);
    let done = input(program.command(&[&at[..], &["--file", "--yes", "--json"]].concat()), &keys).expect(0);
    assert_eq!(done.json()["storage"]["bucket"]["bucket"], BUCKET);
    let settings = fs::read_to_string(program.path().join("config/viseme/settings.json")).unwrap();
    assert!(settings.contains(BUCKET) && !settings.contains(SECRET_KEY) && !settings.contains(ACCESS_KEY));

    let shown = clean(program.run(&["storage", "show"]).expect(0));
    assert!(shown.stdout.contains(server.base()) && shown.stdout.contains("keys.json"), "{shown:?}");
    clean(program.run(&["storage", "check"]).expect(0));
    assert_eq!(
        server.take_log(),
        ["HEAD 404", "PUT 200", "GET 206", "GET 200", "DELETE 204", "GET 200"],
        "put, fetched, listed, deleted, listed"
    );
    server.insert(&format!("viseme/{}.mp4", "0123456789abcdef".repeat(4)), b"old");
    server.insert("viseme/mine.txt", b"mine");
    let listed = clean(program.run(&["storage", "list", "--json"]).expect(0)).json();
    assert_eq!(listed["objects"].as_array().unwrap().len(), 1);
    assert_eq!(listed["objects"][0]["size_bytes"], 3);
    let cleaned = clean(program.run(&["storage", "clean"]).expect(0));
    assert!(cleaned.stderr.contains("Deleted: 1. Left: 0"), "{cleaned:?}");
    assert_eq!(server.objects().into_keys().collect::<Vec<_>>(), ["viseme/mine.txt"]);
    server.twist(|twist| twist.moved = true);
    let moved = clean(program.run(&["storage", "check"]).expect(3));
    assert!(moved.stderr.contains("us-west-2"), "{moved:?}");

    program.run(&["storage", "forget"]).expect(0);
    let gone = program.run(&["storage", "list"]).expect(2);
    assert!(gone.stderr.contains("No storage is set up") && gone.stderr.contains("viseme storage set"), "{gone:?}");
    assert!(!program.path().join("config/viseme/keys.json").exists());
    let wrong =
        program.run(&["storage", "set", "--endpoint", "s3.example.com", "--bucket", "b", "--no-keys"]).expect(2);
    assert!(wrong.stderr.contains("endpoint"), "{wrong:?}");
}

#[test]
fn a_clip_on_the_disk_gets_to_a_real_service_and_is_uploaded_once() {
    let (program, server) = (Program::new(), Server::start());
    let service = Scripted::start(kling_script);
    // Without storage: the three ways out, before anything is sent.
    let refused = run(&program, &service, &media("voice.mp3"), &[]).expect(2);
    for way in ["address", "viseme storage set", "viseme storage command"] {
        assert!(refused.stderr.contains(way), "{refused:?}");
    }
    run(&program, &service, &media("voice.mp3"), &["--storage"]).expect(2);
    assert!(service.seen().is_empty());

    set(&program, &server, &[]);
    let done = run(&program, &service, &media("voice.mp3"), &["--storage"]).expect(0);
    assert!(done.stderr.contains("Uploading the clip to clips at 127.0.0.1"), "{done:?}");
    assert!(done.stderr.contains("the address of the clip holds until"), "{done:?}");
    let clip = fs::read(media("duo.mp4")).unwrap();
    let objects = server.objects();
    assert_eq!(objects.values().collect::<Vec<_>>(), [&clip]);
    assert_eq!(server.take_log(), ["HEAD 404", "PUT 200", "GET 206"]);
    let address = body_of(&service, crate::scripted::Request::is_identify)["video_url"].as_str().unwrap().to_owned();
    let key = objects.keys().next().unwrap();
    assert!(address.starts_with(&format!("{}/{BUCKET}/{key}?", server.base())), "{address}");
    assert!(address.contains("X-Amz-Expires=86400") && address.contains("X-Amz-Signature="), "{address}");
    let create = body_of(&service, crate::scripted::Request::is_create);
    assert!(create["face_choose"][0]["sound_file"].as_str().unwrap().len() > 1_000, "a small voice is sent along");
    assert_eq!(done.json()["stage"], "done");

    // The faces are known: neither uploaded nor paid for again.
    let known = run(&program, &service, &media("voice.mp3"), &["--storage"]).expect(0);
    assert!(known.stderr.contains("nothing was asked or paid") && server.take_log().is_empty(), "{known:?}");

    // Again, and deleted afterwards: then the service might look for it in vain.
    set(&program, &server, &["--delete-after"]);
    let done = run(&program, &service, &media("voice.mp3"), &["--storage"]).expect(0);
    assert_eq!(server.take_log(), ["HEAD 200", "GET 206", "DELETE 204"]);
    assert!(server.objects().is_empty() && done.stderr.contains("Deleted from the storage: 1"), "{done:?}");
    for file in [program.path(), program.data.path()].into_iter().flat_map(files_under) {
        let bytes = fs::read(&file).unwrap();
        for secret in [SECRET_KEY, ACCESS_KEY] {
            assert!(!bytes.windows(secret.len()).any(|at| at == secret.as_bytes()), "{}", file.display());
        }
    }
}

#[test]
fn what_the_storage_refuses_is_told_before_anything_is_paid() {
    let (program, server) = (Program::new(), Server::start());
    let service = Scripted::start(kling_script);
    set(&program, &server, &[]);
    server.twist(|twist| twist.denied = vec!["PUT"]);
    let denied = run(&program, &service, &media("voice.mp3"), &["--storage"]).expect(3);
    assert!(denied.stderr.contains("s3:PutObject"), "{denied:?}");
    server.twist(|twist| (twist.denied, twist.serves) = (Vec::new(), Some(b"something else".to_vec())));
    let other = run(&program, &service, &media("voice.mp3"), &["--storage"]).expect(4);
    assert!(other.stderr.contains("14 bytes"), "{other:?}");
    assert!(!service.seen().iter().any(crate::scripted::Request::is_identify), "nothing was paid for");
}

/// 30 s of a tone in stereo: more than the 5 MB that can be sent along.
fn large_voice(path: &Path) -> Vec<u8> {
    let samples: Vec<u8> = (0..48_000 * 30)
        .flat_map(|at: u32| {
            let level = ((f64::from(at) / 48_000.0 * 440.0 * std::f64::consts::TAU).sin() * 8_000.0) as i16;
            [level.to_le_bytes(), level.to_le_bytes()].concat()
        })
        .collect();
    let length = u32::try_from(samples.len()).unwrap();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + length).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    bytes.extend(48_000_u32.to_le_bytes());
    bytes.extend(192_000_u32.to_le_bytes());
    bytes.extend(b"\x04\0\x10\0data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(samples);
    fs::write(path, &bytes).unwrap();
    bytes
}

#[test]
fn a_voice_that_is_too_large_to_be_sent_along_goes_the_same_way() {
    let (program, server) = (Program::new(), Server::start());
    let service = Scripted::start(kling_script);
    let voice = program.path().join("voice.wav");
    let bytes = large_voice(&voice);
    set(&program, &server, &[]);
    let refused = run(&program, &service, voice.to_str().unwrap(), &[]).expect(2);
    assert!(refused.stderr.contains("audio.size"), "{refused:?}");
    let done = run(&program, &service, voice.to_str().unwrap(), &["--storage"]).expect(0);
    assert!(done.stderr.contains("it goes through your storage"), "{done:?}");
    let create = body_of(&service, crate::scripted::Request::is_create);
    let sent = create["face_choose"][0]["sound_file"].as_str().unwrap();
    assert!(sent.starts_with(server.base()) && sent.contains(".wav?"), "{sent}");
    assert!(server.objects().values().any(|object| *object == bytes));
    let told = program.run(&["tasks", "list", "--json"]).expect(0);
    assert!(told.stdout.contains("voice.wav"), "the journal knows the file: {told:?}");
}

#[test]
fn the_rows_of_a_batch_share_what_was_put_there() {
    let (program, server) = (Program::new(), Server::start());
    let shop = Shop::start(2, 2);
    set(&program, &server, &["--delete-after"]);
    let row = |name: &str| json!({ "video": media("duo.mp4"), "audio": media("voice.mp3"), "sound_end_time": 2_000, "external_task_id": name });
    let rows = [row("a-1").to_string(), row("a-2").to_string()];
    fs::write(program.path().join("jobs.jsonl"), rows.join("\n")).unwrap();
    let url = shop.server.url();
    let fixed = ["batch", "jobs.jsonl", "--profile", "kling", "--base-url", &url, "--poll-interval", "10ms"];
    with_keys(&program, &[&fixed[..], &["--storage"]].concat()).expect(0);
    assert_eq!(
        server.take_log(),
        ["HEAD 404", "PUT 200", "GET 206", "DELETE 204"],
        "once for both, and deleted at the end"
    );
}

#[cfg(unix)]
#[test]
fn a_command_that_prints_an_address_does_as_well() {
    use std::os::unix::fs::PermissionsExt as _;
    let program = Program::new();
    let clip = fs::read(media("duo.mp4")).unwrap();
    let served = clip.clone();
    let service = Scripted::start(move |request, before, base| match request.path.as_str() {
        "/put/duo.mp4" => Answer::Body(200, "video/mp4", served.clone()),
        _ => kling_script(request, before, base),
    });
    let script = program.path().join("put it");
    fs::write(&script, "#!/bin/sh\necho uploading >&2\necho \"$1/put/$(basename \"$2\")\"\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let (url, script) = (service.url(), script.to_str().unwrap().to_owned());
    // Set up from its own folder, it is found from any other.
    let set = program.run(&["storage", "command", "./put it", &url, "{file}"]).expect(0);
    assert!(set.stdout.contains("{file}") && set.stdout.contains(&url), "its arguments are shown: {set:?}");
    let shown = program.run(&["storage", "show"]).expect(0);
    assert!(shown.stdout.contains(&format!("'{script}'")), "{shown:?}");
    run(&program, &service, &media("voice.mp3"), &["--storage"]).expect(0);
    let identify = body_of(&service, crate::scripted::Request::is_identify);
    assert_eq!(identify["video_url"], format!("{url}/put/duo.mp4"));
    // What it has uploaded is listed by itself alone.
    let list = program.run(&["storage", "list"]).expect(2);
    assert!(list.stderr.contains("hint: ") && list.stderr.contains("viseme storage show"), "{list:?}");
    // One that fails is told with its words, and nothing is asked of the service.
    let asked = service.seen().len();
    program.run(&["storage", "command", "sh", "-c", "echo no such remote >&2; exit 1"]).expect(0);
    let failed = run(&program, &service, &media("voice.mp3"), &["--storage", "--find-again"]).expect(2);
    assert!(failed.stderr.contains("no such remote"), "{failed:?}");
    let asked_since = service.seen().len() - asked;
    assert!(!service.seen().iter().rev().take(asked_since).any(crate::scripted::Request::is_identify));
}
