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

mod account;
mod audit;
#[path = "../bucket/mod.rs"]
mod bucket;
#[path = "../canary/mod.rs"]
mod canary;
mod copies;
mod desktop;
mod dialogs;
mod draft;
mod fit;
mod flow;
mod history;
#[path = "../hostile/mod.rs"]
mod hostile;
mod inspector;
mod keyboard;
mod layout;
mod money;
mod mouse;
mod paid_once;
mod palette;
mod paste;
mod picture;
mod placement;
mod player;
mod previews;
mod queue;
#[cfg(target_os = "linux")]
mod reached;
mod remember;
mod reopened;
mod secrets;
mod services;
mod settings;
mod slow_service;
mod snapshots;
mod sources;
mod speech;
mod start;
mod storage;
mod support;
#[cfg(target_os = "linux")]
#[path = "../system_voice/mod.rs"]
mod system_voice;
mod takes;
mod timeline;
mod unclear;
mod verdict;
