//! One face over a whole clip.

use serde::{Deserialize, Serialize};

use super::pose::Pose;
use super::quality::ViewQuality;
use crate::model::Interval;

/// Where a face is in one frame, in pixels of the clip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrackPoint {
    /// Presentation time of the frame, in µs.
    pub pts_us: i64,
    /// Centre of the face's box in px.
    pub cx: f32,
    /// Centre of the face's box in px.
    pub cy: f32,
    /// Side of the face's box in px.
    pub size_px: f32,
    /// How far the head leans, in rad; positive is clockwise as seen.
    pub roll_rad: f32,
}

impl TrackPoint {
    /// The point as a transform between picture and face.
    #[must_use]
    pub fn pose(&self) -> Pose {
        Pose { cx: self.cx, cy: self.cy, size: self.size_px, roll: self.roll_rad }
    }
}

/// One face: when it is in view, and where in each of those frames.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaceTrack {
    /// From the first frame with the face to the end of the last one.
    pub interval: Interval,
    /// In order of time. A frame of the interval without a point does not show the face (a gap of at most 1 s).
    pub frames: Vec<TrackPoint>,
    /// How well it can be seen, at times; in order of time.
    #[serde(default)]
    pub views: Vec<ViewQuality>,
    /// The best view of the face, cut out with a margin.
    #[serde(with = "jpeg_text")]
    pub preview_jpeg: Vec<u8>,
    /// The highest score of the detector; its own scale.
    pub score: f32,
}

impl FaceTrack {
    /// Where the face is at the frame shown at `pts_us`; none if it is not in view there.
    #[must_use]
    pub fn at(&self, pts_us: i64) -> Option<&TrackPoint> {
        // Containers round times; half a millisecond is far below any frame's length.
        let index = self.frames.partition_point(|point| point.pts_us < pts_us - 500);
        self.frames.get(index).filter(|point| (point.pts_us - pts_us).abs() <= 500)
    }
}

/// Bytes in JSON as Base64: a list of numbers would be four times as long.
mod jpeg_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        STANDARD.decode(String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
