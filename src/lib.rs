//! viseme: make someone in a clip speak a given voice, through the Kling-family lip-sync services.
//!
//! The floors of the house, lowest first; a module imports only from those below it (see `ARCHITECTURE.md`).

// The lowest floors are a package of their own (`src/base.rs`): they alone work on pixels and samples, and are optimised also in tests.
pub use viseme_base::{files, media, model, worker};

pub mod secrets;

pub mod journal;

pub mod wire;
pub mod workflow;

pub mod playback;
pub mod preferences;

pub mod sandbox;
pub mod service;

pub mod engine;

pub mod app;
pub mod cli;
