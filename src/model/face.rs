//! Faces as a service names them, and the session that holds them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::task::value_text;
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
    /// Undocumented fields, as received.
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

impl Face {
    /// What the service reported beside id, preview and interval, as name and value: its box in the picture, and undocumented fields.
    #[must_use]
    pub fn facts(&self) -> Vec<(String, String)> {
        let rect = self.rect.map(|FaceRect { x, y, width, height }| format!("{width} × {height} px at {x}, {y}"));
        let rect = rect.map(|text| ("Box".to_owned(), text));
        rect.into_iter().chain(extra_facts(&self.extra)).collect()
    }
}

fn extra_facts(extra: &Map<String, Value>) -> impl Iterator<Item = (String, String)> {
    extra.iter().map(|(name, value)| (name.clone(), value_text(value)))
}

/// How long a session lives from its answer (vendor documents): 24 h.
pub const SESSION_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// A session with less left is not begun with, in milliseconds: a create of it may have to wait for a slot.
pub const LEAST_LEFT_MS: i64 = 10 * 60_000;

/// Most faces that are taken from one answer.
pub const MOST_FACES: usize = 256;
/// The name in [`Session::extra`] of how many more faces an answer named.
pub const FACES_LEFT_OUT: &str = "faces_left_out";

/// The result of identify: a session id and the faces of the clip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Names the clip in a create.
    pub session_id: String,
    /// When it began at the earliest: when the call was sent whose answer brought it. Milliseconds since the epoch, by the service's clock
    /// (the `Date` of its answers); by ours where its answers have none.
    #[serde(alias = "received_at_ms")]
    pub begun_at_ms: i64,
    /// Empty means: no usable face.
    pub faces: Vec<Face>,
    /// What it cost, where the service says so.
    pub cost: Option<Cost>,
    /// Undocumented fields of the answer, as received.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

impl Session {
    /// How many faces its answer named beyond [`MOST_FACES`].
    #[must_use]
    pub fn faces_left_out(&self) -> u64 {
        self.extra.get(FACES_LEFT_OUT).and_then(serde_json::Value::as_u64).unwrap_or(0)
    }

    /// Milliseconds left at `now_ms`; zero or less means the session is over.
    #[must_use]
    pub const fn left_ms(&self, now_ms: i64) -> i64 {
        self.begun_at_ms.saturating_add(SESSION_LIFE_MS).saturating_sub(now_ms)
    }

    /// The undocumented fields of the answer, as name and value.
    #[must_use]
    pub fn facts(&self) -> Vec<(String, String)> {
        extra_facts(&self.extra).collect()
    }

    /// The face with this id.
    #[must_use]
    pub fn face(&self, face_id: &str) -> Option<&Face> {
        self.faces.iter().find(|face| face.face_id == face_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_box_and_undocumented_fields_are_facts() {
        let fields = |value: Value| value.as_object().cloned().unwrap();
        let face = Face {
            face_id: "0".into(),
            face_image: None,
            interval: None,
            rect: Some(FaceRect { x: 1.5, y: 2.0, width: 30.0, height: 40.0 }),
            extra: fields(json!({ "age": 30 })),
        };
        let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(face.facts(), [fact("Box", "30 × 40 px at 1.5, 2"), fact("age", "30")]);
        let session = Session {
            session_id: "s".into(),
            begun_at_ms: 0,
            faces: vec![Face { rect: None, extra: Map::new(), ..face }],
            cost: None,
            extra: fields(json!({ "request_id": "r-1" })),
        };
        assert_eq!(session.facts(), [fact("request_id", "r-1")]);
        assert!(session.faces[0].facts().is_empty());
    }
}
