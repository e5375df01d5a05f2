//! A text is spoken in the window: what is shown before it is paid, and what comes of it.

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use serde_json::json;
use tokio::runtime::Runtime;
use viseme::journal::{Journal, Micros, Service, SpeechOutcome, Spend};
use viseme::model::{Dialect, Profile, Speech, Spoken, VoiceSource};

use crate::hostile::{self, Act, Hostile, answer_with, json_answer};
use crate::money::{enter_key, open_keys};
use crate::support::Desk;

const VOICE: &[u8] = include_bytes!("../media/voice.wav");

fn desk_at(act: impl Fn(&str, &str) -> Act + Send + Sync + 'static) -> (Runtime, Hostile, Desk) {
    let runtime = Runtime::new().unwrap();
    let base = std::sync::Arc::new(std::sync::OnceLock::new());
    let of_answers = std::sync::Arc::clone(&base);
    let server = runtime.block_on(Hostile::start(move |_, request| {
        if request.line.contains("/voice.wav") {
            return Act::Send(wav_answer());
        }
        act(&request.line, of_answers.get().map_or("", String::as_str))
    }));
    base.set(server.base()).unwrap();
    let mut desk = Desk::at_services(vec![hostile::profile(&server.base(), Dialect::Kling)]);
    open_keys(&mut desk);
    enter_key(&mut desk, hostile::KEY);
    desk.harness.get_by_role_and_label(Role::RadioButton, "Voice as: Id").click();
    desk.wait("the way to the dialog", |desk| desk.is_enabled("Speak a text…"));
    desk.button("Speak a text…").click();
    desk.wait("the dialog", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Speak a text").is_some());
    (runtime, server, desk)
}

fn wav_answer() -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: {}\r\n\r\n", VOICE.len());
    [head.as_bytes(), VOICE].concat()
}

fn enter(desk: &mut Desk, text: &str) {
    desk.harness.get_by_role_and_label(Role::MultilineTextInput, "Text").set_text_value_accesskit(text);
    desk.harness.run_steps(3);
}

fn spoken_requests(server: &Hostile) -> usize {
    server.requests().iter().filter(|request| request.line.contains("/v1/audio/tts")).count()
}

#[test]
fn a_text_is_counted_doubted_spoken_and_placed() {
    let (_runtime, server, mut desk) = desk_at(|_, base| {
        let audio = json!({"id": "a-1", "url": format!("{base}/voice.wav"), "duration": "2.5"});
        json_answer(
            "200 OK",
            &json!({"code": 0, "message": "SUCCEED", "data": {"task_id": "t", "task_result": {"audios": [audio]}}}),
        )
    });
    assert!(desk.has("0 of 1000 characters") && !desk.is_enabled("Speak it"));
    enter(&mut desk, "Yes");
    assert!(desk.has("2 s and more") && desk.is_enabled("Speak it anyway"), "before it is paid");
    enter(&mut desk, &"a".repeat(1_001));
    assert!(desk.has("1001 of 1000 characters") && !desk.is_enabled("Speak it"));
    enter(&mut desk, "This text is spoken for about three seconds.");
    assert!(desk.has("Estimate 0.05 units"));
    desk.button("Speak it").click();
    desk.wait("the voice", |desk| desk.has("Spoken, and placed as the voice"));
    let flow = desk.harness.state().view().flow;
    assert_eq!(flow.desk.voice, Some(VoiceSource::AudioId("a-1".into())));
    assert_eq!(flow.desk.wanted.end_ms, Some(2_500));
    desk.wait("its sound", |desk| desk.is_enabled("Hear it"));
    assert_eq!(spoken_requests(&server), 1);
    desk.button("Done").click();
    desk.wait("no dialog", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Speak a text").is_none());
}

#[test]
fn a_spoken_voice_and_its_sound_are_there_in_the_next_window_and_can_be_gone_back_to() {
    let (_runtime, server, mut desk) = desk_at(|_, base| {
        let audio = json!({"id": "a-1", "url": format!("{base}/voice.wav"), "duration": "2.5"});
        json_answer(
            "200 OK",
            &json!({"code": 0, "message": "SUCCEED", "data": {"task_id": "t", "task_result": {"audios": [audio]}}}),
        )
    });
    let text = "This text is spoken for about three seconds.";
    enter(&mut desk, text);
    desk.button("Speak it").click();
    desk.wait("its sound", |desk| desk.is_enabled("Hear it"));
    desk.button("Done").click();
    let is_heard = |desk: &Desk| {
        let view = desk.harness.state().view();
        let voice = view.flow.desk.voice.as_ref();
        voice.and_then(|voice| view.shell.copies.voice_file(voice)).is_some_and(std::path::Path::is_file)
    };
    desk.wait("the desk to be written down", |desk| is_heard(desk));
    let fetches = |server: &Hostile| server.requests().iter().filter(|it| it.line.contains("/voice.wav")).count();
    assert_eq!(fetches(&server), 1);

    let Desk { harness, folder } = desk;
    drop(harness);
    let options = viseme::app::Options {
        profiles: vec![hostile::profile(&server.base(), Dialect::Kling)],
        profile: "hostile".into(),
        ..crate::history::options_in(folder.path())
    };
    let harness = egui_kittest::Harness::builder()
        .with_size(egui::Vec2::new(1280.0, 800.0))
        .build_eframe(|cc| viseme::app::Window::new(cc, options).expect("a window"));
    let mut desk = Desk { harness, folder };
    desk.wait("the voice", |desk| {
        desk.harness.state().view().flow.desk.voice == Some(VoiceSource::AudioId("a-1".into()))
    });
    desk.wait("its sound", is_heard);
    assert_eq!((fetches(&server), spoken_requests(&server)), (1, 1), "nothing is fetched or paid for it");

    // Another voice, and back.
    open_keys(&mut desk);
    enter_key(&mut desk, hostile::KEY);
    let [_, voice] = desk.own_files();
    desk.drop_file(&voice);
    desk.wait("another voice", |desk| {
        matches!(desk.harness.state().view().flow.desk.voice, Some(VoiceSource::File(_)))
    });
    desk.chord(egui::Modifiers::COMMAND, egui::Key::K);
    desk.harness.event(egui::Event::Text("earlier speeches".into()));
    desk.harness.run_steps(3);
    desk.press(egui::Key::Enter);
    desk.wait("the list", |desk| desk.has("Earlier speeches · 1"));
    desk.harness.get_by_label_contains("Earlier speeches · 1").click();
    desk.wait("what was spoken", |desk| desk.has("usable until") && desk.has(text));
    desk.harness.run_steps(3);
    let dialog = desk.harness.get_by_role_and_label(egui::accesskit::Role::Dialog, "Speak a text").rect();
    let below_px = dialog.bottom() - desk.button("Close").rect().bottom();
    assert!(below_px < 24.0, "nothing but a margin is below the answers: {below_px}");
    desk.button("Use it").click();
    desk.wait("the voice", |desk| {
        desk.harness.state().view().flow.desk.voice == Some(VoiceSource::AudioId("a-1".into()))
    });
    assert_eq!(desk.harness.state().view().flow.desk.wanted.end_ms, Some(2_500));
    desk.wait("its sound", is_heard);
    assert_eq!((fetches(&server), spoken_requests(&server)), (1, 1));
}

#[test]
fn a_lost_answer_says_that_it_may_have_been_paid_and_is_sent_again_only_by_hand() {
    let (_runtime, server, mut desk) = desk_at(|_, _| Act::Send(answer_with("200 OK", "", "<html>garbled")));
    enter(&mut desk, "This text is spoken for about three seconds.");
    desk.button("Speak it").click();
    desk.wait("the outcome", |desk| desk.has("is paid"));
    assert_eq!(spoken_requests(&server), 1);
    assert!(desk.is_enabled("Speak it again"), "only by hand");
    assert_eq!(desk.harness.state().view().flow.desk.voice, None);
}

#[test]
fn what_the_sandbox_spoke_was_not_paid_and_what_is_over_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.db")).unwrap().journal;
    let service = Service::of(&Profile::built_in()[0]);
    let spend = Spend { day: "2026-11-22".into(), unit: "units".into(), estimate: Micros::of(0.05), limit: None };
    let speak = |text: &str, begun_ms: i64, outcome: &SpeechOutcome| {
        let speech = Speech { text: text.into(), voice_id: "anybody".into(), speed: 1.0, ..Speech::default() };
        let id = journal.begin_speech(&service, &speech, &spend, begun_ms).unwrap().unwrap();
        journal.end_speech(id, outcome, None, begun_ms + 1).unwrap();
    };
    let done = |id: &str| {
        let [url, task_id] = [None, None];
        SpeechOutcome::Done(Box::new(Spoken {
            audio_id: id.into(),
            url,
            duration_ms: Some(2_500),
            cost: None,
            task_id,
        }))
    };
    let now_ms = crate::history::now_ms();
    speak("Long ago", now_ms - 31 * 24 * 3_600_000, &done("a-0"));
    speak("Just now", now_ms - 60_000, &done("a-1"));
    speak("Lost", now_ms - 30_000, &SpeechOutcome::Unknown(None));
    drop(journal);
    let mut desk = crate::history::open_in(folder, egui::Vec2::new(1280.0, 800.0));
    desk.ready();
    desk.chord(egui::Modifiers::COMMAND, egui::Key::K);
    desk.harness.event(egui::Event::Text("earlier speeches".into()));
    desk.harness.run_steps(3);
    desk.press(egui::Key::Enter);
    desk.wait("the list", |desk| desk.has("Earlier speeches · 3"));
    desk.harness.get_by_label_contains("Earlier speeches · 3").click();
    desk.wait("what was spoken", |desk| desk.has("Spoken by the sandbox, where nothing is paid"));
    assert!(desk.has("no answer came: it is lost"));
    assert!(!desk.has("perhaps paid") && !desk.has("and paid:"), "nobody pays there");
    let buttons: Vec<_> = desk.harness.query_all_by_role_and_label(Role::Button, "Use it").collect();
    let [now, over] = buttons.as_slice() else { panic!("{} can be used", buttons.len()) };
    assert!(!now.accesskit_node().is_disabled() && over.accesskit_node().is_disabled());
    over.hover();
    desk.wait("why", |desk| desk.has("The service no longer keeps it"));
}
