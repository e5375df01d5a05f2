//! Storage of one's own in the window: set up, checked, and used for a local clip and a service that takes none.

use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::json;
use tokio::runtime::Runtime;
use viseme::workflow::Stage;

use crate::bucket::{ACCESS_KEY, BUCKET, REGION, SECRET_KEY, Server};
use crate::history::rows;
use crate::hostile::{Hostile, json_answer};
use crate::slow_service::{desk_at, next_step};
use crate::support::Desk;

fn faces() -> serde_json::Value {
    json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": {"session_id": "s-1", "face_data": [
        {"face_id": "f-1", "start_time": 0, "end_time": 9000}
    ]}})
}

pub fn enter(desk: &mut Desk, role: Role, name: &str, text: &str) {
    let field = desk.harness.get_by_role_and_label(role, name);
    field.focus();
    field.set_text_value_accesskit(text);
    desk.harness.run_steps(2);
}

/// Sets up a bucket in its page; `host` is the one that the page names.
pub fn set_up(desk: &mut Desk, bucket: &Server, host: &str) {
    desk.button("Set up storage…").click();
    desk.wait("the page", |desk| desk.has("Real services take no video files"));
    assert!(!desk.is_enabled("Use this storage") && !desk.is_enabled("Check"), "nothing is entered yet");
    enter(desk, Role::TextInput, "Endpoint", bucket.base());
    enter(desk, Role::TextInput, "Region", REGION);
    enter(desk, Role::TextInput, "Bucket", BUCKET);
    enter(desk, Role::PasswordInput, "Access key of the storage", ACCESS_KEY);
    enter(desk, Role::PasswordInput, "Secret key of the storage", SECRET_KEY);
    desk.button("Use this storage").click();
    desk.wait("the storage", |desk| desk.has(&format!("Local clips go to clips at {host}")));
}

/// A window at a service that takes no files, with a local clip, and a bucket that is set up; its page is open.
struct Ready {
    desk: Desk,
    bucket: Server,
    service: Hostile,
    clip: PathBuf,
    /// It runs the service.
    _runtime: Runtime,
}

impl Ready {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let bucket = Server::start();
        let service = runtime.block_on(Hostile::start(|_, _| json_answer("200 OK", &faces())));
        let mut desk = desk_at(&service);
        let [clip, _] = desk.own_files();
        desk.drop_file(&clip);
        desk.wait("the ways out", |desk| desk.has("accepts no video files"));
        set_up(&mut desk, &bucket, "127.0.0.1");
        Self { desk, bucket, service, clip, _runtime: runtime }
    }
}

pub fn no_key_is_seen(desk: &Desk) {
    for secret in [ACCESS_KEY, SECRET_KEY, "X-Amz-Signature"] {
        assert!(!desk.has(secret), "{secret}");
    }
}

#[test]
fn a_local_clip_goes_through_a_bucket_to_a_service_that_takes_none() {
    let Ready { mut desk, bucket, service, clip, _runtime } = Ready::new();
    desk.button("Check").click();
    desk.wait("what the check found", |desk| desk.has("clips at 127.0.0.1 works"));
    no_key_is_seen(&desk);
    assert!(bucket.objects().is_empty());
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);
    assert!(desk.has("It goes to clips at 127.0.0.1 first") && !desk.has("accepts no video files"));
    bucket.take_log();

    next_step(&mut desk);
    desk.wait("faces", |desk| desk.has_tile("Face 1"));
    assert_eq!(bucket.take_log(), ["HEAD 404", "PUT 200", "GET 206"]);
    assert_eq!(bucket.objects().into_values().collect::<Vec<_>>(), [std::fs::read(&clip).unwrap()]);
    let requests = service.requests();
    let identify = requests.iter().find(|request| request.line.contains("identify-face")).unwrap().json();
    let address = identify["video_url"].as_str().unwrap();
    assert!(address.starts_with(&format!("{}/{BUCKET}/viseme/", bucket.base())), "{address}");
    no_key_is_seen(&desk);
}

#[test]
fn an_upload_is_cancelled_at_once_and_a_refusal_says_what_to_do() {
    let Ready { mut desk, bucket, service, _runtime, .. } = Ready::new();
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);
    bucket.twist(|twist| twist.silent = vec!["PUT"]);
    next_step(&mut desk);
    desk.wait("the upload", |desk| desk.has("Uploading the clip to clips at 127.0.0.1"));
    desk.button("Cancel").click();
    desk.harness.run_steps(2);
    assert!(matches!(desk.stage(), Stage::Idle(_)), "at once");
    bucket.twist(|twist| (twist.silent, twist.denied) = (Vec::new(), vec!["PUT"]));
    next_step(&mut desk);
    desk.wait("the refusal", |desk| desk.has("does not allow it"));
    assert!(desk.has("s3:PutObject") && bucket.objects().is_empty());
    assert!(service.requests().iter().all(|request| !request.line.contains("identify-face")), "nothing is paid");
    no_key_is_seen(&desk);
}

#[test]
fn what_lies_in_the_bucket_is_listed_by_the_names_of_its_files_and_deleted_after_a_question() {
    let Ready { mut desk, bucket, service: _service, clip, _runtime } = Ready::new();
    let stranger = format!("viseme/{}.wav", "0123456789abcdef".repeat(4));
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);
    next_step(&mut desk);
    desk.wait("faces", |desk| desk.has_tile("Face 1"));
    bucket.insert(&stranger, &[1; 2_000]);
    bucket.insert("viseme/not ours.txt", b"hands off");

    desk.chord(Modifiers::COMMAND, Key::Comma);
    desk.wait("the settings", |desk| desk.has("Appearance"));
    desk.harness.get_by_role_and_label(Role::Tab, "Storage").click();
    desk.wait("the page", |desk| desk.is_enabled("What lies there"));
    bucket.twist(|twist| twist.denied = vec!["GET"]);
    desk.button("What lies there").click();
    desk.wait("the refusal", |desk| desk.has("does not allow it"));
    bucket.twist(|twist| twist.denied = Vec::new());
    desk.button("Read the list again").click();
    desk.wait("the list", |desk| rows(desk).len() == 2 && !desk.has("does not allow it"));
    let known = clip.file_name().unwrap().to_string_lossy().into_owned();
    let is_needed = |row: &String| row.starts_with(&known) && row.ends_with("Still needed");
    assert!(rows(&desk).iter().any(is_needed), "the session on the desk was found in it: {:?}", rows(&desk));
    let unknown = "WAV 0123456789ab…, 2 kB";
    assert!(rows(&desk).iter().any(|row| row.starts_with(unknown) && !row.contains("needed")), "{:?}", rows(&desk));
    assert!(!desk.has("not ours"));
    no_key_is_seen(&desk);

    // By keys alone: the list has the focus, its arrows choose, and Delete asks.
    let place = rows(&desk).iter().position(|row| row.starts_with(unknown)).unwrap();
    desk.press(if place == 0 { Key::Home } else { Key::End });
    desk.press(Key::Delete);
    desk.wait("the question", |desk| {
        desk.has("Delete the file from the storage?") && desk.has("it may be the only copy")
    });
    // Another may be in the window: a draft is being prepared.
    let has_focus =
        |desk: &Desk| desk.focused().and_then(|node| node.accesskit_node().label()) == Some("Cancel".into());
    desk.wait("the focus on Cancel", has_focus);
    desk.press(Key::Enter);
    desk.wait("the list", |desk| !desk.has("Delete the file from the storage?"));
    assert_eq!((rows(&desk).len(), bucket.objects().len()), (2, 3), "Cancel changes nothing");
    desk.button("Delete…").click();
    desk.wait("the question", |desk| desk.has("Delete the file from the storage?"));
    desk.button("Delete").click();
    desk.wait("its end", |desk| rows(desk).len() == 1);
    assert!(!bucket.objects().contains_key(&stranger) && bucket.objects().len() == 2);
    desk.wait("the rest, read again", |desk| desk.is_enabled("Delete…") && desk.is_enabled("Read the list again"));
    desk.button("Delete…").click();
    desk.wait("a warning", |desk| desk.has("has not ended"));
    desk.button("Delete").click();
    desk.wait("nothing left", |desk| desk.has("Nothing that viseme has put there"));
    assert_eq!(bucket.objects().into_keys().collect::<Vec<_>>(), ["viseme/not ours.txt"]);
    desk.button("Back to the storage").click();
    desk.wait("the page", |desk| desk.has("Real services take no video files"));
}
