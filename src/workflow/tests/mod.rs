//! The workflow, tried at random and by hand.

mod fixtures;
mod kept;
mod lives;
mod names;
mod play;
mod properties;
