//! Logging; then the window or a command.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;
use viseme::app;
use viseme::cli::{self, Outcome, WindowRequest};
use viseme::engine::EnvironmentKey;
use viseme::model::Problem;
use viseme::secrets::{Keychain, RedactedWriter};
use viseme::{engine, preferences, secrets};

fn main() -> ExitCode {
    secrets::redact_panics();
    // Known before anything is written.
    let environment_key = engine::environment_key();
    log_to_stderr();
    match cli::main(&std::env::args_os().collect::<Vec<_>>()) {
        Outcome::Exit(code) => ExitCode::from(code),
        Outcome::OpenWindow(request) => window(*request, environment_key),
    }
}

/// Opens the window on this service and with these files. A service with an address of its own is added to the others, or replaces the
/// one of its name.
fn window(
    WindowRequest { profile, files, journal }: WindowRequest,
    environment_key: Option<Result<EnvironmentKey, Problem>>,
) -> ExitCode {
    let mut options = app::Options {
        profile: profile.name.clone(),
        files,
        settings: Some(preferences::settings_file()),
        journal,
        environment_key,
        key_store: Some(Arc::new(Keychain)),
        key_file: Some(secrets::key_file::path()),
        ..app::Options::default()
    };
    match options.profiles.iter_mut().find(|known| known.name == profile.name) {
        Some(known) => *known = profile,
        None => options.profiles.push(profile),
    }
    match app::run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            let _ = writeln!(std::io::stderr(), "error: {}", secrets::shown(&err.to_string()));
            ExitCode::from(2)
        }
    }
}

/// Warnings, or what `VISEME_LOG` asks for, to stderr, without colour.
fn log_to_stderr() {
    let filter = std::env::var("VISEME_LOG")
        .ok()
        .and_then(|asked| asked.parse().ok())
        .unwrap_or_else(|| Targets::new().with_target("viseme", LevelFilter::WARN));
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(|| RedactedWriter(std::io::stderr()))
        .without_time();
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
}
