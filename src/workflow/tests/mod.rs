//! The workflow, tried at random and by hand.

mod fixtures;
mod lives;
mod properties;
