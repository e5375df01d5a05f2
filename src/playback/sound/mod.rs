//! Sound output: one stream to the sound server, and the position of what is heard. The server is spoken to on a thread of its own, in
//! real time; nothing here makes the window wait. Without a server it is silent, says why, and time goes on.

mod backend;
#[cfg(any(windows, target_os = "macos"))]
mod device;
mod feed;
mod output_thread;
mod position;
#[cfg(target_os = "linux")]
mod pulse;
mod range;
#[cfg(target_os = "linux")]
mod server;
mod silent;

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use self::backend::OpenBackend;
use self::feed::{Cue, SharedFeed};
use self::output_thread::{Order, OutputThread, Report, SharedReport};
pub use self::position::OutputPosition;
pub use self::range::{PlaybackRange, Position};
use crate::media::Sound;
use crate::media::sound::RATE_HZ;
use crate::worker::{Wake, guarded};

/// Which sound output is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// The one of this system.
    #[default]
    System,
    /// The sound server at this socket.
    Socket(PathBuf),
    /// None: for tests.
    Off,
}

/// A thread that has not reported for so long hangs with its server.
const REPORTS_WITHIN: Duration = Duration::from_secs(5);

/// The player's side of the sound output.
pub struct Output {
    choice: Choice,
    open_backend: OpenBackend,
    wake: Wake,
    feed: SharedFeed,
    report: SharedReport,
    /// The thread, once it is needed.
    orders: Option<Sender<Order>>,
    /// Counts what is played and stopped: a report of an earlier generation says nothing about what is played now.
    generation: u64,
    /// When the current run was ordered; `None` where nothing is to be played.
    ordered: Option<Instant>,
    /// How much of the run was over when it was ordered, in microseconds.
    over_us: i64,
}

impl Output {
    /// An output that is not open yet. Each change of [`Output::failure`] wakes the window.
    #[must_use]
    pub fn new(choice: Choice, wake: Wake) -> Self {
        let feed = SharedFeed::default();
        feed.lock().set_gain(1.0);
        let report = SharedReport::default();
        Self {
            choice,
            open_backend: backend::open,
            wake,
            feed,
            report,
            orders: None,
            generation: 0,
            ordered: None,
            over_us: 0,
        }
    }

    /// Prepares to play, so that it starts at once, and that it is known before whether there is a server.
    pub fn open(&mut self) {
        if self.orders.is_none() {
            self.send(Order::Open);
        }
    }

    /// Plays a sound along a range in microseconds of which so much is over already; what was played before is dropped.
    pub fn play(&mut self, sound: Arc<Sound>, range: PlaybackRange, over_us: i64) {
        let range = PlaybackRange { from: range.at(over_us).at, ..range };
        self.generation += 1;
        self.over_us = over_us;
        self.ordered = Some(Instant::now());
        let cue = Cue { sound, range: range.scaled(frame_at_us) };
        self.send(Order::Play(self.generation, cue));
    }

    /// Goes on with another sound at the same position.
    pub fn swap(&mut self, sound: Arc<Sound>) {
        if self.ordered.is_some() {
            self.send(Order::Swap(sound));
        }
    }

    /// Stops.
    pub fn stop(&mut self) {
        if self.ordered.take().is_some() {
            // What is still reported of the run is of no more use.
            self.generation += 1;
            self.send(Order::Stop);
        }
    }

    /// Whether something is to be played.
    #[must_use]
    pub const fn is_playing(&self) -> bool {
        self.ordered.is_some()
    }

    /// How loud, 0 to 1.
    pub fn set_gain(&self, gain: f32) {
        self.feed.lock().set_gain(gain);
    }

    /// How much of the current run was heard, and when that was so; `None` before the first sound, and where it is not known.
    #[must_use]
    pub fn position(&self) -> Option<OutputPosition> {
        let position = self.current_report()?.position?;
        Some(OutputPosition { played_us: self.over_us + position.played_us, ..position })
    }

    /// From the order to play until something was heard.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        let latency_us = self.report().latency_us?;
        Some(Duration::from_micros(latency_us.max(0).unsigned_abs()))
    }

    /// Why nothing is heard.
    #[must_use]
    pub fn failure(&self) -> Option<String> {
        let report = self.report();
        if report.failure.is_some() {
            return report.failure;
        }
        let hangs = self.ordered.is_some_and(|ordered| ordered.elapsed() >= REPORTS_WITHIN)
            && report.generation != self.generation;
        hangs.then(|| "The sound server does not answer".into())
    }

    fn report(&self) -> Report {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The report, where it is of what is played now.
    fn current_report(&self) -> Option<Report> {
        self.ordered?;
        Some(self.report()).filter(|report| report.generation == self.generation)
    }

    fn send(&mut self, order: Order) {
        // A thread that died has reported it; the next order starts another one.
        let unsent = match &self.orders {
            Some(orders) => orders.send(order).err().map(|unsent| unsent.0),
            None => Some(order),
        };
        let Some(order) = unsent else { return };
        self.orders = self.start();
        if let Some(orders) = &self.orders {
            let _ = orders.send(order);
        }
    }

    fn start(&self) -> Option<Sender<Order>> {
        let (orders, receiver) = channel();
        let thread = OutputThread {
            choice: self.choice.clone(),
            open_backend: self.open_backend,
            feed: self.feed.clone(),
            orders: receiver,
            report: Arc::clone(&self.report),
            wake: Arc::clone(&self.wake),
        };
        let report = thread.reporter();
        let failed = thread.reporter();
        let run = move || {
            if let Err(panic) = guarded(|| thread.run()) {
                report.fail(format!("The sound output stopped because of an error in the program ({panic})"));
            }
        };
        match std::thread::Builder::new().name("sound".to_owned()).spawn(run) {
            Ok(_) => Some(orders),
            Err(err) => {
                failed.fail(format!("No thread could be started for the sound ({err})"));
                None
            }
        }
    }
}

/// The frame at a time in microseconds.
fn frame_at_us(at_us: i64) -> i64 {
    at_us.saturating_mul(i64::from(RATE_HZ)).div_euclid(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::no_wake;

    fn wait(what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < Duration::from_mins(1), "{what} did not come about");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// The report of a run stays where it was written: it must not be taken for one of a later run, nor of no run.
    #[test]
    fn a_run_that_was_stopped_has_no_position_any_more() {
        let mut output = Output::new(Choice::Off, no_wake());
        let sound = Arc::new(Sound::silence(10_000));
        output.play(Arc::clone(&sound), PlaybackRange::default(), 0);
        wait("a position", || output.position().is_some());
        output.stop();
        assert_eq!(output.position().map(|position| position.played_us), None);
        output.play(sound, PlaybackRange::default(), 5_000_000);
        wait("the position of the next run", || output.position().is_some());
        assert!(output.position().unwrap().played_us >= 5_000_000);
    }

    #[test]
    fn an_output_thread_that_died_says_so_and_is_started_again() {
        let mut output = Output::new(Choice::Off, no_wake());
        output.open_backend = |_, _| panic!("injected");
        output.open();
        wait("the reason", || output.failure().is_some());
        let failure = output.failure().unwrap();
        assert!(failure.contains("injected"), "{failure}");
        output.open_backend = backend::open;
        wait("the end of the thread", || {
            output.orders.as_ref().is_some_and(|orders| orders.send(Order::Stop).is_err())
        });
        output.play(Arc::new(Sound::silence(1_000)), PlaybackRange::default(), 0);
        wait("a position", || output.position().is_some());
        assert_eq!(output.failure(), None);
    }
}
