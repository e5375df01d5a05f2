//! The faces of a session, which of them is chosen, and their pictures.

use std::sync::Arc;

use crate::model::{ClipProbe, ClipSource, Face, Interval, Problem, ProblemKind, Session};

use super::clip_now::ClipNow;
use super::flow::JobId;
use super::words;

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
    /// Whether they were found before, in the same clip, and their session was taken up again: nothing was asked or paid.
    pub recalled: bool,
    /// Whether the clip is still the one they were found in.
    pub clip_now: ClipNow,
}

/// Faces that an earlier run found in the same clip.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalled {
    /// The faces.
    pub faces: Faces,
    /// Why they are not taken up all the same, and are paid for again: for the person, before that.
    pub not_taken: Option<Problem>,
}

impl Faces {
    /// The chosen face.
    #[must_use]
    pub fn chosen_face(&self) -> Option<&Face> {
        self.session.face(self.chosen.as_deref()?)
    }

    /// The number of the chosen face, from 1.
    #[must_use]
    pub fn chosen_number(&self) -> Option<usize> {
        let chosen = self.chosen.as_deref()?;
        self.session.faces.iter().position(|face| face.face_id == chosen).map(|at| at + 1)
    }

    /// The interval of the chosen face, where the service gave one.
    #[must_use]
    pub fn chosen_interval(&self) -> Option<Interval> {
        self.chosen_face().and_then(|face| face.interval)
    }
}

/// The faces of a clip that was left while their session lives: they come back with their clip, and are not paid once more.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptFaces {
    /// The clip they were found in.
    pub clip: ClipSource,
    /// What the clip was then, where that is known: a file of the same name may be another by now.
    pub probe: Option<ClipProbe>,
    /// The faces.
    pub faces: Faces,
}

/// As many clips are remembered with their faces.
const MOST_KEPT: usize = 8;

/// Remembers the faces of a clip that is left. Pictures on their way are not waited for.
pub(super) fn keep(kept: &mut Vec<KeptFaces>, clip: ClipSource, probe: Option<ClipProbe>, mut faces: Faces) {
    for preview in &mut faces.previews {
        if preview.job().is_some() {
            *preview = Preview::Failed(Problem::new(ProblemKind::Cancelled, words::preview_stopped()));
        }
    }
    if faces.clip_now.job().is_some() {
        faces.clip_now = ClipNow::Unasked;
    }
    kept.retain(|known| known.clip != clip);
    kept.insert(0, KeptFaces { clip, probe, faces });
    kept.truncate(MOST_KEPT);
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
