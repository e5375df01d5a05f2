//! A task of the journal as one JSON document: what `viseme tasks show --json` writes, and what the window exports.

use serde_json::{Value, json};

use super::shell::follow_command;
use crate::journal::{Change, Intent, SavedResult, Settled};
use crate::model::Profile;

/// Everything about a task, as `viseme tasks show --json` writes it.
#[must_use]
pub fn task_document(intent: &Intent, changes: &[Change], results: &[SavedResult], profiles: &[Profile]) -> Value {
    let task = intent.task.as_ref();
    let task_id = task.map(|task| task.task_id.as_str());
    let changes: Vec<_> = changes
        .iter()
        .map(|change| json!({"at_ms": change.at_ms, "what": change.what, "detail": change.detail}))
        .collect();
    let results: Vec<_> = results
        .iter()
        .map(|result| {
            json!({
                "video": result.number,
                "path": result.file.path,
                "size_bytes": result.file.size_bytes,
                "sha256": result.file.sha256,
                "saved_ms": result.saved_ms,
            })
        })
        .collect();
    json!({
        "profile": intent.service.profile,
        "base_url": intent.service.base_url,
        "path_prefix": intent.service.path_prefix,
        "dialect": intent.service.dialect,
        "origin": intent.origin.word(),
        "state": intent.phase.word(),
        "intent": intent.state.word(),
        "task_id": task_id,
        "external_task_id": intent.external_task_id,
        "session_id": intent.session_id,
        "face_ids": intent.face_ids,
        "placement": intent.placement,
        "clip": intent.clip.name,
        "voice": intent.voice.name,
        "options": intent.options,
        "sends": intent.sends,
        "settled_by": intent.settled_by.map(Settled::word),
        "other_task_id": intent.other_task_id,
        "refusal": intent.problem,
        "begun_ms": intent.begun_ms,
        "sent_ms": intent.sent_ms,
        "answered_ms": intent.answered_ms,
        "finished_ms": intent.finished_ms,
        "status": task.map(|task| task.status.word()),
        "status_raw": task.map(|task| &task.status_raw),
        "status_msg": task.and_then(|task| task.status_msg.as_ref()),
        "cost": task.and_then(|task| task.cost.as_ref()),
        "videos": task.map(|task| &task.videos),
        "changes": changes,
        "results": results,
        "command": follow_command(&intent.service, profiles, task_id, intent.external_task_id.as_deref()),
        "problem": null,
    })
}
