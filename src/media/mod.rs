//! Clips and voices: probe, decode, faces, sound, mouth, encode.

pub mod error;
pub mod faces;
pub mod frame;
pub mod job;
pub mod mouth;

pub use error::MediaError;
pub use frame::{Color, ColorMatrix, Frame};
pub use job::Job;
