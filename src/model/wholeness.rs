//! Whether a file of a video is whole, by the container itself.

use std::path::Path;

/// What a container says of its own end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wholeness {
    /// Everything that it announces is there.
    Whole,
    /// It does not say where it ends: a `WebM`, or an MP4 in fragments without an index at its end.
    Unsaid,
    /// Something that it announces is missing; what.
    Cut(String),
    /// The bytes are no video; what they look like.
    NotVideo(String),
}

/// Looks at a file and says whether it is whole. Blocks.
pub type WholenessCheck = fn(&Path) -> Wholeness;
