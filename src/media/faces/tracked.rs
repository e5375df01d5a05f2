//! One face as far as it has been tracked, and its way from one frame to the next.

use std::collections::VecDeque;

use super::appearance::Appearance;
use super::luma::Pyramid;
use super::pose::Pose;
use super::preview::Preview;
use super::quality::{Lips, ViewQuality};
use super::template::Template;
use crate::media::Frame;

/// Below this correlation the template is replaced by one from the frame before.
const CORRELATION_KEY: f32 = 0.85;
/// Below this correlation with the frame before, the face is gone: a cut, or something in front of it.
const CORRELATION_LOST: f32 = 0.72;

/// Where the whole face's place changes by more from one frame to the next, in grey levels, and the face is not clearly the same, it may be
/// another one, at the same place after a cut that changes little else.
const CHANGE_MOST: f32 = 24.0;

/// A face's position in one frame, in pixels of the pyramid's first level, before smoothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawPoint {
    pub frame: usize,
    pub pts_us: i64,
    pub pose: Pose,
    /// How often the template was replaced so far: the more often, the further alignment may have drifted.
    pub drift: f32,
}

/// A detection of a tracked face.
#[derive(Debug, Clone, Copy)]
pub(super) struct Detection {
    pub frame: usize,
    pub seen: Pose,
    pub score: f32,
    /// Roll by symmetry beyond that of the pose, with the correlation of the halves.
    pub lean: (f32, f32),
}

/// One face as far as it has been tracked.
#[derive(Debug)]
pub(super) struct TrackedFace {
    pub points: VecDeque<RawPoint>,
    pub detections: Vec<Detection>,
    pub checks: usize,
    pub preview: Preview,
    pub appearance: Appearance,
    pub views: Vec<ViewQuality>,
    pub key: Template,
    pub velocity: (f32, f32),
    pub misses: usize,
    pub drift: f32,
    /// `drift` at the last check.
    pub checked_drift: f32,
}

impl TrackedFace {
    /// Keeps how the face looks at a place where it was detected.
    pub(super) fn look(&mut self, pyramid: &Pyramid, frame: &Frame, place: Pose, lips: Option<Lips>) {
        self.appearance.add(pyramid, frame, place);
        self.views.push(ViewQuality::of(frame, &place.scaled(pyramid.factor as f32), lips));
    }

    pub(super) fn last(&self) -> Option<&RawPoint> {
        self.points.back()
    }
}

/// Prepends the earlier part of the same face.
pub(super) fn join(face: &mut TrackedFace, earlier: TrackedFace) {
    // Each part is anchored to its own detections only.
    let shift = earlier.drift + 12.0 - face.points.front().map_or(0.0, |point| point.drift);
    for point in &mut face.points {
        point.drift += shift;
    }
    face.drift += shift;
    let mut points = earlier.points;
    points.append(&mut face.points);
    face.points = points;
    let mut detections = earlier.detections;
    detections.append(&mut face.detections);
    face.detections = detections;
    let mut views = earlier.views;
    views.append(&mut face.views);
    face.views = views;
    face.checks += earlier.checks;
    face.preview.better_of(earlier.preview);
}

/// One step of tracking, forwards or backwards.
pub(super) fn advance(
    key: &mut Template,
    drift: &mut f32,
    from: &Pyramid,
    to: &Pyramid,
    last: Pose,
    velocity: (f32, f32),
) -> Option<Pose> {
    let guess = Pose { cx: last.cx + velocity.0, cy: last.cy + velocity.1, ..last };
    let mut found = key.find(to, guess);
    if found.correlation < CORRELATION_KEY {
        let fresh = Template::take(from, last)?;
        found = fresh.find(to, guess);
        let is_lost = found.correlation < CORRELATION_LOST;
        if is_lost || (found.correlation < CORRELATION_KEY && change(from, to, last) > CHANGE_MOST) {
            return None;
        }
        *key = fresh;
        *drift += 1.0;
    }
    let pose = found.pose;
    let (width, height) = (to.levels[0].width_px as f32, to.levels[0].height_px as f32);
    let inside = pose.cx > 0.0 && pose.cy > 0.0 && pose.cx < width && pose.cy < height;
    let like_size = (0.75..1.33).contains(&(pose.size / last.size));
    let near = (pose.cx - last.cx).hypot(pose.cy - last.cy) < 0.8 * last.size;
    (inside && like_size && near && pose.size >= 12.0).then_some(pose)
}

/// Mean difference of two neighbouring frames at the place of a face, in grey levels.
fn change(from: &Pyramid, to: &Pyramid, place: Pose) -> f32 {
    let ((before, scale), (now, _)) = (from.level_for(place.size / 12.0), to.level_for(place.size / 12.0));
    let mut total = 0.0;
    for row in -6_i32..=6 {
        for column in -6_i32..=6 {
            let (x, y) = place.at(column as f32 / 12.0, row as f32 / 12.0);
            total += (before.sample(x * scale, y * scale) - now.sample(x * scale, y * scale)).abs();
        }
    }
    total / 169.0
}

pub(super) fn is_same_face(a: &Pose, b: &Pose) -> bool {
    a.iou(b) > 0.3 || (a.cx - b.cx).hypot(a.cy - b.cy) < 0.3 * a.size.min(b.size)
}
