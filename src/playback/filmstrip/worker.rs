//! Decoding thumbnails on a worker. A decoder that is not needed any more is closed.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::media::scale::scaled_down;
use crate::media::{ClipReader, Frame, MediaError, Movie};
use crate::playback::image::PixelImage;
use crate::playback::stop::Stop;
use crate::worker::{Desk, Wake, Worker};

/// As many thumbnails wait to be received at most.
const AHEAD: usize = 8;
/// A decoder is closed so long after its last thumbnail: while the timeline is scrolled, it stays open.
const CLOSE_AFTER: Duration = Duration::from_secs(1);

/// What is asked of the worker.
#[derive(Clone, Debug)]
pub struct StripRequest {
    /// The moments, in microseconds.
    pub at_us: Vec<i64>,
    /// So far before its moment a picture is near enough, in microseconds.
    pub near_us: i64,
    /// Height of the thumbnails in pixels.
    pub height_px: u32,
    /// A thumbnail takes no more than this.
    pub most_bytes: usize,
}

/// A small picture of a moment.
pub struct Thumbnail {
    /// The moment it stands for, in microseconds.
    pub at_us: i64,
    /// The height it was made for, in pixels.
    pub height_px: u32,
    /// How long before that moment what it shows is shown, in microseconds.
    pub off_us: i64,
    /// Whether a nearer one cannot be had.
    pub is_exact: bool,
    /// Its pixels.
    pub image: PixelImage,
}

/// What the worker sends back: a thumbnail, or why there are none.
pub type StripAnswer = Result<Thumbnail, String>;

/// A worker that decodes the thumbnails of one clip.
pub type StripWorker = Worker<StripRequest, StripAnswer>;

/// Starts a worker for a clip.
///
/// # Errors
/// The system gives no thread.
pub fn spawn(path: &Path, wake: Wake) -> io::Result<StripWorker> {
    let path = path.to_owned();
    Worker::spawn("filmstrip", AHEAD, wake, move || {
        let mut decoder = Decoder { path: path.clone(), movie: None, reader: None, read_us: i64::MAX };
        move |request: StripRequest, desk: &StripDesk<'_>| decoder.carry_out(&request, desk)
    })
}

type StripDesk<'a> = Desk<'a, StripRequest, StripAnswer>;

struct Decoder {
    path: PathBuf,
    /// The index of the clip: kept while the decoder is closed.
    movie: Option<Arc<Movie>>,
    reader: Option<ClipReader>,
    /// The time of the picture that was decoded last; what comes next is after it.
    read_us: i64,
}

impl Decoder {
    fn carry_out(&mut self, request: &StripRequest, desk: &StripDesk<'_>) {
        match self.deliver(request, desk) {
            Ok(()) => {
                if desk.wait_superseded(CLOSE_AFTER) {
                    return;
                }
            }
            Err(Stop::Superseded) => return,
            Err(Stop::Failed(err)) => {
                let _ = desk.send(Err(err.to_string()));
            }
        }
        self.reader = None;
    }

    fn deliver(&mut self, request: &StripRequest, desk: &StripDesk<'_>) -> Result<(), Stop> {
        if request.at_us.is_empty() {
            return Ok(());
        }
        let movie = match &self.movie {
            Some(movie) => Arc::clone(movie),
            None => Arc::clone(self.movie.insert(Arc::new(Movie::open(&self.path)?))),
        };
        if self.reader.is_none() {
            self.read_us = i64::MAX;
            self.reader = Some(ClipReader::of(movie)?);
        }
        let Some(reader) = &mut self.reader else { return Ok(()) };
        send_thumbnails(reader, &mut self.read_us, request, desk)
    }
}

/// First what is quick to have, from keyframes; then those that are too far off.
fn send_thumbnails(
    reader: &mut ClipReader,
    read_us: &mut i64,
    request: &StripRequest,
    desk: &StripDesk<'_>,
) -> Result<(), Stop> {
    let mut far = BTreeSet::new();
    let mut keyframe: Option<Frame> = None;
    for &at_us in &request.at_us {
        desk.check()?;
        let start_us = reader.start_before_us(at_us);
        if keyframe.as_ref().is_none_or(|frame| frame.pts_us != start_us) {
            reader.seek_sync(start_us.div_euclid(1000) + 1)?;
            keyframe = reader.next_frame()?;
            *read_us = keyframe.as_ref().map_or(i64::MAX, |frame| frame.pts_us);
        }
        let Some(frame) = &keyframe else { continue };
        let is_exact = reader.shown_at_us(at_us) == frame.pts_us;
        desk.send(Ok(thumbnail(request, at_us, frame, is_exact)?))?;
        if !is_exact && at_us - frame.pts_us > request.near_us {
            far.insert(at_us);
        }
    }
    for at_us in far {
        let wanted_us = reader.shown_at_us(at_us);
        // Decode on, unless a keyframe is closer, or the picture is past already.
        if reader.start_before_us(wanted_us) > *read_us || *read_us >= wanted_us {
            reader.seek_exact(wanted_us.div_euclid(1000) + 1)?;
        }
        while let Some(frame) = reader.next_frame()? {
            desk.check()?;
            *read_us = frame.pts_us;
            if frame.pts_us >= wanted_us {
                desk.send(Ok(thumbnail(request, at_us, &frame, true)?))?;
                break;
            }
        }
    }
    Ok(())
}

fn thumbnail(request: &StripRequest, at_us: i64, frame: &Frame, is_exact: bool) -> Result<Thumbnail, MediaError> {
    let image = PixelImage::of(&scaled_down(frame, longest_px(frame, request))?)?;
    let off_us = (at_us - frame.pts_us).max(0);
    Ok(Thumbnail { at_us, height_px: request.height_px, off_us, is_exact, image })
}

/// The longer side at which a picture is as high as requested, and takes no more than it may.
fn longest_px(frame: &Frame, request: &StripRequest) -> u32 {
    let (width, height) = (f64::from(frame.width_px().max(1)), f64::from(frame.height_px().max(1)));
    let by_height = f64::from(request.height_px) / height;
    let by_bytes = (request.most_bytes as f64 / (4.0 * width * height)).sqrt();
    // Sides are made even, upwards: two pixels less keep within the bytes.
    let longest = width.max(height) * by_height.min(by_bytes);
    if by_bytes < by_height { (longest as u32).saturating_sub(2).max(2) } else { (longest.round() as u32).max(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbnail_is_as_high_as_requested_and_never_larger_than_it_may_be() {
        let request = |height_px| StripRequest { at_us: Vec::new(), near_us: 0, height_px, most_bytes: 128 * 1024 };
        for (size, height_px) in
            [((1280, 720), 48), ((1280, 720), 96), ((720, 1280), 96), ((3840, 400), 96), ((1280, 720), 720)]
        {
            let frame = Frame::filled(size.0, size.1, [90, 100, 160]);
            let small = scaled_down(&frame, longest_px(&frame, &request(height_px))).unwrap();
            assert!(small.width_px() * small.height_px() * 4 <= 128 * 1024, "{size:?} at {height_px}");
            let as_high = small.height_px().abs_diff(height_px) <= 2;
            assert!(as_high || small.width_px() * small.height_px() * 4 > 100 * 1024, "{size:?} at {height_px}");
        }
    }
}
