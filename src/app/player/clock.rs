//! Where the playhead is. Running, it follows the wall clock; the time is told to it.

use std::time::Instant;

/// The playhead.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// Where it stood at `since`, in microseconds.
    from_us: i64,
    /// Since when it runs.
    since: Option<Instant>,
    now: Option<Instant>,
}

impl Clock {
    /// Tells the time.
    pub fn now(&mut self, now: Instant) {
        self.now = Some(now);
    }

    /// Where it is, in microseconds.
    #[must_use]
    pub fn at_us(&self) -> i64 {
        let run_us = match (self.since, self.now) {
            (Some(since), Some(now)) => {
                i64::try_from(now.saturating_duration_since(since).as_micros()).unwrap_or(i64::MAX)
            }
            _ => 0,
        };
        self.from_us.saturating_add(run_us)
    }

    /// Puts it somewhere; it goes on running where it ran.
    pub fn set(&mut self, at_us: i64) {
        self.from_us = at_us;
        if self.since.is_some() {
            self.since = self.now;
        }
    }

    /// Lets it run from where it is.
    pub fn start(&mut self) {
        if self.since.is_none() {
            self.since = Some(self.now.unwrap_or_else(Instant::now));
        }
    }

    /// Stops it where it is.
    pub fn stop(&mut self) {
        self.from_us = self.at_us();
        self.since = None;
    }

    /// Whether it runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.since.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_runs_with_the_time_it_is_told_and_stays_where_it_is_stopped() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.now(start);
        clock.set(1_000);
        clock.start();
        clock.now(start + Duration::from_millis(250));
        assert_eq!(clock.at_us(), 251_000);
        clock.stop();
        clock.now(start + Duration::from_millis(900));
        assert_eq!(clock.at_us(), 251_000);
        clock.start();
        clock.set(0);
        clock.now(start + Duration::from_secs(1));
        assert_eq!(clock.at_us(), 100_000);
    }
}
