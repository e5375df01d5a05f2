//! The embedded service over HTTP. No code of the client is used.

#![allow(clippy::unwrap_used, clippy::panic)]

mod account;
mod contract;
mod end_to_end;
mod files;
mod fuzz;
mod hostile_callers;
mod kept;
mod refusals;
mod space;
mod speech;
mod stopping;
mod support;
#[cfg(target_os = "linux")]
#[path = "../system_voice/mod.rs"]
mod system_voice;
