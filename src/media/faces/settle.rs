//! From followed points to steady tracks: what alignment drifted is taken back, with the detections of before and after.

use super::follow::{Followed, Hit, RawPoint};
use super::pose::Pose;
use super::track::{FaceTrack, TrackPoint};
use crate::model::Interval;

/// Fewer detections than this are no face.
const HITS_MIN: usize = 2;
/// Of the looks at a face at least this share must see it.
const HIT_SHARE_MIN: f32 = 0.34;
/// A shorter sighting is no face anybody could make speak, in µs.
const LENGTH_MIN_US: i64 = 300_000;

/// What a detection says against the followed place, in face units.
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

/// The tracks in the clip's pixels, by start and then from left to right. `ends_us` says of
/// each frame when it ends.
pub(super) fn settle(followed: Vec<Followed>, factor: usize, ends_us: &[i64]) -> Vec<FaceTrack> {
    let mut tracks: Vec<FaceTrack> =
        followed.into_iter().filter_map(|face| settle_one(face, factor, ends_us)).collect();
    tracks.sort_by(|a, b| {
        let left = |track: &FaceTrack| track.frames.first().map_or(0.0, |point| point.cx);
        a.interval.start_ms.cmp(&b.interval.start_ms).then(left(a).total_cmp(&left(b)))
    });
    tracks
}

fn settle_one(face: Followed, factor: usize, ends_us: &[i64]) -> Option<FaceTrack> {
    let (first, last) = (face.points.front()?, face.points.back()?);
    let end_us = ends_us.get(last.frame).copied().unwrap_or(last.pts_us);
    let share = face.hits.len() as f32 / face.looks.max(1) as f32;
    let length_us = end_us - first.pts_us;
    if face.hits.len() < HITS_MIN || share < HIT_SHARE_MIN || length_us < LENGTH_MIN_US {
        return None;
    }
    let residuals = residuals(&face.points.iter().copied().collect::<Vec<_>>(), &face.hits);
    let frames = face
        .points
        .iter()
        .map(|point| {
            let pose = correct(point, &residuals).scaled(factor as f32);
            TrackPoint { pts_us: point.pts_us, cx: pose.cx, cy: pose.cy, size_px: pose.size, roll_rad: pose.roll }
        })
        .collect();
    let score = face.hits.iter().map(|hit| hit.score).fold(0.0, f32::max);
    let interval = Interval::new((first.pts_us + 500) / 1000, (end_us + 500) / 1000);
    Some(FaceTrack { interval, frames, preview_jpeg: face.preview.into_jpeg(), score })
}

fn residuals(points: &[RawPoint], hits: &[Hit]) -> Vec<Residual> {
    let mut all: Vec<Residual> = hits
        .iter()
        .filter_map(|hit| {
            let index = points.partition_point(|point| point.frame < hit.frame);
            let point = points.get(index).filter(|point| point.frame == hit.frame)?;
            let (across, down) = point.pose.inverse(hit.seen.cx, hit.seen.cy);
            Some(Residual {
                pts_us: point.pts_us,
                drift: point.drift,
                across,
                down,
                growth: (hit.seen.size / point.pose.size).ln(),
                lean: hit.lean.0,
                lean_weight: (hit.lean.1 - 0.35).max(0.0),
            })
        })
        .collect();
    // A detection far off the others is about something else.
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

/// The point, moved to where the detections around it say that the face is. Alignment without a fresh look does not
/// drift, so detections count over many seconds; each fresh look lessens what is far away.
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
