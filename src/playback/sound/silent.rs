//! An output that plays nothing, at the rate of time: for machines without a sound server, and for tests.

use std::time::{Duration, Instant};

use super::backend::{Backend, SoundError};
use super::feed::Cue;
use super::position::OutputPosition;

/// Plays nothing, as fast as the wall clock runs.
#[derive(Debug, Default)]
pub struct Silent {
    run: Duration,
    since: Option<Instant>,
}

impl Backend for Silent {
    fn cue(&mut self, _cue: Cue) -> Result<(), SoundError> {
        *self = Self::default();
        Ok(())
    }

    fn start(&mut self) -> Result<(), SoundError> {
        self.since.get_or_insert_with(Instant::now);
        Ok(())
    }

    fn stop(&mut self) -> Result<(), SoundError> {
        if let Some(since) = self.since.take() {
            self.run += since.elapsed();
        }
        Ok(())
    }

    fn position(&mut self) -> Result<OutputPosition, SoundError> {
        let at = Instant::now();
        let run = self.run + self.since.map_or(Duration::ZERO, |since| at.saturating_duration_since(since));
        Ok(OutputPosition { at, played_us: i64::try_from(run.as_micros()).unwrap_or(i64::MAX) })
    }
}
