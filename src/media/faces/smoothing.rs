//! From tracked points to smooth tracks: the drift of the alignment is taken back by the detections before and after.

use super::pose::Pose;
use super::track::{FaceTrack, TrackPoint};
use super::tracked::{Detection, RawPoint, TrackedFace};
use crate::model::Interval;

/// Fewer detections than this are no face.
const DETECTIONS_MIN: usize = 2;
/// At least this share of the checks of a face must detect it.
const DETECTED_SHARE_MIN: f32 = 0.34;
/// A face in view for less cannot be made to speak, in µs.
const MIN_LENGTH_US: i64 = 300_000;

/// How far a detection is from the tracked position, in face units.
#[derive(Clone, Copy)]
struct Residual {
    pts_us: i64,
    drift: f32,
    across: f32,
    down: f32,
    growth: f32,
    lean: f32,
    lean_weight: f32,
}

/// The tracks in the clip's pixels, by start and then from left to right. `ends_us`: when each frame ends.
pub(super) fn smooth(tracked: Vec<TrackedFace>, factor: usize, ends_us: &[i64]) -> Vec<FaceTrack> {
    let mut tracks: Vec<FaceTrack> =
        tracked.into_iter().filter_map(|face| smoothed_track(face, factor, ends_us)).collect();
    tracks.sort_by(|a, b| {
        let left = |track: &FaceTrack| track.frames.first().map_or(0.0, |point| point.cx);
        a.interval.start_ms.cmp(&b.interval.start_ms).then(left(a).total_cmp(&left(b)))
    });
    tracks
}

fn smoothed_track(face: TrackedFace, factor: usize, ends_us: &[i64]) -> Option<FaceTrack> {
    let (first, last) = (face.points.front()?, face.points.back()?);
    let end_us = ends_us.get(last.frame).copied().unwrap_or(last.pts_us);
    let share = face.detections.len() as f32 / face.checks.max(1) as f32;
    let length_us = end_us - first.pts_us;
    if face.detections.len() < DETECTIONS_MIN || share < DETECTED_SHARE_MIN || length_us < MIN_LENGTH_US {
        return None;
    }
    let residuals = residuals(&face.points.iter().copied().collect::<Vec<_>>(), &face.detections);
    let frames = face
        .points
        .iter()
        .map(|point| {
            let pose = correct(point, &residuals).scaled(factor as f32);
            TrackPoint { pts_us: point.pts_us, cx: pose.cx, cy: pose.cy, size_px: pose.size, roll_rad: pose.roll }
        })
        .collect();
    let score = face.detections.iter().map(|detection| detection.score).fold(0.0, f32::max);
    let interval = Interval::new((first.pts_us + 500) / 1000, (end_us + 500) / 1000);
    Some(FaceTrack { interval, frames, views: face.views, preview_jpeg: face.preview.into_jpeg(), score })
}

fn residuals(points: &[RawPoint], detections: &[Detection]) -> Vec<Residual> {
    let mut all: Vec<Residual> = detections
        .iter()
        .filter_map(|detection| {
            let index = points.partition_point(|point| point.frame < detection.frame);
            let point = points.get(index).filter(|point| point.frame == detection.frame)?;
            let (across, down) = point.pose.inverse(detection.seen.cx, detection.seen.cy);
            Some(Residual {
                pts_us: point.pts_us,
                drift: point.drift,
                across,
                down,
                growth: (detection.seen.size / point.pose.size).ln(),
                lean: detection.lean.0,
                lean_weight: (detection.lean.1 - 0.35).max(0.0),
            })
        })
        .collect();
    // A detection far from the others belongs to something else.
    for value in [|r: &Residual| r.across, |r: &Residual| r.down, |r: &Residual| r.growth] {
        let middle = median(all.iter().map(value).collect());
        let spread = median(all.iter().map(|r| (value(r) - middle).abs()).collect());
        let limit = (4.0 * spread).max(0.08);
        if all.len() >= 5 {
            all.retain(|r| (value(r) - middle).abs() <= limit);
        }
    }
    let lean_middle = median(all.iter().filter(|r| r.lean_weight > 0.0).map(|r| r.lean).collect());
    for residual in &mut all {
        if (residual.lean - lean_middle).abs() > 0.12 {
            residual.lean_weight *= 0.1;
        }
    }
    all
}

/// The point, moved to where the detections around it put the face. Alignment with one template does not drift, so detections count
/// over many seconds; each new template lowers the weight of those beyond it.
fn correct(point: &RawPoint, residuals: &[Residual]) -> Pose {
    let (mut across, mut down, mut growth, mut weights) = (0.0, 0.0, 0.0, 1e-6_f32);
    let (mut lean, mut lean_weights) = (0.0, 0.05_f32);
    for residual in residuals {
        let seconds = (point.pts_us - residual.pts_us) as f32 * 1e-6;
        let apart = (seconds / 6.0).powi(2) + ((point.drift - residual.drift) / 2.5).powi(2);
        let weight = (-apart).exp();
        across += weight * residual.across;
        down += weight * residual.down;
        growth += weight * residual.growth;
        weights += weight;
        lean += weight * residual.lean_weight * residual.lean;
        lean_weights += weight * residual.lean_weight;
    }
    let (cx, cy) = point.pose.at(across / weights, down / weights);
    Pose { cx, cy, size: point.pose.size * (growth / weights).exp(), roll: point.pose.roll + lean / lean_weights }
}

fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}
