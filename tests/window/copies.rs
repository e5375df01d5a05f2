//! A clip and a voice that are sent as addresses: fetched for the preview, or looked at in a copy of one's own; and a clip by its id.

use std::path::Path;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use viseme::app::{Options, Window};
use viseme::journal::{Described, Followed, Journal, Owner, Service};
use viseme::model::{ClipSource, Dialect, SavedFile, Task, TaskStatus, TaskVideo, VoiceSource};
use viseme::workflow::Stage;

use crate::hostile::{self, Act, Hostile, answer_with, json_answer};
use crate::money::{enter_key, open_keys};
use crate::support::Desk;

const DUO: &[u8] = include_bytes!("../../assets/demo/duo.mp4");
const VOICE: &[u8] = include_bytes!("../media/voice.wav");
const SPOKEN: &[u8] = include_bytes!("../../assets/demo/voice.mp3");

/// A service that has clip and voice as well, the clip with ranges and without; what is not there is refused in words.
fn service(runtime: &Runtime) -> Hostile {
    runtime.block_on(Hostile::start(|_, request| {
        let path = request.line.split_whitespace().nth(1).unwrap_or_default();
        match path.split('?').next().unwrap_or_default() {
            "/duo.mp4" if request.header("range").is_some() => {
                let range = request.header("range").and_then(|range| range.strip_prefix("bytes=0-"));
                let last: usize = range.and_then(|last| last.parse().ok()).expect("the beginning is asked for");
                let part = &DUO[..DUO.len().min(last + 1)];
                let said = format!("Content-Range: bytes 0-{}/{}\r\n", part.len() - 1, DUO.len());
                Act::Send(answer_with("206 Partial Content", &said, part))
            }
            "/duo.mp4" | "/plain.mp4" => Act::Send(answer_with("200 OK", "Content-Type: video/mp4\r\n", DUO)),
            "/voice.wav" => Act::Send(answer_with("200 OK", "Content-Type: audio/wav\r\n", VOICE)),
            "/voice.mp3" => Act::Send(answer_with("200 OK", "Content-Type: audio/mpeg\r\n", SPOKEN)),
            "/slow.mp4" => Act::SendAndHang(answer_with("200 OK", "", DUO)[..5_000].to_vec()),
            "/page.mp4" => Act::Send(answer_with("200 OK", "", "<!doctype html><title>Sign in</title>")),
            "/lost.mp4" => {
                let said = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>There is no such key.</Message></Error>";
                Act::Send(answer_with("404 Not Found", "", said))
            },
            "/busy.mp4" => Act::Send(answer_with("503 Service Unavailable", "", "")),
            "/gone.mp4" => Act::Send(answer_with("403 Forbidden", "", "Request has expired")),
            _ => {
                let face = json!({"face_id": "f0", "start_time": 0, "end_time": 9_000});
                let data = json!({"session_id": "s", "face_data": [face]});
                json_answer("200 OK", &json!({"code": 0, "message": "SUCCEED", "request_id": "r", "data": data}))
            }
        }
    }))
}

fn open(server: &Hostile, folder: TempDir) -> Desk {
    let options = Options {
        profiles: vec![hostile::profile(&server.base(), Dialect::Kling)],
        profile: "hostile".into(),
        downloads: Some(folder.path().join("results")),
        demo_folder: Some(folder.path().join("demo")),
        copies_folder: Some(folder.path().join("fetched")),
        journal: Some(folder.path().join("journal.db")),
        desktop: viseme::app::platform::desktop::Choice::Off,
        sound: viseme::playback::sound::Choice::Off,
        ..Options::default()
    };
    let harness = Harness::builder()
        .with_size(Vec2::new(1280.0, 800.0))
        .build_eframe(|cc| Window::new(cc, options).expect("a window"));
    Desk { harness, folder }
}

/// Enters an address or an id, and leaves the field.
fn enter(desk: &mut Desk, kind: &str, field: &str, text: &str) {
    desk.harness.run_steps(3);
    desk.harness.get_by_label(kind).click();
    desk.harness.run_steps(3);
    let field = desk.harness.get_by_role_and_label(Role::TextInput, field);
    field.focus();
    field.set_text_value_accesskit(text);
    desk.harness.run_steps(2);
    desk.press(Key::Enter);
}

fn choose_copy(desk: &mut Desk, what: &str, path: &Path) {
    desk.wait("the way to it", |desk| desk.is_enabled(&format!("I have this {what} here…")));
    desk.button(&format!("I have this {what} here…")).click_accesskit();
    desk.harness.run_steps(3);
    let name = format!("Copy of the {what}");
    let field = desk.harness.get_by_role_and_label(Role::TextInput, &name);
    assert!(field.is_focused(), "the path can be typed at once");
    field.set_text_value_accesskit(path.to_str().unwrap());
    desk.harness.run_steps(2);
    desk.press(Key::Enter);
}

fn gets(server: &Hostile, path: &str) -> usize {
    server.requests().iter().filter(|request| request.line.starts_with(&format!("GET {path} "))).count()
}

#[test]
fn an_address_is_fetched_once_seen_and_heard_and_sent_as_it_is() {
    let runtime = Runtime::new().unwrap();
    let server = service(&runtime);
    let mut desk = open(&server, tempfile::tempdir().unwrap());
    open_keys(&mut desk);
    enter_key(&mut desk, hostile::KEY);
    let (clip, voice) = (format!("{}/duo.mp4", server.base()), format!("{}/voice.wav", server.base()));
    enter(&mut desk, "Clip as: Address", "Clip address", &clip);
    desk.wait("the way to it", |desk| desk.is_enabled("Fetch the clip for the preview"));
    assert!(
        desk.has("fetch it for the preview, or choose your copy of it, on the left"),
        "the picture says what to do"
    );
    assert_eq!(gets(&server, "/duo.mp4"), 0, "nothing is fetched unasked");
    desk.button("Fetch the clip for the preview").click();
    desk.wait("its facts", |desk| desk.has("MP4 · 1280×720"));
    desk.wait("its picture", |desk| desk.has("Picture of the clip at") && desk.has("Pictures along the clip"));
    assert!(desk.has("fetched just now") && desk.has("At most 100 MB"), "its rules are checked");
    enter(&mut desk, "Voice as: Address", "Voice address", &voice);
    desk.wait("the way to it", |desk| desk.is_enabled("Fetch the voice for the preview"));
    desk.button("Fetch the voice for the preview").click();
    desk.wait("its length", |desk| desk.harness.state().view().flow.desk.voice_probe.known().is_some());
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("the faces", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    desk.wait("a placement of the known voice", |desk| desk.is_enabled("Submit"));
    desk.wait("its waveform", |desk| desk.harness.state().view().shell.waveform.waveform().is_some());
    assert!(!desk.has("The clip is known by its address only"), "the face is judged here");
    let flow = desk.harness.state().view().flow;
    assert_eq!(flow.desk.clip, Some(ClipSource::Url(clip.clone())));
    assert_eq!(flow.desk.voice, Some(VoiceSource::Url(voice)));
    let asked = server.requests().into_iter().find(|request| request.line.starts_with("POST")).unwrap();
    assert_eq!(asked.json()["video_url"], clip.as_str(), "the address is what is sent");
    let fetched = server.requests().into_iter().find(|request| request.line.contains("/duo.mp4")).unwrap();
    assert_eq!(fetched.header("authorization"), None, "without the key");
    // The next window has the copy, and asks nobody.
    let (before, Desk { harness, folder }) = (gets(&server, "/duo.mp4"), desk);
    drop(harness);
    let mut desk = open(&server, folder);
    desk.wait("the picture of the clip that was left", |desk| desk.has("Picture of the clip at"));
    assert_eq!((before, gets(&server, "/duo.mp4")), (1, 1));
}

#[test]
fn what_cannot_be_fetched_says_why_and_a_copy_of_ones_own_is_compared() {
    let runtime = Runtime::new().unwrap();
    let server = service(&runtime);
    let mut desk = open(&server, tempfile::tempdir().unwrap());
    let at = |path: &str| format!("{}{path}", server.base());
    let signed = "/gone.mp4?X-Amz-Date=20231114T120000Z&X-Amz-Expires=3600&X-Amz-Signature=00";
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (address, why, next) in [
        (at("/page.mp4"), "Sign in", "Open the address in a browser"),
        (at("/lost.mp4"), "has nothing at this address: There is no such key", "Enter where the file is now"),
        (at("/busy.mp4"), "cannot give it out now", "Try it again in a while"),
        (format!("http://{nobody}/clip.mp4"), "refuses connections", "Open the address in a browser"),
        (at(signed), "This address was signed, and valid until 2023-11-14", "Have a new one made"),
        (at("/gone.mp4"), "Request has expired", "Have an address made that needs neither"),
    ] {
        enter(&mut desk, "Clip as: Address", "Clip address", &address);
        desk.wait("the way to it", |desk| desk.is_enabled("Fetch the clip for the preview"));
        desk.button("Fetch the clip for the preview").click();
        desk.wait("the reason", |desk| desk.has("It was not fetched") && desk.has(why) && desk.has(next));
        assert!(desk.is_enabled("Fetch the clip for the preview"), "it can be tried again");
    }
    let [own, _] = desk.own_files();
    choose_copy(&mut desk, "clip", &own);
    desk.wait("its facts", |desk| desk.has("MP4 · 1280×720"));
    desk.wait("that it cannot be compared", |desk| desk.has("It could not be compared") && desk.has("has expired"));
    for path in ["/plain.mp4", "/duo.mp4"] {
        enter(&mut desk, "Clip as: Address", "Clip address", &at(path));
        choose_copy(&mut desk, "clip", &own);
        desk.wait("that it is the same", |desk| desk.has("The same file as at the address"));
    }
    desk.wait("its picture", |desk| desk.has("Picture of the clip at"));
    desk.button("Look at no copy of the clip").click();
    desk.wait("no copy", |desk| desk.harness.state().view().flow.desk.local_clip().is_none());
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/clips/small_360p.mp4");
    choose_copy(&mut desk, "clip", &small);
    desk.wait("that it is another", |desk| desk.has("1280×720 at the address, 640×360 here"));
    desk.wait("its picture", |desk| desk.has("Picture of the clip at"));
    assert!(desk.has("At the address: MP4 · 1280×720") && !desk.has("MP4 · 640×360"));
    assert!(!desk.has("360 px < 512 px") && !desk.has("Make the clip fit…"), "it is not what is sent");
    assert!(
        desk.has("It decides nothing: the rules are checked on what is there")
            && desk.is_enabled("Fetch the clip for the preview"),
        "the way out"
    );
    assert_eq!(std::fs::read(&own).unwrap(), DUO, "nobody's file is touched");
}

#[test]
fn a_copy_that_is_another_file_decides_nothing_of_what_is_sent_now_and_in_the_next_window() {
    let runtime = Runtime::new().unwrap();
    let server = service(&runtime);
    let mut desk = open(&server, tempfile::tempdir().unwrap());
    open_keys(&mut desk);
    enter_key(&mut desk, hostile::KEY);
    let at = |path: &str| format!("{}{path}", server.base());
    enter(&mut desk, "Clip as: Address", "Clip address", &at("/duo.mp4"));
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/media/clips/small_360p.mp4");
    choose_copy(&mut desk, "clip", &small);
    desk.wait("that it is another", |desk| desk.has("1280×720 at the address, 640×360 here"));
    assert!(desk.is_enabled("Find faces"), "what is at the address keeps every rule");
    enter(&mut desk, "Voice as: Address", "Voice address", &at("/voice.mp3"));
    // As large, and something else is said in it.
    let mut other = SPOKEN.to_vec();
    other[20_000] ^= 0x55;
    let wrong = desk.folder.path().join("wrong.mp3");
    std::fs::write(&wrong, other).unwrap();
    choose_copy(&mut desk, "voice", &wrong);
    desk.wait("that it is another", |desk| desk.has("it has the same size, and begins otherwise"));
    desk.chord(Modifiers::COMMAND, Key::Enter);
    desk.wait("the faces", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    desk.wait("what is heard", |desk| desk.harness.state().view().flow.desk.voice_probe.known().is_some());
    let placement = |desk: &Desk| match desk.stage() {
        Stage::Choosing(choosing) => choosing.placement,
        _ => None,
    };
    assert!(placement(&desk).is_none() && !desk.is_enabled("Submit"), "nothing is known of the voice that is sent");
    assert!(desk.has("how long the voice is that is sent is not known"));
    assert!(desk.has("The length of the voice is not known"), "the timeline says why it is empty");
    // The head of a WAV says how long it is: that is what is placed, and not the copy.
    enter(&mut desk, "Voice as: Address", "Voice address", &at("/voice.wav"));
    let half = desk.folder.path().join("half.wav");
    std::fs::write(&half, &VOICE[..VOICE.len() / 2]).unwrap();
    choose_copy(&mut desk, "voice", &half);
    desk.wait("that it is another", |desk| desk.has(" s at the address, ") && desk.has("At the address: WAV"));
    let heard_ms = |desk: &Desk| desk.harness.state().view().flow.desk.voice_probe.known().unwrap().duration_ms;
    desk.wait("a placement", |desk| placement(desk).is_some_and(|placement| placement.sound_end_time > heard_ms(desk)));
    enter(&mut desk, "Voice as: Address", "Voice address", &at("/voice.mp3"));
    desk.wait("its copy again", |desk| desk.has("begins otherwise") && placement(desk).is_none());
    // The next window knows it, and asks nobody.
    let before = gets(&server, "/duo.mp4");
    let Desk { harness, folder } = desk;
    drop(harness);
    let mut desk = open(&server, folder);
    desk.wait("the copies that were left", |desk| {
        desk.has("1280×720 at the address, 640×360 here") && desk.has("begins otherwise")
    });
    desk.wait("its picture", |desk| desk.has("Picture of the clip at"));
    assert!(!desk.has("360 px < 512 px") && desk.has("At the address: MP4 · 1280×720"));
    assert_eq!(gets(&server, "/duo.mp4"), before);
    // The right copy decides again.
    let [right, _] = desk.own_files();
    choose_copy(&mut desk, "clip", &right);
    desk.wait("that it is the same", |desk| desk.has("The same file as at the address"));
    assert!(!desk.has("At the address: MP4") && desk.has("MP4 · 1280×720"));
}

#[test]
fn a_copy_that_cannot_be_read_hinders_nobody_from_sending_the_address() {
    let runtime = Runtime::new().unwrap();
    let server = service(&runtime);
    let mut desk = open(&server, tempfile::tempdir().unwrap());
    open_keys(&mut desk);
    enter_key(&mut desk, hostile::KEY);
    enter(&mut desk, "Clip as: Address", "Clip address", &format!("{}/duo.mp4", server.base()));
    let text = desk.folder.path().join("notes.mp4");
    std::fs::write(&text, "no clip").unwrap();
    choose_copy(&mut desk, "clip", &text);
    desk.wait("why it is not seen", |desk| desk.has("is not a video"));
    desk.wait("the way on", |desk| desk.is_enabled("Find faces"));
}

#[test]
fn fetching_is_cancelled_and_leaves_nothing() {
    let runtime = Runtime::new().unwrap();
    let server = service(&runtime);
    let mut desk = open(&server, tempfile::tempdir().unwrap());
    enter(&mut desk, "Clip as: Address", "Clip address", &format!("{}/slow.mp4", server.base()));
    desk.wait("the way to it", |desk| desk.is_enabled("Fetch the clip for the preview"));
    desk.button("Fetch the clip for the preview").click();
    desk.wait("how far it is", |desk| desk.has("Fetching") && desk.is_enabled("Cancel fetching the clip"));
    assert!(desk.has("The clip is being fetched"), "where its picture will be");
    desk.press(Key::Escape);
    desk.wait("the way to it", |desk| desk.is_enabled("Fetch the clip for the preview"));
    let folder = desk.folder.path().join("fetched");
    desk.wait("nothing", |_| std::fs::read_dir(&folder).map_or(0, Iterator::count) == 0);
}

#[test]
fn a_clip_by_its_id_shows_what_the_journal_knows_of_it() {
    let runtime = Runtime::new().unwrap();
    let server = service(&runtime);
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("made before.mp4");
    std::fs::write(&saved, DUO).unwrap();
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    let owner = Owner::new("test");
    let followed = Followed {
        service: Service::of(&hostile::profile(&server.base(), Dialect::Kling)),
        task_id: "t-7".into(),
        external_task_id: None,
        clip: Described::named("interview.mp4"),
        voice: Described::named("speaker.mp3"),
    };
    let id = journal.follow(&followed, &owner, 1_000).unwrap();
    let video = TaskVideo { id: "v-7".into(), url: "https://h/v.mp4".into(), watermark_url: None, duration_ms: None };
    let task = Task {
        task_id: "t-7".into(),
        status: TaskStatus::Succeed,
        status_raw: "succeed".into(),
        status_msg: None,
        progress: None,
        videos: vec![video],
        external_task_id: None,
        parent_video: None,
        created_at_ms: None,
        updated_at_ms: None,
        cost: None,
        error: None,
        extra: serde_json::Map::new(),
    };
    journal.task_seen(id, &owner, &task, 2_000).unwrap();
    let file = SavedFile { path: saved, sha256: "ab".into(), size_bytes: DUO.len() as u64 };
    journal.saved(id, 0, &file, 3_000).unwrap();
    drop(journal);
    let mut desk = open(&server, folder);
    enter(&mut desk, "Clip as: Id", "Video id", "v-7");
    desk.wait("what is known", |desk| desk.has("The result of task t-7, made from interview.mp4 and speaker.mp3"));
    desk.wait("its picture", |desk| desk.has("Picture of the clip at") && desk.has("MP4 · 1280×720"));
    enter(&mut desk, "Clip as: Id", "Video id", "v-8");
    desk.wait("nothing known", |desk| desk.has("It is stored at the service") && !desk.has("The result of task"));
}
