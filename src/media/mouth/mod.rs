//! The mouth: visemes of a voice, the fit of the mouth in the picture, and its motion.

mod closures;
pub mod fit;
pub mod follow;
pub mod habit;
pub mod lips;
pub mod look;
mod motion;
pub mod own;
pub mod palette;
pub mod perform;
pub mod viseme;
pub mod voice;
pub mod warp;

pub use fit::{MouthBox, MouthFit};
pub use perform::{Manner, Mouth, Painted, Performance};
pub use viseme::Viseme;
pub use voice::VisemeTrack;
