//! A row of the list of tasks as JSON.

use serde_json::{Value, json};

use crate::engine::journal::HistoryRow;
use crate::engine::shell::follow_command;
use crate::model::Profile;

/// A row of the list. `profiles`: the services that commands know by their names.
pub fn of_row(row: &HistoryRow, profiles: &[Profile]) -> Value {
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
        "command": follow_command(&row.service, profiles, row.task_id.as_deref(), row.external_task_id.as_deref()),
    })
}
