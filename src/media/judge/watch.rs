//! What is seen of the chosen face while the voice is heard, picture by picture: kept small, and measured once all of it is there.

use super::cells::Cells;
use crate::media::faces::{FaceTrack, Pose};
use crate::media::frame::Frame;
use crate::media::mouth::MouthFit;
use crate::media::mouth::look::{Look, Plane};
use crate::model::Interval;

/// Pictures that are kept at most, 11 kB each: a minute at 60 a second.
const MOST_PICTURES: usize = 3_600;
/// One picture in so many goes into the mean in which the mouth is looked for.
const LOOKED_EVERY: usize = 8;
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
}

impl Watched {
    /// Watches this span, in milliseconds of the result.
    pub(super) fn new(span: Interval) -> Self {
        Self { pictures: Vec::new(), in_span: 0, look: Look::empty(), looked: 0, span }
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
        if self.pictures.len().is_multiple_of(LOOKED_EVERY) {
            self.look.add(result, &of_result, 1.0);
            self.looked += 1;
        }
        self.pictures.push(Seen {
            at_ms: result.pts_us as f64 / 1000.0,
            result: Cells::of(result, &of_result, true),
            clip: clip.map(|clip| Cells::of(clip, &pose, false)),
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
        (upper > 0.2).then(|| detail(frame, pose, MOUTH) / upper)
    };
    let of_clip = share(clip).filter(|share| *share > 0.0)?;
    Some(share(result)? / of_clip)
}

/// Mean absolute difference of the luma of a pixel from the mean of its four neighbours, over an upright rectangle.
fn detail(frame: &Frame, pose: &Pose, [left, top, right, bottom]: [f32; 4]) -> f32 {
    let plane = Plane::luma(frame);
    let (cx, cy) = pose.at(f32::midpoint(left, right), f32::midpoint(top, bottom));
    let (reach_x, reach_y) = ((right - left) / 2.0 * pose.size, (bottom - top) / 2.0 * pose.size);
    let range = |middle: f32, reach: f32, limit: usize| {
        let first = (middle - reach).max(1.0) as usize;
        first..((middle + reach).max(1.0) as usize).min(limit.saturating_sub(1))
    };
    let columns = range(cx, reach_x, plane.width_px);
    let (mut sum, mut count) = (0_u32, 0_u32);
    for row in range(cy, reach_y, plane.height_px) {
        let line = |row: usize| &plane.data[row * plane.width_px..(row + 1) * plane.width_px];
        let (above, here, below) = (line(row - 1), line(row), line(row + 1));
        for column in columns.clone() {
            let around = u32::from(above[column])
                + u32::from(below[column])
                + u32::from(here[column - 1])
                + u32::from(here[column + 1]);
            sum += (4 * u32::from(here[column])).abs_diff(around);
            count += 1;
        }
    }
    sum as f32 / (4 * count.max(1)) as f32
}
