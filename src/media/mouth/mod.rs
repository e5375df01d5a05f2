//! The mouth: what the sound asks of it, where it is in the picture, and how it is moved.

pub mod fit;
pub mod look;
pub mod shape;
pub mod voice;
pub mod warp;

pub use fit::{MouthBox, MouthFit};
pub use shape::Shape;
pub use voice::VoiceShapes;
