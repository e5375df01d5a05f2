//! The filmstrip: small pictures along a clip.

pub mod slots;
pub mod worker;
