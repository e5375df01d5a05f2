//! Small pictures along a clip, for a strip under the player.

use std::sync::Arc;

use super::clip::ClipReader;
use super::container::Movie;
use super::error::MediaError;
use super::frame::Frame;
use super::job::Job;
use super::scale::scaled_down;

/// One small picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumb {
    /// Its place in the strip, from 0.
    pub index: usize,
    /// The time it stands for, in milliseconds.
    pub at_ms: i64,
    /// The time it really shows, in microseconds.
    pub pts_us: i64,
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// The picture as RGBA.
    pub rgba: Vec<u8>,
}

/// Makes `count` pictures evenly along a clip, each in the middle of its share, at most `longest_px` pixels a side.
///
/// Quick ones come first, from the places where decoding can start; then better ones for those that are too far off.
/// So `give` may get an index twice; the later one is right. Meant for a worker thread.
///
/// # Errors
/// As [`ClipReader::open`] and [`ClipReader::next_frame`]; [`MediaError::Cancelled`].
pub fn thumbs(
    movie: &Arc<Movie>,
    count: usize,
    longest_px: u32,
    job: &Job,
    mut give: impl FnMut(Thumb),
) -> Result<(), MediaError> {
    let mut reader = ClipReader::of(Arc::clone(movie))?;
    let duration_us = reader.info().duration_us.max(1);
    let share_us = duration_us / count.max(1) as i64;
    let at_us = |index: usize| (2 * index as i64 + 1) * duration_us / (2 * count.max(1) as i64);
    let thumb = |index: usize, frame: &Frame| -> Result<Thumb, MediaError> {
        let small = scaled_down(frame, longest_px)?;
        Ok(Thumb {
            index,
            at_ms: at_us(index) / 1000,
            pts_us: frame.pts_us,
            width_px: small.width_px(),
            height_px: small.height_px(),
            rgba: small.to_rgba()?,
        })
    };
    let mut far = Vec::new();
    let mut last: Option<Frame> = None;
    for index in 0..count {
        job.check()?;
        let start_us = reader.start_before_us(at_us(index));
        if last.as_ref().is_none_or(|frame| frame.pts_us != start_us) {
            reader.seek_sync(start_us.div_euclid(1000) + 1)?;
            last = reader.next_frame()?;
        }
        let Some(frame) = &last else { continue };
        give(thumb(index, frame)?);
        if at_us(index) - frame.pts_us > share_us / 2 {
            far.push(index);
        }
        job.report(0.2 * (index + 1) as f32 / count as f32);
    }
    better(&mut reader, &far, at_us, job, |index, frame| thumb(index, frame).map(&mut give))
}

/// Reads on to each of the places, and starts anew only where that is shorter.
fn better(
    reader: &mut ClipReader,
    places: &[usize],
    at_us: impl Fn(usize) -> i64,
    job: &Job,
    mut give: impl FnMut(usize, &Frame) -> Result<(), MediaError>,
) -> Result<(), MediaError> {
    let mut read_us = i64::MAX;
    for (done, index) in places.iter().enumerate() {
        let wanted_us = reader.shown_at_us(at_us(*index));
        if reader.start_before_us(wanted_us) > read_us || read_us >= wanted_us {
            reader.seek_exact(wanted_us.div_euclid(1000) + 1)?;
        }
        while let Some(frame) = reader.next_frame()? {
            job.check()?;
            read_us = frame.pts_us;
            if read_us >= wanted_us {
                give(*index, &frame)?;
                break;
            }
        }
        job.report(0.2 + 0.8 * (done + 1) as f32 / places.len() as f32);
    }
    job.report(1.0);
    Ok(())
}
