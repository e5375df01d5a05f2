//! The only place that tells the sandbox the time.
//!
//! Sessions live 24 hours, results 30 days, and a webhook that is not taken is sent again after a while. No test waits for that: it
//! sets the clock ahead. Everything in the sandbox that ages or waits does so by this clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

/// The wall clock, and how many milliseconds it was set ahead. Clones share the setting.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_ms: watch::Sender<i64>,
}

impl Clock {
    /// Milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        let wall_ms = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        wall_ms.saturating_add(*self.ahead_ms.borrow())
    }

    /// Seconds since the epoch, as tokens and webhook signatures count.
    #[must_use]
    pub fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Sets the clock ahead by `by`, for all who share it.
    pub fn advance(&self, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.send_modify(|ahead_ms| *ahead_ms = ahead_ms.saturating_add(by_ms));
    }

    /// Waits until this clock has gone on by `by`. Setting the wall clock of the system makes no wait longer or shorter.
    pub async fn sleep(&self, by: Duration) {
        let mut ahead_ms = self.ahead_ms.subscribe();
        let begun = Instant::now();
        let begun_ahead_ms = *ahead_ms.borrow_and_update();
        loop {
            let skipped_ms = ahead_ms.borrow_and_update().saturating_sub(begun_ahead_ms);
            let passed = begun.elapsed() + Duration::from_millis(u64::try_from(skipped_ms).unwrap_or(0));
            let Some(left) = by.checked_sub(passed).filter(|left| !left.is_zero()) else { return };
            tokio::select! {
                () = tokio::time::sleep(left) => return,
                // The sender lives in `self`, so this is never an error.
                _ = ahead_ms.changed() => {}
            }
        }
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

    #[tokio::test]
    async fn setting_the_clock_ahead_ends_a_wait() {
        let clock = Clock::default();
        let waiting = clock.clone();
        let wait = tokio::spawn(async move { waiting.sleep(Duration::from_hours(24)).await });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_hours(12));
        tokio::task::yield_now().await;
        assert!(!wait.is_finished());
        clock.advance(Duration::from_hours(12));
        wait.await.unwrap();
    }
}
