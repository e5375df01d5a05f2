//! The real binary, run as a person runs it: against scripted services of both dialects, hostile ones, and the sandbox.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    missing_docs
)]

mod batch;
mod batch_service;
#[path = "../canary/mod.rs"]
mod canary;
mod check_key;
mod draft;
mod exit_codes;
mod flow;
mod hostile_text;
mod judge;
mod keychain;
mod kill_points;
mod killed;
mod local;
mod names;
mod output;
mod program;
mod sandbox;
mod scripted;
mod secrets;
mod shop;
mod texts;
mod tls;
