//! What the journal has of a job that an earlier run began: the fields that a fresh run would report of it.

use serde_json::{Map, Value, json};

use super::report::{faces_json, put_costs, video_json};
use crate::engine::journal::{Intent, IntentId, Journal, SavedResult};
use crate::model::{Face, Problem};

/// A job of an earlier run.
#[derive(Clone, Debug)]
pub struct Earlier {
    intent: Intent,
    faces: Vec<Face>,
    results: Vec<SavedResult>,
}

impl Earlier {
    /// The job of an intent.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub fn of(journal: &Journal, id: IntentId) -> Result<Self, Problem> {
        let intent = journal.intent(id)?;
        let session = match &intent.session_id {
            Some(session_id) => journal.session(&intent.service, session_id)?,
            None => None,
        };
        let faces = session.map(|record| record.session.faces).unwrap_or_default();
        Ok(Self { faces, results: journal.results(id)?, intent })
    }

    /// Adds what is not yet in the object of a job. `service_stays`: whether addresses of the service work after this command.
    pub fn add_to(&self, object: &mut Map<String, Value>, service_stays: bool) {
        let mut put = |key: &str, value: Value| {
            if !value.is_null() && !object.contains_key(key) {
                object.insert(key.into(), value);
            }
        };
        let intent = &self.intent;
        put("profile", json!(intent.service.profile));
        put("session_id", json!(intent.session_id));
        if !self.faces.is_empty() {
            put("faces", faces_json(&self.faces, &[], &std::collections::BTreeMap::new(), service_stays));
        }
        put("face_id", json!(intent.face_ids.first()));
        put("placement", json!(intent.placement));
        put("external_task_id", json!(intent.external_task_id));
    }

    /// The object of a job whose result is saved, so that nothing is left to do.
    pub fn of_done(&self, service_stays: bool) -> Value {
        let mut object = Map::new();
        object.insert("stage".into(), json!("done"));
        self.add_to(&mut object, service_stays);
        if let Some(task) = &self.intent.task {
            object.insert("task_id".into(), json!(task.task_id));
            object.insert("status".into(), json!(task.status));
            object.insert("status_raw".into(), json!(task.status_raw));
            let saved = |at: usize| self.results.iter().rfind(|result| result.number as usize == at);
            let videos = task.videos.iter().enumerate();
            let videos = videos.map(|(at, video)| video_json(video, saved(at).map(|result| &result.file)));
            object.insert("videos".into(), Value::Array(videos.collect()));
            put_costs(&mut object, None, task.cost.as_ref());
        }
        object.insert("requests".into(), json!(0));
        object.insert("problem".into(), Value::Null);
        Value::Object(object)
    }
}
