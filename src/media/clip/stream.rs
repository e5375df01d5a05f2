//! Decoding on a thread of its own, a few pictures ahead.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use super::{ClipInfo, ClipReader};
use crate::media::error::MediaError;
use crate::media::frame::Frame;
use crate::media::job::Job;

/// Pictures decoded ahead: enough to even out slow ones, and few enough for the memory (3 MB each at 1080p).
const AHEAD: usize = 4;

/// The pictures of a clip, decoded on another thread. Dropped, it ends that thread.
pub struct ClipStream {
    info: ClipInfo,
    frames: Option<Receiver<Result<Frame, MediaError>>>,
    worker: Option<JoinHandle<()>>,
}

impl ClipStream {
    /// Starts decoding from where `reader` is. Stops early where `job` is cancelled.
    ///
    /// # Errors
    /// [`MediaError::Internal`]: no thread could be started.
    pub fn spawn(mut reader: ClipReader, job: &Job) -> Result<Self, MediaError> {
        let info = reader.info();
        let (give, frames) = sync_channel(AHEAD);
        let job = job.clone();
        let worker = std::thread::Builder::new()
            .name("decode".to_owned())
            .spawn(move || {
                loop {
                    let next = job.check().and_then(|()| reader.next_frame()).transpose();
                    let Some(next) = next else { break };
                    let ends = next.is_err();
                    // The other side was dropped: nobody wants more.
                    if give.send(next).is_err() || ends {
                        break;
                    }
                }
            })
            .map_err(|err| MediaError::internal("starting a thread", err.to_string()))?;
        Ok(Self { info, frames: Some(frames), worker: Some(worker) })
    }

    /// What is known of the clip.
    #[must_use]
    pub const fn info(&self) -> ClipInfo {
        self.info
    }

    /// The next picture, or `None` behind the last. Waits for it.
    ///
    /// # Errors
    /// As [`ClipReader::next_frame`], and [`MediaError::Cancelled`].
    pub fn next_frame(&mut self) -> Result<Option<Frame>, MediaError> {
        match self.frames.as_ref().and_then(|frames| frames.recv().ok()) {
            Some(next) => next.map(Some),
            None => Ok(None),
        }
    }

    /// The next picture if it is there already; never waits.
    ///
    /// # Errors
    /// As [`ClipStream::next_frame`].
    pub fn try_next_frame(&mut self) -> Result<Option<Frame>, MediaError> {
        self.frames.as_ref().and_then(|frames| frames.try_recv().ok()).transpose()
    }
}

impl Drop for ClipStream {
    fn drop(&mut self) {
        // Dropping the receiver ends the worker at its next picture.
        self.frames.take();
        if let Some(worker) = self.worker.take()
            && worker.join().is_err()
        {
            tracing::warn!("the decoding thread ended with a panic");
        }
    }
}
