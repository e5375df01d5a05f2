//! Probes a clip by its container, without decoding.

use std::path::Path;

use super::clip::FrameTiming;
use super::container::Movie;
use super::decode::StreamFacts;
use super::error::MediaError;
use crate::model::ClipProbe;

/// Probes a clip. Works for every codec that the container names, also those that cannot be decoded.
///
/// # Errors
/// [`MediaError::Io`], [`MediaError::NotMedia`] with what the bytes look like, [`MediaError::Damaged`],
/// [`MediaError::NoVideo`].
pub fn probe_clip(path: &Path) -> Result<ClipProbe, MediaError> {
    Movie::open(path)?.probe()
}

impl Movie {
    /// The facts about a clip that the rules of the services need.
    ///
    /// # Errors
    /// [`MediaError::NoVideo`].
    pub fn probe(&self) -> Result<ClipProbe, MediaError> {
        let video = self.need_video()?;
        let timing = FrameTiming::of(&video.samples, video.end_us);
        if timing.frames == 0 {
            return Err(MediaError::NoVideo(self.path.display().to_string()));
        }
        // The stream's own size has the exact cropping applied; the container's is used for codecs that are not parsed here.
        let facts = StreamFacts::of(video, &self.path).ok();
        let (width, height) = facts
            .as_ref()
            .map_or((video.stored_width_px, video.stored_height_px), |facts| (facts.width_px, facts.height_px));
        let (width_px, height_px) = if video.orientation.transpose { (height, width) } else { (width, height) };
        Ok(ClipProbe {
            container: self.container.to_owned(),
            size_bytes: self.size_bytes,
            duration_ms: video.end_us.saturating_add(500) / 1000,
            width_px,
            height_px,
            fps: timing.fps,
            variable_rate: timing.variable,
            video_codec: video.codec.clone(),
            hdr: facts.and_then(|facts| facts.hdr()).map(str::to_owned),
            audio_codec: self.audio.as_ref().map(|audio| audio.codec.clone()),
        })
    }
}
