//! Decoding on a thread of its own: orders in, pictures out, never more than a handful ahead. A newer order overtakes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, TrySendError, channel, sync_channel,
};
use std::time::Duration;

use egui::{ColorImage, Context};

use crate::media::{ClipReader, Frame, MediaError};

/// How many pictures wait at most: enough to even out a slow frame, and few enough in memory.
pub const AHEAD: usize = 4;
/// How often a worker with a full queue looks for a newer order.
const PATIENCE: Duration = Duration::from_millis(4);
/// Up to here it is quicker to decode on than to seek, in microseconds.
const DECODE_ON_US: i64 = 1_000_000;

/// What is asked for. The ticket comes back with each picture.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// The picture at a moment.
    Show {
        /// In microseconds.
        at_us: i64,
        /// Comes back.
        ticket: u64,
    },
    /// The picture after another.
    Next {
        /// Of the picture before, in microseconds.
        after_us: i64,
        /// Comes back.
        ticket: u64,
    },
    /// Every picture from a moment on.
    Play {
        /// In microseconds.
        from_us: i64,
        /// Comes back.
        ticket: u64,
    },
}

/// A decoded picture.
pub struct Picture {
    /// Of the order.
    pub ticket: u64,
    /// When it is shown, in microseconds.
    pub pts_us: i64,
    /// Its pixels.
    pub image: Arc<ColorImage>,
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

/// The other side of the thread. Dropped, it ends it.
pub struct Worker {
    orders: Sender<Order>,
    answers: Receiver<Answer>,
}

impl Worker {
    /// Opens a clip on a new thread. Each answer wakes the window.
    pub fn spawn(ctx: Context, path: PathBuf) -> Self {
        let (orders, todo) = channel();
        let (give, answers) = sync_channel(AHEAD);
        let max_side_px = ctx.input(|input| input.max_texture_side);
        let failed = give.clone();
        let started = std::thread::Builder::new().name("player".to_owned()).spawn(move || {
            let mut bench = Bench { ctx, todo, give, max_side_px, at: None, coming: None };
            match ClipReader::open(&path) {
                Ok(reader) => bench.run(reader),
                Err(err) => bench.tell(Answer::Failed(err.to_string())),
            }
        });
        if let Err(err) = started {
            // The channel is new and empty: there is room.
            let _ = failed.try_send(Answer::Failed(format!("no thread could be started: {err}")));
        }
        Self { orders, answers }
    }

    /// Asks for something. A worker that has ended has told why.
    pub fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// The next answer, if there is one.
    pub fn answer(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }
}

/// The window is gone, or nobody wants more.
struct Gone;

struct Bench {
    ctx: Context,
    todo: Receiver<Order>,
    give: SyncSender<Answer>,
    max_side_px: usize,
    /// The picture that was decoded last.
    at: Option<Frame>,
    /// The one after it.
    coming: Option<Frame>,
}

impl Bench {
    fn run(&mut self, mut reader: ClipReader) {
        let info = reader.info();
        let frame_us = if info.pace.fps > 0.0 { (1e6 / info.pace.fps) as i64 } else { 40_000 };
        self.tell(Answer::Opened { duration_us: info.duration_us, frame_us });
        let mut next = self.todo.recv().ok();
        while let Some(order) = next.take() {
            // Of several orders only the last is still wanted.
            let order = self.todo.try_iter().last().unwrap_or(order);
            match self.carry_out(&mut reader, order) {
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
    fn carry_out(&mut self, reader: &mut ClipReader, order: Order) -> Result<Result<Option<Order>, MediaError>, Gone> {
        match order {
            Order::Show { at_us, ticket } => match self.go_to(reader, at_us, Some(ticket)) {
                Ok(Some(overtaken_by)) => Ok(Ok(Some(overtaken_by))),
                Ok(None) => self.give_current(ticket).map(Ok),
                Err(err) => Ok(Err(err)),
            },
            Order::Next { after_us, ticket } => {
                match self.go_to(reader, after_us, None).and_then(|_| self.advance(reader)) {
                    Ok(_) => self.give_current(ticket).map(Ok),
                    Err(err) => Ok(Err(err)),
                }
            }
            Order::Play { from_us, ticket } => {
                match self.go_to(reader, from_us, None) {
                    Ok(Some(overtaken_by)) => return Ok(Ok(Some(overtaken_by))),
                    Ok(None) => {}
                    Err(err) => return Ok(Err(err)),
                }
                loop {
                    if let Some(overtaken_by) = self.give_current(ticket)? {
                        return Ok(Ok(Some(overtaken_by)));
                    }
                    match self.advance(reader) {
                        Ok(true) => {}
                        Ok(false) => return Ok(Ok(None)),
                        Err(err) => return Ok(Err(err)),
                    }
                }
            }
        }
    }

    /// Goes to the picture that is shown at a moment. On a long way the first one found is given already, for `rough`.
    fn go_to(&mut self, reader: &mut ClipReader, at_us: i64, rough: Option<u64>) -> Result<Option<Order>, MediaError> {
        let near = self.at.as_ref().is_some_and(|frame| (0..DECODE_ON_US).contains(&(at_us - frame.pts_us)));
        if !near {
            reader.seek_sync(at_us.div_euclid(1000))?;
            self.at = reader.next_frame()?;
            self.coming = reader.next_frame()?;
            if let (Some(ticket), Some(frame)) = (rough, &self.at)
                && at_us - frame.pts_us > DECODE_ON_US / 4
                && let Some(picture) = self.picture(frame, ticket)
            {
                let _ = self.give.try_send(Answer::Picture(picture));
                self.ctx.request_repaint();
            }
        }
        while self.coming.as_ref().is_some_and(|frame| frame.pts_us <= at_us) {
            self.advance(reader)?;
            if let Ok(order) = self.todo.try_recv() {
                return Ok(Some(order));
            }
        }
        Ok(None)
    }

    /// One picture on; answers whether there was one.
    fn advance(&mut self, reader: &mut ClipReader) -> Result<bool, MediaError> {
        let Some(next) = self.coming.take() else { return Ok(false) };
        self.at = Some(next);
        self.coming = reader.next_frame()?;
        Ok(true)
    }

    /// Gives the picture at hand once there is room; answers the order that came in between.
    fn give_current(&mut self, ticket: u64) -> Result<Option<Order>, Gone> {
        let Some(picture) = self.at.as_ref().and_then(|frame| self.picture(frame, ticket)) else { return Ok(None) };
        let mut answer = Answer::Picture(picture);
        loop {
            match self.todo.try_recv() {
                Ok(order) => return Ok(Some(order)),
                Err(TryRecvError::Disconnected) => return Err(Gone),
                Err(TryRecvError::Empty) => {}
            }
            match self.give.try_send(answer) {
                Ok(()) => {
                    self.ctx.request_repaint();
                    return Ok(None);
                }
                Err(TrySendError::Disconnected(_)) => return Err(Gone),
                Err(TrySendError::Full(back)) => {
                    answer = back;
                    match self.todo.recv_timeout(PATIENCE) {
                        Ok(order) => return Ok(Some(order)),
                        Err(RecvTimeoutError::Disconnected) => return Err(Gone),
                        Err(RecvTimeoutError::Timeout) => {}
                    }
                }
            }
        }
    }

    fn tell(&self, answer: Answer) {
        if self.give.send(answer).is_ok() {
            self.ctx.request_repaint();
        }
    }

    /// A frame as pixels, no larger than a texture may be.
    fn picture(&self, frame: &Frame, ticket: u64) -> Option<Picture> {
        let rgba = frame.to_rgba().ok()?;
        let image = crate::app::textures::color_image(frame.width_px(), frame.height_px(), rgba, self.max_side_px)?;
        Some(Picture { ticket, pts_us: frame.pts_us, image: Arc::new(image) })
    }
}
