//! A file that is shown: the receiving side of its picture worker.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::frame_times::FrameTimes;
use super::image::PixelImage;
use super::picture::{self, CloseAfter, Paint, Picture, PictureRequest, PictureWorker, Pictures, Shared};
use super::sound::Position;
use crate::worker::Wake;

/// How many decoded pictures wait on this side.
const AHEAD: usize = 2;

/// Which file: a draft is painted into the clip's own pictures, so it is shown from the clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The clip as it was given.
    Clip,
    /// The result of a task.
    Result,
    /// What the result is compared with in place of the clip: the result of another task, or the clip it was made from.
    Other,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Clip, Self::Result, Self::Other];
}

/// A file that is open, or cannot be opened.
pub struct OpenSource {
    path: PathBuf,
    /// `None`: the system gave no thread.
    worker: Option<PictureWorker>,
    shared: Arc<Shared>,
    failure: Option<String>,
    queue: VecDeque<Picture>,
    shown_us: Option<i64>,
    /// What is shown is what was requested last, not an earlier picture or a preview frame.
    is_current: bool,
}

impl OpenSource {
    /// Opens a file.
    pub fn open(path: &Path, max_side_px: u32, close_after: CloseAfter, wake: &Wake) -> Self {
        let (worker, shared, failure) = match picture::spawn(path, max_side_px, close_after, Arc::clone(wake)) {
            Ok((worker, shared)) => (Some(worker), shared, None),
            Err(err) => (None, Arc::default(), Some(format!("no thread could be started: {err}"))),
        };
        Self {
            path: path.to_owned(),
            worker,
            shared,
            failure,
            queue: VecDeque::new(),
            shown_us: None,
            is_current: false,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// When which picture is shown, once the file was opened.
    pub fn times(&self) -> Option<&FrameTimes> {
        self.shared.times()
    }

    /// Length in microseconds; 0 until it is known.
    pub fn duration_us(&self) -> i64 {
        self.times().map_or(0, FrameTimes::duration_us)
    }

    /// Why it cannot be shown.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Whether a decoder is held for it.
    #[cfg(test)]
    pub fn holds_decoder(&self) -> bool {
        self.shared.is_open()
    }

    /// Requests pictures; those requested before are no longer wanted.
    pub fn request(&mut self, what: Pictures, paint: Option<Arc<dyn Paint>>) {
        self.queue.clear();
        self.is_current = false;
        self.shared.await_next();
        // The time of the request before says nothing about this one.
        self.shared.set_now(None);
        if let Some(worker) = &mut self.worker {
            worker.withdraw();
            worker.order(PictureRequest { what, paint });
        }
    }

    /// Receives as much as is needed soon: the rest waits with the worker, and holds it back.
    pub fn receive(&mut self) {
        let Some(worker) = &mut self.worker else { return };
        while self.queue.len() < AHEAD {
            match worker.receive() {
                Ok(None) => break,
                Ok(Some(Ok(picture))) => {
                    // It failed before, and not with this request.
                    self.failure = None;
                    self.queue.push_back(picture);
                }
                Ok(Some(Err(why))) => self.failure = Some(why),
                Err(died) => self.failure = Some(died.to_string()),
            }
        }
    }

    /// Whether a picture of what was requested last has come.
    pub fn has_picture_waiting(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Takes the last picture that is due, and drops those before it; and says when the next one is due: where none waits, its coming
    /// wakes the window.
    pub fn take_due(&mut self, now: Position) -> (Option<PixelImage>, Option<Position>) {
        let mut due = None;
        self.shared.set_now(Some(now));
        loop {
            while self.queue.front().is_some_and(|next| next.due <= now) {
                due = self.queue.pop_front();
            }
            self.receive();
            if self.queue.is_empty() {
                self.shared.await_next();
                // It may have come in between.
                self.receive();
            }
            if self.queue.front().is_none_or(|next| next.due > now) {
                break;
            }
        }
        (due.map(|picture| self.show(picture)), self.queue.front().map(|next| next.due))
    }

    /// Takes the picture that came last.
    pub fn take_last(&mut self) -> Option<PixelImage> {
        let picture = self.queue.pop_back()?;
        self.queue.clear();
        self.shared.await_next();
        Some(self.show(picture))
    }

    fn show(&mut self, picture: Picture) -> PixelImage {
        self.shown_us = Some(picture.due.at);
        self.is_current = !picture.is_preview;
        picture.image
    }

    /// The moment of the picture that is shown, in microseconds.
    pub const fn shown_us(&self) -> Option<i64> {
        self.shown_us
    }

    /// Whether what is shown is what was requested last.
    pub const fn is_current(&self) -> bool {
        self.is_current
    }
}
