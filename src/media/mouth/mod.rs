//! The mouth: the visemes of a voice, where the mouth is in the picture, and how it is moved.

pub mod fit;
pub mod look;
mod motion;
pub mod neutral;
pub mod palette;
pub mod perform;
pub mod viseme;
pub mod voice;
pub mod warp;

pub use fit::{MouthBox, MouthFit};
pub use perform::{Mouth, Performance};
pub use viseme::Viseme;
pub use voice::VisemeTrack;
