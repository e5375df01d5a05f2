//! The mouth: visemes of a voice, the fit of the mouth in the picture, and its motion.

pub mod fit;
pub mod follow;
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
