//! Settings, services and what was opened before: changed through the window, kept in a file, there again in the next window.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use viseme::app::{Options, Window};
use viseme::engine::environment_key_in;

use crate::support::Desk;

/// A window whose settings are kept in this folder.
fn open_in(folder: &Path, size: Vec2) -> Desk {
    open_with(options_in(folder), size)
}

fn options_in(folder: &Path) -> Options {
    Options {
        downloads: Some(folder.join("results")),
        demo_folder: Some(folder.join("demo")),
        settings: Some(file(folder)),
        desktop: viseme::app::platform::desktop::Choice::Off,
        ..Options::default()
    }
}

fn open_with(options: Options, size: Vec2) -> Desk {
    let harness = Harness::builder().with_size(size).build_eframe(|cc| Window::new(cc, options).expect("a window"));
    Desk { harness, folder: tempfile::tempdir().unwrap() }
}

fn open(folder: &Path) -> Desk {
    open_in(folder, Vec2::new(1280.0, 800.0))
}

fn file(folder: &Path) -> PathBuf {
    folder.join("config/viseme/settings.json")
}

fn kept(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(file(folder)).unwrap_or_default()).unwrap_or_default()
}

/// Opens the dialog by its keys, on this page.
fn open_page(desk: &mut Desk, page: &str) {
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    desk.wait("the settings", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Settings").is_some());
    desk.harness.get_by_role_and_label(Role::Tab, page).click();
    desk.harness.run_steps(3);
}

fn press(desk: &mut Desk, label: &str) {
    desk.button(label).click();
    desk.harness.run_steps(3);
}

fn segment(desk: &mut Desk, label: &str) {
    desk.harness.get_by_role_and_label(Role::RadioButton, label).click();
    desk.harness.run_steps(3);
}

fn type_into(desk: &mut Desk, field: &str, text: &str) {
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
fn a_service_of_ones_own_is_entered_used_changed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    open_page(&mut desk, "Services");
    assert!(!desk.has("Edit Sandbox"), "what comes with the program is not changed");
    press(&mut desk, "Add a service…");
    assert!(!desk.is_enabled("Save service"));
    type_into(&mut desk, "Service name", "kling");
    type_into(&mut desk, "Service address", "https://user:word@example.com");
    assert!(desk.has("There is already a service called kling"));
    type_into(&mut desk, "Service name", "acme");
    assert!(desk.has("keys are entered separately"));
    type_into(&mut desk, "Service address", "https://api.example.com/");
    type_into(&mut desk, "Added to every body", r#"{"api_key": "k"}"#);
    assert!(!desk.is_enabled("Save service"), "a key has no place in the settings");
    type_into(&mut desk, "Added to every body", r#"{"model": "m1"}"#);
    press(&mut desk, "Save service");
    assert!(desk.has("Edit acme…"));
    press(&mut desk, "Edit acme…");
    segment(&mut desk, "Dialect: Kirin");
    press(&mut desk, "Save service");
    press(&mut desk, "Duplicate acme…");
    press(&mut desk, "Save service");
    press(&mut desk, "Delete acme copy");
    assert!(desk.has("acme copy was deleted"));
    press(&mut desk, "Restore");
    assert!(desk.has("Edit acme copy…"));
    press(&mut desk, "Delete acme copy");
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);
    drop(desk);

    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    desk.harness.get_by_role_and_label(Role::Button, "Service: Sandbox").click();
    desk.harness.run_steps(3);
    assert!(!desk.has("Use acme copy"));
    press(&mut desk, "Use acme");
    desk.wait("the service", |desk| desk.harness.state().view().profile().name == "acme");
    let profile = desk.harness.state().view().profile().clone();
    assert_eq!(profile.base_url, "https://api.example.com");
    assert_eq!(profile.dialect, viseme::model::Dialect::Kirin);
    // A key is typed, used, and in no file afterwards.
    let api_key = desk.harness.get_by_role_and_label(Role::PasswordInput, "API key");
    api_key.set_text_value_accesskit("sk-very-secret-0123");
    desk.harness.run_steps(3);
    press(&mut desk, "Use this key");
    desk.wait("a key", |desk| desk.harness.state().view().shell.has_key());
    let folder_path = folder.path().to_owned();
    drop(desk);
    for path in files_under(&folder_path) {
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(14).any(|window| window == b"sk-very-secret"), "{}", path.display());
    }
}

#[test]
fn what_is_typed_of_a_service_goes_into_its_name_and_is_not_lost() {
    fn name(desk: &Desk) -> egui_kittest::Node<'_> {
        desk.harness.get_by_role_and_label(Role::TextInput, "Service name")
    }
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    open_page(&mut desk, "Services");
    press(&mut desk, "Add a service…");
    assert!(name(&desk).is_focused(), "the keyboard is where the form begins");
    let below = desk.rect("Service address").top();
    desk.harness.event(egui::Event::Text("sandbox".into()));
    desk.harness.run_steps(3);
    assert!(desk.has("There is already a service called"));
    assert!((desk.rect("Service address").top() - below).abs() < 0.5, "nothing jumps");
    desk.type_over("My studio");
    // Another page, and back.
    for page in ["About", "Services"] {
        desk.harness.get_by_role_and_label(Role::Tab, page).click();
        desk.harness.run_steps(4);
    }
    assert_eq!(name(&desk).value().as_deref(), Some("My studio"));
    // Out of the field, out of the form, out of the dialog.
    while desk.harness.query_by_role_and_label(Role::Dialog, "Settings").is_some() {
        desk.press(Key::Escape);
    }
    open_page(&mut desk, "Services");
    assert!(desk.has("My studio is not saved yet"));
    press(&mut desk, "Continue editing…");
    assert_eq!(name(&desk).value().as_deref(), Some("My studio"));
    type_into(&mut desk, "Service address", "http://studio.example.com");
    assert!(desk.has("Without https, anybody on the network path can read the key"));
    type_into(&mut desk, "Service address", "http://127.0.0.1:9");
    assert!(!desk.has("Without https"), "nobody is on the way within this machine");
    press(&mut desk, "Cancel");
    assert!(!desk.has("My studio"), "that was meant");
    // What was only looked at is not worth keeping.
    press(&mut desk, "Add a service…");
    while desk.harness.query_by_role_and_label(Role::TextInput, "Service name").is_some() {
        desk.press(Key::Escape);
    }
    assert!(!desk.has("not saved yet"));
}

#[test]
fn a_service_that_is_renamed_stays_in_use_and_keeps_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    open_page(&mut desk, "Services");
    press(&mut desk, "Add a service…");
    type_into(&mut desk, "Service name", "acme");
    type_into(&mut desk, "Service address", "https://api.example.com");
    press(&mut desk, "Save service");
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);
    desk.harness.get_by_role_and_label(Role::Button, "Service: Sandbox").click();
    desk.harness.run_steps(3);
    press(&mut desk, "Use acme");
    desk.wait("the service", |desk| desk.harness.state().view().profile().name == "acme");
    desk.harness.get_by_role_and_label(Role::PasswordInput, "API key").set_text_value_accesskit("sk-secret");
    desk.harness.run_steps(3);
    press(&mut desk, "Use this key");
    desk.wait("a key", |desk| desk.harness.state().view().shell.has_key());
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);

    open_page(&mut desk, "Services");
    press(&mut desk, "Edit acme…");
    type_into(&mut desk, "Service name", "acme two");
    press(&mut desk, "Save service");
    desk.wait("its new name", |desk| desk.has("Edit acme two…"));
    let view = desk.harness.state().view();
    assert_eq!(view.profile().name, "acme two", "it is still the one in use");
    assert!(view.shell.has_key(), "and has its key");
    assert!(!desk.has("Edit acme…"));
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .unwrap()
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files_under(&path) } else { vec![path] }
        })
        .collect()
}

/// A window on this service, with this value of `VISEME_KEY` in the environment.
fn open_with_key(folder: &Path, profile: &str, value: &str) -> Desk {
    let options = Options {
        profile: profile.into(),
        environment_key: environment_key_in(|name| (name == "VISEME_KEY").then(|| value.to_owned())),
        ..options_in(folder)
    };
    open_with(options, Vec2::new(1280.0, 800.0))
}

#[test]
fn the_key_of_the_environment_is_used_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open_with_key(folder.path(), "sandbox", "sk-environment");
    desk.ready();
    desk.harness.get_by_role_and_label(Role::Button, "Service: Sandbox").click();
    desk.harness.run_steps(3);
    press(&mut desk, "Use Kling");
    desk.wait("the key", |desk| desk.has("Kling: key from VISEME_KEY"));
    assert!(desk.harness.state().view().shell.has_key());
    assert!(desk.has("The key from VISEME_KEY is in use; one entered here takes precedence"));
    desk.harness.get_by_role_and_label(Role::PasswordInput, "API key").set_text_value_accesskit("sk-entered");
    desk.harness.run_steps(3);
    press(&mut desk, "Use this key");
    desk.wait("the other key", |desk| desk.harness.state().view().shell.keys().source.is_none());
    assert!(!desk.has("VISEME_KEY"));
}

#[test]
fn what_is_wrong_with_the_key_of_the_environment_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open_with_key(folder.path(), "kling", "sk-environment\n");
    desk.harness.run_steps(3);
    assert!(desk.has("The key in VISEME_KEY cannot be used: The key ends with a line break"));
    assert!(!desk.has("sk-environment") && !desk.harness.state().view().shell.has_key());
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
fn panels_keep_their_size_until_the_layout_is_reset() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    let usual = desk.harness.get_by_label("Clip file").rect().width();
    let edge = egui::pos2(320.0, 300.0);
    desk.harness.drag_at(edge);
    desk.harness.run_steps(2);
    desk.harness.hover_at(egui::pos2(400.0, 300.0));
    desk.harness.run_steps(2);
    desk.harness.drop_at(egui::pos2(400.0, 300.0));
    desk.harness.run_steps(3);
    let wide = desk.harness.get_by_label("Clip file").rect().width();
    assert!(wide > usual + 50.0, "{usual} to {wide}");
    drop(desk);
    assert!(kept(folder.path())["layout"]["side_px"].as_f64().unwrap() > 370.0);

    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    assert!((desk.harness.get_by_label("Clip file").rect().width() - wide).abs() < 3.0);
    open_page(&mut desk, "Appearance");
    press(&mut desk, "Reset layout");
    desk.harness.key_press(Key::Escape);
    desk.harness.run_steps(3);
    assert!((desk.harness.get_by_label("Clip file").rect().width() - usual).abs() < 3.0);
}

#[test]
fn a_window_of_another_size_gives_no_panel_a_width_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open_in(folder.path(), Vec2::new(960.0, 640.0));
    desk.harness.run_steps(3);
    let narrow = desk.harness.get_by_label("Clip file").rect().width();
    desk.harness.set_size(Vec2::new(1280.0, 800.0));
    desk.harness.run_steps(3);
    let wide = desk.harness.get_by_label("Clip file").rect().width();
    assert!(wide > narrow + 30.0, "{narrow} to {wide}: the panel is as wide as it comes in a wide window");
    // By keys as well as by hand.
    desk.harness.get_by_role_and_label(Role::Splitter, "Width of the side panel").focus();
    desk.harness.run_steps(2);
    drop(desk);
    assert!(kept(folder.path())["layout"]["side_px"].is_null());

    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    desk.harness.get_by_role_and_label(Role::Splitter, "Width of the side panel").focus();
    desk.harness.run_steps(2);
    desk.harness.key_press(Key::ArrowRight);
    desk.harness.run_steps(4);
    drop(desk);
    assert!(kept(folder.path())["layout"]["side_px"].as_f64().unwrap() > 325.0);
}

#[test]
fn the_next_window_is_where_the_last_one_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    desk.harness.run_steps(3);
    let stands = |desk: &mut Desk, at: egui::Pos2, size: Vec2, maximised: bool| {
        let viewport = desk.harness.input_mut().viewports.get_mut(&egui::ViewportId::ROOT).unwrap();
        viewport.inner_rect = Some(egui::Rect::from_min_size(at + Vec2::new(0.0, 30.0), size));
        viewport.outer_rect = Some(egui::Rect::from_min_size(at, size + Vec2::new(0.0, 30.0)));
        viewport.maximized = Some(maximised);
        desk.harness.run_steps(3);
    };
    stands(&mut desk, egui::pos2(120.0, 80.0), Vec2::new(1100.0, 700.0), false);
    // It goes back to that size when it is no longer maximised.
    stands(&mut desk, egui::pos2(0.0, 0.0), Vec2::new(1920.0, 1050.0), true);
    drop(desk);
    let next = viseme::app::first_viewport(Some(&file(folder.path())));
    assert_eq!(next.inner_size, Some(Vec2::new(1100.0, 700.0)));
    assert_eq!(next.position, Some(egui::pos2(120.0, 80.0)));
    assert_eq!(next.maximized, Some(true));

    let first = viseme::app::first_viewport(Some(&folder.path().join("none.json")));
    assert_eq!((first.inner_size, first.position), (Some(Vec2::new(1280.0, 800.0)), None));
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

/// What the window shows on a screen of so many points: fewer of ours, the larger they are.
fn on_screen(desk: &mut Desk, screen: Vec2) {
    for _ in 0..4 {
        let zoom = desk.harness.ctx.zoom_factor();
        desk.harness.set_size(screen / zoom);
        desk.harness.run_steps(1);
    }
}

fn zoom(desk: &Desk) -> u16 {
    (desk.harness.ctx.zoom_factor() * 100.0).round() as u16
}

#[test]
fn a_scale_too_large_for_the_window_waits_for_a_larger_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = open(folder.path());
    let (usual, large) = (Vec2::new(1280.0, 800.0), Vec2::new(2560.0, 1440.0));
    open_page(&mut desk, "Appearance");
    desk.harness.get_by_role_and_label(Role::RadioButton, "Size: 200 %").click();
    on_screen(&mut desk, usual);
    assert_eq!(zoom(&desk), 125, "the window has room for what it must show");
    assert!(desk.has("As large as this window allows: 125 %"));
    let chosen = desk.harness.get_by_role_and_label(Role::RadioButton, "Size: 200 %");
    assert_eq!(chosen.accesskit_node().toggled(), Some(Toggled::True));
    on_screen(&mut desk, large);
    assert_eq!(zoom(&desk), 200);
    assert!(!desk.has("As large as this window allows"));
    on_screen(&mut desk, usual);
    for _ in 0..3 {
        desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Plus);
        on_screen(&mut desk, usual);
    }
    assert_eq!(zoom(&desk), 125);
    drop(desk);
    assert_eq!(kept(folder.path())["scale_percent"].as_u64(), Some(200), "what was chosen is remembered");

    let mut desk = open(folder.path());
    on_screen(&mut desk, usual);
    for (key, applied) in [(Key::Minus, 120), (Key::Plus, 125), (Key::Plus, 125), (Key::Minus, 120), (Key::Num0, 100)] {
        desk.harness.key_press_modifiers(Modifiers::COMMAND, key);
        on_screen(&mut desk, usual);
        assert_eq!(zoom(&desk), applied, "{key:?}");
    }
    drop(desk);
    assert_eq!(kept(folder.path())["scale_percent"].as_u64(), Some(100));
}

#[test]
fn the_inspector_keeps_how_high_its_list_is_until_the_layout_is_reset() {
    let folder = tempfile::tempdir().unwrap();
    let height = |desk: &Desk| {
        let divider = desk.harness.get_by_role_and_label(Role::Splitter, "Height of the list");
        divider.accesskit_node().numeric_value().unwrap()
    };
    let inspected = || {
        let mut desk = open(folder.path());
        desk.ready();
        desk.press(Key::F12);
        desk.button("Try the demo clip").click();
        desk.wait("faces", |desk| desk.has_tile("Face 2"));
        desk
    };
    let mut desk = inspected();
    let usual = height(&desk);
    desk.tab_until("Height of the list");
    desk.press(Key::ArrowDown);
    let given = height(&desk);
    assert!(given > usual, "{usual} to {given}");
    drop(desk);
    let mut desk = inspected();
    assert!((height(&desk) - given).abs() < 1e-4, "{} was kept as {}", given, height(&desk));
    open_page(&mut desk, "Appearance");
    press(&mut desk, "Reset layout");
    assert!((height(&desk) - usual).abs() < 1e-4);
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
        assert!(began.elapsed() < Duration::from_secs(10));
        desk.harness.key_press(Key::Escape);
        desk.harness.run_steps(3);
    }
    desk.harness.run_steps(4);
    assert!(desk.harness.get_by_role_and_label(Role::TextInput, "Clip file").is_focused());
}
