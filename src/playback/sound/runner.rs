//! The thread of the sound: takes orders, keeps a way to be heard open, and tells what is heard when.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::backend::{Backend, Trouble, open};
use super::feed::{Cue, Shared};
use super::silent::Silent;
use super::steady::{Heard, Steady, Trust};
use super::{Choice, Course, frame_at_us};
use crate::media::Sound;
use crate::worker::Wake;

/// What the thread is told.
pub enum Order {
    /// Be ready to play.
    Open,
    /// Play this, under this id.
    Play(u64, Cue),
    /// Go on with another sound at the same place.
    Swap(Arc<Sound>),
    /// Stop.
    Stop,
}

/// What the thread tells.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Which order to play it is about.
    pub id: u64,
    /// What was heard, and when that was; `None` before the first sound, and where the clock of the sound is not to be believed.
    pub heard: Option<Heard>,
    /// Why there is no sound.
    pub trouble: Option<String>,
    /// From the order to play until something was heard, in microseconds.
    pub latency_us: Option<i64>,
}

/// A report that two threads share.
pub type SharedReport = Arc<Mutex<Report>>;

/// How often is looked until something is heard, and then.
const LOOK_EARLY: Duration = Duration::from_millis(15);
const LOOK: Duration = Duration::from_millis(100);
/// How often a server is looked for while playing without one.
const LOOK_FOR_SERVER: Duration = Duration::from_secs(2);

/// What the thread works with.
pub struct Runner {
    /// Which way to be heard is wanted.
    pub choice: Choice,
    /// Where the samples come from.
    pub feed: Shared,
    /// What it is told.
    pub orders: Receiver<Order>,
    /// What it tells.
    pub report: SharedReport,
    /// Woken where there is something to say.
    pub wake: Wake,
}

/// A way to be heard, or the silent one in its place.
struct Way {
    backend: Box<dyn Backend>,
    /// It is the one that was wanted.
    is_wanted: bool,
}

impl Way {
    fn silent() -> Self {
        Self { backend: Box::new(Silent::default()), is_wanted: false }
    }

    fn play(&mut self, cue: Cue) -> Result<(), Trouble> {
        self.backend.cue(cue)?;
        self.backend.start()
    }
}

/// What is being played.
struct Run {
    id: u64,
    cue: Cue,
    /// How much of it was over when the way at hand began, in microseconds.
    over_us: i64,
    ordered: Instant,
    began: Instant,
    steady: Steady,
    looked_for_server: Instant,
}

impl Run {
    fn new(id: u64, cue: Cue) -> Self {
        let now = Instant::now();
        Self { id, cue, over_us: 0, ordered: now, began: now, steady: Steady::default(), looked_for_server: now }
    }

    /// How much of it is over.
    fn now_us(&self) -> i64 {
        let now = Instant::now();
        let by_wall = || now.saturating_duration_since(self.began).as_micros() as i64;
        self.over_us + self.steady.run_us(now).unwrap_or_else(by_wall)
    }

    /// Begins on another way, where it is now.
    fn go_on(&mut self) -> Cue {
        self.over_us = self.now_us();
        self.began = Instant::now();
        self.steady = Steady::default();
        let (_, from) = self.cue.course.at(frame_at_us(self.over_us));
        Cue { sound: Arc::clone(&self.cue.sound), course: Course { from, ..self.cue.course } }
    }
}

impl Runner {
    /// Works until nobody gives orders any more.
    pub fn run(self) {
        let mut way: Option<Way> = None;
        let mut run: Option<Run> = None;
        // Taken out of the channel, and not yet carried out.
        let mut waiting: Option<Order> = None;
        loop {
            let order = match (waiting.take(), &run) {
                (Some(order), _) => Ok(order),
                (None, None) => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                (None, Some(run)) => {
                    let early = run.steady.run_us(Instant::now()).is_none();
                    self.orders.recv_timeout(if early { LOOK_EARLY } else { LOOK })
                }
            };
            match order {
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    if let (Some(way), Some(run)) = (&mut way, &mut run) {
                        self.look(way, run);
                    }
                }
                Ok(Order::Open) => {
                    if way.as_ref().is_none_or(|way| !way.is_wanted) {
                        way = Some(self.open());
                    }
                }
                // Several at once, as while the playhead is pulled along: only the last is still wanted.
                Ok(Order::Play(id, cue)) => {
                    let (id, cue) = self.newest(id, cue, &mut waiting);
                    let opened = way.take().filter(|way| way.is_wanted).unwrap_or_else(|| self.open());
                    let (opened, started) = self.play(opened, Run::new(id, cue));
                    (way, run) = (Some(opened), Some(started));
                }
                Ok(Order::Swap(sound)) => {
                    if let Some(run) = &mut run {
                        run.cue.sound = Arc::clone(&sound);
                    }
                    let before = self.feed.lock().swap(sound);
                    drop(before);
                }
                Ok(Order::Stop) => {
                    run = None;
                    if let Some(Err(trouble)) = way.as_mut().map(|way| way.backend.stop()) {
                        way = None;
                        self.tell_trouble(&trouble);
                    }
                }
            }
        }
    }

    /// The last of the orders to play that are there; the order behind them waits.
    fn newest(&self, mut id: u64, mut cue: Cue, waiting: &mut Option<Order>) -> (u64, Cue) {
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::Play(newer, its_cue) => (id, cue) = (newer, its_cue),
                other => {
                    *waiting = Some(other);
                    break;
                }
            }
        }
        (id, cue)
    }

    /// Opens the way that is wanted; where there is none, says so, and takes the silent one.
    fn open(&self) -> Way {
        match open(&self.choice, &self.feed) {
            Ok(backend) => {
                self.tell(|report| report.trouble = None);
                Way { backend, is_wanted: true }
            }
            Err(trouble) => {
                self.tell_trouble(&trouble);
                Way::silent()
            }
        }
    }

    fn play(&self, mut way: Way, mut run: Run) -> (Way, Run) {
        self.tell(|report| {
            (report.id, report.heard, report.latency_us) = (run.id, None, None);
        });
        if way.play(run.cue.clone()).is_err() {
            // A server that was started anew since: one more try.
            way = self.open();
            if let Err(trouble) = way.play(run.cue.clone()) {
                way = self.lose(&mut run, &trouble);
            }
        }
        (way, run)
    }

    /// The way broke: it goes on silently where it was.
    fn lose(&self, run: &mut Run, trouble: &Trouble) -> Way {
        self.tell_trouble(trouble);
        let mut way = Way::silent();
        // Silence cannot fail.
        let _ = way.play(run.go_on());
        run.looked_for_server = Instant::now();
        way
    }

    /// Looks what is heard; where there is no server, now and then whether there is one.
    fn look(&self, way: &mut Way, run: &mut Run) {
        if !way.is_wanted && run.looked_for_server.elapsed() >= LOOK_FOR_SERVER {
            run.looked_for_server = Instant::now();
            let mut opened = self.open();
            if opened.is_wanted {
                match opened.play(run.go_on()) {
                    Ok(()) => *way = opened,
                    Err(trouble) => *way = self.lose(run, &trouble),
                }
                return;
            }
        }
        match way.backend.heard() {
            Err(trouble) => *way = self.lose(run, &trouble),
            Ok(heard) => match run.steady.take(heard) {
                Trust::NotYet => {}
                Trust::Steady => {
                    let run_us = run.over_us + run.steady.run_us(heard.at).unwrap_or(heard.run_us);
                    let passed_us = heard.at.saturating_duration_since(run.ordered).as_micros() as i64;
                    self.tell(|report| {
                        report.heard = Some(Heard { at: heard.at, run_us });
                        report.latency_us.get_or_insert(passed_us - run_us);
                    });
                }
                Trust::OffBeat => self.tell(|report| report.heard = None),
                Trust::Stalled => *way = self.lose(run, &Trouble("the sound server stopped playing".into())),
            },
        }
    }

    fn tell_trouble(&self, trouble: &Trouble) {
        tracing::debug!(%trouble, "no sound");
        self.tell(|report| report.trouble = Some(trouble.0.clone()));
    }

    /// Tells something; wakes the window where that is to be read.
    fn tell(&self, tell: impl FnOnce(&mut Report)) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let before = report.trouble.clone();
        tell(&mut report);
        let changed = report.trouble != before;
        drop(report);
        if changed {
            (self.wake)();
        }
    }
}
