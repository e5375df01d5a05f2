//! The only place that tells the sandbox the time.
//!
//! Sessions live 24 hours and results 30 days; a test that had to wait for that would never run. So the clock can be set
//! ahead: everything in the sandbox that ages, ages by this clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The wall clock, and how far it was set ahead. Clones share the setting.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        let wall_ms = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        wall_ms.saturating_add(self.ahead_ms.load(Ordering::Relaxed))
    }

    /// Seconds since the epoch, as tokens and webhook signatures count.
    #[must_use]
    pub fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Sets the clock ahead by `by`, for all who share it.
    pub fn advance(&self, by: Duration) {
        self.ahead_ms.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_setting() {
        let clock = Clock::default();
        let before_ms = clock.now_ms();
        clock.clone().advance(Duration::from_hours(24));
        assert!(clock.now_ms() >= before_ms + 24 * 60 * 60 * 1000);
    }
}
