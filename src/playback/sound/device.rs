//! The sound of Windows and macOS, through `cpal`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait as _, HostTrait as _, StreamTrait as _};
use cpal::{BufferSize, ErrorKind, Stream, StreamConfig};

use super::backend::{Backend, SoundError};
use super::feed::{Cue, SharedFeed};
use super::position::OutputPosition;
use crate::media::sound::{CHANNELS, RATE_HZ};

/// How long the system may take to open a stream.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the callback reports.
#[derive(Default)]
struct CallbackReport {
    /// Frames it has given since the cue.
    given: i64,
    position: Option<OutputPosition>,
    failure: Option<String>,
}

/// The default loudspeaker.
pub struct Device {
    feed: SharedFeed,
    cue: Option<Cue>,
    stream: Option<Stream>,
    report: Arc<Mutex<CallbackReport>>,
}

impl Device {
    /// Looks whether there is a loudspeaker.
    pub fn open(feed: &SharedFeed) -> Result<Self, SoundError> {
        cpal::default_host().default_output_device().ok_or_else(|| SoundError("There is no loudspeaker".into()))?;
        Ok(Self { feed: feed.clone(), cue: None, stream: None, report: Arc::default() })
    }

    /// A stream of its own for each cue: what an older one still had in its buffer is never heard.
    fn stream(&self) -> Result<Stream, SoundError> {
        let device =
            cpal::default_host().default_output_device().ok_or_else(|| SoundError("There is no loudspeaker".into()))?;
        let config = StreamConfig { channels: CHANNELS as u16, sample_rate: RATE_HZ, buffer_size: BufferSize::Default };
        let (feed, report, failed) = (self.feed.clone(), Arc::clone(&self.report), Arc::clone(&self.report));
        let stream = device
            .build_output_stream::<f32, _, _>(
                config,
                move |block, info| {
                    let at = Instant::now();
                    let filled = catch_unwind(AssertUnwindSafe(|| feed.lock().fill(block))).unwrap_or(false);
                    if !filled {
                        block.fill(0.0);
                        return;
                    }
                    let stamp = info.timestamp();
                    let delay = stamp.playback.saturating_duration_since(stamp.callback);
                    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                    let given_us = report.given * 1_000_000 / i64::from(RATE_HZ);
                    report.position = Some(OutputPosition { at, played_us: given_us - delay.as_micros() as i64 });
                    report.given += (block.len() / CHANNELS) as i64;
                },
                move |err| {
                    // These are reported, and the stream goes on.
                    let goes_on =
                        matches!(err.kind(), ErrorKind::DeviceChanged | ErrorKind::Xrun | ErrorKind::RealtimeDenied);
                    if !goes_on {
                        let mut report = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        report.failure = Some(err.to_string());
                    }
                },
                Some(PATIENCE),
            )
            .map_err(|err| sound_error(&err))?;
        stream.play().map_err(|err| sound_error(&err))?;
        Ok(stream)
    }
}

impl Backend for Device {
    fn cue(&mut self, cue: Cue) -> Result<(), SoundError> {
        self.stop()?;
        self.feed.lock().hold();
        self.cue = Some(cue);
        Ok(())
    }

    fn start(&mut self) -> Result<(), SoundError> {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = CallbackReport::default();
        if let Some(cue) = self.cue.take() {
            let before = self.feed.lock().cue(cue);
            drop(before);
        }
        self.stream = Some(self.stream()?);
        Ok(())
    }

    fn stop(&mut self) -> Result<(), SoundError> {
        self.stream = None;
        Ok(())
    }

    fn position(&mut self) -> Result<OutputPosition, SoundError> {
        let report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        match &report.failure {
            Some(why) => Err(SoundError(format!("The loudspeaker is gone ({why})"))),
            None => Ok(report.position.unwrap_or(OutputPosition { at: Instant::now(), played_us: 0 })),
        }
    }
}

fn sound_error(err: &cpal::Error) -> SoundError {
    SoundError(format!("The loudspeaker cannot be used ({err})"))
}
