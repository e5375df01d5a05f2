//! Clips and voices as a whole: read, searched for faces, made to speak, written. One binary; its fixtures lie beside it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faces;
mod fit;
#[cfg(feature = "hevc")]
mod hevc;
mod judge;
mod mouth;
mod opus;
mod performance;
mod portrait;
mod render;
mod streams;
mod voices;
mod written;
