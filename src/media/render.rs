//! A clip in which a face speaks a voice: decoded, changed, encoded and written as a stream, on three threads.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::clip::{ClipReader, ClipStream};
use super::container::Movie;
use super::error::MediaError;
use super::faces::FaceTrack;
use super::frame::Frame;
use super::job::Job;
use super::mouth::calm::Closeup;
use super::mouth::{MouthBox, MouthFit, Performance, VoiceShapes};
use super::sound::{self, Sound};
use super::write::{Mp4Writer, VideoFormat};
use crate::model::{Interval, Placement};

/// Frames on their way from one thread to the next.
const AHEAD: usize = 3;
/// How many sightings of the mouth are looked at before it is moved.
const CLOSEUPS: usize = 32;
/// How much of the clip is searched for them, in frames.
const REHEARSED_FRAMES: usize = 250;
/// Share of the work that the preparation is, for the progress.
const PREPARED: f32 = 0.12;

/// What is to be made.
#[derive(Debug, Clone)]
pub struct RenderPlan {
    /// The clip.
    pub clip: PathBuf,
    /// The voice.
    pub voice: PathBuf,
    /// The face that speaks, as [`super::identify()`] found it in the clip.
    pub track: FaceTrack,
    /// Which part of the voice is heard when, and how loud.
    pub placement: Placement,
    /// Where the mouth is, if a person says so; else it is found.
    pub mouth_box: Option<MouthBox>,
    /// The MP4 to write.
    pub out: PathBuf,
}

/// What was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// Length in ms.
    pub duration_ms: i64,
    /// Number of pictures.
    pub frames: usize,
    /// In how many of them the face was in view while the voice was heard. In none: the picture stayed as it was.
    pub spoken_frames: usize,
    /// Where the mouth was found; none if the face was never seen well enough.
    pub mouth: Option<MouthFit>,
}

/// Makes the clip. Blocks; decoding and the mouth have threads of their own. The file appears when it is whole.
///
/// # Errors
/// What reading the clip and the voice, and writing the result answer; [`MediaError::Cancelled`].
pub fn render(plan: &RenderPlan, job: &Job) -> Result<Rendered, MediaError> {
    let movie = Arc::new(Movie::open(&plan.clip)?);
    let voice = sound::read_voice(&plan.voice, &job.stage(0.0, 0.02))?;
    let own = sound::clip_sound(&movie, &job.stage(0.02, 0.04))?;
    let reader = ClipReader::of(Arc::clone(&movie))?;
    let info = reader.info();
    let duration_ms = (info.duration_us + 500) / 1000;
    let mixed = sound::mix(own.as_ref(), &voice, &plan.placement, duration_ms);
    drop(own);
    let performance = rehearse(plan, &movie, &voice, &job.stage(0.04, PREPARED))?;
    drop(voice);
    let mouth = performance.as_ref().map(|performance| *performance.fit());

    let format = VideoFormat {
        width_px: info.width_px,
        height_px: info.height_px,
        fps: info.pace.fps,
        frames: info.pace.frames,
        color: info.color,
    };
    let mut writer = Mp4Writer::create(&plan.out, format, Some(mixed))?;
    let stream = ClipStream::spawn(reader, job)?;
    let told = job.stage(PREPARED, 1.0);
    let span = plan.placement.span();
    let (give, changed) = sync_channel(AHEAD);
    let (frames, spoken_frames) = std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .name("mouth".to_owned())
            .spawn_scoped(scope, move || speak(stream, performance.as_ref(), &plan.track, span, &give))
            .map_err(|err| MediaError::internal("starting a thread", err.to_string()))?;
        let written = write(&changed, &mut writer, &told, info.duration_us);
        // Ends the worker if writing failed.
        drop(changed);
        let spoken = worker.join().map_err(|_| MediaError::internal("moving the mouth", "a panic".to_owned()))?;
        Ok::<_, MediaError>((written?, spoken))
    })?;
    job.check()?;
    writer.finish(info.duration_us)?;
    told.report(1.0);
    Ok(Rendered { duration_ms, frames, spoken_frames, mouth })
}

/// Where the mouth of a face is, for a person to see and correct: around `span` of the clip's time, as
/// [`render`] would find it. None if the face is not seen well enough there.
///
/// # Errors
/// What reading the clip answers; [`MediaError::Cancelled`].
pub fn find_mouth(
    clip: &std::path::Path,
    track: &FaceTrack,
    span: Interval,
    job: &Job,
) -> Result<Option<MouthFit>, MediaError> {
    let closeups = closeups(&Arc::new(Movie::open(clip)?), track, span, job)?;
    let silence = VoiceShapes::listen(&[]);
    Ok(Performance::prepare(&closeups, None, silence, 0).map(|performance| *performance.fit()))
}

/// Listens to the voice and looks at the mouth, before anything is changed.
fn rehearse(
    plan: &RenderPlan,
    movie: &Arc<Movie>,
    voice: &Sound,
    job: &Job,
) -> Result<Option<Performance>, MediaError> {
    let placement = &plan.placement;
    let at = |time_ms: i64| usize::try_from(time_ms.max(0) * i64::from(sound::RATE_HZ) / 1000).unwrap_or(usize::MAX);
    let mono = voice.mono();
    let end = at(placement.sound_end_time).min(mono.len());
    let heard = mono.get(at(placement.sound_start_time)..end).unwrap_or(&[]);
    let shapes = VoiceShapes::listen(heard);
    let closeups = closeups(movie, &plan.track, placement.span(), job)?;
    Ok(Performance::prepare(&closeups, plan.mouth_box, shapes, placement.sound_insert_time.saturating_mul(1000)))
}

/// Sightings of the face's lower half, spread over (the first ten seconds or so of) a span.
fn closeups(movie: &Arc<Movie>, track: &FaceTrack, span: Interval, job: &Job) -> Result<Vec<Closeup>, MediaError> {
    let inside = |pts_us: i64| span.contains(pts_us / 1000);
    let wanted: Vec<i64> =
        track.frames.iter().map(|point| point.pts_us).filter(|&pts| inside(pts)).take(REHEARSED_FRAMES).collect();
    let (Some(&first_us), Some(&last_us)) = (wanted.first(), wanted.last()) else { return Ok(Vec::new()) };
    let stride = wanted.len().div_ceil(CLOSEUPS);
    let mut reader = ClipReader::of(Arc::clone(movie))?;
    reader.seek_exact(first_us / 1000)?;
    let mut stream = ClipStream::spawn(reader, job)?;
    let (mut found, mut seen) = (Vec::new(), 0_usize);
    while let Some(frame) = stream.next_frame()? {
        if frame.pts_us > last_us {
            break;
        }
        let Some(point) = track.at(frame.pts_us).filter(|_| inside(frame.pts_us)) else { continue };
        if seen.is_multiple_of(stride) {
            found.extend(Closeup::cut(&frame, &point.pose()));
        }
        seen += 1;
        job.report(seen as f32 / wanted.len() as f32);
    }
    Ok(found)
}

/// Moves the mouth in every frame in which the face is to speak; answers in how many. Errors go the way of the frames.
fn speak(
    mut stream: ClipStream,
    performance: Option<&Performance>,
    track: &FaceTrack,
    span: Interval,
    give: &SyncSender<Result<Frame, MediaError>>,
) -> usize {
    let mut spoken = 0;
    loop {
        let next = match stream.next_frame() {
            Ok(None) => return spoken,
            Ok(Some(mut frame)) => {
                if let Some(performance) = performance
                    && span.contains(frame.pts_us / 1000)
                    && let Some(point) = track.at(frame.pts_us)
                {
                    performance.apply(&mut frame, point);
                    spoken += 1;
                }
                Ok(frame)
            }
            Err(err) => Err(err),
        };
        let failed = next.is_err();
        // The writer is gone when it failed: then there is nothing left to do.
        if give.send(next).is_err() || failed {
            return spoken;
        }
    }
}

/// Encodes and writes what comes; answers how many frames.
fn write(
    changed: &Receiver<Result<Frame, MediaError>>,
    writer: &mut Mp4Writer,
    job: &Job,
    duration_us: i64,
) -> Result<usize, MediaError> {
    let mut frames = 0;
    while let Ok(frame) = changed.recv() {
        job.check()?;
        let frame = frame?;
        writer.write_frame(&frame)?;
        frames += 1;
        job.report(frame.pts_us as f32 / duration_us.max(1) as f32);
    }
    Ok(frames)
}
