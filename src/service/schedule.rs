//! When the next poll is due: a pure function of attempt, time left, hint and seed.

use crate::model::profile::POLL_FLOOR_MS;
use crate::model::{Profile, is_loopback};

/// Longest wait of the backoff in milliseconds, unless the interval itself is longer.
pub const CEILING_MS: u64 = 15_000;
/// Floor of the wait against a loopback address, in milliseconds.
pub const LOOPBACK_FLOOR_MS: u64 = 5;
/// Each wait is this much longer than the one before: a result is noticed at most some 15 % late.
const GROWTH: f64 = 1.15;
/// Jitter as a fraction of the wait, so that many tasks do not poll at the same moment.
const JITTER: f64 = 0.1;

/// The bounds of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// First wait in milliseconds.
    pub interval_ms: u64,
    /// Least wait in milliseconds.
    pub floor_ms: u64,
}

impl Policy {
    /// The policy of a profile. The floor is 1 s, lower for loopback addresses.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let floor_ms = if is_loopback(&profile.base_url) { LOOPBACK_FLOOR_MS } else { POLL_FLOOR_MS };
        Self { interval_ms: profile.poll_interval_ms, floor_ms }
    }
}

/// What to do next about a task that is not at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Poll again after this many milliseconds.
    Wait(u64),
    /// The limit ran out: stop polling. The task goes on at the service, and its id is enough to resume.
    Pause,
}

/// The wait before poll number `attempt` (0 is the first), `left_ms` before the limit runs out.
///
/// `retry_after_ms` is what the last answer asked for, and is honoured; `seed` is that of the jitter.
/// The last poll comes exactly at the limit. Failures of a poll count as attempts like any other: they never fail the task.
#[must_use]
pub fn next(policy: &Policy, attempt: u32, left_ms: u64, retry_after_ms: Option<u64>, seed: u64) -> Next {
    if left_ms == 0 {
        return Next::Pause;
    }
    let floor_ms = policy.floor_ms.max(1);
    let wait_ms = backoff_ms(policy.interval_ms.max(floor_ms), CEILING_MS, attempt, seed).max(floor_ms);
    match retry_after_ms {
        Some(asked_ms) if asked_ms.max(wait_ms) > left_ms => Next::Pause,
        Some(asked_ms) => Next::Wait(asked_ms.max(wait_ms)),
        None if left_ms < floor_ms => Next::Pause,
        None => Next::Wait(wait_ms.min(left_ms)),
    }
}

/// A wait that starts at `first_ms` and grows to `most_ms` (or stays at `first_ms` where that is longer), with jitter.
#[must_use]
pub fn backoff_ms(first_ms: u64, most_ms: u64, attempt: u32, seed: u64) -> u64 {
    growing_wait_ms(first_ms, most_ms, GROWTH, attempt, seed)
}

/// The wait before a retry: doubles each time.
#[must_use]
pub fn resend_ms(first_ms: u64, most_ms: u64, attempt: u32, seed: u64) -> u64 {
    growing_wait_ms(first_ms, most_ms, 2.0, attempt, seed)
}

fn growing_wait_ms(first_ms: u64, most_ms: u64, growth: f64, attempt: u32, seed: u64) -> u64 {
    let most_ms = most_ms.max(first_ms);
    let factor = growth.powi(i32::try_from(attempt.min(64)).unwrap_or(64));
    let plain = (first_ms as f64 * factor).min(most_ms as f64);
    // 53 random bits make a uniform number in 0..1.
    let uniform =
        (mix(seed ^ u64::from(attempt).wrapping_mul(0x9E37_79B9_7F4A_7C15)) >> 11) as f64 / 9_007_199_254_740_992.0;
    (plain * (1.0 + JITTER * (2.0 * uniform - 1.0))).round() as u64
}

/// `SplitMix64`'s finaliser: spreads a seed over all bits.
const fn mix(seed: u64) -> u64 {
    let seed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let seed = (seed ^ (seed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    seed ^ (seed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REAL: Policy = Policy { interval_ms: 2_000, floor_ms: 1_000 };
    const LIMIT_MS: u64 = 600_000;

    #[test]
    fn a_real_service_is_asked_once_a_second_at_most() {
        let mut profile = Profile { poll_interval_ms: 10, ..Profile::built_in().remove(1) };
        assert_eq!(Policy::of(&profile).floor_ms, 1_000);
        assert!(matches!(next(&Policy::of(&profile), 0, LIMIT_MS, None, 7), Next::Wait(wait) if wait >= 1_000));
        profile.base_url = "http://127.0.0.1:9".into();
        assert!(matches!(next(&Policy::of(&profile), 0, LIMIT_MS, None, 7), Next::Wait(9..=11)));
    }

    #[test]
    fn the_limit_pauses_after_a_last_poll() {
        assert_eq!(next(&REAL, 40, 0, None, 1), Next::Pause);
        assert_eq!(next(&REAL, 40, 2_000, None, 1), Next::Wait(2_000));
        assert_eq!(next(&REAL, 40, 500, None, 1), Next::Pause, "no poll sooner than the floor");
        assert_eq!(next(&REAL, 0, 10_000, Some(60_000), 1), Next::Pause, "the service asks to wait beyond the limit");
    }

    proptest! {
        #[test]
        fn waits_stay_within_bounds_and_depend_on_nothing_else(attempt in 0..10_000_u32, seed in any::<u64>(), interval_ms in 0..60_000_u64, floor_ms in 0..2_000_u64) {
            let policy = Policy { interval_ms, floor_ms };
            let first = next(&policy, attempt, u64::MAX, None, seed);
            prop_assert_eq!(first, next(&policy, attempt, u64::MAX, None, seed));
            let Next::Wait(wait_ms) = first else { return Err(TestCaseError::fail("paused")) };
            prop_assert!(wait_ms >= floor_ms.max(1));
            prop_assert!(wait_ms as f64 <= CEILING_MS.max(interval_ms).max(floor_ms) as f64 * 1.1 + 1.0);
        }

        #[test]
        fn waits_grow_but_for_the_jitter(attempt in 0..200_u32, seed in any::<u64>(), other in any::<u64>()) {
            let (Next::Wait(earlier), Next::Wait(later)) =
                (next(&REAL, attempt, LIMIT_MS, None, seed), next(&REAL, attempt + 20, LIMIT_MS, None, other))
            else {
                return Err(TestCaseError::fail("paused"));
            };
            prop_assert!(later as f64 * 1.1 >= earlier as f64 * 0.9);
            let plain = (2_000.0 * 1.15_f64.powi(attempt as i32)).min(15_000.0);
            prop_assert!((earlier as f64 - plain).abs() <= plain * 0.1 + 1.0);
        }

        #[test]
        fn a_hint_is_honoured(attempt in 0..200_u32, left_ms in 0..LIMIT_MS, asked_ms in 0..700_000_u64, seed in any::<u64>()) {
            match next(&REAL, attempt, left_ms, Some(asked_ms), seed) {
                Next::Wait(wait_ms) => prop_assert!(wait_ms >= asked_ms && wait_ms >= 1_000 && wait_ms <= left_ms),
                Next::Pause => prop_assert!(asked_ms.max(1_000) + 16_500 >= left_ms),
            }
        }

        #[test]
        fn a_poll_never_comes_after_the_limit(attempt in 0..200_u32, left_ms in 0..LIMIT_MS, seed in any::<u64>()) {
            if let Next::Wait(wait_ms) = next(&REAL, attempt, left_ms, None, seed) {
                prop_assert!(wait_ms <= left_ms && wait_ms >= 1_000);
            }
        }
    }
}
