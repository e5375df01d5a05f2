//! Logging; then the window or a command.

use std::io::Write as _;
use std::process::ExitCode;

use tracing_subscriber::EnvFilter;
use viseme::app;
use viseme::cli::{self, Asked};
use viseme::model::Profile;

fn main() -> ExitCode {
    log_to_stderr();
    match cli::main(&std::env::args_os().collect::<Vec<_>>()) {
        Asked::Over(code) => ExitCode::from(code),
        Asked::Window(chosen) => window(*chosen),
    }
}

/// Opens the window on this service. A service of an address of its own stands beside the others, or in the place of its namesake.
fn window(chosen: Profile) -> ExitCode {
    let settings = Some(app::settings_file());
    let mut options = app::Options { profile: chosen.name.clone(), settings, ..app::Options::default() };
    match options.profiles.iter_mut().find(|profile| profile.name == chosen.name) {
        Some(namesake) => *namesake = chosen,
        None => options.profiles.push(chosen),
    }
    match app::run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            let _ = writeln!(std::io::stderr(), "error: {err}");
            ExitCode::from(2)
        }
    }
}

/// Warnings, or what `VISEME_LOG` asks for, to stderr, without colour.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("VISEME_LOG").unwrap_or_else(|_| EnvFilter::new("viseme=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .without_time()
        .init();
}
