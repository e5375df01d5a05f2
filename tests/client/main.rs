//! The client against services that misbehave: what is sent, what is read, what is fetched, and what it takes in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::too_many_lines)]

#[path = "../canary/mod.rs"]
mod canary;
#[path = "../lives/chance.rs"]
mod chance;
#[path = "../hostile/mod.rs"]
mod hostile;

mod account;
#[path = "../bucket/mod.rs"]
mod bucket;
mod check;
mod create;
mod cut_downloads;
mod faults;
mod fetch;
mod leftovers;
#[cfg(target_os = "linux")]
mod memory;
mod names;
mod queue;
mod read;
mod speech;
mod storage;
