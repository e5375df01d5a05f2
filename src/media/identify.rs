//! The faces of a clip, and when each is in view.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use super::cache::{Cache, Keep, content_hash};
use super::clip::{ClipReader, ClipStream};
use super::error::MediaError;
use super::faces::{FaceFinder, FaceTrack, SeetaDetector};
use super::job::Job;
use super::mouth::lips::parted;
use crate::worker::guarded;

/// Clips whose faces are kept: tracks and previews, together under a megabyte each.
const KEEP: Keep = Keep { weight: 8, time: None };

static CLIPS: LazyLock<Cache<Identified>> = LazyLock::new(|| Cache::new(KEEP, |_| 1));

/// What a clip shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Identified {
    /// Length of the clip in ms.
    pub duration_ms: i64,
    /// Width as shown, in px.
    pub width_px: u32,
    /// Height as shown, in px.
    pub height_px: u32,
    /// Mean frames a second.
    pub fps: f64,
    /// When the first frame after each cut is shown, in ms.
    #[serde(default)]
    pub cuts_ms: Vec<i64>,
    /// By start, then from left to right. The same face after a gap of more than 1 s is another one.
    pub faces: Vec<FaceTrack>,
}

/// The faces of a clip, found once in this process for each content: callers that ask at the same time wait for the same search, and
/// one that is cancelled does not cancel it for the others. The clips used last are remembered.
///
/// # Errors
/// As [`identify`].
pub fn shared_faces(path: &Path, job: &Job) -> Result<Arc<Identified>, MediaError> {
    let key = content_hash(path, job)?;
    let of_thread = path.to_owned();
    CLIPS.get(key, job, move |job| identify(&of_thread, job)).map_err(|err| err.about(path))
}

/// Looks through a whole clip for faces. Blocks; decoding has a thread of its own.
///
/// # Errors
/// Those of opening and decoding the clip; [`MediaError::Cancelled`]; [`MediaError::Internal`] for a panic in any of it.
pub fn identify(path: &Path, job: &Job) -> Result<Identified, MediaError> {
    guarded(|| find_faces(path, job)).unwrap_or_else(|panic| Err(MediaError::internal("finding the faces", panic)))
}

fn find_faces(path: &Path, job: &Job) -> Result<Identified, MediaError> {
    let mut detector =
        SeetaDetector::new().map_err(|err| MediaError::internal("reading the face model", err.to_string()))?;
    let mut stream = ClipStream::spawn(ClipReader::open(path)?, job)?;
    let info = stream.info();
    let mut finder = FaceFinder::new(&mut detector).watching(parted);
    while let Some(frame) = stream.next_frame()? {
        job.check()?;
        finder.push(&frame);
        job.report(frame.pts_us as f32 / info.duration_us.max(1) as f32);
    }
    job.report(1.0);
    Ok(Identified {
        duration_ms: (info.duration_us + 500) / 1000,
        width_px: info.width_px,
        height_px: info.height_px,
        fps: info.timing.fps,
        cuts_ms: finder.cuts_us().into_iter().map(|at_us| (at_us + 500) / 1000).collect(),
        faces: finder.finish(info.duration_us),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_faces_of_a_content_are_found_once_whatever_its_file_is_called() {
        let clip = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/media/streams/bframes.mp4");
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("upload");
        std::fs::copy(&clip, &copy).unwrap();
        let first = shared_faces(&clip, &Job::new()).unwrap();
        assert!(Arc::ptr_eq(&first, &shared_faces(&copy, &Job::new()).unwrap()));
        assert!(Arc::ptr_eq(&first, &shared_faces(&clip, &Job::new()).unwrap()));
        assert_eq!(*first, identify(&clip, &Job::new()).unwrap());
    }

    #[test]
    fn an_error_names_the_file_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.mp4");
        std::fs::write(&path, b"no clip").unwrap();
        let err = shared_faces(&path, &Job::new()).unwrap_err().about(Path::new("yours.mp4"));
        assert!(matches!(&err, MediaError::NotMedia { path, .. } if path == "yours.mp4"), "{err}");
    }
}
