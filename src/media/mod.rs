//! Clips and voices: probe, decode, faces, sound, mouth, encode.
//!
//! Everything here works on files and bytes, blocks its caller, and is meant for worker threads; see [`Job`].

pub mod clip;
pub mod container;
mod decode;
pub mod draft;
pub mod error;
pub mod faces;
pub mod frame;
pub mod identify;
pub mod job;
pub mod likeness;
pub mod mouth;
mod overlay;
pub mod probe;
pub mod rehearse;
pub mod render;
pub mod scale;
pub mod sniff;
pub mod sound;
pub mod thumbs;
pub mod write;

pub use clip::{ClipInfo, ClipReader, ClipStream};
pub use container::Movie;
pub use draft::{DraftPlan, DraftStep, Drafter};
pub use error::MediaError;
pub use frame::{Color, ColorMatrix, Frame};
pub use identify::{Identified, identify};
pub use job::Job;
pub use probe::probe_clip;
pub use rehearse::Speaking;
pub use render::{RenderPlan, Rendered, find_mouth, render};
pub use sound::{Sound, Waveform, clip_sound, probe_voice, read_voice};
pub use thumbs::{Thumb, thumbs};
pub use write::{Mp4Writer, VideoFormat, Written};
