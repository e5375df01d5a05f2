//! A clip written anew: cut, scaled, at a constant rate, as H.264 and AAC in MP4.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::copy;
use super::picture::Scaler;
use crate::files::IfExists;
use crate::media::clip::{ClipReader, ClipStream};
use crate::media::container::Movie;
use crate::media::error::MediaError;
use crate::media::frame::Frame;
use crate::media::job::Job;
use crate::media::sound::{Sound, clip_sound};
use crate::media::words;
use crate::media::write::{Mp4Writer, VideoFormat};
use crate::model::clip::{MAX_DURATION_MS, MAX_SIZE_BYTES};
use crate::model::fit::ClipFit;

/// Share of the size limit that is aimed at.
const AIM: f64 = 0.85;
/// Bits a second of the sound, about.
const SOUND_BPS: f64 = 200_000.0;
/// Share of decoding the sound in the whole work, for the progress.
const SOUND_PART: f32 = 0.05;

/// Fits a clip. Returns its name, and whether the pictures were copied.
pub(super) fn fit(path: &Path, fit: &ClipFit, out: &Path, job: &Job) -> Result<(PathBuf, bool), MediaError> {
    let movie = Arc::new(Movie::open(path)?);
    let sound = clip_sound(&movie, &job.stage(0.0, SOUND_PART))?;
    let job = job.stage(SOUND_PART, 1.0);
    if fit.keeps_pictures
        && let Some(copied) = copy::Stretch::of(&movie, fit)?
    {
        let sound = sound.map(|sound| sound.part(copied.from_us, copied.end_us - copied.from_us));
        return copied.write(&movie, sound, out, &job).map(|path| (path, true));
    }
    let seconds = (fit.end_ms - fit.start_ms) as f64 / 1_000.0;
    let mut most_bps = MAX_SIZE_BYTES as f64 * 8.0 * AIM / seconds - SOUND_BPS;
    for is_last in [false, true] {
        let (writer, end_us) = encode(&movie, fit, sound.as_ref(), most_bps, out, &job)?;
        let size_bytes = writer.size_bytes();
        if size_bytes <= MAX_SIZE_BYTES {
            return writer.finish_named(end_us).map(|(_, path)| (path, false));
        }
        if is_last {
            return Err(MediaError::Limit(words::fit_still_too_large(size_bytes)));
        }
        most_bps *= AIM * MAX_SIZE_BYTES as f64 / size_bytes as f64;
    }
    Err(MediaError::internal("fitting the clip", "no attempt was made"))
}

/// Encodes every picture; the file is complete but for its end.
fn encode(
    movie: &Arc<Movie>,
    fit: &ClipFit,
    sound: Option<&Sound>,
    most_bps: f64,
    out: &Path,
    job: &Job,
) -> Result<(Mp4Writer, i64), MediaError> {
    let mut reader = ClipReader::of(Arc::clone(movie))?;
    let info = reader.info();
    let start_us = reader.shown_at_us(fit.start_ms * 1_000);
    let most = (MAX_DURATION_MS as f64 / 1_000.0 * fit.fps).floor();
    let frames = ((fit.end_ms * 1_000 - start_us) as f64 * fit.fps / 1e6).round().clamp(1.0, most) as usize;
    let length_us = at_us(frames, fit.fps);
    reader.seek_exact(fit.start_ms)?;

    let format =
        VideoFormat { width_px: fit.width_px, height_px: fit.height_px, fps: fit.fps, frames, color: info.color };
    let sound = sound.map(|sound| sound.part(start_us, length_us));
    let mut writer = Mp4Writer::create_if(out, IfExists::TakeFreeName, format, sound)?.at_most_bps(most_bps);
    let mut decoded = ClipStream::spawn(reader, job)?;
    let mut scaler = Scaler::new((fit.width_px, fit.height_px));
    // Scaling has a thread of its own: decoding and encoding have theirs.
    let mut scaled = ClipStream::spawn_source(
        info,
        move || decoded.next_frame()?.map(|frame| scaler.scaled(frame)).transpose(),
        job,
    )?;
    let mut shown: Option<Frame> = None;
    let mut next = scaled.next_frame()?;
    for n in 0..frames {
        job.check()?;
        // The picture that is shown in the middle of this one's time.
        let until_us = start_us + at_us(n, fit.fps) + at_us(1, fit.fps) / 2;
        while let Some(frame) = next.take_if(|frame| shown.is_none() || frame.pts_us <= until_us) {
            shown = Some(frame);
            next = scaled.next_frame()?;
        }
        let Some(mut frame) = shown.clone() else { break };
        frame.pts_us = at_us(n, fit.fps);
        writer.write_frame(&frame)?;
        job.report(n as f32 / frames as f32);
    }
    Ok((writer, length_us))
}

fn at_us(frame: usize, fps: f64) -> i64 {
    (frame as f64 * 1e6 / fps).round() as i64
}
