//! What is seen of the chosen face while the voice is heard, picture by picture: kept small, and measured once all of it is there.

use std::sync::Arc;

use super::cells::Cells;
use crate::media::faces::{FaceTrack, Pose};
use crate::media::frame::Frame;
use crate::media::mouth::MouthFit;
use crate::media::mouth::follow::{Follower, MouthTrack};
use crate::media::mouth::look::{Look, Plane};
use crate::model::Interval;

/// Pictures that are kept at most, 26 kB each: a minute at 60 a second.
const MOST_PICTURES: usize = 3_600;
/// One picture in so many goes into the mean in which the mouth is looked for.
const LOOKED_EVERY: usize = 8;
/// So many pictures of the clip are enough to learn its mouth from.
const LEARNT_PICTURES: usize = 120;
/// The mouth, in face units: left, top, right, bottom.
const MOUTH: [f32; 4] = [-0.2, 0.16, 0.2, 0.42];
/// Eyes and nose.
const UPPER: [f32; 4] = [-0.3, -0.24, 0.3, 0.08];

/// One picture of the result.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// When it is shown, in milliseconds.
    pub at_ms: f64,
    /// The result's face.
    pub result: Cells,
    /// The clip's face at that time; none where the sizes differ.
    pub clip: Option<Cells>,
    /// Detail of the mouth against that of eyes and nose, in the result over the clip; none where the clip has no detail.
    pub sharpness: Option<f32>,
}

/// The chosen face, while the voice is heard.
#[derive(Debug)]
pub(super) struct Watched {
    /// In order of time.
    pub pictures: Vec<Seen>,
    /// Pictures in the span, also those that do not show the face.
    pub in_span: usize,
    look: Look,
    looked: usize,
    span: Interval,
    mouths: Option<Mouths>,
}

/// The mouth of the clip, by which it is learnt, and that of the result, which is measured by it.
#[derive(Debug)]
struct Mouths {
    clip: Follower,
    result: Follower,
    /// One picture of the clip in so many is learnt from.
    every: usize,
}

impl Watched {
    /// Watches this span, in milliseconds of the result, for this face; pictures are `frame_ms` apart.
    pub(super) fn new(span: Interval, chosen: Option<&FaceTrack>, frame_ms: f64) -> Self {
        let pictures = (span.len_ms().max(0) as f64 / frame_ms.max(1.0)) as usize;
        let mouths = chosen.map(|track| {
            let track = Arc::new(track.clone());
            let every = pictures.div_ceil(LEARNT_PICTURES).max(1);
            Mouths { clip: Follower::new(Arc::clone(&track)), result: Follower::new(track), every }
        });
        Self { pictures: Vec::new(), in_span: 0, look: Look::empty(), looked: 0, span, mouths }
    }

    /// The mouth of the result in each picture, measured with the clip's gauge, or with its own where the sizes differ. None where the
    /// face is not seen well enough to be followed.
    pub(super) fn mouth(&mut self) -> Option<MouthTrack> {
        let Mouths { clip, result, .. } = self.mouths.take()?;
        match clip.finish(None) {
            Some(known) => Some(result.finish_as(&known)),
            None => result.finish(None),
        }
    }

    /// Adds a picture of the result, and the clip's at that time. `scale` is the result's width over the clip's.
    pub(super) fn push(&mut self, result: &Frame, clip: Option<&Frame>, track: &FaceTrack, scale: f32) {
        if !self.span.contains(result.pts_us / 1000) || self.pictures.len() >= MOST_PICTURES {
            return;
        }
        self.in_span += 1;
        // The clip's own picture at that time may be shown a little earlier or later.
        let at_us = clip.map_or(result.pts_us, |clip| clip.pts_us);
        let Some(point) = track.at(at_us) else { return };
        let pose = point.pose();
        let of_result = if (scale - 1.0).abs() < 1e-3 { pose } else { pose.scaled(scale) };
        if let Some(mouths) = &mut self.mouths {
            mouths.result.push_at(result, result.pts_us, of_result);
            if let Some(clip) = clip.filter(|_| self.pictures.len().is_multiple_of(mouths.every)) {
                mouths.clip.push_at(clip, clip.pts_us, pose);
            }
        }
        if self.pictures.len().is_multiple_of(LOOKED_EVERY) {
            self.look.add(result, &of_result, 1.0);
            self.looked += 1;
        }
        self.pictures.push(Seen {
            at_ms: result.pts_us as f64 / 1000.0,
            result: Cells::of(result, &of_result),
            clip: clip.map(|clip| Cells::of(clip, &pose)),
            sharpness: clip.and_then(|clip| sharpness(result, clip, &pose)),
        });
    }

    /// Where the mouth is in these pictures, on the average.
    pub(super) fn fit(&self) -> MouthFit {
        let mut mean = self.look.clone();
        let share = 1.0 / self.looked.max(1) as f32;
        mean.planes_mut().into_iter().flatten().for_each(|value| *value *= share);
        MouthFit::find(&mean, None)
    }
}

/// Detail of the mouth over that of eyes and nose, of the result over the clip's.
fn sharpness(result: &Frame, clip: &Frame, pose: &Pose) -> Option<f32> {
    let share = |frame: &Frame| {
        let upper = detail(frame, pose, UPPER);
        (upper > 0.0).then(|| detail(frame, pose, MOUTH) / upper)
    };
    let of_clip = share(clip).filter(|share| *share > 0.0)?;
    Some(share(result)? / of_clip)
}

/// How much finest detail the luma of an upright rectangle has, for the contrast that it has: the mean absolute difference of a pixel from
/// the mean of its four neighbours, over that from the mean of four that are a twelfth of the face's side away. An open mouth has more of
/// both, a blurred one less of the first.
fn detail(frame: &Frame, pose: &Pose, [left, top, right, bottom]: [f32; 4]) -> f32 {
    let plane = Plane::luma(frame);
    let far = (pose.size / 12.0).max(4.0) as usize;
    let (cx, cy) = pose.at(f32::midpoint(left, right), f32::midpoint(top, bottom));
    let (reach_x, reach_y) = ((right - left) / 2.0 * pose.size, (bottom - top) / 2.0 * pose.size);
    let range = |middle: f32, reach: f32, limit: usize| {
        let first = ((middle - reach).max(0.0) as usize).max(far);
        first..((middle + reach).max(1.0) as usize).min(limit.saturating_sub(far))
    };
    let columns = range(cx, reach_x, plane.width_px);
    let at = |row: usize, column: usize| u32::from(plane.data[row * plane.width_px + column]);
    let (mut fine, mut coarse) = (0_u64, 0_u64);
    for row in range(cy, reach_y, plane.height_px) {
        for column in columns.clone() {
            let differs = |step: usize| {
                let around =
                    at(row - step, column) + at(row + step, column) + at(row, column - step) + at(row, column + step);
                u64::from((4 * at(row, column)).abs_diff(around))
            };
            fine += differs(1);
            coarse += differs(far);
        }
    }
    fine as f32 / coarse.max(1) as f32
}
