//! How the window looks: stages × themes at the size it is designed for, a few at the smallest size and at twice the scale.
//!
//! To renew the pictures after a change that is meant: `UPDATE_SNAPSHOTS=1 cargo test --test window snapshots`, then look at them.
//! They are drawn through wgpu by software (Debian: `mesa-vulkan-drivers`). Without any driver nothing is compared, and that is
//! said; in CI (`CI` is set) it is a failure.
//!
//! What is never the same twice is covered: paths, ids, elapsed times. So are photographs, which would make the files large: the
//! clip's picture, up to what lies over it, and of the faces all but those of one stage.

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Theme, Vec2, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::wgpu::WgpuTestRenderer;
use egui_kittest::{SnapshotOptions, SnapshotResults};
use viseme::workflow::Stage;

use crate::support::{Desk, Dropped};

/// Tells one driver's rounding from a change of ours: how far a pixel may be off, and how many may be farther.
const PIXEL: f32 = 2.0;
const PIXELS: usize = 40;
/// What is at rest for so long stays so.
const CALM: Duration = Duration::from_millis(700);

const DESIGNED: Vec2 = Vec2::new(1280.0, 800.0);
const LEAST: Vec2 = Vec2::new(960.0, 640.0);

/// Whether there is anything to draw with.
fn can_draw() -> bool {
    let found = std::panic::catch_unwind(WgpuTestRenderer::new).is_ok();
    if !found {
        assert!(std::env::var_os("CI").is_none(), "no graphics driver: .ci/run installs mesa-vulkan-drivers");
        eprintln!("NOT COMPARED: there is no graphics driver (Debian: apt-get install mesa-vulkan-drivers)");
    }
    found
}

/// A window in one theme and size, and its pictures.
struct Album {
    desk: Desk,
    name: &'static str,
    results: SnapshotResults,
}

impl Album {
    fn open(name: &'static str, theme: Theme, size: Vec2, scale: f32) -> Self {
        let mut desk = Desk::open_on("sandbox", size);
        desk.harness.ctx.set_theme(theme);
        let viewports = &mut desk.harness.input_mut().viewports;
        viewports.get_mut(&egui::ViewportId::ROOT).unwrap().native_pixels_per_point = Some(scale);
        desk.harness.set_render_cursor(false);
        desk.ready();
        Self { desk, name, results: SnapshotResults::new() }
    }

    /// Compares the window as it stands, once it has come to rest, or at once where something runs.
    fn take(&mut self, stage: &str) {
        if !matches!(self.desk.stage(), Stage::Submitted(_)) {
            self.calm();
        }
        self.desk.harness.remove_cursor();
        self.desk.harness.run_steps(2);
        for rect in self.covered(stage) {
            self.desk.harness.mask(rect);
        }
        let options = SnapshotOptions::new().threshold(PIXEL).max_failed_pixels(PIXELS);
        let name = format!("{stage}-{}", self.name);
        self.results.add(self.desk.harness.try_snapshot_options(name, &options));
    }

    /// Waits until thumbnails, previews and waveform are there, and nothing asks for another frame.
    fn calm(&mut self) {
        let (began, mut since) = (Instant::now(), Instant::now());
        while since.elapsed() < CALM {
            assert!(began.elapsed() < crate::support::PATIENCE, "the window does not come to rest");
            self.desk.harness.step();
            let delay = self.desk.harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
            if delay < Duration::from_secs(1) {
                since = Instant::now();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What is never the same twice.
    fn covered(&self, stage: &str) -> Vec<Rect> {
        let harness = &self.desk.harness;
        let folder = self.desk.folder.path().to_str().unwrap();
        let mut covered = Vec::new();
        let mut row_left = 0.0;
        for node in harness.root().children_recursive() {
            let inner = node.accesskit_node();
            let words = inner.label().or_else(|| inner.value()).unwrap_or_default();
            match inner.role() {
                Role::TextInput if inner.value().is_some_and(|value| value.contains(folder)) => {
                    covered.push(node.rect());
                }
                Role::Image if words.starts_with("Picture of the ") => {
                    row_left = node.rect().left();
                    covered.extend(self.around_notices(node.rect()));
                }
                // The photograph of a face is a square, the whole width of its tile.
                Role::RadioButton if words.starts_with("Face ") && stage != "choosing" => {
                    let tile = node.rect();
                    covered.push(Rect::from_min_size(tile.min, Vec2::splat(tile.width())).shrink(4.0));
                }
                // Minutes that are left, ids, paths: to the end of the line, however long the words are.
                Role::Label if words.ends_with(" left") || words.contains(" left ·") || words.contains("Request ") => {
                    covered.push(Rect::from_min_max(
                        node.rect().min,
                        pos2(row_left.max(node.rect().right()), node.rect().max.y),
                    ));
                }
                _ => {}
            }
        }
        // Above the picture it says for how long something runs, or where the result is: up to the first button.
        if matches!(self.desk.stage(), Stage::Submitted(_) | Stage::Done(_)) {
            let row = Rect::from_min_max(pos2(row_left, 44.0), pos2(harness.ctx.content_rect().right(), 80.0));
            let buttons =
                harness.query_all_by_role(Role::Button).map(|node| node.rect()).filter(|rect| row.contains_rect(*rect));
            let right = buttons.map(|rect| rect.left() - 2.0).fold(row.right(), f32::min);
            covered.push(row.with_max_x(right));
        }
        covered
    }

    /// The picture without the messages that lie over it.
    fn around_notices(&self, picture: Rect) -> Vec<Rect> {
        const MARGIN_PX: f32 = 14.0;
        let over = self.desk.harness.root().children_recursive().filter(|node| {
            let role = node.accesskit_node().role();
            matches!(role, Role::Label | Role::Button) && picture.contains_rect(node.rect())
        });
        let Some(notices) = over.map(|node| node.rect()).reduce(Rect::union) else { return vec![picture] };
        // To the left of its words a message has its mark.
        let notices = notices.expand(MARGIN_PX).with_min_x(notices.left() - MARGIN_PX - 24.0);
        vec![
            picture.with_max_x(notices.left()),
            picture.with_min_x(notices.right()),
            Rect::from_x_y_ranges(notices.x_range(), picture.top()..=notices.top()),
            Rect::from_x_y_ranges(notices.x_range(), notices.bottom()..=picture.bottom()),
        ]
        .into_iter()
        .filter(Rect::is_positive)
        .collect()
    }

    fn give_files(&mut self) {
        for path in self.desk.own_files() {
            self.desk.harness.input_mut().dropped_files.push(std::sync::Arc::new(Dropped(path)));
            self.desk.harness.run_steps(2);
        }
        self.desk.wait("both probes", |desk| desk.has("MP4 · 1280×720") && desk.has("MP3 · 8.25"));
    }

    fn find_faces(&mut self) {
        self.desk.chord(Modifiers::COMMAND, Key::Enter);
        self.desk.wait("faces", |desk| desk.has_tile("Face 2"));
        self.desk.wait("previews", |desk| {
            let view = desk.harness.state().view();
            let faces = &view.choosing().unwrap().faces.session.faces;
            faces.iter().all(|face| view.shell.textures.preview(&face.face_id).is_some())
        });
    }

    fn choose(&mut self) {
        self.desk.press(Key::Num2);
        self.desk.wait("a placement", |desk| desk.is_enabled("Submit"));
        self.desk.wait("a waveform", |desk| desk.harness.state().view().shell.waveform.waveform().is_some());
    }

    fn break_a_rule(&mut self) {
        self.desk.harness.get_by_label("Voice on the timeline").set_value_accesskit(2_500.0);
        self.desk.wait("a broken rule", |desk| desk.has("Send anyway…"));
    }

    /// The result at its beginning.
    fn finish(&mut self) {
        self.desk.wait("a saved result", |desk| desk.saved().is_some());
        self.desk.wait("a picture of the result", |desk| desk.has("Picture of the result"));
        if self.desk.harness.state().view().shell.player.is_playing() {
            self.desk.button("Pause the picture").click_accesskit();
            self.desk.harness.run_steps(2);
        }
        self.desk.button("To the start").click_accesskit();
        self.desk.wait("the start", |desk| desk.has("Picture of the result at 0:00.000"));
    }
}

/// The whole job, a picture at every stage of it.
fn whole_job(name: &'static str, theme: Theme) {
    if !can_draw() {
        return;
    }
    let mut album = Album::open(name, theme, DESIGNED, 1.0);
    album.take("empty");
    album.give_files();
    album.take("clip");
    album.find_faces();
    album.take("choosing");
    album.choose();
    album.take("placed");
    album.break_a_rule();
    album.take("broken");
    album.desk.chord(Modifiers::COMMAND, Key::B);
    album.desk.wait("the best place", |desk| desk.is_enabled("Submit"));
    // A task that stays where it is.
    album.desk.name_task("hang:window-snapshot");
    album.desk.harness.get_by_label("Advanced").click_accesskit();
    album.desk.harness.run_steps(4);
    album.desk.button("Submit").click_accesskit();
    album.desk.wait("a task", |desk| desk.is_enabled("Stop following"));
    album.take("submitted");
}

fn end_of_the_job(name: &'static str, theme: Theme, fault: Option<&str>) {
    if !can_draw() {
        return;
    }
    let mut album = Album::open(name, theme, DESIGNED, 1.0);
    album.give_files();
    album.find_faces();
    album.choose();
    if let Some(fault) = fault {
        album.desk.name_task(fault);
        album.desk.harness.get_by_label("Advanced").click_accesskit();
        album.desk.harness.run_steps(4);
    }
    album.desk.button("Submit").click_accesskit();
    if fault.is_some() {
        album.desk.wait("the failure", |desk| desk.has("The task failed at the service"));
        album.take("failed");
    } else {
        album.finish();
        album.take("result");
    }
}

/// The voice placed, and the empty window, in another size or scale.
fn in_other_sizes(name: &'static str, theme: Theme, size: Vec2, scale: f32) {
    if !can_draw() {
        return;
    }
    let mut album = Album::open(name, theme, size, scale);
    album.take("empty");
    album.give_files();
    album.find_faces();
    album.choose();
    album.take("placed");
}

#[test]
fn the_job_in_the_dark() {
    whole_job("dark", Theme::Dark);
}

#[test]
fn the_job_in_the_light() {
    whole_job("light", Theme::Light);
}

#[test]
fn the_result_in_the_dark() {
    end_of_the_job("dark", Theme::Dark, None);
}

#[test]
fn the_result_in_the_light() {
    end_of_the_job("light", Theme::Light, None);
}

#[test]
fn a_failure_in_the_dark() {
    end_of_the_job("dark", Theme::Dark, Some("fail:window-snapshot"));
}

#[test]
fn a_failure_in_the_light() {
    end_of_the_job("light", Theme::Light, Some("fail:window-snapshot"));
}

#[test]
fn the_smallest_size() {
    in_other_sizes("dark-960", Theme::Dark, LEAST, 1.0);
}

#[test]
fn twice_the_scale() {
    in_other_sizes("light-2x", Theme::Light, LEAST, 2.0);
}
