//! Reads the answer to identify: faces at once (`kling`), or a job and later a document inside a string (`kirin`).

use serde_json::{Map, Value};

use super::layers::{Layer, Layers, one_or_many, opened};
use super::task::{self, cost};
use super::{Reply, problem, scalar};
use crate::model::face::{FACES_LEFT_OUT, MOST_FACES};
use crate::model::{Face, FaceRect, Interval, Problem, Session, TaskStatus};

/// The state of an identify.
#[derive(Clone, Debug, PartialEq)]
pub enum Identified {
    /// The faces are there; none means that the clip has no usable face.
    Session(Session),
    /// The service is still working: poll with [`IdentifyJob::job_id`].
    Running(IdentifyJob),
}

/// An asynchronous identify in progress.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentifyJob {
    /// The service's id for it.
    pub job_id: String,
    /// The status word as received, for display only.
    pub status_raw: String,
    /// 0 to 1 where the service reports it.
    pub progress: Option<f32>,
}

/// Names for the list of faces.
const FACES: [&str; 2] = ["face_data", "face_list"];
/// Fields of the session that are read; all else is kept in `extra`.
const KNOWN: [&str; 20] = [
    "session_id",
    "face_data",
    "face_list",
    "final_unit_deduction",
    "final_balance_deduction",
    "usage",
    "code",
    "message",
    "msg",
    "success",
    "error",
    "output",
    "outputs",
    "status",
    "task_status",
    "progress",
    "id",
    "task_id",
    "fail_reason",
    "created_at",
];

/// Reads an answer to identify, or to a poll of it. `begun_at_ms`: see [`Session::begun_at_ms`].
///
/// # Errors
/// A refusal with its code (also one within a `completed` answer), or an answer without faces and session. Of an identify that is at
/// its end, neither is transient: a retry gets the same answer.
pub fn read_identify(reply: &Reply<'_>, begun_at_ms: i64) -> Result<Identified, Problem> {
    if !reply.is_success() {
        return Err(problem::of_status(reply));
    }
    let Some(mut layers) = problem::layers(reply) else { return Err(problem::of_page(reply)) };
    // The documents inside strings are layers like any other, and their codes count.
    layers.follow_texts();
    let stated = layers.answer_status();
    let (status, status_raw) = task::status_of(&layers);
    let at_its_end = |problem: Problem| Problem { transient: problem.transient && !status.is_terminal(), ..problem };
    if stated.is_error || status == TaskStatus::Failed {
        return Err(at_its_end(problem::refusal(reply, stated)));
    }
    let faces = layers.innermost(&FACES).cloned().map(opened);
    let session_id = layers.innermost(&["session_id"]).and_then(scalar::text);
    if faces.is_none()
        && status != TaskStatus::Succeed
        && let Some(job_id) = task::id_of(&layers)
    {
        let progress = layers.innermost(&["progress"]).and_then(scalar::progress);
        return Ok(Identified::Running(IdentifyJob { job_id, status_raw, progress }));
    }
    match (session_id, faces) {
        (Some(session_id), faces) => Ok(Identified::Session(session(&layers, session_id, faces.as_ref(), begun_at_ms))),
        // No face, no session: the clip has no usable face.
        (None, Some(Value::Array(faces))) if faces.is_empty() => {
            Ok(Identified::Session(session(&layers, String::new(), None, begun_at_ms)))
        }
        (None, Some(_)) => {
            Err(at_its_end(problem::without(reply, &stated, "session_id, without which its faces are of no use")))
        }
        (None, None) => Err(at_its_end(problem::without(reply, &stated, "session_id and no faces"))),
    }
}

fn session(layers: &Layers, session_id: String, faces: Option<&Value>, begun_at_ms: i64) -> Session {
    let mut extra = layers.rest(&KNOWN);
    extra.remove(FACES_LEFT_OUT);
    let mut read = Vec::new();
    let mut nameless = Vec::new();
    let mut left_out = 0_u64;
    for item in faces.map(one_or_many).unwrap_or_default() {
        match face(item) {
            Some(face) if read.len() < MOST_FACES => read.push(face),
            None if item.is_null() => {}
            None if nameless.len() < MOST_FACES => nameless.push(item.clone()),
            _ => left_out += 1,
        }
    }
    if left_out > 0 {
        extra.insert(FACES_LEFT_OUT.into(), left_out.into());
    }
    if !nameless.is_empty() {
        // They cannot be chosen; they are kept for display.
        extra.insert("faces_without_id".into(), Value::Array(nameless));
    }
    Session { session_id, begun_at_ms, faces: read, cost: cost(layers), extra }
}

fn face(item: &Value) -> Option<Face> {
    let opened = opened(item.clone());
    let fields = opened.as_object()?;
    let face_id = fields.get("face_id").or_else(|| fields.get("id")).and_then(scalar::text)?;
    let mut known = vec!["face_id", "face_image"];
    if !fields.contains_key("face_id") {
        known.push("id");
    }
    let interval = interval(fields);
    if interval.is_some() {
        known.extend(["start_time", "end_time"]);
    }
    let rect = fields.get("face_rect").and_then(|rect| self::rect(&self::opened(rect.clone())));
    if rect.is_some() {
        known.push("face_rect");
    }
    let extra: Map<String, Value> = fields
        .iter()
        .filter(|(name, value)| !known.contains(&name.as_str()) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let face_image = fields.get("face_image").and_then(scalar::text);
    Some(Face { face_id, face_image, interval, rect, extra })
}

/// The interval, where the face has an end; a missing start is the clip's beginning. Without an end the whole clip is assumed, elsewhere.
fn interval(fields: &Layer) -> Option<Interval> {
    let end_ms = fields.get("end_time").and_then(scalar::whole)?;
    let start_ms = fields.get("start_time").and_then(scalar::whole).unwrap_or(0);
    Some(Interval::new(start_ms, end_ms))
}

/// `{x, y, width, height}`, or the same four as a list.
fn rect(value: &Value) -> Option<FaceRect> {
    let number = |name: &str, index: usize| match value {
        Value::Object(fields) => fields.get(name).and_then(scalar::real),
        Value::Array(items) => items.get(index).and_then(scalar::real),
        _ => None,
    };
    Some(FaceRect { x: number("x", 0)?, y: number("y", 1)?, width: number("width", 2)?, height: number("height", 3)? })
}
