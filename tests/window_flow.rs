//! The window driven as a person does, through the accessibility tree, on the embedded sandbox: real faces, a real result.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use tempfile::TempDir;
use viseme::app::{Options, Window};
use viseme::media::probe_clip;
use viseme::model::ClipSource;
use viseme::workflow::{Download, Stage};

/// The whole job on the demo clip takes a few seconds on an idle machine; a busy one may take far longer.
const PATIENCE: Duration = Duration::from_mins(4);

struct Desk {
    harness: Harness<'static, Window>,
    folder: TempDir,
}

impl Desk {
    fn open() -> Self {
        Self::open_on("sandbox", Vec2::new(1280.0, 800.0))
    }

    fn open_on(profile: &str, size: Vec2) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            profile: profile.into(),
            theme: None,
            downloads: Some(folder.path().join("results")),
            demo_folder: Some(folder.path().join("demo")),
            ..Options::default()
        };
        let harness = Harness::builder().with_size(size).build_eframe(|cc| Window::new(cc, options).expect("a window"));
        Self { harness, folder }
    }

    /// Steps until it is so.
    fn wait(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "{what} did not come about; stage {:?}", self.stage());
            std::thread::sleep(Duration::from_millis(10));
            self.harness.step();
        }
        // What follows from it is drawn.
        self.harness.run_steps(3);
        self.harness.check_accessibility();
    }

    fn stage(&self) -> &Stage {
        &self.harness.state().view().flow.stage
    }

    fn has(&self, label: &str) -> bool {
        self.harness.query_all_by_label_contains(label).next().is_some()
    }

    fn button<'a>(&'a self, label: &'a str) -> Node<'a> {
        self.harness.get_by_role_and_label(Role::Button, label)
    }

    fn is_enabled(&self, label: &str) -> bool {
        self.harness
            .query_by_role_and_label(Role::Button, label)
            .is_some_and(|node| !node.accesskit_node().is_disabled())
    }

    fn find_tile(&self, starts: &str) -> Option<Node<'_>> {
        self.harness
            .query_all_by_role(Role::RadioButton)
            .find(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(starts)))
    }

    fn tile(&self, starts: &str) -> Node<'_> {
        self.find_tile(starts).unwrap_or_else(|| panic!("no tile {starts}"))
    }

    fn has_tile(&self, starts: &str) -> bool {
        self.find_tile(starts).is_some()
    }

    fn saved(&self) -> Option<PathBuf> {
        match &self.harness.state().done()?.downloads[..] {
            [Download::Saved { path, .. }] => Some(path.clone()),
            _ => None,
        }
    }

    /// The result is a clip, in the folder for results, and shown.
    fn check_result(&mut self) {
        self.wait("a saved result", |desk| desk.saved().is_some());
        let path = self.saved().unwrap();
        assert!(path.starts_with(self.folder.path().join("results")), "{}", path.display());
        let result = probe_clip(&path).unwrap();
        assert_eq!((result.width_px, result.height_px), (1280, 720));
        assert!((result.duration_ms - 9_000).abs() <= 100, "{} ms", result.duration_ms);
        assert!(result.audio_codec.is_some(), "the voice is in it");
        assert!(self.has("Saved to"));
        self.wait("a picture of the result", |desk| desk.has("Picture of the result"));
        let chosen = self.harness.get_by_label("Show: Result");
        assert_eq!(chosen.accesskit_node().toggled(), Some(egui::accesskit::Toggled::True));
    }

    /// Presses Tab until the control with this name has the focus.
    fn tab_to(&mut self, label: &str) {
        for _ in 0..80 {
            if self
                .harness
                .root()
                .children_recursive()
                .any(|node| node.is_focused() && node.accesskit_node().label().is_some_and(|found| found == label))
            {
                return;
            }
            self.harness.key_press(Key::Tab);
            self.harness.step();
            self.harness.step();
        }
        panic!("{label} cannot be reached with Tab");
    }

    /// The demo clip with its second face chosen and its voice placed.
    fn placed() -> Self {
        let mut desk = Self::open();
        desk.ready();
        desk.button("Try the demo clip").click();
        desk.wait("faces", |desk| desk.has_tile("Face 2"));
        desk.tile("Face 2,").click();
        desk.wait("a placement", |desk| desk.is_enabled("Submit"));
        desk
    }

    /// Names the task, and with it what the sandbox shall do wrong.
    fn name_task(&mut self, name: &str) {
        self.harness.get_by_label("Advanced").click_accesskit();
        self.wait("the advanced fields", |desk| desk.has("External task id"));
        self.harness.get_by_role_and_label(Role::TextInput, "External task id").set_text_value_accesskit(name);
        let named = name.to_owned();
        self.wait("the name", |desk| {
            desk.harness.state().view().flow.desk.details.external_task_id.as_deref() == Some(named.as_str())
        });
    }

    fn ready(&mut self) {
        self.wait("the sandbox", |desk| desk.is_enabled("Try the demo clip"));
    }
}

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
    assert!(desk.has("The crop ends within the clip:"));
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::B);
    desk.wait("the best place", |desk| desk.is_enabled("Submit"));
    assert_eq!(insert_ms(&desk), before_ms);

    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.check_result();
}

#[test]
fn a_broken_rule_can_be_sent_all_the_same_and_the_refusal_is_shown_with_code_and_request() {
    let mut desk = Desk::placed();
    desk.harness.get_by_label("Voice on the timeline").set_value_accesskit(5_500.0);
    desk.wait("a broken rule", |desk| {
        desk.has("starts too late for the face") || desk.has("The crop ends within the clip:")
    });
    desk.button("Send anyway…").click_accesskit();
    desk.wait("a question", |desk| desk.has("Create the task all the same?"));
    desk.button("Send anyway").click();
    desk.wait("a refusal", |desk| desk.has("HTTP 400"));
    assert!(desk.has("Code 1201") && desk.has("Request "), "code and request id");
    assert!(desk.has("The service refused: nothing was created"));
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
    desk.wait("a task", |desk| desk.is_enabled("Pause"));
    desk.button("Pause").click();
    desk.wait("the pause", |desk| desk.is_enabled("Resume"));
    assert!(desk.has("Paused: the task goes on at the service"));
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
    assert!(!desk.is_enabled("Find faces") && !desk.is_enabled("Try the demo clip"));
    let path = desk.folder.path().join("clip.mp4");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/duo.mp4"), &path).unwrap();
    let field = desk.harness.get_by_role_and_label(Role::TextInput, "Clip file");
    field.focus();
    field.set_text_value_accesskit(path.to_str().unwrap());
    desk.harness.run_steps(2);
    desk.harness.key_press(Key::Enter);
    desk.wait("the clip's facts", |desk| desk.has("MP4 · 1280×720"));
    assert!(desk.has("Kling takes no video files"));

    desk.harness.get_by_label("Service: Kling").click();
    desk.wait("the keys", |desk| desk.has("Key for Kling"));
    let key = desk.harness.get_by_role_and_label(Role::PasswordInput, "API key");
    key.focus();
    key.set_text_value_accesskit("not-a-real-key");
    desk.harness.run_steps(2);
    desk.button("Use this key").click();
    desk.wait("the key in use", |desk| desk.has("Kling: key at hand"));
    // A local file is still none for it: said before anything is sent.
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(2);
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.wait("the reason", |desk| desk.has("cannot be handed to kling"));
    assert_eq!(desk.harness.state().view().flow.desk.clip, Some(ClipSource::File(path)));
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
fn every_control_has_its_place_at_the_smallest_size() {
    let mut desk = Desk::open_on("sandbox", Vec2::new(960.0, 640.0));
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    let screen = egui::Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(960.0, 640.0));
    for label in
        ["Submit", "New clip", "To the start", "One frame back", "Play the picture", "One frame forward", "Theme"]
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
    let mut desk = Desk::placed();
    desk.name_task("lose:window-1");
    desk.button("Submit").click();
    desk.check_result();
    let done = desk.harness.state().done().unwrap();
    assert_eq!(done.task.external_task_id.as_deref(), Some("lose:window-1"));
}

#[test]
fn an_unknown_outcome_is_sent_again_only_with_consent() {
    let mut desk = Desk::placed();
    desk.name_task("http-502:window-2");
    desk.button("Submit").click();
    desk.wait("an unknown outcome that was looked up in vain", |desk| desk.has("no proof that it was not created"));
    assert!(desk.has("Whether the task was created is not known"));
    assert!(!desk.is_enabled("Follow it"), "there is no id yet");
    desk.button("Send again…").click();
    desk.wait("the question", |desk| desk.has("Create the task a second time?") && desk.has("it is paid twice"));
    desk.button("Cancel").click();
    desk.wait("no question", |desk| !desk.has("Create the task a second time?"));
    assert!(desk.has("Whether the task was created is not known"), "nothing was sent");
    desk.button("Give it up").click();
    desk.wait("the choice again", |desk| matches!(desk.stage(), Stage::Choosing(_)));
    assert!(desk.has("http-502:window-2"), "the name under which it may yet turn up");
}

#[test]
fn a_failed_task_says_the_services_reason_and_leads_on_with_the_same_faces() {
    let mut desk = Desk::placed();
    desk.name_task("fail:the moon was in the way");
    desk.button("Submit").click();
    desk.wait("the failure", |desk| desk.has("The task failed at the service: the moon was in the way"));
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    desk.wait("the choice again", |desk| desk.is_enabled("Submit"));
}

/// A file let go of over the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|err| err.to_string())
    }
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
