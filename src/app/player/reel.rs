//! A source that is open: its worker, what came of it and waits, and the picture of it that is on the graphics card.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Context, TextureHandle, TextureId, TextureOptions, Vec2, vec2};

use crate::app::state::textures::opaque;
use crate::app::wake::wake;
use crate::playback::picture::{Answer, Order, Paint, Picture, What, Worker};

/// How many decoded pictures wait on this side.
const AHEAD: usize = 2;

/// A source that is open, or cannot be opened.
pub struct Reel {
    path: PathBuf,
    worker: Worker,
    /// Length in microseconds; 0 until it is known.
    pub duration_us: i64,
    /// Length of a frame in microseconds.
    pub frame_us: i64,
    /// Why it cannot be shown.
    pub failure: Option<String>,
    /// The order whose pictures are wanted; others are stale.
    ticket: u64,
    queue: VecDeque<Picture>,
    texture: Option<TextureHandle>,
    /// Which moment the texture shows.
    shown_us: Option<i64>,
    /// The texture shows what was ordered last, or an earlier picture of it; not what only stands in for it.
    fresh: bool,
}

impl Reel {
    /// Opens a file.
    pub fn open(ctx: &Context, path: &Path) -> Self {
        let max_side_px = ctx.input(|input| u32::try_from(input.max_texture_side)).unwrap_or(u32::MAX);
        Self {
            path: path.to_owned(),
            worker: Worker::spawn(wake(ctx), max_side_px, path.to_owned()),
            duration_us: 0,
            frame_us: 40_000,
            failure: None,
            ticket: 0,
            queue: VecDeque::new(),
            texture: None,
            shown_us: None,
            fresh: false,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks for pictures; those that were asked for before are no longer wanted.
    pub fn order(&mut self, what: What, paint: Option<Arc<dyn Paint>>) {
        self.ticket += 1;
        self.queue.clear();
        self.fresh = false;
        self.worker.wake_with_next();
        // The time of the order before says nothing about this one.
        self.worker.tell_time((0, i64::MIN));
        self.worker.order(Order { ticket: self.ticket, what, paint });
    }

    /// Takes what the worker gave, as much as is needed soon: the rest waits with the worker, and holds it back.
    pub fn receive(&mut self) {
        while self.queue.len() < AHEAD
            && let Some(answer) = self.worker.answer()
        {
            match answer {
                Answer::Opened { duration_us, frame_us } => {
                    self.duration_us = duration_us;
                    self.frame_us = frame_us.max(1);
                }
                Answer::Picture(picture) if picture.ticket == self.ticket => self.queue.push_back(picture),
                Answer::Picture(_) => {}
                Answer::Failed(why) => self.failure = Some(why),
            }
        }
    }

    /// Shows the last picture that is due after so many laps at this moment, drops those before it. Answers the one that is next;
    /// where none waits, its coming wakes the window.
    pub fn show_due(&mut self, ctx: &Context, now: (i64, i64)) -> Option<(i64, i64)> {
        let mut due = None;
        self.worker.tell_time(now);
        loop {
            while self.queue.front().is_some_and(|next| next.due <= now) {
                due = self.queue.pop_front();
            }
            self.receive();
            if self.queue.is_empty() {
                self.worker.wake_with_next();
                // It may have come in between.
                self.receive();
            }
            if self.queue.front().is_none_or(|next| next.due > now) {
                break;
            }
        }
        if let Some(picture) = due {
            self.put(ctx, picture);
        }
        self.queue.front().map(|next| next.due)
    }

    /// Shows the picture that came last; answers its moment.
    pub fn show_last(&mut self, ctx: &Context) -> Option<i64> {
        let picture = self.queue.pop_back()?;
        self.queue.clear();
        self.worker.wake_with_next();
        let (_, pts_us) = picture.due;
        self.put(ctx, picture);
        Some(pts_us)
    }

    fn put(&mut self, ctx: &Context, picture: Picture) {
        self.shown_us = Some(picture.due.1);
        self.fresh = !picture.is_rough;
        let image = opaque(&picture.image);
        match &mut self.texture {
            Some(texture) => texture.set(image, TextureOptions::LINEAR),
            None => self.texture = Some(ctx.load_texture("picture", image, TextureOptions::LINEAR)),
        }
    }

    /// The moment of the picture that is shown, in microseconds.
    pub fn shown_us(&self) -> Option<i64> {
        self.shown_us
    }

    /// Whether the picture is of what was asked for last.
    pub fn is_fresh(&self) -> bool {
        self.fresh
    }

    /// The picture, to be kept when the rest is closed. A source that fails has none.
    pub fn into_picture(self) -> Option<TextureHandle> {
        self.picture()?;
        self.texture
    }

    /// The picture and its size in pixels. A source that fails has none.
    pub fn picture(&self) -> Option<(TextureId, Vec2)> {
        let texture = self.texture.as_ref().filter(|_| self.failure.is_none() && self.shown_us.is_some())?;
        let [width, height] = texture.size();
        Some((texture.id(), vec2(width as f32, height as f32)))
    }
}
