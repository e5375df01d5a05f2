//! Clips and voices as a whole: read, searched for faces, made to speak, written. One binary; its fixtures lie beside it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faces;
mod judge;
mod mouth;
mod portrait;
mod render;
mod streams;
