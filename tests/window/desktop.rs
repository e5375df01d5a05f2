//! "As the system" on a Linux desktop: dark, light and less motion come from its settings portal, at the start and as they change.
//!
//! A message bus of the test's own, and a portal on it. Where `dbus-daemon` is not installed the tests say so and pass, but not in CI.
#![cfg(target_os = "linux")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tokio::runtime::Runtime;
use viseme::app::platform::desktop::Choice;
use viseme::app::{Options, Window};
use zbus::zvariant::{OwnedValue, Value};

use crate::support::Desk;

const PATH: &str = "/org/freedesktop/portal/desktop";
const APPEARANCE: &str = "org.freedesktop.appearance";

type Settings = HashMap<String, HashMap<String, OwnedValue>>;

/// What a portal knows.
struct Portal(Settings);

#[zbus::interface(name = "org.freedesktop.portal.Settings")]
impl Portal {
    #[expect(clippy::needless_pass_by_value, reason = "it comes from a message")]
    fn read_all(&self, namespaces: Vec<String>) -> Settings {
        let mut told = Settings::new();
        for (namespace, settings) in self.0.iter().filter(|(name, _)| namespaces.contains(name)) {
            let copies = settings.iter().map(|(key, value)| (key.clone(), value.try_clone().unwrap()));
            told.insert(namespace.clone(), copies.collect());
        }
        told
    }
}

/// A message bus of its own.
struct Bus {
    daemon: Child,
    address: String,
    runtime: Runtime,
    portal: Option<zbus::Connection>,
}

impl Bus {
    fn start() -> Option<Self> {
        let started = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .args(["--address=unix:tmpdir=/tmp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut daemon = match started {
            Ok(daemon) => daemon,
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => {
                assert!(std::env::var_os("CI").is_none(), "dbus-daemon is not installed, and CI must have it");
                eprintln!("dbus-daemon is not installed: what a desktop asks for is not tested");
                return None;
            }
            Err(err) => panic!("dbus-daemon does not start: {err}"),
        };
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        Some(Self { daemon, address: address.trim().to_owned(), runtime, portal: None })
    }

    /// Puts a portal on it that knows this of the appearance.
    fn serve(&mut self, appearance: &[(&str, u32)]) {
        let settings = appearance.iter().map(|(key, value)| ((*key).to_owned(), OwnedValue::from(*value))).collect();
        let portal = Portal(Settings::from([(APPEARANCE.to_owned(), settings)]));
        let address = self.address.clone();
        let served = self.runtime.block_on(async move {
            zbus::connection::Builder::address(address.as_str())?
                .serve_at(PATH, portal)?
                .name("org.freedesktop.portal.Desktop")?
                .build()
                .await
        });
        self.portal = Some(served.unwrap());
    }

    /// The person changes a setting of the appearance.
    fn change(&self, key: &str, value: u32) {
        let portal = self.portal.as_ref().unwrap();
        let body = (APPEARANCE, key, Value::from(value));
        let name = "org.freedesktop.portal.Settings";
        self.runtime.block_on(portal.emit_signal(None::<()>, PATH, name, "SettingChanged", &body)).unwrap();
    }

    /// A window on this desktop, as its settings come: the theme is the system's.
    fn open(&self) -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            downloads: Some(folder.path().join("results")),
            demo_folder: Some(folder.path().join("demo")),
            sound: viseme::playback::sound::Choice::Off,
            desktop: Choice::Bus(self.address.clone()),
            ..Options::default()
        };
        let harness = Harness::builder()
            .with_size(Vec2::new(1280.0, 800.0))
            .build_eframe(|cc| Window::new(cc, options).expect("a window"));
        // The harness gives each of its windows a theme of its own.
        harness.ctx.set_theme(egui::ThemePreference::System);
        Desk { harness, folder }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

fn appearance(desk: &mut Desk) {
    desk.harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    desk.wait("the settings", |desk| desk.harness.query_by_role_and_label(Role::Dialog, "Settings").is_some());
    desk.harness.get_by_role_and_label(Role::Tab, "Appearance").click();
    desk.harness.run_steps(3);
}

#[test]
fn dark_and_light_follow_the_desktop_as_it_changes() {
    let Some(mut bus) = Bus::start() else { return };
    bus.serve(&[("color-scheme", 2)]);
    let mut desk = bus.open();
    desk.wait("the light theme", |desk| desk.harness.ctx.theme() == Theme::Light);
    bus.change("color-scheme", 1);
    desk.wait("the dark theme", |desk| desk.harness.ctx.theme() == Theme::Dark);
    bus.change("color-scheme", 0);
    desk.wait("the light theme again", |desk| desk.harness.ctx.theme() == Theme::Light);
    // What the person chose here goes before what the desktop asks for.
    appearance(&mut desk);
    assert!(!desk.has("This desktop does not report"));
    desk.harness.get_by_role_and_label(Role::RadioButton, "Theme: Dark").click();
    desk.harness.run_steps(3);
    assert_eq!(desk.harness.ctx.theme(), Theme::Dark);
}

#[test]
fn less_motion_is_taken_from_the_desktop() {
    let Some(mut bus) = Bus::start() else { return };
    bus.serve(&[("color-scheme", 1), ("reduced-motion", 0)]);
    let mut desk = bus.open();
    bus.change("reduced-motion", 1);
    let asked = |desk: &Desk| desk.harness.state().view().shell.appearance.reduced_motion();
    desk.wait("the wish", asked);
    desk.harness.run_steps(2);
    assert!(desk.harness.ctx.global_style().animation_time.abs() < f32::EPSILON, "nothing moves");
    appearance(&mut desk);
    assert!(desk.has("The desktop asks for reduced motion"));
    bus.change("reduced-motion", 0);
    desk.wait("the other wish", |desk| !asked(desk));
    assert!(desk.harness.ctx.global_style().animation_time > 0.0);
}

#[test]
fn a_desktop_without_a_portal_leaves_it_dark_and_the_settings_say_so() {
    let Some(bus) = Bus::start() else { return };
    let mut desk = bus.open();
    appearance(&mut desk);
    desk.wait("the words", |desk| desk.has("This desktop does not report whether it is dark or light"));
    assert_eq!(desk.harness.ctx.theme(), Theme::Dark);
}
