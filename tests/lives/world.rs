//! The world that a process has of its universe.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use viseme::service::world::{Pending, Stop, World, WorldAnswer, WorldFault};
use viseme::wire::request::Call;

use crate::guards::Guard;
use crate::universe::{BEGIN_MS, Ready, Shared, lock};

/// The world of one process.
pub struct OfProcess {
    pub universe: Shared,
    pub process: usize,
}

/// Something that is waited for.
struct Awaited {
    universe: Shared,
    slot: u64,
}

impl Future for Awaited {
    type Output = Ready;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Ready> {
        lock(&self.universe).ready.remove(&self.slot).map_or(Poll::Pending, Poll::Ready)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        let mut universe = lock(&self.universe);
        universe.of.remove(&self.slot);
        universe.ready.remove(&self.slot);
    }
}

impl OfProcess {
    fn awaited(&self, slot: u64) -> Awaited {
        Awaited { universe: Arc::clone(&self.universe), slot }
    }
}

impl World for OfProcess {
    fn now_ms(&self) -> i64 {
        lock(&self.universe).wall_ms()
    }

    fn elapsed_ms(&self) -> u64 {
        let universe = lock(&self.universe);
        // Far from zero: a clock that is set back does not stop there.
        let set_ms = if universe.without == Some(Guard::SteadyClock) { universe.set_ms } else { 0 };
        universe.true_ms.saturating_add_signed(BEGIN_MS + set_ms)
    }

    fn since_boot_ms(&self) -> i64 {
        let elapsed_ms = i64::try_from(self.elapsed_ms()).unwrap_or(i64::MAX);
        elapsed_ms + lock(&self.universe).asleep_ms
    }

    fn sleep(&self, ms: u64) -> Pending<()> {
        let slot = lock(&self.universe).sleep(self.process, ms);
        let awaited = self.awaited(slot);
        Box::pin(async move {
            awaited.await;
        })
    }

    fn random(&self) -> u64 {
        lock(&self.universe).chance.next()
    }

    fn exchange(&self, call: &Call) -> Pending<Result<WorldAnswer, WorldFault>> {
        let slot = lock(&self.universe).send(self.process, call);
        let awaited = self.awaited(slot);
        Box::pin(async move {
            match awaited.await {
                Ready::Answer(answer) => answer,
                Ready::Nothing => Err(WorldFault::NoAnswer),
            }
        })
    }

    fn at_the_disk(&self) -> Pending<()> {
        let ms = lock(&self.universe).chance.within(0, 20);
        self.sleep(ms)
    }

    fn spawn(&self, work: Pending<()>) -> Stop {
        let mut universe = lock(&self.universe);
        let number = universe.number();
        universe.spawned.push((self.process, number, work));
        drop(universe);
        let shared = Arc::clone(&self.universe);
        Box::new(move || lock(&shared).stopped.push(number))
    }
}
