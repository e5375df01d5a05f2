//! The preparation of a face that speaks in a clip: the same for a result and for a draft of it.
//!
//! Each step is kept, so that a draft whose placement moves by a little only decodes the frames that are new in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clip::ClipReader;
use super::container::Movie;
use super::error::MediaError;
use super::faces::FaceTrack;
use super::frame::Frame;
use super::job::Job;
use super::mouth::neutral::Closeup;
use super::mouth::{Mouth, MouthBox, MouthFit, Performance, VisemeTrack};
use super::sound;
use crate::model::{Interval, Placement};

/// Maximum number of closeups from which the mouth is learnt.
const CLOSEUPS: usize = 32;
/// Number of frames from which they are chosen.
const SEARCHED_FRAMES: usize = 250;
/// Number of faces of a clip that are kept: a user who compares two of them waits once for each.
const FACES_KEPT: usize = 4;

/// A face that speaks in a stretch of a clip. Frames are painted in any order.
#[derive(Debug, Clone)]
pub struct Speaking {
    /// `None` if the face was never seen well enough: then nothing is painted.
    performance: Option<Performance>,
    track: Arc<FaceTrack>,
    span: Interval,
}

impl Speaking {
    /// Moves the mouth where the face speaks. Returns whether it does in this frame.
    pub fn paint(&self, frame: &mut Frame) -> bool {
        if let Some(performance) = &self.performance
            && self.span.contains(frame.pts_us / 1000)
            && let Some(point) = self.track.at(frame.pts_us)
        {
            performance.apply(frame, point);
            return true;
        }
        false
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
    faces: Vec<FaceState>,
}

/// What is kept for one face.
#[derive(Debug)]
struct FaceState {
    track: Arc<FaceTrack>,
    /// By the time of the frame; none where the face is not wholly in the picture.
    closeups: BTreeMap<i64, Option<Closeup>>,
    learnt: Option<Learnt>,
}

/// A mouth, and what it was learnt from.
#[derive(Debug)]
struct Learnt {
    places: Vec<i64>,
    given: Option<MouthBox>,
    mouth: Option<Arc<Mouth>>,
}

impl Preparation {
    /// Nothing is prepared yet.
    #[must_use]
    pub const fn new(movie: Arc<Movie>) -> Self {
        Self { movie, faces: Vec::new() }
    }

    /// Learns the mouth where it speaks, as far as that was not done before.
    ///
    /// # Errors
    /// Those of reading the clip; [`MediaError::Cancelled`].
    pub fn prepare(&mut self, part: &SpeakingPlan<'_>, job: &Job) -> Result<Speaking, MediaError> {
        let span = part.placement.span();
        let start_us = part.placement.sound_insert_time.saturating_mul(1000);
        let mouth = self.mouth(part.track, span, part.mouth_box, job)?;
        let performance = mouth.map(|mouth| Performance::of(mouth, Arc::clone(part.visemes), start_us));
        Ok(Speaking { performance, track: Arc::clone(part.track), span })
    }

    /// The mouth of a face, learnt from (the first ten seconds or so of) a span.
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
        let places = places(track, span);
        let movie = Arc::clone(&self.movie);
        let face = self.face(track);
        if let Some(learnt) = &face.learnt
            && learnt.places == places
            && learnt.given == given
        {
            return Ok(learnt.mouth.clone());
        }
        let missing: Vec<i64> = places.iter().copied().filter(|at_us| !face.closeups.contains_key(at_us)).collect();
        cut_closeups(&movie, track, &missing, &mut face.closeups, job)?;
        let closeups: Vec<Closeup> =
            places.iter().filter_map(|at_us| face.closeups.get(at_us).cloned().flatten()).collect();
        job.check()?;
        let mouth = Mouth::learn(&closeups, given).map(Arc::new);
        // Those outside of the span may be used again, but not all of them are kept: a closeup has up to 150 kB.
        if face.closeups.len() > 3 * CLOSEUPS {
            face.closeups.retain(|at_us, _| places.binary_search(at_us).is_ok());
        }
        face.learnt = Some(Learnt { places, given, mouth: mouth.clone() });
        Ok(mouth)
    }

    fn face(&mut self, track: &Arc<FaceTrack>) -> &mut FaceState {
        let known = self.faces.iter().position(|face| Arc::ptr_eq(&face.track, track) || face.track == *track);
        let face = match known {
            Some(index) => self.faces.remove(index),
            None => FaceState { track: Arc::clone(track), closeups: BTreeMap::new(), learnt: None },
        };
        if self.faces.len() >= FACES_KEPT {
            self.faces.remove(0);
        }
        self.faces.push(face);
        let last = self.faces.len() - 1;
        &mut self.faces[last]
    }
}

/// The frames to cut closeups out of: evenly spread over those of the track within the span. Which ones does not depend on where
/// exactly the span begins, so that most are the same after it moved.
fn places(track: &FaceTrack, span: Interval) -> Vec<i64> {
    let inside = |pts_us: i64| span.contains(pts_us / 1000);
    let wanted: Vec<(usize, i64)> = track
        .frames
        .iter()
        .map(|point| point.pts_us)
        .enumerate()
        .filter(|&(_, pts_us)| inside(pts_us))
        .take(SEARCHED_FRAMES)
        .collect();
    let stride = wanted.len().div_ceil(CLOSEUPS).next_power_of_two();
    wanted.into_iter().filter(|(index, _)| index.is_multiple_of(stride)).map(|(_, pts_us)| pts_us).collect()
}

/// Cuts the face out of these frames of a clip.
fn cut_closeups(
    movie: &Arc<Movie>,
    track: &FaceTrack,
    missing: &[i64],
    found: &mut BTreeMap<i64, Option<Closeup>>,
    job: &Job,
) -> Result<(), MediaError> {
    if missing.is_empty() {
        return Ok(());
    }
    let mut reader = ClipReader::of(Arc::clone(movie))?;
    let mut read_us = i64::MIN;
    for (done, &wanted_us) in missing.iter().enumerate() {
        // Decoding on is faster than seeking, unless a keyframe is in between.
        if read_us == i64::MIN || reader.start_before_us(wanted_us) > read_us {
            reader.seek_sync(wanted_us.div_euclid(1000) + 1)?;
        }
        // Some frames cannot be decoded.
        found.insert(wanted_us, None);
        while read_us < wanted_us
            && let Some(frame) = reader.next_frame()?
        {
            job.check()?;
            read_us = frame.pts_us;
            if read_us == wanted_us
                && let Some(point) = track.at(wanted_us)
            {
                found.insert(wanted_us, Closeup::cut(&frame, &point.pose()));
            }
        }
        job.report((done + 1) as f32 / missing.len() as f32);
    }
    Ok(())
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
        fn a_span_with_frames_has_places_and_never_too_many(start in -500..9_000_i64, len in 1..9_000_i64) {
            let track = track(225);
            let span = Interval::new(start, start + len);
            let frames = track.frames.iter().filter(|point| span.contains(point.pts_us / 1000)).count();
            let places = places(&track, span);
            prop_assert!(places.len() <= CLOSEUPS + 1);
            prop_assert_eq!(places.is_empty(), frames == 0);
            prop_assert!(places.len() * 2 >= frames.min(CLOSEUPS) , "{} of {}", places.len(), frames);
            prop_assert!(places.iter().all(|at_us| span.contains(at_us / 1000)));
        }
    }

    #[test]
    fn a_span_that_moves_by_a_frame_needs_at_most_one_closeup() {
        let track = track(225);
        let before = places(&track, Interval::new(1_000, 6_000));
        for frames in 1..=8 {
            let after = places(&track, Interval::new(1_000 + frames * 40, 6_000 + frames * 40));
            let fresh = after.iter().filter(|at_us| !before.contains(at_us)).count() as i64;
            assert!(fresh <= (frames + 3) / 4, "{fresh} fresh after {frames} frames");
        }
    }
}
