//! Clips and voices: probe, decode, faces, sound, mouth, encode.
//!
//! Everything here works on files and bytes, blocks its caller, and is meant for worker threads; see [`Job`]. A panic in any of it is a
//! [`MediaError`], never a shorter success.

mod cache;
mod clip;
mod container;
mod decode;
mod draft;
pub mod error;
pub mod face_embedding;
pub mod faces;
pub mod fit;
mod fitness;
mod frame;
mod identify;
mod job;
pub mod judge;
pub mod mouth;
mod overlay;
pub mod probe;
mod render;
pub mod scale;
mod sniff;
pub mod sound;
mod speaking;
pub mod words;
mod write;

pub use cache::{ContentHash, content_hash, content_sha256};
pub use clip::{ClipInfo, ClipReader, ClipStream};
pub use container::{Movie, wholeness};
pub use draft::{DraftPlan, DraftStep, Drafter};
pub use error::MediaError;
pub use frame::{Color, ColorMatrix, Frame};
pub use identify::{Identified, identify, shared_faces};
pub use job::Job;
pub use probe::probe_clip;
pub use render::{RenderPlan, Rendered, render};
pub use sound::{Sound, Waveform, clip_sound, load_voice, probe_voice, read_voice, shared_voice};
pub use speaking::Speaking;
pub use write::{Mp4Writer, VideoFormat, Written};
