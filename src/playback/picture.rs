//! Decoding on a thread of its own: orders in, pictures out, never more than a handful ahead. A newer order overtakes.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, TrySendError, channel, sync_channel,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::frame_buffer::FrameBuffer;
use super::image::PixelImage;
use super::sound::Course;
use crate::media::scale::scaled_down;
use crate::media::{ClipReader, Frame, MediaError};
use crate::worker::Wake;

/// Draws into a clip's pictures before they are shown: that is what a draft is. Called on the player's worker, for each picture
/// that is asked for.
pub trait Paint: Send + Sync {
    /// Draws into one picture; `pts_us` says which.
    fn paint(&self, frame: &mut Frame);
}

/// How many pictures wait for the window at most: with those it holds itself enough to even out a slow frame, and few in memory.
const AHEAD: usize = 2;
/// How often a worker with a full queue looks for a newer order.
const PATIENCE: Duration = Duration::from_millis(8);
/// A picture so far before the one that is sought is shown meanwhile, in microseconds.
const ROUGH_US: i64 = 250_000;

/// What is asked for.
#[derive(Clone)]
pub struct Order {
    /// Comes back with each picture.
    pub ticket: u64,
    /// Which pictures.
    pub what: What,
    /// Draws into them first.
    pub paint: Option<Arc<dyn Paint>>,
}

/// Which pictures are asked for; moments are in microseconds.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// The one at a moment.
    Show(i64),
    /// The one after the one at a moment.
    Next(i64),
    /// Every one along a course: from a moment on, and where there is a lap, back to its start each time its end is reached. So
    /// many laps are over already.
    Play(Course, i64),
    /// None: what was asked for before is no longer wanted.
    Rest,
}

/// A decoded picture.
pub struct Picture {
    /// Of the order.
    pub ticket: u64,
    /// When it is shown: after so many laps, at this moment in microseconds.
    pub due: (i64, i64),
    /// Whether it only stands in for one that is on its way.
    pub is_rough: bool,
    /// Its pixels.
    pub image: PixelImage,
}

/// What comes back.
pub enum Answer {
    /// The clip is open.
    Opened {
        /// Its length in microseconds.
        duration_us: i64,
        /// The usual length of a frame in microseconds.
        frame_us: i64,
    },
    /// A picture.
    Picture(Picture),
    /// It cannot be shown, and why.
    Failed(String),
}

/// How late pictures may all be left out: one so often is shown even so.
const SHOWN_EVEN_LATE: Duration = Duration::from_millis(160);

/// The other side of the thread. Dropped, it ends it.
pub struct Worker {
    orders: Sender<Order>,
    answers: Receiver<Answer>,
    hungry: Arc<AtomicBool>,
    now: Arc<Mutex<(i64, i64)>>,
}

impl Worker {
    /// Opens a clip on a new thread. No picture has a side longer than `max_side_px` pixels.
    #[must_use]
    pub fn spawn(wake: Wake, max_side_px: u32, path: PathBuf) -> Self {
        let (orders, todo) = channel();
        let (give, answers) = sync_channel(AHEAD);
        let hungry = Arc::new(AtomicBool::new(false));
        let failed = give.clone();
        let waits = Arc::clone(&hungry);
        let now = Arc::new(Mutex::new((0, i64::MIN)));
        let clock = Arc::clone(&now);
        let started = std::thread::Builder::new().name("player".to_owned()).spawn(move || {
            let bench = Bench { wake, todo, give, hungry: waits, now: clock, max_side_px };
            match ClipReader::open(&path) {
                Ok(reader) => bench.run(FrameBuffer::new(reader)),
                Err(err) => bench.tell(Answer::Failed(err.to_string())),
            }
        });
        if let Err(err) = started {
            // The channel is new and empty: there is room.
            let _ = failed.try_send(Answer::Failed(format!("no thread could be started: {err}")));
        }
        Self { orders, answers, hungry, now }
    }

    /// Asks for something. A worker that has ended has told why.
    pub fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// The next answer, if there is one.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }

    /// Tells what the time is, as laps and moment: pictures that are over by then need not be drawn.
    pub fn tell_time(&self, now: (i64, i64)) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// The window waits for the next picture: it must be woken by it. Else it comes by itself when a picture is due, and a
    /// second waking for each would be for nothing.
    pub fn wake_with_next(&self) {
        self.hungry.store(true, Ordering::Release);
    }
}

/// The window is gone, or nobody wants more.
struct Gone;

/// What came of an order: a newer one that overtook it, or none.
type Carried = Result<Option<Order>, MediaError>;

struct Bench {
    wake: Wake,
    todo: Receiver<Order>,
    give: SyncSender<Answer>,
    hungry: Arc<AtomicBool>,
    now: Arc<Mutex<(i64, i64)>>,
    max_side_px: u32,
}

impl Bench {
    fn run(&self, mut film: FrameBuffer) {
        let info = film.info();
        let frame_us = if info.pace.fps > 0.0 { (1e6 / info.pace.fps) as i64 } else { 40_000 };
        self.tell(Answer::Opened { duration_us: info.duration_us, frame_us });
        let mut next = self.todo.recv().ok();
        while let Some(order) = next.take() {
            // Of several orders only the last is still wanted.
            let order = self.todo.try_iter().last().unwrap_or(order);
            match self.carry_out(&mut film, &order) {
                Ok(Ok(overtaken_by)) => next = overtaken_by.or_else(|| self.todo.recv().ok()),
                Ok(Err(err)) => {
                    self.tell(Answer::Failed(err.to_string()));
                    return;
                }
                Err(Gone) => return,
            }
        }
    }

    /// Does what is asked; answers the order that overtook it.
    fn carry_out(&self, film: &mut FrameBuffer, order: &Order) -> Result<Carried, Gone> {
        match order.what {
            What::Rest => Ok(Ok(None)),
            What::Show(at_us) => match self.go_to(film, at_us, order, true) {
                Ok(None) => self.give_current(film, order, 0).map(Ok),
                overtaken => Ok(overtaken),
            },
            What::Next(after_us) => match self.go_to(film, after_us, order, false) {
                Ok(None) => match film.advance() {
                    Ok(_) => self.give_current(film, order, 0).map(Ok),
                    Err(err) => Ok(Err(err)),
                },
                overtaken => Ok(overtaken),
            },
            What::Play(course, laps) => self.play(film, order, course, laps),
        }
    }

    fn play(&self, film: &mut FrameBuffer, order: &Order, course: Course, over: i64) -> Result<Carried, Gone> {
        let lap = course.lap.filter(|&(start, end)| start < end && course.from < end);
        let mut from_us = course.from;
        let mut given = Instant::now();
        for laps in over.. {
            match self.go_to(film, from_us, order, false) {
                Ok(None) => {}
                overtaken => return Ok(overtaken),
            }
            loop {
                let next_us = match film.next_us() {
                    Ok(next_us) => next_us.filter(|next_us| lap.is_none_or(|(_, end_us)| *next_us < end_us)),
                    Err(err) => return Ok(Err(err)),
                };
                // A picture whose successor is due already would only make those behind it late.
                let is_over = next_us.is_some_and(|next_us| (laps, next_us) <= self.now());
                if is_over && given.elapsed() < SHOWN_EVEN_LATE {
                    if let Ok(newer) = self.todo.try_recv() {
                        return Ok(Ok(Some(newer)));
                    }
                } else {
                    if let Some(overtaken_by) = self.give_current(film, order, laps)? {
                        return Ok(Ok(Some(overtaken_by)));
                    }
                    given = Instant::now();
                }
                if next_us.is_none() {
                    break;
                }
                if let Err(err) = film.advance() {
                    return Ok(Err(err));
                }
            }
            match lap {
                Some((start_us, _)) => from_us = start_us,
                None => break,
            }
        }
        Ok(Ok(None))
    }

    fn now(&self) -> (i64, i64) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes to the picture that is shown at a moment. On a long way the first one found may be given meanwhile.
    fn go_to(&self, film: &mut FrameBuffer, at_us: i64, order: &Order, rough: bool) -> Carried {
        let sought = film.approach(at_us)?;
        if rough
            && sought
            && let Some(frame) = film.current()
            && at_us - frame.pts_us > ROUGH_US
            && let Some(picture) = self.picture(frame, order, 0)
            && self.give.try_send(Answer::Picture(Picture { is_rough: true, ..picture })).is_ok()
        {
            (self.wake)();
        }
        while film.next_us()?.is_some_and(|next_us| next_us <= at_us) {
            film.advance()?;
            if let Ok(newer) = self.todo.try_recv() {
                return Ok(Some(newer));
            }
        }
        Ok(None)
    }

    /// Gives the picture at hand once there is room; answers the order that came in between.
    fn give_current(&self, film: &FrameBuffer, order: &Order, laps: i64) -> Result<Option<Order>, Gone> {
        let Some(picture) = film.current().and_then(|frame| self.picture(frame, order, laps)) else { return Ok(None) };
        let mut answer = Answer::Picture(picture);
        loop {
            match self.todo.try_recv() {
                Ok(newer) => return Ok(Some(newer)),
                Err(TryRecvError::Disconnected) => return Err(Gone),
                Err(TryRecvError::Empty) => {}
            }
            match self.give.try_send(answer) {
                Ok(()) => {
                    if self.hungry.swap(false, Ordering::AcqRel) {
                        (self.wake)();
                    }
                    return Ok(None);
                }
                Err(TrySendError::Disconnected(_)) => return Err(Gone),
                Err(TrySendError::Full(back)) => {
                    answer = back;
                    match self.todo.recv_timeout(PATIENCE) {
                        Ok(newer) => return Ok(Some(newer)),
                        Err(RecvTimeoutError::Disconnected) => return Err(Gone),
                        Err(RecvTimeoutError::Timeout) => {}
                    }
                }
            }
        }
    }

    fn tell(&self, answer: Answer) {
        if self.give.send(answer).is_ok() {
            (self.wake)();
        }
    }

    /// A frame as pixels, drawn into where that is asked for, and no larger than a texture may be.
    fn picture(&self, frame: &Frame, order: &Order, laps: i64) -> Option<Picture> {
        let mut frame = frame.clone();
        if let Some(paint) = &order.paint {
            paint.paint(&mut frame);
        }
        let frame = scaled_down(&frame, self.max_side_px).ok()?;
        let rgba = frame.to_rgba().ok()?;
        let image = PixelImage { width_px: frame.width_px(), height_px: frame.height_px(), rgba };
        Some(Picture { ticket: order.ticket, due: (laps, frame.pts_us), is_rough: false, image })
    }
}
