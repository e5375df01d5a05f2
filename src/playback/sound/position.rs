//! The position of the sound output, from measurements that jitter, come in steps, or are nonsense.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many measurements are kept: enough for the steps of a server that counts in blocks.
const KEPT: usize = 24;
/// Measurements over less time say nothing about the rate.
const RATE_AFTER: Duration = Duration::from_secs(1);
/// Seconds of sound a second. Clocks of sound cards are off by less than a thousandth; a device that swallows sound faster than time by
/// far more.
const RATE: std::ops::RangeInclusive<f64> = 0.9..=1.1;
/// A stream that has not moved for so long has stalled; one that was never heard may wait for its device to wake up.
const STALLED: Duration = Duration::from_millis(700);
const NOT_STARTED: Duration = Duration::from_secs(4);

/// A measurement: so much was heard at that time.
#[derive(Clone, Copy, Debug)]
pub struct OutputPosition {
    /// When.
    pub at: Instant,
    /// In microseconds since the start of the run; 0 or less before the first sound.
    pub played_us: i64,
}

/// The health of a stream: whether its measurements can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamHealth {
    /// Nothing was heard yet.
    NotStarted,
    /// It runs at the rate of time.
    Steady,
    /// It runs faster or slower than time: do not follow it.
    WrongRate,
    /// It has stalled.
    Stalled,
}

/// Smooths the measurements of a run.
#[derive(Debug, Default)]
pub struct PositionFilter {
    measured: VecDeque<OutputPosition>,
    /// When it moved last.
    moved: Option<OutputPosition>,
}

impl PositionFilter {
    /// Adds a measurement; returns what all of them say about the stream.
    pub fn add(&mut self, position: OutputPosition) -> StreamHealth {
        if self.moved.is_none_or(|moved| position.played_us != moved.played_us) {
            self.moved = Some(position);
        }
        if position.played_us > 0 {
            self.measured.push_back(position);
            if self.measured.len() > KEPT {
                self.measured.pop_front();
            }
        }
        let patience = if self.measured.is_empty() { NOT_STARTED } else { STALLED };
        if self.moved.is_some_and(|moved| position.at.saturating_duration_since(moved.at) >= patience) {
            return StreamHealth::Stalled;
        }
        let (Some(oldest), Some(newest)) = (self.measured.front(), self.measured.back()) else {
            return StreamHealth::NotStarted;
        };
        let passed = newest.at.saturating_duration_since(oldest.at);
        let rate = (newest.played_us - oldest.played_us) as f64 / (passed.as_micros().max(1)) as f64;
        if passed >= RATE_AFTER && !RATE.contains(&rate) { StreamHealth::WrongRate } else { StreamHealth::Steady }
    }

    /// What was heard at a time: the median of what the measurements say.
    #[must_use]
    pub fn played_us(&self, at: Instant) -> Option<i64> {
        let mut each: Vec<i64> = self
            .measured
            .iter()
            .map(|position| position.played_us + at.saturating_duration_since(position.at).as_micros() as i64)
            .collect();
        if each.is_empty() {
            return None;
        }
        let middle = each.len() / 2;
        Some(*each.select_nth_unstable(middle).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(measured: impl Iterator<Item = (u64, i64)>) -> (StreamHealth, Option<i64>) {
        let start = Instant::now();
        let mut filter = PositionFilter::default();
        let mut last = (StreamHealth::NotStarted, None);
        for (at_ms, played_us) in measured {
            let at = start + Duration::from_millis(at_ms);
            last = (filter.add(OutputPosition { at, played_us }), filter.played_us(at));
        }
        last
    }

    #[test]
    fn a_jittering_clock_is_smoothed_and_steps_become_a_ramp() {
        let jitter = |n: u64| if n.is_multiple_of(2) { 900 } else { -900 };
        let (health, heard) = run((0..100).map(|n| (n * 50, n as i64 * 50_000 - 60_000 + jitter(n))));
        assert_eq!(health, StreamHealth::Steady);
        assert!((heard.unwrap() - (99 * 50_000 - 60_000)).abs() <= 900, "{heard:?}");
        // A server that counts in blocks of 42.7 ms.
        let stair = |us: i64| us / 42_667 * 42_667;
        let (health, heard) = run((0..100).map(|n| (n * 50, stair(n as i64 * 50_000))));
        assert_eq!(health, StreamHealth::Steady);
        assert!((heard.unwrap() - (99 * 50_000 - 21_333)).abs() < 6_000, "{heard:?}");
    }

    #[test]
    fn a_device_that_swallows_sound_is_not_followed_and_one_that_stalled_is_noticed() {
        let (health, _) = run((0..40).map(|n| (n * 50, n as i64 * 100_000)));
        assert_eq!(health, StreamHealth::WrongRate);
        let (health, _) = run((0..40).map(|n| (n * 50, (n as i64 * 50_000).min(500_000))));
        assert_eq!(health, StreamHealth::Stalled);
        let (health, heard) = run((0..3).map(|n| (n * 20, n as i64 * 20_000 - 80_000)));
        assert_eq!((health, heard), (StreamHealth::NotStarted, None));
        // A device that wakes up first, and one that never does.
        assert_eq!(run((0..100).map(|n| (n * 20, 0))).0, StreamHealth::NotStarted);
        assert_eq!(run((0..220).map(|n| (n * 20, 0))).0, StreamHealth::Stalled);
    }
}
