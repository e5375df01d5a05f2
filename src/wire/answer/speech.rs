//! Reads the answer to a text that was to be spoken: a voice, a definite refusal, or an unknown outcome.

use serde_json::{Map, Value};

use super::layers::{Layers, one_or_many, opened};
use super::{Reply, problem, scalar, task, text};
use crate::model::{CallOutcome, Problem, ProblemKind, Spoken, TaskStatus};

/// Reads an answer to text to speech.
#[must_use]
pub fn read_speech(reply: &Reply<'_>) -> CallOutcome<Spoken> {
    let refused = |problem: Problem| {
        if problem::surely_refused(reply.http_status, problem.code.as_ref()) {
            CallOutcome::Refused(problem)
        } else {
            CallOutcome::Unknown(problem)
        }
    };
    if !reply.is_success() {
        return refused(problem::of_status(reply));
    }
    let Some(layers) = problem::layers(reply) else { return CallOutcome::Unknown(problem::of_page(reply)) };
    if let Some(spoken) = spoken(&layers) {
        return CallOutcome::Done(spoken);
    }
    let stated = layers.answer_status();
    if stated.is_error {
        return refused(problem::refusal(reply, stated));
    }
    let (status, _) = task::status_of(&layers);
    if status == TaskStatus::Failed {
        let why = layers.innermost(&["task_status_msg", "fail_reason"]).and_then(scalar::text);
        let why = why.map(|why| text::presentable(&why)).filter(|why| !why.is_empty());
        let why = why.or(stated.message).unwrap_or_else(crate::wire::words::speech_failed);
        let problem = Problem::new(ProblemKind::Refused, why);
        return CallOutcome::Refused(Problem { request_id: stated.request_id, ..problem });
    }
    CallOutcome::Unknown(problem::without(reply, &stated, "audio id"))
}

/// The first voice that has an id.
fn spoken(layers: &Layers) -> Option<Spoken> {
    let result = layers.innermost(&["task_result"]).cloned().map(opened);
    let listed = result.as_ref().and_then(|result| result.get("audios")).or_else(|| layers.innermost(&["audios"]));
    let listed = listed.cloned().map(opened)?;
    let (audio_id, fields) = one_or_many(&listed).iter().take(MOST).find_map(audio)?;
    let address = fields.get("url").and_then(scalar::text).filter(|url| !url.is_empty());
    Some(Spoken {
        audio_id,
        url: address,
        duration_ms: fields.get("duration").and_then(scalar::seconds_ms).filter(|ms| *ms > 0),
        cost: task::cost(layers),
        task_id: layers.innermost(&["task_id"]).and_then(scalar::text).filter(|id| !id.is_empty()),
    })
}

/// One is asked for.
const MOST: usize = 16;

fn audio(value: &Value) -> Option<(String, Map<String, Value>)> {
    let Value::Object(fields) = opened(value.clone()) else { return None };
    let id = ["id", "audio_id"].iter().find_map(|name| fields.get(*name).and_then(scalar::text));
    id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).map(|id| (id, fields))
}
