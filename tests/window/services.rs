//! Services of one's own, their keys, and the key of the environment: entered, used, changed and kept through the window.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Key, Vec2};
use egui_kittest::kittest::Queryable as _;
use viseme::app::Options;
use viseme::engine::environment_key_in;

use crate::settings::{open, open_page, open_with, options_in, press, segment, type_into};
use crate::support::Desk;

#[test]
fn what_the_sandbox_cost_is_not_said_of_another_service() {
    let mut desk = crate::support::Desk::short();
    desk.chord(egui::Modifiers::COMMAND, egui::Key::Enter);
    desk.wait("the saved result", |desk| desk.saved().is_some());
    desk.wait("its cost", |desk| desk.has("without finding faces"));
    desk.harness.get_by_label_contains("Service: ").click();
    desk.harness.run_steps(3);
    desk.harness.get_by_label("Use Vtrix").click();
    desk.wait("the other service", |desk| desk.has("Vtrix: no key yet"));
    assert!(!desk.has("without finding faces"));
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
