//! Where the playhead is. Running, it follows the wall clock, corrected by what is heard; the time is told to it.

use std::time::{Duration, Instant};

use super::sound::{Course, Heard};

/// The playhead. Everything is in microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// Where it stands, or began to run, and where it goes back.
    course: Course,
    /// When it began, as it is known today.
    began: Option<Instant>,
    /// It waits until then for the first sound.
    waits_until: Option<Instant>,
    now: Option<Instant>,
}

impl Clock {
    /// Tells the time.
    pub fn now(&mut self, now: Instant) {
        self.now = Some(now);
        if let Some(until) = self.waits_until
            && now >= until
        {
            self.waits_until = None;
            self.began = Some(until);
        }
    }

    /// How long it has run.
    #[must_use]
    pub fn run_us(&self) -> i64 {
        match (self.began, self.now) {
            (Some(began), Some(now)) if self.waits_until.is_none() => micros(now.saturating_duration_since(began)),
            _ => 0,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn at_us(&self) -> i64 {
        self.course.at(self.run_us()).1
    }

    /// How often it went back since it began to run.
    #[must_use]
    pub fn lap(&self) -> i64 {
        self.course.at(self.run_us()).0
    }

    /// The course it runs along.
    #[must_use]
    pub fn course(&self) -> Course {
        self.course
    }

    /// Puts it somewhere; it goes on running where it ran.
    pub fn set(&mut self, at_us: i64) {
        self.course.from = at_us;
        if self.began.is_some() {
            self.began = self.now;
        }
    }

    /// Lets it run from where it is; with a lap, back to its start each time its end is reached.
    pub fn start(&mut self, lap: Option<(i64, i64)>) {
        let from = self.at_us();
        self.course = Course { from, lap };
        self.waits_until = None;
        self.began = Some(self.now.unwrap_or_else(Instant::now));
    }

    /// It stands until the first sound, but no longer than this.
    pub fn wait_for_sound(&mut self, at_most: Duration) {
        self.waits_until = self.began.map(|began| began + at_most);
    }

    /// There is no sound to wait for.
    pub fn wait_no_longer(&mut self) {
        if self.waits_until.take().is_some() {
            self.began = self.now;
        }
    }

    /// So much of the run was heard at that time: that is where it is.
    pub fn follow(&mut self, heard: Heard) {
        if self.began.is_none() || heard.run_us < 0 {
            return;
        }
        let run = Duration::from_micros(heard.run_us.unsigned_abs());
        if let Some(began) = heard.at.checked_sub(run) {
            self.waits_until = None;
            self.began = Some(began);
        }
    }

    /// Stops it where it is.
    pub fn stop(&mut self) {
        self.course = Course { from: self.at_us(), lap: None };
        self.began = None;
        self.waits_until = None;
    }

    /// Whether it runs, or is about to.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.began.is_some()
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
    fn it_runs_with_the_time_it_is_told_and_stays_where_it_is_stopped() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.now(start);
        clock.set(1_000);
        clock.start(None);
        clock.now(start + ms(250));
        assert_eq!(clock.at_us(), 251_000);
        clock.stop();
        clock.now(start + ms(900));
        assert_eq!(clock.at_us(), 251_000);
        clock.start(None);
        clock.set(0);
        clock.now(start + ms(1_000));
        assert_eq!(clock.at_us(), 100_000);
    }

    #[test]
    fn it_waits_for_the_first_sound_and_then_follows_what_is_heard() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.now(start);
        clock.set(500_000);
        clock.start(None);
        clock.wait_for_sound(ms(400));
        clock.now(start + ms(70));
        assert_eq!(clock.at_us(), 500_000);
        clock.follow(Heard { at: start + ms(75), run_us: 5_000 });
        clock.now(start + ms(80));
        assert_eq!(clock.at_us(), 510_000);
        clock.follow(Heard { at: start + ms(1_000), run_us: 900_000 });
        clock.now(start + ms(1_100));
        assert_eq!(clock.at_us(), 1_500_000);
    }

    #[test]
    fn a_sound_that_does_not_come_is_not_waited_for_for_ever() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.now(start);
        clock.start(None);
        clock.wait_for_sound(ms(400));
        clock.now(start + ms(450));
        assert_eq!(clock.at_us(), 50_000);
        clock.start(None);
        clock.wait_for_sound(ms(400));
        clock.wait_no_longer();
        clock.now(start + ms(470));
        assert_eq!(clock.at_us(), 70_000);
    }

    #[test]
    fn with_a_lap_it_goes_back() {
        let start = Instant::now();
        let mut clock = Clock::default();
        clock.now(start);
        clock.set(100_000);
        clock.start(Some((50_000, 200_000)));
        clock.now(start + ms(120));
        assert_eq!((clock.lap(), clock.at_us()), (1, 70_000));
        clock.stop();
        assert_eq!((clock.lap(), clock.at_us()), (0, 70_000));
    }
}
