//! How far the lips of a face are apart in one picture: what can be said of a mouth before it is followed.

use super::fit::MouthFit;
use super::look::Look;
use crate::media::Frame;
use crate::media::faces::Pose;

/// How far the lips of the face at `pose` are apart, in widths of the mouth: over teeth, or over the dark of an open mouth.
#[must_use]
pub fn parted(frame: &Frame, pose: &Pose) -> f32 {
    let fit = MouthFit::find(&Look::of(frame, pose), None);
    fit.gap / (2.0 * fit.half_width)
}
