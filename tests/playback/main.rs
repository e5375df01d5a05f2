//! Playback at a real sound server, without a window.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    reason = "a test fails by a panic, says on stderr what it cannot check, and has no readers of its documentation"
)]

mod sound;
mod sound_support;
