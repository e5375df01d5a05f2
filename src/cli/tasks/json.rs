//! Tasks of the journal as JSON.

use serde_json::{Value, json};

use super::command;
use crate::engine::journal::{Change, HistoryRow, Intent, SavedResult, Settled};

/// A row of the list.
pub fn of_row(row: &HistoryRow) -> Value {
    json!({
        "profile": row.service.profile,
        "base_url": row.service.base_url,
        "path_prefix": row.service.path_prefix,
        "dialect": row.service.dialect,
        "origin": row.origin.word(),
        "state": row.phase.word(),
        "task_id": row.task_id,
        "external_task_id": row.external_task_id,
        "status_raw": row.status_raw,
        "reason": row.reason,
        "clip": row.clip_name,
        "voice": row.voice_name,
        "begun_ms": row.begun_ms,
        "finished_ms": row.finished_ms,
        "result": row.result,
        "command": command(&row.service, row.task_id.as_deref(), row.external_task_id.as_deref()),
    })
}

/// Everything about a task.
pub fn of_intent(intent: &Intent, changes: &[Change], results: &[SavedResult]) -> Value {
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
        "command": command(&intent.service, task_id, intent.external_task_id.as_deref()),
    })
}
