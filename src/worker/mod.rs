//! Work off the thread that draws: one thread per worker, the latest order wins.
//!
//! A [`Worker`] has one thread. [`Worker::order`] replaces an order that waits, and the one being carried out sees that it is
//! superseded ([`Desk::is_current`], [`Superseded`]). Each order has a generation number; answers of an older generation are dropped
//! when they are received. A panic on the thread is caught and received as [`WorkerDied`]; the next order starts with fresh state.
//! After each answer the receiver is woken, so that a window at rest draws it.

mod guard;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use self::guard::{guarded, panic_text};

/// Wakes the receiver of the answers, for example by asking the window to draw itself.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Wakes nobody: for a receiver that looks by itself.
#[must_use]
pub fn no_wake() -> Wake {
    Arc::new(|| {})
}

/// A worker's thread panicked while it carried out the current order. The worker takes further orders.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {worker} worker stopped because of an error in the program: {panic}")]
pub struct WorkerDied {
    /// The worker's name.
    pub worker: String,
    /// The words of the panic.
    pub panic: String,
}

/// The order being carried out is no longer the current one, or the worker is being dropped: stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Superseded;

struct Shared<O, A> {
    name: String,
    /// How many answers may wait to be received.
    capacity: usize,
    state: Mutex<State<O, A>>,
    changed: Condvar,
    wake: Wake,
}

struct State<O, A> {
    /// Of the newest order.
    generation: u64,
    order: Option<(u64, O)>,
    answers: VecDeque<(u64, Result<A, WorkerDied>)>,
    /// An order is being carried out.
    at_work: bool,
    closed: bool,
}

impl<O, A> Shared<O, A> {
    fn lock(&self) -> MutexGuard<'_, State<O, A>> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<O, A>>) -> MutexGuard<'a, State<O, A>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

/// The receiving side of a worker. Dropped, it ends the thread after the current step; it does not wait for it.
pub struct Worker<O, A> {
    shared: Arc<Shared<O, A>>,
    thread: Option<JoinHandle<()>>,
}

impl<O: Send + 'static, A: Send + 'static> Worker<O, A> {
    /// Starts the thread. `capacity` is how many answers may wait to be received (at least 1). `start` makes the function that carries
    /// orders out, with its state; it is called once at the beginning and again after a panic, on the worker's thread.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn<W>(name: &str, capacity: usize, wake: Wake, start: impl Fn() -> W + Send + 'static) -> io::Result<Self>
    where
        W: FnMut(O, &Desk<'_, O, A>),
    {
        let state = State { generation: 0, order: None, answers: VecDeque::new(), at_work: false, closed: false };
        let shared = Arc::new(Shared {
            name: name.to_owned(),
            capacity: capacity.max(1),
            state: Mutex::new(state),
            changed: Condvar::new(),
            wake,
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || run(&of_thread, start))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Orders something in place of what was ordered before. Returns the order's generation.
    pub fn order(&mut self, order: O) -> u64 {
        let mut state = self.shared.lock();
        state.generation += 1;
        let generation = state.generation;
        state.order = Some((generation, order));
        drop(state);
        self.shared.changed.notify_all();
        generation
    }

    /// Withdraws the current order: one that waits is dropped, one being carried out is superseded, answers still to be received are
    /// dropped.
    pub fn withdraw(&mut self) {
        let mut state = self.shared.lock();
        state.generation += 1;
        state.order = None;
        state.answers.clear();
        drop(state);
        self.shared.changed.notify_all();
    }

    /// The next answer to the current order, if there is one. Answers to earlier orders are dropped.
    ///
    /// # Errors
    /// [`WorkerDied`], once: the current order made the thread panic, and has no further answers.
    pub fn receive(&mut self) -> Result<Option<A>, WorkerDied> {
        self.receive_where(|generation, current| generation == current)
    }

    /// The next answer, also to an earlier order that the current one has not withdrawn: for answers that stay true, such as the
    /// picture of a moment of the same file.
    ///
    /// # Errors
    /// [`WorkerDied`], as [`Worker::receive`].
    pub fn receive_any(&mut self) -> Result<Option<A>, WorkerDied> {
        self.receive_where(|_, _| true)
    }

    fn receive_where(&mut self, wanted: impl Fn(u64, u64) -> bool) -> Result<Option<A>, WorkerDied> {
        let mut state = self.shared.lock();
        let mut found = None;
        while let Some((generation, answer)) = state.answers.pop_front() {
            if wanted(generation, state.generation) {
                found = Some(answer);
                break;
            }
        }
        drop(state);
        self.shared.changed.notify_all();
        found.transpose()
    }

    /// Whether an order waits or is being carried out, or an answer waits to be received.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let state = self.shared.lock();
        state.order.is_some() || state.at_work || !state.answers.is_empty()
    }

    /// Waits until nothing is left to do, at most this long. Returns whether that was reached.
    pub fn wait_until_idle(&self, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        let mut state = self.shared.lock();
        while state.order.is_some() || state.at_work {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

impl<O, A> Worker<O, A> {
    fn close(&self) {
        let mut state = self.shared.lock();
        state.closed = true;
        state.order = None;
        drop(state);
        self.shared.changed.notify_all();
    }
}

impl<O, A> Drop for Worker<O, A> {
    fn drop(&mut self) {
        self.close();
        // A long step may still run: the thread ends after it, and nobody waits.
        drop(self.thread.take());
    }
}

/// What the function that carries out an order sees of its worker.
pub struct Desk<'a, O, A> {
    shared: &'a Shared<O, A>,
    generation: u64,
}

impl<O, A> Desk<'_, O, A> {
    /// The generation of the order being carried out.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Whether the order being carried out is still the newest, and the worker still wanted.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let state = self.shared.lock();
        !state.closed && state.generation == self.generation
    }

    /// Sends an answer and wakes the receiver. Waits while as many answers wait to be received as may.
    ///
    /// # Errors
    /// [`Superseded`]: stop; the answer is dropped.
    pub fn send(&self, answer: A) -> Result<(), Superseded> {
        self.send_quietly(answer)?;
        (self.shared.wake)();
        Ok(())
    }

    /// As [`Desk::send`], without waking the receiver: for a receiver that looks in time by itself.
    ///
    /// # Errors
    /// [`Superseded`]: stop; the answer is dropped.
    pub fn send_quietly(&self, answer: A) -> Result<(), Superseded> {
        let mut state = self.shared.lock();
        while state.answers.len() >= self.shared.capacity {
            if state.closed || state.generation != self.generation {
                return Err(Superseded);
            }
            state = self.shared.wait(state);
        }
        if state.closed || state.generation != self.generation {
            return Err(Superseded);
        }
        state.answers.push_back((self.generation, Ok(answer)));
        Ok(())
    }

    /// Sends an answer and wakes the receiver where there is room for it; never waits. Returns whether there was room.
    ///
    /// # Errors
    /// [`Superseded`]: stop; the answer is dropped.
    pub fn offer(&self, answer: A) -> Result<bool, Superseded> {
        let mut state = self.shared.lock();
        if state.closed || state.generation != self.generation {
            return Err(Superseded);
        }
        if state.answers.len() >= self.shared.capacity {
            return Ok(false);
        }
        state.answers.push_back((self.generation, Ok(answer)));
        drop(state);
        (self.shared.wake)();
        Ok(true)
    }

    /// Goes on only while the order is the newest: to be called between two steps of a long order.
    ///
    /// # Errors
    /// [`Superseded`]: stop.
    pub fn check(&self) -> Result<(), Superseded> {
        if self.is_current() { Ok(()) } else { Err(Superseded) }
    }

    /// Wakes the receiver.
    pub fn wake(&self) {
        (self.shared.wake)();
    }

    /// Waits until the order is superseded, at most this long. Returns whether it was.
    pub fn wait_superseded(&self, at_most: Duration) -> bool {
        let until = Instant::now() + at_most;
        let mut state = self.shared.lock();
        loop {
            if state.closed || state.generation != self.generation {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.shared.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

fn run<O, A, W: FnMut(O, &Desk<'_, O, A>)>(shared: &Shared<O, A>, start: impl Fn() -> W) {
    let mut work = None;
    loop {
        let (generation, order) = {
            let mut state = shared.lock();
            loop {
                if state.closed {
                    return;
                }
                if let Some(next) = state.order.take() {
                    state.at_work = true;
                    break next;
                }
                state = shared.wait(state);
            }
        };
        let desk = Desk { shared, generation };
        let done = guarded(|| work.get_or_insert_with(&start)(order, &desk));
        let mut state = shared.lock();
        state.at_work = false;
        if let Err(panic) = done {
            // What the panic left behind is not used again.
            work = None;
            tracing::error!(worker = shared.name, panic, "a worker panicked");
            state.answers.push_back((generation, Err(WorkerDied { worker: shared.name.clone(), panic })));
            drop(state);
            (shared.wake)();
        } else {
            drop(state);
        }
        shared.changed.notify_all();
    }
}
