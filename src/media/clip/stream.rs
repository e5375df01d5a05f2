//! Decoding on a thread of its own, a few pictures ahead.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use super::{ClipInfo, ClipReader};
use crate::media::error::MediaError;
use crate::media::frame::Frame;
use crate::media::job::Job;
use crate::worker::guarded;

/// Pictures decoded ahead: enough to even out slow ones, and few enough for the memory (3 MB each at 1080p).
const AHEAD: usize = 4;
const STAGE: &str = "decoding the clip";

/// The pictures of a clip, decoded on another thread. Dropped, it ends that thread.
pub struct ClipStream {
    info: ClipInfo,
    /// `Ok(None)` is the end of the clip; a channel that closes without it belongs to a thread that died.
    frames: Option<Receiver<Result<Option<Frame>, MediaError>>>,
    ended: bool,
    worker: Option<JoinHandle<()>>,
}

impl ClipStream {
    /// Starts decoding from where `reader` is. Stops early where `job` is cancelled.
    ///
    /// # Errors
    /// [`MediaError::Internal`]: no thread could be started.
    pub fn spawn(mut reader: ClipReader, job: &Job) -> Result<Self, MediaError> {
        Self::spawn_source(reader.info(), move || reader.next_frame(), job)
    }

    /// As [`ClipStream::spawn`], from anything that gives pictures and `None` behind the last.
    pub(crate) fn spawn_source(
        info: ClipInfo,
        mut source: impl FnMut() -> Result<Option<Frame>, MediaError> + Send + 'static,
        job: &Job,
    ) -> Result<Self, MediaError> {
        let (send, frames) = sync_channel(AHEAD);
        let job = job.clone();
        let worker = std::thread::Builder::new()
            .name("decode".to_owned())
            .spawn(move || {
                loop {
                    let next = job.check().and_then(|()| {
                        guarded(&mut source).unwrap_or_else(|panic| Err(MediaError::internal(STAGE, panic)))
                    });
                    let last = !matches!(next, Ok(Some(_)));
                    // The receiver is dropped where no more pictures are wanted.
                    if send.send(next).is_err() || last {
                        break;
                    }
                }
            })
            .map_err(|err| MediaError::internal("starting a thread", err.to_string()))?;
        Ok(Self { info, frames: Some(frames), ended: false, worker: Some(worker) })
    }

    /// What is known of the clip.
    #[must_use]
    pub const fn info(&self) -> ClipInfo {
        self.info
    }

    /// The next picture, or `None` behind the last. Waits for it.
    ///
    /// # Errors
    /// As [`ClipReader::next_frame`]; [`MediaError::Cancelled`]; [`MediaError::Internal`] where the decoder panicked.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, MediaError> {
        if self.ended {
            return Ok(None);
        }
        let next = self.frames.as_ref().and_then(|frames| frames.recv().ok());
        let next = next.unwrap_or_else(|| Err(MediaError::internal(STAGE, "its thread ended early")));
        self.ended = matches!(next, Ok(None));
        next
    }
}

impl Drop for ClipStream {
    fn drop(&mut self) {
        // Dropping the receiver ends the thread at its next picture.
        self.frames.take();
        if let Some(worker) = self.worker.take()
            && worker.join().is_err()
        {
            tracing::warn!("the decoding thread ended with a panic");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clip::FrameTiming;
    use crate::media::frame::Color;

    fn info() -> ClipInfo {
        let timing = FrameTiming { frames: 5, fps: 25.0, variable: false };
        ClipInfo { width_px: 4, height_px: 4, timing, duration_us: 200_000, color: Color::untagged(4) }
    }

    fn source(frames: usize) -> impl FnMut() -> Result<Option<Frame>, MediaError> {
        let mut left = frames;
        move || {
            let Some(next) = left.checked_sub(1) else { panic!("no bits left") };
            left = next;
            Ok(Some(Frame::filled(4, 4, [16, 128, 128])))
        }
    }

    #[test]
    fn a_decoder_that_panics_is_an_error_and_never_the_end_of_the_clip() {
        let mut stream = ClipStream::spawn_source(info(), source(2), &Job::new()).unwrap();
        assert!(stream.next_frame().unwrap().is_some());
        assert!(stream.next_frame().unwrap().is_some());
        let err = stream.next_frame().unwrap_err();
        assert!(matches!(&err, MediaError::Internal { detail, .. } if detail.contains("no bits left")), "{err}");
        assert!(stream.next_frame().is_err(), "it stays an error");
    }

    #[test]
    fn the_end_of_a_clip_stays_the_end() {
        let mut frames = 1;
        let ends = move || {
            frames -= 1;
            Ok((frames >= 0).then(|| Frame::filled(4, 4, [16, 128, 128])))
        };
        let mut stream = ClipStream::spawn_source(info(), ends, &Job::new()).unwrap();
        assert!(stream.next_frame().unwrap().is_some());
        assert_eq!(stream.next_frame(), Ok(None));
        assert_eq!(stream.next_frame(), Ok(None));
    }
}
