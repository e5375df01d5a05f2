//! Nothing is heard, in time: for machines without a sound server, and for tests.

use std::time::{Duration, Instant};

use super::backend::{Backend, Trouble};
use super::feed::Cue;
use super::steady::Heard;

/// Plays nothing, as fast as the wall clock runs.
#[derive(Debug, Default)]
pub struct Silent {
    run: Duration,
    since: Option<Instant>,
}

impl Backend for Silent {
    fn cue(&mut self, _cue: Cue) -> Result<(), Trouble> {
        *self = Self::default();
        Ok(())
    }

    fn start(&mut self) -> Result<(), Trouble> {
        self.since.get_or_insert_with(Instant::now);
        Ok(())
    }

    fn stop(&mut self) -> Result<(), Trouble> {
        if let Some(since) = self.since.take() {
            self.run += since.elapsed();
        }
        Ok(())
    }

    fn heard(&mut self) -> Result<Heard, Trouble> {
        let at = Instant::now();
        let run = self.run + self.since.map_or(Duration::ZERO, |since| at.saturating_duration_since(since));
        Ok(Heard { at, run_us: i64::try_from(run.as_micros()).unwrap_or(i64::MAX) })
    }
}
