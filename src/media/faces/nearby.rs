//! A check whether a face is still where it is expected.

use super::detect::{FaceDetector, Sighting};
use super::luma::{Luma, Pyramid};
use super::pose::Pose;

/// Size of a face in the small picture that is cut out around it for a check.
const CHECKED_FACE_PX: f32 = 48.0;

/// Runs the detector on the surroundings of a position, rotated upright. Returns the face nearest to it, with its score.
pub(super) fn detect_near(
    detector: &mut dyn FaceDetector,
    pyramid: &Pyramid,
    place: Pose,
    reach: f32,
) -> Option<(Pose, f32)> {
    let side = (CHECKED_FACE_PX * (1.0 + 1.2 * reach)).round();
    let (luma, scale) = pyramid.level_for(place.size / CHECKED_FACE_PX);
    let pixel = 1.0 / CHECKED_FACE_PX;
    let half = (side - 1.0) * 0.5;
    let mut data = Vec::with_capacity((side * side) as usize);
    for row in 0..side as usize {
        for column in 0..side as usize {
            let (x, y) = place.at((column as f32 - half) * pixel, (row as f32 - half) * pixel);
            data.push(luma.sample((x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5) as u8);
        }
    }
    let picture = Luma { width_px: side as usize, height_px: side as usize, data };
    detector
        .detect(&picture)
        .into_iter()
        .map(|Sighting { cx, cy, size, score }| {
            let (x, y) = place.at((cx - 0.5 - half) * pixel, (cy - 0.5 - half) * pixel);
            (Pose { cx: x, cy: y, size: size * pixel * place.size, roll: place.roll }, score)
        })
        .filter(|(seen, _)| (0.5..2.0).contains(&(seen.size / place.size)))
        .min_by(|(a, _), (b, _)| {
            let distance = |pose: &Pose| (pose.cx - place.cx).hypot(pose.cy - place.cy);
            distance(a).total_cmp(&distance(b))
        })
}
