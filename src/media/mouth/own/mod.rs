//! A person's own lower faces: kept from the clip, chosen for a voice, and drawn again.

mod alike;
pub mod bank;
pub mod blend;
mod choose;
pub mod closeup;
mod ease;
mod jaw;

pub use bank::{Bank, Mix, Wish};
pub use blend::{Patch, Shown, draw};
pub use closeup::Closeup;
