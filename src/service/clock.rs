//! Time, injected: the time of day, on which tokens and sessions depend, and how long something takes or waits.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::{Either, select};

use super::world::World;

/// Tells the time of day in milliseconds since the epoch, and waits.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Own(Arc<dyn Fn() -> i64 + Send + Sync>),
    World(Arc<dyn World>),
}

/// Where [`Clock::elapsed_ms`] counts from, and [`Clock::since_boot_ms`] on systems whose [`Instant`] goes on in sleep.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Clock {
    /// This machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::of(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }

    /// Another time of day, for tests.
    #[must_use]
    pub fn of(now_ms: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Source::Own(Arc::new(now_ms)))
    }

    /// The clock of a simulation.
    #[must_use]
    pub fn of_world(world: Arc<dyn World>) -> Self {
        Self(Source::World(world))
    }

    /// The simulation it belongs to.
    pub(crate) fn world(&self) -> Option<&Arc<dyn World>> {
        match &self.0 {
            Source::Own(_) => None,
            Source::World(world) => Some(world),
        }
    }

    /// Now, in milliseconds since the epoch.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::Own(now_ms) => now_ms(),
            Source::World(world) => world.now_ms(),
        }
    }

    /// Milliseconds since some moment, by a clock that nobody sets.
    #[must_use]
    pub fn elapsed_ms(&self) -> u64 {
        match &self.0 {
            Source::Own(_) => u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX),
            Source::World(world) => world.elapsed_ms(),
        }
    }

    /// Milliseconds since some moment, by a clock that nobody sets and that goes on while the machine sleeps.
    #[must_use]
    pub fn since_boot_ms(&self) -> i64 {
        match &self.0 {
            Source::Own(_) => since_boot_ms(),
            Source::World(world) => world.since_boot_ms(),
        }
    }

    /// Waits this long, in milliseconds.
    pub async fn sleep(&self, ms: u64) {
        match &self.0 {
            Source::Own(_) => tokio::time::sleep(Duration::from_millis(ms)).await,
            Source::World(world) => world.sleep(ms).await,
        }
    }

    /// What `work` returns, where that takes no longer than `ms` milliseconds; else it is dropped, and `None`.
    pub async fn within<T>(&self, ms: u64, work: impl Future<Output = T>) -> Option<T> {
        let (work, limit) = (std::pin::pin!(work), std::pin::pin!(self.sleep(ms)));
        match select(work, limit).await {
            Either::Left((value, _)) => Some(value),
            Either::Right(_) => None,
        }
    }

    /// A random number: clients that were refused at the same moment must not retry at the same moment.
    #[must_use]
    pub fn random(&self) -> u64 {
        match &self.0 {
            Source::Own(_) => getrandom::u64().unwrap_or_default(),
            Source::World(world) => world.random(),
        }
    }
}

/// On Linux an [`Instant`] stops while the machine sleeps, and `CLOCK_BOOTTIME` does not; on Apple's systems `CLOCK_MONOTONIC` does not.
#[cfg(unix)]
fn since_boot_ms() -> i64 {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let id = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let id = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(id);
    time.tv_sec.saturating_mul(1_000).saturating_add(time.tv_nsec / 1_000_000)
}

/// Elsewhere (Windows) an [`Instant`] goes on while the machine sleeps.
#[cfg(not(unix))]
fn since_boot_ms() -> i64 {
    i64::try_from(START.elapsed().as_millis()).unwrap_or(i64::MAX)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now_ms())
    }
}
