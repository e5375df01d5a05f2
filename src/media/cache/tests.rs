//! Callers that share a computation, give up, and come again.

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
        assert!(began.elapsed() < Duration::from_mins(1), "it never came");
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
