//! Faces as a service names them, and the session that holds them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Cost, Interval};

/// A face that a service found in a clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// Opaque; `"0"`, `"-1"` and numbers occur.
    pub face_id: String,
    /// Where its preview can be fetched.
    pub face_image: Option<String>,
    /// When the face may be made to speak; `None` where the service gave none, and the whole clip is assumed.
    pub interval: Option<Interval>,
    /// Where it is in the picture, where the service says so.
    pub rect: Option<FaceRect>,
    /// Fields nobody documented, as they came.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// A box in the picture, in pixels of the clip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaceRect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// How long a session lives from the answer that brought it (vendor documents): 24 h.
pub const SESSION_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// What identify brought: a session id and the faces of the clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Names the clip in a create.
    pub session_id: String,
    /// When the answer came; milliseconds since the epoch, by our clock.
    pub received_at_ms: i64,
    /// Empty means: no usable face.
    pub faces: Vec<Face>,
    /// What it cost, where the service says so.
    pub cost: Option<Cost>,
    /// Fields of the answer nobody documented, as they came.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Session {
    /// Milliseconds left at `now_ms`; zero or less means the session is over.
    #[must_use]
    pub const fn left_ms(&self, now_ms: i64) -> i64 {
        self.received_at_ms.saturating_add(SESSION_LIFE_MS).saturating_sub(now_ms)
    }

    /// The face with this id.
    #[must_use]
    pub fn face(&self, face_id: &str) -> Option<&Face> {
        self.faces.iter().find(|face| face.face_id == face_id)
    }
}
