//! Settings and what was opened before: changed through the window, kept in a file, there again in the next window.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::app::{Options, Window};

use crate::support::Desk;

/// A window whose settings are kept in this folder.
pub fn open_in(folder: &Path, size: Vec2) -> Desk {
    open_with(options_in(folder), size)
}

pub fn options_in(folder: &Path) -> Options {
    Options {
        downloads: Some(folder.join("results")),
        demo_folder: Some(folder.join("demo")),
        settings: Some(file(folder)),
        desktop: viseme::app::platform::desktop::Choice::Off,
        ..Options::default()
    }
}

pub fn open_with(options: Options, size: Vec2) -> Desk {
    let harness = Harness::builder().with_size(size).build_eframe(|cc| Window::new(cc, options).expect("a window"));
    Desk { harness, folder: tempfile::tempdir().unwrap() }
}

pub fn open(folder: &Path) -> Desk {
    open_in(folder, Vec2::new(1280.0, 800.0))
}

pub fn file(folder: &Path) -> PathBuf {
    folder.join("config/viseme/settings.json")
}

pub fn kept(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(file(folder)).unwrap_or_default()).unwrap_or_default()
}

/// Opens the dialog by its keys, on this page.
pub fn open_page(desk: &mut Desk, page: &str) {
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    desk.wait("the settings", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Settings").is_some());
    desk.harness.get_by_role_and_label(Role::Tab, page).click();
    desk.harness.run_steps(3);
}

pub fn press(desk: &mut Desk, label: &str) {
    desk.button(label).click();
    desk.harness.run_steps(3);
}

pub fn segment(desk: &mut Desk, label: &str) {
    desk.harness.get_by_role_and_label(Role::RadioButton, label).click();
    desk.harness.run_steps(3);
}

pub fn type_into(desk: &mut Desk, field: &str, text: &str) {
    desk.harness.get_by_role_and_label(Role::TextInput, field).set_text_value_accesskit(text);
    desk.harness.run_steps(3);
}

#[test]
fn what_is_changed_holds_at_once_and_in_the_next_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    open_page(&mut desk, "Appearance");
    segment(&mut desk, "Theme: Light");
    assert_eq!(desk.harness.ctx.theme(), egui::Theme::Light);
    segment(&mut desk, "Size: 125 %");
    assert!((desk.harness.ctx.zoom_factor() - 1.25).abs() < 1e-3);
    desk.harness.get_by_role_and_label(Role::CheckBox, "Reduce motion").click();
    desk.harness.run_steps(3);
    assert!(desk.harness.ctx.global_style().animation_time.abs() < f32::EPSILON, "nothing moves");
    desk.harness.get_by_role_and_label(Role::Tab, "Files").click();
    desk.harness.run_steps(3);
    type_into(&mut desk, "Folder for results", "relative/folder");
    assert!(desk.has("Enter the whole path"));
    let results = folder.path().join("elsewhere");
    type_into(&mut desk, "Folder for results", &results.display().to_string());
    desk.harness.key_press(Key::Tab);
    desk.harness.run_steps(3);
    desk.harness.key_press(Key::Escape);
    desk.wait("no settings", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Settings").is_none());
    drop(desk);

    let kept = kept(folder.path());
    assert_eq!((kept["theme"].as_str(), kept["scale_percent"].as_u64()), (Some("light"), Some(125)));
    assert_eq!(kept["reduced_motion"], true);
    assert_eq!(kept["downloads"].as_str().map(PathBuf::from), Some(results.clone()));
    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    // The harness gives each of its windows a theme of its own; what was remembered is told by the dialog.
    assert!((desk.harness.ctx.zoom_factor() - 1.25).abs() < 1e-3);
    open_page(&mut desk, "Appearance");
    let light = desk.harness.get_by_role_and_label(Role::RadioButton, "Theme: Light");
    assert_eq!(light.accesskit_node().toggled(), Some(Toggled::True));
    let reduced = desk.harness.get_by_role_and_label(Role::CheckBox, "Reduce motion");
    assert_eq!(reduced.accesskit_node().toggled(), Some(Toggled::True));
}

#[test]
fn the_margin_moves_a_proposed_placement() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    desk.ready();
    desk.button("Try the demo clip").click();
    desk.wait("faces", |desk| desk.has_tile("Face 2"));
    desk.tile("Face 2,").click();
    desk.wait("a placement", |desk| desk.is_enabled("Submit"));
    let placement = |desk: &Desk| desk.harness.state().view().choosing().unwrap().placement.unwrap();
    let before = placement(&desk);
    open_page(&mut desk, "Editing");
    desk.harness.get_by_role_and_label(Role::SpinButton, "Safety margin in milliseconds").focus();
    desk.harness.run_steps(3);
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    desk.harness.event(egui::Event::Text("900".into()));
    desk.harness.run_steps(2);
    desk.harness.key_press(Key::Enter);
    desk.harness.run_steps(4);
    assert_eq!(desk.harness.state().view().flow.desk.margin_ms, Some(900));
    let after = placement(&desk);
    assert_ne!((before.sound_insert_time, before.sound_end_time), (after.sound_insert_time, after.sound_end_time));
    drop(desk);
    assert_eq!(kept(folder.path())["margin_ms"], 900);
}

#[test]
fn a_clip_that_was_opened_is_offered_again_until_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let clip = folder.path().join("my clip.mp4");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/duo.mp4"), &clip).unwrap();
    let mut desk = open(folder.path());
    type_into(&mut desk, "Clip file", &clip.display().to_string());
    desk.harness.get_by_role_and_label(Role::TextInput, "Clip file").focus();
    desk.harness.run_steps(2);
    desk.harness.key_press(Key::Enter);
    desk.wait("the clip's facts", |desk| desk.has("1280×720"));
    drop(desk);
    assert_eq!(kept(folder.path())["recent_clips"][0]["file"].as_str().map(PathBuf::from), Some(clip.clone()));

    let mut desk = open(folder.path());
    desk.wait("the clip in the empty state", |desk| desk.is_enabled("Open my clip.mp4"));
    press(&mut desk, "Open my clip.mp4");
    desk.wait("the clip's facts", |desk| desk.has("1280×720"));
    drop(desk);

    std::fs::remove_file(&clip).unwrap();
    let mut desk = open(folder.path());
    desk.wait("word that it is gone", |desk| desk.is_enabled("Remove my clip.mp4 from the list"));
    press(&mut desk, "Remove my clip.mp4 from the list");
    assert!(!desk.has("my clip.mp4"));
    drop(desk);
    assert!(kept(folder.path())["recent_clips"].as_array().is_none_or(Vec::is_empty));
}

#[test]
fn a_damaged_file_is_set_aside_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(file(folder.path()).parent().unwrap()).unwrap();
    std::fs::write(file(folder.path()), "{ not json").unwrap();
    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    assert!(desk.has("are damaged"));
    let aside = folder.path().join("config/viseme/settings.damaged-1.json");
    assert_eq!(std::fs::read_to_string(aside).unwrap(), "{ not json");
}

#[test]
fn the_dialog_is_no_wider_than_the_window() {
    let folder = tempfile::tempdir().unwrap();
    // What 1280 by 800 is at twice the size.
    let mut desk = open_in(folder.path(), Vec2::new(640.0, 400.0));
    open_page(&mut desk, "Appearance");
    let window = egui::Rect::from_min_size(egui::Pos2::ZERO, Vec2::new(640.0, 400.0));
    for (role, name) in [(Role::Dialog, "Settings"), (Role::Button, "Close"), (Role::RadioButton, "Size: 200 %")] {
        let rect = desk.harness.get_by_role_and_label(role, name).rect();
        assert!(window.expand(0.5).contains_rect(rect), "{name} is at {rect}");
    }
}

#[test]
fn the_dialog_is_operated_by_keys_and_gives_the_keyboard_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open_in(folder.path(), Vec2::new(960.0, 640.0));
    desk.ready();
    desk.tab_to("Clip file");
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    desk.wait("the settings", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Settings").is_some());
    desk.tab_to("Files");
    desk.harness.key_press(Key::Space);
    desk.harness.run_steps(3);
    desk.tab_to("Folder for results");
    let began = Instant::now();
    desk.harness.key_press(Key::Escape);
    while desk.harness.query_by_role_and_label(Role::Dialog, "Settings").is_some() {
        assert!(began.elapsed() < Duration::from_mins(1));
        desk.harness.key_press(Key::Escape);
        desk.harness.run_steps(3);
    }
    desk.harness.run_steps(4);
    assert!(desk.harness.get_by_role_and_label(Role::TextInput, "Clip file").is_focused());
}

#[test]
fn a_proxy_is_used_once_it_is_entered_and_not_with_each_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    open_page(&mut desk, "Services");
    let field = "Address of the proxy";
    desk.harness.get_by_role_and_label(Role::TextInput, field).focus();
    desk.harness.run_steps(2);
    for part in ["http://", "127.0.0.1", ":9"] {
        desk.harness.get_by_role_and_label(Role::TextInput, field).type_text(part);
        desk.harness.run_steps(2);
    }
    desk.harness.run_steps(3);
    let entered = desk.harness.get_by_role_and_label(Role::TextInput, field).value();
    assert_eq!(entered.as_deref(), Some("http://127.0.0.1:9"));
    // Half an address is neither used nor called wrong.
    assert!(desk.harness.query_by_label_contains("not the address of a proxy").is_none());
    // Longer than the file waits for further changes.
    std::thread::sleep(Duration::from_millis(600));
    desk.harness.run_steps(3);
    assert_ne!(kept(folder.path())["proxy"], "http://127.0.0.1:9");
    desk.harness.key_press(Key::Enter);
    desk.wait("it is kept", |_| kept(folder.path())["proxy"] == "http://127.0.0.1:9");
}
