//! Where the faces are in the picture of a moment, as far as they were found on this machine.

use super::DraftMaker;
use crate::media::faces::Pose;
use crate::model::{Fitness, Interval};

/// The faces in one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlines {
    /// Width of the clip in pixels.
    pub width_px: u32,
    /// The larger before the smaller, so that what is drawn last can be hit.
    pub faces: Vec<Outline>,
}

/// A face in one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Its index among the faces found on this machine.
    pub track: usize,
    /// Its index among those of the session; `None` where it is not known which it is.
    pub face: Option<usize>,
    /// Its id there.
    pub face_id: Option<String>,
    /// Where it is, in pixels of the clip.
    pub pose: Pose,
}

impl DraftMaker {
    /// Whether any face of the clip is known on this machine.
    #[must_use]
    pub fn has_faces(&self) -> bool {
        self.faces.as_ref().is_some_and(|faces| !faces.tracks.is_empty())
    }

    /// Width of the clip in pixels.
    #[must_use]
    pub fn width_px(&self) -> Option<u32> {
        self.faces.as_ref().map(|faces| faces.identified.width_px)
    }

    /// How fit a face of the session is to speak while the voice is heard in `span`. `None` while it is not known, or where it was not found on
    /// this machine.
    #[must_use]
    pub fn fitness(&self, face_id: &str, span: Interval) -> Option<Fitness> {
        let (found, request) = (self.faces.as_ref()?, self.request.as_ref()?);
        let face = request.faces.iter().position(|face| face.face_id == face_id)?;
        let track = found.tracks.get(found.matches.get(face)?.track()?)?;
        found.identified.measures(track, span).map(Fitness::of)
    }

    /// The faces in the picture of this moment. Those without a match are left out unless a person is asked to name one.
    #[must_use]
    pub fn outlines(&self, pts_us: i64) -> Option<Outlines> {
        let (found, request) = (self.faces.as_ref()?, self.request.as_ref()?);
        let mut faces: Vec<Outline> = Vec::new();
        for (track, points) in found.tracks.iter().enumerate() {
            let Some(point) = points.at(pts_us) else { continue };
            // A service may take one face for two, at different times.
            let named = (0..found.matches.len()).filter(|&face| found.matches[face].track() == Some(track));
            let face = named.max_by_key(|&face| {
                request.faces.get(face).and_then(|face| face.interval).is_some_and(|at| at.contains(pts_us / 1000))
            });
            if face.is_none() && !self.asks_for_face() {
                continue;
            }
            let face_id = face.and_then(|face| request.faces.get(face)).map(|face| face.face_id.clone());
            faces.push(Outline { track, face, face_id, pose: point.pose() });
        }
        faces.sort_by(|a, b| b.pose.size.total_cmp(&a.pose.size));
        Some(Outlines { width_px: found.identified.width_px, faces })
    }
}
