//! The window driven as a person does, through the accessibility tree, on the embedded sandbox: real faces, a real result.

use std::path::PathBuf;
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::app::action::Action;
use viseme::model::{ClipSource, VoiceSource};
use viseme::playback::player::Shown;
use viseme::workflow::Stage;

use crate::support::{Desk, Dropped};

#[test]
fn from_the_demo_clip_to_a_saved_result_in_three_clicks() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    assert!(!desk.is_enabled("Submit"), "nothing is chosen silently where there are several");
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    assert!(desk.has("Every rule holds"));
    desk.button("Submit").click();
    desk.check_result();
    assert!(desk.is_enabled("Open") && desk.is_enabled("Save…"));
}

#[test]
fn the_whole_job_by_keyboard_alone() {
    let mut desk = Desk::open();
    desk.ready();
    desk.tab_to("Try the demo clip");
    desk.harness.key_press(Key::Enter);
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.harness.key_press(Key::Num2);
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));

    // Moved with the arrows, a frame of 40 ms each, Shift for ten.
    let insert_ms = |desk: &Desk| desk.harness.state().view().choosing().unwrap().placement.unwrap().sound_insert_time;
    let before_ms = insert_ms(&desk);
    desk.tab_to("Voice on the timeline");
    desk.harness.step();
    desk.harness.key_press(Key::ArrowLeft);
    desk.harness.run_steps(4);
    assert_eq!(insert_ms(&desk), before_ms - 40);
    desk.harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    desk.harness.run_steps(4);
    assert_eq!(insert_ms(&desk), before_ms + 360);
    assert!(!desk.is_enabled("Submit"), "the crop ends behind the clip");
    assert!(desk.has("ms after the clip:"));
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::B);
    desk.wait("the best place", |desk| desk.is_enabled("Submit"));
    let snapped_ms = insert_ms(&desk);
    assert!(snapped_ms > before_ms && snapped_ms < before_ms + 360, "as little as needed: {snapped_ms}");
    desk.harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::B);
    desk.harness.run_steps(4);
    assert_eq!(insert_ms(&desk), before_ms, "proposed anew");

    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.check_result();
}

#[test]
fn a_broken_rule_can_be_sent_all_the_same_and_the_refusal_is_shown_with_code_and_request() {
    let mut desk = Desk::placed();
    desk.harness.get_by_label("Voice on the timeline").set_value_accesskit(5_500.0);
    desk.wait("a broken rule", |desk| desk.has("starts too late for the face") || desk.has("ms after the clip:"));
    desk.button("Send anyway…").click_accesskit();
    desk.wait("a question", |desk| desk.has("Create the task anyway?"));
    desk.button("Send anyway").click();
    desk.wait("a refusal", |desk| desk.has("HTTP 400"));
    assert!(desk.has("Code 1201") && desk.has("Request "), "code and request id");
    assert!(desk.has("The service refused the task: nothing was created"));
    // And on with the same faces, the placement as it was.
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.wait("the choice again", |desk| matches!(desk.stage(), Stage::Choosing(_)));
}

#[test]
fn a_task_can_be_paused_and_resumed() {
    let mut desk = Desk::open();
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 1"));
    desk.tile("Face 1,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    desk.button("Submit").click();
    desk.wait("a task", |desk| desk.is_enabled("Stop following"));
    desk.button("Stop following").click();
    desk.wait("the pause", |desk| desk.is_enabled("Resume"));
    assert!(desk.has("Paused: the task continues at the service"));
    desk.button("Resume").click();
    desk.check_result();
}

#[test]
fn a_file_that_is_no_clip_says_so_and_nothing_is_sent() {
    let mut desk = Desk::open();
    desk.ready();
    let path = desk.folder.path().join("notes.mp4");
    std::fs::write(&path, "these are no moving pictures").unwrap();
    let field = desk.harness.get_by_role_and_label(Role::TextInput, "Clip file");
    field.focus();
    field.set_text_value_accesskit(path.to_str().unwrap());
    desk.harness.run_steps(2);
    desk.harness.key_press(Key::Enter);
    desk.wait("the reason", |desk| desk.has("plain text"));
    assert!(!desk.is_enabled("Find faces"));
}

#[test]
fn a_real_service_asks_for_a_key_and_says_why_it_takes_no_file() {
    let mut desk = Desk::open_on("kling", Vec2::new(1280.0, 800.0));
    desk.harness.run_steps(3);
    assert!(desk.has("Kling: no key yet"));
    assert!(!desk.is_enabled("Find faces") && !desk.has("Try the demo clip"), "the demo is a file");
    assert!(desk.is_enabled("Switch to the sandbox"), "which the sandbox takes");
    let path = desk.folder.path().join("clip.mp4");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4"), &path).unwrap();
    let field = desk.harness.get_by_role_and_label(Role::TextInput, "Clip file");
    field.focus();
    field.set_text_value_accesskit(path.to_str().unwrap());
    desk.harness.run_steps(2);
    desk.harness.key_press(Key::Enter);
    desk.wait("the clip's facts", |desk| desk.has("MP4 · 1280×720"));
    assert!(desk.has("Kling accepts no video files"));

    desk.harness.get_by_label("Service: Kling").click();
    desk.wait("the keys", |desk| desk.has("Key for Kling"));
    let key = desk.harness.get_by_role_and_label(Role::PasswordInput, "API key");
    key.focus();
    key.set_text_value_accesskit("not-a-real-key");
    desk.harness.run_steps(2);
    desk.button("Use this key").click();
    desk.wait("the key in use", |desk| desk.has("Kling: key in use"));
    // A local file is still none for it: said before anything is sent.
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(2);
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.wait("the reason", |desk| desk.has("cannot be handed to kling"));
    assert_eq!(desk.harness.state().view().flow.desk.clip, Some(ClipSource::File(path.clone())));
    // Offered where the reason stands, and beside the field.
    let offers: Vec<_> = desk.harness.query_all_by_role_and_label(Role::Button, "Switch to the sandbox").collect();
    assert_eq!(offers.len(), 2);
    offers[1].click();
    // The button leads on before the click has come through: the reason is gone only after it.
    desk.wait("the sandbox", |desk| {
        !desk.has("cannot be handed to") && !desk.has("Switch to the sandbox") && desk.is_enabled("Find faces")
    });
    assert_eq!(desk.harness.state().view().flow.desk.clip, Some(ClipSource::File(path)), "what was entered stays");
}

#[test]
fn an_idle_window_asks_for_no_repaint() {
    let mut desk = Desk::open();
    desk.ready();
    for _ in 0..30 {
        desk.harness.step();
    }
    let delay = desk.harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert_eq!(delay, Duration::MAX, "an idle window is drawn again");
}

#[test]
fn a_running_task_is_drawn_four_times_a_second_and_one_that_ended_not_at_all() {
    let mut desk = Desk::short();
    let delay = |desk: &Desk| desk.harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    desk.wait("the draft", |desk| {
        let view = desk.harness.state().view();
        !view.shell.draft.is_working() && view.shell.player.has_source(Shown::Draft)
    });
    desk.name_task("hang:window-3");
    desk.button("Submit").click();
    desk.wait("a task", |desk| desk.is_enabled("Stop following"));
    let delays: Vec<Duration> = (0..120)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            desk.harness.step();
            delay(&desk)
        })
        .skip(20)
        .collect();
    assert!(delays.iter().all(|delay| *delay <= Duration::from_millis(250)), "it shows that it goes on");
    // Now and then an answer wakes it, or something fades in.
    let early = delays.iter().filter(|delay| **delay < Duration::from_millis(240)).count();
    assert!(early <= 10, "{early} of {} frames asked for another at once", delays.len());
    desk.button("Stop following").click();
    desk.wait("rest", |desk| delay(desk) == Duration::MAX);
}

#[test]
fn every_control_has_its_place_at_the_smallest_size() {
    let mut desk = Desk::open_on("sandbox", Vec2::new(960.0, 640.0));
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(960.0, 640.0));
    for label in
        ["Submit", "New clip", "To the start", "One frame back", "Play the picture", "One frame forward", "Settings…"]
    {
        let rect = desk.button(label).rect();
        assert!(screen.contains_rect(rect), "{label} is cut: {rect:?}");
    }
    for label in ["Voice on the timeline", "Start of the voice", "End of the voice", "Show: Clip", "Show: Result"] {
        let rect = desk.harness.get_by_label(label).rect();
        assert!(screen.contains_rect(rect), "{label} is cut: {rect:?}");
    }
}

#[test]
fn an_answer_that_got_lost_is_found_again_and_nothing_is_sent_twice() {
    let mut desk = Desk::short();
    desk.name_task("lose:window-1");
    desk.button("Submit").click();
    desk.check_result();
    let done = desk.harness.state().done().unwrap();
    assert_eq!(done.task.external_task_id.as_deref(), Some("lose:window-1"));
}

#[test]
fn an_unknown_outcome_is_sent_again_only_with_consent() {
    let mut desk = Desk::short();
    desk.name_task("http-502:window-2");
    desk.button("Submit").click();
    desk.wait("an unknown outcome that was looked up in vain", |desk| desk.has("it may still have been created"));
    assert!(desk.has("Whether the task was created is not known"));
    assert!(!desk.is_enabled("Follow it"), "there is no id yet");
    desk.button("Send again…").click();
    desk.wait("the question", |desk| desk.has("Create the task a second time?") && desk.has("both are billed"));
    // A draft that is being prepared has a Cancel of its own, below the question.
    let question = desk.harness.get_by_role_and_label(Role::Dialog, "Create the task a second time?");
    question.get_by_role_and_label(Role::Button, "Cancel").click();
    desk.wait("no question", |desk| !desk.has("Create the task a second time?"));
    assert!(desk.has("Whether the task was created is not known"), "nothing was sent");
    desk.button("Give it up").click();
    desk.wait("the choice again", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert!(desk.has("http-502:window-2"), "the name under which it may yet turn up");
}

#[test]
fn a_failed_task_says_the_services_reason_and_leads_on_with_the_same_faces() {
    let mut desk = Desk::short();
    desk.name_task("fail:the moon was in the way");
    desk.button("Submit").click();
    desk.wait("the failure", |desk| desk.has("The task failed at the service: the moon was in the way"));
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.wait("the choice again", |desk| desk.is_enabled("Submit"));
}

#[test]
fn what_was_sent_stays_on_the_timeline_whatever_voice_is_given_next() {
    let mut desk = Desk::placed();
    let [_, next] = desk.own_files();
    let sent = desk.placement();
    let name = |desk: &Desk| desk.harness.state().view().shell.voice_name(desk.harness.state().view().flow);
    let place_ms = |desk: &Desk| {
        desk.harness.get_by_label("Voice on the timeline").accesskit_node().numeric_value().unwrap() as i64
    };
    let volume = |desk: &Desk| {
        let node = desk.harness.get_by_role_and_label(Role::Slider, "Voice volume");
        (node.accesskit_node().numeric_value(), node.accesskit_node().is_disabled())
    };
    desk.harness.get_by_role_and_label(Role::Slider, "Voice volume").set_value_accesskit(0.5);
    desk.wait("the volume", |desk| desk.placement().sound_volume == Some(0.5));
    desk.name_task("hang:window-4");
    desk.button("Submit").click();
    desk.wait("a task", |desk| desk.is_enabled("Stop following"));

    // While it is followed no other voice is taken, by whichever way.
    assert_eq!(volume(&desk), (Some(0.5), true), "as it was sent");
    let why = Some("The task is being followed: pause it first".to_owned());
    assert_eq!(Action::BrowseVoice.obstacle(&desk.harness.state().view()), why);
    desk.drop_file(&next);
    desk.wait("a word", |desk| desk.has("speaker.mp3 cannot be used now"));
    desk.button("Dismiss").click();

    // Paused, one can be: it is for the next task.
    desk.button("Stop following").click();
    desk.wait("the pause", |desk| desk.is_enabled("Resume"));
    desk.drop_file(&next);
    let at_hand = |desk: &Desk| desk.harness.state().view().flow.desk.voice.clone();
    desk.wait("the voice", |desk| at_hand(desk) == Some(VoiceSource::File(next.clone())));
    desk.harness.run_steps(20);
    assert_eq!((name(&desk).as_str(), place_ms(&desk)), ("voice.mp3", sent.sound_insert_time), "what was sent");
    assert!(desk.harness.state().view().shell.waveform.waveform().is_some(), "with its waveform");
    assert_eq!(volume(&desk), (Some(0.5), true));

    // The task is paid and not at its end: a person is asked before it is left.
    desk.button("Back to the placement").click();
    desk.wait("the question", |desk| desk.has("Leave the task?") && name(desk) == "voice.mp3");
    desk.button("Leave the task").click();
    desk.wait("the other voice", |desk| name(desk) == "speaker.mp3" && !volume(desk).1);
}

#[test]
fn dropped_files_go_where_they_belong() {
    let mut desk = Desk::open();
    desk.ready();
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/");
    for name in ["duo.mp4", "voice.mp3"] {
        let file = Dropped(PathBuf::from(format!("{demo}{name}")));
        desk.harness.input_mut().dropped_files.push(std::sync::Arc::new(file));
        desk.harness.step();
    }
    desk.wait("both probes", |desk| desk.has("MP4 · 1280×720") && desk.has("MP3 · 8.25"));
    assert!(desk.is_enabled("Find faces"));
    let file = Dropped(desk.folder.path().join("notes.txt"));
    desk.harness.input_mut().dropped_files.push(std::sync::Arc::new(file));
    desk.wait("a word about the third", |desk| desk.has("is neither a clip (MP4, MOV) nor a voice"));
    desk.button("Dismiss").click();
    desk.wait("no word", |desk| !desk.has("is neither a clip"));
}
