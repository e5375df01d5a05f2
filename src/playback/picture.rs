//! Decoding the pictures of one file on a worker: requests in, pictures out, never more than a handful ahead.
//!
//! A decoder that nobody uses for a while is closed; the next request opens it again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::frame_buffer::FrameBuffer;
use super::frame_times::FrameTimes;
use super::image::PixelImage;
use super::sound::{PlaybackRange, Position};
use super::stop::Stop;
use crate::media::scale::scaled_down;
use crate::media::{ClipReader, Frame, MediaError, Movie};
use crate::worker::{Desk, Wake, Worker};

/// Paints into a clip's pictures before they are shown: that is what a draft is. Called on the picture worker, for each picture that
/// is requested.
pub trait Paint: Send + Sync {
    /// Paints into one picture; `pts_us` says which.
    fn paint(&self, frame: &mut Frame);
}

/// How many pictures wait to be received at most: with those the receiver holds itself enough to even out a slow frame, and few in
/// memory.
const AHEAD: usize = 2;
/// A keyframe so far before the requested picture is shown as a preview frame, in microseconds.
const PREVIEW_US: i64 = 250_000;
/// Late pictures are skipped, but one so often is shown all the same.
const SHOWN_EVEN_LATE: Duration = Duration::from_millis(160);

/// When an unused decoder is closed.
#[derive(Clone, Copy, Debug)]
pub struct CloseAfter {
    /// Its pictures are on screen and do not change.
    pub still: Duration,
    /// Its pictures are not on screen.
    pub hidden: Duration,
}

impl Default for CloseAfter {
    fn default() -> Self {
        Self { still: Duration::from_secs(20), hidden: Duration::from_secs(1) }
    }
}

/// What is asked of the worker.
#[derive(Clone)]
pub struct PictureRequest {
    /// Which pictures.
    pub what: Pictures,
    /// Paints into them first.
    pub paint: Option<Arc<dyn Paint>>,
}

/// Which pictures; positions are in microseconds.
#[derive(Clone, Copy, Debug)]
pub enum Pictures {
    /// The one at a moment.
    At(i64),
    /// Every one along a range. So many loops are over already.
    Along(PlaybackRange, i64),
    /// None: the file is not on screen.
    None,
}

/// A decoded picture.
#[derive(Debug)]
pub struct Picture {
    /// When it is shown.
    pub due: Position,
    /// It is a preview frame: the requested one follows.
    pub is_preview: bool,
    /// Its pixels.
    pub image: PixelImage,
}

/// What the worker sends back: a picture, or why there is none.
pub type PictureAnswer = Result<Picture, String>;

/// A worker that decodes one file.
pub type PictureWorker = Worker<PictureRequest, PictureAnswer>;

/// What both sides of a picture worker see.
#[derive(Debug, Default)]
pub struct Shared {
    times: OnceLock<FrameTimes>,
    is_open: AtomicBool,
    is_awaited: AtomicBool,
    /// Pictures that are over by then need not be painted.
    now: Mutex<Option<Position>>,
}

impl Shared {
    /// When which picture is shown, once the file was opened.
    pub fn times(&self) -> Option<&FrameTimes> {
        self.times.get()
    }

    /// Whether a decoder is held.
    #[cfg(test)]
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// The receiver waits for the next picture and must be woken by it. Else it looks by itself when a picture is due, and waking it
    /// for each would be for nothing.
    pub fn await_next(&self) {
        self.is_awaited.store(true, Ordering::Release);
    }

    /// Sets the playhead; `None` where nothing plays yet.
    pub fn set_now(&self, now: Option<Position>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    fn is_over(&self, next: Position) -> bool {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|now| next <= now)
    }
}

/// Starts a worker for a file. No picture has a side longer than `max_side_px` pixels.
///
/// # Errors
/// The system gives no thread.
pub fn spawn(
    path: &Path,
    max_side_px: u32,
    close_after: CloseAfter,
    wake: Wake,
) -> io::Result<(PictureWorker, Arc<Shared>)> {
    let shared = Arc::new(Shared::default());
    let (path, of_worker) = (path.to_owned(), Arc::clone(&shared));
    let worker = Worker::spawn("pictures", AHEAD, wake, move || {
        of_worker.is_open.store(false, Ordering::Release);
        let mut decoder = Decoder {
            path: path.clone(),
            max_side_px,
            close_after,
            shared: Arc::clone(&of_worker),
            movie: None,
            frames: None,
        };
        move |request: PictureRequest, desk: &PictureDesk<'_>| decoder.carry_out(&request, desk)
    })?;
    Ok((worker, shared))
}

type PictureDesk<'a> = Desk<'a, PictureRequest, PictureAnswer>;

struct Decoder {
    path: PathBuf,
    max_side_px: u32,
    close_after: CloseAfter,
    shared: Arc<Shared>,
    /// The index of the file: kept while the decoder is closed.
    movie: Option<Arc<Movie>>,
    frames: Option<FrameBuffer>,
}

impl Decoder {
    fn carry_out(&mut self, request: &PictureRequest, desk: &PictureDesk<'_>) {
        match self.deliver(request, desk) {
            Ok(()) => {}
            Err(Stop::Superseded) => return,
            Err(Stop::Failed(err)) => {
                self.close();
                let _ = desk.send(Err(err.to_string()));
                return;
            }
        }
        let close_after = match request.what {
            Pictures::None => self.close_after.hidden,
            Pictures::At(_) | Pictures::Along(..) => self.close_after.still,
        };
        if self.frames.is_some() && !desk.wait_superseded(close_after) {
            self.close();
        }
    }

    fn close(&mut self) {
        self.frames = None;
        self.shared.is_open.store(false, Ordering::Release);
    }

    fn open(&mut self, desk: &PictureDesk<'_>) -> Result<(), MediaError> {
        if self.frames.is_some() {
            return Ok(());
        }
        let movie = match &self.movie {
            Some(movie) => Arc::clone(movie),
            None => Arc::clone(self.movie.insert(Arc::new(Movie::open(&self.path)?))),
        };
        let reader = ClipReader::of(movie)?;
        if self.shared.times.get().is_none() {
            let _ = self.shared.times.set(FrameTimes::of(&reader)?);
            desk.wake();
        }
        self.frames = Some(FrameBuffer::new(reader));
        self.shared.is_open.store(true, Ordering::Release);
        Ok(())
    }

    fn deliver(&mut self, request: &PictureRequest, desk: &PictureDesk<'_>) -> Result<(), Stop> {
        if matches!(request.what, Pictures::None) {
            return Ok(());
        }
        self.open(desk)?;
        let Some(frames) = &mut self.frames else { return Ok(()) };
        let delivery = Delivery { request, desk, shared: &self.shared, max_side_px: self.max_side_px };
        match request.what {
            Pictures::At(at_us) => {
                delivery.go_to(frames, at_us, true)?;
                delivery.send_current(frames, 0)
            }
            Pictures::Along(range, loops) => delivery.send_along(frames, range, loops),
            Pictures::None => Ok(()),
        }
    }
}

struct Delivery<'a> {
    request: &'a PictureRequest,
    desk: &'a PictureDesk<'a>,
    shared: &'a Shared,
    max_side_px: u32,
}

impl Delivery<'_> {
    fn send_along(&self, frames: &mut FrameBuffer, range: PlaybackRange, over: i64) -> Result<(), Stop> {
        let repeat = range.effective_loop();
        let mut from_us = range.from;
        let mut sent = Instant::now();
        for loops in over.. {
            self.go_to(frames, from_us, false)?;
            loop {
                let next_us = frames.next_us()?.filter(|next_us| repeat.is_none_or(|(_, end_us)| *next_us < end_us));
                // A picture whose successor is due already would only make those behind it late.
                let is_over = next_us.is_some_and(|at| self.shared.is_over(Position { loops, at }));
                if is_over && sent.elapsed() < SHOWN_EVEN_LATE {
                    self.desk.check()?;
                } else {
                    self.send_current(frames, loops)?;
                    sent = Instant::now();
                }
                if next_us.is_none() {
                    break;
                }
                frames.advance()?;
            }
            match repeat {
                Some((start_us, _)) => from_us = start_us,
                None => break,
            }
        }
        Ok(())
    }

    /// Goes to the picture that is shown at a moment. Where that takes long, the keyframe before it may be sent meanwhile.
    fn go_to(&self, frames: &mut FrameBuffer, at_us: i64, may_preview: bool) -> Result<(), Stop> {
        let sought = frames.approach(at_us)?;
        if may_preview
            && sought
            && let Some(frame) = frames.current()
            && at_us - frame.pts_us > PREVIEW_US
        {
            let picture = Picture { is_preview: true, ..self.picture(frame, 0)? };
            self.desk.offer(Ok(picture))?;
        }
        while frames.step_towards(at_us)? {
            self.desk.check()?;
        }
        while frames.next_us()?.is_some_and(|next_us| next_us <= at_us) {
            frames.advance()?;
            self.desk.check()?;
        }
        Ok(())
    }

    /// Sends the current picture once there is room.
    fn send_current(&self, frames: &FrameBuffer, loops: i64) -> Result<(), Stop> {
        let Some(frame) = frames.current() else { return Ok(()) };
        self.desk.check()?;
        self.desk.send_quietly(Ok(self.picture(frame, loops)?))?;
        if self.shared.is_awaited.swap(false, Ordering::AcqRel) {
            self.desk.wake();
        }
        Ok(())
    }

    /// A frame as pixels, painted into where that is asked for, and no larger than may be.
    fn picture(&self, frame: &Frame, loops: i64) -> Result<Picture, MediaError> {
        let mut frame = frame.clone();
        if let Some(paint) = &self.request.paint {
            paint.paint(&mut frame);
        }
        let frame = scaled_down(&frame, self.max_side_px)?;
        let image = PixelImage::of(&frame)?;
        Ok(Picture { due: Position { loops, at: frame.pts_us }, is_preview: false, image })
    }
}
