//! Caches of results that several parts of the program need at the same time: each is computed once per content of a file, shared by
//! all its users, and kept for a while after that.

mod content;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

pub(crate) use self::content::FileStamp;
pub use self::content::{ContentHash, content_hash, content_sha256};
use super::error::MediaError;
use super::job::Job;
use crate::worker::guarded;

/// How often a waiting caller checks whether its own job was cancelled, and reports the progress.
const LOOK: Duration = Duration::from_millis(40);

/// Limits of what is kept without users.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keep {
    /// Weight of all kept values together, in whatever unit the cache weighs them.
    pub(crate) weight: usize,
    /// How long after its last use a value is kept; forever where `None`.
    pub(crate) time: Option<Duration>,
}

/// Values by the content of the file they were computed from.
///
/// Callers that ask for the same value at the same time wait for the same computation, which has a thread of its own: it is cancelled
/// when all of them have given up.
pub(crate) struct Cache<V> {
    shared: Arc<Shared<V>>,
}

struct Shared<V> {
    keep: Keep,
    weigh: fn(&V) -> usize,
    state: Mutex<State<V>>,
    changed: Condvar,
}

struct State<V> {
    values: HashMap<ContentHash, Value<V>>,
    running: HashMap<ContentHash, Arc<Running<V>>>,
    /// Whether a thread waits to drop expired values.
    sweeps: bool,
}

struct Value<V> {
    used: Instant,
    kept: Option<Arc<V>>,
    shared: Weak<V>,
}

/// A computation that callers wait for.
struct Running<V> {
    job: Job,
    /// 0 to 1, as the bits of an `f32`.
    progress: Arc<AtomicU32>,
    state: Mutex<Outcome<V>>,
    done: Condvar,
}

struct Outcome<V> {
    /// Number of waiting callers.
    callers: usize,
    done: Option<Result<Arc<V>, MediaError>>,
}

impl<V> Running<V> {
    fn lock(&self) -> MutexGuard<'_, Outcome<V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Shared<V> {
    fn lock(&self) -> MutexGuard<'_, State<V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Send + Sync + 'static> Cache<V> {
    /// A cache with these limits; `weigh` returns the weight of a value.
    pub(crate) fn new(keep: Keep, weigh: fn(&V) -> usize) -> Self {
        let state = State { values: HashMap::new(), running: HashMap::new(), sweeps: false };
        Self { shared: Arc::new(Shared { keep, weigh, state: Mutex::new(state), changed: Condvar::new() }) }
    }

    /// The cached value of a file, if there is one.
    #[cfg(test)]
    pub(crate) fn find(&self, key: &ContentHash) -> Option<Arc<V>> {
        self.shared.lock().find(key)
    }

    /// The value of a file: the cached one, or the one being computed, else what `compute` returns on a separate thread.
    /// Errors are not kept.
    pub(crate) fn get(
        &self,
        key: ContentHash,
        job: &Job,
        compute: impl FnOnce(&Job) -> Result<V, MediaError> + Send + 'static,
    ) -> Result<Arc<V>, MediaError> {
        job.check()?;
        let running = {
            let mut state = self.shared.lock();
            if let Some(value) = state.find(&key) {
                return Ok(value);
            }
            match state.running.get(&key).filter(|running| !running.job.is_cancelled()) {
                Some(running) => {
                    running.lock().callers += 1;
                    Arc::clone(running)
                }
                None => self.start(&mut state, key, compute)?,
            }
        };
        let mut waiting = running.lock();
        loop {
            if let Some(done) = &waiting.done {
                return done.clone();
            }
            job.report(f32::from_bits(running.progress.load(Ordering::Relaxed)));
            if let Err(cancelled) = job.check() {
                waiting.callers -= 1;
                if waiting.callers == 0 {
                    running.job.cancel();
                }
                return Err(cancelled);
            }
            waiting = running.done.wait_timeout(waiting, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn start(
        &self,
        state: &mut State<V>,
        key: ContentHash,
        compute: impl FnOnce(&Job) -> Result<V, MediaError> + Send + 'static,
    ) -> Result<Arc<Running<V>>, MediaError> {
        let progress = Arc::new(AtomicU32::new(0));
        let of_job = Arc::clone(&progress);
        let job = Job::watched(move |done| of_job.store(done.to_bits(), Ordering::Relaxed));
        let running = Arc::new(Running {
            job,
            progress,
            state: Mutex::new(Outcome { callers: 1, done: None }),
            done: Condvar::new(),
        });
        let (shared, of_thread) = (Arc::clone(&self.shared), Arc::clone(&running));
        std::thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || {
                let done = guarded(|| compute(&of_thread.job))
                    .unwrap_or_else(|panic| Err(MediaError::internal("reading a file", panic)))
                    .map(Arc::new);
                shared.finish(key, &of_thread, done);
            })
            .map_err(|err| MediaError::internal("starting a thread", err.to_string()))?;
        state.running.insert(key, Arc::clone(&running));
        Ok(running)
    }
}

impl<V: Send + Sync + 'static> Shared<V> {
    fn finish(self: &Arc<Self>, key: ContentHash, running: &Arc<Running<V>>, done: Result<Arc<V>, MediaError>) {
        let mut state = self.lock();
        // One that was cancelled may have a successor.
        if state.running.get(&key).is_some_and(|of_key| Arc::ptr_eq(of_key, running)) {
            state.running.remove(&key);
        }
        if let Ok(value) = &done {
            let kept = ((self.weigh)(value) <= self.keep.weight).then(|| Arc::clone(value));
            state.values.insert(key, Value { used: Instant::now(), kept, shared: Arc::downgrade(value) });
            self.limit(&mut state);
            self.sweep_later(&mut state);
        }
        drop(state);
        running.lock().done = Some(done);
        running.done.notify_all();
    }

    /// Drops the least recently used values until the rest is within the limit.
    fn limit(&self, state: &mut State<V>) {
        let weight = |value: &Value<V>| value.kept.as_ref().map_or(0, |kept| (self.weigh)(kept));
        let mut total: usize = state.values.values().map(weight).sum();
        while total > self.keep.weight {
            let oldest = state.values.values_mut().filter(|value| value.kept.is_some()).min_by_key(|value| value.used);
            let Some(oldest) = oldest else { break };
            total -= weight(oldest);
            oldest.kept = None;
        }
        state.values.retain(|_, value| value.kept.is_some() || value.shared.strong_count() > 0);
    }

    /// Starts the thread that drops expired values, unless it runs; it ends when nothing is left to drop.
    fn sweep_later(self: &Arc<Self>, state: &mut State<V>) {
        let Some(time) = self.keep.time else { return };
        if std::mem::replace(&mut state.sweeps, true) {
            return;
        }
        let shared = Arc::clone(self);
        let started = std::thread::Builder::new().name("media cache".to_owned()).spawn(move || {
            let mut state = shared.lock();
            while let Some(oldest) = state.release_before(Instant::now().checked_sub(time)) {
                let wait = (oldest + time).saturating_duration_since(Instant::now()).max(LOOK);
                state = shared.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
            }
            state.sweeps = false;
        });
        if started.is_err() {
            // Without the thread they would never be dropped.
            state.sweeps = false;
            state.values.values_mut().for_each(|value| value.kept = None);
        }
    }
}

impl<V> State<V> {
    fn find(&mut self, key: &ContentHash) -> Option<Arc<V>> {
        let value = self.values.get_mut(key)?;
        value.used = Instant::now();
        value.kept.clone().or_else(|| value.shared.upgrade())
    }

    /// Drops what was last used before `time`. Returns when the oldest of the rest was used.
    fn release_before(&mut self, time: Option<Instant>) -> Option<Instant> {
        for value in self.values.values_mut() {
            if time.is_some_and(|time| value.used <= time) {
                value.kept = None;
            }
        }
        self.values.retain(|_, value| value.kept.is_some() || value.shared.strong_count() > 0);
        self.values.values().filter(|value| value.kept.is_some()).map(|value| value.used).min()
    }
}
