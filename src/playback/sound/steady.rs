//! What is heard when, from measurements that jitter, come in stairs, or are nonsense.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many measurements are looked at: enough for the stairs of a server that counts in blocks.
const KEPT: usize = 24;
/// From here on it can be told whether the sound runs as fast as the time does.
const LONG: Duration = Duration::from_secs(1);
/// How far the two may be apart. Clocks of sound cards are off by less than a thousandth; a device that swallows sound faster
/// than time by far more.
const RATE: std::ops::RangeInclusive<f64> = 0.9..=1.1;
/// A stream that has not moved for so long has stopped; one that was never heard may wait for its loudspeaker to wake up.
const STALLED: Duration = Duration::from_millis(700);
const NEVER_BEGAN: Duration = Duration::from_secs(4);

/// One measurement: that much was heard at that time.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// When.
    pub at: Instant,
    /// In microseconds since the cue; 0 or less before the first sound.
    pub run_us: i64,
}

/// Whether the measurements can be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nothing was heard yet.
    NotYet,
    /// It runs like the time.
    Steady,
    /// It runs faster or slower than the time: do not follow it.
    OffBeat,
    /// It has stopped.
    Stalled,
}

/// The measurements since a cue.
#[derive(Debug, Default)]
pub struct Steady {
    measured: VecDeque<Heard>,
    /// When it moved last.
    moved: Option<Heard>,
}

impl Steady {
    /// Takes a measurement; answers what can be made of all of them.
    pub fn take(&mut self, heard: Heard) -> Trust {
        if self.moved.is_none_or(|moved| heard.run_us != moved.run_us) {
            self.moved = Some(heard);
        }
        if heard.run_us > 0 {
            self.measured.push_back(heard);
            if self.measured.len() > KEPT {
                self.measured.pop_front();
            }
        }
        let patience = if self.measured.is_empty() { NEVER_BEGAN } else { STALLED };
        if self.moved.is_some_and(|moved| heard.at.saturating_duration_since(moved.at) >= patience) {
            return Trust::Stalled;
        }
        let (Some(oldest), Some(newest)) = (self.measured.front(), self.measured.back()) else { return Trust::NotYet };
        let passed = newest.at.saturating_duration_since(oldest.at);
        let rate = (newest.run_us - oldest.run_us) as f64 / (passed.as_micros().max(1)) as f64;
        if passed >= LONG && !RATE.contains(&rate) { Trust::OffBeat } else { Trust::Steady }
    }

    /// What is heard at a time: the middle of what the measurements say.
    #[must_use]
    pub fn run_us(&self, at: Instant) -> Option<i64> {
        let mut each: Vec<i64> = self
            .measured
            .iter()
            .map(|heard| heard.run_us + at.saturating_duration_since(heard.at).as_micros() as i64)
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

    fn run(measured: impl Iterator<Item = (u64, i64)>) -> (Trust, Option<i64>) {
        let start = Instant::now();
        let mut steady = Steady::default();
        let mut last = (Trust::NotYet, None);
        for (at_ms, run_us) in measured {
            let at = start + Duration::from_millis(at_ms);
            last = (steady.take(Heard { at, run_us }), steady.run_us(at));
        }
        last
    }

    #[test]
    fn a_jittering_clock_is_smoothed_and_stairs_become_a_ramp() {
        let jitter = |n: u64| if n.is_multiple_of(2) { 900 } else { -900 };
        let (trust, heard) = run((0..100).map(|n| (n * 50, n as i64 * 50_000 - 60_000 + jitter(n))));
        assert_eq!(trust, Trust::Steady);
        assert!((heard.unwrap() - (99 * 50_000 - 60_000)).abs() <= 900, "{heard:?}");
        // A server that counts in blocks of 42.7 ms.
        let stair = |us: i64| us / 42_667 * 42_667;
        let (trust, heard) = run((0..100).map(|n| (n * 50, stair(n as i64 * 50_000))));
        assert_eq!(trust, Trust::Steady);
        assert!((heard.unwrap() - (99 * 50_000 - 21_333)).abs() < 6_000, "{heard:?}");
    }

    #[test]
    fn a_device_that_swallows_sound_is_not_followed_and_one_that_stopped_is_noticed() {
        let (trust, _) = run((0..40).map(|n| (n * 50, n as i64 * 100_000)));
        assert_eq!(trust, Trust::OffBeat);
        let (trust, _) = run((0..40).map(|n| (n * 50, (n as i64 * 50_000).min(500_000))));
        assert_eq!(trust, Trust::Stalled);
        let (trust, heard) = run((0..3).map(|n| (n * 20, n as i64 * 20_000 - 80_000)));
        assert_eq!((trust, heard), (Trust::NotYet, None));
        // A loudspeaker that wakes up first, and one that never does.
        assert_eq!(run((0..100).map(|n| (n * 20, 0))).0, Trust::NotYet);
        assert_eq!(run((0..220).map(|n| (n * 20, 0))).0, Trust::Stalled);
    }
}
