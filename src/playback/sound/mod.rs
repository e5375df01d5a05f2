//! Sound: one stream to the sound server, and what is heard of it when. The server is spoken to on a thread of its own; nothing
//! here makes the window wait. Without a server it is silent, says why, and the time goes on.

mod backend;
mod course;
#[cfg(any(windows, target_os = "macos"))]
mod device;
mod feed;
#[cfg(target_os = "linux")]
mod pulse;
mod runner;
#[cfg(target_os = "linux")]
mod server;
mod silent;
mod steady;

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

pub use self::course::Course;
use self::feed::{Cue, Shared};
use self::runner::{Order, Report, Runner, SharedReport};
pub use self::steady::Heard;
use crate::media::Sound;
use crate::media::sound::RATE_HZ;
use crate::worker::Wake;

/// Which way to be heard is used.
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

/// A thread that did not answer for so long hangs with its server.
const ANSWERS_WITHIN: Duration = Duration::from_millis(2_500);

/// The window's side of the sound.
pub struct Output {
    choice: Choice,
    feed: Shared,
    report: SharedReport,
    /// The thread, once it is needed.
    orders: Option<Sender<Order>>,
    /// The last order to play, and when it was given.
    id: u64,
    ordered: Option<Instant>,
    /// How much of the run was over when the order was given, in microseconds.
    over_us: i64,
    no_thread: Option<String>,
}

impl Output {
    /// Not open yet.
    #[must_use]
    pub fn new(choice: Choice) -> Self {
        let feed = Shared::default();
        feed.lock().set_gain(1.0);
        Self {
            choice,
            feed,
            report: SharedReport::default(),
            orders: None,
            id: 0,
            ordered: None,
            over_us: 0,
            no_thread: None,
        }
    }

    /// Makes ready to play, so that it begins at once, and that it is known before whether there is a server.
    pub fn open(&mut self, wake: &Wake) {
        if self.orders.is_none() {
            self.send(wake, Order::Open);
        }
    }

    /// Plays a sound along a course in microseconds; what was played before is left.
    pub fn play(&mut self, wake: &Wake, sound: Arc<Sound>, course: Course) {
        self.join(wake, sound, course, 0);
    }

    /// Plays a sound along a course of which so much is over already.
    pub fn join(&mut self, wake: &Wake, sound: Arc<Sound>, course: Course, over_us: i64) {
        let course = Course { from: course.at(over_us).1, ..course };
        self.id += 1;
        self.over_us = over_us;
        self.ordered = Some(Instant::now());
        let cue = Cue { sound, course: course.scaled(frame_at_us) };
        self.send(wake, Order::Play(self.id, cue));
    }

    /// Goes on with another sound at the same place.
    pub fn swap(&mut self, wake: &Wake, sound: Arc<Sound>) {
        if self.ordered.is_some() {
            self.send(wake, Order::Swap(sound));
        }
    }

    /// Stops.
    pub fn stop(&mut self, wake: &Wake) {
        if self.ordered.take().is_some() {
            self.send(wake, Order::Stop);
        }
    }

    /// Whether something was ordered to be played, and not to be stopped.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.ordered.is_some()
    }

    /// How loud, 0 to 1.
    pub fn set_gain(&self, gain: f32) {
        self.feed.lock().set_gain(gain);
    }

    /// How much of what was ordered last has been heard, and when that was so; `None` before the first sound, and where it
    /// cannot be told.
    #[must_use]
    pub fn heard(&self) -> Option<Heard> {
        let report = self.report();
        let heard = report.heard.filter(|_| report.id == self.id)?;
        Some(Heard { run_us: self.over_us + heard.run_us, ..heard })
    }

    /// From the last order to play until something was heard.
    #[must_use]
    pub fn latency(&self) -> Option<Duration> {
        let report = self.report();
        let latency_us = report.latency_us.filter(|_| report.id == self.id)?;
        Some(Duration::from_micros(latency_us.max(0).unsigned_abs()))
    }

    /// Why nothing is heard.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let report = self.report();
        if let Some(why) = report.trouble.or_else(|| self.no_thread.clone()) {
            return Some(why);
        }
        let waits = self.ordered.is_some_and(|ordered| ordered.elapsed() >= ANSWERS_WITHIN) && report.id != self.id;
        waits.then(|| "the sound server does not answer".into())
    }

    fn report(&self) -> Report {
        self.report.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn send(&mut self, wake: &Wake, order: Order) {
        let choice = self.choice.clone();
        let orders = self.orders.get_or_insert_with(|| {
            let (orders, todo) = channel();
            let runner = Runner {
                choice,
                feed: self.feed.clone(),
                orders: todo,
                report: Arc::clone(&self.report),
                wake: Arc::clone(wake),
            };
            let started = std::thread::Builder::new().name("sound".to_owned()).spawn(move || runner.run());
            if let Err(err) = started {
                self.no_thread = Some(format!("no thread could be started: {err}"));
            }
            orders
        });
        // A thread that could not be started has said so.
        let _ = orders.send(order);
    }
}

/// The frame at a time in microseconds.
fn frame_at_us(at_us: i64) -> i64 {
    at_us.saturating_mul(i64::from(RATE_HZ)).div_euclid(1_000_000)
}
