//! The window.
//!
//! `logic` receives events; `ui` only draws. Panels get a read-only [`state::view::View`] and push [`action::command::Command`]s;
//! one `handle` applies them. All user actions are listed once, in [`action`].

pub mod action;
pub mod panels;
pub mod platform;
pub mod state;
pub mod theme;
mod widgets;
mod window;
mod words;

use std::borrow::Cow;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use crate::engine::EnvironmentKey;
use crate::model::{Problem, Profile};
use crate::playback::sound;
use crate::secrets::KeyStore;

use self::platform::renderer;

pub use self::window::Window;

/// How the window is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The available services.
    pub profiles: Vec<Profile>,
    /// The name of the service to use first.
    pub profile: String,
    /// Files to open at the start: a clip, a voice, or one of each.
    pub files: Vec<PathBuf>,
    /// Dark, light, or as the system; `None` uses the settings.
    pub theme: Option<egui::ThemePreference>,
    /// The folder for results, instead of the person's videos.
    pub downloads: Option<PathBuf>,
    /// The folder that the demo is unpacked to, instead of the person's cache.
    pub demo_folder: Option<PathBuf>,
    /// The folder of copies that are fetched for the preview, instead of the person's cache.
    pub copies_folder: Option<PathBuf>,
    /// The file of the settings; `None`: they are neither read nor written.
    pub settings: Option<PathBuf>,
    /// The file of the journal ([`crate::engine::JournalAccess`]); `None`: nothing is written down.
    pub journal: Option<PathBuf>,
    /// The key from the environment: used for every real service that has no key of its own.
    pub environment_key: Option<Result<EnvironmentKey, Problem>>,
    /// The keychain; `None`: keys are neither read from one nor kept.
    pub key_store: Option<Arc<dyn KeyStore>>,
    /// The file of keys that is read where the keychain has none; `None`: none is.
    pub key_file: Option<PathBuf>,
    /// The sound output.
    pub sound: sound::Choice,
    /// The desktop whose preferences are read: dark or light, and reduced motion.
    pub desktop: platform::desktop::Choice,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profiles: Profile::built_in(),
            profile: "sandbox".into(),
            files: Vec::new(),
            theme: None,
            downloads: None,
            demo_folder: None,
            copies_folder: None,
            settings: None,
            journal: None,
            environment_key: None,
            key_store: None,
            key_file: None,
            sound: sound::Choice::System,
            desktop: platform::desktop::Choice::Session,
        }
    }
}

/// Why the window could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("the window cannot be opened: {why}. {next}")]
pub struct WindowError {
    why: String,
    next: Cow<'static, str>,
}

/// Opens the window, and returns when it is closed.
///
/// # Errors
/// There is no display, or nothing that can draw on it.
pub fn run(options: &Options) -> Result<(), WindowError> {
    let named = std::env::var_os(renderer::VARIABLE).map(|name| name.to_string_lossy().into_owned());
    let renderers = renderer::Choice::named(named.as_deref())
        .map_err(|err| WindowError { why: err.to_string(), next: err.next().into() })?;
    let open = |renderer, works: Rc<Cell<bool>>| {
        let viewport = first_viewport(options.settings.as_deref());
        let native = eframe::NativeOptions { renderer, viewport, ..eframe::NativeOptions::default() };
        // Requested before there is a window, so that the reply is there for the first frame and the theme does not flash.
        let desktop = platform::desktop::Desktop::listen(options.desktop.clone());
        let options = options.clone();
        let create: eframe::AppCreator<'_> = Box::new(move |cc| {
            works.set(true);
            Ok(Box::new(Window::on(cc, options, desktop)?))
        });
        eframe::run_native("viseme", native, create)
    };
    renderers.open(open).map_err(|failure| explain(&failure))
}

/// The initial window: with the stored position and size, or the default size.
#[must_use]
pub fn first_viewport(settings: Option<&Path>) -> egui::ViewportBuilder {
    let place = settings.and_then(crate::preferences::first_place);
    let mut viewport = egui::ViewportBuilder::default()
        .with_app_id("viseme")
        .with_title("viseme")
        .with_inner_size(place.map_or(theme::size::WINDOW, |place| place.size_px))
        .with_min_inner_size(theme::size::WINDOW_LEAST)
        .with_icon(theme::window_icon(128));
    if let Some(place) = place {
        viewport = viewport.with_maximized(place.maximised);
        if let Some(at) = place.position_px {
            viewport = viewport.with_position(at);
        }
    }
    viewport
}

fn explain(failure: &renderer::Failure<eframe::Error>) -> WindowError {
    match failure {
        renderer::Failure::Error(eframe::Error::Winit(_) | eframe::Error::WinitEventLoop(_)) => WindowError {
            // The library's message begins with a line of its source.
            why: display_trouble(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())),
            next: "Start it within a desktop session; the commands, such as viseme demo, need none".into(),
        },
        renderer::Failure::Error(err @ eframe::Error::AppCreation(_)) => {
            WindowError { why: err.to_string(), next: "Close other programs, and try again".into() }
        }
        _ => WindowError {
            // Libraries panic with several lines: what happened is in the first one.
            why: failure.to_string().lines().next().unwrap_or_default().trim_end_matches('.').to_owned(),
            next: if cfg!(windows) {
                "OpenGL 2 or Direct3D 12 is needed: update the graphics driver".into()
            } else {
                "OpenGL 2 or newer is needed: update the graphics driver, or set LIBGL_ALWAYS_SOFTWARE=1 to draw without it".into()
            },
        },
    }
}

/// Why there is no display, derived from the environment variables that name one.
fn display_trouble(variable: impl Fn(&str) -> Option<String>) -> String {
    let named = ["WAYLAND_DISPLAY", "DISPLAY"].into_iter().find_map(|name| {
        let value = variable(name).filter(|value| !value.is_empty())?;
        Some(format!("{name}={value}"))
    });
    match named {
        Some(named) => format!("the display of {named} does not respond"),
        None => "there is no display: neither WAYLAND_DISPLAY nor DISPLAY is set".into(),
    }
}
