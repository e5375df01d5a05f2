//! Results that several parts of the program ask for at the same time, each computed once: by the content of a file, shared while
//! anybody uses them, kept for a while after that.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

use sha2::{Digest, Sha256};

use super::error::MediaError;
use super::job::Job;
use crate::worker::guarded;

/// How often a caller that waits looks whether its own job was cancelled, and reports the progress.
const LOOK: Duration = Duration::from_millis(40);
/// Files whose content is remembered.
const FILES_KEPT: usize = 64;

/// The SHA-256 of a file's bytes.
pub(crate) type ContentHash = [u8; 32];

/// A file as it was when it was read: the same path with another length or time is another file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileStamp {
    path: PathBuf,
    len_bytes: u64,
    modified: Option<SystemTime>,
}

impl FileStamp {
    pub(crate) fn of(path: &Path) -> Result<Self, MediaError> {
        let about = std::fs::metadata(path).map_err(|err| MediaError::io("open", path, &err))?;
        Ok(Self { path: path.to_owned(), len_bytes: about.len(), modified: about.modified().ok() })
    }
}

/// The content hash of a file; read only where the file is new or has changed.
pub(crate) fn content_hash(path: &Path, job: &Job) -> Result<ContentHash, MediaError> {
    static KNOWN: Mutex<Vec<(FileStamp, ContentHash)>> = Mutex::new(Vec::new());
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let stamp = FileStamp::of(path)?;
    if let Some((_, hash)) = known().iter().find(|(of, _)| *of == stamp) {
        return Ok(*hash);
    }
    let hash = hash_file(path, job)?;
    // One that was written meanwhile is read again the next time.
    if FileStamp::of(path)? == stamp {
        let mut known = known();
        known.retain(|(of, _)| of.path != stamp.path);
        let over = (known.len() + 1).saturating_sub(FILES_KEPT);
        known.drain(..over);
        known.push((stamp, hash));
    }
    Ok(hash)
}

fn hash_file(path: &Path, job: &Job) -> Result<ContentHash, MediaError> {
    let failed = |err: std::io::Error| MediaError::io("read", path, &err);
    let mut file = File::open(path).map_err(failed)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 256 * 1024];
    loop {
        job.check()?;
        match file.read(&mut block).map_err(failed)? {
            0 => return Ok(hasher.finalize().into()),
            count => hasher.update(&block[..count]),
        }
    }
}

/// How much is kept that nobody uses at the moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keep {
    /// Weight of all kept values together, in whatever unit the cache weighs them.
    pub(crate) weight: usize,
    /// How long after its last use a value is kept; for ever where none.
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
    /// A thread waits to drop what is kept too long.
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
    /// How many callers wait for it.
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
    /// A cache that keeps so much; `weigh` says what a value weighs.
    pub(crate) fn new(keep: Keep, weigh: fn(&V) -> usize) -> Self {
        let state = State { values: HashMap::new(), running: HashMap::new(), sweeps: false };
        Self { shared: Arc::new(Shared { keep, weigh, state: Mutex::new(state), changed: Condvar::new() }) }
    }

    /// The value of a file, if it is there.
    #[cfg(test)]
    pub(crate) fn find(&self, key: &ContentHash) -> Option<Arc<V>> {
        self.shared.lock().find(key)
    }

    /// The value of a file: the one that is there, or the one being computed, else what `compute` returns on a thread of its own.
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

    /// Drops the values used longest ago until the rest weighs no more than is kept.
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

    /// Starts the thread that drops what is kept too long, unless there is one; it ends when nothing is left to drop.
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
            // Nothing would drop them later.
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    const FOR_EVER: Keep = Keep { weight: 2, time: None };

    /// A computation that starts, and ends when it is told to; counted.
    struct Slow {
        cache: Cache<usize>,
        count: AtomicUsize,
        started: (Sender<Job>, Mutex<Receiver<Job>>),
        end: Mutex<Option<Receiver<()>>>,
    }

    impl Slow {
        fn new(end: Receiver<()>) -> Arc<Self> {
            let (send, started) = channel();
            let cache = Cache::new(FOR_EVER, |_| 1);
            Arc::new(Self {
                cache,
                count: AtomicUsize::new(0),
                started: (send, Mutex::new(started)),
                end: Mutex::new(Some(end)),
            })
        }

        fn ask(self: &Arc<Self>, job: &Job) -> std::thread::JoinHandle<Result<Arc<usize>, MediaError>> {
            let (slow, job) = (Arc::clone(self), job.clone());
            std::thread::spawn(move || {
                let of_thread = Arc::clone(&slow);
                slow.cache.get([7; 32], &job, move |job| {
                    let count = of_thread.count.fetch_add(1, Ordering::SeqCst) + 1;
                    let end = of_thread.end.lock().unwrap().take();
                    of_thread.started.0.send(job.clone()).unwrap();
                    if let Some(end) = end {
                        end.recv().unwrap();
                    }
                    job.check().map(|()| count)
                })
            })
        }

        fn callers(&self) -> usize {
            let state = self.cache.shared.lock();
            state.running.values().map(|running| running.lock().callers).sum()
        }
    }

    fn until(what: impl Fn() -> bool) {
        let began = Instant::now();
        while !what() {
            assert!(began.elapsed() < Duration::from_secs(60), "it never came");
            std::thread::yield_now();
        }
    }

    #[test]
    fn two_callers_share_one_computation_and_one_of_them_may_give_up() {
        let (end, ends) = channel();
        let slow = Slow::new(ends);
        let (first, second) = (Job::new(), Job::new());
        let (one, two) = (slow.ask(&first), slow.ask(&second));
        let inner = slow.started.1.lock().unwrap().recv().unwrap();
        until(|| slow.callers() == 2);
        first.cancel();
        assert_eq!(one.join().unwrap().unwrap_err(), MediaError::Cancelled);
        assert!(!inner.is_cancelled());
        end.send(()).unwrap();
        assert_eq!(*two.join().unwrap().unwrap(), 1);
        assert_eq!(*slow.ask(&Job::new()).join().unwrap().unwrap(), 1, "and it is kept");
    }

    #[test]
    fn a_computation_that_nobody_waits_for_is_cancelled_and_started_anew_when_asked_again() {
        let (end, ends) = channel();
        let slow = Slow::new(ends);
        let job = Job::new();
        let only = slow.ask(&job);
        let inner = slow.started.1.lock().unwrap().recv().unwrap();
        job.cancel();
        assert_eq!(only.join().unwrap().unwrap_err(), MediaError::Cancelled);
        assert!(inner.is_cancelled());
        // The first has not ended yet.
        assert_eq!(*slow.ask(&Job::new()).join().unwrap().unwrap(), 2);
        end.send(()).unwrap();
    }

    #[test]
    fn progress_reaches_every_caller() {
        let cache: Cache<()> = Cache::new(FOR_EVER, |()| 1);
        let (send, seen) = channel();
        let (go, wait) = channel();
        let send = Mutex::new(send);
        let job = Job::watched(move |done| send.lock().unwrap().send(done).unwrap());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                cache.get([0; 32], &job.stage(0.0, 0.5), move |job| {
                    job.report(0.5);
                    wait.recv().unwrap();
                    Ok(())
                })
            });
            assert!(seen.iter().any(|done: f32| (done - 0.25).abs() < 1e-6));
            go.send(()).unwrap();
        });
    }

    #[test]
    fn errors_and_panics_are_not_kept() {
        let cache: Cache<u32> = Cache::new(FOR_EVER, |_| 1);
        let failed = cache.get([1; 32], &Job::new(), |_| Err(MediaError::Limit("long".to_owned())));
        assert_eq!(failed.unwrap_err(), MediaError::Limit("long".to_owned()));
        let died = cache.get([1; 32], &Job::new(), |_| panic!("dead")).unwrap_err();
        assert!(matches!(&died, MediaError::Internal { detail, .. } if detail == "dead"), "{died}");
        assert_eq!(*cache.get([1; 32], &Job::new(), |_| Ok(3)).unwrap(), 3);
    }

    #[test]
    fn the_value_used_longest_ago_goes_first_and_what_is_in_use_stays() {
        let cache: Cache<u8> = Cache::new(FOR_EVER, |_| 1);
        let get = |key: u8| cache.get([key; 32], &Job::new(), move |_| Ok(key)).unwrap();
        let used = get(1);
        drop((get(2), get(3)));
        assert!(Arc::ptr_eq(&cache.find(&[1; 32]).unwrap(), &used), "still in use");
        drop(used);
        drop(get(4));
        until(|| [1, 2, 3, 4].map(|key| cache.find(&[key; 32]).is_some()) == [false, false, true, true]);
    }

    #[test]
    fn what_is_too_heavy_or_was_not_used_for_long_is_only_shared() {
        let cache: Cache<u8> = Cache::new(FOR_EVER, |value| usize::from(*value));
        let heavy = cache.get([9; 32], &Job::new(), |_| Ok(9)).unwrap();
        let light = cache.get([1; 32], &Job::new(), |_| Ok(1)).unwrap();
        let later = Instant::now() + Duration::from_secs(1);
        assert_eq!(cache.shared.lock().release_before(Some(later)), None, "nothing is left to drop");
        assert!(cache.find(&[9; 32]).is_some() && cache.find(&[1; 32]).is_some());
        drop((heavy, light));
        // The threads that computed them may not have ended yet.
        until(|| cache.find(&[9; 32]).is_none() && cache.find(&[1; 32]).is_none());
    }

    #[test]
    fn a_content_is_read_once_until_the_file_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"one").unwrap();
        let first = content_hash(&path, &Job::new()).unwrap();
        std::fs::write(&path, b"three").unwrap();
        let second = content_hash(&path, &Job::new()).unwrap();
        assert_ne!(first, second);
        let other = folder.path().join("other");
        std::fs::write(&other, b"one").unwrap();
        assert_eq!(content_hash(&other, &Job::new()).unwrap(), first);
        let stopped = Job::new();
        stopped.cancel();
        assert_eq!(content_hash(&path, &stopped), Ok(second), "known, and not read again");
        std::fs::write(&other, b"seven!!").unwrap();
        assert_eq!(content_hash(&other, &stopped), Err(MediaError::Cancelled));
    }
}
