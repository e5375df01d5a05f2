//! The preparation of a face that speaks in a clip: the same for a result and for a draft of it.
//!
//! Each step is kept, so that a draft whose placement moves by a little only decodes the frames that are new in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clip::{ClipReader, ClipStream};
use super::container::Movie;
use super::error::MediaError;
use super::faces::FaceTrack;
use super::frame::Frame;
use super::job::Job;
use super::mouth::follow::{Affine, Follower};
use super::mouth::own::Closeup;
use super::mouth::{Manner, Mouth, MouthBox, MouthFit, Painted, Performance, VisemeTrack};
use super::sound;
use crate::model::{Interval, Placement};

/// Maximum number of closeups of a face, some 150 kB each.
const CLOSEUPS: usize = 300;
/// Number of frames in a row of which closeups are kept.
const STRETCH: usize = 25;
/// A track of at most so many frames is looked at whole, whatever part of it speaks.
const WHOLE_FRAMES: usize = 600;
/// In a longer one, what is looked at begins and ends at multiples of this.
const GRID_MS: i64 = 4_000;
/// Number of mouths of a clip that are kept: a user who compares two faces waits once for each.
const MOUTHS_KEPT: usize = 2;

/// A face that speaks in a stretch of a clip. Frames are painted in any order.
#[derive(Debug, Clone)]
pub struct Speaking {
    /// `None` if the face was never seen well enough: then nothing is painted.
    performance: Option<Performance>,
    track: Arc<FaceTrack>,
    span: Interval,
}

impl Speaking {
    /// Moves the mouth where the face speaks.
    pub fn paint(&self, frame: &mut Frame) -> Painted {
        match &self.performance {
            Some(performance) if self.span.contains(frame.pts_us / 1000) => performance.apply(frame),
            _ => Painted::Nothing,
        }
    }

    /// How the mouth is made to speak; none if the face was never seen well enough.
    #[must_use]
    pub fn manner(&self) -> Option<Manner> {
        self.performance.as_ref().map(Performance::manner)
    }

    /// Where the mouth was found; none if the face was never seen well enough.
    #[must_use]
    pub fn fit(&self) -> Option<&MouthFit> {
        self.performance.as_ref().map(Performance::fit)
    }

    /// The face.
    #[must_use]
    pub const fn track(&self) -> &Arc<FaceTrack> {
        &self.track
    }

    /// When it speaks, in the clip's time.
    #[must_use]
    pub const fn span(&self) -> Interval {
        self.span
    }
}

/// Which face speaks what, and when.
#[derive(Debug, Clone, Copy)]
pub struct SpeakingPlan<'a> {
    /// The face.
    pub track: &'a Arc<FaceTrack>,
    /// The visemes of the placement's part of the voice; see [`visemes_of`].
    pub visemes: &'a Arc<VisemeTrack>,
    /// When it is heard.
    pub placement: &'a Placement,
    /// The mouth's position, if the user set it; else it is fitted.
    pub mouth_box: Option<MouthBox>,
}

/// The visemes of the part of a voice that a placement uses. `mono` is the whole voice.
#[must_use]
pub fn visemes_of(mono: &[f32], placement: &Placement) -> VisemeTrack {
    let at = |time_ms: i64| usize::try_from(time_ms.max(0) * i64::from(sound::RATE_HZ) / 1000).unwrap_or(usize::MAX);
    let end = at(placement.sound_end_time).min(mono.len());
    VisemeTrack::of(mono.get(at(placement.sound_start_time)..end).unwrap_or(&[]))
}

/// Prepares the faces of one clip to speak, and keeps what the next preparation can use.
#[derive(Debug)]
pub struct Preparation {
    movie: Arc<Movie>,
    /// The most recently used one is the last.
    mouths: Vec<Learnt>,
}

/// A mouth, and what it was learnt from.
#[derive(Debug)]
struct Learnt {
    track: Arc<FaceTrack>,
    window: Interval,
    given: Option<MouthBox>,
    mouth: Option<Arc<Mouth>>,
}

impl Preparation {
    /// Nothing is prepared yet.
    #[must_use]
    pub const fn new(movie: Arc<Movie>) -> Self {
        Self { movie, mouths: Vec::new() }
    }

    /// Learns the mouth where it speaks, as far as that was not done before.
    ///
    /// # Errors
    /// Those of reading the clip; [`MediaError::Cancelled`].
    pub fn prepare(&mut self, part: &SpeakingPlan<'_>, job: &Job) -> Result<Speaking, MediaError> {
        let span = part.placement.span();
        let start_us = part.placement.sound_insert_time.saturating_mul(1000);
        let in_view = part.track.frames.iter().any(|point| span.contains(point.pts_us / 1000));
        let mouth = if in_view { self.mouth(part.track, span, part.mouth_box, job)? } else { None };
        let performance = mouth.map(|mouth| Performance::of(mouth, Arc::clone(part.visemes), start_us, span));
        Ok(Speaking { performance, track: Arc::clone(part.track), span })
    }

    /// The mouth of a face, learnt from the whole clip, or from the surroundings of a span in a long one.
    ///
    /// # Errors
    /// As [`Preparation::prepare`].
    pub fn mouth(
        &mut self,
        track: &Arc<FaceTrack>,
        span: Interval,
        given: Option<MouthBox>,
        job: &Job,
    ) -> Result<Option<Arc<Mouth>>, MediaError> {
        let window = window(track, span);
        let same = |kept: &Learnt| {
            (Arc::ptr_eq(&kept.track, track) || kept.track == *track) && kept.window == window && kept.given == given
        };
        if let Some(index) = self.mouths.iter().position(same) {
            let kept = self.mouths.remove(index);
            let mouth = kept.mouth.clone();
            self.mouths.push(kept);
            return Ok(mouth);
        }
        let mouth = learn(&self.movie, track, window, given, job)?.map(Arc::new);
        if self.mouths.len() >= MOUTHS_KEPT {
            self.mouths.remove(0);
        }
        self.mouths.push(Learnt { track: Arc::clone(track), window, given, mouth: mouth.clone() });
        Ok(mouth)
    }
}

/// The part of a clip that is looked at for a span of it: all of a short clip; of a long one so much that a span which moves by a little
/// has the same.
fn window(track: &FaceTrack, span: Interval) -> Interval {
    let (Some(first), Some(last)) = (track.frames.first(), track.frames.last()) else { return span };
    let whole = Interval::new(first.pts_us / 1000, last.pts_us / 1000 + 1);
    if track.frames.len() <= WHOLE_FRAMES {
        return whole;
    }
    let start = (span.start_ms - GRID_MS / 2).div_euclid(GRID_MS) * GRID_MS;
    let end = ((span.end_ms + GRID_MS / 2).div_euclid(GRID_MS) + 1) * GRID_MS;
    Interval::new(start.max(whole.start_ms), end.min(whole.end_ms))
}

/// Whether a closeup of the frame is kept, by its number of so many: whole stretches, since what follows in the clip follows without a
/// jump.
fn is_kept(number: usize, frames: usize) -> bool {
    let stretches = frames.div_ceil(STRETCH);
    let wanted = CLOSEUPS / STRETCH;
    stretches <= wanted || (number / STRETCH * wanted) % stretches < wanted
}

/// Looks at a face in a part of a clip. None if it was never seen well enough.
fn learn(
    movie: &Arc<Movie>,
    track: &Arc<FaceTrack>,
    window: Interval,
    given: Option<MouthBox>,
    job: &Job,
) -> Result<Option<Mouth>, MediaError> {
    let inside = |pts_us: i64| window.contains(pts_us / 1000);
    let frames = track.frames.iter().filter(|point| inside(point.pts_us)).count();
    let Some(last_us) = track.frames.iter().map(|point| point.pts_us).rfind(|&pts_us| inside(pts_us)) else {
        return Ok(None);
    };
    let mut reader = ClipReader::of(Arc::clone(movie))?;
    if window.start_ms > 0 {
        reader.seek_sync(window.start_ms + 1)?;
    }
    let mut stream = ClipStream::spawn(reader, job)?;
    let mut follower = Follower::new(Arc::clone(track));
    let mut closeups = BTreeMap::new();
    let mut number = 0;
    while let Some(frame) = stream.next_frame()? {
        job.check()?;
        if frame.pts_us > last_us + 500 {
            break;
        }
        let Some(point) = track.at(frame.pts_us).filter(|point| inside(point.pts_us)) else { continue };
        follower.push(&frame);
        if is_kept(number, frames)
            && let Some(closeup) = Closeup::cut(&frame, &Affine::of_pose(&point.pose()))
        {
            closeups.insert(point.pts_us, closeup);
        }
        number += 1;
        job.report(0.9 * number as f32 / frames.max(1) as f32);
    }
    drop(stream);
    job.check()?;
    let mouths = follower.finish(given).map(Arc::new);
    job.check()?;
    let Some(mouth) = mouths.map(|mouths| Mouth::learn(mouths, track, &closeups)) else { return Ok(None) };
    // A clip whose sound cannot be read is spoken as by anybody.
    let own = match sound::clip_sound(movie, &job.stage(0.92, 1.0)) {
        Err(MediaError::Cancelled) => return Err(MediaError::Cancelled),
        own => own.ok().flatten(),
    };
    Ok(Some(match own {
        Some(own) if mouth.manner() == Manner::Own => mouth.hearing(&VisemeTrack::of(&own.mono())),
        _ => mouth,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::faces::TrackPoint;
    use proptest::prelude::*;

    fn track(frames: i64) -> FaceTrack {
        let point = |at: i64| TrackPoint { pts_us: at * 40_000, cx: 0.0, cy: 0.0, size_px: 100.0, roll_rad: 0.0 };
        FaceTrack {
            interval: Interval::new(0, frames * 40),
            frames: (0..frames).map(point).collect(),
            views: Vec::new(),
            preview_jpeg: Vec::new(),
            score: 9.0,
        }
    }

    proptest! {
        #[test]
        fn what_is_looked_at_holds_the_span_and_never_more_closeups_than_are_kept(
            frames in 1..3_000_i64, start in 0..100_000_i64, len in 1..60_000_i64,
        ) {
            let track = track(frames);
            let span = Interval::new(start, start + len);
            let window = window(&track, span);
            for point in track.frames.iter().filter(|point| span.contains(point.pts_us / 1000)) {
                prop_assert!(window.contains(point.pts_us / 1000), "{} ms is not in {window:?}", point.pts_us / 1000);
            }
            let inside = track.frames.iter().filter(|point| window.contains(point.pts_us / 1000)).count();
            let kept = (0..inside).filter(|&number| is_kept(number, inside)).count();
            prop_assert!(kept <= CLOSEUPS + STRETCH);
            prop_assert!(kept >= inside.min(CLOSEUPS - STRETCH), "{kept} of {inside}");
        }
    }

    #[test]
    fn a_span_that_moves_by_little_is_learnt_from_the_same_frames() {
        let (short, long) = (track(225), track(3_000));
        let at = |track: &FaceTrack, start_ms: i64| window(track, Interval::new(start_ms, start_ms + 5_000));
        assert_eq!(at(&short, 0), at(&short, 4_000));
        assert_eq!(at(&long, 31_000), at(&long, 31_400));
        assert!(at(&long, 31_000).len_ms() < 16_000);
    }
}
