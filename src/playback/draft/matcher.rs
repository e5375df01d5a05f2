//! Matching the faces of a session with those found in the clip on this machine, with what was computed for that before.

use std::collections::HashMap;
use std::sync::Arc;

use super::matching::{Match, matches};
use super::request::{Picks, ServiceFace};
use crate::media::face_embedding::{FaceEmbedder, FaceEmbedding};
use crate::media::faces::FaceTrack;
use crate::media::{Identified, MediaError};

/// The faces of a clip as they were found on this machine.
#[derive(Debug)]
pub struct MatchedFaces {
    /// What was found in the clip.
    pub identified: Arc<Identified>,
    /// The faces found here.
    pub tracks: Vec<Arc<FaceTrack>>,
    /// Which of them each of the service's is.
    pub matches: Vec<Match>,
}

/// Matches faces, and remembers what it computed for the last clip.
#[derive(Default)]
pub struct Matcher {
    known: Option<Known>,
}

/// The faces of a clip, and the embeddings they are matched by.
struct Known {
    identified: Arc<Identified>,
    tracks: Vec<Arc<FaceTrack>>,
    embeddings: HashMap<usize, Option<FaceEmbedding>>,
    matched: Option<(Vec<ServiceFace>, Picks, Arc<MatchedFaces>)>,
}

impl Matcher {
    /// Which of the faces found in a clip each of a session's faces is; `picks` is what a person says about that.
    ///
    /// # Errors
    /// The model of appearance cannot be set up.
    pub fn matched(
        &mut self,
        identified: &Arc<Identified>,
        faces: &[ServiceFace],
        picks: &Picks,
    ) -> Result<Arc<MatchedFaces>, MediaError> {
        let known = match self.known.take() {
            Some(known) if Arc::ptr_eq(&known.identified, identified) => known,
            _ => Known {
                tracks: identified.faces.iter().cloned().map(Arc::new).collect(),
                identified: Arc::clone(identified),
                embeddings: HashMap::new(),
                matched: None,
            },
        };
        let known = self.known.insert(known);
        if let Some((known_faces, known_picks, matched)) = &known.matched
            && known_faces == faces
            && known_picks == picks
        {
            return Ok(Arc::clone(matched));
        }
        let mut embedder = FaceEmbedder::new()?;
        let mut of_previews = HashMap::new();
        let intervals: Vec<_> = faces.iter().map(|face| face.interval).collect();
        let tracks: Vec<_> = known.tracks.iter().map(|track| track.interval).collect();
        let mut found = matches(&intervals, &tracks, |face, track| {
            let preview = faces[face].preview.as_ref()?;
            if *preview.encoded == known.tracks[track].preview_jpeg[..] {
                return Some(1.0);
            }
            let of_service = of_previews
                .entry(face)
                .or_insert_with(|| embedder.of_rgba(preview.width_px, preview.height_px, &preview.rgba));
            let own =
                known.embeddings.entry(track).or_insert_with(|| embedder.of_encoded(&known.tracks[track].preview_jpeg));
            let similarity = of_service.as_ref()?.similarity(own.as_ref()?);
            tracing::debug!(face, track, similarity, "two pictures of faces are compared");
            Some(similarity)
        });
        for (face, slot) in faces.iter().zip(&mut found) {
            if let Some(track) = picks.of(&face.face_id).filter(|track| *track < tracks.len()) {
                *slot = Match::Is(track);
            }
        }
        let matched =
            Arc::new(MatchedFaces { identified: Arc::clone(identified), tracks: known.tracks.clone(), matches: found });
        known.matched = Some((faces.to_vec(), picks.clone(), Arc::clone(&matched)));
        Ok(matched)
    }
}
