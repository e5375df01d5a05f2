//! Where the faces are in the picture of a moment, as far as they were found on this machine.

use super::{Draft, Status};
use crate::media::faces::Pose;

/// The faces in one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlines {
    /// Width of the clip in px.
    pub width_px: u32,
    /// The larger before the smaller, so that what is drawn last can be hit.
    pub faces: Vec<Outline>,
}

/// A face in one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Its place among the faces found on this machine.
    pub track: usize,
    /// Its place among those of the session; none where it is not known which it is.
    pub face: Option<usize>,
    /// Its id there.
    pub face_id: Option<String>,
    /// Where it is, in pixels of the clip.
    pub pose: Pose,
}

impl Draft {
    /// Whether any face of the clip is known on this machine.
    #[must_use]
    pub fn has_faces(&self) -> bool {
        self.cast.as_ref().is_some_and(|cast| !cast.tracks.is_empty())
    }

    /// Width of the clip in px.
    #[must_use]
    pub fn width_px(&self) -> Option<u32> {
        self.cast.as_ref().map(|cast| cast.width_px)
    }

    /// Whether a person has to say which of the faces in the picture is the chosen one.
    #[must_use]
    pub fn asks_for_face(&self, now_ms: i64) -> bool {
        self.is_unsure() && matches!(self.status(now_ms), Status::Failed(_))
    }

    /// The faces in the picture of this moment. Those nobody can name are left out unless a person is asked to name one.
    #[must_use]
    pub fn outlines(&self, pts_us: i64, now_ms: i64) -> Option<Outlines> {
        let (cast, wish) = (self.cast.as_ref()?, self.wish.as_ref()?);
        let asks = self.asks_for_face(now_ms);
        let mut faces: Vec<Outline> = Vec::new();
        for (track, found) in cast.tracks.iter().enumerate() {
            let Some(point) = found.at(pts_us) else { continue };
            // A service may take one face for two, at different times.
            let named = (0..cast.matches.len()).filter(|&face| cast.matches[face].track() == Some(track));
            let face = named.max_by_key(|&face| {
                wish.faces.get(face).and_then(|face| face.interval).is_some_and(|at| at.contains(pts_us / 1000))
            });
            if face.is_none() && !asks {
                continue;
            }
            let face_id = face.and_then(|face| wish.faces.get(face)).map(|face| face.face_id.clone());
            faces.push(Outline { track, face, face_id, pose: point.pose() });
        }
        faces.sort_by(|a, b| b.pose.size.total_cmp(&a.pose.size));
        Some(Outlines { width_px: cast.width_px, faces })
    }
}
