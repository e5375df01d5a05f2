//! The faces of a session, which of them is chosen, and their pictures.

use std::sync::Arc;

use crate::model::{Face, Interval, Problem, Session};

use super::flow::JobId;

/// A session with its faces, and which of them is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Faces {
    /// The session; lives 24 h.
    pub session: Session,
    /// One for each face, in the same order.
    pub previews: Vec<Preview>,
    /// The chosen face's id. The only face is chosen by itself; of several, none.
    pub chosen: Option<String>,
    /// After identifying again: the face whose interval resembles the one chosen before, to be confirmed.
    pub proposed: Option<String>,
}

impl Faces {
    /// The chosen face.
    #[must_use]
    pub fn chosen_face(&self) -> Option<&Face> {
        self.session.face(self.chosen.as_deref()?)
    }

    /// The interval of the chosen face, where the service gave one.
    #[must_use]
    pub fn chosen_interval(&self) -> Option<Interval> {
        self.chosen_face().and_then(|face| face.interval)
    }
}

/// A face's picture.
#[derive(Clone, Debug, PartialEq)]
pub enum Preview {
    /// The service gave no address, or previews are not requested.
    None,
    /// On its way.
    Loading(JobId),
    /// Decoded.
    Ready(PreviewImage),
    /// It cannot be shown, and why; nothing else is affected.
    Failed(Problem),
}

impl Preview {
    /// The job that fetches it.
    #[must_use]
    pub const fn job(&self) -> Option<JobId> {
        if let Self::Loading(job) = self { Some(*job) } else { None }
    }
}

/// A decoded picture of a face.
#[derive(Clone, PartialEq)]
pub struct PreviewImage {
    /// The bytes as served.
    pub encoded: Arc<[u8]>,
    /// File name extension that belongs to those bytes: `jpg`, `png`, `webp`.
    pub extension: &'static str,
    /// Width of `rgba` in pixels.
    pub width_px: u32,
    /// Height of `rgba` in pixels.
    pub height_px: u32,
    /// Straight RGBA, four bytes a pixel, row by row; shrunk where the original was larger than a tile needs.
    pub rgba: Arc<[u8]>,
}

impl std::fmt::Debug for PreviewImage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "PreviewImage({}×{} px, {} bytes of {})",
            self.width_px,
            self.height_px,
            self.encoded.len(),
            self.extension
        )
    }
}
