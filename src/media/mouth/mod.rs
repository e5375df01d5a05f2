//! The mouth: what the sound asks of it, where it is in the picture, and how it is moved.

pub mod calm;
pub mod fit;
pub mod look;
mod motion;
pub mod palette;
pub mod perform;
pub mod shape;
pub mod voice;
pub mod warp;

pub use fit::{MouthBox, MouthFit};
pub use perform::{Mouth, Performance};
pub use shape::Shape;
pub use voice::VoiceShapes;
