//! The window in a harness, driven through its accessibility tree as a user drives it. One module for each part of the window;
//! all in one binary, because each binary links the whole program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    reason = "a test fails by a panic, says on stderr what it cannot check, and has no readers of its documentation"
)]

mod audit;
#[path = "../canary/mod.rs"]
mod canary;
mod desktop;
mod dialogs;
mod draft;
mod flow;
mod history;
#[path = "../hostile/mod.rs"]
mod hostile;
mod inspector;
mod keyboard;
mod money;
mod mouse;
mod palette;
mod paste;
mod placement;
mod player;
mod previews;
mod queue;
mod remember;
mod reopened;
mod secrets;
mod settings;
mod slow_service;
mod snapshots;
mod sources;
mod start;
mod support;
mod timeline;
