//! viseme: make someone in a clip speak a given voice, through the Kling-family lip-sync services.
//!
//! The floors of the house, lowest first; a module imports only from those below it (see `ARCHITECTURE.md`).

pub mod model;

pub mod files;
pub mod secrets;
pub mod worker;

pub mod journal;

pub mod media;
pub mod wire;
pub mod workflow;

pub mod playback;
pub mod preferences;

pub mod sandbox;
pub mod service;

pub mod engine;

pub mod app;
pub mod cli;
