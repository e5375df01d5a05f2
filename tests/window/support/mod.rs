//! The window in a harness, driven as a person does: through the accessibility tree, on the embedded sandbox.

mod hands;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use tempfile::TempDir;
use viseme::app::{Options, Window};
use viseme::media::probe_clip;
use viseme::workflow::{Download, Stage};

pub use hands::ROUND;

/// The whole job on the demo clip takes a few seconds on an idle machine; a busy one may take far longer.
pub const PATIENCE: Duration = Duration::from_mins(4);

/// The window with its own folders.
pub struct Desk {
    /// The window and what is done to it.
    pub harness: Harness<'static, Window>,
    /// Everything it writes goes in here.
    pub folder: TempDir,
}

impl Desk {
    pub fn open() -> Self {
        Self::open_on("sandbox", Vec2::new(1280.0, 800.0))
    }

    pub fn open_on(profile: &str, size: Vec2) -> Self {
        // Tests are not to be heard.
        Self::open_with(profile, size, viseme::playback::sound::Choice::Off)
    }

    pub fn open_with(profile: &str, size: Vec2, sound: viseme::playback::sound::Choice) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            profile: profile.into(),
            theme: None,
            downloads: Some(folder.path().join("results")),
            demo_folder: Some(folder.path().join("demo")),
            sound,
            // Nor to look as the desktop of whoever runs them asks for.
            desktop: viseme::app::platform::desktop::Choice::Off,
            ..Options::default()
        };
        let harness = Harness::builder().with_size(size).build_eframe(|cc| Window::new(cc, options).expect("a window"));
        Self { harness, folder }
    }

    /// A window that knows these services and has the first of them in use, with a journal of its own.
    pub fn at_services(profiles: Vec<viseme::model::Profile>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            profile: profiles[0].name.clone(),
            profiles,
            downloads: Some(folder.path().join("results")),
            demo_folder: Some(folder.path().join("demo")),
            journal: Some(folder.path().join("journal.db")),
            desktop: viseme::app::platform::desktop::Choice::Off,
            sound: viseme::playback::sound::Choice::Off,
            ..Options::default()
        };
        let harness = Harness::builder()
            .with_size(Vec2::new(1280.0, 800.0))
            .build_eframe(|cc| Window::new(cc, options).expect("a window"));
        Self { harness, folder }
    }

    /// Steps until it is so.
    pub fn wait(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
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

    pub fn stage(&self) -> &Stage {
        &self.harness.state().view().flow.stage
    }

    pub fn has(&self, label: &str) -> bool {
        self.harness.query_all_by_label_contains(label).next().is_some()
    }

    pub fn button<'a>(&'a self, label: &'a str) -> Node<'a> {
        self.harness.get_by_role_and_label(Role::Button, label)
    }

    pub fn is_enabled(&self, label: &str) -> bool {
        self.harness
            .query_by_role_and_label(Role::Button, label)
            .is_some_and(|node| !node.accesskit_node().is_disabled())
    }

    pub fn find_tile(&self, starts: &str) -> Option<Node<'_>> {
        self.harness
            .query_all_by_role(Role::RadioButton)
            .find(|node| node.accesskit_node().label().is_some_and(|label| label.starts_with(starts)))
    }

    pub fn tile(&self, starts: &str) -> Node<'_> {
        self.find_tile(starts).unwrap_or_else(|| panic!("no tile {starts}"))
    }

    pub fn has_tile(&self, starts: &str) -> bool {
        self.find_tile(starts).is_some()
    }

    pub fn saved(&self) -> Option<PathBuf> {
        match &self.harness.state().done()?.downloads[..] {
            [Download::Saved(saved)] => Some(saved.path.clone()),
            _ => None,
        }
    }

    /// The result is a clip, in the folder for results, and shown.
    pub fn check_result(&mut self) {
        self.wait("a saved result", |desk| desk.saved().is_some());
        let path = self.saved().unwrap();
        assert!(path.starts_with(self.folder.path().join("results")), "{}", path.display());
        let result = probe_clip(&path).unwrap();
        assert_eq!((result.width_px, result.height_px), (1280, 720));
        let clip_ms = self.harness.state().view().timeline_ms();
        assert!((result.duration_ms - clip_ms).abs() <= 100, "{} ms of {clip_ms}", result.duration_ms);
        assert!(result.audio_codec.is_some(), "the voice is in it");
        assert!(self.has("Saved to"));
        self.wait("a picture of the result", |desk| desk.has("Picture of the result"));
        let chosen = self.harness.get_by_label("Show: Result");
        assert_eq!(chosen.accesskit_node().toggled(), Some(egui::accesskit::Toggled::True));
    }

    /// Presses Tab until the control with this name has the focus.
    pub fn tab_to(&mut self, label: &str) {
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
    pub fn placed() -> Self {
        let mut desk = Self::open();
        desk.ready();
        desk.button("Try the demo clip").click();
        desk.wait("faces", |desk| desk.has_tile("Face 2"));
        desk.tile("Face 2,").click();
        desk.wait("a placement", |desk| desk.is_enabled("Submit"));
        desk
    }

    /// The same with a clip of 2.5 s of the demo, both faces in all of it, as a person's own file: where the length means nothing.
    pub fn short() -> Self {
        let mut desk = Self::open();
        desk.ready();
        desk.drop_file(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/media/clips/duo_2500ms.mp4"));
        desk.wait("the clip", |desk| desk.is_enabled("Find faces"));
        desk.button("Find faces").click();
        desk.wait("faces", |desk| desk.has_tile("Face 2"));
        desk.tile("Face 2,").click();
        desk.drop_file(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/voice.mp3"));
        desk.wait("a placement", |desk| desk.is_enabled("Submit"));
        desk
    }

    /// Names the task, and with it what the sandbox shall do wrong.
    pub fn name_task(&mut self, name: &str) {
        self.harness.get_by_label("Advanced").click_accesskit();
        self.wait("the advanced fields", |desk| desk.has("External task id"));
        self.harness.get_by_role_and_label(Role::TextInput, "External task id").set_text_value_accesskit(name);
        let named = name.to_owned();
        self.wait("the name", |desk| {
            desk.harness.state().view().flow.desk.details.external_task_id.as_deref() == Some(named.as_str())
        });
    }

    pub fn ready(&mut self) {
        self.wait("the sandbox", |desk| desk.is_enabled("Try the demo clip"));
    }
}

/// A file let go of over the window.
#[derive(Debug)]
pub struct Dropped(pub PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|err| err.to_string())
    }
}
