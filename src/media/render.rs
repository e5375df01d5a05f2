//! A clip in which a face speaks a voice: decoded, painted, encoded and written as a stream, on three threads.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use super::clip::{ClipReader, ClipStream};
use super::container::Movie;
use super::error::MediaError;
use super::faces::FaceTrack;
use super::frame::Frame;
use super::job::Job;
use super::mouth::{Manner, MouthBox, MouthFit, Painted};
use super::sound;
use super::speaking::{Preparation, SpeakingPlan, visemes_of};
use super::write::{Mp4Writer, VideoFormat};
use crate::model::Placement;
use crate::worker::guarded;

/// Capacity of the channels between the threads, in frames.
const AHEAD: usize = 3;
/// Share of the preparation in the whole work, for the progress.
const PREPARED: f32 = 0.12;

/// The inputs of a result.
#[derive(Debug, Clone)]
pub struct RenderPlan {
    /// The clip.
    pub clip: PathBuf,
    /// The voice.
    pub voice: PathBuf,
    /// The face that speaks, as [`super::identify()`] found it in the clip.
    pub track: FaceTrack,
    /// The placement: which part of the voice is heard when, and how loud.
    pub placement: Placement,
    /// The mouth's position, if the user set it; else it is fitted.
    pub mouth_box: Option<MouthBox>,
    /// The MP4 to write.
    pub out: PathBuf,
}

/// Facts about a result.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendered {
    /// Length in ms.
    pub duration_ms: i64,
    /// Number of pictures.
    pub frames: usize,
    /// Number of pictures in which the mouth follows the voice. Where that is 0, the pictures are unchanged.
    pub spoken_frames: usize,
    /// Number of pictures in which the face should speak and its mouth is not known (a hand, a profile, a blur): left as in the clip.
    pub unknown_frames: usize,
    /// How the mouth was made to speak: whether teeth are drawn or the person's own. `None` if the face was never seen well enough.
    pub manner: Option<Manner>,
    /// Where the mouth was found; `None` if the face was never seen well enough.
    pub mouth: Option<MouthFit>,
}

/// Makes the clip. Blocks; decoding and the mouth have separate threads. The file appears once it is complete.
///
/// # Errors
/// Those of reading the clip and the voice and of writing the result; [`MediaError::Cancelled`]; [`MediaError::Internal`] for a panic
/// in any of it.
pub fn render(plan: &RenderPlan, job: &Job) -> Result<Rendered, MediaError> {
    guarded(|| render_clip(plan, job)).unwrap_or_else(|panic| Err(MediaError::internal("making the result", panic)))
}

fn render_clip(plan: &RenderPlan, job: &Job) -> Result<Rendered, MediaError> {
    let movie = Arc::new(Movie::open(&plan.clip)?);
    let voice = sound::read_voice(&plan.voice, &job.stage(0.0, 0.02))?;
    let own = sound::clip_sound(&movie, &job.stage(0.02, 0.04))?;
    let reader = ClipReader::of(Arc::clone(&movie))?;
    let info = reader.info();
    let duration_ms = (info.duration_us + 500) / 1000;
    let mixed = sound::mix(own.as_ref(), &voice, &plan.placement, duration_ms);
    drop(own);
    let visemes = Arc::new(visemes_of(&voice.mono(), &plan.placement));
    drop(voice);
    let track = Arc::new(plan.track.clone());
    let part = SpeakingPlan { track: &track, visemes: &visemes, placement: &plan.placement, mouth_box: plan.mouth_box };
    let speaking = Preparation::new(Arc::clone(&movie)).prepare(&part, &job.stage(0.04, PREPARED))?;
    let mouth = speaking.fit().copied();

    let mut writer = Mp4Writer::create(&plan.out, VideoFormat::from(info), Some(mixed))?;
    let stream = ClipStream::spawn(reader, job)?;
    let write_job = job.stage(PREPARED, 1.0);
    let counts = pipeline(
        stream,
        |frame| speaking.paint(frame),
        |frame| {
            write_job.check()?;
            writer.write_frame(frame)?;
            write_job.report(frame.pts_us as f32 / info.duration_us.max(1) as f32);
            Ok(())
        },
    )?;
    job.check()?;
    writer.finish(info.duration_us)?;
    write_job.report(1.0);
    let Counts { frames, spoken: spoken_frames, unknown: unknown_frames } = counts;
    Ok(Rendered { duration_ms, frames, spoken_frames, unknown_frames, manner: speaking.manner(), mouth })
}

/// How many pictures there are, and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counts {
    frames: usize,
    spoken: usize,
    unknown: usize,
}

/// Paints every picture on a thread of its own and writes it on the caller's. Returns how many were written, and what `paint` said of
/// them. A panic while painting is an error, and nothing more is written.
fn pipeline(
    mut stream: ClipStream,
    paint: impl Fn(&mut Frame) -> Painted + Send,
    mut write: impl FnMut(&Frame) -> Result<(), MediaError>,
) -> Result<Counts, MediaError> {
    const STAGE: &str = "moving the mouth";
    let (send, painted) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("mouth".to_owned())
            .spawn_scoped(scope, move || {
                loop {
                    let next =
                        guarded(|| stream.next_frame().map(|next| next.map(|mut frame| (paint(&mut frame), frame))));
                    let next = next.unwrap_or_else(|panic| Err(MediaError::internal(STAGE, panic)));
                    let last = !matches!(next, Ok(Some(_)));
                    // The receiver is dropped where writing failed.
                    if send.send(next).is_err() || last {
                        break;
                    }
                }
            })
            .map_err(|err| MediaError::internal("starting a thread", err.to_string()))?;
        // Dropped before the thread is joined: a thread that still sends ends then.
        let painted = painted;
        let mut counts = Counts::default();
        loop {
            // A channel that closes before the end of the clip belongs to a thread that died.
            match painted.recv().unwrap_or_else(|_| Err(MediaError::internal(STAGE, "its thread ended early")))? {
                Some((painted, frame)) => {
                    write(&frame)?;
                    counts.frames += 1;
                    counts.spoken += usize::from(painted == Painted::Spoken);
                    counts.unknown += usize::from(painted == Painted::Unknown);
                }
                None => return Ok(counts),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clip::{ClipInfo, FrameTiming};
    use crate::media::frame::Color;

    fn five_pictures() -> ClipStream {
        let timing = FrameTiming { frames: 5, fps: 25.0, variable: false };
        let info = ClipInfo { width_px: 4, height_px: 4, timing, duration_us: 200_000, color: Color::untagged(4) };
        let mut at = 0;
        let source = move || {
            at += 1;
            let mut frame = Frame::filled(4, 4, [16, 128, 128]);
            frame.pts_us = at * 40_000;
            Ok((at <= 5).then_some(frame))
        };
        ClipStream::spawn_source(info, source, &Job::new()).unwrap()
    }

    #[test]
    fn every_picture_is_painted_and_written_in_order() {
        let mut written = Vec::new();
        let write = |frame: &Frame| {
            written.push(frame.pts_us / 40_000);
            Ok(())
        };
        let paint = |frame: &mut Frame| match frame.pts_us / 40_000 {
            ..3 => Painted::Nothing,
            3 => Painted::Unknown,
            _ => Painted::Spoken,
        };
        let counts = Counts { frames: 5, spoken: 2, unknown: 1 };
        assert_eq!(pipeline(five_pictures(), paint, write), Ok(counts));
        assert_eq!(written, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn a_panic_while_painting_is_an_error_and_no_shorter_clip() {
        let paint = |frame: &mut Frame| {
            assert!(frame.pts_us < 120_000, "no such pixel");
            Painted::Spoken
        };
        let mut written = 0;
        let write = |_: &Frame| {
            written += 1;
            Ok(())
        };
        let err = pipeline(five_pictures(), paint, write).unwrap_err();
        assert!(matches!(&err, MediaError::Internal { detail, .. } if detail.contains("no such pixel")), "{err}");
        assert_eq!(written, 2);
    }

    #[test]
    fn what_stops_the_writing_stops_the_rest() {
        let full = || Err(MediaError::Limit("full".to_owned()));
        assert_eq!(pipeline(five_pictures(), |_| Painted::Spoken, |_| full()), full().map(|()| Counts::default()));
    }
}
