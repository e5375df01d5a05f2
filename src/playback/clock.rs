//! The playhead. Running, it follows the wall clock, corrected by the position of the sound output; the time is passed in.

use std::time::{Duration, Instant};

use super::sound::{OutputPosition, PlaybackRange, Position};

/// The playhead. Positions are in microseconds of the file.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// Where it stands, or started, and what it loops over.
    range: PlaybackRange,
    /// When it started; corrected by the sound output.
    started: Option<Instant>,
    /// It stands until picture and sound are ready.
    is_held: bool,
    /// Until then it waits for the first sound.
    waits_until: Option<Instant>,
    now: Option<Instant>,
}

impl Clock {
    /// Sets the time.
    pub fn set_now(&mut self, now: Instant) {
        self.now = Some(now);
        if let Some(until) = self.waits_until
            && now >= until
        {
            self.waits_until = None;
            self.started = Some(until);
        }
    }

    /// For how long it has run, in microseconds.
    #[must_use]
    pub fn elapsed_us(&self) -> i64 {
        match (self.started, self.now) {
            (Some(started), Some(now)) if self.waits_until.is_none() && !self.is_held => {
                micros(now.saturating_duration_since(started))
            }
            _ => 0,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn position(&self) -> Position {
        self.range.at(self.elapsed_us())
    }

    /// Where it is in the file.
    #[must_use]
    pub fn at_us(&self) -> i64 {
        self.position().at
    }

    /// What it runs along.
    #[must_use]
    pub const fn range(&self) -> PlaybackRange {
        self.range
    }

    /// Puts it somewhere; it goes on running where it ran.
    pub fn set(&mut self, at_us: i64) {
        self.range.from = at_us;
        if self.started.is_some() {
            self.started = self.now;
        }
    }

    /// Starts it from where it is; with `repeat`, it loops between these two positions.
    pub fn start(&mut self, repeat: Option<(i64, i64)>) {
        let from = self.at_us();
        self.range = PlaybackRange { from, repeat };
        (self.waits_until, self.is_held) = (None, false);
        self.started = Some(self.now.unwrap_or_else(Instant::now));
    }

    /// Makes it stand at its start until it is released.
    pub fn hold(&mut self) {
        self.is_held = self.started.is_some();
    }

    /// Whether it stands at its start.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.is_held
    }

    /// Lets it run from its start.
    pub fn release(&mut self) {
        if std::mem::take(&mut self.is_held) {
            self.started = self.now;
        }
    }

    /// Makes it wait for the first sound, but no longer than this.
    pub fn wait_for_sound(&mut self, at_most: Duration) {
        self.waits_until = self.started.map(|started| started + at_most);
    }

    /// There is no sound to wait for.
    pub fn stop_waiting(&mut self) {
        if self.waits_until.take().is_some() {
            self.started = self.now;
        }
    }

    /// Follows the sound output: so much of this run was played at that time.
    pub fn follow(&mut self, output: OutputPosition) {
        if self.started.is_none() || self.is_held || output.played_us < 0 {
            return;
        }
        let played = Duration::from_micros(output.played_us.unsigned_abs());
        if let Some(started) = output.at.checked_sub(played) {
            self.waits_until = None;
            self.started = Some(started);
        }
    }

    /// Stops it where it is.
    pub fn stop(&mut self) {
        self.range = PlaybackRange { from: self.at_us(), repeat: None };
        self.started = None;
        (self.waits_until, self.is_held) = (None, false);
    }

    /// Whether it runs, or waits for its sound.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.started.is_some()
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn it_runs_with_the_time_passed_in_and_stays_where_it_is_stopped() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.set_now(start);
        clock.set(1_000);
        clock.start(None);
        clock.set_now(start + ms(250));
        assert_eq!(clock.at_us(), 251_000);
        clock.stop();
        clock.set_now(start + ms(900));
        assert_eq!(clock.at_us(), 251_000);
        clock.start(None);
        clock.set(0);
        clock.set_now(start + ms(1_000));
        assert_eq!(clock.at_us(), 100_000);
    }

    #[test]
    fn it_waits_for_the_first_sound_and_then_follows_the_output() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.set_now(start);
        clock.set(500_000);
        clock.start(None);
        clock.wait_for_sound(ms(400));
        clock.set_now(start + ms(70));
        assert_eq!(clock.at_us(), 500_000);
        clock.follow(OutputPosition { at: start + ms(75), played_us: 5_000 });
        clock.set_now(start + ms(80));
        assert_eq!(clock.at_us(), 510_000);
        clock.follow(OutputPosition { at: start + ms(1_000), played_us: 900_000 });
        clock.set_now(start + ms(1_100));
        assert_eq!(clock.at_us(), 1_500_000);
    }

    #[test]
    fn a_sound_that_does_not_come_is_not_waited_for_for_ever() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.set_now(start);
        clock.start(None);
        clock.wait_for_sound(ms(400));
        clock.set_now(start + ms(450));
        assert_eq!(clock.at_us(), 50_000);
        clock.start(None);
        clock.wait_for_sound(ms(400));
        clock.stop_waiting();
        clock.set_now(start + ms(470));
        assert_eq!(clock.at_us(), 70_000);
    }

    #[test]
    fn held_it_stands_at_its_start_whatever_is_reported() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.set_now(start);
        clock.set(2_000_000);
        clock.start(None);
        clock.hold();
        clock.set_now(start + ms(900));
        clock.follow(OutputPosition { at: start + ms(800), played_us: 47_000_000 });
        assert!(clock.is_running() && clock.is_held());
        assert_eq!(clock.at_us(), 2_000_000);
        clock.release();
        clock.set_now(start + ms(1_000));
        assert_eq!(clock.at_us(), 2_100_000);
    }

    #[test]
    fn with_a_loop_it_goes_back() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.set_now(start);
        clock.set(100_000);
        clock.start(Some((50_000, 200_000)));
        clock.set_now(start + ms(120));
        assert_eq!(clock.position(), Position { loops: 1, at: 70_000 });
        clock.stop();
        assert_eq!(clock.position(), Position { loops: 0, at: 70_000 });
    }
}
