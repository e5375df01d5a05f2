//! The faces of a clip, and when each is in view.

use std::path::Path;

use super::clip::{ClipReader, ClipStream};
use super::error::MediaError;
use super::faces::{FaceFinder, FaceTrack, SeetaDetector};
use super::job::Job;

/// What a clip shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Identified {
    /// Length of the clip in ms.
    pub duration_ms: i64,
    /// Width as shown, in px.
    pub width_px: u32,
    /// Height as shown, in px.
    pub height_px: u32,
    /// Mean frames a second.
    pub fps: f64,
    /// By start, then from left to right. The same face after a gap of more than 1 s is another one.
    pub faces: Vec<FaceTrack>,
}

/// Looks through a whole clip for faces. Blocks; decoding has a thread of its own.
///
/// # Errors
/// What opening and decoding the clip answer; [`MediaError::Cancelled`].
pub fn identify(path: &Path, job: &Job) -> Result<Identified, MediaError> {
    let mut detector =
        SeetaDetector::new().map_err(|err| MediaError::internal("reading the face model", err.to_string()))?;
    let mut stream = ClipStream::spawn(ClipReader::open(path)?, job)?;
    let info = stream.info();
    let mut finder = FaceFinder::new(&mut detector);
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
        fps: info.pace.fps,
        faces: finder.finish(info.duration_us),
    })
}
