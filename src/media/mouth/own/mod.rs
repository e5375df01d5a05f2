//! A person's own lower faces: kept from the clip, chosen for a voice, and drawn again.

pub mod bank;
pub mod blend;
mod choose;
pub mod closeup;

pub use bank::{Bank, Mix, Wish};
pub use blend::{Patch, draw};
pub use closeup::Closeup;
