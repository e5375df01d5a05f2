//! The real binary, run as a person runs it: against scripted services of both dialects, hostile ones, and the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs
)]

mod account;
mod batch;
mod batch_service;
#[path = "../bucket/mod.rs"]
mod bucket;
#[path = "../canary/mod.rs"]
mod canary;
mod check_key;
mod draft;
mod exit_codes;
mod fit;
mod flow;
mod hostile_text;
mod judge;
mod keychain;
mod kill_points;
mod killed;
mod known;
mod local;
mod names;
mod output;
mod own_service;
mod program;
mod proxy;
#[cfg(target_os = "linux")]
mod reached;
mod sandbox;
mod scripted;
mod secrets;
mod shop;
mod speak;
mod storage;
#[cfg(target_os = "linux")]
#[path = "../system_voice/mod.rs"]
mod system_voice;
mod texts;
mod tls;
