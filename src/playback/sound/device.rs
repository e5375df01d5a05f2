//! The sound of Windows and macOS, through `cpal`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait as _, HostTrait as _, StreamTrait as _};
use cpal::{BufferSize, ErrorKind, Stream, StreamConfig};

use super::backend::{Backend, Trouble};
use super::feed::{Cue, Shared};
use super::steady::Heard;
use crate::media::sound::{CHANNELS, RATE_HZ};

/// How long the system may take to open a stream.
const PATIENCE: Duration = Duration::from_millis(500);

/// What the callback tells.
#[derive(Default)]
struct Told {
    /// Frames it has given since the cue.
    given: i64,
    heard: Option<Heard>,
    trouble: Option<String>,
}

/// The default loudspeaker.
pub struct Device {
    feed: Shared,
    cue: Option<Cue>,
    stream: Option<Stream>,
    told: Arc<Mutex<Told>>,
}

impl Device {
    /// Looks whether there is a loudspeaker.
    pub fn open(feed: &Shared) -> Result<Self, Trouble> {
        cpal::default_host().default_output_device().ok_or_else(|| Trouble("there is no loudspeaker".into()))?;
        Ok(Self { feed: feed.clone(), cue: None, stream: None, told: Arc::default() })
    }

    /// A stream of its own for each cue: what an older one still had in its buffer is never heard.
    fn stream(&self) -> Result<Stream, Trouble> {
        let device =
            cpal::default_host().default_output_device().ok_or_else(|| Trouble("there is no loudspeaker".into()))?;
        let config = StreamConfig { channels: CHANNELS as u16, sample_rate: RATE_HZ, buffer_size: BufferSize::Default };
        let (feed, told, failed) = (self.feed.clone(), Arc::clone(&self.told), Arc::clone(&self.told));
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
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    let given_us = told.given * 1_000_000 / i64::from(RATE_HZ);
                    told.heard = Some(Heard { at, run_us: given_us - delay.as_micros() as i64 });
                    told.given += (block.len() / CHANNELS) as i64;
                },
                move |err| {
                    // These are told, and the stream goes on.
                    let goes_on =
                        matches!(err.kind(), ErrorKind::DeviceChanged | ErrorKind::Xrun | ErrorKind::RealtimeDenied);
                    if !goes_on {
                        let mut told = failed.lock().unwrap_or_else(PoisonError::into_inner);
                        told.trouble = Some(err.to_string());
                    }
                },
                Some(PATIENCE),
            )
            .map_err(|err| trouble(&err))?;
        stream.play().map_err(|err| trouble(&err))?;
        Ok(stream)
    }
}

impl Backend for Device {
    fn cue(&mut self, cue: Cue) -> Result<(), Trouble> {
        self.stop()?;
        self.feed.lock().hold();
        self.cue = Some(cue);
        Ok(())
    }

    fn start(&mut self) -> Result<(), Trouble> {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Told::default();
        if let Some(cue) = self.cue.take() {
            let before = self.feed.lock().cue(cue);
            drop(before);
        }
        self.stream = Some(self.stream()?);
        Ok(())
    }

    fn stop(&mut self) -> Result<(), Trouble> {
        self.stream = None;
        Ok(())
    }

    fn heard(&mut self) -> Result<Heard, Trouble> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match &told.trouble {
            Some(why) => Err(Trouble(format!("the loudspeaker is gone ({why})"))),
            None => Ok(told.heard.unwrap_or(Heard { at: Instant::now(), run_us: 0 })),
        }
    }
}

fn trouble(err: &cpal::Error) -> Trouble {
    Trouble(format!("the loudspeaker cannot be used ({err})"))
}
