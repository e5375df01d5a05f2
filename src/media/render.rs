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
use super::mouth::{MouthBox, MouthFit};
use super::rehearse::{Part, Rehearsal, Speaking, listen};
use super::sound;
use super::write::{Mp4Writer, VideoFormat};
use crate::model::{Interval, Placement};

/// Frames on their way from one thread to the next.
const AHEAD: usize = 3;
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
    let shapes = Arc::new(listen(&voice.mono(), &plan.placement));
    drop(voice);
    let track = Arc::new(plan.track.clone());
    let part = Part { track: &track, shapes: &shapes, placement: &plan.placement, mouth_box: plan.mouth_box };
    let speaking = Rehearsal::new(Arc::clone(&movie)).prepare(&part, &job.stage(0.04, PREPARED))?;
    let mouth = speaking.fit().copied();

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
    let (give, changed) = sync_channel(AHEAD);
    let (frames, spoken_frames) = std::thread::scope(|scope| {
        let worker = std::thread::Builder::new()
            .name("mouth".to_owned())
            .spawn_scoped(scope, move || speak(stream, &speaking, &give))
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
    let mut rehearsal = Rehearsal::new(Arc::new(Movie::open(clip)?));
    let mouth = rehearsal.mouth(&Arc::new(track.clone()), span, None, job)?;
    Ok(mouth.map(|mouth| *mouth.fit()))
}

/// Moves the mouth in every frame in which the face is to speak; answers in how many. Errors go the way of the frames.
fn speak(mut stream: ClipStream, speaking: &Speaking, give: &SyncSender<Result<Frame, MediaError>>) -> usize {
    let mut spoken = 0;
    loop {
        let next = match stream.next_frame() {
            Ok(None) => return spoken,
            Ok(Some(mut frame)) => {
                spoken += usize::from(speaking.paint(&mut frame));
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
