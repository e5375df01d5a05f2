//! The output thread: takes orders, keeps a sound output open, and reports the position of what is heard.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::backend::{Backend, OpenBackend, SoundError};
use super::feed::{Cue, SharedFeed};
use super::position::{OutputPosition, PositionFilter, StreamHealth};
use super::silent::Silent;
use super::{Choice, PlaybackRange, frame_at_us};
use crate::media::Sound;
use crate::worker::Wake;

/// What the thread is ordered to do.
pub enum Order {
    /// Prepare to play.
    Open,
    /// Play this, under this generation.
    Play(u64, Cue),
    /// Go on with another sound at the same position.
    Swap(Arc<Sound>),
    /// Stop.
    Stop,
}

/// What the thread reports.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Which order to play it is about.
    pub generation: u64,
    /// What was heard of it; `None` before the first sound, and where the clock of the output is not to be believed.
    pub position: Option<OutputPosition>,
    /// Why there is no sound.
    pub failure: Option<String>,
    /// From the order to play until something was heard, in microseconds.
    pub latency_us: Option<i64>,
}

/// A report that two threads share.
pub type SharedReport = Arc<Mutex<Report>>;

/// Writes reports.
#[derive(Clone)]
pub struct Reporter {
    report: SharedReport,
    wake: Wake,
}

impl Reporter {
    /// Changes the report; wakes the window where there is something to read in it.
    fn update(&self, change: impl FnOnce(&mut Report)) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let before = report.failure.clone();
        change(&mut report);
        let changed = report.failure != before;
        drop(report);
        if changed {
            (self.wake)();
        }
    }

    /// Reports why there is no sound.
    pub fn fail(&self, why: String) {
        tracing::debug!(why, "no sound");
        self.update(|report| report.failure = Some(why));
    }
}

/// How often the position is measured until something is heard, and then.
const MEASURE_EARLY: Duration = Duration::from_millis(15);
const MEASURE: Duration = Duration::from_millis(100);
/// How often a server is searched while playing without one.
const SEARCH_SERVER: Duration = Duration::from_secs(2);

/// What the thread works with.
pub struct OutputThread {
    /// Which output is wanted.
    pub choice: Choice,
    /// Opens it.
    pub open_backend: OpenBackend,
    /// Where the samples come from.
    pub feed: SharedFeed,
    /// Its orders.
    pub orders: Receiver<Order>,
    /// What it reports.
    pub report: SharedReport,
    /// Called where there is something to read in the report.
    pub wake: Wake,
}

/// The output that is open, or the silent one in its place.
struct OpenOutput {
    backend: Box<dyn Backend>,
    /// It is the one that was chosen.
    is_chosen: bool,
}

impl OpenOutput {
    fn silent() -> Self {
        Self { backend: Box::new(Silent::default()), is_chosen: false }
    }

    fn play(&mut self, cue: Cue) -> Result<(), SoundError> {
        self.backend.cue(cue)?;
        self.backend.start()
    }
}

/// What is being played.
struct Run {
    generation: u64,
    cue: Cue,
    /// How much of it was over when the current output started, in microseconds.
    over_us: i64,
    ordered: Instant,
    started: Instant,
    filter: PositionFilter,
    searched_server: Instant,
}

impl Run {
    fn new(generation: u64, cue: Cue) -> Self {
        let now = Instant::now();
        Self {
            generation,
            cue,
            over_us: 0,
            ordered: now,
            started: now,
            filter: PositionFilter::default(),
            searched_server: now,
        }
    }

    /// How much of it is over.
    fn elapsed_us(&self) -> i64 {
        let now = Instant::now();
        let by_wall = || now.saturating_duration_since(self.started).as_micros() as i64;
        self.over_us + self.filter.played_us(now).unwrap_or_else(by_wall)
    }

    /// Continues on another output, where it is now.
    fn resume(&mut self) -> Cue {
        self.over_us = self.elapsed_us();
        self.started = Instant::now();
        self.filter = PositionFilter::default();
        let from = self.cue.range.at(frame_at_us(self.over_us)).at;
        Cue { sound: Arc::clone(&self.cue.sound), range: PlaybackRange { from, ..self.cue.range } }
    }
}

impl OutputThread {
    /// What writes its reports.
    pub fn reporter(&self) -> Reporter {
        Reporter { report: Arc::clone(&self.report), wake: Arc::clone(&self.wake) }
    }

    /// Works until nobody gives orders any more.
    pub fn run(self) {
        let mut output: Option<OpenOutput> = None;
        let mut run: Option<Run> = None;
        // Taken out of the channel, and not yet carried out.
        let mut next: Option<Order> = None;
        loop {
            let order = match (next.take(), &run) {
                (Some(order), _) => Ok(order),
                (None, None) => self.orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
                (None, Some(run)) => {
                    let early = run.filter.played_us(Instant::now()).is_none();
                    self.orders.recv_timeout(if early { MEASURE_EARLY } else { MEASURE })
                }
            };
            match order {
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    if let (Some(output), Some(run)) = (&mut output, &mut run) {
                        self.measure(output, run);
                    }
                }
                Ok(Order::Open) => {
                    if output.as_ref().is_none_or(|output| !output.is_chosen) {
                        output = Some(self.open());
                    }
                }
                // Several at once, as while the playhead is dragged: only the last is still wanted.
                Ok(Order::Play(generation, cue)) => {
                    let (generation, cue) = self.newest(generation, cue, &mut next);
                    let opened = output.take().filter(|output| output.is_chosen).unwrap_or_else(|| self.open());
                    let (opened, started) = self.play(opened, Run::new(generation, cue));
                    (output, run) = (Some(opened), Some(started));
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
                    if let Some(Err(err)) = output.as_mut().map(|output| output.backend.stop()) {
                        output = None;
                        self.reporter().fail(err.0);
                    }
                    // Nothing holds a sound that is not played.
                    let before = self.feed.lock().clear();
                    drop(before);
                }
            }
        }
    }

    /// The last of the orders to play that are there; the order behind them is the next one.
    fn newest(&self, mut generation: u64, mut cue: Cue, next: &mut Option<Order>) -> (u64, Cue) {
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::Play(newer, its_cue) => (generation, cue) = (newer, its_cue),
                other => {
                    *next = Some(other);
                    break;
                }
            }
        }
        (generation, cue)
    }

    /// Opens the output that was chosen; where it cannot be had, reports why, and opens the silent one.
    fn open(&self) -> OpenOutput {
        match (self.open_backend)(&self.choice, &self.feed) {
            Ok(backend) => {
                self.reporter().update(|report| report.failure = None);
                OpenOutput { backend, is_chosen: true }
            }
            Err(err) => {
                self.reporter().fail(err.0);
                OpenOutput::silent()
            }
        }
    }

    fn play(&self, mut output: OpenOutput, mut run: Run) -> (OpenOutput, Run) {
        self.reporter().update(|report| {
            (report.generation, report.position, report.latency_us) = (run.generation, None, None);
        });
        if output.play(run.cue.clone()).is_err() {
            // A server that was restarted since: one more try.
            output = self.open();
            if let Err(err) = output.play(run.cue.clone()) {
                output = self.lose(&mut run, err);
            }
        }
        (output, run)
    }

    /// The output broke: it goes on silently where it was.
    fn lose(&self, run: &mut Run, err: SoundError) -> OpenOutput {
        self.reporter().fail(err.0);
        let mut output = OpenOutput::silent();
        // Silence cannot fail.
        let _ = output.play(run.resume());
        run.searched_server = Instant::now();
        output
    }

    /// Measures what is heard; where there is no server, searches for one now and then.
    fn measure(&self, output: &mut OpenOutput, run: &mut Run) {
        if !output.is_chosen && run.searched_server.elapsed() >= SEARCH_SERVER {
            run.searched_server = Instant::now();
            let mut opened = self.open();
            if opened.is_chosen {
                match opened.play(run.resume()) {
                    Ok(()) => *output = opened,
                    Err(err) => *output = self.lose(run, err),
                }
                return;
            }
        }
        match output.backend.position() {
            Err(err) => *output = self.lose(run, err),
            Ok(position) => match run.filter.add(position) {
                StreamHealth::NotStarted => {}
                StreamHealth::Steady => {
                    let played_us = run.over_us + run.filter.played_us(position.at).unwrap_or(position.played_us);
                    let passed_us = position.at.saturating_duration_since(run.ordered).as_micros() as i64;
                    self.reporter().update(|report| {
                        report.position = Some(OutputPosition { at: position.at, played_us });
                        report.latency_us.get_or_insert(passed_us - played_us);
                    });
                }
                StreamHealth::WrongRate => self.reporter().update(|report| report.position = None),
                StreamHealth::Stalled => {
                    *output = self.lose(run, SoundError("The sound server stopped playing".into()));
                }
            },
        }
    }
}
