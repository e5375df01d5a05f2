//! The contract of the `kirin` dialect: one path for every model, polled by id, faces as JSON in a string (the vendor document and the
//! wire contract, §3).

use serde_json::{Map, Value, json};

use crate::model::TaskStatus;
use crate::model::cost::UNIT_USD;

use super::faults::Fault;
use super::fields::Fields;
use super::ids::Ids;
use super::kling;
use super::refusal::Refusal;
use super::task::{Outcome, Task, TaskKind};
use super::words;

/// The code of a task whose upstream call was refused.
const UPSTREAM_HTTP: &str = "014002097";
/// The code of a task that failed while it was made.
const GENERATION: &str = "014002095";

/// Which model a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// `kirin_identify_face`.
    IdentifyFace,
    /// `kirin_lipsync`.
    LipSync,
}

impl Model {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdentifyFace => "kirin_identify_face",
            Self::LipSync => "kirin_lipsync",
        }
    }

    const fn of(task: &Task) -> Self {
        match task.kind {
            TaskKind::Identify => Self::IdentifyFace,
            TaskKind::LipSync(_) => Self::LipSync,
        }
    }
}

/// Reads the outer form: which model, and its parameters.
pub fn read<'a>(body: &Fields<'a>) -> Result<(Model, Fields<'a>), Refusal> {
    let model = match body.required_text("model")? {
        "kirin_identify_face" => Model::IdentifyFace,
        "kirin_lipsync" => Model::LipSync,
        other => {
            return Err(Refusal::field("model", words::no_such_model(other)));
        }
    };
    let input = body.the_one_of("input")?;
    let params = input.object("params")?.ok_or_else(|| Refusal::missing(&input.name("params")))?;
    Ok((model, params))
}

/// The answer to create and poll alike.
pub fn task_answer(task: &Task, ids: &Ids, origin: &str) -> Value {
    let state = task.state();
    let mut answer = Map::new();
    answer.insert("id".into(), json!(task.task_id));
    let status = match state.status {
        TaskStatus::Submitted | TaskStatus::Processing => "in_progress",
        TaskStatus::Succeed => "completed",
        TaskStatus::Failed => "failed",
    };
    answer.insert("status".into(), json!(status));
    answer.insert("model".into(), json!(Model::of(task).name()));
    answer.insert("created_at".into(), json!(task.created_ms));
    match &state.outcome {
        None => {
            answer.insert("progress".into(), json!((f64::from(task.progress()) * 1000.0).round() / 1000.0));
        }
        Some(Outcome::Failed(refusal)) => {
            let error = if task.faults.has(&Fault::PlainError) {
                json!(refusal.message)
            } else {
                let code = if refusal.code == 5000 { GENERATION } else { UPSTREAM_HTTP };
                json!({"code": code, "error_message": refusal.message})
            };
            answer.insert("error".into(), error);
        }
        Some(Outcome::Faces(found)) => {
            let inner_code = task.faults.find(|fault| if let Fault::Inner(code) = fault { Some(*code) } else { None });
            let inner = match inner_code {
                None => json!({
                    "code": 0,
                    "message": "SUCCEED",
                    "request_id": ids.request(),
                    "data": kling::identify_data(found, origin),
                }),
                Some(code) => json!({
                    "code": code,
                    "message": Refusal::documented(code).map_or_else(words::unknown_error, |refusal| refusal.message),
                    "request_id": ids.request(),
                }),
            };
            answer.insert(
                "output".into(),
                json!([{"content": [{"type": "text", "text": inner.to_string(), "url": ""}]}]),
            );
        }
        Some(Outcome::Video { id, duration_ms }) => {
            let video = json!({
                "type": "video",
                "url": kling::result_url(origin, id),
                "id": id,
                "duration": kling::seconds_text(*duration_ms),
            });
            answer.insert("output".into(), json!([{"content": [video]}]));
        }
    }
    if state.status == TaskStatus::Succeed {
        let cost = format!("{:.4}", kling::task_units(task) * UNIT_USD);
        answer.insert("usage".into(), json!({"cost": cost, "discount": 1}));
    }
    let mut metadata = Map::new();
    if let Some(external_task_id) = &task.external_task_id {
        metadata.insert("external_task_id".into(), json!(external_task_id));
    }
    answer.insert("metadata".into(), Value::Object(metadata));
    Value::Object(answer)
}

/// The refusal of a name that was used before.
pub fn name_taken(external_task_id: &str, task_id: &str) -> Refusal {
    Refusal::field("external_task_id", words::name_is_used(external_task_id, task_id))
}

/// The refusal of an id that no task has.
pub fn task_not_found(id: &str) -> Refusal {
    Refusal::not_found(format!("id: {}", words::no_task_called(id)))
}

/// A refusal in this dialect: no `id`, an `error` with the upstream's code, and the envelope's words beside it.
pub fn refusal(refusal: &Refusal, request_id: &str) -> Value {
    json!({
        "status": "failed",
        "error": {"code": refusal.code.to_string(), "error_message": refusal.message},
        "code": refusal.code,
        "message": refusal.message,
        "request_id": request_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_body(body: &Value) -> Result<Model, Refusal> {
        read(&Fields::of_body(body)?).map(|(model, _)| model)
    }

    #[test]
    fn the_model_decides_and_its_parameters_are_found() {
        let body = json!({"model": "kirin_lipsync", "input": [{"params": {}}], "moderation": true});
        assert_eq!(read_body(&body), Ok(Model::LipSync));
        let cases = [
            (json!({}), 1200, "model: Required"),
            (json!({"model": "kirin_v3"}), 1201, "model: No model is called kirin_v3"),
            (json!({"model": "kirin_lipsync"}), 1200, "input: Required"),
            (json!({"model": "kirin_lipsync", "input": {}}), 1201, "input: Expected an array"),
            (json!({"model": "kirin_lipsync", "input": [{}]}), 1200, "input[0].params: Required"),
            (json!({"model": "kirin_lipsync", "input": [{"params": 1}]}), 1201, "input[0].params: Expected an object"),
        ];
        for (body, code, words) in cases {
            let refused = read_body(&body).unwrap_err();
            assert_eq!(refused.code, code, "{refused}");
            assert!(refused.message.starts_with(words), "{refused}");
        }
    }
}
