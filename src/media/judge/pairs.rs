//! The pictures of a result side by side with those of the clip that was sent.

use std::path::Path;

use crate::media::clip::{ClipInfo, ClipReader, ClipStream};
use crate::media::error::MediaError;
use crate::media::frame::Frame;
use crate::media::job::Job;

/// Both, decoded ahead on a thread each. For each picture of the result there is the clip's that is nearest in time.
pub(super) struct Pairs {
    result: ClipStream,
    clip: ClipStream,
    before: Option<Frame>,
    after: Option<Frame>,
    ended: bool,
}

impl Pairs {
    pub(super) fn open(result: &Path, clip: &Path, job: &Job) -> Result<Self, MediaError> {
        let result = ClipStream::spawn(ClipReader::open(result)?, job)?;
        let clip = ClipStream::spawn(ClipReader::open(clip)?, job)?;
        Ok(Self { result, clip, before: None, after: None, ended: false })
    }

    /// What is known of the result and of the clip.
    pub(super) const fn infos(&self) -> (ClipInfo, ClipInfo) {
        (self.result.info(), self.clip.info())
    }

    /// The next picture of the result, and the clip's nearest in time: none where that is further away than one picture of the clip.
    pub(super) fn next(&mut self) -> Result<Option<(Frame, Option<Frame>)>, MediaError> {
        let Some(result) = self.result.next_frame()? else { return Ok(None) };
        while !self.ended && self.after.as_ref().is_none_or(|after| after.pts_us < result.pts_us) {
            match self.clip.next_frame()? {
                Some(frame) => self.before = self.after.replace(frame),
                None => self.ended = true,
            }
        }
        let away_us = |frame: &&Frame| (frame.pts_us - result.pts_us).abs();
        let nearest = [&self.before, &self.after].into_iter().flatten().min_by_key(away_us);
        let frame_us = (1e6 / self.clip.info().timing.fps.max(1.0)) as i64;
        let nearest = nearest.filter(|frame| away_us(frame) <= frame_us).cloned();
        Ok(Some((result, nearest)))
    }
}
