//! The lowest floors of viseme, a package of their own (see `src/base/Cargo.toml`): what is said to services, files, workers, and all that is done with
//! clips, faces and voices. The rest of the house has them under their own names.

pub mod model;

pub mod files;
pub mod worker;

pub mod media;
