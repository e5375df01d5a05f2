//! Decoding small pictures on a thread of its own. A newer order overtakes; where the window lets go, it ends.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{
    Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, TrySendError, channel, sync_channel,
};
use std::time::Duration;

use crate::media::scale::scaled_down;
use crate::media::{ClipReader, Frame, MediaError};
use crate::playback::image::PixelImage;
use crate::worker::Wake;

/// As many pictures wait at most.
const AHEAD: usize = 8;
/// How often a worker with a full queue looks for a newer order.
const PATIENCE: Duration = Duration::from_millis(4);

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Order {
    /// Comes back.
    pub turn: u64,
    /// The moments, in microseconds.
    pub at_us: Vec<i64>,
    /// So far before its moment a picture will do, in microseconds.
    pub near_us: i64,
    /// Height of the pictures in pixels.
    pub height_px: u32,
    /// A picture takes no more than this.
    pub most_bytes: usize,
}

/// A small picture.
pub struct Thumb {
    /// Of the order.
    pub turn: u64,
    /// The moment it stands for, in microseconds.
    pub at_us: i64,
    /// The height it was made for, in pixels.
    pub height_px: u32,
    /// How long before that it is shown, in microseconds.
    pub off_us: i64,
    /// Whether a nearer one cannot be had.
    pub is_exact: bool,
    /// Its pixels.
    pub image: PixelImage,
}

/// What comes back.
pub enum Answer {
    /// A picture.
    Thumb(Thumb),
    /// There are none, and why.
    Failed(String),
}

/// The other side of the thread. Dropped, it ends it.
pub struct Worker {
    orders: Sender<Order>,
    answers: Receiver<Answer>,
}

impl Worker {
    /// Opens a clip on a new thread. Each answer wakes the window.
    #[must_use]
    pub fn spawn(wake: Wake, path: PathBuf) -> Self {
        let (orders, todo) = channel();
        let (give, answers) = sync_channel(AHEAD);
        let failed = give.clone();
        let started = std::thread::Builder::new()
            .name("film".to_owned())
            .spawn(move || Bench { wake, todo, give, read_us: i64::MAX }.run(&path));
        if let Err(err) = started {
            // The channel is new and empty: there is room.
            let _ = failed.try_send(Answer::Failed(format!("no thread could be started: {err}")));
        }
        Self { orders, answers }
    }

    /// Asks for pictures instead of those asked for before. A worker that has ended has told why.
    pub fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    /// The next answer, if there is one.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }
}

/// Why an order was not carried out to its end.
enum Stop {
    /// Another one came.
    Overtaken(Order),
    /// Nobody wants pictures any more.
    Gone,
    /// They cannot be had.
    Failed(MediaError),
}

impl From<MediaError> for Stop {
    fn from(err: MediaError) -> Self {
        Self::Failed(err)
    }
}

struct Bench {
    wake: Wake,
    todo: Receiver<Order>,
    give: SyncSender<Answer>,
    /// When the picture is shown that was decoded last; what comes next is after it.
    read_us: i64,
}

impl Bench {
    fn run(&mut self, path: &Path) {
        let mut reader = match ClipReader::open(path) {
            Ok(reader) => reader,
            Err(err) => return self.fail(&err),
        };
        let mut next = self.todo.recv().ok();
        while let Some(order) = next.take() {
            // Of several orders only the last is still wanted.
            let order = self.todo.try_iter().last().unwrap_or(order);
            next = match self.carry_out(&mut reader, &order) {
                Ok(()) => self.todo.recv().ok(),
                Err(Stop::Overtaken(newer)) => Some(newer),
                Err(Stop::Gone) => None,
                Err(Stop::Failed(err)) => return self.fail(&err),
            };
        }
    }

    /// First what is quick to have, from where decoding can start; then those that are too far off.
    fn carry_out(&mut self, reader: &mut ClipReader, order: &Order) -> Result<(), Stop> {
        let mut far = BTreeSet::new();
        let mut rough: Option<Frame> = None;
        for &at_us in &order.at_us {
            self.look()?;
            let start_us = reader.start_before_us(at_us);
            if rough.as_ref().is_none_or(|frame| frame.pts_us != start_us) {
                reader.seek_sync(start_us.div_euclid(1000) + 1)?;
                rough = reader.next_frame()?;
                self.read_us = rough.as_ref().map_or(i64::MAX, |frame| frame.pts_us);
            }
            let Some(frame) = &rough else { continue };
            let is_exact = reader.shown_at_us(at_us) == frame.pts_us;
            self.hand_over(order, at_us, frame, is_exact)?;
            if !is_exact && at_us - frame.pts_us > order.near_us {
                far.insert(at_us);
            }
        }
        for at_us in far {
            let wanted_us = reader.shown_at_us(at_us);
            // On from where it stands, unless a start lies in between, or it is past it already.
            if reader.start_before_us(wanted_us) > self.read_us || self.read_us >= wanted_us {
                reader.seek_exact(wanted_us.div_euclid(1000) + 1)?;
            }
            while let Some(frame) = reader.next_frame()? {
                self.look()?;
                self.read_us = frame.pts_us;
                if frame.pts_us >= wanted_us {
                    self.hand_over(order, at_us, &frame, true)?;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether to go on.
    fn look(&self) -> Result<(), Stop> {
        match self.todo.try_recv() {
            Ok(order) => Err(Stop::Overtaken(order)),
            Err(TryRecvError::Disconnected) => Err(Stop::Gone),
            Err(TryRecvError::Empty) => Ok(()),
        }
    }

    fn hand_over(&self, order: &Order, at_us: i64, frame: &Frame, is_exact: bool) -> Result<(), Stop> {
        let small = scaled_down(frame, longest_px(frame, order))?;
        let image = PixelImage { width_px: small.width_px(), height_px: small.height_px(), rgba: small.to_rgba()? };
        let off_us = (at_us - frame.pts_us).max(0);
        let thumb = Thumb { turn: order.turn, at_us, height_px: order.height_px, off_us, is_exact, image };
        let mut answer = Answer::Thumb(thumb);
        loop {
            match self.give.try_send(answer) {
                Ok(()) => {
                    (self.wake)();
                    return Ok(());
                }
                Err(TrySendError::Disconnected(_)) => return Err(Stop::Gone),
                Err(TrySendError::Full(back)) => {
                    answer = back;
                    match self.todo.recv_timeout(PATIENCE) {
                        Ok(order) => return Err(Stop::Overtaken(order)),
                        Err(RecvTimeoutError::Disconnected) => return Err(Stop::Gone),
                        Err(RecvTimeoutError::Timeout) => {}
                    }
                }
            }
        }
    }

    fn fail(&self, err: &MediaError) {
        if self.give.send(Answer::Failed(err.to_string())).is_ok() {
            (self.wake)();
        }
    }
}

/// The longer side at which a picture is as high as wanted, and takes no more than it may.
fn longest_px(frame: &Frame, order: &Order) -> u32 {
    let (width, height) = (f64::from(frame.width_px().max(1)), f64::from(frame.height_px().max(1)));
    let by_height = f64::from(order.height_px) / height;
    let by_bytes = (order.most_bytes as f64 / (4.0 * width * height)).sqrt();
    // Sides are made even, upwards: two pixels less keep within the bytes.
    let longest = width.max(height) * by_height.min(by_bytes);
    if by_bytes < by_height { (longest as u32).saturating_sub(2).max(2) } else { (longest.round() as u32).max(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_as_high_as_wanted_and_never_larger_than_it_may() {
        let order = |height_px| Order { turn: 0, at_us: Vec::new(), near_us: 0, height_px, most_bytes: 128 * 1024 };
        for (size, height_px) in
            [((1280, 720), 48), ((1280, 720), 96), ((720, 1280), 96), ((3840, 400), 96), ((1280, 720), 720)]
        {
            let frame = Frame::filled(size.0, size.1, [90, 100, 160]);
            let small = scaled_down(&frame, longest_px(&frame, &order(height_px))).unwrap();
            assert!(small.width_px() * small.height_px() * 4 <= 128 * 1024, "{size:?} at {height_px}");
            let wished = small.height_px().abs_diff(height_px) <= 2;
            assert!(wished || small.width_px() * small.height_px() * 4 > 100 * 1024, "{size:?} at {height_px}");
        }
    }
}
