//! The player: pictures of clip and result, at the same moment, in the same place. Decoding is on a worker; this side only
//! asks, and shows what came.

mod clock;
mod worker;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::{Context, TextureHandle, TextureId, TextureOptions, Vec2, vec2};

use self::clock::Clock;
use self::worker::{Answer, Order, Picture, Worker};

/// What is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shown {
    /// The clip as it was given.
    #[default]
    Clip,
    /// What the task made of it.
    Result,
}

/// A source that is open, or cannot be opened.
struct Reel {
    path: PathBuf,
    worker: Worker,
    /// Length in microseconds; 0 until it is known.
    duration_us: i64,
    /// Length of a frame in microseconds.
    frame_us: i64,
    failure: Option<String>,
}

/// How often a player without a picture in the queue looks again.
const STARVED: Duration = Duration::from_millis(8);

/// The player.
#[derive(Default)]
pub struct Player {
    shown: Shown,
    clip: Option<Reel>,
    result: Option<Reel>,
    clock: Clock,
    /// The order whose pictures are wanted; others are stale.
    ticket: u64,
    queue: VecDeque<Picture>,
    texture: Option<TextureHandle>,
    /// Which source and moment the texture shows.
    texture_of: Option<(Shown, i64)>,
    /// The playhead goes to the picture that comes: after a frame step.
    follow: bool,
}

impl Player {
    /// Gives the clip or the result; `None` takes it away. What is open already stays open.
    pub fn set_source(&mut self, ctx: &Context, which: Shown, path: Option<&Path>) {
        let slot = self.slot(which);
        if slot.as_ref().map(|reel| reel.path.as_path()) == path {
            return;
        }
        *slot = path.map(|path| Reel {
            path: path.to_owned(),
            worker: Worker::spawn(ctx.clone(), path.to_owned()),
            duration_us: 0,
            frame_us: 40_000,
            failure: None,
        });
        if self.shown == which {
            self.clock.stop();
            self.queue.clear();
            if path.is_none() {
                self.texture_of = None;
            }
            self.ask();
        }
    }

    /// Shows the clip or the result, at the same moment.
    pub fn show(&mut self, which: Shown) {
        if self.shown != which {
            let playing = self.clock.is_running();
            self.shown = which;
            self.queue.clear();
            self.clock.stop();
            self.ask();
            if playing {
                self.play();
            }
        }
    }

    /// What is shown.
    #[must_use]
    pub fn shown(&self) -> Shown {
        self.shown
    }

    /// Whether there is a clip or a result to show.
    #[must_use]
    pub fn has_source(&self, which: Shown) -> bool {
        match which {
            Shown::Clip => self.clip.is_some(),
            Shown::Result => self.result.is_some(),
        }
    }

    /// Whether the source at hand has a picture, or will have one.
    #[must_use]
    pub fn has_picture(&self) -> bool {
        self.reel().is_some_and(|reel| reel.failure.is_none())
    }

    /// Why the source at hand cannot be shown.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.reel().and_then(|reel| reel.failure.as_deref())
    }

    /// The picture and its size in pixels.
    #[must_use]
    pub fn picture(&self) -> Option<(TextureId, Vec2)> {
        let texture = self.texture.as_ref()?;
        // What was on screen stays until its successor is there; a source that fails has none.
        (self.texture_of.is_some() && self.failure().is_none()).then(|| {
            let [width, height] = texture.size();
            (texture.id(), vec2(width as f32, height as f32))
        })
    }

    /// The moment that is shown, in milliseconds.
    #[must_use]
    pub fn playhead_ms(&self) -> i64 {
        self.clock.at_us().div_euclid(1000)
    }

    /// The length of the source at hand in milliseconds; 0 where it is not known.
    #[must_use]
    pub fn duration_ms(&self) -> i64 {
        self.reel().map_or(0, |reel| reel.duration_us / 1000)
    }

    /// Whether it plays.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.clock.is_running()
    }

    /// Plays or pauses; at the end it begins anew.
    pub fn toggle(&mut self) {
        if self.clock.is_running() {
            self.clock.stop();
            self.queue.clear();
            self.ask();
        } else {
            if self.clock.at_us() + self.frame_us() >= self.duration_us() {
                self.clock.set(0);
            }
            self.play();
        }
    }

    /// Shows a moment, in microseconds.
    pub fn seek(&mut self, at_us: i64) {
        let last_us = (self.duration_us() - 1).max(0);
        let playing = self.clock.is_running();
        self.clock.set(at_us.clamp(0, last_us));
        self.queue.clear();
        if playing {
            self.play();
        } else {
            self.ask();
        }
    }

    /// Plays from a moment on, in microseconds; what was played before is left.
    pub fn play_from(&mut self, at_us: i64) {
        self.clock.stop();
        self.clock.set(at_us.max(0));
        self.queue.clear();
        self.play();
    }

    /// Goes one frame on, or back.
    pub fn step(&mut self, forward: bool) {
        self.clock.stop();
        self.queue.clear();
        let shown_us = self.texture_of.map_or(self.clock.at_us(), |(_, pts_us)| pts_us);
        self.ticket += 1;
        self.follow = true;
        let order = if forward {
            Order::Next { after_us: shown_us, ticket: self.ticket }
        } else {
            Order::Show { at_us: (shown_us - 1).max(0), ticket: self.ticket }
        };
        self.send(order);
    }

    fn play(&mut self) {
        self.ticket += 1;
        self.follow = false;
        self.clock.start();
        let order = Order::Play { from_us: self.clock.at_us(), ticket: self.ticket };
        self.send(order);
    }

    fn ask(&mut self) {
        self.ticket += 1;
        self.follow = false;
        let order = Order::Show { at_us: self.clock.at_us(), ticket: self.ticket };
        self.send(order);
    }

    fn send(&mut self, order: Order) {
        if let Some(reel) = self.reel() {
            reel.worker.order(order);
        }
    }

    /// Takes what the worker decoded, and shows what is due. Asks for the next repaint itself.
    pub fn tick(&mut self, ctx: &Context) {
        self.clock.now(Instant::now());
        self.receive();
        if !self.has_picture() {
            // A source that cannot be shown must not keep the window awake.
            self.clock.stop();
        }
        if self.clock.is_running() {
            self.show_due(ctx);
            if self.clock.at_us() >= self.duration_us() && self.duration_us() > 0 {
                self.clock.set(self.duration_us() - 1);
                self.clock.stop();
            } else {
                let wait = self.queue.front().map_or(STARVED, |next| {
                    Duration::from_micros((next.pts_us - self.clock.at_us()).max(0).unsigned_abs())
                });
                ctx.request_repaint_after(wait);
            }
        } else if let Some(picture) = self.queue.pop_back() {
            self.queue.clear();
            if self.follow {
                self.clock.set(picture.pts_us);
            }
            self.put(ctx, picture);
        }
    }

    /// Looks for answers of the worker at hand; those of the other are of an earlier time.
    fn receive(&mut self) {
        let ticket = self.ticket;
        let which = self.shown;
        let Some(reel) = self.slot(which).as_mut() else { return };
        let mut pictures = Vec::new();
        while let Some(answer) = reel.worker.answer() {
            match answer {
                Answer::Opened { duration_us, frame_us } => {
                    reel.duration_us = duration_us;
                    reel.frame_us = frame_us.max(1);
                }
                Answer::Picture(picture) if picture.ticket == ticket => pictures.push(picture),
                Answer::Picture(_) => {}
                Answer::Failed(why) => reel.failure = Some(why),
            }
            // As many as are needed soon; the rest waits in the channel, and holds the worker back.
            if pictures.len() >= worker::AHEAD {
                break;
            }
        }
        self.queue.extend(pictures);
    }

    /// Shows the last picture that is due, drops those before it.
    fn show_due(&mut self, ctx: &Context) {
        let mut due = None;
        while self.queue.front().is_some_and(|next| next.pts_us <= self.clock.at_us()) {
            due = self.queue.pop_front();
        }
        if let Some(picture) = due {
            self.put(ctx, picture);
        }
    }

    fn put(&mut self, ctx: &Context, picture: Picture) {
        self.texture_of = Some((self.shown, picture.pts_us));
        match &mut self.texture {
            Some(texture) => texture.set(picture.image, TextureOptions::LINEAR),
            None => self.texture = Some(ctx.load_texture("picture", picture.image, TextureOptions::LINEAR)),
        }
    }

    fn reel(&self) -> Option<&Reel> {
        match self.shown {
            Shown::Clip => self.clip.as_ref(),
            Shown::Result => self.result.as_ref(),
        }
    }

    fn slot(&mut self, which: Shown) -> &mut Option<Reel> {
        match which {
            Shown::Clip => &mut self.clip,
            Shown::Result => &mut self.result,
        }
    }

    fn duration_us(&self) -> i64 {
        self.reel().map_or(0, |reel| reel.duration_us)
    }

    fn frame_us(&self) -> i64 {
        self.reel().map_or(0, |reel| reel.frame_us)
    }
}
