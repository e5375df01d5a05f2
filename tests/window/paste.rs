//! Pasting and dropping through the accessibility tree: what is understood is filled in, what is not is said, no key is kept.

use std::sync::Arc;

use crate::support::{Desk, Dropped};
use egui::accesskit::Role;
use egui::{Event, HoveredFile, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use viseme::model::{ClipSource, VoiceSource};

fn paste(desk: &mut Desk, text: &str) {
    desk.harness.event(Event::Paste(text.into()));
    desk.harness.run_steps(4);
}

fn clip(desk: &Desk) -> Option<ClipSource> {
    desk.harness.state().view().flow.desk.clip.clone()
}

fn voice(desk: &Desk) -> Option<VoiceSource> {
    desk.harness.state().view().flow.desk.voice.clone()
}

#[test]
fn an_address_becomes_clip_or_voice_by_its_ending_and_else_is_asked_for() {
    let mut desk = Desk::open();
    desk.ready();
    paste(&mut desk, "https://example.com/a/clip.mp4?sig=1\n");
    assert_eq!(clip(&desk), Some(ClipSource::Url("https://example.com/a/clip.mp4?sig=1".into())));
    paste(&mut desk, "https://example.com/voice.wav");
    assert_eq!(voice(&desk), Some(VoiceSource::Url("https://example.com/voice.wav".into())));

    paste(&mut desk, "https://example.com/get/17");
    assert!(desk.harness.query_by_role_and_label(Role::Dialog, "What is at this address?").is_some());
    desk.harness.check_accessibility();
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(4);
    assert!(!desk.has("What is at this address?"));
    assert_eq!(voice(&desk), Some(VoiceSource::Url("https://example.com/voice.wav".into())), "nothing happened");
    paste(&mut desk, "https://example.com/get/17");
    desk.button("A voice").click();
    desk.harness.run_steps(4);
    assert_eq!(voice(&desk), Some(VoiceSource::Url("https://example.com/get/17".into())));
}

#[test]
fn a_command_fills_the_fields_and_its_key_is_left_out() {
    let mut desk = Desk::placed();
    let session = desk.harness.state().view().flow.faces().unwrap().session.session_id.clone();
    let command = format!(
        "curl -X POST 'https://api.ezmodel.cloud/kling/v1/videos/advanced-lip-sync' \\\n  -H 'Authorization: Bearer sk-do-not-keep' \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"session_id\":\"{session}\",\"seed\":7,\"external_task_id\":\"order-7\",\"face_choose\":[{{\"face_id\":\"face_001\",\"sound_start_time\":500,\"sound_end_time\":4000,\"sound_insert_time\":1500,\"sound_volume\":0.5,\"original_audio_volume\":0.25}}]}}'"
    );
    paste(&mut desk, &command);
    assert!(desk.has("Used from the pasted text: face, times, volumes, external task id"));
    assert!(desk.has("The key in the command was left out"));
    assert!(desk.has("Left out: seed, which is not known here"));
    assert!(desk.has("The command was for api.ezmodel.cloud; Sandbox is in use here"));
    assert!(desk.is_enabled("Use EZmodel"));
    assert!(!desk.has("sk-do-not-keep"), "the key is nowhere to be seen");
    let view = desk.harness.state().view();
    let choosing = view.choosing().unwrap();
    let placement = choosing.placement.unwrap();
    assert_eq!(choosing.faces.chosen.as_deref(), Some("face_001"));
    assert_eq!(
        (placement.sound_start_time, placement.sound_end_time, placement.sound_insert_time),
        (500, 4_000, 1_500)
    );
    assert_eq!((view.flow.desk.sound_volume, view.flow.desk.original_audio_volume), (Some(0.5), Some(0.25)));
    assert_eq!(view.flow.desk.details.external_task_id.as_deref(), Some("order-7"));
    assert!(!view.shell.has_key());

    // All of it is one step back.
    desk.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Z);
    desk.harness.run_steps(4);
    let view = desk.harness.state().view();
    assert_eq!(view.choosing().unwrap().faces.chosen.as_deref(), Some("face_002"));
    assert_eq!(view.flow.desk.sound_volume, None);
}

#[test]
fn what_a_request_brings_besides_times_goes_with_its_clip() {
    let mut desk = Desk::open();
    desk.ready();
    paste(&mut desk, "https://example.com/first.mp4");
    let body = r#"{"session_id":"s","callback_url":"https://their.example/hook","external_task_id":"order-7","face_choose":[{"face_id":"f","sound_volume":0.5,"original_audio_volume":0}]}"#;
    paste(&mut desk, body);
    let fields = |desk: &Desk| {
        let now = &desk.harness.state().view().flow.desk;
        (
            now.sound_volume,
            now.original_audio_volume,
            now.details.callback_url.clone(),
            now.details.external_task_id.clone(),
        )
    };
    let pasted = (Some(0.5), Some(0.0), Some("https://their.example/hook".to_owned()), Some("order-7".to_owned()));
    assert_eq!(fields(&desk), pasted);
    paste(&mut desk, "https://example.com/second.mp4");
    assert_eq!(fields(&desk), (None, None, None, None), "the next clip is not mixed as that request was");
}

#[test]
fn an_identify_command_gives_the_clip_and_a_broken_one_says_what_is_wrong() {
    let mut desk = Desk::open();
    desk.ready();
    paste(&mut desk, "curl https://a.b/kling/v1/videos/identify-face -d '{\"video_id\":\"v-1\"}'");
    assert_eq!(clip(&desk), Some(ClipSource::VideoId("v-1".into())));
    assert!(desk.has("Used from the pasted text: video id"));
    desk.button("Dismiss").click();
    desk.harness.run_steps(3);
    assert!(!desk.has("Used from the pasted text"));
    for (text, why) in [
        ("curl https://a.b/kling/v1/videos/identify-face -d '{\"video_id\":", "never closed"),
        ("curl https://a.b/kling/v1/videos/identify-face -d '{\"video_id\":'", "The body is cut off at line 1"),
        ("sk-not-for-here", "neither an address"),
    ] {
        paste(&mut desk, text);
        assert!(desk.has(why), "{why}");
        assert!(!desk.has("sk-not-for-here"));
    }
    assert_eq!(clip(&desk), Some(ClipSource::VideoId("v-1".into())), "nothing changed");
}

#[test]
fn a_field_that_has_the_keyboard_takes_the_paste_itself() {
    let mut desk = Desk::open();
    desk.ready();
    desk.harness.get_by_role_and_label(Role::TextInput, "Voice file").focus();
    desk.harness.run_steps(2);
    paste(&mut desk, "https://example.com/clip.mp4");
    assert_eq!(clip(&desk), None);
    assert_eq!(desk.harness.state().view().shell.voice_entry.text(), "https://example.com/clip.mp4");
}

#[test]
fn files_dragged_over_the_window_show_their_use_and_are_used_together() {
    let mut desk = Desk::open();
    desk.ready();
    let asset = |name: &str| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo").join(name);
    let notes = desk.folder.path().join("notes.txt");
    std::fs::write(&notes, "x").unwrap();
    let paths = [asset("voice.mp3"), notes, asset("duo.mp4")];
    desk.harness.input_mut().hovered_files =
        paths.iter().map(|path| HoveredFile { path: Some(path.clone()), ..HoveredFile::default() }).collect();
    desk.harness.run_steps(3);
    for words in ["Drop to open", "voice.mp3 becomes the voice", "duo.mp4 becomes the clip", "notes.txt is neither"] {
        assert!(desk.has(words), "{words}");
    }
    desk.harness.input_mut().hovered_files.clear();
    for path in &paths {
        desk.harness.input_mut().dropped_files.push(Arc::new(Dropped(path.clone())));
    }
    desk.harness.step();
    desk.harness.input_mut().dropped_files.clear();
    desk.wait("clip and voice", |desk| desk.has("MP4 · 1280×720") && desk.has("MP3 · "));
    assert!(desk.has("notes.txt is neither a clip (MP4, MOV) nor a voice") && !desk.has("Drop to open"));
    assert!(desk.is_enabled("Find faces"));
}

#[test]
fn a_clipboard_without_text_is_reported_and_the_next_paste_goes_to_the_focus() {
    let mut desk = Desk::open();
    desk.ready();
    for picture in [false, true] {
        desk.chord(Modifiers::COMMAND, Key::K);
        desk.harness.event(Event::Text("Paste an address".into()));
        desk.harness.run_steps(3);
        desk.harness.key_press(Key::Enter);
        desk.harness.step();
        if picture {
            desk.harness.event(Event::PasteImage(Arc::new(egui::ColorImage::example())));
        }
        desk.wait("a word on it", |desk| desk.has("There is no text on the clipboard"));
        desk.button("Dismiss").click();
        desk.harness.run_steps(3);
    }
    desk.harness.get_by_role_and_label(Role::TextInput, "Voice file").focus();
    desk.harness.run_steps(2);
    paste(&mut desk, "https://example.com/clip.mp4");
    assert_eq!(clip(&desk), None, "the field takes it");
    assert_eq!(desk.harness.state().view().shell.voice_entry.text(), "https://example.com/clip.mp4");
}

#[test]
fn a_request_is_understood_also_where_a_field_has_the_focus() {
    let mut desk = Desk::open();
    desk.ready();
    desk.harness.get_by_role_and_label(Role::RadioButton, "Clip as: Address").click();
    desk.harness.run_steps(4);
    desk.harness.get_by_role_and_label(Role::TextInput, "Clip address").focus();
    desk.harness.run_steps(2);
    let body = r#"{"video_url":"https://example.com/clip.mp4"}"#;
    paste(
        &mut desk,
        &format!("curl -X POST 'https://h/kling/v1/videos/identify-face' \\\n  -H 'A: b' \\\n  -d '{body}'"),
    );
    assert_eq!(clip(&desk), Some(ClipSource::Url("https://example.com/clip.mp4".into())));
    assert!(desk.has("Used from the pasted text: clip address"));
}
