//! The two files that can be shown.

/// Which file: a draft is painted into the clip's own pictures, so it is shown from the clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The clip as it was given.
    Clip,
    /// The result of a task.
    Result,
}

impl Source {
    /// The one beside it in a comparison.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Clip => Self::Result,
            Self::Result => Self::Clip,
        }
    }
}
